"""Closed forms of changes of one gene: equal to encoding every changed cell again."""

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.measures.changes.anew import Encoding
from rankstudy.measures.changes.drawn import Drawn
from rankstudy.measures.changes.read import ReadCells
from rankstudy.measures.changes.rules.rule import Changes
from tests.unit.changes_toys import ENCODINGS, looked_at, real_valued
from tests.unit.curve_toys import study

CELLS = 6


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return looked_at(study(tmp_path_factory.mktemp("forms")))


@pytest.fixture(scope="module")
def drawn(toy):
    return Drawn.of(toy.material.counts[::6].copy(), 10, 0)


def by_rule(toy, drawn, name, draws=1):
    """Return the effects of all changes by the closed form of an encoding: (draws, changes) each."""
    lacked = sp.csr_matrix((np.ones(len(drawn.cell)), (drawn.cell, drawn.gene)), drawn.counts.shape)
    parts = []
    for row, (at, rule) in enumerate(ReadCells(toy, toy.corners[name], drawn.counts, lacked, draws)):
        of = slice(*drawn.begin[row : row + 2])
        genes, added = at[drawn.gene[of]], drawn.after[of] - drawn.before[of]
        parts.append(rule.effects(Changes(genes, rule.cell.counts[genes] + added, added)))
    return [np.concatenate(each, axis=1) for each in zip(*parts, strict=True)]


def anew(toy, drawn, name):
    """Return the same of the first draw, by encoding each changed cell again."""
    encoding, ids = Encoding(toy, name), drawn.counts.obs_names.to_numpy()[drawn.cell]
    everything = np.arange(len(drawn.cell))
    before = encoding.vectors(sp.csr_matrix(drawn.counts.X)[drawn.cell].astype(float), ids)
    return encoding.moves(before, encoding.vectors(drawn.changed(everything), ids), drawn.gene)


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_what_a_change_does_is_what_encoding_again_says(toy, drawn, name):
    blind, displaced = by_rule(toy, drawn, name)
    expected = anew(toy, drawn, name)
    np.testing.assert_array_equal(blind[0], expected[0])
    np.testing.assert_array_equal(displaced[0], expected[1])
    assert 0 < blind.mean() < 1 or name == "expression"


def of_cells(toy, drawn, name, draws=1):
    """Yield of each cell its number, its rule, and the genes of the file that it has and that are alone in what is read."""
    cells = ReadCells(toy, toy.corners[name], drawn.counts, None, draws)
    alone = np.bincount(cells.columns[cells.columns >= 0])
    for row, (at, rule) in enumerate(cells):
        counts = drawn.counts.X[row].toarray()[0]
        genes = np.flatnonzero((counts > 0) & (cells.columns >= 0))
        yield row, rule, counts, [(gene, at[gene]) for gene in genes if alone[cells.columns[gene]] == 1]


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_within_a_band_all_is_as_it_was_and_just_beyond_it_is_not(toy, drawn, name):
    ends = 0
    for row, rule, counts, genes in of_cells(toy, drawn, name):
        low, high = rule.bands()
        for gene, at in genes[::3]:
            count = counts[gene]
            inside, beyond = [count], []
            for end, sign in ((low[at], -1), (high[at], 1)):
                if np.isinf(end):
                    inside.append(count * 1000)
                    continue
                near = 1e-6 * max(end, 1e-3)
                inside += [end - sign * near, (end + count) / 2] if abs(end - count) > 2 * near else []
                beyond += [end + sign * near] if end > 0 else []
            of_values = real_valued(toy, name, counts, drawn.counts.obs_names[row], gene, inside + beyond)
            same = (of_values == of_values[0]).all(axis=1)
            assert same.tolist() == [True] * len(inside) + [False] * len(beyond), (row, gene)
            ends += len(beyond)
    assert ends > 50 or name == "detection"


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_the_fewest_molecules_that_are_seen_are_those_of_a_search(toy, drawn, name):
    found = set()
    for _, rule, _, genes in of_cells(toy, drawn, name):
        for fewest, sign in zip(rule.smallest(), (1, -1), strict=True):
            for _, at in genes:
                count = rule.cell.counts[at]
                steps = np.arange(1, 400 if sign > 0 else count + 1)
                changes = Changes(np.full(len(steps), at), count + sign * steps, sign * steps)
                seen = steps[~rule.effects(changes).blind[0]]
                found.add(seen[0] if len(seen) else np.inf)
                assert fewest[at] == (seen[0] if len(seen) else np.inf) or (not len(seen) and fewest[at] >= 400)
    assert len(found) > 1 or name in ("expression", "values")
