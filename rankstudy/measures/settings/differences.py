"""From the statistics of encodings in settings to the differences of pairs: the table `specifications`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from rankstudy.measures.settings.family import adjusted
from rankstudy.measures.settings.scores import Cells, Score
from rankstudy.measures.settings.setting import Scored, claimed, settings_of
from rankstudy.measures.settings.tables import PARTS
from rankstudy.measures.uncertainty.evaluation import beside_own_types
from rankstudy.measures.uncertainty.influence import Influence
from rankstudy.measures.uncertainty.intervals import interval, p_value
from rankstudy.measures.uncertainty.resampling import Resampled, resample
from rankstudy.measures.uncertainty.statistics import Statistic
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, LARGER_IS_BETTER, OWN_TYPE
from rankstudy.measures.verdict import verdict

CLAIMED = AUROC, OWN_TYPE, ACROSS


def differences_of(
    scored: Mapping[Scored, Sequence[Score]],
    pairs: Sequence[Sequence[str]],
    orders: Mapping[str, bool],
    cells: Cells,
    *,
    k: int,
    unit: str,
    resamples: int,
    random: np.random.Generator,
    level: float,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the difference of each pair in each setting, with its interval and verdict, and their resampled values.

    Parameters
    ----------
    scored
        The statistics of the encodings: one, or one of each draw.
    pairs, orders
        The pairs, and which encodings are orders.
    cells
        The cells.
    k
        Neighbours of a cell.
    unit, resamples, random, level
        As in `rankstudy.measures.uncertainty.evaluation`.

    Returns
    -------
    Rows of the table `specifications`, and (resamples, rows) the differences in each resample.
    """
    at = {key: i for i, key in enumerate(scored)}
    statistics = [
        Statistic(key.statistic, key.space, None, None if key.statistic == AUROC else k, np.arange(len(cells)), *mean)
        for key, mean in ((key, _mean(found)) for key, found in scored.items())
    ]
    found = resample(statistics, cells.types, cells.units, unit=unit, resamples=resamples, random=random)
    draws = list(scored.values())
    found = replace(found, values=found.values + _moved_by_draws(draws, resamples, random))
    compared = list(_compared(at, pairs, orders))
    moved = np.stack([found.values[:, one] - found.values[:, other] for _, one, other in compared], axis=1)
    rows = [
        {
            **key,
            **_difference(found, one, other, resampled, level),
            **_drawn(draws[one], draws[other]),
            "n_cells": len(cells),
        }
        for (key, one, other), resampled in zip(compared, moved.T, strict=True)
    ]
    return _judged(pd.DataFrame(rows).astype({"k": "Int64"}), moved, level), moved


def _difference(found: Resampled, one: int, other: int, resampled: np.ndarray, level: float) -> dict[str, object]:
    """Return the difference of two statistics, by their numbers, that has these values in the resamples."""
    statistic, reference = found.statistics[one], found.statistics[other]
    low, high = interval(resampled, found.freedom[one], level)
    return {
        "k": statistic.k,
        "value": statistic.influence.estimate,
        "value_reference": reference.influence.estimate,
        "estimate": statistic.influence.estimate - reference.influence.estimate,
        "low": low,
        "high": high,
        "level": level,
        "standard_error": resampled.std(ddof=1),
        "levels": found.levels[one],
        "freedom": found.freedom[one],
        "binning_error": statistic.binning_error + reference.binning_error,
        "p": p_value(resampled, found.freedom[one]),
    }


def _compared(
    at: Mapping[Scored, int], pairs: Sequence[Sequence[str]], orders: Mapping[str, bool]
) -> Iterator[tuple[dict[str, object], int, int]]:
    """Yield what each row of the table is of, and the numbers of its two statistics."""
    where: dict[tuple, int] = {tuple(key): i for key, i in at.items()}
    panels, depths = (list(dict.fromkeys(key.setting[part] for key in at)) for part in (1, 2))
    names = list(dict.fromkeys(key.statistic for key in at))
    for space, reference in pairs:
        order = orders[space] or orders[reference]
        for statistic in names:
            for setting in settings_of(order, panels, depths):
                measure, panel, depth = setting
                key = {
                    "space": space,
                    "reference": reference,
                    "statistic": statistic,
                    "measure": measure.metric,
                    "centred": measure.centred,
                    "panel": panel,
                    "depth": depth,
                    "claim": statistic in CLAIMED and measure in claimed(order),
                }
                yield key, where[space, setting, statistic], where[reference, setting, statistic]


def _mean(found: Sequence[Score]) -> tuple[Influence, bool, float]:
    """Return the mean of a statistic over draws: its influence, whether it is coarse, its binning error."""
    influences = [one.influence for one in found]
    mean = Influence(
        float(np.mean([each.estimate for each in influences])),
        np.mean([each.of_cells for each in influences], axis=0),
        np.mean([each.without for each in influences], axis=0),
    )
    return mean, False, float(np.mean([one.binning_error for one in found]))


def _moved_by_draws(found: Sequence[Sequence[Score]], resamples: int, random: np.random.Generator) -> np.ndarray:
    """Return (resamples, statistics): what other draws would have moved each mean over draws.

    Draws are resampled too, the same ones in all statistics; deviations are stretched by the root of n / (n - 1).
    """
    moved = np.zeros((resamples, len(found)))
    n = max(map(len, found))
    several = [i for i, draws in enumerate(found) if len(draws) > 1]
    if several:
        estimates = np.array([[one.influence.estimate for one in found[i]] for i in several]).T
        times = random.multinomial(n, np.full(n, 1 / n), resamples) / n
        moved[:, several] = times @ (estimates - estimates.mean(axis=0)) * np.sqrt(n / (n - 1))
    return moved


def _drawn(one: Sequence[Score], other: Sequence[Score]) -> dict[str, object]:
    """Return how many draws there are, and the standard error of a difference that is due to them."""
    estimates = [a.influence.estimate - b.influence.estimate for a, b in zip(one, other, strict=True)]
    n = len(estimates)
    return {"draws": n, "draws_error": float(np.std(estimates, ddof=1) / np.sqrt(n)) if n > 1 else 0.0}


def _judged(frame: pd.DataFrame, resampled: np.ndarray, level: float) -> pd.DataFrame:
    """Add the p-values adjusted within each pair, and the verdicts."""
    frame["p_adjusted"] = np.nan
    for _, rows in frame[frame["claim"]].groupby(["space", "reference"]):
        p = adjusted(rows["estimate"].to_numpy(), resampled[:, rows.index], rows["freedom"].to_numpy())
        frame.loc[rows.index, "p_adjusted"] = p
    frame["verdict"] = [
        verdict(
            row.estimate,
            (row.low, row.high),
            row.p_adjusted if row.claim else row.p,
            level=level,
            larger_is_better=LARGER_IS_BETTER[row.statistic],
            binning_error=row.binning_error,
        )
        for row in frame.itertuples()
    ]
    return beside_own_types(frame, ["space", "reference", *PARTS])
