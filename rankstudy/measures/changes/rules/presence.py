"""Presence: only the last molecule of a gene is seen to go, and the first to come."""

from __future__ import annotations

import numpy as np

from rankstudy.measures.changes.rules.rule import Effects, Rule


class PresenceRule(Rule):
    """An entry says that a gene is there; no change moves that of another one."""

    @property
    def entries(self) -> int:
        """See `Rule`."""
        return np.count_nonzero(self.cell.counts)

    def of_read(self, at: np.ndarray, after: np.ndarray) -> Effects:
        """See `Rule`."""
        blind = (self.cell.counts[at] > 0) == (after > 0)
        return Effects(blind[None], np.zeros((1, len(at)), np.int64))

    def bands(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Rule`: any count above zero."""
        return self.bands_unread(self.cell.counts)
