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
    bins = np.empty(len(values), np.float32)
    drawn = np.broadcast_to(np.float64(chance), len(values))
    _bin_rows(places, offsets, values.astype(np.float64, copy=False), np.linspace(0, 1, edges), drawn, bins)
    return bins


@nb.njit(parallel=True, cache=True)
def _bin_rows(places, offsets, values, points, chance, bins):  # pragma: no cover - compiled
    for row in nb.prange(len(offsets) - 1):
        ascending = places[offsets[row] : offsets[row + 1]][::-1]
        of_row, edges = values[ascending], np.empty(len(points))
        for k in range(len(points) if len(ascending) else 0):
            edges[k] = quantile(of_row, points[k])
        low, high = 0, 0  # edges below a value, and at or below it
        for place in ascending:
            while low < len(points) and edges[low] < values[place]:
                low += 1
            while high < len(points) and edges[high] <= values[place]:
                high += 1
            bins[place] = np.ceil(chance[place] * (low - high) + high)


@nb.njit(inline="always")
def quantile(ascending, point):  # pragma: no cover - compiled
    """Return a quantile of sorted values to the last bit as numpy does, from the nearer of the two values between."""
    last = len(ascending) - 1
    at = last * point
    left = min(np.int64(at), last)
    low, high = ascending[left], ascending[min(left + 1, last)]
    share, span = at - left, high - low
    return low + span * share if share < 0.5 else high - span * (1 - share)
