"""The p-values of one pair's differences in all settings, adjusted for all of them being looked at."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri, stdtr


def adjusted(estimates: np.ndarray, resampled: np.ndarray, freedom: float | np.ndarray) -> np.ndarray:
    """Return two-sided p-values adjusted by the largest |t| of shared resamples.

    Single-step maxT (Westfall and Young 1993, Resampling-Based Multiple Testing, chapter 2). Differences in similar
    settings move together, and shared resamples move them together too, so that like settings cost little. Each
    difference over its standard error is taken from Student's t to the scale of the normal distribution, on which
    resamples of few batches lie.

    Parameters
    ----------
    estimates
        (m,), the differences.
    resampled
        (B, m), what they are in the same B resamples.
    freedom
        Degrees of freedom: of all, or (m,) of each.

    Returns
    -------
    numpy.ndarray
        (m,), at least 1 / (B + 1). A difference that no resample moves has this if it is not 0, and 1 if it is.
    """
    estimates = np.asarray(estimates, float)
    n, m = resampled.shape
    varies = np.ptp(resampled, axis=0) > 0
    freedom = np.broadcast_to(freedom, m)[varies]
    values = resampled[:, varies]
    errors = values.std(axis=0, ddof=1)
    largest = np.sort((np.abs(values - values.mean(axis=0)) / errors).max(axis=1, initial=0.0))
    scores = np.where(estimates == 0, 0.0, np.inf)
    scores[varies] = -ndtri(stdtr(freedom, -np.abs(estimates[varies]) / errors))
    return (n - np.searchsorted(largest, scores) + 1) / (n + 1)
