"""Nearest cells vote on a cell's type: in the whole sample, and in many parts of it at once."""

from __future__ import annotations

import numba as nb
import numpy as np


def majority(numbers: np.ndarray, types: np.ndarray, k: int) -> np.ndarray:
    """Return (cells,): the type that most of each cell's k nearest cells have, of tied types that of the nearest; -1 for none.

    Parameters are those of `majority_in_parts`, but for the parts.
    """
    return majority_in_parts(numbers, types, k, np.ones((len(types), 1), np.bool_))[:, 0]


@nb.njit(cache=True)
def majority_in_parts(numbers: np.ndarray, types: np.ndarray, k: int, taken: np.ndarray) -> np.ndarray:
    """Return (cells, parts): the type that most of each cell's k nearest cells have in each of several parts of all cells.

    Parameters
    ----------
    numbers
        (cells, listed), neighbours of each cell, the nearest first; -1 is none. Where fewer than k of them are in a part,
        fewer vote.
    types
        Type of each of all cells as an integer.
    k
        How many vote.
    taken
        (all cells, parts), whether a part has the cell.
    """
    n_parts = taken.shape[1]
    n_types = types.max() + 1
    voted = np.full((len(numbers), n_parts), -1, np.int32)
    votes, first = np.zeros((2, n_types, n_parts), np.int32)
    left = np.empty(n_parts, np.int32)
    met = np.empty(n_types, np.int64)
    seen = np.zeros(n_types, np.bool_)
    best, best_first = np.empty((2, n_parts), np.int32)
    for cell in range(len(numbers)):
        left[:] = k
        n_met = 0
        for place in range(numbers.shape[1]):
            neighbour = numbers[cell, place]
            if neighbour < 0:
                break
            kind = types[neighbour]
            if not seen[kind]:
                seen[kind] = True
                met[n_met] = kind
                n_met += 1
                votes[kind] = 0
                first[kind] = 0
            of_kind, first_of_kind, there = votes[kind], first[kind], taken[neighbour]
            for part in range(n_parts):
                vote = np.int32(there[part] and left[part] > 0)
                first_of_kind[part] = place if vote > of_kind[part] else first_of_kind[part]
                of_kind[part] += vote
                left[part] -= vote
        best[:] = 0
        best_first[:] = 0
        for i in range(n_met):
            kind = met[i]
            seen[kind] = False
            for part in range(n_parts):
                n, at = votes[kind, part], first[kind, part]
                if n > best[part] or (n > 0 and n == best[part] and at < best_first[part]):
                    best[part], best_first[part] = n, at
                    voted[cell, part] = kind
    return voted
