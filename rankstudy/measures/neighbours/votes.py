"""Nearest cells vote on a cell's type: in the whole sample, and in many parts of it at once."""

from __future__ import annotations

import numba as nb
import numpy as np


def majority(numbers: np.ndarray, types: np.ndarray, k: int) -> np.ndarray:
    """Return (cells,): the type that most of each cell's k nearest cells have, of tied types that of the nearest.

    -1 for none.

    Parameters are those of `majority_in_parts`, but for the parts.
    """
    return majority_in_parts(numbers, types, k, np.ones((len(types), 1), np.bool_))[:, 0]


@nb.njit(cache=True)
def majority_in_parts(numbers: np.ndarray, types: np.ndarray, k: int, taken: np.ndarray) -> np.ndarray:
    """Return (cells, parts): the type that most of each cell's k nearest cells have in each of several parts.

    Parameters
    ----------
    numbers
        (cells, listed), neighbours of each cell, the nearest first; -1 is none. Where fewer than k of them are in a
        part, fewer vote.
    types
        Type of each of all cells as an integer.
    k
        How many vote.
    taken
        (all cells, parts), whether a part has the cell.
    """
    n_parts, n_types = taken.shape[1], types.max() + 1
    voted = np.full((len(numbers), n_parts), -1, np.int16)
    # small numbers of one width and no branches: many parts at a time go through one instruction
    votes, first = np.zeros((n_types, n_parts), np.int16), np.zeros((n_types, n_parts), np.int16)
    left, most, most_first = np.empty(n_parts, np.int16), np.empty(n_parts, np.int16), np.empty(n_parts, np.int16)
    met, seen = np.empty(n_types, np.int64), np.zeros(n_types, np.bool_)
    for cell in range(len(numbers)):
        left[:] = k
        n_met = 0
        for place in range(numbers.shape[1]):
            neighbour = numbers[cell, place]
            if neighbour < 0 or (place >= k and not left.any()):
                break
            kind = types[neighbour]
            if not seen[kind]:
                seen[kind] = True
                met[n_met] = kind
                n_met += 1
                votes[kind] = 0
                first[kind] = 0
            _count(votes[kind], first[kind], left, taken[neighbour], np.int16(place))
        most[:] = 0
        for i in range(n_met):
            kind = met[i]
            seen[kind] = False
            _lead(voted[cell], most, most_first, votes[kind], first[kind], np.int16(kind))
    return voted


@nb.njit(cache=True)
def _count(votes, first, left, there, place):
    """Let a neighbour vote in each part that has it and has votes left.

    `first` is the place of the first vote of its type.
    """
    for part in range(len(left)):
        vote = np.int16(there[part] & (left[part] > 0))
        before = votes[part]
        first[part] = place if vote > before else first[part]
        votes[part] = np.int16(before + vote)
        left[part] = np.int16(left[part] - vote)


@nb.njit(cache=True)
def _lead(voted, most, most_first, votes, first, kind):
    """Let a type lead in each part where it has more votes than the one that led, or as many and a nearer one."""
    for part in range(len(voted)):
        n, at = votes[part], first[part]
        leads = (n > most[part]) | ((n > 0) & (n == most[part]) & (at < most_first[part]))
        most[part] = n if leads else most[part]
        most_first[part] = at if leads else most_first[part]
        voted[part] = kind if leads else voted[part]
