"""Values at the stored places of cells x genes: counts over totals, and matrices of other values at the same places."""

from __future__ import annotations

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.spaces.encodings.expression import TARGET


def own_totals(counts: sp.csr_matrix) -> np.ndarray:
    """Return the sum of each cell over these genes and no others, float64; of a cell without any of them 1."""
    totals = np.asarray(counts.sum(axis=1), np.float64).ravel()
    return np.where(totals > 0, totals, 1.0)


def per_ten_thousand(counts: sp.csr_matrix, totals: np.ndarray) -> np.ndarray:
    """Return 10,000 * count / total of each stored count: exact where that is a whole number."""
    return counts.data * TARGET / np.repeat(totals, np.diff(counts.indptr))


def with_values(counts: sp.csr_matrix, values: np.ndarray) -> sp.csr_matrix:
    """Return a matrix of other values, float32, at the same places; zeros among them are left out."""
    stored = values.astype(np.float32, copy=False), counts.indices.copy(), counts.indptr.copy()
    changed = sp.csr_matrix(stored, counts.shape)
    changed.eliminate_zeros()
    return changed


def over_medians(counts: sp.csr_matrix, medians: np.ndarray) -> sp.csr_matrix:
    """Return the counts, each over the median of its gene, float64."""
    values = np.empty(counts.nnz)
    _divide(counts.data, counts.indices, medians, values)
    return sp.csr_matrix((values, counts.indices, counts.indptr), counts.shape)


@nb.njit(parallel=True, cache=True)
def _divide(counts, genes, medians, values):  # pragma: no cover - compiled
    for k in nb.prange(len(counts)):
        values[k] = counts[k] / medians[genes[k]]
