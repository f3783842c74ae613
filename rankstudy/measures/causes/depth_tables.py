"""From the statistics of encodings at every depth to the tables `depths` and `depth_differences`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.measures.causes.depth import At, Treatment
from rankstudy.measures.causes.tables import CLAIMED
from rankstudy.measures.settings.differences import difference, weights_of_pairs
from rankstudy.measures.settings.draws import Draws
from rankstudy.measures.settings.family import with_verdicts
from rankstudy.measures.settings.tables import CENTRED, MEASURE
from rankstudy.measures.uncertainty.intervals import interval
from rankstudy.measures.uncertainty.resampling import Resampled
from rankstudy.measures.uncertainty.tables import TRANSFER

_FAMILY = ["space", "reference", MEASURE, CENTRED]


def depths_of(
    keys: Sequence[At], found: Resampled, draws: Draws, totals: Mapping[Treatment, float], level: float
) -> pd.DataFrame:
    """Return the table `depths`.

    Parameters
    ----------
    keys, found, draws
        What each statistic is of, the statistics in resamples in this order, and how much they differ between draws.
    totals
        Median molecules of a cell, however it is treated.
    level
        Of the intervals.
    """
    alone = sp.eye_array(len(keys), format="csr")
    about = zip(keys, found.statistics, draws.numbers_of(alone), draws.errors_of(alone), strict=True)
    rows = [
        {
            **_key(key),
            "k": statistic.k,
            "value": statistic.influence.estimate,
            **_spread(found, i, level),
            "draws": number,
            "draws_error": error,
            "binning_error": statistic.binning_error,
            "total": totals[key.treatment],
        }
        for i, (key, statistic, number, error) in enumerate(about)
    ]
    frame = pd.DataFrame(rows).astype({"k": "Int64"})
    # what moves it is not known
    frame.loc[frame["statistic"] == TRANSFER, ["low", "high", "standard_error"]] = np.nan
    return frame


def differences_at_depths(
    keys: Sequence[At], found: Resampled, draws: Draws, pairs: Sequence[Sequence[str]], level: float
) -> pd.DataFrame:
    """Return the table `depth_differences`: paired differences, adjusted within each pair and measure.

    The arguments are those of `depths_of`, and the pairs.
    """
    at = {key: i for i, key in enumerate(keys) if key.statistic != TRANSFER}
    compared = [
        (i, at[against])
        for space, reference in pairs
        for key, i in at.items()
        if key.space == space and (against := key._replace(space=reference)) in at
    ]
    weights = weights_of_pairs(compared, len(keys))
    moved = found.values @ weights.T
    about = zip(compared, moved.T, draws.numbers_of(weights), draws.errors_of(weights), strict=True)
    rows = [
        {
            **_key(keys[one]),
            "reference": keys[other].space,
            **difference(found, one, other, resampled, level),
            "draws": number,
            "draws_error": error,
        }
        for (one, other), resampled, number, error in about
    ]
    frame = pd.DataFrame(rows).astype({"k": "Int64"})
    judged = with_verdicts(frame, moved, _FAMILY, level=level, claims=frame["statistic"].isin(CLAIMED))
    return judged.drop(columns="freedom")


def _key(key: At) -> dict[str, Any]:
    return {
        "space": key.space,
        MEASURE: key.measure.metric,
        CENTRED: key.measure.centred,
        "treatment": key.treatment.name,
        "keep": key.treatment.keep,
        "statistic": key.statistic,
    }


def _spread(found: Resampled, i: int, level: float) -> dict[str, Any]:
    resampled = found.values[:, i]
    low, high = interval(resampled, found.freedom[i], level)
    return {
        "low": low,
        "high": high,
        "level": level,
        "standard_error": resampled.std(ddof=1),
        "levels": found.levels[i],
    }
