"""The tables of intervals and of differences between spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rankstudy.core.seeds import generator
from rankstudy.core.tables import Table
from rankstudy.measures.compared import read_compared
from rankstudy.measures.uncertainty.intervals import holm, interval, p_value
from rankstudy.measures.uncertainty.resampling import CELLS, CELLS_IN_BATCHES, Resampled, resample
from rankstudy.measures.uncertainty.statistics import Statistic, statistics_of
from rankstudy.measures.uncertainty.tables import (
    BATCH_DRIVEN,
    DIFFERENCES,
    HIGHEST,
    INTERVALS,
    LARGER_IS_BETTER,
    LOWEST,
    OWN_TYPE,
)
from rankstudy.measures.uncertainty.units import units_of
from rankstudy.measures.verdict import verdict, verdict_beside_own_types
from rankstudy.pairs.engine.result import BlockResult


def evaluate_uncertainty(
    pairs_in: Mapping[int, str],
    cells_in: Mapping[int, str],
    *,
    dataset: str,
    unit: str = "batches",
    donors_in: str | None = None,
    neighbours: Sequence[int] = (),
    resamples: int,
    seed: int,
    level: float,
    references: Mapping[str, Mapping[str, str]],
    outputs: Mapping[str, str],
) -> None:
    """Turn the merged pairs of each replicate into intervals and differences.

    Parameters
    ----------
    pairs_in, cells_in
        For each seed, the merged pairs (with counts per cell) and the table `analysed_cells`.
    dataset
        Name of the data set.
    unit
        What is resampled: `batches` or `donors`.
    donors_in
        The table `cells`, which says the donor of each cell; None where batches are donors.
    neighbours
        Each k whose shares of neighbours are wanted.
    resamples, seed, level
        How many resamples, their seed, and the level of the intervals.
    references
        For each reference, the space that each other one is compared with.
    outputs
        Where the tables go: `intervals`, `differences`, and `<name>_tsv` for their text form.

    Raises
    ------
    StudyError
        If the pairs hold no counts per cell, or are of other cells.
    """
    frames: dict[Table, list[pd.DataFrame]] = {INTERVALS: [], DIFFERENCES: []}
    for replicate, path in pairs_in.items():
        cells = read_compared(cells_in[replicate])
        types = pd.factorize(cells["slug"])[0]
        batches = units_of(cells, donors_in)
        with BlockResult.opened(path) as result:
            found = statistics_of(result, cells, batches, neighbours)
            metrics = {space["name"]: space["metric"] for space in result.about["spaces"]}
        random = generator(seed, "uncertainty", dataset, str(replicate))
        resampled = resample(found, types, batches, unit=unit, resamples=resamples, random=random)
        made = {
            INTERVALS: intervals(resampled, batches, level),
            DIFFERENCES: differences(resampled, references, metrics, level),
        }
        for table, frame in made.items():
            frames[table].append(frame.assign(dataset=dataset, seed=replicate))
    for table, parts in frames.items():
        frame = _over_seeds(pd.concat(parts, ignore_index=True))
        table.write(frame[table.names], outputs[table.name], outputs.get(f"{table.name}_tsv"))


def intervals(resampled: Resampled, batches: np.ndarray, level: float) -> pd.DataFrame:
    """Return the interval of each statistic; `batches` is the number of each cell's batch or donor."""
    rows = []
    for i, statistic in enumerate(resampled.statistics):
        influence, levels = statistic.influence, resampled.levels[i]
        low, high = interval(resampled.values[:, i], resampled.freedom[i], level)
        several = np.isfinite(influence.without).any()
        n_batches = len(np.unique(batches[statistic.cells]))
        rows.append(
            {
                **_names(statistic),
                "cell_type": statistic.cell_type,
                "estimate": influence.estimate,
                "low": low,
                "high": high,
                "level": level,
                "standard_error": resampled.values[:, i].std(ddof=1),
                "levels": levels,
                "n_cells": len(statistic.cells),
                "n_batches": n_batches,
                # what the bins of the cutoffs round must not leave the range of a probability
                "lowest_without_one": max(np.nanmin(influence.without), 0.0) if several else None,
                "highest_without_one": min(np.nanmax(influence.without), 1.0) if several else None,
                "note": _note(statistic, levels, n_batches),
            }
        )
    return pd.DataFrame(rows)


