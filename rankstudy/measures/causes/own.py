"""Which cell of others is the nearest: whether it is the same cell, and whether two measurements agree on it.

Cells that are equally alike share a place: of t that stand for m places each has it with the probability m / t. So a
space that knows the type alone finds its own cell by chance, in whatever order cells come.
"""

from __future__ import annotations

from collections.abc import Iterator

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.likeness.numbers import density_of, mean_of
from rankstudy.pairs.likeness.vectors import Vectors, measure, prepare

# float32 products of equal vectors differ by less
_SAME = 2e-6
_AT_ONCE = 1 << 23  # pairs of a tile


def finds_itself(cells: sp.csr_matrix | np.ndarray, others: sp.csr_matrix | np.ndarray, by: Measure) -> np.ndarray:
    """Return (cells,): the chance that a cell's nearest among all others is the one that it is itself.

    Parameters
    ----------
    cells, others
        Vectors of the same cells, measured or treated twice, in one order.
    by
        The measure; where it is centred each set's own mean is subtracted.
    """
    found = np.empty(cells.shape[0])
    for rows, (tile,) in _tiles([(cells, others)], by):
        _own_is_first(tile, rows.start, found[rows])
    return found


def agreement(first: sp.csr_matrix | np.ndarray, second: sp.csr_matrix | np.ndarray, by: Measure, k: int) -> np.ndarray:
    """Return (cells,): the share of a cell's k nearest cells that two measurements of all cells agree on.

    Parameters
    ----------
    first, second
        Vectors of the same cells, in one order.
    by
        The measure.
    k
        Cells of a neighbourhood, fewer than there are others.
    """
    found = np.empty(first.shape[0])
    for rows, tiles in _tiles([(first, first), (second, second)], by):
        _overlap(*tiles, rows.start, k, found[rows])
    return found


def _tiles(
    sets: list[tuple[sp.csr_matrix | np.ndarray, sp.csr_matrix | np.ndarray]], by: Measure
) -> Iterator[tuple[slice, list[np.ndarray]]]:
    """Yield some rows, and of each two sets the similarity of these with all cells: larger is more alike."""
    n = sets[0][0].shape[0]
    means = [[mean_of(vectors) if by.centred else None for vectors in pair] for pair in sets]
    against = [_prepared(pair[1], mean[1], by) for pair, mean in zip(sets, means, strict=True)]
    sign = np.float32(1 if by.similarity else -1)
    step = max(1, _AT_ONCE // n)
    for begin in range(0, n, step):
        rows = slice(begin, min(begin + step, n))
        of_rows = (_prepared(pair[0][rows], mean[0], by) for pair, mean in zip(sets, means, strict=True))
        yield rows, [sign * measure(some, all_) for some, all_ in zip(of_rows, against, strict=True)]


def _prepared(vectors: sp.csr_matrix | np.ndarray, mean_cell: np.ndarray | None, by: Measure) -> Vectors:
    return prepare(vectors, [by], density=density_of(vectors), mean_cell=mean_cell)


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
