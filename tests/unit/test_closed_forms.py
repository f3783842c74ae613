"""Closed forms of changes of one gene: equal to encoding every changed cell again."""

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.measures.changes.anew import Encoding
from rankstudy.measures.changes.drawn import Changed, Drawn
from rankstudy.measures.changes.read import ReadCells
from rankstudy.measures.changes.rules.by_kind import rule_of
from rankstudy.measures.changes.rules.rule import Changes, OneCell
from rankstudy.measures.lattice.corner import Corner
from rankstudy.measures.lattice.vectors import ReadGenes
from rankstudy.spaces.encodings.cell_counts import CellCounts
from tests.unit.changes_toys import ENCODINGS, Vocabulary, looked_at, real_valued
from tests.unit.curve_toys import NAMES, study
from tests.unit.lattice_toys import FIRST

CELLS = 6


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return looked_at(study(tmp_path_factory.mktemp("forms")))


@pytest.fixture(scope="module")
def drawn(toy):
    return Drawn.of(toy.material.counts[::6].copy(), 10, 0)


def by_rule(toy, drawn, corner, draws=1):
    """Return the effects of all changes by the closed form of a corner, (draws, changes) each, and cells' entries."""
    lacked = sp.csr_matrix((np.ones(len(drawn.cell)), (drawn.cell, drawn.gene)), drawn.counts.shape)
    parts, entries = [], []
    for row, (at, rule) in enumerate(ReadCells(toy, corner, drawn.counts, lacked, draws)):
        of = slice(*drawn.begin[row : row + 2])
        genes, added = at[drawn.gene[of]], drawn.after[of] - drawn.before[of]
        parts.append(rule.effects(Changes(genes, rule.cell.counts[genes] + added, added)))
        entries.append(rule.entries)
    return *(np.concatenate(each, axis=1) for each in zip(*parts, strict=True)), entries


def anew(toy, drawn, name):
    """Return the same of the first draw, by encoding each changed cell again."""
    encoding, ids = Encoding(toy, name), drawn.counts.obs_names.to_numpy()[drawn.cell]
    everything = np.arange(len(drawn.cell))
    before = encoding.vectors(sp.csr_matrix(drawn.counts.X)[drawn.cell].astype(float), ids)
    moves = encoding.moves(before, encoding.vectors(Changed(drawn, everything).counts, ids), drawn.gene)
    return moves.blind, moves.displaced, np.diff(before.whole.indptr)[drawn.begin[:-1]].tolist()


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_what_a_change_does_is_what_encoding_again_says(toy, drawn, name):
    blind, displaced, entries = by_rule(toy, drawn, toy.corners[name])
    *expected, held = anew(toy, drawn, name)
    np.testing.assert_array_equal(blind[0], expected[0])
    np.testing.assert_array_equal(displaced[0], expected[1])
    assert 0 < blind.mean() < 1 or name == "expression"
    assert entries == held


def of_cells(toy, drawn, name, draws=1):
    """Yield of each cell its number, rule and counts, and the genes that it has, each by itself a gene that is read."""
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


def tiny(counts, *, medians=1.0, total=None, chance=None):
    """Return a cell of a few genes."""
    counts = np.array(counts, float)
    drawn = np.zeros((1, len(counts))) if chance is None else np.atleast_2d(chance)
    sum_of_all = float(counts.sum() if total is None else total)
    return OneCell(np.arange(len(counts)), counts, sum_of_all, np.broadcast_to(medians, len(counts)) * 1.0, drawn)


