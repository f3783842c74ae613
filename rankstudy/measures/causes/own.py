"""Which cell of others is the nearest: whether it is the same cell, and whether two measurements agree on it.

Cells that are equally alike share a place: of t that stand for m places each has it with the probability m / t. So a
space that knows the type alone finds its own cell by chance, in whatever order cells come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.measures.settings.scores import Cells
from rankstudy.measures.uncertainty.influence import Influence, mean_of_lists, pairs_once
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.likeness.numbers import density_of, mean_of
from rankstudy.pairs.likeness.vectors import Vectors, common_dimensions, compare_tile, prepare

Rows = sp.csr_matrix | np.ndarray


class Agreed(NamedTuple):
    """What two measurements agree on, and what cells add to each other's.

    Attributes
    ----------
    shares
        (cells,), of the neighbours of each.
    added
        (2, cells), what a cell adds to the shares of others where it comes once more: of all, and of those of its type.
    between
        (1 + types, units, units), the same as sums by its unit and that of the others: of all, and within each type.
    squares
        (1 + types,), the sums of the squares of what each adds to each: of all, and within each type.
    """

    shares: np.ndarray
    added: np.ndarray
    between: np.ndarray
    squares: np.ndarray

    def influence(self, cells: Cells, members: np.ndarray, kind: int | None) -> Influence:
        """Return what moves the mean over some cells: all, or those of a type, by its number."""
        group = 0 if kind is None else 1 + kind
        added = self.added[min(group, 1), members]
        between = self.between[group]
        twice = mean_of_lists(self.shares[members], added, between, cells.units[members])
        return pairs_once(twice, self.squares[group] / len(members) ** 2, between / len(members))


# float32 products of equal vectors differ by less
_SAME = 2e-6
_AT_ONCE = 1 << 23  # pairs of a tile


def finds_itself(cells: Rows, others: Rows, measures: Sequence[Measure]) -> list[tuple[Measure, np.ndarray]]:
    """Return by each measure (cells,): the chance that a cell's nearest among all others is the one that it is itself.

    Parameters
    ----------
    cells, others
        Vectors of the same cells, measured or treated twice, in one order.
    measures
        The measures; those that are centred are left out, as two sets have two means.
    """
    of_both = [by for by in measures if not by.centred]
    found = {by: np.empty(cells.shape[0]) for by in of_both}
    for by, rows, (tile,) in _tiles([(cells, others)], of_both):
        _own_is_first(tile, rows.start, found[by][rows])
    return list(found.items())


def agreement(
    first: Rows, second: Rows, measures: Sequence[Measure], k: int, cells: Cells
) -> list[tuple[Measure, Agreed]]:
    """Return by each measure which share of a cell's k nearest cells two measurements of all cells agree on.

    Parameters
    ----------
    first, second
        Vectors of the same cells, in one order.
    measures
        The measures.
    k
        Cells of a neighbourhood, fewer than there are others.
    cells
        The cells.
    """
    n, n_groups = len(cells), int(cells.types.max()) + 2
    shapes = n, (2, n), (n_groups, cells.n_units, cells.n_units), n_groups
    found = {by: Agreed(*map(np.zeros, shapes)) for by in measures}
    nearer = k // 2
    for by, rows, tiles in _tiles([(first, first), (second, second)], measures):
        lists = [_chances(tile, rows.start, size) for tile in tiles for size in (k, nearer)]
        _agree(*lists, rows.start, k, nearer, cells.types, cells.units, *found[by])
    return list(found.items())


def _tiles(
    sets: Sequence[tuple[Rows, Rows]], measures: Sequence[Measure]
) -> Iterator[tuple[Measure, slice, list[np.ndarray]]]:
    """Yield a measure, some rows, and of each two sets the similarity of these with all cells: larger is more alike."""
    n = sets[0][0].shape[0]
    step = max(1, _AT_ONCE // n)
    ready = [_ready_for(others, measures) for _, others in sets]
    against = [prepared(others) for prepared, (_, others) in zip(ready, sets, strict=True)]
    for begin in range(0, n, step):
        rows = slice(begin, min(begin + step, n))
        some = [prepared(cells[rows]) for prepared, (cells, _) in zip(ready, sets, strict=True)]
        of_sets = map(_similarities, some, against)
        for by, *tiles in zip(measures, *of_sets, strict=True):
            yield by, rows, tiles


def _ready_for(others: Rows, measures: Sequence[Measure]) -> Callable[[Rows], Vectors]:
    """Return what prepares cells to be compared with others: their mean is what centred measures subtract."""
    about = {"density": density_of(others), "common": common_dimensions(others), "mean_cell": mean_of(others)}
    return lambda rows: prepare(rows, measures, **about)


def _similarities(some: Vectors, every: Vectors) -> list[np.ndarray]:
    """Return each measure of some cells with all, by one product; distances as what they take away."""
    tiles, turned = (
        [np.empty(shape, np.float32) for _ in some.measures]
        for shape in ((len(some), len(every)), (len(every), len(some)))
    )
    compare_tile(some, every, tiles, turned)
    return [tile if by.similarity else -tile for by, tile in zip(some.measures, tiles, strict=True)]


@nb.njit(parallel=True, cache=True)
def _own_is_first(alike, start, found):  # pragma: no cover - compiled
    for row in nb.prange(len(alike)):
        own, above, tied = alike[row, start + row], 0, 0
        for other in range(alike.shape[1]):
            above += alike[row, other] > own + _SAME
            tied += abs(alike[row, other] - own) <= _SAME
        found[row] = 0.0 if above else 1 / tied


@nb.njit(parallel=True, cache=True)
def _chances(alike, start, k):  # pragma: no cover - compiled
    """Return with what probability each cell is among the k most alike to the cell of each row."""
    chances = np.zeros(alike.shape, np.float32)
    for row in nb.prange(len(alike) if k else 0):
        of_row = alike[row].copy()
        of_row[start + row] = -np.inf
        last = np.partition(of_row, len(of_row) - k)[len(of_row) - k]
        above, tied = 0, 0
        for value in of_row:
            above += value > last + _SAME
            tied += abs(value - last) <= _SAME
        for j in range(len(of_row)):
            if of_row[j] > last + _SAME:
                chances[row, j] = 1.0
            elif abs(of_row[j] - last) <= _SAME:
                chances[row, j] = (k - above) / tied
    return chances


@nb.njit(cache=True)
def _agree(
    one, nearer_one, other, nearer_other, start, k, nearer, types, units, shares, added, between, squares
):  # pragma: no cover - compiled
    """Write the shares that lists have in common, and add up what each cell adds to those of others.

    A cell that comes once more is in both lists, or in one; the farthest cell drops out of these, taken as the mean
    over the farther half of the list.
    """
    for row in range(len(one)):
        i, common, rim_one, rim_other = start + row, 0.0, 0.0, 0.0
        for j in range(one.shape[1]):
            p, q = one[row, j], other[row, j]
            common += p * q
            rim_one += (p - nearer_one[row, j]) * q
            rim_other += (q - nearer_other[row, j]) * p
        shares[i] = common / k
        for j in range(one.shape[1]):
            p, q = one[row, j], other[row, j]
            if p or q:
                add = (p * q - (p * rim_one + q * rim_other) / (k - nearer)) / k
                added[0, j] += add
                between[0, units[j], units[i]] += add
                squares[0] += add**2
                if types[i] == types[j]:
                    added[1, j] += add
                    between[1 + types[i], units[j], units[i]] += add
                    squares[1 + types[i]] += add**2
