"""The cells of which single genes are changed, and the changes of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import anndata as ad
import numpy as np
import scipy.sparse as sp

from rankstudy.cells.treatments.one_gene import changed_count
from rankstudy.core.draws import keys_of_cells, keys_of_genes, uniforms
from rankstudy.measures.changes.tables import ADDED, CHANGES, FACTORS, PLACES, UNDETECTED

# positions of genes by their numbers
POSITIONS = (*PLACES, UNDETECTED)


@dataclass(frozen=True)
class Drawn:
    """Changes of one gene of one cell, one cell after the other; by numbers of cells, genes, `POSITIONS`, `CHANGES`.

    Attributes
    ----------
    counts
        Raw counts of the cells, all genes of the file.
    seed
        The replicate's seed.
    cell, gene, position, change
        (changes,), of which gene of which cell each is, where the gene stands in the cell, and which change it is.
    before, after
        (changes,), the count of the gene.
    """

    counts: ad.AnnData
    seed: int
    cell: np.ndarray
    gene: np.ndarray
    position: np.ndarray
    change: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @classmethod
    def of(cls, counts: ad.AnnData, undetected: int, seed: int) -> Drawn:
        """Take every change of the genes that each cell has, and of a sample of those that it lacks."""
        matrix = sp.csr_matrix(counts.X, dtype=np.float64)
        ids, names = counts.obs_names.tolist(), counts.var_names.tolist()
        cell = np.repeat(np.arange(len(ids)), np.diff(matrix.indptr))
        position = _positions(matrix, ids, names, seed)
        parts = []
        for factor in FACTORS.values():
            after = changed_count(matrix.data, factor)
            at = after != matrix.data
            number = np.full(at.sum(), len(parts))
            parts.append((cell[at], matrix.indices[at], position[at], number, matrix.data[at], after[at]))
        lacked = _lacked(matrix, ids, names, undetected, seed)
        for molecules in ADDED.values():
            same = (np.full(lacked.nnz, of) for of in (POSITIONS.index(UNDETECTED), len(parts), 0.0, float(molecules)))
            parts.append((np.repeat(np.arange(len(ids)), np.diff(lacked.indptr)), lacked.indices, *same))
        columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        return cls(counts, seed, *(column[order] for column in columns))

    @cached_property
    def begin(self) -> np.ndarray:
        """(cells + 1,), the first change of each cell, and the end."""
        return np.searchsorted(self.cell, np.arange(self.counts.n_obs + 1))

    @cached_property
    def removals(self) -> np.ndarray:
        """The changes that remove a gene: one for each that a cell has."""
        return np.flatnonzero(self.change == CHANGES.index("x0"))

    def sample(self, each: int) -> np.ndarray:
        """Return so many changes, at most, of each kind at each position of each cell, by their numbers.

        Drawn by seed, cell id and gene: those of the same genes, as far as they have them.
        """
        of_cells = keys_of_cells(self.seed, self.counts.obs_names, "sample of changes")
        drawn = uniforms(of_cells, keys_of_genes(self.counts.var_names.tolist()), self.begin, self.gene)
        order = np.lexsort((drawn, self.change, self.position, self.cell))
        groups = np.stack([self.cell, self.position, self.change])[:, order]
        new = np.r_[True, (np.diff(groups) != 0).any(axis=0)]
        place = np.arange(len(order)) - np.flatnonzero(new)[np.cumsum(new) - 1]
        return np.sort(order[place < each])


@dataclass(frozen=True)
class Changed:
    """Some of the changes, that are carried out.

    Attributes
    ----------
    drawn, which
        All changes, and the numbers of these.
    """

    drawn: Drawn
    which: np.ndarray

    @cached_property
    def counts(self) -> sp.csr_matrix:
        """The counts of each cell after its change: changes x genes of the file, CSR float64."""
        drawn, which = self.drawn, self.which
        matrix = sp.csr_matrix(drawn.counts.X, dtype=np.float64)[drawn.cell[which]]
        added = drawn.after[which] - drawn.before[which]
        found = matrix + sp.csr_matrix((added, (np.arange(len(which)), drawn.gene[which])), matrix.shape)
        found.eliminate_zeros()
        found.sort_indices()
        return found


def evenly_over_types(ids: Sequence[str], types: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Return the numbers of at most so many cells, drawn by seed and id, as many of each type as there are."""
    keys = keys_of_cells(seed, ids, "changed cells")
    order = np.lexsort((keys, types))
    within = np.empty(len(ids), np.int64)
    within[order] = np.arange(len(ids)) - np.searchsorted(types[order], types[order])
    return np.sort(np.lexsort((keys, within))[:most])


def _positions(counts: sp.csr_matrix, ids: Sequence[str], genes: Sequence[str], seed: int) -> np.ndarray:
    """Return the number of the position of each stored count: its place by descending count, ties at random."""
    drawn = uniforms(keys_of_cells(seed, ids, "positions"), keys_of_genes(genes), counts.indptr, counts.indices)
    cell = np.repeat(np.arange(len(ids)), np.diff(counts.indptr))
    place = np.empty(counts.nnz, np.int64)
    place[np.lexsort((drawn, -counts.data, cell))] = np.arange(counts.nnz)
    ends = [last for last in PLACES.values() if last is not None]
    return np.searchsorted(ends, place - counts.indptr[cell] + 1)


def _lacked(counts: sp.csr_matrix, ids: Sequence[str], genes: Sequence[str], most: int, seed: int) -> sp.csr_matrix:
    """Return which genes that a cell lacks it is given: at most so many of each cell."""
    of_cells, of_genes, everywhere = keys_of_cells(seed, ids, "undetected"), keys_of_genes(genes), np.arange(len(genes))
    rows = []
    for row in range(len(ids)):
        drawn = uniforms(of_cells[row : row + 1], of_genes, np.array([0, len(genes)]), everywhere)
        drawn[counts.indices[counts.indptr[row] : counts.indptr[row + 1]]] = np.inf
        lowest = np.argsort(drawn)[:most]
        rows.append(np.sort(lowest[np.isfinite(drawn[lowest])]))
    indptr = np.r_[0, np.cumsum([len(row) for row in rows])]
    return sp.csr_matrix((np.ones(indptr[-1]), np.concatenate(rows), indptr), counts.shape)
