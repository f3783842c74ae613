"""The random number of each molecule, and which molecules are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.core.draws import STEP, keys_of_cells, keys_of_genes, mixed
from rankstudy.core.errors import StudyError, advise


def kept_molecules(
    counts: sp.csr_matrix, ids: Sequence[str], genes: Sequence[str], *, seed: int, draw: int, limits: np.ndarray
) -> sp.csr_matrix:
    """Return, of each cell, how many molecules of each gene have numbers below the cell's limit.

    Parameters
    ----------
    counts
        CSR, cells x genes: whole numbers.
    ids, genes
        Their names.
    seed, draw
        The replicate's seed, and which of several draws it is.
    limits
        (cells,), uint64, as shares of 2^64; all molecules of a cell whose limit is 2^64 - 1.

    Returns
    -------
    CSR, float64, of the shape of `counts`; no zeros are stored.
    """
    kept = np.empty(counts.nnz)
    cells, columns = _keys(ids, genes, seed, draw)
    _count_below(cells, columns, counts.indptr, counts.indices, counts.data, limits, kept)
    found = sp.csr_matrix((kept, counts.indices.copy(), counts.indptr.copy()), counts.shape)
    found.eliminate_zeros()
    return found


def limits_of_totals(
    counts: sp.csr_matrix, ids: Sequence[str], genes: Sequence[str], *, seed: int, draw: int, total: int
) -> np.ndarray:
    """Return the limits, uint64, below which exactly `total` molecules of each cell lie; all have as many."""
    limits = np.empty(counts.shape[0], np.uint64)
    cells, columns = _keys(ids, genes, seed, draw)
    _find_limits(cells, columns, counts.indptr, counts.indices, counts.data, total, limits)
    return limits


def limits_of_share(n_cells: int, share: float) -> np.ndarray:
    """Return the limits, uint64, below which a molecule of any cell lies with a probability above 0 and up to 1."""
    highest = np.iinfo(np.uint64).max
    return np.full(n_cells, highest if share == 1 else np.uint64(share * 2.0**64), np.uint64)


def require_whole(counts: sp.csr_matrix, ids: Sequence[str], treatment: str) -> None:
    """Refuse values that are no counts, by the name of the treatment: there are no molecules to be drawn or changed.

    Raises
    ------
    StudyError
        If a value is negative, no whole number, or not finite.
    """
    wrong = ~((counts.data >= 0) & (counts.data == np.floor(counts.data)) & np.isfinite(counts.data))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        cell = ids[int(np.searchsorted(counts.indptr, place, side="right")) - 1]
        problem = (
            f"{treatment}: {int(wrong.sum())} values are not whole numbers (the first, in {cell}: "
            f"{counts.data[place]:g}), and only molecules can be drawn or changed"
        )
        raise StudyError(advise(problem, "give raw counts"))


def _keys(ids: Sequence[str], genes: Sequence[str], seed: int, draw: int) -> tuple[np.ndarray, np.ndarray]:
    return keys_of_cells(seed, ids, "molecules", str(draw)), keys_of_genes(genes)


@nb.njit(parallel=True, cache=True)
def _count_below(cells, genes, indptr, indices, counts, limits, kept):  # pragma: no cover - compiled
    for row in nb.prange(len(cells)):
        limit = limits[row]
        for k in range(indptr[row], indptr[row + 1]):
            state, n = mixed(cells[row] ^ genes[indices[k]]), 0
            for _ in range(np.int64(counts[k])):
                state += STEP
                n += mixed(state) <= limit
            kept[k] = n


@nb.njit(parallel=True, cache=True)
def _find_limits(cells, genes, indptr, indices, counts, total, limits):  # pragma: no cover - compiled
    for row in nb.prange(len(cells)):
        begin, end = indptr[row], indptr[row + 1]
        numbers = np.empty(np.int64(counts[begin:end].sum()), np.uint64)
        at = 0
        for k in range(begin, end):
            state = mixed(cells[row] ^ genes[indices[k]])
            for _ in range(np.int64(counts[k])):
                state += STEP
                numbers[at] = mixed(state)
                at += 1
        limits[row] = np.partition(numbers, total - 1)[total - 1]
