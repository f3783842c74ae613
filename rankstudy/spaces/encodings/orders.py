"""An order of a cell's genes as a vector: fractional ranks, so that correlation is Spearman's.

Of G genes an order holds the first k. The gene at place p (1 is the highest value) has rank G - p + 1, and the genes
that are not in the order share the mean of the ranks that are left, (G - k + 1) / 2 (Kendall 1945). Correlation does
not change when a constant is added to a vector; that rank is subtracted, so that an absent gene has 0 and the gene at
place p has (G + k + 1) / 2 - p.
"""

from __future__ import annotations

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
    places, offsets = first_of_rows(values.indptr, values.data, most, chance)
    ranks = np.zeros(values.nnz, np.float32)
    _write_ranks(places, offsets, values.shape[1], ranks)
    return with_values(values, ranks)


def order_vectors_sharing_ties(values: sp.csr_matrix, most: int | None = None) -> sp.csr_matrix:
    """Return the vector of each cell's order in which genes of equal value share the mean of their ranks.

    It is the mean of `order_vectors` over all orders of equal values: where these reach beyond the last gene of the
    order, they share what is left to them with those that an order leaves out.

    Parameters
    ----------
    values, most
        As of `order_vectors`.

    Returns
    -------
    CSR matrix, float32, of the shape of `values`.
    """
    places, offsets = first_of_rows(values.indptr, values.data)
    place = _places_in_rows(offsets)
    lengths = np.diff(offsets)
    kept = np.repeat(lengths if most is None else np.minimum(lengths, most), lengths)
    of_place = np.where(place <= kept, (values.shape[1] + kept + 1) / 2 - place, 0)
    ordered = values.data[places]
    tie = np.cumsum((place == 1) | (ordered != np.roll(ordered, 1))) - 1
    shared = np.bincount(tie, of_place) / np.bincount(tie)
    ranks = np.empty(values.nnz, np.float32)
    ranks[places] = shared[tie]
    return with_values(values, ranks)


@nb.njit(parallel=True, cache=True)
def _write_ranks(places, offsets, n_genes, ranks):  # pragma: no cover - compiled
    for row in nb.prange(len(offsets) - 1):
        at, kept = offsets[row], offsets[row + 1] - offsets[row]
        for k in range(kept):
            ranks[places[at + k]] = (n_genes + kept + 1) / 2 - (k + 1)


def _places_in_rows(offsets: np.ndarray) -> np.ndarray:
    """Return 1, 2, 3, ... for each row."""
    return np.arange(1, offsets[-1] + 1) - np.repeat(offsets[:-1], np.diff(offsets))
