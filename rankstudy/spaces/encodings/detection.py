"""Binary detection: whether a gene was seen in a cell, and nothing of how much or in which order."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp


def detected(counts: sp.csr_matrix, totals: np.ndarray | None = None) -> sp.csr_matrix:
    """Return 1 where a gene has a count above zero, 0 where it has none.

    Parameters
    ----------
    counts
        Cells x genes, counts.
    totals
        Not used.

    Returns
    -------
    CSR matrix, float32, of the shape of `counts`. Cosine similarity of two cells is the Ochiai coefficient of their
    genes.
    """
    return sp.csr_matrix(sp.csr_matrix(counts) > 0, dtype=np.float32)
