"""Twins: two measurements of the same cell, and how far encodings agree on it.

They replicate the counting and nothing else: what differs between donors, or between cells of a type, is the same in
both. So they bound no separation of types, and leave no "part of the encoding" when they are subtracted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rankstudy.cells.treatments.twins import twins
from rankstudy.core.progress import Progress
from rankstudy.measures.causes.depth import controls_of, with_counts
from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.causes.own import agreement, finds_itself
from rankstudy.measures.causes.reliability import TOLERANCE, Deviations, predicted
from rankstudy.measures.causes.tables import FOUND, HALF, QUARTER, RELIABILITY
from rankstudy.measures.settings.material import has_direction
from rankstudy.measures.settings.scores import Cells
from rankstudy.measures.settings.setting import claimed
from rankstudy.measures.settings.tables import CENTRED, MEASURE
from rankstudy.measures.uncertainty.influence import Influence, mean_of_cells
from rankstudy.measures.uncertainty.intervals import interval
from rankstudy.measures.uncertainty.resampling import Resampled, resample
from rankstudy.measures.uncertainty.statistics import Statistic
from rankstudy.measures.uncertainty.tables import AGREEMENT
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.likeness.vectors import points
from rankstudy.spaces.encodings.genes import Vectors

SHARES = QUARTER, HALF
CORRELATION = Measure("correlation")


class Twins(NamedTuple):
    """What a number is of: an encoding, twins of a share of the molecules, a measure, a statistic, and a type."""

    space: str
    keep: float
    measure: Measure
    statistic: str
    cell_type: str | None


def score_twins(looked: LookedAt) -> dict[Twins, tuple[np.ndarray, Influence]]:
    """Return the statistics of twins of every encoding and control: the cells that each is about, and what moves it."""
    found: dict[Twins, tuple[np.ndarray, Influence]] = {}
    spaces = [*looked.asked.encodings, *(name for name, *_ in controls_of(looked, looked.material.counts))]
    with Progress(total=len(SHARES) * len(spaces), unit="encodings of twins") as progress:
        for share in SHARES:
            for name, measures, first, second in twin_vectors(looked, share):
                for key, scored in scores_of_twins(looked.cells, first, second, measures, looked.asked.neighbours):
                    found[Twins(name, share, *key)] = scored
                progress.update(1)
    return found


def scores_of_twins(
    cells: Cells, first: Vectors, second: Vectors, measures: Sequence[Measure], k: int
) -> Iterator[tuple[tuple[Measure, str, str | None], tuple[np.ndarray, Influence]]]:
    """Yield what each number is of (measure, statistic, type), its cells, and what moves it."""
    ways = finds_itself(first, second, measures), finds_itself(second, first, measures)
    for (measure, one), (_, other) in zip(*ways, strict=True):
        values = (one + other) / 2
        for label, _, members in _groups(cells):
            influence = mean_of_cells(values[members], cells.units[members], cells.n_units)
            yield (measure, FOUND, label), (members, influence)
    for measure, agreed in agreement(first, second, measures, k, cells) if len(cells) > k + 1 else ():
        for label, kind, members in _groups(cells):
            yield (measure, AGREEMENT, label), (members, agreed.influence(cells, members, kind))
    if CORRELATION in measures:
        directions = (points(vectors, CORRELATION.metric) for vectors in (first, second))
        deviations = Deviations.of(*directions, cells.types, cells.units, cells.n_units)
        for label, kind, members in _groups(cells):
            influence = deviations.correlation(kind)
            if influence is not None:
                yield (CORRELATION, RELIABILITY, label), (members, influence)


def twin_vectors(looked: LookedAt, share: float) -> Iterator[tuple[str, tuple[Measure, ...], Vectors, Vectors]]:
    """Yield each encoding and control: its name, measures, and the vectors of the cells' twins."""
    counts = looked.material.counts
    names = counts.obs_names.tolist(), counts.var_names.tolist()
    parts = [with_counts(counts, part) for part in twins(counts.X, *names, seed=looked.material.seed, share=share)]
    for (name, first), (_, second) in zip(*map(looked.vectors, parts), strict=True):
        yield name, claimed(looked.asked.encodings[name]["order"]), first, second
    for (name, first, measures), (_, second, _) in zip(*(controls_of(looked, part) for part in parts), strict=True):
        yield name, measures, first, second


