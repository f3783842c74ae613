"""The vectors of a corner: its steps, one after the other, on the counts of some cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import anndata as ad
import numpy as np
import scipy.sparse as sp

from rankstudy.measures.lattice.corner import CHANCE, ITS, NONE, PANEL_GENES, SHARED, Corner
from rankstudy.measures.settings.asked import Asked
from rankstudy.measures.settings.material import Encoder
from rankstudy.spaces.encodings.bins import quantile_bins
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.encodings.draws import uniforms_of
from rankstudy.spaces.encodings.genes import AllGenes, FileGenes
from rankstudy.spaces.encodings.orders import values_of_order
from rankstudy.spaces.encodings.sorting import first_of_rows
from rankstudy.spaces.encodings.stored import over_medians, own_totals, per_ten_thousand
from rankstudy.spaces.registry import FILE_GENES

LOGARITHMS = {NONE: np.asarray, "ln": np.log1p, "log2": lambda values: np.log1p(values) / np.log(2)}
# where the first so many levels begin: no logarithm is rounded
LEVELS_BEGIN = {NONE: lambda level: level, "ln": np.expm1, "log2": lambda level: 2.0**level - 1}


class ReadGenes:
    """The counts of some cells over the genes that corners read, and what several corners need of them.

    Parameters
    ----------
    cells
        The counts.
    medians_by
        Gives the medians of these genes, for the name of a vocabulary.
    """

    def __init__(self, cells: CellCounts, medians_by: Callable[[str], np.ndarray]) -> None:
        self.cells, self._medians_by = cells, medians_by
        # corners come in an order in which the last one is what the next one needs
        last = lru_cache(maxsize=1)
        self.scaled, self.sorted, self.chance = last(self._scaled), last(self._sorted), last(self._chance)

    def values(self, corner: Corner, *, draw: int = 0) -> np.ndarray:
        """Return what a corner makes of each stored count, (counts,): 0 for a gene that it leaves out.

        Parameters
        ----------
        corner
            The corner.
        draw
            Where chance decides, which draw; 0 is that of the encodings.
        """
        counts = self.cells.counts
        if corner.kind == "presence":
            return np.ones(counts.nnz)
        scaled = self.scaled(corner.scaling)
        if corner.kind == "order":
            shared, logarithm = corner.ties == SHARED, corner.form == "logarithm"
            # genes beyond the first ones share in what equal values have
            most = None if shared else corner.first
            places = self.sorted(corner.scaling, draw if corner.ties == CHANCE else None, most)
            n_genes = counts.shape[1]
            return values_of_order(scaled.data, *places, n_genes, corner.first, shared=shared, logarithm=logarithm)
        if corner.kind == "bins":
            chance = self.chance(draw) if corner.ties == CHANCE else 0.0
            return quantile_bins(scaled.indptr, scaled.data, corner.number, chance)
        values = scaled.data
        if corner.total != NONE:
            values = per_ten_thousand(scaled, own_totals(counts) if corner.total == ITS else self.cells.totals)
        if corner.kind == "levels":
            begin = [LEVELS_BEGIN[corner.logarithm](level) for level in range(1, corner.number + 1)]
            return np.searchsorted(begin, values, side="right")
        return LOGARITHMS[corner.logarithm](values)

    def _scaled(self, scaling: str) -> sp.csr_matrix:
        counts = self.cells.counts
        return counts if scaling == NONE else over_medians(counts, self._medians_by(scaling))

    def _sorted(self, scaling: str, draw: int | None, most: int | None) -> tuple[np.ndarray, np.ndarray]:
        chance = None if draw is None else self.chance(draw)
        scaled = self.scaled(scaling)
        return first_of_rows(scaled.indptr, scaled.data, most, chance)

    def _chance(self, draw: int) -> np.ndarray:
        return uniforms_of(self.cells, draw)


def genes_read(asked: Asked, encoders: Mapping[str, Encoder]) -> dict[str, AllGenes]:
    """Return what gives the genes of each vocabulary that an encoding reads, by its name, and those of the file."""
    found: dict[str, AllGenes] = {FILE_GENES: FileGenes({"genes": asked.selected_in}, asked.seed)}
    for name, about in asked.encodings.items():
        if about["vocabulary"] is not None:
            found.setdefault(about["vocabulary"], encoders[name].given)
    return found


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

    def __init__(self, counts: ad.AnnData, genes: Mapping[str, AllGenes], panels: Mapping[str, Sequence[str]]) -> None:
        self.counts, self.genes, self.panels = counts, genes, panels
        # the counts of a vocabulary, and where those of a panel stand among them, are the same for many corners
        last = lru_cache(maxsize=len(panels))
        self._read, self._stored = last(self._read_genes), last(self._stored_of_panel)

    def vectors(self, corner: Corner, *, draw: int = 0) -> dict[str, sp.csr_matrix]:
        """Return the vectors of a corner over the genes of each panel: cells x genes, CSR float32.

        Nothing is ranked again. Where chance decides, `draw` says which draw; 0 is that of the encodings.
        """
        if corner.vocabulary == PANEL_GENES:
            return {panel: self._of_panel(self._read(PANEL_GENES, panel), corner, panel, draw) for panel in self.panels}
        values = self._read(corner.vocabulary, None).values(corner, draw=draw)
        return {panel: self._taken(values, corner.vocabulary, None, panel) for panel in self.panels}

    def counts_read(self, corner: Corner) -> sp.csr_matrix:
        """Return the counts of the genes that a corner reads, over their medians where it divides by these.

        Where it reads those of a panel alone, of the first panel.
        """
        own = next(iter(self.panels)) if corner.vocabulary == PANEL_GENES else None
        return self._read(corner.vocabulary, own).scaled(corner.scaling)

    def _of_panel(self, read: ReadGenes, corner: Corner, panel: str, draw: int) -> sp.csr_matrix:
        return self._taken(read.values(corner, draw=draw), PANEL_GENES, panel, panel)

    def _taken(self, values: np.ndarray, vocabulary: str, own: str | None, panel: str) -> sp.csr_matrix:
        """Return vectors over the genes of a panel of what a corner makes of the stored counts."""
        at, indices, indptr = self._stored(vocabulary, own, panel)
        shape = len(indptr) - 1, len(self.panels[panel])
        vectors = sp.csr_matrix((values[at].astype(np.float32), indices.copy(), indptr.copy()), shape)
        vectors.eliminate_zeros()
        return vectors

    def _read_genes(self, vocabulary: str, own: str | None) -> ReadGenes:
        """Return the counts of the genes of a vocabulary, or of a panel where these are all that is read."""
        if own is None:
            cells = self.genes[vocabulary].cells(self.counts, vocabulary)
        else:
            cells = self.genes[FILE_GENES].cells(self.counts[:, self.panels[own]], vocabulary)
        return ReadGenes(
            cells, lambda of: cells.medians if of == vocabulary else medians_by(self.genes[of], cells.genes)
        )

    def _stored_of_panel(
        self, vocabulary: str, own: str | None, panel: str
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which of the stored counts are of the genes of a panel, and the indices and indptr of their CSR."""
        cells = self._read(vocabulary, own).cells
        given = self.genes[FILE_GENES if own else vocabulary]
        columns = given.columns(self.panels[panel], cells.genes, vocabulary)
        counts = cells.counts
        # numbers of the stored counts, from 1, as values of the same matrix
        numbered = sp.csr_matrix((np.arange(1.0, counts.nnz + 1), counts.indices, counts.indptr), counts.shape)
        taken = numbered @ columns.astype(np.float64)
        taken.sort_indices()
        return taken.data.astype(np.int64) - 1, taken.indices, taken.indptr


def medians_by(given: AllGenes, genes: Sequence[str]) -> np.ndarray:
    """Return the medians of genes of the file by a vocabulary; those that it does not know have the median of them all.

    That is what the authors of Geneformer V2 give a gene that their corpus does not have.
    """
    known = dict(zip(given.read([]), given.medians([]), strict=True))
    usual = float(np.median(list(known.values())))
    return np.array([known.get(gene, usual) for gene in given.known_as(genes, "medians")])
