"""An order: a changed gene passes those between its two places, and each of these moves by one."""

from __future__ import annotations

import numba as nb
import numpy as np

from rankstudy.measures.changes.rules.rule import Effects, OneCell, Rule
from rankstudy.measures.lattice.corner import CHANCE, Corner

_ALL = np.iinfo(np.int64).max


class OrderRule(Rule):
    """Genes of equal value stand in the order of the columns, or in one that chance has drawn.

    An entry is a place among the first ones of the order. A gene that comes from place p to place q moves the genes
    between; those are seen that are among the first ones before or after.
    """

    def __init__(self, corner: Corner, cell: OneCell) -> None:
        super().__init__(corner, cell)
        self._most = corner.first or _ALL
        self._values = cell.counts / cell.medians
        self._draws = [_Sorted.of(self._values, cell, draw, corner.ties == CHANCE) for draw in range(len(cell.chance))]

    @property
    def entries(self) -> int:
        """See `Rule`."""
        return min(np.count_nonzero(self._values), self._most)

    def of_read(self, at: np.ndarray, after: np.ndarray) -> Effects:
        """See `Rule`."""
        values = after / self.cell.medians[at]
        each = [self._of_draw(of, at, values) for of in self._draws]
        return Effects(*(np.stack(parts) for parts in zip(*each, strict=True)))

    def _of_draw(self, of: _Sorted, at: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        before, behind = of.places[at], _places_after(self._values, of.second, of.order, at, values)
        was, remains = self._values[at] > 0, values > 0
        listed, stays = was & (before < self._most), remains & (behind < self._most)
        blind = ~(listed | stays) | (listed & stays & (before == behind))
        # a gene that is absent stands behind all others
        others = len(of.order) - was
        before, behind = np.where(was, before, others), np.where(remains, behind, others)
        passed = np.minimum(np.maximum(before, behind), self._most) - np.minimum(before, behind)
        return blind, np.maximum(passed, 0)

    def bands(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Rule`: up to the value of the gene before it, and down to that behind; of what is not listed, in.

        The narrowest over draws.
        """
        ends = [self._band(of) for of in self._draws]
        return np.max([low for low, _ in ends], axis=0), np.min([high for _, high in ends], axis=0)

    def _band(self, of: _Sorted) -> tuple[np.ndarray, np.ndarray]:
        sorted_values, n = self._values[of.order], len(of.order)
        low, high = np.zeros(len(self._values)), np.full(len(self._values), np.inf)
        kept = min(n, self._most)
        high[of.order[1:kept]] = sorted_values[: max(kept - 1, 0)]
        low[of.order[:kept][: n - 1]] = sorted_values[1 : kept + 1]
        if n > kept:
            high[of.order[kept:]] = sorted_values[kept - 1]
        return low * self.cell.medians, high * self.cell.medians


class _Sorted:
    """The genes of a cell in their order.

    Attributes
    ----------
    second
        (genes,), where each stands among those of its value.
    order
        The genes that the cell has, highest value first.
    places
        (genes,), the place of each, from 0.
    """

    def __init__(self, second: np.ndarray, order: np.ndarray, places: np.ndarray) -> None:
        self.second, self.order, self.places = second, order, places

    @classmethod
    def of(cls, values: np.ndarray, cell: OneCell, draw: int, by_chance: bool) -> _Sorted:
        n = len(values)
        second = np.arange(n)
        if by_chance:
            # of equal numbers, which hardly occur, that of the first column comes first
            second = np.empty(n, np.int64)
            second[np.argsort(-cell.chance[draw], kind="stable")] = np.arange(n)
        order = np.lexsort((second, -values))[: np.count_nonzero(values)]
        places = np.full(n, n)
        places[order] = np.arange(len(order))
        return cls(second, order, places)


@nb.njit(cache=True)
def _places_after(values, second, order, at, changed):  # pragma: no cover - compiled
    """Return how many other genes come before each changed gene, in whose place it is from then on."""
    found = np.empty(len(at), np.int64)
    for j in range(len(at)):
        gene, value = at[j], changed[j]
        low, high = 0, len(order)
        while low < high:
            middle = (low + high) // 2
            other = order[middle]
            if values[other] > value or (values[other] == value and second[other] < second[gene]):
                low = middle + 1
            else:
                high = middle
        # itself is among those that it is compared with, at its old value
        found[j] = low - (values[gene] > value)
    return found


class SharedOrderRule(Rule):
    """Genes of equal value share one place, the mean of theirs.

    A gene that leaves the others of its value moves their mean by a half, and so does one that joins others. Where an
    order is cut among equal values, these share what is left to them: their entries depend on how many they are.
    """

    def __init__(self, corner: Corner, cell: OneCell) -> None:
        super().__init__(corner, cell)
        self._most = corner.first or _ALL
        self._values = cell.counts / cell.medians
        self._ascending = np.sort(self._values[self._values > 0])

    @property
    def entries(self) -> int:
        """See `Rule`: all of a value that is cut have one."""
        n = len(self._ascending)
        return n if n <= self._most else int(self._at_least(self._ascending[n - self._most]))

    def of_read(self, at: np.ndarray, after: np.ndarray) -> Effects:
        """See `Rule`."""
        was, becomes = self._values[at], after / self.cell.medians[at]
        lower, higher = np.minimum(was, becomes), np.maximum(was, becomes)
        others = len(self._ascending) - (was > 0)
        # of the other genes, sorted descending, those of values from `lower` to `higher` move: from `first` to `last`
        first = self._above(higher) - (was > higher)
        last = np.where(lower > 0, self._at_least(lower) - (was >= lower), others)
        moved = np.maximum(np.minimum(last, self._listed_others(was, others)) - first, 0)
        listed = (was > 0) & (self._above(was) < self._most)
        stays = (becomes > 0) & (self._above(becomes) - (was > becomes) < self._most)
        return Effects((~(listed | stays) | (listed & stays & (moved == 0)))[None], moved[None])

    def bands(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Rule`: to the next values, of a gene that has its place for itself; else it is seen at once."""
        values, distinct = self._values, np.unique(self._ascending)
        below = np.searchsorted(distinct, values, "left")
        low = np.r_[0.0, distinct][below]
        high = np.r_[distinct, np.inf, np.inf][below + 1]
        alone = self._at_least(values) - self._above(values) == 1
        low, high = np.where(alone, low, values), np.where(alone, high, values)
        n = len(self._ascending)
        if n > self._most:
            unlisted = self._above(values) >= self._most
            low, high = np.where(unlisted, 0.0, low), np.where(unlisted, self._ascending[n - self._most], high)
        return low * self.cell.medians, high * self.cell.medians

    def _above(self, values: np.ndarray) -> np.ndarray:
        return len(self._ascending) - np.searchsorted(self._ascending, values, "right")

    def _at_least(self, values: np.ndarray) -> np.ndarray:
        return len(self._ascending) - np.searchsorted(self._ascending, values, "left")

    def _listed_others(self, was: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return how many genes other than one of this value have an entry, whatever becomes of that one."""
        n = len(self._ascending)
        if n <= self._most:
            return others
        last = self._ascending[n - self._most]
        # without one that is listed, the next one is the last
        behind = self._ascending[n - self._most - 1]
        edge = np.where(was >= last, behind, last)
        return np.minimum(self._at_least(edge) - (was >= edge), others)
