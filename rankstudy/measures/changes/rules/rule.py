"""What every closed form is given, and what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rankstudy.measures.lattice.corner import Corner

# a band ends where rounding has it: so many whole numbers from there on are tried
_TRIED = 3


@dataclass(frozen=True)
class OneCell:
    """The counts of one cell over genes that a corner reads: those that it has, and some that it lacks.

    Attributes
    ----------
    columns
        (genes,), where each stands among all that is read; ascending.
    counts
        (genes,), float64; 0 of a gene that the cell lacks.
    total
        The sum over all genes of the file.
    medians
        (genes,), what counts are divided by; 1 where they are not.
    chance
        (draws, genes), in [0, 1); one draw of zeros where chance decides nothing.
    """

    columns: np.ndarray
    counts: np.ndarray
    total: float
    medians: np.ndarray
    chance: np.ndarray


class Changes(NamedTuple):
    """Changes of one gene of a cell, each by itself.

    Attributes
    ----------
    at
        (changes,), which gene of the cell is changed; -1: one that is not read.
    after
        (changes,), its count after the change, not negative; that of a gene that is not read is not looked at.
    added
        (changes,), what the change adds to the total over all genes of the file.
    """

    at: np.ndarray
    after: np.ndarray
    added: np.ndarray


class Effects(NamedTuple):
    """What changes do, in each draw of chance.

    Attributes
    ----------
    blind
        (draws, changes), whether the whole encoding stays as it is.
    displaced
        (draws, changes), how many entries of other genes move.
    """

    blind: np.ndarray
    displaced: np.ndarray


class Rule(ABC):
    """The closed form of a corner in one cell."""

    def __init__(self, corner: Corner, cell: OneCell) -> None:
        self.corner, self.cell = corner, cell

    @property
    @abstractmethod
    def entries(self) -> int:
        """How many genes have an entry in the encoding of the cell."""

    @abstractmethod
    def of_read(self, at: np.ndarray, after: np.ndarray) -> Effects:
        """Return what changes of genes that are read do; see `Changes`."""

    @abstractmethod
    def bands(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (genes,) and (genes,): how low and how high each count of the cell may be, unseen in every draw.

        Real numbers around the count: any between them leaves the whole encoding as it is. Infinity has no end. Those
        of genes that the cell lacks mean nothing.
        """

    def effects(self, changes: Changes) -> Effects:
        """Return what changes do; one of a gene that is not read does nothing."""
        read = changes.at >= 0
        of_read = self.of_read(changes.at[read], changes.after[read])
        blind = np.ones((len(of_read.blind), len(read)), bool)
        displaced = np.zeros(blind.shape, np.int64)
        blind[:, read], displaced[:, read] = of_read
        return Effects(blind, displaced)

    def bands_unread(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the bands of genes that are not read and have these counts."""
        return np.zeros(len(counts)), np.full(len(counts), np.inf)

    def smallest(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (genes,) and (genes,): the fewest molecules that are seen if they are added, and if they are taken.

        Of the first draw; infinity where no number is. What is beyond a band is seen, whatever it is: a place, a level
        and a total only go on the way that they went.
        """
        return self._first_seen(np.arange(len(self.cell.counts)), self.cell.counts, self.bands())

    def smallest_unread(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the same of genes that are not read and have these counts."""
        return self._first_seen(np.full(len(counts), -1), counts, self.bands_unread(counts))

    def _first_seen(
        self, genes: np.ndarray, counts: np.ndarray, band: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        found = np.full((2, len(genes)), np.inf)
        for way, (sign, end) in enumerate(((1.0, band[1]), (-1.0, band[0]))):
            first = np.maximum(np.floor(np.abs(end - counts) * (1 - 1e-12)), 1.0)
            for step in range(_TRIED):
                fewest = first + step
                at = np.flatnonzero(np.isfinite(fewest) & np.isinf(found[way]) & (counts + sign * fewest >= 0))
                if len(at):
                    changed = Changes(genes[at], counts[at] + sign * fewest[at], sign * fewest[at])
                    seen = at[~self.effects(changed).blind[0]]
                    found[way, seen] = fewest[seen]
        return found[0], found[1]
