"""The geometry of a space as scFoundry (Hou et al. 2026) probes it: neighbours kept, effective dimensions, effects.

Written anew from the definitions, which are: R_NX, the chance-corrected overlap of neighbourhoods (Lee et al. 2013),
with those in analytic Pearson residuals (Lause et al. 2021) of the counts within each batch; the participation ratio of
the covariance of standardised coordinates; and partial eta squared of type and batch in an additive model of each
coordinate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.identity import positions_of
from rankstudy.core.progress import Progress
from rankstudy.measures.field.metrics import GEOMETRY_PROBES
from rankstudy.measures.field.probes import Value, probed_cells, sampled
from rankstudy.measures.field.tables import EXPLAINED, GEOMETRY, MEASURED, NO_COUNTS, NO_EFFECT, SMALL_BATCHES
from rankstudy.measures.tables import ONE_BATCH
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.pairs.space_files import read_space
from rankstudy.spaces.genes import selected_names

R_NX_SIZES = GEOMETRY_PROBES["r_nx"].sizes
LEAST_BATCH = 101  # cells, as in scFoundry
THETA = 100.0  # overdispersion, the default of Lause et al.


def measure_geometry(
    spaces_in: Mapping[int, Sequence[str]],
    shards_in: Mapping[int, Sequence[str]],
    genes_in: Mapping[int, str],
    *,
    counted: bool,
    dataset: str,
    output: str,
    tsv: str,
) -> None:
    """Probe every space of each replicate and write the table `geometry`.

    Parameters
    ----------
    spaces_in
        For each seed, the files of the spaces.
    shards_in, genes_in
        For each seed, the raw counts, one file per cell type, and the table `genes`.
    counted
        Whether the shards hold counts, and not only an order.
    dataset
        Name of the data set.
    output, tsv
        Where the table goes.

    Raises
    ------
    StudyError
        If the spaces of a replicate do not hold the same cells.
    """
    frames = []
    for seed, paths in spaces_in.items():
        cells, reference = None, {}
        for path in Progress(paths, total=len(paths), unit="spaces"):
            space = _probed(path, seed)
            if cells is None:
                cells = space.cells
                reference = reference_neighbours(shards_in[seed], genes_in[seed], cells) if counted else {}
            elif not space.cells["cell_id"].equals(cells["cell_id"]):
                raise StudyError(advise(f"{path}: holds other cells than {paths[0]}", "remove both and run again"))
            frame = pd.DataFrame(probe_space(space, reference, counted=counted))
            frames.append(frame.assign(dataset=dataset, seed=seed, space=space.name))
    GEOMETRY.write(pd.concat(frames, ignore_index=True)[GEOMETRY.names], output, tsv)


def _probed(path: str, seed: int) -> SpaceData:
    """Read the probed cells of a space."""
    space = read_space(path)
    return sampled(space, probed_cells(len(space.cells), seed))


def probe_space(space: SpaceData, reference: dict[str, np.ndarray], *, counted: bool) -> Iterator[dict[str, object]]:
    """Yield metric, k, value, cells, direction and reason of each probe of a space."""
    n = len(space.cells)
    kept, n_kept = neighbours_kept(space, reference)
    for k in R_NX_SIZES:
        value = (kept[k], MEASURED) if reference else (None, SMALL_BATCHES if counted else NO_COUNTS)
        yield _row("r_nx", value, n_kept, k)
    values = standardised(space.vectors)
    yield _row("participation_ratio", (participation_ratio(values), MEASURED), n)
    types, batches = (space.cells[name].to_numpy() for name in ("slug", "batch"))
    effects = partial_eta_squared(values, types, batches)
    yield _row("eta_squared_type", effects[0], n)
    yield _row("eta_squared_batch", effects[1], n)


def _row(metric: str, value: Value, n_cells: int, k: int = 0) -> dict[str, object]:
    return {
        "metric": metric,
        "k": k,
        "value": value[0],
        "n_cells": n_cells,
        "direction": GEOMETRY_PROBES[metric].larger.word,
        "reason": value[1],
    }


def reference_neighbours(shards: Sequence[str], genes_in: str, cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the nearest cells in Pearson residuals, (cells, max(R_NX_SIZES)), for each batch that is large enough.

    Cells and their order are those of the batch in `cells`.
    """
    names = selected_names(genes_in)
    counts, totals, ids = [], [], []
    for path in shards:
        shard = read_counts(path)
        at = positions_of(names, shard.var_names.tolist(), f"{path}: genes")
        counts.append(sp.csr_matrix(shard.X)[:, at])
        totals.append(shard.obs["n_counts"].to_numpy(np.float64))
        ids.extend(shard.obs_names)
    at = positions_of(cells["cell_id"].tolist(), ids, "cells of the spaces in the shards")
    counts, totals = sp.vstack(counts, format="csr")[at], np.concatenate(totals)[at]
    found = {}
    for batch, rows in _large_batches(cells):
        residuals = pearson_residuals(counts[rows], totals[rows])
        of_batch = SpaceData("residuals", "euclidean", residuals, cells.iloc[rows].reset_index(drop=True))
        found[batch] = nearest_cells(of_batch)
    return found


