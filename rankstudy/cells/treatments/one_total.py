"""All cells at one total, by drawing as many molecules of each without replacement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from rankstudy.cells.treatments.molecules import kept_molecules, limits_of_totals, require_whole

SHARE_BELOW = 0.05


@dataclass(frozen=True)
class OneTotal:
    """Cells at one total.

    Attributes
    ----------
    counts
        CSR, float64, kept cells x genes: each row sums to `total`.
    kept
        (cells given,), whether a cell is among them.
    lost
        Ids of the cells that have fewer molecules than the total.
    total
        The total.
    """

    counts: sp.csr_matrix
    kept: np.ndarray
    lost: list[str]
    total: int


def default_total(totals: np.ndarray) -> int:
    """Return the total that a data set's cells are brought to: that below which a twentieth of them lie.

    It is the total of a cell (numpy's `quantile` by the method `lower`), so that it is a whole number.
    """
    return int(np.quantile(totals, SHARE_BELOW, method="lower"))


def at_one_total(
    counts: sp.csr_matrix,
    ids: Sequence[str],
    genes: Sequence[str],
    *,
    seed: int,
    draw: int = 0,
    total: int | None = None,
) -> OneTotal:
    """Draw as many molecules of each cell, without replacement: counts are multivariate hypergeometric.

    Of the molecules of a cell those with the smallest random numbers are taken: a simple random sample of them.

    Parameters
    ----------
    counts
        CSR, cells x all genes of the file: whole numbers.
    ids, genes
        Names of the rows and columns.
    seed, draw
        The replicate's seed, and which of several draws it is.
    total
        Molecules of each cell, at least one; by default that of these cells (`default_total`), so a chunk of a data
        set needs that of the whole.

    Raises
    ------
    StudyError
        If values are not whole numbers.
    """
    require_whole(counts, ids, "one total")
    totals = np.asarray(counts.sum(axis=1)).ravel()
    total = default_total(totals) if total is None else total
    kept = totals >= total
    of_kept, named = counts[kept], [name for name, has in zip(ids, kept, strict=True) if has]
    limits = limits_of_totals(of_kept, named, genes, seed=seed, draw=draw, total=total)
    drawn = kept_molecules(of_kept, named, genes, seed=seed, draw=draw, limits=limits)
    return OneTotal(drawn, kept, [name for name, has in zip(ids, kept, strict=True) if not has], total)
