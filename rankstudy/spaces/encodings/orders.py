"""An order of a cell's genes as a vector: fractional ranks, so that correlation is Spearman's.

Of G genes an order holds the first k. The gene at place p (1 is the highest value) has rank G - p + 1, and the genes
that are not in the order share the mean of the ranks that are left, (G - k + 1) / 2 (Kendall 1945). Correlation does
not change when a constant is added to a vector; that rank is subtracted, so that an absent gene has 0 and the gene at
place p has (G + k + 1) / 2 - p.

The logarithm of the place is another vector of the same order: -ln p, and for absent genes the mean of -ln of the
places k + 1 to G, which is subtracted too.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.spaces.encodings.sorting import first_of_rows
from rankstudy.spaces.encodings.stored import with_values


def order_vectors(values: sp.csr_matrix, most: int | None = None, *, chance: np.ndarray | None = None) -> sp.csr_matrix:
    """Return the vector of each cell's order by descending value.

    Parameters
    ----------
    values
        CSR, cells x genes, indices sorted; what is stored is positive and finite, other genes are absent.
    most
        The order holds the first so many genes; all that have a value if None.
    chance
        Of each stored value, a number by which genes of equal value are ordered; None: in the order of the columns.

    Returns
    -------
    CSR matrix, float32, of the shape of `values`. Exact: ranks are multiples of one half.
    """
    order = first_of_rows(values.indptr, values.data, most, chance)
    return with_values(values, values_of_order(values.data, *order, values.shape[1]))


def values_of_order(
    values: np.ndarray,
    places: np.ndarray,
    offsets: np.ndarray,
    n_genes: int,
    most: int | None = None,
    *,
    shared: bool = False,
    logarithm: bool = False,
) -> np.ndarray:
    """Return what each gene of sorted cells has in the vector of their order.

    Parameters
    ----------
    values
        The stored values of cells x genes.
    places, offsets
        Where the largest of each cell are stored, as `first_of_rows` has them.
    n_genes
        Number of the genes.
    most
        The order holds the first so many genes; all if None.
    shared
        Whether genes of equal value share the mean of what they have: the mean over all orders of equal values. Where
        these reach beyond the last gene of the order, they share what is left to them with those that it leaves out.
    logarithm
        Whether a gene has the logarithm of its place instead of its rank.

    Returns
    -------
    numpy.ndarray
        (values,), float32; 0 for a gene that is not in the order.
    """
    found = np.zeros(len(values), np.float32)
    _write_order(
        values, places, offsets, n_genes, np.iinfo(np.int64).max if most is None else most, shared, logarithm, found
    )
    return found


@nb.njit(parallel=True, cache=True)
def _write_order(values, places, offsets, n_genes, most, shared, logarithm, found):  # pragma: no cover - compiled
    for row in nb.prange(len(offsets) - 1):
        order = places[offsets[row] : offsets[row + 1]]
        kept = min(len(order), most)
        absent = _mean_of_left(n_genes, kept) if logarithm else (n_genes + kept + 1) / 2
        begin = 0
        while begin < kept:
            end, total = begin + 1, _of_place(begin + 1, absent, logarithm)
            while shared and end < len(order) and values[order[end]] == values[order[begin]]:
                end += 1
                total += _of_place(end, absent, logarithm) if end <= kept else 0.0
            for k in range(begin, end):
                found[order[k]] = total / (end - begin)
            begin = end


@nb.njit(inline="always")
def _of_place(place, absent, logarithm):  # pragma: no cover - compiled
    return absent - (math.log(place) if logarithm else place)


@nb.njit
def _mean_of_left(n_genes, kept):  # pragma: no cover - compiled
    """Return the mean logarithm of the places that an order leaves; of none that of the place after the last."""
    if kept == n_genes:
        return math.log(n_genes + 1)
    return (math.lgamma(n_genes + 1) - math.lgamma(kept + 1)) / (n_genes - kept)
