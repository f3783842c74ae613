"""Likeness of cells as one matrix product per tile, whatever the metric.

Correlation is the product of centred unit vectors, cosine that of unit vectors, and the squared Euclidean distance is
the sum of the squared norms less twice the product. Means and norms are taken in float64. Similarities are multiplied
in float32 (the error of a correlation stays below 1e-6); distances in float64, since they are differences of large
numbers, and live in spaces of few dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from rankstudy.errors import StudyError, listing


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
        Squared norms (float64), for distances; zero otherwise.
    """

    metric: str
    values: np.ndarray
    squares: np.ndarray

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
            If a vector is constant (correlation) or zero (cosine): its likeness to others is undefined.
        """
        dense = rows.toarray() if sp.issparse(rows) else np.asarray(rows)
        dense = dense.astype(np.float64)
        if metric == "euclidean":
            centred = dense - (0.0 if origin is None else origin)
            return cls(metric, centred, np.einsum("ij,ij->i", centred, centred))
        largest = np.maximum(dense.max(axis=1, initial=0), -dense.min(axis=1, initial=0))
        if metric == "correlation":
            dense -= dense.mean(axis=1, keepdims=True)
        elif metric != "cosine":
            raise ValueError(f"metric {metric!r} is none of correlation, cosine, euclidean")
        norms = np.sqrt(np.einsum("ij,ij->i", dense, dense))
        # what rounding leaves of a constant vector after its mean is taken off grows with its values and dimensions
        undefined = norms <= 1e-12 * np.sqrt(dense.shape[1]) * largest
        if undefined.any():
            which = np.flatnonzero(undefined) if names is None else np.asarray(names)[undefined]
            raise StudyError(f"{undefined.sum()} cells have a constant vector and so no {metric}: {listing(which, 5)}")
        return cls(metric, (dense / norms[:, None]).astype(np.float32), np.zeros(len(dense)))


def measure(a: Vectors, b: Vectors) -> np.ndarray:
    """Return the measure of each cell of `a` with each of `b`: (cells of a) x (cells of b), float32.

    Similarities are clipped to [-1, 1]; distances are at least 0.
    """
    product = a.values @ b.values.T
    if a.metric != "euclidean":
        return np.clip(product, -1.0, 1.0, out=product)
    product *= -2.0
    product += a.squares[:, None]
    product += b.squares[None, :]
    np.maximum(product, 0.0, out=product)
    return np.sqrt(product, out=product).astype(np.float32)


def bounds(vectors: sp.csr_matrix | np.ndarray, metric: str) -> tuple[np.ndarray | None, float, float]:
    """Return the origin for `Vectors.of`, and the least and the largest value that a measure can take in a space.

    For distances these are the centroid of all cells, 0, and twice the largest distance from the centroid.
    """
    if metric != "euclidean":
        return None, -1.0, 1.0
    dense = np.asarray(vectors.toarray() if sp.issparse(vectors) else vectors, np.float64)
    origin = dense.mean(axis=0)
    radius = float(np.sqrt(((dense - origin) ** 2).sum(axis=1).max()))
    # a little more, in four digits, so that the last bits of the radius do not move the grid
    return origin, 0.0, float(f"{2.002 * radius or 1.0:.4g}")
