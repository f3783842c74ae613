"""What an encoding reads that takes all genes of a vocabulary, or of the file, instead of the selected ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import scipy.sparse as sp


@dataclass(frozen=True)
class CellCounts:
    """The counts of some cells over all genes that an encoding reads.

    An encoding of this kind is a function `(cells) -> vectors`, CSR float32, cells x `genes`. A gene that is absent
    has 0, a cell without any of the genes an empty row. A cell's vector depends on its own counts alone.

    Attributes
    ----------
    counts
        CSR, float64, cells x genes: no zeros are stored, indices are sorted, each place is there once.
    totals
        (cells,), the sum of each cell over all genes of the file, also those that are not among `genes`; above zero.
    ids
        Ids of the cells.
    genes
        Names of the columns: Ensembl ids or symbols of the vocabulary, or the names that the file has.
    medians
        (genes,), float64: median of each gene over the corpus of the model; NaN where the vocabulary has none.
    seed
        The replicate's seed.
    """

    counts: sp.csr_matrix
    totals: np.ndarray
    ids: Sequence[str]
    genes: Sequence[str]
    medians: np.ndarray
    seed: int
