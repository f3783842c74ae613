"""Which genes an encoding is given, and how its vectors come to be over the selected ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.identity import positions_of
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.genes import selected_names
from rankstudy.spaces.tokens.tables import GENE_TOKENS
from rankstudy.spaces.tokens.vocabulary import read_vocabulary

Vectors = sp.csr_matrix | np.ndarray


class Encoded(NamedTuple):
    """The vectors of some cells, and how many genes are in each.

    Attributes
    ----------
    vectors
        Cells x selected genes, or x dimensions of the encoding's own.
    n_genes
        Genes that the encoding reads and the cell has a count of.
    n_listed
        Of these, genes that the encoding gives a value, selected or not: the length of an order.
    share_counts
        Share of the cell's total that the genes have which the encoding reads.
    """

    vectors: Vectors
    n_genes: np.ndarray
    n_listed: np.ndarray
    share_counts: np.ndarray


class GivenGenes(ABC):
    """The genes that an encoding is given; `names` are the selected ones, which its vectors are over in the end."""

    def __init__(self, files: Mapping[str, str], seed: int) -> None:
        self.names = selected_names(files["genes"])
        self.seed = seed

    @abstractmethod
    def over(
        self, panels: Iterable[Sequence[str]], function: Callable[..., Vectors], shard: ad.AnnData, what: str
    ) -> list[Vectors]:
        """Return the vectors of an encoding over other genes of the data set than the selected ones, panel by panel."""

    @abstractmethod
    def encode(self, function: Callable[..., Vectors], shard: ad.AnnData, what: str) -> Encoded:
        """Return what an encoding makes of the cells of a shard; `what` names this in messages."""


class SelectedGenes(GivenGenes):
    """The selected genes alone: the encoding is `(counts, totals) -> vectors`."""

    def encode(self, function: Callable[..., Vectors], shard: ad.AnnData, what: str) -> Encoded:
        """Return what the encoding makes of the selected genes; see `GivenGenes.encode`."""
        counts, totals = self._given(self.names, shard, what)
        vectors = function(counts, totals)
        return Encoded(vectors, np.diff(counts.indptr), stored_per_row(vectors), _sums(counts) / totals)

    def over(
        self, panels: Iterable[Sequence[str]], function: Callable[..., Vectors], shard: ad.AnnData, what: str
    ) -> list[Vectors]:
        """Return what the encoding makes of the genes of each panel alone; see `GivenGenes.over`."""
        return [function(*self._given(genes, shard, what)) for genes in panels]

    def _given(self, genes: Sequence[str], shard: ad.AnnData, what: str) -> tuple[sp.csr_matrix, np.ndarray]:
        at = positions_of(genes, shard.var_names.tolist(), f"{what}: genes")
        return sp.csr_matrix(shard.X)[:, at], shard.obs["n_counts"].to_numpy()


class AllGenes(GivenGenes):
    """All genes of a file, by its symbols or of a vocabulary: the encoding is `(cells) -> vectors` (`CellCounts`).

    Its vectors are over these genes; the columns of the selected ones are taken, and nothing is ranked again. A
    selected gene that it does not read has 0 in all cells; of several that are one gene to it, the first has its value.
    """

    @abstractmethod
    def known_as(self, names: Sequence[str], what: str) -> list[str | None]:
        """Return the gene that the encoding takes each gene of the data set for, None for one that it does not read."""

    def read(self, known: Sequence[str | None]) -> list[str]:
        """Return the genes that it reads, each once: those of the data set, where there is no vocabulary."""
        return [name for name in dict.fromkeys(known) if name is not None]

    def medians(self, genes: Sequence[str]) -> np.ndarray:
        """Return the medians of the genes, NaN where there are none."""
        return np.full(len(genes), np.nan)

    def encode(self, function: Callable[..., Vectors], shard: ad.AnnData, what: str) -> Encoded:
        """Return what the encoding makes of these genes, over the selected ones; see `GivenGenes.encode`."""
        cells = self.cells(shard, what)
        vectors = function(cells)
        listed = stored_per_row(vectors)
        if vectors.shape[1] == len(cells.genes):
            vectors = vectors @ self.columns(self.names, cells.genes, what)
        return Encoded(vectors, np.diff(cells.counts.indptr), listed, _sums(cells.counts) / cells.totals)

    def over(
        self, panels: Iterable[Sequence[str]], function: Callable[..., Vectors], shard: ad.AnnData, what: str
    ) -> list[Vectors]:
        """Return the columns of each panel's genes; see `GivenGenes.over`."""
        return self.over_cells(panels, function, self.cells(shard, what), what)

    def over_cells(
        self, panels: Iterable[Sequence[str]], function: Callable[..., Vectors], cells: CellCounts, what: str
    ) -> list[Vectors]:
        """Return the same of counts over these genes, which several encodings can read."""
        vectors = function(cells)
        if (dimensions := vectors.shape[1]) != len(cells.genes):
            problem = f"{what}: its vectors have {dimensions} dimensions and not one for each gene, so it has no curve"
            raise StudyError(advise(problem, f"say so where it is declared: `dimensions={dimensions}`"))
        return [vectors @ self.columns(genes, cells.genes, what) for genes in panels]

    def columns(self, genes: Sequence[str], read: Sequence[str], what: str) -> sp.csr_matrix:
        """Return what takes the columns of some genes of the data set from vectors over those that are read."""
        return _first_of_each(_places(self.known_as(genes, what), read), len(read))

    def cells(self, shard: ad.AnnData, what: str) -> CellCounts:
        """Return the counts of a shard's cells over these genes; those of genes that are one to it are summed."""
        known = self.known_as(shard.var_names.tolist(), what)
        genes = self.read(known)
        places = _places(known, genes)
        at = np.flatnonzero(places >= 0)
        selector = sp.csr_matrix((np.ones(len(at)), (at, places[at])), shape=(len(places), len(genes)))
        counts = sp.csr_matrix(sp.csr_matrix(shard.X, dtype=np.float64) @ selector)
        counts.eliminate_zeros()
        counts.sort_indices()
        totals = shard.obs["n_counts"].to_numpy(np.float64)
        return CellCounts(counts, totals, shard.obs_names.tolist(), genes, self.medians(genes), self.seed)


