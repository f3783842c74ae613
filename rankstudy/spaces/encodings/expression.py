"""Raw expression as the field uses it: counts per 10,000, then ln(1 + x)."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

TARGET = 10_000.0


def log1p_cp10k(counts: sp.csr_matrix, totals: np.ndarray) -> sp.csr_matrix:
    """Return ln(1 + 10,000 * count / total) of each value (scanpy's `normalize_total` and `log1p` at 1e4).

    Parameters
    ----------
    counts
        Cells x genes, counts.
    totals
        Sum of each cell over all genes, also those that `counts` leaves out; above zero.

    Returns
    -------
    CSR matrix, float32, of the shape of `counts`.
    """
    values = sp.csr_matrix(counts, dtype=np.float64, copy=True)
    values.data *= np.repeat(TARGET / totals, np.diff(values.indptr))
    np.log1p(values.data, out=values.data)
    return values.astype(np.float32)