def have_twins(looked: LookedAt) -> np.ndarray:
    """Return (cells,), whether every encoding has a vector of both twins of the cell, of a quarter of its molecules."""
    defined = np.ones(len(looked.cells), bool)
    for name, _, *of_twins in twin_vectors(looked, QUARTER):
        if name in looked.encoders:
            for vectors in of_twins:
                defined &= has_direction(vectors)
    return defined


def twins_of(
    scored: Mapping[Twins, tuple[np.ndarray, Influence]], looked: LookedAt
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables `twins` and `reliabilities`."""
    asked, n = looked.asked, len(looked.cells)
    keys = list(scored)
    statistics = [
        Statistic(key.statistic, key.space, key.cell_type, None, members, influence)
        for key, (members, influence) in scored.items()
    ]
    found = resample(
        statistics,
        looked.cells.types,
        looked.cells.units,
        unit=asked.unit,
        resamples=asked.resamples,
        random=asked.random,
    )
    # correlations were mapped to [0, 1], on which resamples are
    mapped = np.array([key.statistic == RELIABILITY for key in keys])
    found = replace(found, values=np.where(mapped, 2 * found.values - 1, found.values))
    chance = {FOUND: 1 / n, AGREEMENT: asked.neighbours / (n - 1), RELIABILITY: 0.0}
    rows = [
        {
            **_key(key, asked.neighbours),
            "value": _value(key, scored[key][1]),
            **_spread(found.values[:, i], found.freedom[i], asked.level),
            "levels": found.levels[i],
            "chance": chance[key.statistic],
            "n_cells": len(scored[key][0]),
        }
        for i, key in enumerate(keys)
    ]
    return pd.DataFrame(rows).astype({"k": "Int64"}), _predictions(keys, found, rows, asked.level)


def _predictions(
    keys: Sequence[Twins], found: Resampled, rows: Sequence[Mapping[str, Any]], level: float
) -> pd.DataFrame:
    """Return the table `reliabilities`."""
    at = {key: i for i, key in enumerate(keys)}
    predictions = []
    for key, quarter in at.items():
        if key.statistic != RELIABILITY or key.cell_type is not None or key.keep != QUARTER:
            continue
        half = at[key._replace(keep=HALF)]
        of_quarters, of_halves = found.values[:, quarter], found.values[:, half]
        apart = interval(predicted(of_quarters) - of_halves, found.freedom[half], level)
        holds = -TOLERANCE < apart[0] and apart[1] < TOLERANCE
        full = interval(predicted(of_halves), found.freedom[half], level) if holds else (np.nan, np.nan)
        r, expected = rows[half]["value"], predicted(rows[quarter]["value"])
        predictions.append(
            {
                "space": key.space,
                "quarter": rows[quarter]["value"],
                "half": r,
                "predicted": expected,
                "apart": expected - r,
                "apart_low": apart[0],
                "apart_high": apart[1],
                "tolerance": TOLERANCE,
                "holds": holds,
                "full": predicted(r) if holds else np.nan,
                "full_low": full[0],
                "full_high": full[1],
                "level": level,
                "levels": found.levels[half],
                "n_cells": rows[half]["n_cells"],
            }
        )
    return pd.DataFrame(predictions)


def _groups(cells: Cells) -> Iterator[tuple[str | None, int | None, np.ndarray]]:
    """Yield label and number of what there are numbers of, and its cells: all, and those of each type."""
    yield None, None, np.arange(len(cells))
    for kind, (begin, end) in enumerate(pairwise(cells.starts)):
        yield cells.table["cell_type"].iloc[begin], kind, np.arange(begin, end)


def _key(key: Twins, k: int) -> dict[str, Any]:
    return {
        "space": key.space,
        "cell_type": key.cell_type,
        MEASURE: key.measure.metric,
        CENTRED: key.measure.centred,
        "keep": key.keep,
        "statistic": key.statistic,
        "k": k if key.statistic == AGREEMENT else None,
    }


def _value(key: Twins, influence: Influence) -> float:
    return 2 * influence.estimate - 1 if key.statistic == RELIABILITY else influence.estimate


def _spread(resampled: np.ndarray, freedom: float, level: float) -> dict[str, float]:
    low, high = interval(resampled, freedom, level)
    return {"low": low, "high": high, "level": level, "standard_error": float(resampled.std(ddof=1))}
