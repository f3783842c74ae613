"""Probes of geometry: against slow references, scanpy's residuals, and spaces whose result is known."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scanpy as sc
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.measures.field.geometry import (
    R_NX_SIZES,
    measure_geometry,
    partial_eta_squared,
    participation_ratio,
    pearson_residuals,
    probe_space,
    r_nx,
    standardised,
)
from rankstudy.measures.field.tables import (
    EXPLAINED,
    GEOMETRY,
    MEASURED,
    NO_COUNTS,
    NO_EFFECT,
    SMALL_BATCHES,
)
from rankstudy.measures.tables import ONE_BATCH
from rankstudy.pairs.engine import SpaceData
from rankstudy.pairs.space_files import write_space
from rankstudy.spaces.controls import one_hot, random_vectors
from tests.unit.helpers import space, toy_counts, write_genes, write_shard_file
from tests.unit.related import batched

CELLS = (150, 120)


def lists(n, k, seed):
    """Return k different other cells of each of n, drawn at random."""
    random = np.random.default_rng(seed)
    return np.array([random.permutation(np.delete(np.arange(n), i))[:k] for i in range(n)])


def test_r_nx_is_the_overlap_beyond_chance():
    a, b = lists(40, 10, 0), lists(40, 10, 1)
    for k in (3, 10):
        shared = np.mean([len(set(x[:k]) & set(y[:k])) / k for x, y in zip(a, b, strict=True)])
        assert r_nx(a, b, k) == pytest.approx((39 * shared - k) / (39 - k))
        assert r_nx(a, a[:, ::-1] if k == 10 else a, k) == pytest.approx(1)
    assert abs(r_nx(lists(400, 50, 2), lists(400, 50, 3), 50)) < 0.01


def test_residuals_are_those_of_scanpy_on_all_genes():
    counts = sp.csr_matrix(toy_counts(30, 25))
    genes = np.array([2, 3, 11, 20])
    data = ad.AnnData(counts.toarray())
    sc.experimental.pp.normalize_pearson_residuals(data)
    totals = np.asarray(counts.sum(axis=1)).ravel()
    np.testing.assert_allclose(pearson_residuals(counts[:, genes], totals), data.X[:, genes], rtol=1e-5, atol=1e-6)
    silent = sp.hstack([counts[:, genes], sp.csr_matrix((30, 1))], format="csr")
    assert (pearson_residuals(silent, totals)[:, -1] == 0).all()


@pytest.mark.parametrize("shape", [(50, 7), (20, 60)])
def test_the_participation_ratio_is_that_of_the_eigenvalues(shape):
    vectors = np.random.default_rng(0).normal(size=shape) @ np.diag(np.arange(1, shape[1] + 1.0))
    vectors[:, 1] += vectors[:, 0]
    values = standardised(np.c_[vectors, np.full(len(vectors), 4.0)])
    assert values.shape == shape
    eigenvalues = np.linalg.eigvalsh(np.corrcoef(vectors.T))
    assert participation_ratio(values) == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())
    assert participation_ratio(values[:, :1]) == pytest.approx(1)
    assert participation_ratio(standardised(np.ones((5, 2)))) == 0
    np.testing.assert_allclose(standardised(sp.csr_matrix(vectors)), standardised(vectors))


def slow_partial_eta_squared(values, wanted, other):
    """Return the same by least squares on indicator columns, coordinate by coordinate."""

    def error(*labels):
        design = np.hstack([np.ones((len(values), 1)), *(pd.get_dummies(x).to_numpy(float) for x in labels)])
        fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
        return ((values - fitted) ** 2).sum(axis=0)

    full = error(wanted, other)
    beyond = error(other) - full
    return np.mean(beyond / (beyond + full))


def test_partial_eta_squared_is_that_of_least_squares():
    random = np.random.default_rng(0)
    types = np.repeat(["a", "b", "c"], [30, 50, 5])
    batches = np.where(random.random(85) < np.where(types == "a", 0.2, 0.7), "x", "y")
    values = random.normal(size=(85, 4)) + (types == "b")[:, None] + 0.5 * (batches == "x")[:, None]
    values = standardised(values)
    of_type, of_batch = partial_eta_squared(values, types, batches)
    assert of_type == (pytest.approx(slow_partial_eta_squared(values, types, batches)), MEASURED)
    assert of_batch == (pytest.approx(slow_partial_eta_squared(values, batches, types)), MEASURED)
    assert partial_eta_squared(values, types, np.repeat("x", 85))[1] == (None, ONE_BATCH)
    assert partial_eta_squared(values, types, types) == ((None, NO_EFFECT), (None, NO_EFFECT))
    # each batch has one type: what a type does cannot be told from what its batches do
    inside = np.where(types == "a", np.where(batches == "x", "p", "q"), types)
    assert [value[1] for value in partial_eta_squared(values, types, inside)] == [NO_EFFECT, MEASURED]


def labelled(vectors, n_batches=2, name="space", metric="euclidean"):
    batches = np.arange(sum(CELLS)) % n_batches
    return batched(space(vectors, CELLS, metric, name), [f"batch{b}" for b in batches])


@pytest.fixture
def files(tmp_path):
    """Return spaces of cells in two batches, with their counts: what the rule gives."""
    n = sum(CELLS)
    kinds = pd.DataFrame({"cell_type": np.repeat(["A", "B"], CELLS)})
    counts = toy_counts(n, 60)
    counts[: CELLS[0], :20] *= 3
    vectors = {
        "same": np.log1p(counts).astype(np.float32),
        "one-hot": one_hot(kinds, seed=0),
        "random": random_vectors(kinds, seed=0),
    }
    spaces, shards = {}, []
    for name, of in vectors.items():
        spaces[name] = labelled(of, name=name, metric="cosine" if name == "one-hot" else "euclidean")
        write_space(
            spaces[name], str(tmp_path / f"{name}.h5ad"), dimensions=[f"d{i}" for i in range(of.shape[1])], seed=0
        )
    cells = spaces["same"].cells
    for slug in "ba":  # the order of the files does not matter
        rows = np.flatnonzero(cells["slug"] == slug)
        names, batch = cells["cell_id"].to_numpy()[rows], cells["batch"].to_numpy()[rows]
        path = tmp_path / f"shard-{slug}.h5ad"
        shards.append(write_shard_file(path, counts[rows], slug, names=names, batch=batch))
    genes = write_genes(tmp_path / "genes.parquet", [f"g{i}" for i in range(60)], np.arange(60) < 50)
    return [str(tmp_path / f"{name}.h5ad") for name in vectors], shards, genes


def measured(files, tmp_path, counted=True):
    spaces, shards, genes = files
    places = {"output": str(tmp_path / "geometry.parquet"), "tsv": str(tmp_path / "geometry.tsv")}
    measure_geometry({3: spaces}, {3: shards}, {3: genes}, counted=counted, dataset="toy", **places)
    return GEOMETRY.read(places["output"]).set_index(["space", "metric", "k"])


def test_spaces_with_a_known_geometry(files, tmp_path):
    table = measured(files, tmp_path)
    assert len(table) == 3 * (len(R_NX_SIZES) + 3) and (table["seed"] == 3).all()
    value = table["value"]
    assert all(abs(value["random", "r_nx", k]) < 0.02 for k in R_NX_SIZES)
    assert all(value["same", "r_nx", k] > 0.1 for k in R_NX_SIZES)
    assert value["one-hot", "eta_squared_type", 0] == pytest.approx(1)
    assert table.loc[("one-hot", "eta_squared_batch", 0), "reason"] == EXPLAINED
    assert value["random", "eta_squared_type", 0] < 0.02 and value["random", "eta_squared_batch", 0] < 0.02
    assert value["random", "participation_ratio", 0] > 35
    assert value["one-hot", "participation_ratio", 0] == pytest.approx(1)  # of two types one says all
    assert (table["n_cells"] == sum(CELLS)).all()


def test_neighbours_kept_are_those_of_a_slow_search_within_each_batch(files, tmp_path):
    table = measured(files, tmp_path)
    same = ad.read_h5ad(files[0][0])
    shards = ad.concat([ad.read_h5ad(path) for path in files[1]])[same.obs_names]
    counts = sp.csr_matrix(shards.X)[:, :50]
    totals, values = shards.obs["n_counts"].to_numpy(), np.asarray(same.X, float)
    for k in R_NX_SIZES:
        found = []
        for batch in ("batch0", "batch1"):
            rows = np.flatnonzero(same.obs["batch"] == batch)
            nearest = []
            for points in (pearson_residuals(counts[rows], totals[rows]).astype(float), values[rows]):
                distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
                np.fill_diagonal(distances, np.inf)
                nearest.append(np.argsort(distances, axis=1, kind="stable")[:, :k])
            found.append(r_nx(*nearest, k))
        assert table.loc[("same", "r_nx", k), "value"] == pytest.approx(np.mean(found), abs=2e-3)


def test_where_there_are_no_counts_or_no_large_batch_the_rows_say_so(files, tmp_path):
    table = measured(files, tmp_path, counted=False)
    assert (table.xs("r_nx", level="metric")["reason"] == NO_COUNTS).all()
    of = labelled(np.random.default_rng(0).normal(size=(sum(CELLS), 3)).astype(np.float32), n_batches=9)
    rows = pd.DataFrame(probe_space(of, {}, counted=True))
    assert rows.loc[rows["metric"] == "r_nx", "reason"].tolist() == [SMALL_BATCHES] * 3
    assert rows.loc[rows["metric"] == "r_nx", "value"].isna().all()


def test_spaces_of_other_cells_are_refused(files, tmp_path):
    other = labelled(np.ones((sum(CELLS), 2), np.float32) * np.arange(sum(CELLS))[:, None].astype(np.float32))
    other = SpaceData("other", "euclidean", other.vectors, other.cells.assign(cell_id=other.cells["cell_id"] + "x"))
    write_space(other, str(tmp_path / "other.h5ad"), dimensions=["d0", "d1"], seed=0)
    files[0].append(str(tmp_path / "other.h5ad"))
    with pytest.raises(StudyError, match="holds other cells than"):
        measured(files, tmp_path)
