"""Means over cells and medians over changes, with intervals from resampled units, or cells within batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rankstudy.measures.settings.asked import Asked
from rankstudy.measures.settings.scores import Cells
from rankstudy.measures.uncertainty.influence import Influence
from rankstudy.measures.uncertainty.intervals import interval
from rankstudy.measures.uncertainty.resampling import resample
from rankstudy.measures.uncertainty.statistics import Statistic


@dataclass(frozen=True)
class Resampling:
    """The cells, and how they are resampled: what is about some of them, in the same resamples for all encodings."""

    asked: Asked
    cells: Cells

    def ratio(self, above: np.ndarray, below: np.ndarray) -> Statistic:
        """Return the sum of the one over that of the other, from 0 to 1, of the cells of which the other is above 0.

        Parameters
        ----------
        above, below
            (cells,), what each cell adds to the two sums.
        """
        at = np.flatnonzero(below > 0)
        estimate = float(above[at].sum() / below[at].sum())
        units = self.cells.units
        left = [below.sum() - np.bincount(units, below), above.sum() - np.bincount(units, above)]
        has_part = (np.bincount(units, below) > 0) & (left[0] > 0)
        without = np.divide(left[1], left[0], out=np.full(len(has_part), np.nan), where=has_part)
        of_cells = (above[at] - estimate * below[at]) / below[at].sum()
        return Statistic("ratio", "", None, None, at, Influence(estimate, of_cells, without))

    def intervals(self, statistics: Sequence[Statistic]) -> list[dict[str, object]]:
        """Return `low`, `high`, `level` and `levels` of each."""
        asked = self.asked
        if not statistics:
            return []
        found = resample(
            statistics,
            self.cells.types,
            self.cells.units,
            unit=asked.unit,
            resamples=asked.resamples,
            random=asked.random,
        )
        ends = [interval(of, free, asked.level) for of, free in zip(found.values.T, found.freedom, strict=True)]
        return [
            {"low": low, "high": high, "level": asked.level, "levels": levels}
            for (low, high), levels in zip(ends, found.levels, strict=True)
        ]

    def of_medians(self, groups: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[dict[str, object]]:
        """Return the same of medians: of each, the values and the number of the cell of each value.

        The ends are the quantiles at the ends of the interval of the share of values up to the median (Woodruff 1952,
        Journal of the American Statistical Association 47:635-646).
        """
        n, shares = len(self.cells.units), []
        for values, cell in groups:
            up_to = np.bincount(cell, values <= np.median(values), n)
            shares.append(self.ratio(up_to.astype(float), np.bincount(cell, minlength=n).astype(float)))
        found = []
        for (values, _), share, ends in zip(groups, shares, self.intervals(shares), strict=True):
            # the share is more than a half where several values are the median
            quantiles = np.clip(np.array([ends["low"], ends["high"]]) + 0.5 - share.influence.estimate, 0, 1)
            found.append(ends | dict(zip(("low", "high"), np.quantile(values, quantiles), strict=True)))
        return found
