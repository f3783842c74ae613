"""The vectors of a corner: its steps, one after the other, on the counts of some cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import anndata as ad
import numpy as np
import scipy.sparse as sp

from rankstudy.measures.lattice.corner import ITS, NONE, PANEL_GENES, Corner
from rankstudy.spaces.encodings.bins import quantile_bins
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.encodings.draws import uniforms_of
from rankstudy.spaces.encodings.genes import AllGenes
from rankstudy.spaces.encodings.orders import order_vectors, order_vectors_sharing_ties
from rankstudy.spaces.encodings.stored import over_medians, own_totals, per_ten_thousand, with_values

_LOGARITHMS = {NONE: np.asarray, "ln": np.log1p, "log2": lambda values: np.log1p(values) / np.log(2)}
# where the first so many levels begin: no logarithm is rounded
_BEGIN = {NONE: lambda level: level, "ln": np.expm1, "log2": lambda level: 2.0**level - 1}


def corner_vectors(cells: CellCounts, corner: Corner, *, draw: int = 0) -> sp.csr_matrix:
    """Return the vectors of a corner over the genes that it reads: cells x genes, CSR float32.

    Parameters
    ----------
    cells
        The counts over these genes; `medians` are those of the corner's scaling.
    corner
        The corner.
    draw
        Where chance decides, which draw; 0 is that of the encodings.
    """
    scaled = cells.counts if corner.scaling == NONE else over_medians(cells.counts, cells.medians)
    if corner.kind == "presence":
        return with_values(scaled, np.ones(scaled.nnz))
    chance = uniforms_of(cells, draw) if corner.by_chance else None
    if corner.kind == "order":
        return _order(scaled, corner, chance)
    if corner.kind == "bins":
        fixed = 0.0 if chance is None else chance
        return with_values(scaled, quantile_bins(scaled.indptr, scaled.data, corner.number, fixed))
    values = scaled.data
    if corner.total != NONE:
        values = per_ten_thousand(scaled, own_totals(cells.counts) if corner.total == ITS else cells.totals)
    if corner.kind == "levels":
        begin = [_BEGIN[corner.logarithm](level) for level in range(1, corner.number + 1)]
        return with_values(scaled, np.searchsorted(begin, values, side="right"))
    return with_values(scaled, _LOGARITHMS[corner.logarithm](values))


def _order(values: sp.csr_matrix, corner: Corner, chance: np.ndarray | None) -> sp.csr_matrix:
    logarithm = corner.form == "logarithm"
    if corner.ties == "shared":
        return order_vectors_sharing_ties(values, corner.first, logarithm=logarithm)
    return order_vectors(values, corner.first, chance=chance, logarithm=logarithm)


class Read:
    """The counts of some cells, as corners read them.

    Parameters
    ----------
    counts
        Raw counts of all genes; `obs["n_counts"]` are their sums.
    genes
        What gives the genes of each vocabulary, by its name; `file` is among them.
    panels
        The genes that vectors are compared over, by the name of the panel.
    """

    def __init__(
        self, counts: ad.AnnData, genes: Mapping[str, AllGenes], panels: Mapping[str, Sequence[str]]
    ) -> None:
        self.counts, self.genes, self.panels = counts, genes, panels
        # the cells of a vocabulary, and where a panel stands among its genes, are the same for many corners
        self.cells, self.columns, self.medians = cache(self._cells), cache(self._columns), cache(self._medians)

    def vectors(self, corner: Corner, *, draw: int = 0) -> dict[str, sp.csr_matrix]:
        """Return the vectors of a corner over the genes of each panel."""
        if corner.vocabulary == PANEL_GENES:
            return {panel: corner_vectors(self._scaled(corner, panel), corner, draw=draw) for panel in self.panels}
        over_all = corner_vectors(self._scaled(corner), corner, draw=draw)
        return {panel: over_all @ self.columns(corner.vocabulary, panel) for panel in self.panels}

    def _scaled(self, corner: Corner, panel: str | None = None) -> CellCounts:
        """Return the counts that a corner reads, with the medians of its scaling."""
        cells = self.cells(corner.vocabulary, panel)
        if corner.scaling in (NONE, corner.vocabulary):
            return cells
        return replace(cells, medians=self.medians(corner.scaling, corner.vocabulary, panel))

    def _medians(self, release: str, vocabulary: str, panel: str | None) -> np.ndarray:
        """Return the medians of genes by another vocabulary; those that it does not know have the median of them all.

        That is what the authors of Geneformer V2 give a gene that their corpus does not have.
        """
        given = self.genes[release]
        known = dict(zip(given.read([]), given.medians([]), strict=True))
        usual = float(np.median(list(known.values())))
        names = self.cells(vocabulary, panel).genes
        return np.array([known.get(gene, usual) for gene in given.known_as(names, release)])

    def _cells(self, vocabulary: str, panel: str | None) -> CellCounts:
        if vocabulary != PANEL_GENES:
            return self.genes[vocabulary].cells(self.counts, vocabulary)
        return self.genes["file"].cells(self.counts[:, self.panels[panel]], vocabulary)

    def _columns(self, vocabulary: str, panel: str) -> sp.csr_matrix:
        read = self.cells(vocabulary, None).genes
        return self.genes[vocabulary].columns(self.panels[panel], read, vocabulary)
