"""An order of a cell's genes as a vector: fractional ranks, so that correlation is Spearman's.

Of G genes an order holds the first k. The gene at place p (1 is the highest value) has rank G - p + 1, and the genes
that are not in the order share the mean of the ranks that are left, (G - k + 1) / 2 (Kendall 1945). Correlation does
not change when a constant is added to a vector; that rank is subtracted, so that an absent gene has 0 and the gene at
place p has (G + k + 1) / 2 - p.

The logarithm of the place is another vector of the same order: -ln p, and for absent genes the mean of -ln of the
places k + 1 to G, which is subtracted too.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.special import gammaln

from rankstudy.spaces.encodings.sorting import first_of_rows
from rankstudy.spaces.encodings.stored import with_values


def order_vectors(
    values: sp.csr_matrix, most: int | None = None, *, chance: np.ndarray | None = None, logarithm: bool = False
) -> sp.csr_matrix:
    """Return the vector of each cell's order by descending value.

    Parameters
    ----------
    values
        CSR, cells x genes, indices sorted; what is stored is positive and finite, other genes are absent.
    most
        The order holds the first so many genes; all that have a value if None.
    chance
        Of each stored value, a number by which genes of equal value are ordered; None: in the order of the columns.
    logarithm
        Whether a gene has the logarithm of its place instead of its rank.

    Returns
    -------
    CSR matrix, float32, of the shape of `values`. Ranks are exact: multiples of one half.
    """
    places, offsets = first_of_rows(values.indptr, values.data, most, chance)
    ranks = np.zeros(values.nnz, np.float32)
    ranks[places] = _values_of_places(_places_in_rows(offsets), np.diff(offsets), values.shape[1], logarithm)
    return with_values(values, ranks)


def order_vectors_sharing_ties(
    values: sp.csr_matrix, most: int | None = None, *, logarithm: bool = False
) -> sp.csr_matrix:
    """Return the vector of each cell's order in which genes of equal value share the mean of their ranks.

    It is the mean of `order_vectors` over all orders of equal values: where these reach beyond the last gene of the
    order, they share what is left to them with those that an order leaves out.

    Parameters
    ----------
    values, most, logarithm
        As of `order_vectors`.

    Returns
    -------
    CSR matrix, float32, of the shape of `values`.
    """
    places, offsets = first_of_rows(values.indptr, values.data)
    lengths = np.diff(offsets)
    kept = lengths if most is None else np.minimum(lengths, most)
    place = _places_in_rows(offsets)
    listed = place <= np.repeat(kept, lengths)
    of_place = np.zeros(len(place))
    of_place[listed] = _values_of_places(place[listed], kept, values.shape[1], logarithm)
    ordered = values.data[places]
    tie = np.cumsum((place == 1) | (ordered != np.roll(ordered, 1))) - 1
    shared = np.bincount(tie, of_place) / np.bincount(tie)
    ranks = np.empty(values.nnz, np.float32)
    ranks[places] = shared[tie]
    return with_values(values, ranks)


def _values_of_places(places: np.ndarray, kept: np.ndarray, n_genes: int, logarithm: bool) -> np.ndarray:
    """Return what the gene at each place of orders of so many genes has, less what an absent one has."""
    if not logarithm:
        return np.repeat((n_genes + kept + 1) / 2, kept) - places
    left = np.maximum(n_genes - kept, 1)
    absent = np.where(kept < n_genes, (gammaln(n_genes + 1) - gammaln(kept + 1)) / left, np.log(n_genes + 1))
    return np.repeat(absent, kept) - np.log(places)


def _places_in_rows(offsets: np.ndarray) -> np.ndarray:
    """Return 1, 2, 3, ... for each row."""
    return np.arange(1, offsets[-1] + 1) - np.repeat(offsets[:-1], np.diff(offsets))
