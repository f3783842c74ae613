"""The uniform number of each gene in each cell, for encodings in which chance decides."""

from __future__ import annotations

import numpy as np

from rankstudy.core.draws import keys_of_cells, keys_of_genes, uniforms
from rankstudy.spaces.encodings.cell_counts import CellCounts


def uniforms_of(cells: CellCounts, draw: int = 0) -> np.ndarray:
    """Return one number in [0, 1) per stored count: a function of seed, cell id, gene name and draw, of nothing else.

    Draw 0 is that of the encodings. It is the same in all of them, so that the first 100 genes of an order are those of
    its first 200, and what is random does not hide a change of the counts.
    """
    further = [f"draw {draw}"] if draw else []
    of_cells, of_genes = keys_of_cells(cells.seed, cells.ids, *further), keys_of_genes(cells.genes)
    return uniforms(of_cells, of_genes, cells.counts.indptr, cells.counts.indices)
