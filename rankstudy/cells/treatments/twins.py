"""Two parts of each cell's molecules that have none in common: two measurements of the same cell."""

from __future__ import annotations

from collections.abc import Sequence

import scipy.sparse as sp

from rankstudy.cells.treatments.molecules import kept_molecules, limits_of_share, require_whole

HALF = 0.5


def twins(
    counts: sp.csr_matrix, ids: Sequence[str], genes: Sequence[str], *, seed: int, draw: int = 0, share: float = HALF
) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Return, of each cell, the molecules with the lowest numbers, and those with the lowest numbers above one half.

    Each part is binomial, and no molecule is in both. The first is what thinning keeps of this share; two halves add
    up to the cell. Two quarters lie one in each half, so that each twin is thinned itself: what differs between
    quarters and halves is depth alone, and comparing the two is less noisy than if both quarters lay in one half.

    Parameters
    ----------
    counts
        CSR, cells x genes: whole numbers.
    ids, genes
        Names of the rows and columns.
    seed, draw
        The replicate's seed, and which of several draws it is.
    share
        Of the molecules in each part, above 0 and up to one half.

    Returns
    -------
    Two CSR, float64, of the shape of `counts`; no zeros are stored.

    Raises
    ------
    StudyError
        If values are not whole numbers.
    """
    require_whole(counts, ids, "twins")
    first, half, more = (
        kept_molecules(counts, ids, genes, seed=seed, draw=draw, limits=limits_of_share(counts.shape[0], part))
        for part in (share, HALF, HALF + share)
    )
    second = more - half
    second.eliminate_zeros()
    return first, second
