"""One gene's count changed in every cell: multiplied, or molecules given to the cells that lack the gene."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sp

from rankstudy.cells.treatments.molecules import require_whole
from rankstudy.core.errors import StudyError, advise, did_you_mean


def changed_count(counts: np.ndarray, factor: float) -> np.ndarray:
    """Return counts times a factor, rounded down; a count of 1 or more keeps one molecule, unless the factor is 0.

    Parameters
    ----------
    counts
        Whole numbers, of any shape.
    factor
        0 removes; 0.5 halves counts of 2 or more and leaves 1 as it is.

    Returns
    -------
    float64, whole numbers, of the shape of `counts`.
    """
    return np.maximum(np.floor(counts * float(factor)), np.minimum(counts, 1.0) if factor else 0.0)


def multiply_gene(
    counts: sp.csr_matrix, ids: Sequence[str], genes: Sequence[str], *, gene: str, factor: float
) -> sp.csr_matrix:
    """Multiply one gene's count in every cell (`changed_count`); the cells' totals follow.

    Parameters
    ----------
    counts
        CSR, cells x genes: whole numbers.
    ids, genes
        Names of the rows and columns.
    gene
        The gene, as it is named in `genes`.
    factor
        What its count is multiplied by; 0 removes it.

    Returns
    -------
    CSR, float64, of the shape of `counts`; no zeros are stored.

    Raises
    ------
    StudyError
        If values are not whole numbers, or no gene is named so.
    """
    return _with_gene(counts, ids, genes, gene, lambda column: changed_count(column, factor))


def add_to_gene(
    counts: sp.csr_matrix, ids: Sequence[str], genes: Sequence[str], *, gene: str, molecules: int
) -> sp.csr_matrix:
    """Give molecules of one gene to the cells that have none; arguments, result and errors as of `multiply_gene`."""
    return _with_gene(counts, ids, genes, gene, lambda column: np.where(column == 0, float(molecules), column))


def _with_gene(
    counts: sp.csr_matrix,
    ids: Sequence[str],
    genes: Sequence[str],
    gene: str,
    changed: Callable[[np.ndarray], np.ndarray],
) -> sp.csr_matrix:
    require_whole(counts, ids, "change of one gene")
    if gene not in genes:
        problem = f"change of one gene: no gene is named {gene!r}{did_you_mean(gene, genes)}"
        raise StudyError(advise(problem, "name it as the file does"))
    at = list(genes).index(gene)
    before = counts[:, [at]].toarray().astype(np.float64)
    rows = np.arange(counts.shape[0])
    difference = (changed(before) - before).ravel()
    found = counts.astype(np.float64) + sp.csr_matrix((difference, (rows, np.full_like(rows, at))), counts.shape)
    found.eliminate_zeros()
    found.sort_indices()
    return found