def _large_batches(cells: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name and the rows of each batch that is large enough."""
    for batch, rows in cells.groupby("batch", sort=True).indices.items():
        if len(rows) >= LEAST_BATCH:
            yield str(batch), rows


def pearson_residuals(counts: sp.csr_matrix, totals: np.ndarray) -> np.ndarray:
    """Return analytic Pearson residuals of the counts of some genes (Lause et al. 2021, equations 3 to 5).

    Parameters
    ----------
    counts
        Cells x genes, of one batch.
    totals
        Sum of each cell over all genes, those that are not in `counts` included.

    Returns
    -------
    Cells x genes, float32: (x - mu) / sqrt(mu + mu^2 / THETA), clipped at the root of the number of cells. A gene
    without a count is 0.
    """
    share = np.asarray(counts.sum(axis=0), np.float64).ravel() / totals.sum()
    expected = totals[:, None] * share
    spread = np.sqrt(expected + expected**2 / THETA)
    residuals = np.divide(counts.toarray() - expected, spread, out=np.zeros_like(expected), where=spread > 0)
    limit = np.sqrt(len(totals))
    return np.clip(residuals, -limit, limit, out=residuals).astype(np.float32)


def nearest_cells(space: SpaceData) -> np.ndarray:
    """Return the numbers of the most alike cells of each cell, from the exact engine: (cells, max(R_NX_SIZES))."""
    return compare([space], neighbours=max(R_NX_SIZES)).neighbours[0]


def neighbours_kept(space: SpaceData, reference: dict[str, np.ndarray]) -> tuple[dict[int, float], int]:
    """Return R_NX of a space for each k, the mean over batches weighted by cells, and the number of cells."""
    by_batch, sizes = [], []
    for batch, rows in _large_batches(space.cells):
        if batch in reference:
            found = nearest_cells(sampled(space, rows))
            by_batch.append([r_nx(reference[batch], found, k) for k in R_NX_SIZES])
            sizes.append(len(rows))
    means = np.average(by_batch, axis=0, weights=sizes) if sizes else np.zeros(len(R_NX_SIZES))
    return dict(zip(R_NX_SIZES, map(float, means), strict=True)), sum(sizes)


def r_nx(a: np.ndarray, b: np.ndarray, k: int) -> float:
    """Return the overlap of the first k of two lists of neighbours of each cell, so that 0 is chance and 1 agreement.

    R_NX = ((n - 1) Q - k) / (n - 1 - k), Q being the mean share of a cell's k neighbours that are in both lists.
    """
    n = len(a)
    both = np.sort(np.concatenate([a[:, :k], b[:, :k]], axis=1), axis=1)
    shared = (both[:, 1:] == both[:, :-1]).sum() / (n * k)
    return float(((n - 1) * shared - k) / (n - 1 - k))


def standardised(vectors: sp.csr_matrix | np.ndarray) -> np.ndarray:
    """Return the coordinates that vary, each with mean 0 and variance 1: cells x coordinates."""
    values = np.asarray(vectors.toarray() if sp.issparse(vectors) else vectors, np.float64)
    values = values - values.mean(axis=0)
    spread = values.std(axis=0)
    varies = spread > 1e-8
    return values[:, varies] / spread[varies]


def participation_ratio(values: np.ndarray) -> float:
    """Return (trace C)^2 / trace(C^2) of the covariance C of standardised coordinates; 0 where none varies."""
    if values.shape[1] == 0:
        return 0.0
    # trace(C^2) is the squared Frobenius norm, the same of both products
    product = values.T @ values if values.shape[1] <= len(values) else values @ values.T
    return float((values**2).sum() ** 2 / (product**2).sum())


def partial_eta_squared(values: np.ndarray, types: np.ndarray, batches: np.ndarray) -> tuple[Value, Value]:
    """Return partial eta squared of type and of batch: SS / (SS + SS of the error), mean over the coordinates.

    The sum of squares of the one label is what it explains beyond the other; coordinates of which the other leaves
    nothing to explain are left out.

    Parameters
    ----------
    values
        Cells x coordinates, centred.
    types, batches
        Labels of the cells.
    """
    of_type, of_batch = _indicators(types), _indicators(batches)
    total = (values**2).sum(axis=0)
    both, rank = _explained(sp.hstack([of_type, of_batch], format="csr"), values)
    error = np.maximum(total - both, 0)

    def effect(other: sp.csr_matrix) -> Value:
        without, rank_without = _explained(other, values)
        if rank == rank_without:
            return None, NO_EFFECT
        beyond = np.maximum(both - without, 0)
        left = beyond + error > 1e-9 * total
        if not left.any():
            return None, EXPLAINED
        return float(np.mean(beyond[left] / (beyond + error)[left])), MEASURED

    return effect(of_batch), effect(of_type) if of_batch.shape[1] > 1 else (None, ONE_BATCH)


def _indicators(labels: np.ndarray) -> sp.csr_matrix:
    """Return cells x labels, 1 where the cell has the label."""
    codes, names = pd.factorize(labels, sort=True)
    return sp.csr_matrix((np.ones(len(codes)), (np.arange(len(codes)), codes)), shape=(len(codes), len(names)))


def _explained(design: sp.csr_matrix, values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the sum of squares of each coordinate that a linear model explains, and the rank of the model."""
    gram, moments = (design.T @ design).toarray(), design.T @ values
    # labels are as many as they are, cells many: what has no effect of its own is rounding, of the size of the whole
    inverse = np.linalg.pinv(gram, rcond=1e-10, hermitian=True)
    return np.einsum("ij,ij->j", moments, inverse @ moments), int(np.linalg.matrix_rank(gram, 1e-10 * gram.max(), True))
