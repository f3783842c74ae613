"""Likeness of cells as one matrix product per tile, whatever the metric.

Correlation is the product of centred unit vectors, cosine that of unit vectors: means and norms are taken in float64,
the product in float32 (the error of a correlation stays below 1e-5, see benchmarks/). The squared Euclidean distance is
the sum of the squared norms less twice the product, in float64, since it is a difference of large numbers; in a few
dimensions it is summed directly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.linalg import blas

import rankstudy.pairs.engine.kernels as kernels
from rankstudy.core.errors import StudyError, listing

DIRECT_DIMENSIONS = 12
# A dense product does 2 operations per pair and gene at the speed of BLAS, a sparse one density^2 as many, one by one:
# they meet near 9 % (benchmarks/README.md).
SPARSE_BELOW = 0.09


@dataclass(frozen=True)
class Vectors:
    """Vectors of some cells, ready to be multiplied.

    Attributes
    ----------
    metric
        `correlation`, `cosine` or `euclidean`.
    values
        Cells x dimensions: unit vectors (float32) or centred coordinates (float64).
    squares
        Squared norms (float64), for distances.
    """

    metric: str
    values: np.ndarray
    squares: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def of(
        cls,
        rows: sp.csr_matrix | np.ndarray,
        metric: str,
        *,
        origin: np.ndarray | None = None,
        names: np.ndarray | None = None,
    ) -> Vectors:
        """Prepare rows of a space.

        Parameters
        ----------
        rows
            Cells x dimensions, CSR or dense.
        metric
            `correlation`, `cosine` or `euclidean`.
        origin
            For distances: the point to subtract, which must be the same for all cells of a study. Distances do not
            depend on it, their rounding does.
        names
            Cell ids, for the message when a cell has no direction.

        Raises
        ------
        StudyError
            If a vector is constant (correlation) or zero (cosine), or not finite: its likeness to others is undefined.
        """
        if metric == "euclidean":
            dense = rows.toarray() if sp.issparse(rows) else np.asarray(rows)
            centred = dense.astype(np.float64) - (0.0 if origin is None else origin)
            squares = np.einsum("ij,ij->i", centred, centred)
            _refuse(~np.isfinite(squares), names, "have a vector without a finite length, and so no distance")
            return cls(metric, centred, squares)
        if metric not in ("correlation", "cosine"):
            raise ValueError(f"metric {metric!r} is none of correlation, cosine, euclidean")
        means, norms = _directions(rows, metric, names)
        return cls(metric, _unit(rows, means, norms), np.zeros(0))


@dataclass(frozen=True)
class SparseVectors:
    """Vectors of some cells with few stored values, ready to be multiplied without making them dense.

    The correlation of two cells is the sum of the products of their stored values, over the norms, less a product of
    one number per cell: its mean over its norm, times the root of the number of dimensions.

    Attributes
    ----------
    metric
        `correlation` or `cosine`.
    by_cell, by_dimension
        Values over the norm of their cell, CSR (cells x dimensions) and its transpose as CSR.
    offsets
        (cells,), what the mean takes off.
    """

    metric: str
    by_cell: sp.csr_matrix
    by_dimension: sp.csr_matrix
    offsets: np.ndarray

    def __len__(self) -> int:
        return self.by_cell.shape[0]

    @classmethod
    def of(cls, rows: sp.csr_matrix, metric: str, *, names: np.ndarray | None = None) -> SparseVectors:
        """Prepare CSR rows of a space; see `Vectors.of`."""
        means, norms = _directions(rows, metric, names)
        scaled = sp.csr_matrix(rows, dtype=np.float64, copy=True)
        scaled.data /= np.repeat(norms, np.diff(scaled.indptr))
        return cls(metric, scaled, scaled.T.tocsr(), means / norms * np.sqrt(rows.shape[1]))


def prepare(
    rows: sp.csr_matrix | np.ndarray,
    metric: str,
    *,
    density: float,
    origin: np.ndarray | None = None,
    names: np.ndarray | None = None,
) -> Vectors | SparseVectors:
    """Return rows of a space as `Vectors` or `SparseVectors`, by the density of the whole space."""
    if metric != "euclidean" and sp.issparse(rows) and density < SPARSE_BELOW:
        return SparseVectors.of(rows, metric, names=names)
    return Vectors.of(rows, metric, origin=origin, names=names)


def _directions(
    rows: sp.csr_matrix | np.ndarray, metric: str, names: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return means (zero for cosine) and norms; raise StudyError for a cell that has no direction."""
    with np.errstate(invalid="ignore"):  # infinity less itself
        means, norms = _means_and_norms(rows, centre=metric == "correlation")
    # the compiled passes rely on there being no NaN
    _refuse(~np.isfinite(norms), names, f"have a vector without a finite length, and so no {metric}")
    _refuse(norms == 0, names, f"have a constant vector and so no {metric}")
    return means, norms


