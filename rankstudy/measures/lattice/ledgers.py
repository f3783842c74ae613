"""From the statistics of corners to the tables `lattice`, `lattice_steps` and `ledger`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.measures.lattice.corner import Corner, Cube, neighbours
from rankstudy.measures.lattice.shapley import Shapley
from rankstudy.measures.lattice.tables import LATTICE_STEPS, LEDGER
from rankstudy.measures.settings.draws import Draws
from rankstudy.measures.settings.family import with_verdicts
from rankstudy.measures.settings.setting import Scored, Setting
from rankstudy.measures.uncertainty.intervals import interval, p_value
from rankstudy.measures.uncertainty.resampling import Resampled

# what is less is rounding: corners that are the same thing differ by nothing
_DIGITS = 12
_LEDGER = ["space", "measure", "centred", "panel", "depth"]


@dataclass(frozen=True)
class Walked:
    """The statistics of all corners in all settings, and what they are in the same resamples.

    Attributes
    ----------
    keys
        What each statistic is of; `space` is the name of a corner.
    found
        The statistics in resamples, in the order of the keys.
    draws
        How much they differ between draws of chance.
    level
        Of the intervals.
    """

    keys: Sequence[Scored]
    found: Resampled
    draws: Draws
    level: float

    @cached_property
    def at(self) -> dict[Scored, int]:
        """The number of each statistic."""
        return {key: i for i, key in enumerate(self.keys)}

    @cached_property
    def estimates(self) -> np.ndarray:
        """(statistics,), the statistics themselves."""
        return np.array([statistic.influence.estimate for statistic in self.found.statistics])

    @cached_property
    def binning_errors(self) -> np.ndarray:
        """(statistics,), the most that binning can have moved each."""
        return np.array([statistic.binning_error for statistic in self.found.statistics])

    @cached_property
    def looked_at(self) -> list[tuple[Setting, str]]:
        """Return every setting and statistic that there is of any corner."""
        return list(dict.fromkeys((key.setting, key.statistic) for key in self.keys))

    def of(self, corners: Sequence[Corner], setting: Setting, statistic: str) -> list[int] | None:
        """Return the numbers of a statistic of corners in a setting; None where not all have it."""
        numbers = [self.at.get(Scored(corner.name, setting, statistic)) for corner in corners]
        return None if None in numbers else numbers

    def row(self, number: int, resampled: np.ndarray) -> dict[str, Any]:
        """Return what the tables say of a number that has these values in the resamples, made of such a statistic."""
        freedom, scored = self.found.freedom[number], self.keys[number]
        low, high = interval(resampled, freedom, self.level)
        (metric, centred), panel, depth = scored.setting
        return {
            "statistic": scored.statistic,
            "k": self.found.statistics[number].k,
            "measure": metric,
            "centred": centred,
            "panel": panel,
            "depth": depth,
            "low": low,
            "high": high,
            "level": self.level,
            "standard_error": resampled.std(ddof=1),
            "levels": self.found.levels[number],
        }

    def p(self, number: int, resampled: np.ndarray) -> float:
        """Return the two-sided p-value of a difference that has these values in the resamples."""
        return p_value(resampled, self.found.freedom[number])


def lattice_of(walked: Walked, corners: Sequence[Corner], names: Mapping[Corner, Sequence[str]]) -> pd.DataFrame:
    """Return the table `lattice`; `names` are the published encodings that a corner is."""
    of_name = {corner.name: corner for corner in corners}
    alone = sp.eye_array(len(walked.keys), format="csr")
    draws, errors = walked.draws.numbers, walked.draws.errors_of(alone)
    rows = [
        {
            "corner": key.space,
            **of_name[key.space]._asdict(),
            "space": ", ".join(names.get(of_name[key.space], ())) or None,
            "value": walked.found.statistics[i].influence.estimate,
            **walked.row(i, walked.found.values[:, i]),
            "draws": draws[i],
            "draws_error": errors[i],
            "binning_error": walked.binning_errors[i],
        }
        for i, key in enumerate(walked.keys)
    ]
    return pd.DataFrame(rows).astype({"k": "Int64", "first": "Int64"})


def steps_of(walked: Walked, corners: Sequence[Corner]) -> pd.DataFrame:
    """Return the table `lattice_steps`."""
    rows = []
    for step, before, after in neighbours(corners):
        for setting, statistic in walked.looked_at:
            if (numbers := walked.of([before, after], setting, statistic)) is None:
                continue
            moved = np.round(walked.found.values[:, numbers] @ (-1, 1), _DIGITS)
            row = {"step": step, "before": before.name, "after": after.name, "p": walked.p(numbers[1], moved)}
            estimate = np.round(walked.estimates[numbers] @ (-1, 1), _DIGITS)
            rows.append({**row, "estimate": estimate, **walked.row(numbers[1], moved)})
    return pd.DataFrame(rows).astype({"k": "Int64"}) if rows else LATTICE_STEPS.empty()


def ledgers_of(walked: Walked, cubes: Mapping[tuple[str, str], Cube]) -> pd.DataFrame:
    """Return the table `ledger`; the cubes by the encoding that each leads to and that it starts from.

    An encoding that does what the other does has no step, and no row.
    """
    rows = [
        {"space": space, "reference": reference, **row}
        for (space, reference), cube in cubes.items()
        for at in walked.looked_at
        for row in _shares(walked, cube, *at)
    ]
    if not rows:
        return LEDGER.empty()
    frame = pd.DataFrame(rows).astype({"k": "Int64"})
    moved = np.stack(frame.pop("moved").tolist(), axis=1)
    judged = with_verdicts(_with_ranges(frame), moved, _LEDGER, level=walked.level)
    return judged.drop(columns="freedom")


def _shares(walked: Walked, cube: Cube, setting: Setting, statistic: str) -> Iterator[dict[str, Any]]:
    """Yield a row for each step of a ledger in a setting; none where its corners are not looked at like this."""
    shapley = Shapley.of(cube.steps, cube.precedence)
    numbers = walked.of([cube.corner(taken) for taken in shapley.subsets], setting, statistic)
    if numbers is None:
        return
    start, end = numbers[0], numbers[-1]
    estimates = shapley.shares(walked.estimates[numbers])
    moved = np.round(shapley.shares(walked.found.values[:, numbers]), _DIGITS)
    for place, step in enumerate(shapley.steps):
        yield {
            "step": step,
            "place": place,
            "before": _level(cube.start, step),
            "after": _level(cube.end, step),
            "estimate": estimates[place],
            **walked.row(end, moved[:, place]),
            "binning_error": _binning_error(walked, numbers, shapley, place),
            "p": walked.p(end, moved[:, place]),
            "value_reference": walked.estimates[start],
            "value": walked.estimates[end],
            "draws": walked.draws.numbers[numbers].max(),
            "freedom": walked.found.freedom[end],
            "moved": moved[:, place],
        }


def _binning_error(walked: Walked, numbers: Sequence[int], shapley: Shapley, place: int) -> float:
    """Return the most that binning can have moved the share of a step; nothing where the step changes nothing."""
    before, after = (np.asarray(numbers)[side[place]] for side in (shapley.before, shapley.after))
    changed = walked.estimates[before] != walked.estimates[after]
    errors = walked.binning_errors[before] + walked.binning_errors[after]
    return float(shapley.weights[place] @ np.where(changed, errors, 0.0))


def _level(corner: Corner, step: str) -> str:
    level = getattr(corner, step)
    return "all" if level is None else str(level)


def _with_ranges(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the smallest and the largest estimate of each step and statistic over the settings."""
    same = frame.groupby(["space", "step", "statistic"])["estimate"]
    return frame.assign(lowest=same.transform("min"), highest=same.transform("max"))