def differences(
    resampled: Resampled, references: Mapping[str, Mapping[str, str]], metrics: Mapping[str, str], level: float
) -> pd.DataFrame:
    """Return the differences from each reference in what is about all cell types together.

    Parameters
    ----------
    resampled
        The statistics of the spaces, all from the same resamples.
    references
        For each reference, the space that each other one is compared with.
    metrics
        The metric of each space.
    level
        Of the intervals, and 1 less that of the adjusted p-values.
    """
    at = {(s.name, s.k, s.space): i for i, s in enumerate(resampled.statistics) if s.cell_type is None}
    rows = [
        {
            "reference": reference,
            "against": against,
            "metric": metrics[against],
            "family": f"{name}{f', k = {k}' if k else ''}: every space against {reference}",
            **_difference(resampled, i, at[name, k, against], level),
        }
        for reference, others in references.items()
        for (name, k, space), i in at.items()
        if (against := others.get(space)) is not None and (name, k, against) in at
    ]
    if not rows:
        return DIFFERENCES.empty().drop(columns=["dataset", "seed", LOWEST.name, HIGHEST.name])
    frame = pd.DataFrame(rows)
    frame["p_holm"] = frame.groupby("family")["p"].transform(lambda p: holm(p.to_numpy()))
    frame["verdict"] = [
        verdict(
            row.estimate,
            (row.low, row.high),
            row.p_holm,
            level=level,
            larger_is_better=LARGER_IS_BETTER[row.statistic],
            binning_error=row.binning_error,
        )
        for row in frame.itertuples()
    ]
    return beside_own_types(frame, ["reference", "space", "k"])


def _difference(resampled: Resampled, one: int, other: int, level: float) -> dict[str, object]:
    """Return the difference of two statistics, by their numbers, in the same resamples."""
    statistic, reference = resampled.statistics[one], resampled.statistics[other]
    values = resampled.values[:, one] - resampled.values[:, other]
    low, high = interval(values, resampled.freedom[one], level)
    return {
        **_names(statistic),
        "estimate": statistic.influence.estimate - reference.influence.estimate,
        "low": low,
        "high": high,
        "level": level,
        "standard_error": values.std(ddof=1),
        "levels": resampled.levels[one],
        "p": p_value(values, resampled.freedom[one]),
        "binning_error": statistic.binning_error + reference.binning_error,
    }


def beside_own_types(frame: pd.DataFrame, same: list[str]) -> pd.DataFrame:
    """Return differences with verdicts on batch-driven neighbours that heed those of the own type.

    `same` are the columns, besides the statistic, by which a difference is known.
    """
    keys = [tuple(row) for row in frame[same].itertuples(index=False)]
    given = dict(zip(zip(frame["statistic"], keys, strict=True), frame["verdict"], strict=True))
    verdicts = [
        verdict_beside_own_types(verdict, given[OWN_TYPE, key]) if statistic == BATCH_DRIVEN else verdict
        for (statistic, key), verdict in given.items()
    ]
    return frame.assign(verdict=verdicts)


def _names(statistic: Statistic) -> dict[str, object]:
    return {"space": statistic.space, "statistic": statistic.name, "k": statistic.k}


def _note(statistic: Statistic, levels: str, n_batches: int) -> str | None:
    """Return what a reader of the interval has to know, or None."""
    notes = []
    if levels == CELLS:
        notes.append("one batch: nothing is said about others")
    elif levels == CELLS_IN_BATCHES:
        notes.append(f"{n_batches} batches are too few, or too unequal, to draw from: nothing is said about others")
    if statistic.cell_type is not None:
        notes.append("cells of other types are not resampled")
    if statistic.coarse:
        notes.append("too narrow: the bins of the cutoffs are too wide for this space")
    if statistic.influence.estimate in (0.0, 1.0):
        notes.append("every resample is the same: how rare an exception is cannot be seen")
    return "; ".join(notes) or None


def _over_seeds(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the range of the estimates over the seeds, which draw from the same cells and are not independent."""
    keys = [key for key in ("reference", "space", "cell_type", "statistic", "k") if key in frame]
    by_number = frame.groupby(keys, dropna=False)["estimate"]
    return frame.assign(
        k=frame["k"].astype("Int64"),
        lowest_of_seeds=by_number.transform("min"),
        highest_of_seeds=by_number.transform("max"),
    )
