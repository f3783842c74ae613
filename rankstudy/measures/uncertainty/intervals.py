"""From resamples to intervals and p-values."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from rankstudy.measures.uncertainty.units import require_level


def interval(resampled: np.ndarray, freedom: float, level: float) -> tuple[float, float]:
    """Return the expanded percentile interval of resampled values (Hesterberg 2015, Am. Statistician 69:371-386).

    The quantiles are taken where Student's t would stand on the scale of the normal distribution: few batches give too
    narrow an interval at the plain percentiles.

    Parameters
    ----------
    resampled
        The statistic in each resample.
    freedom
        Degrees of freedom: independent units, less those that are estimated.
    level
        Such as 0.95.
    """
    require_level(level)
    tail = ndtr(stdtrit(freedom, (1 - level) / 2))
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return float(low), float(high)


def p_value(resampled: np.ndarray, freedom: float) -> float:
    """Return the two-sided p-value of a difference being 0: 1 less the level of the interval that ends at 0.

    With few batches, no resample goes as far as Student's t does; beyond the last one the tail is taken as normal. It
    is never below 2 / (resamples + 1).
    """
    n = len(resampled)
    beyond = min((resampled <= 0).sum(), (resampled >= 0).sum())
    score = ndtri((beyond + 1) / (n + 1))
    spread = resampled.std(ddof=1)
    if beyond == 0 and spread > 0:
        score = min(score, -abs(resampled.mean()) / spread)
    return float(np.clip(2 * stdtr(freedom, score), 2 / (n + 1), 1.0))


def holm(p: np.ndarray) -> np.ndarray:
    """Return p-values adjusted for all of them being looked at (Holm 1979, Scand. J. Statistics 6:65-70)."""
    order = np.argsort(p, kind="stable")
    adjusted = np.maximum.accumulate(np.minimum(p[order] * np.arange(len(p), 0, -1), 1.0))
    return adjusted[np.argsort(order, kind="stable")]
