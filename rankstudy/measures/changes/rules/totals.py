"""Values and levels: a change moves the total of the cell, and through it all that is divided by it."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from rankstudy.measures.changes.rules.rule import Changes, Effects, OneCell, Rule
from rankstudy.measures.lattice.corner import ALL, ITS, NONE, Corner
from rankstudy.measures.lattice.vectors import LEVELS_BEGIN, LOGARITHMS
from rankstudy.spaces.encodings.expression import TARGET

# a value has moved that is so much more or less than it was
SHARE_MOVED = 0.01


class OfTotalsRule(Rule):
    """A count over a median (where there is one), and over a total of the cell, times 10,000 (where there is one)."""

    def __init__(self, corner: Corner, cell: OneCell) -> None:
        super().__init__(corner, cell)
        self._scaled = cell.counts / cell.medians
        # of a cell without any count there is nothing to be divided
        self._total = cell.total if corner.total == ALL else max(float(cell.counts.sum()), 1.0)
        self._entry = self._encoded(self._scaled, self._total)
        self._distinct, self._which, self._held = np.unique(self._scaled, return_inverse=True, return_counts=True)

    @property
    def entries(self) -> int:
        """See `Rule`."""
        return np.count_nonzero(self._entry)

    def of_read(self, at: np.ndarray, after: np.ndarray) -> Effects:
        """See `Rule`: changes of genes that are all that is added to the cell."""
        return self.effects(Changes(at, after, after - self.cell.counts[at]))

    def effects(self, changes: Changes) -> Effects:
        """See `Rule`: genes that are not read can move the total too."""
        read, at = changes.at >= 0, np.maximum(changes.at, 0)
        counted = {ALL: True, ITS: read, NONE: False}[self.corner.total]
        totals = self._total + np.where(counted, changes.added, 0.0)
        totals, of_total = np.unique(np.where(totals > 0, totals, 1.0), return_inverse=True)
        now, other = (
            self._encoded(self._distinct[None], each) for each in (np.array([[self._total]]), totals[:, None])
        )
        shown, moved = (self._of_others(of, of_total, at, read) for of in (other != now, self._moved(now, other)))
        own = self._encoded(np.where(read, changes.after, 0.0) / self.cell.medians[at], totals[of_total])
        blind = (shown == 0) & (~read | (own == self._entry[at]))
        return Effects(blind[None], moved[None])

    def _of_others(self, of: np.ndarray, of_total: np.ndarray, at: np.ndarray, read: np.ndarray) -> np.ndarray:
        """Return (changes,): how many genes but the changed one have a value of which (totals, values) says so."""
        return (of @ self._held)[of_total] - (read & of[of_total, self._which[at]])

    def _over_total(self, scaled: np.ndarray, totals: np.ndarray | float) -> np.ndarray:
        """Return values as the encodings have them, to the last bit (`per_ten_thousand`)."""
        return scaled + 0 * totals if self.corner.total == NONE else scaled * TARGET / totals

    @abstractmethod
    def _encoded(self, scaled: np.ndarray, totals: np.ndarray | float) -> np.ndarray:
        """Return the entries of values in cells of these totals."""

    def _moved(self, now: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return whether an entry has moved."""
        return now != other


class LevelsRule(OfTotalsRule):
    """Whole levels of a value: those that it reaches."""

    def __init__(self, corner: Corner, cell: OneCell) -> None:
        self._begin = np.array([LEVELS_BEGIN[corner.logarithm](level) for level in range(1, corner.number + 1)], float)
        super().__init__(corner, cell)

    def _encoded(self, scaled: np.ndarray, totals: np.ndarray | float) -> np.ndarray:
        return np.searchsorted(self._begin, self._over_total(scaled, totals), side="right")

    def bands(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Rule`: as far as its own level reaches, and as the total does before another gene's level moves.

        A count c of a total T has the value b where it becomes b (T - c) / (10,000 - b).
        """
        ends = np.r_[0.0, self._begin, np.inf]
        low, high = (self._count_of(ends[self._entry + step]) for step in (0, 1))
        if self.corner.total == NONE:
            return low, high
        least, most = self._totals_of_others()
        spare = self.cell.counts - self._total
        return np.maximum(low, np.maximum(least + spare, 0.0)), np.minimum(high, most + spare)

    def bands_unread(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Rule`: as far as the total may move."""
        if self.corner.total != ALL:
            return super().bands_unread(counts)
        (least, *_), (most, *_) = (np.sort(of)[::way] for of, way in zip(self._reach(), (-1, 1), strict=True))
        spare = counts - self._total
        return np.maximum(least + spare, 0.0), most + spare

    def _count_of(self, values: np.ndarray) -> np.ndarray:
        """Return the counts at which genes have these values; infinity where none is enough."""
        scaled = values * self.cell.medians
        if self.corner.total == NONE:
            return scaled
        with np.errstate(invalid="ignore", divide="ignore"):
            found = scaled * (self._total - self.cell.counts) / (TARGET - scaled)
        return np.where(scaled < TARGET, found, np.inf)

    def _reach(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the totals between which each gene has its level."""
        ends = np.r_[0.0, self._begin, np.inf]
        with np.errstate(invalid="ignore", divide="ignore"):
            low, high = (self._scaled * TARGET / ends[self._entry + step] for step in (1, 0))
        # a gene that the cell lacks has no level at any total
        return np.where(self._scaled > 0, low, 0.0), np.where(self._scaled > 0, high, np.inf)

    def _totals_of_others(self) -> tuple[np.ndarray, np.ndarray]:
        """Return, for each gene, the totals between which all others have their levels."""
        low, high = self._reach()
        return -_least_of_others(-low), _least_of_others(high)


def _least_of_others(values: np.ndarray) -> np.ndarray:
    """Return, of each value, the least of the others; infinity where there is none."""
    least = int(np.argmin(values))
    rest = np.delete(values, least)
    return np.where(np.arange(len(values)) == least, rest.min(initial=np.inf), values[least])


class ValuesRule(OfTotalsRule):
    """The values themselves: every change is seen, and others move as the total does."""

    def _encoded(self, scaled: np.ndarray, totals: np.ndarray | float) -> np.ndarray:
        # as exact as vectors are: what they cannot tell apart is not seen
        return LOGARITHMS[self.corner.logarithm](self._over_total(scaled, totals)).astype(np.float32)

    def _moved(self, now: np.ndarray, other: np.ndarray) -> np.ndarray:
        now = now.astype(np.float64)
        return np.abs(other - now) > SHARE_MOVED * now

    def bands(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Rule`; a gene that is alone in its total is all of it, whatever its count."""
        if self.corner.total != NONE and self.entries == 1 and self._total == self.cell.counts.sum():
            return super().bands_unread(self.cell.counts)
        return self.cell.counts, self.cell.counts

    def bands_unread(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Rule`."""
        return (counts, counts) if self.corner.total == ALL and self.entries else super().bands_unread(counts)