def _refuse(undefined: np.ndarray, names: np.ndarray | None, why: str) -> None:
    if undefined.any():
        which = np.flatnonzero(undefined) if names is None else np.asarray(names)[undefined]
        raise StudyError(f"{undefined.sum()} cells {why}: {listing(which, 5)}")


def _means_and_norms(rows: sp.csr_matrix | np.ndarray, *, centre: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of each row (zero if not to be centred) and its norm about it, in float64.

    Constant rows have norm 0.

    Of a sparse row only the stored values are looked at.
    """
    n = rows.shape[1]
    if sp.issparse(rows):
        stored = np.diff(rows.indptr)
        data = rows.data.astype(np.float64)
        cell = np.repeat(np.arange(rows.shape[0]), stored)

        def total(values: np.ndarray) -> np.ndarray:
            return np.bincount(cell, weights=values, minlength=rows.shape[0])

        means = total(data) / n if centre else np.zeros(rows.shape[0])
        if centre:  # what adding many values one by one has rounded off
            means += (total(data - means[cell]) - (n - stored) * means) / n
        squares = total((data - means[cell]) ** 2) + (n - stored) * means**2
        largest = np.zeros(rows.shape[0])
        np.maximum.at(largest, cell, np.abs(data))
    else:
        dense = np.asarray(rows, np.float64)
        means = dense.mean(axis=1) if centre else np.zeros(len(dense))
        centred = dense - means[:, None]
        squares = np.einsum("ij,ij->i", centred, centred)
        largest = np.abs(dense).max(axis=1, initial=0)
    norms = np.sqrt(squares)
    # what rounding leaves of a constant vector after its mean is taken off grows with its values and dimensions
    return means, np.where(norms <= 1e-12 * np.sqrt(n) * largest, 0.0, norms)


def _unit(rows: sp.csr_matrix | np.ndarray, means: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Return `(row - mean) / norm` of each row as dense float32, rounded once."""
    if not sp.issparse(rows):
        return ((np.asarray(rows, np.float64) - means[:, None]) / norms[:, None]).astype(np.float32)
    unit = np.empty(rows.shape, np.float32)
    kernels.unit_rows(
        rows.indptr.astype(np.int64), rows.indices.astype(np.int64), rows.data.astype(np.float64), means, norms, unit
    )
    return unit


def measure(a: Vectors | SparseVectors, b: Vectors | SparseVectors) -> np.ndarray:
    """Return the measure of each cell of `a` with each of `b`: (cells of a) x (cells of b), float32.

    Similarities are clipped to [-1, 1]; distances are at least 0.
    """
    tile = raw_tile(a, b)
    return tile if a.metric == "euclidean" else np.clip(tile, -1, 1, out=tile)


def raw_tile(
    a: Vectors | SparseVectors, b: Vectors | SparseVectors, *, triangle: bool = False, out: np.ndarray | None = None
) -> np.ndarray:
    """Return what `measure` returns, before similarities are clipped.

    With `triangle` both are the same cells, and only pairs above the diagonal are filled, at half the cost. `out` is
    where to write: float32, in C order.
    """
    tile = np.empty((len(a), len(b)), np.float32) if out is None else out
    if isinstance(a, SparseVectors):
        of_b = b.by_dimension
        kernels.sparse_products(
            a.by_cell.indptr, a.by_cell.indices, a.by_cell.data, of_b.indptr, of_b.indices, of_b.data,
            a.offsets, b.offsets, tile,
        )  # fmt: skip
        return tile
    if a.metric != "euclidean":
        if triangle:
            # BLAS counts by columns, hence the turns
            return blas.ssyrk(1.0, a.values.T, trans=1, lower=1, c=tile.T, overwrite_c=1).T
        return np.matmul(a.values, b.values.T, out=tile)
    if a.values.shape[1] <= DIRECT_DIMENSIONS:
        kernels.distances_direct(a.values, b.values, tile)
    else:
        kernels.distances_from_products(a.values @ b.values.T, a.squares, b.squares, tile)
    return tile
