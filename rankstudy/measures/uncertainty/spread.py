"""The spread of resamples without making any, for curves, which have too many points for that.

A resample is a sum over what is resampled of what each moves (`resampling`), and the variance of such a sum is known.
The intervals are those of `intervals` in the limit of many resamples that are normally distributed.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, stdtrit

from rankstudy.measures.uncertainty.influence import sums_by
from rankstudy.measures.uncertainty.units import require_level


def variance_of_cells(moved: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return the variance over resamples of cells, as many from each stratum as it has, stretched as in `resampling`.

    Parameters
    ----------
    moved
        (cells, ...), what each cell moves of each number: its derivative by the cell's weight.
    strata
        (cells,), number of each cell's stratum. A stratum of one cell does not vary.
    """
    sizes = np.bincount(strata)
    stretch = np.divide(sizes, sizes - 1, out=np.zeros(len(sizes)), where=sizes > 1)
    squares = np.einsum("c,c...->...", stretch[strata], np.square(moved))
    of_means = np.divide(stretch, sizes, out=np.zeros(len(sizes)), where=sizes > 0)
    sums = sums_by(strata, moved, len(sizes))
    # what rounding leaves of nothing must not be below it
    return np.maximum(squares - np.einsum("s,s...->...", of_means, np.square(sums)), 0.0)


def variance_of_batches(without: np.ndarray) -> np.ndarray:
    """Return the jackknife's variance (Efron and Stein 1981), from the numbers without each batch: (batches, ...).

    NaN stands for a batch that has no part in a number; fewer than two batches with a part give NaN.
    """
    part = np.isfinite(without)
    n = part.sum(axis=0)
    held = np.where(part, without, 0.0)
    mean = np.divide(held.sum(axis=0), n, out=np.zeros(n.shape), where=n > 0)
    squares = np.square(np.where(part, without - mean, 0.0)).sum(axis=0)
    return np.divide(squares * (n - 1), n, out=np.full(n.shape, np.nan), where=n > 1)


def interval_of_share(
    estimate: np.ndarray, error: np.ndarray, freedom: float, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of intervals of numbers from 0 to 1 with these standard errors, on the scale of the logit.

    A number of exactly 0 or 1 has an interval without width; where the error is not known, the ends are NaN.
    """
    slope = estimate * (1 - estimate)
    of_logit = np.divide(error, slope, out=np.where(np.isnan(error), np.nan, 0.0), where=slope > 0)
    return interval_of_logit(estimate, of_logit, freedom, level)


def interval_of_logit(
    estimate: np.ndarray, error: np.ndarray, freedom: float, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of intervals of numbers from 0 to 1 whose logits have these standard errors.

    See `interval_of_share`.
    """
    inside = (estimate > 0) & (estimate < 1)
    at = logit(np.where(inside, estimate, 0.5))
    half = _reach(freedom, level) * error
    fixed = np.where(np.isnan(error), np.nan, estimate)
    low, high = (np.where(inside, expit(at + sign * half), fixed) for sign in (-1, 1))
    return low, high


def interval_of_number(
    estimate: np.ndarray, error: np.ndarray, freedom: float, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of intervals of any numbers with these standard errors."""
    half = _reach(freedom, level) * error
    return estimate - half, estimate + half


def _reach(freedom: float, level: float) -> float:
    """Return how many standard errors an interval reaches to either side."""
    require_level(level)
    return stdtrit(freedom, (1 + level) / 2)
