"""From the statistics of encodings in settings to the differences of pairs: the table `specifications`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.measures.settings.draws import Drawn, Draws
from rankstudy.measures.settings.family import with_verdicts
from rankstudy.measures.settings.scores import Cells
from rankstudy.measures.settings.setting import Scored, claimed, settings_of
from rankstudy.measures.settings.tables import PARTS
from rankstudy.measures.uncertainty.evaluation import beside_own_types
from rankstudy.measures.uncertainty.intervals import interval, p_value
from rankstudy.measures.uncertainty.resampling import Resampled, resample
from rankstudy.measures.uncertainty.statistics import Statistic
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, OF_NEIGHBOURS, OWN_TYPE

CLAIMED = AUROC, OWN_TYPE, ACROSS


def differences_of(
    scored: Mapping[Scored, Drawn],
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
        The statistics of the encodings, means over draws where chance has a part.
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
    found, draws = resampled_of(scored, cells, k=k, unit=unit, resamples=resamples, random=random)
    compared = list(_compared({key: i for i, key in enumerate(scored)}, pairs, orders))
    weights = weights_of_pairs([(one, other) for _, one, other in compared], len(scored))
    moved = found.values @ weights.T
    drawn = zip(draws.numbers_of(weights), draws.errors_of(weights), strict=True)
    rows = [
        {
            **key,
            **difference(found, one, other, resampled, level),
            "draws": number,
            "draws_error": error,
            "n_cells": len(cells),
        }
        for (key, one, other), resampled, (number, error) in zip(compared, moved.T, drawn, strict=True)
    ]
    return _judged(pd.DataFrame(rows).astype({"k": "Int64"}), moved, level), moved


def resampled_of(
    scored: Mapping[Scored, Drawn],
    cells: Cells,
    *,
    k: int,
    unit: str,
    resamples: int,
    random: np.random.Generator,
) -> tuple[Resampled, Draws]:
    """Return statistics, in their order, in the same resamples of cells or batches and of draws; and their draws.

    The arguments are those of `differences_of`.
    """
    everybody = np.arange(len(cells))
    statistics = [
        Statistic(
            key.statistic,
            key.space,
            None,
            k if key.statistic in OF_NEIGHBOURS else None,
            everybody,
            drawn.influence,
            binning_error=drawn.binning_error,
        )
        for key, drawn in scored.items()
    ]
    found = resample(statistics, cells.types, cells.units, unit=unit, resamples=resamples, random=random)
    draws = Draws.of(list(scored.values()))
    return replace(found, values=found.values + draws.moved(resamples, random)), draws


def weights_of_pairs(pairs: Sequence[tuple[int, int]], n_statistics: int) -> sp.csr_array:
    """Return (pairs, statistics): 1 for the one and -1 for the other of each pair of statistics."""
    rows = np.repeat(np.arange(len(pairs)), 2)
    values = np.tile([1.0, -1.0], len(pairs))
    return sp.csr_array((values, (rows, np.ravel(pairs))), shape=(len(pairs), n_statistics))


def difference(found: Resampled, one: int, other: int, resampled: np.ndarray, level: float) -> dict[str, object]:
    """Return what tables say of the difference of two statistics, by their numbers, of these resampled values."""
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


def _judged(frame: pd.DataFrame, resampled: np.ndarray, level: float) -> pd.DataFrame:
    """Add the p-values adjusted within each pair, and the verdicts."""
    judged = with_verdicts(frame, resampled, ["space", "reference"], level=level, claims=frame["claim"])
    return beside_own_types(judged, ["space", "reference", *PARTS])
