"""The field's metrics: as scib-metrics gives them on scanpy's own graph, and a reason where there is none."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scanpy as sc

from rankstudy.core.errors import StudyError
from rankstudy.measures.compared import Compared
from rankstudy.measures.field import probes
from rankstudy.measures.field.integration import measure_integration, score_space, silhouettes
from rankstudy.measures.field.metrics import INTEGRATION
from rankstudy.measures.field.probes import by_seed, neighbours_of, probed_cells
from rankstudy.measures.field.tables import APART, INTEGRATION_METRICS, MEASURED
from rankstudy.measures.tables import ONE_BATCH
from rankstudy.pairs.engine import compare
from rankstudy.pairs.space_files import write_space
from tests.unit.helpers import analysed_cells, space, write_analysed
from tests.unit.reference import likeness
from tests.unit.related import batched, make_spaces

scib_metrics = pytest.importorskip("scib_metrics", reason="scib-metrics is not installed")

SIZES = (90, 70, 60)


def blobs(metric="euclidean", n_batches=2, seed=0):
    """Return overlapping types in batches that are shifted a little."""
    random = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(len(SIZES)), SIZES)
    batch = random.integers(0, n_batches, len(kinds))
    vectors = random.normal(size=(len(kinds), 6)) + 1.5 * np.eye(6)[kinds] + 0.3 * batch[:, None] * np.eye(6)[5]
    return batched(space(vectors.astype(np.float32), SIZES, metric), [f"batch{b}" for b in batch])


def compared_with(of, neighbours=89):
    result = compare([of], neighbours=neighbours)
    return result, Compared.of(result, analysed_cells(of.cells))


def scored(of, neighbours=89):
    """Return the metrics of a space, by name."""
    result, compared = compared_with(of, neighbours)
    rows = score_space(of, compared, *neighbours_of(result, 0), seed=0)
    return pd.DataFrame(rows).set_index("metric")


def scanpy_neighbours(of, k):
    """Return the exact neighbourhoods of k that scanpy finds, each cell in its own, as scib-metrics takes them."""
    data = ad.AnnData(np.asarray(of.vectors, np.float64))
    sc.pp.neighbors(data, n_neighbors=k, use_rep="X", metric="euclidean", transformer="sklearn")
    numbers, distances = [], []
    for i, row in enumerate(data.obsp["distances"].tocsr()):
        order = np.argsort(row.data)
        numbers.append([i, *row.indices[order]])
        distances.append([0.0, *row.data[order]])
    return scib_metrics.nearest_neighbors.NeighborsResults(np.array(numbers), np.array(distances)), data


@pytest.mark.slow
def test_metrics_are_those_of_scib_metrics_on_the_graph_of_scanpy():
    of = blobs()
    found = scored(of)
    types, batches = of.cells["cell_type"].to_numpy(), of.cells["batch"].to_numpy()
    graphs = {k: scanpy_neighbours(of, k)[0] for k in (90, 50, 15)}
    assert graphs[90].indices.shape == (sum(SIZES), 90)
    clusters = scib_metrics.nmi_ari_cluster_labels_leiden(graphs[15], types)
    wanted = {
        "clisi": scib_metrics.clisi_knn(graphs[90], types),
        "ilisi": scib_metrics.ilisi_knn(graphs[90], batches),
        "kbet": scib_metrics.kbet_per_label(graphs[50], batches, types),
        "graph_connectivity": scib_metrics.graph_connectivity(graphs[15], types),
        **clusters,
        "asw_label": scib_metrics.silhouette_label(of.vectors, types),
        "asw_batch": scib_metrics.silhouette_batch(of.vectors, types, batches),
    }
    wanted["avg_bio"] = np.mean([wanted["nmi"], wanted["ari"], wanted["asw_label"]])
    assert set(wanted) == set(INTEGRATION) == set(found.index)
    for name, value in wanted.items():
        assert 0 < value < 1, name
        assert found.loc[name, "value"] == pytest.approx(value, abs=1e-5), name
    assert (found["reason"] == MEASURED).all() and (found["n_cells"] == sum(SIZES)).all()
    assert found["k"].dropna().to_dict() == {
        **dict.fromkeys(("clisi", "ilisi"), 90),
        "kbet": 50,
        **dict.fromkeys(("graph_connectivity", "nmi", "ari", "avg_bio"), 15),
    }


def test_neighbourhoods_are_those_of_scanpy_and_so_is_the_graph_made_of_them():
    of = blobs()
    ours = neighbours_of(compared_with(of)[0], 0)
    theirs, data = scanpy_neighbours(of, 15)
    np.testing.assert_array_equal(ours[0][:, :15], theirs.indices)
    np.testing.assert_allclose(ours[1][:, :15], theirs.distances, atol=1e-5)
    graph = scib_metrics.nearest_neighbors.NeighborsResults(ours[0][:, :15], ours[1][:, :15]).knn_graph_connectivities
    np.testing.assert_allclose(graph.toarray(), data.obsp["connectivities"].toarray(), atol=1e-4)


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
def test_a_similarity_becomes_the_distance_between_unit_vectors(metric):
    of = blobs(metric)
    numbers, distances = neighbours_of(compared_with(of)[0], 0)
    assert numbers.shape == distances.shape == (sum(SIZES), 90)
    likely = likeness(of)
    wanted = np.sqrt(2 - 2 * np.take_along_axis(likely, numbers, axis=1))
    wanted[:, 0] = 0
    np.testing.assert_allclose(distances, wanted, atol=1e-3)
    assert (np.diff(distances, axis=1) >= 0).all() and (numbers[:, 0] == np.arange(len(numbers))).all()


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "correlation"])
def test_silhouettes_are_those_of_scib_metrics_on_the_points(metric):
    of = blobs(metric, n_batches=3)
    _, compared = compared_with(of)
    found = silhouettes(of, compared, np.arange(len(compared)))
    points = np.asarray(of.vectors, np.float64)
    points = points - points.mean(axis=1, keepdims=True) if metric == "correlation" else points
    points = points if metric == "euclidean" else points / np.linalg.norm(points, axis=1, keepdims=True)
    types, batches = of.cells["cell_type"].to_numpy(), of.cells["batch"].to_numpy()
    assert found["asw_label"][0] == pytest.approx(float(scib_metrics.silhouette_label(points, types)), abs=1e-5)
    assert found["asw_batch"][0] == pytest.approx(
        float(scib_metrics.silhouette_batch(points, types, batches)), abs=1e-5
    )


def test_cells_of_one_batch_have_no_mixing_and_say_so():
    found = scored(batched(blobs(), "all"))
    apart = [name for name, metric in INTEGRATION.items() if metric.larger.word == "batches"]
    assert found.loc[apart, "value"].isna().all() and (found.loc[apart, "reason"] == ONE_BATCH).all()
    rest = found.drop(index=apart)
    assert rest["value"].notna().all() and (rest["reason"] == MEASURED).all()


def test_types_that_are_each_of_one_batch_have_no_mixing_within_them():
    of = blobs()
    found = scored(batched(of, of.cells["slug"] == "a"))
    assert found.loc[["kbet", "asw_batch"], "reason"].tolist() == [APART, APART]
    assert found.loc["ilisi", "reason"] == MEASURED


def test_the_same_cells_have_the_same_kbet_where_neighbours_are_tied():
    of = blobs(n_batches=3)
    tied = type(of)(of.name, of.metric, np.eye(3, dtype=np.float32)[pd.factorize(of.cells["slug"])[0]], of.cells)
    assert len({scored(tied, neighbours=49).loc["kbet", "value"] for _ in range(4)}) == 1


def test_few_cells_have_smaller_neighbourhoods():
    found = scored(make_spaces()[0], neighbours=50)
    assert found.loc["clisi", "k"] == found.loc["kbet", "k"] == 36  # all cells
    with pytest.raises(StudyError, match=r"no neighbours; compare them with `neighbours`"):
        neighbours_of(compared_with(make_spaces()[0], neighbours=0)[0], 0)


@pytest.mark.slow
def test_what_is_slow_on_many_cells_is_that_of_a_sample(monkeypatch):
    monkeypatch.setattr(probes, "MOST_CELLS", 120)
    of, chosen = blobs(), probed_cells(220, seed=0)
    found = scored(of)
    sample = type(of)(of.name, of.metric, of.vectors[chosen], of.cells.iloc[chosen].reset_index(drop=True))
    types, batches = (sample.cells[name].to_numpy() for name in ("cell_type", "batch"))
    clusters = scib_metrics.nmi_ari_cluster_labels_leiden(scanpy_neighbours(sample, 15)[0], types)
    wanted = {
        **clusters,
        "kbet": float(scib_metrics.kbet_per_label(scanpy_neighbours(sample, 50)[0], batches, types)),
        "asw_label": float(scib_metrics.silhouette_label(sample.vectors, types)),
        "asw_batch": float(scib_metrics.silhouette_batch(sample.vectors, types, batches)),
    }
    wanted["avg_bio"] = np.mean([wanted["nmi"], wanted["ari"], wanted["asw_label"]])
    assert set(INTEGRATION) - set(wanted) == {"clisi", "ilisi", "graph_connectivity"}
    assert (found.loc[list(wanted), "n_cells"] == 120).all()
    assert (found["n_cells"].drop(list(wanted)) == 220).all()
    for name, value in wanted.items():
        assert found.loc[name, "value"] == pytest.approx(value, abs=1e-5), name


def test_the_sample_is_even_and_depends_on_the_seed_alone(monkeypatch):
    monkeypatch.setattr(probes, "MOST_CELLS", 100)
    chosen = probed_cells(220, seed=3)
    assert len(chosen) == 100 and (np.diff(chosen) > 0).all()
    assert (probed_cells(220, seed=3) == chosen).all() and (probed_cells(220, seed=4) != chosen).any()
    assert (probed_cells(100, seed=3) == np.arange(100)).all()


def test_files_of_all_seeds_are_given_to_each():
    assert by_seed([3, 5], ["a", "b", "c", "d"]) == {3: ["a", "b"], 5: ["c", "d"]}
    with pytest.raises(ValueError, match="3 files for 2 seeds"):
        by_seed([3, 5], ["a", "b", "c"])


def test_every_seed_and_space_is_in_the_table_and_a_strange_space_is_refused(tmp_path):
    spaces = [batched(of, "all") for of in make_spaces()]
    compare(spaces, neighbours=20).save(tmp_path / "pairs.h5")
    cells = write_analysed(tmp_path / "cells.parquet", analysed_cells(spaces[0].cells))
    files = []
    for of in spaces:
        files.append(str(tmp_path / f"{of.name}.h5ad"))
        write_space(of, files[-1], dimensions=[f"d{i}" for i in range(of.vectors.shape[1])], seed=0)
    places = {"output": str(tmp_path / "metrics.parquet"), "tsv": str(tmp_path / "metrics.tsv")}

    def measure(paths):
        pairs = dict.fromkeys((3, 5), str(tmp_path / "pairs.h5"))
        measure_integration(pairs, dict.fromkeys(pairs, cells), dict.fromkeys(pairs, paths), dataset="toy", **places)

    measure(files)
    table = INTEGRATION_METRICS.read(places["output"])
    assert len(table) == 2 * len(spaces) * len(INTEGRATION)
    assert table.groupby("seed")["value"].sum().nunique() == 1
    with pytest.raises(StudyError, match="is not the space corr that was compared"):
        measure(files[::-1])
