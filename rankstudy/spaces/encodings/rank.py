"""The rank-value encoding: a cell is the order of its genes.

Spearman's correlation of two cells is Pearson's correlation of their fractional ranks (ties get the mean of their
ranks; Spearman 1904, Kendall 1945). Most values of a cell are zero and share one rank. Correlation does not change
when a constant is added to a vector, so that rank is subtracted: the encoding stays as sparse as the counts.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import scipy.sparse as sp


def fractional_ranks(counts: sp.csr_matrix, totals: np.ndarray | None = None) -> sp.csr_matrix:
    """Return the fractional ranks of each cell's genes, less the rank that its zeros share.

    Rank 1 is the lowest value; ties get the mean of their ranks. For a cell with values [0, 0, 5, 2, 5] the ranks are
    [1.5, 1.5, 4.5, 3, 4.5] and the encoding is [0, 0, 3, 1.5, 3]. Exact: ranks are multiples of one half, which float32
    holds without rounding up to 8 million genes.

    Parameters
    ----------
    counts
        Cells x genes, finite; any values whose order within a cell is meaningful.
    totals
        Not used: the order does not depend on the depth of a cell.

    Returns
    -------
    CSR matrix, float32, of the shape of `counts`. A cell without zeros has its plain ranks.
    """
    values = sp.csr_matrix(counts, copy=True)
    values.sum_duplicates()
    values.eliminate_zeros()
    if not np.isfinite(values.data).all():
        raise ValueError("ranks are defined for finite values only")
    if values.shape[1] >= 1 << 23:
        raise ValueError("float32 holds half ranks exactly only below 8,388,608 genes")
    ranks = np.empty(values.nnz, np.float32)
    _rank_rows(values.indptr.astype(np.int64), np.ascontiguousarray(values.data), values.shape[1], ranks)
    return sp.csr_matrix((ranks, values.indices, values.indptr), shape=values.shape)


_LARGEST_COUNTED = 1024


@nb.njit(parallel=True, cache=True)
def _rank_rows(indptr, data, n_genes, ranks):  # pragma: no cover - compiled
    """Fill `ranks` for each row: fractional rank among all genes, less the rank of the row's zeros."""
    for row in nb.prange(len(indptr) - 1):
        values, out = data[indptr[row] : indptr[row + 1]], ranks[indptr[row] : indptr[row + 1]]
        if _small_counts(values):
            _rank_by_counting(values, n_genes - len(values), out)
        else:
            _rank_by_sorting(values, n_genes - len(values), out)


@nb.njit(inline="always")
def _small_counts(values):  # pragma: no cover - compiled
    """Whether all values are whole numbers from 1 to the largest that is ranked by counting."""
    small = True
    for value in values:
        small &= (value >= 1) & (value <= _LARGEST_COUNTED) & (value == np.floor(value))
    return small


@nb.njit(inline="always")
def _rank_by_counting(values, n_zeros, out):  # pragma: no cover - compiled
    """Rank counts: how many genes have each count says which ranks they share; nothing is sorted."""
    largest = 0
    for value in values:
        largest = max(largest, np.int64(value))
    held = np.zeros(largest + 1, np.int64)
    for value in values:
        held[np.int64(value)] += 1
    rank_of = np.empty(largest + 1, np.float32)
    zero_rank = (n_zeros + 1) / 2 if n_zeros else 0.0
    below = n_zeros
    for count in range(1, largest + 1):
        rank_of[count] = below + (held[count] + 1) / 2 - zero_rank
        below += held[count]
    for k in range(len(values)):
        out[k] = rank_of[np.int64(values[k])]


@nb.njit(inline="always")
def _rank_by_sorting(values, n_zeros, out):  # pragma: no cover - compiled
    """Rank any values, negative ones too."""
    order = np.argsort(values)
    n_negative = 0
    for value in values:
        n_negative += value < 0
    zero_rank = n_negative + (n_zeros + 1) / 2 if n_zeros else 0.0
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        rank = (first + last) / 2 + 1
        if values[order[first]] > 0:
            rank += n_zeros
        for k in range(first, last + 1):
            out[order[k]] = rank - zero_rank
        first = last + 1
