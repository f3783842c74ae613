"""Differences that are looked at together: their p-values adjusted for that, and their verdicts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr

from rankstudy.core.seeds import generator
from rankstudy.measures.uncertainty.tables import LARGER_IS_BETTER
from rankstudy.measures.verdict import verdict


def adjusted(estimates: np.ndarray, resampled: np.ndarray, freedom: float | np.ndarray) -> np.ndarray:
    """Return two-sided p-values adjusted by the largest |t| of shared resamples.

    Single-step maxT (Westfall and Young 1993, Resampling-Based Multiple Testing, chapter 2). Differences in similar
    settings move together, and shared resamples move them together too, so that like settings cost little. Each
    difference over its standard error is taken from Student's t to the scale of the normal distribution, on which
    resamples of few batches lie. Differences that few batches move seem to move together more than they do, which would
    cost too little: they are loosened first (`_loosened`).

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
    moved = _loosened((values - values.mean(axis=0)) / errors, freedom)
    largest = np.sort(np.abs(moved).max(axis=1, initial=0.0))
    scores = np.where(estimates == 0, 0.0, np.inf)
    scores[varies] = -ndtri(stdtr(freedom, -np.abs(estimates[varies]) / errors))
    return (n - np.searchsorted(largest, scores) + 1) / (n + 1)


def with_verdicts(
    frame: pd.DataFrame,
    resampled: np.ndarray,
    family: list[str],
    *,
    level: float,
    claims: pd.Series | None = None,
) -> pd.DataFrame:
    """Return differences with p-values adjusted within each family, and verdicts.

    Parameters
    ----------
    frame
        A row for each difference: `estimate`, its ends `low` and `high`, `freedom`, `p`, `statistic`, `binning_error`,
        and the columns of `family`, of which each combination is one.
    resampled
        (B, rows), what they are in the same B resamples.
    level
        Of the intervals.
    claims
        Whether each is one of its family; by default all are. Others are judged by `p`, and have none adjusted.
    """
    claims = pd.Series(True, frame.index) if claims is None else claims
    frame = frame.assign(p_adjusted=np.nan)
    for _, rows in frame[claims].groupby(family):
        p = adjusted(rows["estimate"].to_numpy(), resampled[:, rows.index], rows["freedom"].to_numpy())
        frame.loc[rows.index, "p_adjusted"] = p
    verdicts = [
        verdict(
            row.estimate,
            (row.low, row.high),
            row.p_adjusted if claim else row.p,
            level=level,
            larger_is_better=LARGER_IS_BETTER.get(row.statistic, True),
            binning_error=row.binning_error,
        )
        for row, claim in zip(frame.itertuples(), claims, strict=True)
    ]
    return frame.assign(verdict=verdicts)


def _loosened(moved: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Return standardized resamples (B, m) that move together no more than the m differences do.

    A squared correlation r² that is seen with f degrees of freedom is too large; (f r² - 1) / (f - 1) is what it is on
    average (Ezekiel 1930, Methods of Correlation Analysis). All correlations are shrunk by one factor (as by Schäfer
    and Strimmer 2005, Stat. Appl. Genet. Mol. Biol. 4:32) to where their mean square is that: this much less of each
    difference's variance is shared, and the rest is drawn for it alone.
    """
    n, m = moved.shape
    if m < 2:
        return moved
    seen = (np.square(moved.T @ moved / (n - 1)).sum() - m) / (m * (m - 1))
    unseen = (1 - seen) / max(freedom.min() - 1, 1e-9)
    kept = np.sqrt(np.clip((seen - unseen) / max(seen, 1e-9), 0.0, 1.0))
    alone = generator(0, "family").normal(size=(n, m))
    return np.sqrt(kept) * moved + np.sqrt(1 - kept) * alone
