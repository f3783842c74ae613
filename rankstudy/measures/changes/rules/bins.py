"""Bins of a cell's own quantiles: a change of one value moves the edges, and with them the bins of others."""

from __future__ import annotations

import numpy as np

from rankstudy.measures.changes.rules.edges import change_bins, fewest_molecules, widest_bands
from rankstudy.measures.changes.rules.rule import Effects, OneCell, Rule
from rankstudy.measures.lattice.corner import Corner


class BinsRule(Rule):
    """Genes of one value undergo the same changes, so edges are drawn anew once for each value and change.

    Where one value moves between two others, every edge stays between the same two values, or on the one on which it
    is: no bin changes there. So a band ends at the value of another gene, and only there have bins to be looked at,
    and once between each two of them.
    """

    def __init__(self, corner: Corner, cell: OneCell) -> None:
        super().__init__(corner, cell)
        values = cell.counts / cell.medians
        self._points = np.linspace(0, 1, corner.number)
        present = np.flatnonzero(values > 0)
        present = present[np.argsort(values[present], kind="stable")]
        self._values, self._ascending = values, values[present]
        self._distinct, first = np.unique(self._ascending, return_index=True)
        # genes of each distinct value, and what chance has for them, together
        self._first = np.r_[first, len(present)].astype(np.int64)
        self._present, self._places = present, np.full(len(values), -1)
        self._places[present] = np.arange(len(present))
        self._chance = np.ascontiguousarray(cell.chance[:, present])
        self._given = self._ascending, self._distinct, self._first, self._chance, self._points

    @property
    def entries(self) -> int:
        """See `Rule`."""
        return len(self._ascending)

    def of_read(self, at: np.ndarray, after: np.ndarray) -> Effects:
        """See `Rule`."""
        changed = np.rec.fromarrays([self._values[at], after / self.cell.medians[at]], names="was, becomes")
        pairs, which = np.unique(changed, return_inverse=True)
        order = np.argsort(which, kind="stable")
        ends = np.r_[0, np.cumsum(np.bincount(which, minlength=len(pairs)))]
        effects = Effects(
            np.empty((len(self._chance), len(at)), bool), np.empty((len(self._chance), len(at)), np.int64)
        )
        values = np.ascontiguousarray(pairs["was"]), np.ascontiguousarray(pairs["becomes"])
        change_bins(*self._given, *values, order, ends, self._places[at], *effects)
        return effects

    def bands(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Rule`: outward over the values of the others, as long as no bin changes."""
        of_present = np.empty((2, len(self._present)))
        widest_bands(*self._given, of_present)
        low, high = self._of_all(of_present, 0.0) * self.cell.medians
        return low, high

    def smallest(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Rule`: a change may be seen where a smaller one is, and a larger one is not."""
        present, of_present = self._present, np.full((2, len(self._present)), np.inf)
        fewest_molecules(*self._given, self.cell.counts[present], self.cell.medians[present], of_present)
        up, down = self._of_all(of_present, np.inf)
        return up, down

    def _of_all(self, of_present: np.ndarray, of_others: float) -> np.ndarray:
        """Return numbers of all genes from those of the sorted ones that the cell has: (2, genes)."""
        found = np.full((2, len(self._values)), of_others)
        found[:, self._present] = of_present
        return found