class FileGenes(AllGenes):
    """All genes of the file, under its own names and in its order."""

    def known_as(self, names: Sequence[str], what: str) -> list[str | None]:
        """Return the names as they are; see `AllGenes.known_as`."""
        return list(names)


class SymbolGenes(AllGenes):
    """All genes by their symbols in upper case, in the order of the file."""

    def __init__(self, files: Mapping[str, str], seed: int) -> None:
        super().__init__(files, seed)
        table = GENE_TOKENS.read(files["gene_tokens"])
        self._names = table["gene"].tolist()
        self._known = table["ensembl_id"].astype(object).where(table["token"].notna(), None).to_numpy()

    def known_as(self, names: Sequence[str], what: str) -> list[str | None]:
        """Return what the table `gene_tokens` has for each gene; see `AllGenes.known_as`."""
        return self._known[positions_of(names, self._names, f"{what}: genes")].tolist()


class VocabularyGenes(SymbolGenes):
    """All genes of a vocabulary, in its order."""

    def __init__(self, files: Mapping[str, str], seed: int) -> None:
        super().__init__(files, seed)
        self._vocabulary = read_vocabulary(files["vocabulary"], files["identity"])

    def read(self, known: Sequence[str | None]) -> list[str]:
        """Return the genes of the vocabulary, those that the data set does not have too; see `AllGenes.read`."""
        return list(self._vocabulary.ensembl_ids)

    def medians(self, genes: Sequence[str]) -> np.ndarray:
        """Return the medians of the vocabulary; see `AllGenes.medians`."""
        return self._vocabulary.medians


def stored_per_row(vectors: Vectors) -> np.ndarray:
    """Return how many values of each row are not zero."""
    return np.diff(vectors.indptr) if sp.issparse(vectors) else np.count_nonzero(vectors, axis=1)


def _sums(counts: sp.csr_matrix) -> np.ndarray:
    return np.asarray(counts.sum(axis=1), np.float64).ravel()


def _places(known: Sequence[str | None], genes: Sequence[str]) -> np.ndarray:
    """Return where each gene stands among those that are read, -1 for one that is not."""
    return pd.Index(genes, dtype=object).get_indexer(pd.Index(known, dtype=object))


def _first_of_each(places: np.ndarray, n_genes: int) -> sp.csr_matrix:
    """Return what takes the columns at these places, each at the first one that asks for it: genes x places."""
    asked = np.unique(places[places >= 0], return_index=True)
    at = np.flatnonzero(places >= 0)[asked[1]]
    return sp.csr_matrix((np.ones(len(at), np.float32), (places[at], at)), shape=(n_genes, len(places)))
