"""The genes of each cell in descending order of their values: one sort for all encodings and tokens."""

from __future__ import annotations

import numba as nb
import numpy as np


def first_of_rows(
    indptr: np.ndarray, values: np.ndarray, most: int | None = None, chance: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the largest values of each row of a CSR matrix are stored, in descending order.

    Parameters
    ----------
    indptr
        Where the rows begin.
    values
        The stored values, positive and finite.
    most
        How many are taken of a row; all if None.
    chance
        (values,), not negative: of equal values that with the larger number here comes first. None: they stay in the
        order in which they are stored.

    Returns
    -------
    places
        int64, indices into `values`, of all rows one after the other.
    offsets
        (rows + 1,), where the places of each row begin.

    Raises
    ------
    ValueError
        If a value is not positive and finite.
    """
    if not ((values > 0) & (values < np.inf)).all():
        raise ValueError("genes are ordered by positive, finite values only")
    lengths = np.diff(indptr)
    kept = lengths if most is None else np.minimum(lengths, most)
    offsets = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
    places = np.empty(offsets[-1], np.int64)
    drawn = np.empty(0) if chance is None else chance
    _order_rows(indptr.astype(np.int64), values.astype(np.float64, copy=False), drawn, offsets, places)
    return places, offsets


@nb.njit(parallel=True, cache=True)
def _order_rows(indptr, values, chance, offsets, places):  # pragma: no cover - compiled
    for row in nb.prange(len(indptr) - 1):
        begin, end, at = indptr[row], indptr[row + 1], offsets[row]
        if len(chance):
            by_chance = _descending(chance[begin:end])
            order = by_chance[_descending(values[begin:end][by_chance])]
        else:
            order = _descending(values[begin:end])
        for k in range(offsets[row + 1] - at):
            places[at + k] = begin + order[k]


_DIGIT = 11  # bits: three digits hold the 32 bits of a float


@nb.njit
def _descending(values):  # pragma: no cover - compiled
    """Return the stable order of values that are not negative, largest first.

    A radix sort by the values as float32 (whose bits have the order of the numbers), which is stable and takes no
    comparisons; then values that float32 cannot tell apart are put in order among themselves.
    """
    n = len(values)
    keys = ~values.astype(np.float32).view(np.uint32)
    order, spare = np.arange(n).astype(np.int32), np.empty(n, np.int32)
    first = np.empty(1 << _DIGIT, np.int32)
    for shift in range(0, 32, _DIGIT):
        first[:] = 0
        for key in keys:
            first[(key >> np.uint32(shift)) & np.uint32((1 << _DIGIT) - 1)] += 1
        if n and first[(keys[0] >> np.uint32(shift)) & np.uint32((1 << _DIGIT) - 1)] == n:
            continue  # small counts have the last digit in common
        total = 0
        for digit in range(1 << _DIGIT):
            held = first[digit]
            first[digit] = total
            total += held
        for k in range(n):
            digit = (keys[order[k]] >> np.uint32(shift)) & np.uint32((1 << _DIGIT) - 1)
            spare[first[digit]] = order[k]
            first[digit] += 1
        order, spare = spare, order
    for k in range(1, n):
        item = order[k]
        j = k
        while j > 0 and keys[order[j - 1]] == keys[item] and values[order[j - 1]] < values[item]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = item
    return order
