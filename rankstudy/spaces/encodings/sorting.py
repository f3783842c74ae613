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
    if len(values) and not (values.min() > 0 and values.max() < np.inf):
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
        kept = offsets[row + 1] - at
        candidates = _candidates(values[begin:end], kept)
        if len(chance):
            candidates = candidates[_descending(chance[begin:end][candidates])]
        order = candidates[_descending(values[begin:end][candidates])]
        for k in range(kept):
            places[at + k] = begin + order[k]


_COARSE = 21  # bits of a float that are left out where values are compared coarsely


@nb.njit
def _candidates(values, most):  # pragma: no cover - compiled
    """Return where the values stand, as stored, that can be among the largest: all but those that are clearly less."""
    n = len(values)
    if 2 * most >= n:
        return np.arange(n)
    held = np.zeros(1 << (32 - _COARSE), np.int32)
    keys = values.astype(np.float32).view(np.uint32) >> np.uint32(_COARSE)
    for key in keys:
        held[key] += 1
    least, above = len(held), 0
    while above < most:
        least -= 1
        above += held[least]
    found, k = np.empty(above, np.int64), 0
    for j in range(n):
        if keys[j] >= least:
            found[k] = j
            k += 1
    return found


_DIGIT, _DIGITS = 8, 3  # bits of a digit, and digits: the upper three quarters of a float's bits


@nb.njit
def _descending(values):  # pragma: no cover - compiled
    """Return the stable order of values that are not negative, largest first.

    A radix sort by the upper bits of the values as float32 (which have the order of the numbers), which is stable and
    takes no comparisons; then values that these bits cannot tell apart are put in order among themselves.
    """
    n = len(values)
    keys = ~values.astype(np.float32).view(np.uint32) >> np.uint32(32 - _DIGIT * _DIGITS)
    # keys with their places beside them
    items, spare = np.empty(n, np.uint64), np.empty(n, np.uint64)
    first = np.zeros((_DIGITS, 1 << _DIGIT), np.int32)
    for k in range(n):
        items[k] = np.uint64(keys[k]) << np.uint64(32) | np.uint64(k)
        for d in range(_DIGITS):
            first[d, (keys[k] >> np.uint32(d * _DIGIT)) & np.uint32((1 << _DIGIT) - 1)] += 1
    for d in range(_DIGITS):
        if n and first[d, (keys[0] >> np.uint32(d * _DIGIT)) & np.uint32((1 << _DIGIT) - 1)] == n:
            continue  # one digit for all, as the last one of small counts
        total = 0
        for digit in range(1 << _DIGIT):
            held = first[d, digit]
            first[d, digit] = total
            total += held
        shift = np.uint64(32 + d * _DIGIT)
        for item in items:
            digit = (item >> shift) & np.uint64((1 << _DIGIT) - 1)
            spare[first[d, digit]] = item
            first[d, digit] += 1
        items, spare = spare, items
    order = np.empty(n, np.int64)
    for k in range(n):
        order[k] = items[k] & np.uint64(0xFFFFFFFF)
        j = k
        while j > 0 and keys[order[j - 1]] == keys[order[j]] and values[order[j - 1]] < values[order[j]]:
            order[j - 1], order[j] = order[j], order[j - 1]
            j -= 1
    return order
