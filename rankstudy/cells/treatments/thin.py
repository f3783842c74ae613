"""Cells as if they had been sequenced less deeply: each molecule is kept with the same probability."""

from __future__ import annotations

from collections.abc import Sequence

import scipy.sparse as sp

from rankstudy.cells.treatments.molecules import kept_molecules, limits_of_share, require_whole


def thin(
    counts: sp.csr_matrix, ids: Sequence[str], genes: Sequence[str], *, keep: float, seed: int, draw: int = 0
) -> sp.csr_matrix:
    """Keep each molecule with a probability: counts are binomial. What a smaller share keeps is part of it.

    Parameters
    ----------
    counts
        CSR, cells x genes: whole numbers.
    ids, genes
        Names of the rows and columns.
    keep
        The probability, above 0 and up to 1; with 1 nothing changes.
    seed, draw
        The replicate's seed, and which of several draws it is.

    Returns
    -------
    CSR, float64, of the shape of `counts`; no zeros are stored.

    Raises
    ------
    StudyError
        If values are not whole numbers.
    """
    require_whole(counts, ids, "thinning")
    return kept_molecules(counts, ids, genes, seed=seed, draw=draw, limits=limits_of_share(counts.shape[0], keep))
