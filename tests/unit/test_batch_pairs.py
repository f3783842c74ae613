"""Means and medians over the pairs of cells of two groups, beside every pair computed on its own."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import cdist

from rankstudy.measures import batch_pairs as module
from rankstudy.measures.batch_pairs import batch_pairs, compare_batches
from rankstudy.measures.tables import BATCH_PAIRS
from rankstudy.pairs.engine import SpaceData
from rankstudy.pairs.space_files import write_space
from rankstudy.spaces.tables import ANALYSED_CELLS
from tests.unit.helpers import analysed_cells, toy_counts

N = 13
TYPES = ["A", "B", "A", "B", "A", "A", "B", "A", "B", "B", "A", "B", "C"]
BATCHES = ["x", "y", "y", "x", "x", "y", "y", "x", "x", "y", "x", "y", "x"]
VECTORS = toy_counts(N, 30, seed=3).astype(np.float32)


def space(metric="correlation", vectors=VECTORS, batches=BATCHES):
    ids = [f"toy:c{i}" for i in range(N)]
    return SpaceData.of(vectors, ids=ids, types=TYPES, batches=batches, name=f"by {metric}", metric=metric)


@pytest.mark.parametrize("metric", ["correlation", "cosine", "euclidean"])
@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix], ids=["dense", "sparse"])
def test_every_pair_of_groups_has_the_mean_and_the_median_of_its_pairs(metric, form):
    every = cdist(VECTORS.astype(float), VECTORS.astype(float), metric)
    every = every if metric == "euclidean" else 1 - every
    table = batch_pairs(space(metric, form(VECTORS)))
    groups = sorted(set(zip(TYPES, BATCHES, strict=True)))
    # the only cell of a group has no pair with itself
    assert len(table) == len(groups) * (len(groups) + 1) // 2 - 1 and table["n"].sum() == N * (N - 1) // 2
    for row in table.itertuples():
        a, b = ((row.type_a, row.batch_a), (row.type_b, row.batch_b))
        assert a <= b and row.space == f"by {metric}"
        pairs = [
            every[i, j] for i in range(N) for j in range(i + 1, N)
            if sorted([(TYPES[i], BATCHES[i]), (TYPES[j], BATCHES[j])]) == [a, b]
        ]  # fmt: skip
        assert row.n == len(pairs)
        np.testing.assert_allclose([row.mean, row.median], [np.mean(pairs), np.median(pairs)], rtol=0, atol=1e-5)


def written(folder, batches=BATCHES):
    """Write the table for two seeds of two spaces, and return it."""
    spaces, cells = {}, {}
    for seed in (0, 1):
        spaces[seed], cells[seed] = [], str(folder / f"{seed}.cells.parquet")
        for metric in ("correlation", "euclidean"):
            spaces[seed].append(str(folder / f"{seed}.{metric}.h5ad"))
            write_space(
                space(metric, batches=batches), spaces[seed][-1], dimensions=list(map(str, range(30))), seed=seed
            )
        ANALYSED_CELLS.write(analysed_cells(space(batches=batches).cells).assign(seed=seed), cells[seed])
    out = [str(folder / name) for name in ("t.parquet", "t.tsv")]
    compare_batches(spaces, cells, dataset="toy", output=out[0], tsv=out[1])
    return BATCH_PAIRS.read(out[0])


def test_the_table_has_every_seed_and_space(tmp_path):
    table = written(tmp_path)
    alone = batch_pairs(space())
    assert table.groupby(["seed", "space"]).size().tolist() == [len(alone)] * 4
    np.testing.assert_array_equal(table.query("seed == 1 and space == 'by correlation'")["mean"], alone["mean"])


def test_one_batch_or_too_many_groups_give_an_empty_table(tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO")
    assert written(tmp_path, batches=["all"] * N).empty
    assert "1 batches, 3 groups of a type and a batch: they are not compared" in caplog.text
    monkeypatch.setattr(module, "MOST_GROUPS", 4)
    assert written(tmp_path).empty
