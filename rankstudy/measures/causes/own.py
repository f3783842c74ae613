"""Which cell of others is the nearest: whether it is the same cell, and whether two measurements agree on it.

Cells that are equally alike share a place: of t that stand for m places each has it with the probability m / t. So a
space that knows the type alone finds its own cell by chance, in whatever order cells come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.likeness.numbers import density_of, mean_of
from rankstudy.pairs.likeness.vectors import Vectors, common_dimensions, compare_tile, prepare

Rows = sp.csr_matrix | np.ndarray
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


def agreement(first: Rows, second: Rows, measures: Sequence[Measure], k: int) -> list[tuple[Measure, np.ndarray]]:
    """Return by each measure (cells,): the share of a cell's k nearest cells that two measurements of all agree on.

    Parameters
    ----------
    first, second
        Vectors of the same cells, in one order.
    measures
        The measures.
    k
        Cells of a neighbourhood, fewer than there are others.
    """
    found = {by: np.empty(first.shape[0]) for by in measures}
    for by, rows, tiles in _tiles([(first, first), (second, second)], measures):
        _overlap(*tiles, rows.start, k, found[by][rows])
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
def _overlap(first, second, start, k, found):  # pragma: no cover - compiled
    for row in nb.prange(len(first)):
        first[row, start + row] = second[row, start + row] = -np.inf
        shared = 0.0
        one, other = _chances(first[row], k), _chances(second[row], k)
        for j in range(len(one)):
            shared += one[j] * other[j]
        found[row] = shared / k


@nb.njit
def _chances(alike, k):  # pragma: no cover - compiled
    """Return with what probability each cell is among the k most alike."""
    last = np.partition(alike, len(alike) - k)[len(alike) - k]
    above, tied = 0, 0
    for value in alike:
        above += value > last + _SAME
        tied += abs(value - last) <= _SAME
    chances = np.empty(len(alike))
    for j in range(len(alike)):
        chances[j] = 1.0 if alike[j] > last + _SAME else (k - above) / tied if abs(alike[j] - last) <= _SAME else 0.0
    return chances
