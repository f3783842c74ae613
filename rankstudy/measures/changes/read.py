"""Cells as a corner reads them, one by one: what closed forms are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.changes.rules.by_kind import rule_of
from rankstudy.measures.changes.rules.rule import OneCell, Rule
from rankstudy.measures.lattice.corner import NONE, PANEL_GENES, Corner
from rankstudy.measures.settings.tables import SELECTED
from rankstudy.spaces.encodings.draws import uniforms_of
from rankstudy.spaces.registry import FILE_GENES


class ReadCells:
    """Some cells, over the genes that a corner reads.

    Parameters
    ----------
    looked
        What gives the genes.
    corner
        The corner.
    counts
        Raw counts of the cells, all genes of the file.
    lacked
        Cells x genes of the file: those that are stored are looked at too where the cell lacks them.
    draws
        Draws of chance, where it decides anything.

    Attributes
    ----------
    columns
        (genes of the file,), where the gene that each is to the corner stands among those that it reads; -1: unread.
    """

    def __init__(
        self, looked: LookedAt, corner: Corner, counts: ad.AnnData, lacked: sp.csr_matrix | None = None, draws: int = 1
    ) -> None:
        self._corner = corner
        if corner.vocabulary == PANEL_GENES:
            given, read = looked.genes[FILE_GENES], counts[:, looked.panels[SELECTED]]
        else:
            given, read = looked.genes[corner.vocabulary], counts
        cells = given.cells(read, corner.vocabulary)
        known = given.known_as(counts.var_names.tolist(), corner.vocabulary)
        self.columns = pd.Index(cells.genes, dtype=object).get_indexer(pd.Index(known, dtype=object))
        self._totals = cells.totals
        self._medians = np.ones(len(cells.genes)) if corner.scaling == NONE else cells.medians
        self._counts = cells.counts if lacked is None else self._with_lacked(cells.counts, lacked)
        by_chance = range(draws if corner.by_chance else 0)
        found = [uniforms_of(replace(cells, counts=self._counts), draw) for draw in by_chance]
        self._chance = np.stack(found) if found else np.zeros((1, self._counts.nnz))

    def __iter__(self) -> Iterator[tuple[np.ndarray, Rule]]:
        """Yield, of each cell, where each gene of the file is among its genes (-1: it is not), and its rule."""
        for row, total in enumerate(self._totals):
            begin, end = self._counts.indptr[row : row + 2]
            columns, counts = self._counts.indices[begin:end], np.maximum(self._counts.data[begin:end], 0.0)
            chance = self._chance[:, begin:end]
            if begin == end:
                # of a cell that has none of the genes the first one is looked at, which it lacks
                columns, counts, chance = np.zeros(1, int), np.zeros(1), np.zeros((len(self._chance), 1))
            at = np.full(len(self._medians) + 1, -1)
            at[columns] = np.arange(len(columns))
            cell = OneCell(columns, counts, float(total), self._medians[columns], chance)
            # a gene that is unread is looked up behind the last one
            yield at[self.columns], rule_of(self._corner, cell)

    def _with_lacked(self, counts: sp.csr_matrix, lacked: sp.csr_matrix) -> sp.csr_matrix:
        """Return the counts with -1 for genes that a cell lacks and is looked at."""
        read = np.flatnonzero(self.columns >= 0)
        onto = sp.csr_matrix((np.ones(len(read)), (read, self.columns[read])), (len(self.columns), counts.shape[1]))
        found = counts - (((lacked @ onto) > 0).astype(float) > counts).astype(float)
        found.sort_indices()
        return found
