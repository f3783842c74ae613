"""Changes by the type of their cell, the position of their gene, and what they are: the rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rankstudy.measures.changes.drawn import POSITIONS, Drawn
from rankstudy.measures.changes.tables import ANYWHERE, CHANGES, UNDETECTED


class Group(NamedTuple):
    """Changes that make a row.

    Attributes
    ----------
    cell_type
        The type of the cells; None: all.
    position, change
        As the tables have them.
    at
        Numbers of the changes, among those that are grouped.
    """

    cell_type: str | None
    position: str
    change: str
    at: np.ndarray

    @property
    def key(self) -> dict[str, str | None]:
        """What the row is of."""
        return {"cell_type": self.cell_type, "position": self.position, "change": self.change}


def groups_of(drawn: Drawn, which: np.ndarray, types: Sequence[str]) -> list[Group]:
    """Return some of the changes by type and over all, by position and over all that a cell has, and by change.

    Parameters
    ----------
    drawn, which
        The changes, and the numbers of some.
    types
        (cells,), the type of each cell.
    """
    labels, of_cells = np.unique(np.asarray(types), return_inverse=True)
    kind, position, change = of_cells[drawn.cell[which]], drawn.position[which], drawn.change[which]
    detected = np.flatnonzero(position != POSITIONS.index(UNDETECTED))
    everything = np.arange(len(which))
    nowhere = np.full(len(which), len(POSITIONS))
    every_type = np.full(len(which), len(labels))
    found = []
    for of_type in (every_type, kind):
        for at, where in ((everything, position), (detected, nowhere)):
            found += _split((*labels, None), at, of_type[at], where[at], change[at])
    return found


def _split(
    labels: Sequence[str | None], at: np.ndarray, kind: np.ndarray, where: np.ndarray, change: np.ndarray
) -> Iterator[Group]:
    places = (*POSITIONS, ANYWHERE)
    key = ((kind * len(places) + where) * len(CHANGES) + change).astype(np.int32)
    order = np.argsort(key, kind="stable")
    begins = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0][: len(order)])
    for begin, end in zip(begins, [*begins[1:], len(order)], strict=True):
        first = order[begin]
        yield Group(
            labels[kind[first]], places[where[first]], CHANGES[change[first]], at[order[begin:end]].astype(np.int32)
        )
