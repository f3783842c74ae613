"""Neighbourhoods and their overlap: against a slow search, and chance against neighbourhoods drawn at random."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.measures.compared import N_CLASSES, Compared
from rankstudy.measures.neighbours.neighbourhoods import (
    COUNTS,
    batch_driven,
    jaccard,
    jaccard_by_chance,
    neighbour_cells,
    neighbour_overlap,
    neighbourhoods,
    summarise_neighbours,
)
from rankstudy.measures.neighbours.tables import (
    BATCH_DRIVEN_NEIGHBOURS,
    COMPARED,
    LABEL_TRANSFER,
    NEIGHBOUR_CELLS,
    NEIGHBOUR_OVERLAP,
    NEIGHBOURHOODS,
)
from rankstudy.measures.tables import CLASSES, ONE_BATCH
from rankstudy.pairs.blocks import block_indices
from rankstudy.pairs.engine import compare, merge
from tests.unit.helpers import analysed_cells, write_analysed
from tests.unit.related import (
    METRICS,
    SIZES,
    K,
    batched,
    classes,
    everything,
    make_spaces,
    nearest,
    relations,
    scopes,
    scores,
)

N = sum(SIZES)


@pytest.fixture(scope="module")
def spaces():
    return make_spaces()


@pytest.fixture(scope="module")
def found(spaces):
    return everything(spaces, relations())


@pytest.fixture(scope="module")
def counts(found):
    return neighbour_cells(*found, K)


@pytest.fixture(scope="module")
def of_slow_search(spaces):
    """Return, by space and k, the neighbours of each cell."""
    return {(of.name, k): nearest(scores(of), k) for of in spaces for k in K}


def test_counts_of_each_cell_are_those_of_a_slow_search(spaces, counts, of_slow_search):
    names, batches = classes(spaces[0].cells, relations())
    assert len(counts) == N * len(METRICS) * len(K)
    for (name, k), searched in of_slow_search.items():
        rows = counts[(counts["space"] == name) & (counts["k"] == k)].set_index("cell_id")
        for cell, neighbours in enumerate(searched):
            row = rows.loc[spaces[0].cells["cell_id"][cell]]
            for relation, batch in CLASSES:
                wanted = sum(names[cell, j] == relation and batches[cell, j] == batch for j in neighbours)
                assert row[f"{relation}_{batch}_batch"] == wanted, (name, k, cell)


def test_shares_are_means_over_the_cells_of_each_scope(spaces, found, counts):
    table = neighbourhoods(counts, found[1])
    assert len(table) == len(METRICS) * len(K) * 6 * N_CLASSES
    expected = found[1].expected()
    for (name, k), group in table.groupby(["space", "k"]):
        numbers = counts[(counts["space"] == name) & (counts["k"] == k)]
        for label, members in scopes(spaces[0].cells):
            rows = group[group["cell_type"].isna() if label is None else group["cell_type"] == label]
            for row in rows.itertuples():
                column = f"{row.relation}_{row.batches}_batch"
                assert row.share == pytest.approx((numbers[column].to_numpy()[members] / k).mean())
                number = CLASSES.index((row.relation, row.batches))
                assert row.expected == pytest.approx(expected[members, number].mean())
                assert row.n_cells == members.sum()
            assert rows["share"].sum() == pytest.approx(1) and rows["expected"].sum() == pytest.approx(1)


def test_batch_driven_neighbours_are_those_of_any_other_type_in_the_same_batch(spaces, found, counts, of_slow_search):
    table = batch_driven(neighbourhoods(counts, found[1]), found[1])
    kinds, batch = (spaces[0].cells[column].to_numpy() for column in ("slug", "batch"))
    other = kinds[:, None] != kinds
    driven = other & (batch[:, None] == batch)
    assert len(table) == len(METRICS) * len(K) * 6 and set(table["reason"]) == {COMPARED}
    for (name, k), group in table.groupby(["space", "k"]):
        nearest = of_slow_search[name, k]
        share, others = (
            np.array([which[cell, near].mean() for cell, near in enumerate(nearest)]) for which in (driven, other)
        )
        for label, members in scopes(spaces[0].cells):
            row = group[group["cell_type"].isna() if label is None else group["cell_type"] == label].iloc[0]
            assert row["share"] == pytest.approx(share[members].mean())
            assert row["expected"] == pytest.approx(driven[members].sum(axis=1).mean() / (N - 1))
            assert row["other_types"] == pytest.approx(others[members].mean())
            assert row["expected_other_types"] == pytest.approx(other[members].sum(axis=1).mean() / (N - 1))


def test_cells_of_one_batch_have_no_batch_driven_neighbours_and_the_table_says_why():
    result, compared = everything([batched(of, "all") for of in make_spaces()])
    table = batch_driven(neighbourhoods(neighbour_cells(result, compared, K), compared), compared)
    assert set(table["reason"]) == {ONE_BATCH} and table[["share", "expected"]].isna().all(axis=None)
    assert table["other_types"].between(0.01, 1).any() and table["expected_other_types"].notna().all()


def test_expected_shares_are_those_of_neighbours_drawn_at_random(found):
    random = np.random.default_rng(0)
    compared, repeats, k = found[1], 4000, 5
    drawn = np.zeros((N, N_CLASSES))
    for cell in range(N):
        others = np.delete(np.arange(N), cell)
        chosen = random.permuted(np.tile(others, (repeats, 1)), axis=1)[:, :k].ravel()
        kinds = compared.class_of(np.full(chosen.shape, cell), chosen)
        drawn[cell] = np.bincount(kinds, minlength=N_CLASSES) / (repeats * k)
    np.testing.assert_allclose(drawn, compared.expected(), atol=0.02)
    np.testing.assert_allclose(drawn.mean(axis=0), compared.expected().mean(axis=0), atol=0.003)


def test_one_cell_type_per_batch_makes_every_foreign_neighbour_of_another_batch():
    spaces = make_spaces()
    for of in spaces:
        of.cells["batch"] = of.cells["slug"]
    result, compared = everything(spaces)
    counts = neighbour_cells(result, compared, K)
    assert counts["own_other_batch"].sum() == 0 and counts["other_same_batch"].sum() == 0
    assert compared.expected()[:, CLASSES.index(("other", "same"))].max() == 0


def test_fewer_cells_than_neighbours_are_counted_as_they_are():
    spaces = make_spaces(sizes=(2, 3))
    result, compared = everything(spaces, neighbours=7)
    counts = neighbour_cells(result, compared, [7])
    assert (counts[COUNTS].sum(axis=1) == 4).all()
    table = neighbourhoods(counts, compared)
    np.testing.assert_allclose(table[table["cell_type"].isna()].groupby("space")["share"].sum(), 1)
    # all other cells are neighbours: the shares are those of chance, and all spaces agree
    np.testing.assert_allclose(table["share"], table["expected"])
    overlap = neighbour_overlap(result, compared, [7])
    assert (overlap["jaccard"] == 1).all() and (overlap["expected"] == 1).all()


def test_overlap_is_the_mean_jaccard_index_of_sets(spaces, found, of_slow_search):
    table = neighbour_overlap(*found, K)
    assert len(table) == 3 * len(K) * 6
    for (a, b, k), group in table.groupby(["space_a", "space_b", "k"]):
        sets = [[set(row) for row in of_slow_search[name, k]] for name in (a, b)]
        index = np.array([len(x & y) / len(x | y) for x, y in zip(*sets, strict=True)])
        for label, members in scopes(spaces[0].cells):
            row = group[group["cell_type"].isna() if label is None else group["cell_type"] == label].iloc[0]
            assert row["jaccard"] == pytest.approx(index[members].mean())
            quartiles = np.percentile(index[members], [25, 50, 75])
            np.testing.assert_allclose(row[["q25", "median", "q75"]].astype(float), quartiles)
            assert row["expected"] == jaccard_by_chance(N - 1, k) and row["n_cells"] == members.sum()


def test_each_cell_says_how_far_its_neighbours_are_those_in_the_reference(spaces, counts, of_slow_search):
    assert counts["jaccard"].isna().all()
    table = neighbour_cells(*everything(spaces, relations()), K, reference="cos")
    for (name, k), group in table.groupby(["space", "k"]):
        sets = [[set(row) for row in of_slow_search[of, k]] for of in (name, "cos")]
        np.testing.assert_allclose(group["jaccard"], [len(x & y) / len(x | y) for x, y in zip(*sets, strict=True)])


def test_without_other_cells_no_neighbours_are_shared():
    assert jaccard_by_chance(0, 5) == 0 and jaccard_by_chance(1, 5) == 1


def test_spaces_keep_their_order():
    turned = make_spaces()[::-1]
    names = [of.name for of in turned]
    assert names != sorted(names)
    result, compared = everything(turned, relations())
    counts = neighbour_cells(result, compared, K)
    assert counts["space"].unique().tolist() == neighbourhoods(counts, compared)["space"].unique().tolist() == names


def test_jaccard_by_hand():
    a = np.array([[1, 2, 3], [4, -1, -1], [-1, -1, -1], [1, 2, 3]])
    b = np.array([[3, 2, 9], [4, 5, -1], [-1, -1, -1], [3, 1, 2]])
    np.testing.assert_allclose(jaccard(a, b), [0.5, 0.5, 0, 1])


@pytest.mark.parametrize(("n", "k"), [(30, 5), (12, 9), (6, 6), (5, 8)])
def test_jaccard_by_chance_is_that_of_sets_drawn_at_random(n, k):
    random = np.random.default_rng(n)
    drawn = []
    for _ in range(20_000):
        a, b = (set(random.permutation(n)[:k]) for _ in range(2))
        drawn.append(len(a & b) / len(a | b))
    assert jaccard_by_chance(n, k) == pytest.approx(np.mean(drawn), abs=4 * np.std(drawn) / 141 + 1e-9)


def test_one_space_has_no_other_to_agree_with():
    result, compared = everything(make_spaces()[:1])
    assert neighbour_overlap(result, compared, K).empty


def test_blocks_and_tiles_change_nothing(spaces, counts):
    groups = [["a", "c"], ["b", "e"], ["d"]]
    options = {"relations": relations(), "neighbours": 7, "tile": 5}
    result = merge([compare(spaces, groups[i], groups[j], **options) for i, j in block_indices(3)])
    cut = neighbour_cells(result, Compared.of(result, analysed_cells(spaces[0].cells)), K)
    # distances of whole numbers are exact: of many equal ones the same are taken
    pd.testing.assert_frame_equal(cut[cut["space"] == "dist"], counts[counts["space"] == "dist"])


def test_tables_of_all_seeds_are_written(spaces, found, tmp_path):
    found[0].save(tmp_path / "pairs.h5")
    cells = write_analysed(tmp_path / "cells.parquet", analysed_cells(spaces[0].cells))
    pairs = {seed: str(tmp_path / "pairs.h5") for seed in (3, 5)}
    tables = (NEIGHBOURHOODS, BATCH_DRIVEN_NEIGHBOURS, NEIGHBOUR_CELLS, NEIGHBOUR_OVERLAP, LABEL_TRANSFER)
    outputs = {table.name: str(tmp_path / f"{table.name}.parquet") for table in tables}
    about = {"dataset": "toy", "unit": "batches", "level": 0.95, "seed": 0}
    summarise_neighbours(pairs, dict.fromkeys(pairs, cells), **about, sizes=K, outputs=outputs)
    written = {table.name: table.read(outputs[table.name]) for table in tables}
    assert all(set(frame["seed"]) == {3, 5} and set(frame["dataset"]) == {"toy"} for frame in written.values())
    assert len(written["neighbour_cells"]) == 2 * N * len(METRICS) * len(K)