ORDER = Corner(kept="order", ties="columns")
FIRST_TWO = ORDER._replace(first=2)
SHARED = Corner(kept="order")
BY_CHANCE = Corner(kept="order", first=2, ties="chance")
THREE_BINS = Corner(kept="bins")._replace(kept="3 bins")
LEVELS = Corner(total="all genes", logarithm="log2", kept="3 levels")
VALUES = Corner(total="its genes", logarithm="ln")
# a cell, the gene that is changed and its count then: whether nothing changes, and how many other entries move
KNOWN = {
    "the first stays first": (FIRST_TWO, tiny([5, 3, 3, 1, 0]), 0, 10, True, 0),
    "the second comes first": (FIRST_TWO, tiny([5, 3, 3, 1, 0]), 1, 6, False, 1),
    "behind the cut": (FIRST_TWO, tiny([5, 3, 3, 1, 0]), 3, 2, True, 0),
    "into the list, to its top, another one out": (FIRST_TWO, tiny([5, 3, 3, 1, 0]), 2, 15, False, 2),
    "a tie behind the cut stays behind": (FIRST_TWO, tiny([5, 3, 3, 1, 0]), 3, 3, True, 0),
    "removed, the next one moves up into the list": (FIRST_TWO, tiny([5, 3, 3, 1, 0]), 0, 0, False, 2),
    "new at the end": (ORDER, tiny([5, 3, 3, 1, 0]), 4, 1, False, 0),
    "new in the middle": (ORDER, tiny([5, 3, 3, 1, 0]), 4, 2, False, 1),
    "over medians": (ORDER, tiny([4, 3], medians=[2, 1]), 0, 7, False, 1),
    "over medians, equal, by column": (ORDER, tiny([4, 3], medians=[2, 1]), 0, 6, False, 1),
    "chance puts it last of its value": (BY_CHANCE, tiny([5, 3, 2], chance=[0.1, 0.5, 0.2]), 2, 3, True, 0),
    "chance puts it first of its value": (BY_CHANCE, tiny([5, 3, 2], chance=[0.1, 0.5, 0.9]), 2, 3, False, 1),
    "out of a tie, the other one moves by a half": (SHARED, tiny([5, 3, 3, 1]), 1, 4, False, 1),
    "out of one tie and into another": (SHARED, tiny([5, 3, 3, 1]), 1, 5, False, 2),
    "between its neighbours": (SHARED, tiny([5, 3, 3, 1]), 3, 2, True, 0),
    "shared, the last one goes": (SHARED, tiny([5, 3, 3, 1]), 3, 0, False, 0),
    "a cut through a tie that one joins": (SHARED._replace(first=2), tiny([5, 3, 3, 1]), 3, 3, False, 2),
    "a cut through a tie, one behind it": (SHARED._replace(first=2), tiny([5, 3, 3, 1]), 3, 2, True, 0),
    "the highest value of all": (THREE_BINS, tiny([1, 2, 9]), 2, 18, True, 0),
    "the middle of all": (THREE_BINS, tiny([1, 2, 9]), 1, 4, True, 0),
    "past the median": (THREE_BINS, tiny([1, 2, 5, 9]), 1, 6, False, 1),
    # of 10,000 counts each is its value, and levels begin at 1, 3 and 7
    "its own level stays, the total takes two others down": (LEVELS, tiny([1, 2, 3, 7], total=1e4), 2, 6, False, 2),
    "its own level falls": (LEVELS, tiny([1, 2, 3, 7], total=1e4), 3, 6, False, 0),
    "a level within which a count may fall": (LEVELS, tiny([2, 6, 20], total=1e4), 2, 10, True, 0),
    "the half of all is doubled": (VALUES, tiny([50, 50]), 0, 100, False, 1),
    "one more of many": (VALUES, tiny([50, 5000]), 0, 51, False, 0),
    "a gene alone in its total": (VALUES, tiny([50, 0]), 0, 100, True, 0),
    "a gene alone in the total of all": (Corner(total="all genes"), tiny([50, 0]), 0, 100, True, 0),
    "a gene alone, without a total": (Corner(), tiny([50, 0]), 0, 100, False, 0),
    "seen as long as it is there": (Corner(kept="presence"), tiny([3, 1]), 0, 1, True, 0),
    "gone": (Corner(kept="presence"), tiny([3, 1]), 1, 0, False, 0),
}


@pytest.mark.parametrize("case", sorted(KNOWN))
def test_known_answers(case):
    corner, cell, gene, after, blind, displaced = KNOWN[case]
    added = np.array([after - cell.counts[gene]])
    effects = rule_of(corner, cell).effects(Changes(np.array([gene]), np.array([float(after)]), added))
    assert (effects.blind[0, 0], effects.displaced[0, 0]) == (blind, displaced)
    low, high = rule_of(corner, cell).bands()
    if cell.counts[gene] and after:
        # at the very ends of a band a tie decides
        assert low[gene] <= after <= high[gene] or not blind
        assert blind or not low[gene] < after < high[gene]


def test_a_gene_that_is_not_read_moves_what_is_divided_by_the_total_of_all():
    unread = Changes(np.array([-1]), np.array([0.0]), np.array([200.0]))
    assert rule_of(ORDER, tiny([5, 3])).effects(unread).blind.all()
    assert rule_of(VALUES, tiny([50, 50], total=1000)).effects(unread).blind.all()
    of_all = rule_of(Corner(total="all genes"), tiny([50, 50], total=1000)).effects(unread)
    assert not of_all.blind[0, 0] and of_all.displaced[0, 0] == 2
    # levels of 500 and 500 stay, those at the edge do not
    assert rule_of(LEVELS, tiny([50, 50], total=1000)).effects(unread).blind.all()
    assert rule_of(LEVELS, tiny([50, 7], total=1e4)).effects(unread).displaced[0, 0] == 1


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_a_cell_that_has_no_gene_that_is_read_has_an_answer(toy, name):
    # neither in the vocabulary nor among the selected genes
    gene = max(k for k, known in enumerate(Vocabulary.known_as(None, NAMES, "")) if known is None)
    row = np.zeros((1, len(NAMES)))
    row[0, gene] = 3
    obs = pd.DataFrame({"n_counts": [3.0]}, index=["toy:none"])
    counts = ad.AnnData(sp.csr_matrix(row), obs=obs, var=toy.material.counts.var)
    ((at, rule),) = ReadCells(toy, toy.corners[name], counts)
    effects = rule.effects(Changes(at[[gene]], np.array([6.0]), np.array([3.0])))
    assert rule.entries == (at[gene] >= 0) == (name in ("expression", "detection"))
    # where it is read, it is all of its total, and stays it
    assert effects.blind.all() and not effects.displaced.any()
    assert all(len(each) == 1 for each in (*rule.bands(), *rule.smallest()))


