"""Quantile bins of each cell's own values, as scGPT has them."""

from __future__ import annotations

import numba as nb
import numpy as np

from rankstudy.spaces.encodings.sorting import first_of_rows


def quantile_bins(indptr: np.ndarray, values: np.ndarray, edges: int, chance: np.ndarray | float) -> np.ndarray:
    """Return the bin of each stored value among those of its row.

    The edges of a row are quantiles of its stored values at equally spaced points from 0 to 1 (numpy's `quantile`,
    linear interpolation, in float64). With h edges at or below a value and l below it, its bin is
    ceil(u * (l - h) + h): h where it equals no edge, and else one of l + 1 to h, as u says.

    Parameters
    ----------
    indptr
        Where the rows of a CSR matrix begin.
    values
        Its stored values, positive and finite.
    edges
        Number of edges, which is that of the bins.
    chance
        u of each value, in [0, 1), or of all.

    Returns
    -------
    float32, whole numbers from 1 to `edges`.
    """
    places, offsets = first_of_rows(indptr, values)
    above, below = np.empty(len(values), np.int16), np.empty(len(values), np.int16)
    descending = values[places].astype(np.float64, copy=False)
    _count_edges(offsets, descending, np.linspace(0, 1, edges), above, below)
    high, low = np.empty(len(values)), np.empty(len(values))
    high[places], low[places] = above, below
    return np.ceil(chance * (low - high) + high).astype(np.float32)


@nb.njit(parallel=True, cache=True)
def _count_edges(offsets, descending, points, at_or_below, below):  # pragma: no cover - compiled
    """Count, for each value of rows in descending order, the edges at or below it and those below it."""
    for row in nb.prange(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        ascending = descending[begin:end][::-1]
        edges = np.empty(len(points))
        for k in range(len(points) if end > begin else 0):
            edges[k] = _quantile(ascending, points[k])
        n_below, n_at_or_below = 0, 0
        for k in range(end - 1, begin - 1, -1):
            while n_below < len(points) and edges[n_below] < descending[k]:
                n_below += 1
            while n_at_or_below < len(points) and edges[n_at_or_below] <= descending[k]:
                n_at_or_below += 1
            below[k], at_or_below[k] = n_below, n_at_or_below


@nb.njit(inline="always")
def _quantile(ascending, point):  # pragma: no cover - compiled
    """Return a quantile to the last bit as numpy does, which works from the nearer of the two values between."""
    at = (len(ascending) - 1) * point
    left = min(np.int64(at), len(ascending) - 1)
    right = min(left + 1, len(ascending) - 1)
    share, span = at - left, ascending[right] - ascending[left]
    return ascending[left] + span * share if share < 0.5 else ascending[right] - span * (1 - share)
