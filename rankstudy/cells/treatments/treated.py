"""The treatment that a data set's file names: what is done to its counts before anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from rankstudy.cells.treatments.one_gene import add_to_gene, multiply_gene
from rankstudy.cells.treatments.one_total import at_one_total
from rankstudy.cells.treatments.thin import thin
from rankstudy.cells.treatments.twins import twins

# a draw that no later step makes: molecules that are drawn twice by the same numbers would not be drawn by chance
DRAW = -1
TWINS = "first", "second"


def treated(
    counts: sp.csr_matrix,
    names: Sequence[str],
    genes: Sequence[str],
    treatment: Mapping[str, Any] | None,
    *,
    part: str,
    seed: int,
) -> sp.csr_matrix:
    """Return counts after the treatment of their data set.

    Molecules are drawn by the part and the cell's own name, not by the name of the data set: of the same file under
    two names, what is thinned to a smaller share is part of what is thinned to a larger one, and twins add up.

    Parameters
    ----------
    counts
        CSR, cells x all genes of the file: whole numbers.
    names, genes
        Names of the rows and columns, as in the file.
    treatment
        One key: `thin` (the share that is kept), `one_total` (molecules), `twin` (`first` or `second`) or `change`
        (`gene`, and `factor` or `add`); None leaves them as they are.
    part, seed
        Name of the file in its data set, and the replicate's seed.

    Returns
    -------
    CSR, float64, of the shape of `counts`. A cell with fewer molecules than the one total has none left.

    Raises
    ------
    StudyError
        If values are not whole numbers, or the gene is not there.
    """
    if treatment is None:
        return counts
    ((name, how),) = treatment.items()
    return _TREATMENTS[name](counts, [f"{part}/{cell}" for cell in names], genes, how, seed)


def _thinned(
    counts: sp.csr_matrix, cells: Sequence[str], genes: Sequence[str], keep: float, seed: int
) -> sp.csr_matrix:
    return thin(counts, cells, genes, keep=keep, seed=seed, draw=DRAW)


def _of_one_total(
    counts: sp.csr_matrix, cells: Sequence[str], genes: Sequence[str], total: int, seed: int
) -> sp.csr_matrix:
    found = at_one_total(counts, cells, genes, seed=seed, draw=DRAW, total=total)
    rows = np.flatnonzero(found.kept)
    at = sp.csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))), (len(cells), len(rows)))
    return sp.csr_matrix(at @ found.counts)


def _twin(counts: sp.csr_matrix, cells: Sequence[str], genes: Sequence[str], which: str, seed: int) -> sp.csr_matrix:
    return twins(counts, cells, genes, seed=seed, draw=DRAW)[TWINS.index(which)]


def _changed(
    counts: sp.csr_matrix, cells: Sequence[str], genes: Sequence[str], how: Mapping[str, Any], seed: int
) -> sp.csr_matrix:
    if "factor" in how:
        return multiply_gene(counts, cells, genes, gene=how["gene"], factor=how["factor"])
    return add_to_gene(counts, cells, genes, gene=how["gene"], molecules=how["add"])


_TREATMENTS = {"thin": _thinned, "one_total": _of_one_total, "twin": _twin, "change": _changed}