def test_orders_cut_among_equal_values_are_those_that_are_made(toy, drawn):
    """No encoding has such an order: the vectors of the corner itself stand in."""
    corner = Corner(vocabulary="file", kept="order", first=FIRST)
    blind, displaced, entries = by_rule(toy, drawn, corner)
    vectors = [
        _vectors(toy, corner, of)
        for of in (drawn.counts.X[drawn.cell], Changed(drawn, np.arange(len(drawn.cell))).counts)
    ]
    differ = vectors[0] != vectors[1]
    np.testing.assert_array_equal(blind[0], ~differ.any(axis=1))
    np.testing.assert_array_equal(displaced[0], differ.sum(axis=1) - differ[np.arange(len(differ)), drawn.gene])
    assert entries == np.count_nonzero(_vectors(toy, corner, drawn.counts.X), axis=1).tolist()


def _vectors(toy, corner, counts):
    cells = CellCounts(sp.csr_matrix(counts, dtype=float), np.ones(counts.shape[0]), [], NAMES, np.ones(len(NAMES)), 0)
    values = ReadGenes(cells, dict).values(corner)
    dense = sp.csr_matrix((values, cells.counts.indices, cells.counts.indptr), cells.counts.shape).toarray()
    # what absent genes have depends on how many there are; a place does not
    held = np.minimum(np.count_nonzero(counts.toarray() > 0, axis=1), FIRST)[:, None]
    return np.where(dense > 0, (len(NAMES) + held + 1) / 2 - dense, 0)


CHANCE = sorted(name for name, of in ENCODINGS.items() if of["steps"]["ties"] == "chance")


@pytest.mark.parametrize("name", CHANCE)
def test_ties_that_are_only_drawn_again_are_no_sight(toy, drawn, name):
    """In each draw the encoding after a blind change is, bit by bit, that before; another draw would change it."""
    blind, displaced, _ = by_rule(toy, drawn, toy.corners[name], draws=3)
    corner, obs = toy.corners[name], pd.DataFrame({"n_counts": 1.0}, index=np.arange(len(drawn.cell)).astype(str))
    counts, after = (
        ad.AnnData(of, obs=obs, var=drawn.counts.var)
        for of in (drawn.counts.X[drawn.cell], Changed(drawn, np.arange(len(drawn.cell))).counts)
    )
    ids = drawn.counts.obs_names.to_numpy()[drawn.cell].tolist()
    of_draws = []
    for draw in range(3):
        made = []
        for of in (counts, after):
            cells = replace(toy.genes["toy"].cells(of, name), ids=ids)
            values = ReadGenes(cells, lambda of, cells=cells: cells.medians).values(corner, draw=draw)
            made.append(
                sp.csr_matrix((values, cells.counts.indices, cells.counts.indptr), cells.counts.shape).toarray()
            )
        np.testing.assert_array_equal(blind[draw], (made[0] == made[1]).all(axis=1))
        of_draws.append(made)
    unseen = blind.all(axis=0)
    drawn_again = (of_draws[0][0] != of_draws[1][1]).any(axis=1)
    assert unseen.sum() > 100 and drawn_again[unseen].mean() > 0.1 and (displaced[:, unseen] == 0).all()


TWELVE_LEVELS = LEVELS._replace(kept="12 levels")
BANDS = {
    # 6 of 10,000 have to stay below 7 as the total falls, and at 3 or more as it rises: from 60,000 / 7 to 20,000
    "as far as others keep their levels": (LEVELS, tiny([2, 6, 8000], total=1e4), 2, 6e4 / 7 - 2000, 18_000),
    # 2,047 * 60 / 7,953 to 4,095 * 60 / 5,905; at its own count the total may not fall so far
    "as far as its own level reaches": (TWELVE_LEVELS, tiny([60, 40]), 1, 2047 * 60 / 7953, 4095 * 60 / 5905),
    "to the values of its neighbours": (ORDER, tiny([5, 3, 1], medians=[1, 2, 1]), 1, 2, 10),
    "the widest that each draw allows": (BY_CHANCE, tiny([5, 3, 2], chance=[[0, 0, 0], [0, 0, 0.9]]), 2, 0, 3),
}


@pytest.mark.parametrize("case", sorted(BANDS))
def test_known_bands(case):
    corner, cell, gene, low, high = BANDS[case]
    found = rule_of(corner, cell).bands()
    assert (found[0][gene], found[1][gene]) == pytest.approx((low, high))
