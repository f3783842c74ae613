"""Whose order it is: pairs of a cell's genes that the counts put in order, and those that a corpus's medians do."""

from __future__ import annotations

import numba as nb
import numpy as np
import pandas as pd

from rankstudy.measures.lattice.tables import AMONG
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.encodings.sorting import first_of_rows
from rankstudy.spaces.encodings.stored import over_medians

_SHARES = "by_counts", "by_medians", "turned", "undecided"


def order_origin(cells: CellCounts) -> pd.DataFrame:
    """Return, per cell, what puts the pairs of its genes in the order of count over median.

    Genes that the cell has are ordered as the encoding orders them, equal values as the columns stand. A pair of the
    first so many is in order by the counts, if these are different and stand as their values do; by the medians, if the
    counts are equal and the values are not; turned round, if the counts are different and the values stand the other
    way; or undecided, if the values are equal.

    Parameters
    ----------
    cells
        The counts over all genes of the encoding, with their medians; counts may be fractions.

    Returns
    -------
    Columns of the table `order_origin`: `cell_id`, `n_counts`, `among`, `genes`, and the shares `by_counts`,
    `by_medians`, `turned` and `undecided`, which add up to 1. A row for each cell and each of AMONG. Cells that have
    fewer than two genes have no pairs, and no rows.

    Raises
    ------
    ValueError
        If a gene that a cell has is without a median.
    """
    over = over_medians(cells.counts, cells.medians)
    places, offsets = first_of_rows(over.indptr, over.data)
    some = np.flatnonzero(np.diff(offsets) > 1)
    tables = []
    for among in AMONG:
        genes = np.diff(offsets)[some] if among is None else np.minimum(np.diff(offsets)[some], among)
        pairs = np.empty((len(some), len(_SHARES)), np.int64)
        _count_pairs(cells.counts.data, over.data, places, offsets[some], genes, pairs)
        shares = pairs / pairs.sum(axis=1, keepdims=True)
        known = {"cell_id": np.array(cells.ids)[some], "n_counts": cells.totals[some], "genes": genes}
        tables.append(pd.DataFrame(known | dict(zip(_SHARES, shares.T, strict=True))).assign(among=among))
    return pd.concat([table.astype({"among": "Int64"}) for table in tables], ignore_index=True)


@nb.njit(parallel=True, cache=True)
def _count_pairs(counts, values, places, begins, lengths, pairs):  # pragma: no cover - compiled
    for row in nb.prange(len(begins)):
        at = places[begins[row] : begins[row] + lengths[row]]
        _count_pairs_of_cell(counts[at], values[at], pairs[row])


@nb.njit
def _count_pairs_of_cell(counts, values, pairs):  # pragma: no cover - compiled
    """Count a cell's pairs by what orders them, in n log n steps (Knight 1966, J. Am. Stat. Assoc. 61:436-439).

    Values descend. Counts are brought to descend where values are equal; how many pairs of them still ascend is what
    the medians have turned round, and sorting them tells it.
    """
    undecided, neither = 0, 0
    begin = 0
    for end in range(1, len(values) + 1):
        if end < len(values) and values[end] == values[begin]:
            continue
        if end - begin > 1:
            tied = np.sort(counts[begin:end])[::-1]
            counts[begin:end] = tied
            undecided += _pairs_among(end - begin)
            neither += _pairs_of_equals(tied)
        begin = end
    turned = _ascents_sorted(counts)
    by_medians = _pairs_of_equals(counts) - neither
    pairs[:] = _pairs_among(len(counts)) - by_medians - turned - undecided, by_medians, turned, undecided


@nb.njit
def _pairs_among(n):  # pragma: no cover - compiled
    return n * (n - 1) // 2


@nb.njit
def _pairs_of_equals(ordered):  # pragma: no cover - compiled
    """Return how many pairs of ordered numbers are equal."""
    pairs, begin = 0, 0
    for k in range(1, len(ordered)):
        if ordered[k] != ordered[begin]:
            begin = k
        pairs += k - begin
    return pairs


@nb.njit
def _ascents_sorted(numbers):  # pragma: no cover - compiled
    """Sort numbers, largest first, in place; return how many pairs of them ascended. A merge sort from below."""
    n, ascents, width = len(numbers), 0, 1
    spare = np.empty_like(numbers)
    while width < n:
        for begin in range(0, n, 2 * width):
            middle, end = min(begin + width, n), min(begin + 2 * width, n)
            left, right = begin, middle
            for k in range(begin, end):
                if right == end or (left < middle and numbers[left] >= numbers[right]):
                    spare[k] = numbers[left]
                    left += 1
                else:
                    # it goes past all that are left of the first half, which are smaller
                    ascents += middle - left
                    spare[k] = numbers[right]
                    right += 1
        numbers[:] = spare
        width *= 2
    return ascents
