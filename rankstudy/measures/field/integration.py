"""The field's metrics of integration (Luecken et al. 2022), on the neighbours that the engine found.

scib-metrics assumes Euclidean distances and counts a cell as its own nearest neighbour. So every space is read as
points: a similarity s becomes the distance between unit vectors, sqrt(2 - 2 s), which keeps the order of the
neighbours; and a neighbourhood of k is the cell and its k - 1 most alike others. Only `measure_integration` needs
scib-metrics: it is imported there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from unittest.mock import patch

import numpy as np
import pandas as pd
import scipy.sparse.linalg

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.progress import Progress
from rankstudy.measures.compared import Compared, read_compared
from rankstudy.measures.field.metrics import GRAPH_CELLS, INTEGRATION, KBET_CELLS, LISI_CELLS
from rankstudy.measures.field.probes import (
    Value,
    as_points,
    neighbours_of,
    neighbours_within,
    probed_cells,
    sampled,
)
from rankstudy.measures.field.tables import APART, INTEGRATION_METRICS, MEASURED
from rankstudy.measures.tables import ONE_BATCH
from rankstudy.pairs.engine.result import BlockResult
from rankstudy.pairs.space import SpaceData
from rankstudy.pairs.space_files import read_space


def measure_integration(
    pairs_in: Mapping[int, str],
    cells_in: Mapping[int, str],
    spaces_in: Mapping[int, Sequence[str]],
    *,
    dataset: str,
    output: str,
    tsv: str,
) -> None:
    """Score every space of each replicate and write the table `integration_metrics`.

    All replicates in one job: loading and compiling what scib-metrics needs takes longer than scoring a small space.

    Parameters
    ----------
    pairs_in, cells_in
        For each seed, the merged pairs with neighbours, and the table `analysed_cells`.
    spaces_in
        For each seed, the files of the spaces in the order of the pairs.
    dataset
        Name of the data set.
    output, tsv
        Where the table goes.

    Raises
    ------
    StudyError
        If the spaces are not those of the pairs, or the pairs hold no neighbours.
    """
    frames = []
    for seed, path in pairs_in.items():
        with BlockResult.opened(path) as result:
            compared = Compared.of(result, read_compared(cells_in[seed]))
            names = [space["name"] for space in result.about["spaces"]]
            for s, file in enumerate(Progress(spaces_in[seed], total=len(names), unit="spaces")):
                space = read_space(file)
                if space.name != names[s] or not np.array_equal(space.cells["cell_id"], compared.ids):
                    problem = f"{file}: is not the space {names[s]} that was compared"
                    raise StudyError(advise(problem, "remove it and run again"))
                rows = pd.DataFrame(score_space(space, compared, *neighbours_of(result, s), seed=seed))
                frames.append(rows.assign(dataset=dataset, seed=seed, space=space.name))
    table = pd.concat(frames, ignore_index=True).astype({"k": "Int64"})
    INTEGRATION_METRICS.write(table[INTEGRATION_METRICS.names], output, tsv)


def score_space(
    space: SpaceData, compared: Compared, numbers: np.ndarray, distances: np.ndarray, *, seed: int
) -> Iterator[dict[str, object]]:
    """Yield metric, value, k, cells, direction and reason of each metric of one space.

    Parameters
    ----------
    space
        Its vectors, for the silhouettes.
    compared
        Types and batches of its cells.
    numbers, distances
        (cells, k), each cell and its neighbours, as `neighbours_of` returns them.
    seed
        The replicate's seed, for the sample of silhouettes and clusters, and for kBET.
    """
    import scib_metrics
    from scib_metrics.nearest_neighbors import NeighborsResults

    types, batches, several = compared.types, compared.batches, compared.n_batches > 1

    def nearest(k: int) -> NeighborsResults:
        return NeighborsResults(numbers[:, :k], distances[:, :k])

    def row(metric: str, value: Value, n_cells: int = len(compared)) -> dict[str, object]:
        if value[0] is not None and not np.isfinite(value[0]):
            raise StudyError(f"space {space.name}: {metric} is {value[0]}")
        declared = INTEGRATION[metric]
        size = min(declared.sizes[0], numbers.shape[1]) if declared.sizes else None
        return {
            "metric": metric,
            "value": value[0],
            "k": size,
            "n_cells": n_cells,
            "direction": declared.larger.word,
            "reason": value[1],
        }

    cells = probed_cells(len(compared), seed)
    among = neighbours_within(space, cells, numbers, distances, max(KBET_CELLS, GRAPH_CELLS))
    graph = NeighborsResults(*(found[:, :GRAPH_CELLS] for found in among))
    clusters = scib_metrics.nmi_ari_cluster_labels_leiden(graph, types[cells])
    widths, sample = silhouettes(space, compared, cells), len(cells)
    yield row("clisi", (float(scib_metrics.clisi_knn(nearest(LISI_CELLS), types)), MEASURED))
    yield row("graph_connectivity", (_connectivity(nearest(GRAPH_CELLS), types), MEASURED))
    yield row("nmi", (float(clusters["nmi"]), MEASURED), sample)
    yield row("ari", (float(clusters["ari"]), MEASURED), sample)
    yield row("asw_label", widths["asw_label"], sample)
    average = np.mean([clusters["nmi"], clusters["ari"], widths["asw_label"][0]])
    yield row("avg_bio", (float(average), MEASURED), sample)
    mixing = float(scib_metrics.ilisi_knn(nearest(LISI_CELLS), batches)) if several else None
    yield row("ilisi", (mixing, MEASURED if several else ONE_BATCH))
    yield row(
        "kbet",
        _kbet(NeighborsResults(*(found[:, :KBET_CELLS] for found in among)), types[cells], batches[cells], seed),
        sample,
    )
    yield row("asw_batch", widths["asw_batch"], sample)


def _connectivity(nearest, types: np.ndarray) -> float:
    import scib_metrics

    return float(scib_metrics.graph_connectivity(nearest, types))


def _kbet(nearest, types: np.ndarray, batches: np.ndarray, seed: int) -> Value:
    """Return kBET per type and its mean over the types of which that many cells are of several batches."""
    import scib_metrics

    sizes = np.zeros((types.max() + 1, batches.max() + 1), np.int64)
    np.add.at(sizes, (types, batches), 1)
    if (sizes.sum(axis=0) > 0).sum() == 1:
        return None, ONE_BATCH
    # what scib-metrics leaves out, known beforehand
    if not ((sizes.sum(axis=1) >= 10) & ((sizes > 0).sum(axis=1) > 1)).any():
        return None, APART
    # its diffusion map takes a start from the system's entropy (scipy >= 1.17) and no seed: where neighbours are tied,
    # as by one-hot vectors, the value of the same cells moves by 0.05
    with patch("scipy.sparse.linalg.eigsh", partial(scipy.sparse.linalg.eigsh, rng=seed)):
        return float(scib_metrics.kbet_per_label(nearest, batches, types)), MEASURED


def silhouettes(space: SpaceData, compared: Compared, cells: np.ndarray) -> dict[str, Value]:
    """Return the average silhouette widths of types, and of batches within types, among some cells, scaled as in scib.

    The definitions of scib-metrics (`silhouette_label`, `silhouette_batch`), with the distances by scikit-learn: the
    same numbers, without a compilation for each size of a type.

    Returns
    -------
    `asw_label`, (s + 1) / 2, mean over the cells; `asw_batch`, 1 - |s|, mean over the cells of a type and then over the
    types of which there are several batches with more cells than batches.
    """
    from sklearn import config_context
    from sklearn.metrics import silhouette_samples

    points = as_points(sampled(space, cells))
    types, batches = compared.types[cells], compared.batches[cells]
    of_type = []
    with config_context(working_memory=128):  # MB of distances at a time
        of_labels = float(np.mean((silhouette_samples(points, types) + 1) / 2))
        for label in np.unique(types):
            own = types == label
            if 1 < len(np.unique(batches[own])) < own.sum():
                of_type.append(np.mean(1 - np.abs(silhouette_samples(points[own], batches[own]))))
    if of_type:
        of_batches = float(np.mean(of_type)), MEASURED
    else:
        of_batches = None, ONE_BATCH if compared.n_batches == 1 else APART
    return {"asw_label": (of_labels, MEASURED), "asw_batch": of_batches}
