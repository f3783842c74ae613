"""The job on changes of one gene: its tables beside plain loops."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.cells.treatments.twins import twins
from rankstudy.core.errors import StudyError
from rankstudy.measures.changes.anew import Encoding
from rankstudy.measures.changes.drawn import Changed, Drawn, evenly_over_types
from rankstudy.measures.changes.outcomes import by_rule
from rankstudy.measures.changes.tables import ANEW, BY_RULE, CHANGES, PLACES
from rankstudy.measures.changes.visibility import fewest_of
from rankstudy.spaces.steps import Steps
from tests.unit.changes_toys import ANEW as WITHOUT_STEPS
from tests.unit.changes_toys import ENCODINGS, Vocabulary, changed, looked_at, real_valued
from tests.unit.curve_toys import NAMES, study
from tests.unit.lattice_toys import FIRST, encoding

CHANGED, UNDETECTED = 12, 10
FEW = {name: ENCODINGS[name] for name in ("rank", "by columns", "bins", "levels of all")}


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return study(tmp_path_factory.mktemp("changes"))


@pytest.fixture(scope="module")
def found(toy):
    return changed(toy, changed_cells=CHANGED, undetected=UNDETECTED)


@pytest.fixture(scope="module")
def looked(toy):
    return looked_at(toy, ENCODINGS | WITHOUT_STEPS)


@pytest.fixture(scope="module")
def some(looked):
    """Return the cells that are changed, and their changes."""
    table = looked.cells.table
    kept = evenly_over_types(table["cell_id"].to_numpy(), table["slug"].to_numpy(), CHANGED, 0)
    few = looked.of_cells(kept)
    return few, Drawn.of(few.material.counts, UNDETECTED, 0)


def test_changes_are_all_of_the_genes_of_a_cell_and_some_of_those_that_it_lacks(toy, some):
    few, drawn = some
    assert few.cells.table["cell_type"].value_counts().tolist() == [4, 4, 4]
    frame = pd.DataFrame({name: getattr(drawn, name) for name in ("cell", "gene", "change", "before", "after")})
    for row, (cell, rows) in enumerate(frame.groupby("cell")):
        counts = toy.counts[few.cells.table["cell_id"][row]]
        assert cell == row and (rows["before"] == counts[rows["gene"]]).all()
        assert not rows.duplicated(["gene", "change"]).any()
        held, halved = np.flatnonzero(counts), np.flatnonzero(counts > 1)
        for name, genes, after in (
            ("x0", held, 0 * counts),
            ("x0.5", halved, counts // 2),
            ("x2", held, 2 * counts),
            ("x5", held, 5 * counts),
            ("x10", held, 10 * counts),
        ):
            of = rows[rows["change"] == CHANGES.index(name)].sort_values("gene")
            assert of["gene"].tolist() == genes.tolist() and (of["after"] == after[genes]).all()
        for name, molecules in (("+1", 1), ("+3", 3)):
            of = rows[rows["change"] == CHANGES.index(name)]
            assert len(of) == UNDETECTED and (counts[of["gene"]] == 0).all() and (of["after"] == molecules).all()


def test_positions_are_places_by_descending_count(toy, some):
    few, drawn = some
    removed = drawn.removals
    for row in range(CHANGED):
        of = removed[drawn.cell[removed] == row]
        held = np.bincount(drawn.position[of], minlength=len(PLACES))
        n = len(of)
        assert held.tolist()[:4] == [1, 9, min(n, 100) - 10, max(n - 100, 0)]
        least = [drawn.before[of][drawn.position[of] == k].min() for k in range(3)]
        most = [drawn.before[of][drawn.position[of] == k].max() for k in range(1, 3)]
        assert least[0] >= most[0] and least[1] >= most[1]


@pytest.mark.parametrize("name", sorted(FEW | WITHOUT_STEPS))
def test_shares_and_displacements_are_those_of_all_changes_encoded_again(found, some, name):
    few, drawn = some
    table = found.counterfactuals[found.counterfactuals["space"] == name]
    assert set(table["by"]) == {ANEW if name in WITHOUT_STEPS else BY_RULE}
    encoding_, which = Encoding(few, name), np.arange(len(drawn.cell))
    parts = [encoding_.moves(*of[1:], drawn.gene[of[0]]) for of in encoding_.changes(Changed(drawn, which))]
    blind, displaced, _ = (np.concatenate(part) for part in zip(*parts, strict=True))
    types = few.cells.table["cell_type"].to_numpy()[drawn.cell]
    for row in table.itertuples():
        at = drawn.change == CHANGES.index(row.change)
        if row.position in PLACES:
            at &= drawn.position == list(PLACES).index(row.position)
        if row.cell_type is not None:
            at &= types == row.cell_type
        if name in WITHOUT_STEPS and row.position not in ("1", "2-10", "undetected"):
            # some of them: at positions of many genes not all are encoded again
            assert row.n_changes <= at.sum()
            continue
        of_cells = pd.Series(blind[at]).groupby(drawn.cell[at]).mean()
        assert (row.n_changes, row.n_cells) == (at.sum(), len(of_cells))
        if row.draws == 1:
            assert row.blind == pytest.approx(of_cells.mean(), abs=1e-6)
            assert row.displaced == pytest.approx(displaced[at].mean(), abs=1e-6)
            assert row.displaced_median == np.median(displaced[at])
        assert row.low <= row.blind <= row.high
        known = Vocabulary.known_as(None, [NAMES[gene] for gene in drawn.gene[at]], "")
        if name != "rank":
            assert row.unread == pytest.approx(np.mean([gene is None for gene in known]))


def test_movements_are_distances_beside_those_of_twins(found, some):
    few, drawn = some
    which = drawn.sample(2)
    encoding_ = Encoding(few, "by columns")
    ids = drawn.counts.obs_names.to_numpy()
    before = encoding_.vectors(sp.csr_matrix(drawn.counts.X).astype(float), ids).selected.toarray()
    after = encoding_.vectors(Changed(drawn, which).counts, ids[drawn.cell[which]]).selected.toarray()
    moved = [1 - np.corrcoef(before[cell], of)[0, 1] for cell, of in zip(drawn.cell[which], after, strict=True)]
    halves = twins(drawn.counts.X, ids.tolist(), NAMES, seed=0)
    one, other = (encoding_.vectors(half, ids).selected.toarray() for half in halves)
    apart = np.array([1 - np.corrcoef(*of)[0, 1] for of in zip(one, other, strict=True)])[drawn.cell[which]]
    table = found.movements[(found.movements["space"] == "by columns") & found.movements["cell_type"].isna()]
    for row in table.itertuples():
        at = drawn.change[which] == CHANGES.index(row.change)
        if row.position in PLACES:
            at &= drawn.position[which] == list(PLACES).index(row.position)
        assert row.n_changes == at.sum()
        assert row.moved == pytest.approx(np.median(np.array(moved)[at]), abs=1e-12)
        assert row.ratio == pytest.approx(np.median((moved / apart)[at]), abs=1e-9)
        assert row.low <= row.ratio + 1e-12 and row.high >= row.ratio - 1e-12


def listed_places(counts):
    """Return the places, from 1, of the genes of the file in the order `by columns` of one cell; 0: not listed."""
    known = Vocabulary.known_as(None, NAMES, "")
    sums = {}
    for gene, count in zip(known, counts, strict=True):
        if gene is not None:
            sums[gene] = sums.get(gene, 0) + count
    values = {gene: total / Vocabulary.medians(None, [gene])[0] for gene, total in sums.items() if total}
    order = sorted(values, key=lambda gene: -values[gene])[:FIRST]
    return np.array([order.index(gene) + 1 if gene in order else 0 for gene in known]), sums, known


def test_the_atlas_says_what_is_listed_where_and_how_it_varies(toy, found, looked):
    table = looked.cells.table
    counts = np.array([toy.counts[cell] for cell in table["cell_id"]])
    halves = twins(sp.csr_matrix(counts), table["cell_id"].tolist(), NAMES, seed=0)
    places, one, other = (
        np.array([listed_places(row)[0] for row in of]) for of in (counts, *(half.toarray() for half in halves))
    )
    atlas = found.visibility[found.visibility["space"] == "by columns"].set_index(["gene", "cell_type"])
    assert found.visibility["gene"].is_monotonic_increasing
    seen = {name for name, column in zip(NAMES, counts.T, strict=True) if (column > 0).sum() >= 5}
    assert set(found.visibility["gene"]) == seen
    spreads = 0
    for (gene, kind), row in atlas.iterrows():
        of_type = (table["cell_type"] == kind).to_numpy()
        k = NAMES.index(gene)
        place = places[of_type, k]
        assert row["detected"] == (counts[of_type, k] > 0).mean() and row["listed"] == (place > 0).mean()
        assert row["low"] <= row["listed"] + 1e-12 and row["high"] >= row["listed"] - 1e-12
        assert (np.isnan(row["place"]) and not place.any()) or row["place"] == np.median(place[place > 0])
        both = of_type & (one[:, k] > 0) & (other[:, k] > 0)
        if both.sum() < 5:
            assert np.isnan(row["spread"])
        else:
            spreads += 1
            apart = (one[both, k] - other[both, k]).astype(float)
            assert row["spread"] == pytest.approx(np.sqrt(np.mean(apart**2) / 2))
        ties = []
        for cell in counts[of_type & (counts[:, k] > 0)]:
            _, sums, known = listed_places(cell)
            ties.append(known[k] is not None and list(sums.values()).count(sums[known[k]]) > 1)
        assert (np.isnan(row["tied"]) and known[k] is None) or row["tied"] == pytest.approx(np.mean(ties))
    assert spreads > 20


def test_the_smallest_visible_number_of_molecules_is_that_of_a_search(toy, found, looked):
    table = looked.cells.table
    atlas = found.visibility[found.visibility["space"] == "by columns"].set_index(["gene", "cell_type"])["smallest"]
    # every fortieth, and genes of which two are one to the encoding
    together = [(gene, kind) for gene, kind in sorted(atlas.index) if int(gene[1:]) % 30 in (4, 5)]
    for gene, kind in sorted(atlas.index)[::40] + together:
        k, fewest = NAMES.index(gene), []
        for cell in table.loc[table["cell_type"] == kind, "cell_id"]:
            counts = toy.counts[cell]
            if counts[k]:
                fewest.append(_fewest(counts, k))
        median = np.median(fewest)
        assert atlas[gene, kind] == median or (np.isnan(atlas[gene, kind]) and np.isinf(median))


def _fewest(counts, k):
    now = listed_places(counts)[0]
    for molecules in range(1, 200):
        for sign in (1, -1):
            other = counts.copy()
            other[k] += sign * molecules
            if other[k] >= 0 and (listed_places(other)[0] != now).any():
                return molecules
    return np.inf


def test_bands_of_genes_that_are_one_to_the_encoding_are_of_their_own_counts(some):
    few, drawn = some
    bands, ends = by_rule(few, "by columns", drawn)[1], 0
    known = Vocabulary.known_as(None, NAMES, "")
    for k, which in enumerate(drawn.removals):
        row, gene, count = drawn.cell[which], drawn.gene[which], drawn.before[which]
        counts = drawn.counts.X[row].toarray()[0]
        of_one = [other for other, of in enumerate(known) if of == known[gene] and of is not None and counts[other]]
        if len(of_one) == 2:
            fall, rise = bands.fall[k] * count, bands.rise[k] * count
            near = 1e-6 * count
            inside = [fall + near, min(rise, 1e4) - near] if rise > count and fall < count else []
            beyond = ([fall - near] if fall > near else []) + ([rise + near] if np.isfinite(rise) else [])
            cell = drawn.counts.obs_names[row]
            of = real_valued(few, "by columns", counts, cell, gene, [count, *inside, *beyond])
            same = (of == of[0]).all(axis=1).tolist()
            assert same == [True] * (1 + len(inside)) + [False] * len(beyond)
            ends += len(inside) * len(beyond)
    assert ends > 20


def test_one_cell_shows_a_doubled_gene_that_the_fewest_see(found, toy):
    table, cell = found.unseen_change, found.unseen_cell
    row = table.iloc[0]
    counts = toy.counts[row["cell_id"]]
    assert row["count"] == counts[NAMES.index(row["gene"])] and row["count_after"] == 2 * row["count"]
    assert set(table["space"]) == {*ENCODINGS, *WITHOUT_STEPS}
    seen = table.set_index("space")["seen"]
    assert seen["expression"] and not seen["detection"] and seen.sum() < len(seen) / 2
    assert cell["count"].is_monotonic_decreasing and cell["count"].sum() == counts.sum()
    assert cell.loc[cell["changed"], "gene"].tolist() == [row["gene"]]


def test_steps_that_do_not_say_what_a_change_does_are_refused(toy):
    wrong = encoding("tests.unit.lattice_toys:cut", Steps(kept="order", first=FIRST + 1, ties="chance"), "file")
    with pytest.raises(StudyError, match=r"wrong: .*a change of the gene g\d+ of the cell toy:t\d+ from"):
        changed(toy, "wrong", encodings={"wrong": wrong})


def test_neither_the_order_of_the_files_nor_other_encodings_change_a_number(toy, found):
    again = changed(toy, "again", encodings=FEW, shards=toy.shards[::-1])
    for name, table in vars(again).items():
        if not name.startswith("unseen"):
            whole = vars(found)[name]
            pd.testing.assert_frame_equal(table, whole[whole["space"].isin(FEW)].reset_index(drop=True)[table.columns])


def test_without_an_encoding_the_tables_are_empty(toy):
    nothing = changed(toy, "nothing", encodings={}, genes_in={"none": {"genes": toy.genes}})
    assert all(len(table) == 0 for table in vars(nothing).values())


def test_a_gene_loses_no_more_molecules_than_it_has():
    up, down, held = np.array([[5, 5, np.inf, np.inf], [3, 3, 2, 3], [2, 3, 1, 3]], float)
    assert fewest_of(up, down, held).tolist() == [5, 3, np.inf, 3]
