"""Values of many cells in bounded memory: sparse by cells (CSR) or by genes (CSC), and dense.

Every reader here walks its file once, in the file's order, in blocks of at most `VALUES_PER_BLOCK` values (or one row
or one chunk of the file, if that is more), so that no compressed chunk is inflated again and again.
"""

from __future__ import annotations

from collections.abc import Iterator

import h5py
import numpy as np
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers.base import Chunk
from rankstudy.sources.readers.hdf5 import Array, find

VALUES_PER_BLOCK = 1 << 22
_VALUES_AT_ONCE = 1 << 18  # of which few are kept: so many stay in the cache
_GAP_BYTES = 1 << 16  # reading as much costs no more than another call


def steps(ends: np.ndarray, most: int) -> Iterator[tuple[int, int]]:
    """Cut 0..n into ranges that hold at most `most` values each, or one item.

    `ends[i]` values lie in the first i + 1.
    """
    begin, before = 0, 0
    while begin < len(ends):
        end = max(begin + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield begin, end
        begin, before = end, int(ends[end - 1])


def neighbours(begins: np.ndarray, ends: np.ndarray, gap: int, most: int) -> Iterator[tuple[int, int]]:
    """Group increasing ranges of a file that are read together: at most `gap` apart, at most `most` in all."""
    first = 0
    for i in range(1, len(begins) + 1):
        if i == len(begins) or begins[i] - ends[i - 1] > gap or ends[i] - begins[first] > most:
            yield first, i
            first = i


class Sparse:
    """A compressed matrix: `indptr` says where the values of each row (CSR) or column (CSC) begin.

    Parameters
    ----------
    group
        `data`, `indices` and `indptr`.
    by_cell
        Whether the values of a cell lie together (CSR) or those of a gene (CSC).
    shape
        Cells and genes, as the tables have them.
    """

    def __init__(self, group: h5py.Group, where: str, by_cell: bool, shape: tuple[int, int]):
        self.where, self._by_cell, self._shape = where, by_cell, shape
        self._major, self._minor = shape if by_cell else shape[::-1]
        self._data = Array(find(group, "data"), f"{where}/data")
        self._indices = Array(find(group, "indices"), f"{where}/indices")
        self._indptr = Array(find(group, "indptr"), f"{where}/indptr").integers()
        self._check()

    def stream(self) -> Iterator[Chunk]:
        """Yield chunks of whole cells (CSR) or whole genes (CSC)."""
        for begin, end in steps(self._indptr[1:], VALUES_PER_BLOCK):
            part, whole = slice(begin, end), slice(0, self._minor)
            values = self._lines(begin, end)
            yield Chunk(part, whole, values) if self._by_cell else Chunk(whole, part, values)

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of cells (increasing), genes in order."""
        return self._read_cells(rows) if self._by_cell else self._read_through_genes(rows)

    def _check(self) -> None:
        problem = None
        if self._data.is_text or self._indices.is_text or self._indices.dtype.kind not in "iu":
            problem = f"data are {self._data.dtype}, indices {self._indices.dtype}; expected numbers and whole numbers"
        elif len(self._indptr) != self._major + 1:
            problem = f"indptr has {len(self._indptr):,} entries; expected {self._major + 1:,}"
        elif self._indptr[0] != 0 or (np.diff(self._indptr) < 0).any():
            problem = "indptr does not increase from 0"
        elif not self._indptr[-1] == len(self._data) == len(self._indices):
            problem = (
                f"indptr ends at {self._indptr[-1]:,}, but there are {len(self._data):,} data and "
                f"{len(self._indices):,} indices"
            )
        elif np.diff(self._indptr).max(initial=0) > self._minor:
            line = int(np.diff(self._indptr).argmax())
            problem = (
                f"{'cell' if self._by_cell else 'gene'} {line} (from 0) has more values than there are "
                f"{'genes' if self._by_cell else 'cells'}"
            )
        if problem:
            raise StudyError(f"{self.where}: {problem}; the file is damaged or was written wrongly")

    def _block(self, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Return stored values and their indices."""
        data, indices = self._data.read((begin, end)), self._indices.read((begin, end))
        return data.astype(np.uint8) if data.dtype == bool else data, indices

    def _checked(self, indices: np.ndarray) -> np.ndarray:
        """Return indices as int32 if there are cells or genes at all of them."""
        if len(indices) and not (indices.min() >= 0 and indices.max() < self._minor):
            wrong = indices.max() if indices.max() >= self._minor else indices.min()
            raise StudyError(
                f"{self.where}/indices: holds {wrong}, expected 0 to {self._minor - 1}; the file is damaged"
            )
        return indices.astype(np.int32, copy=False)

    def _lines(self, begin: int, end: int) -> sp.csr_matrix:
        """Return a range of cells, or of genes, as cells x genes."""
        ends = self._indptr[begin : end + 1]
        data, indices = self._block(int(ends[0]), int(ends[-1]))
        indices = self._checked(indices)
        if self._by_cell:
            return self._in_order(sp.csr_matrix((data, indices, ends - ends[0]), shape=(end - begin, self._minor)))
        return self._in_order(sp.csc_matrix((data, indices, ends - ends[0]), shape=(self._minor, end - begin)).tocsr())

    def _read_cells(self, rows: np.ndarray) -> sp.csr_matrix:
        begins, ends = self._indptr[rows], self._indptr[rows + 1]
        out = np.concatenate([[0], np.cumsum(ends - begins)])
        data, indices = np.empty(out[-1], self._number_type()), np.empty(out[-1], np.int32)
        chunk = self._data.chunks[0] if self._data.chunks else 0
        gap, most = max(_GAP_BYTES // self._data.dtype.itemsize, chunk), max(_VALUES_AT_ONCE, 16 * chunk)
        for first, last in neighbours(begins, ends, gap, min(most, VALUES_PER_BLOCK)):
            at = begins[first]
            found = self._block(int(at), int(ends[last - 1]))
            inside = _positions(begins[first:last] - at, ends[first:last] - at)
            target = slice(out[first], out[last])
            data[target], indices[target] = found[0][inside], self._checked(found[1][inside])
        return self._in_order(sp.csr_matrix((data, indices, out), shape=(len(rows), self._minor)))

    def _read_through_genes(self, rows: np.ndarray) -> sp.csr_matrix:
        """Walk all genes and keep the values of chosen cells."""
        new_row = np.full(self._minor, -1, np.int32)
        new_row[rows] = np.arange(len(rows))
        data, cells, per_gene = [np.empty(0, self._number_type())], [np.empty(0, np.int32)], [np.zeros(1, np.int64)]
        for begin, end in steps(self._indptr[1:], VALUES_PER_BLOCK):
            ends = self._indptr[begin : end + 1]
            found, indices = self._block(int(ends[0]), int(ends[-1]))
            row = new_row[self._checked(indices)]
            kept = row >= 0
            data.append(found[kept])
            cells.append(row[kept])
            per_gene.append(np.diff(np.concatenate([[0], np.cumsum(kept)])[ends - ends[0]]))
        parts = np.concatenate(data), np.concatenate(cells), np.cumsum(np.concatenate(per_gene))
        return self._in_order(sp.csc_matrix(parts, shape=(len(rows), self._major)).tocsr())

    def _number_type(self) -> np.dtype:
        return self._data.read((0, 0)).dtype if self._data.dtype != bool else np.dtype(np.uint8)

    def _in_order(self, matrix: sp.csr_matrix) -> sp.csr_matrix:
        """Return the matrix with the genes of each cell in order; a value that is stored twice is an error."""
        if _increasing(matrix):
            return matrix
        matrix.sort_indices()
        if not _increasing(matrix):
            raise StudyError(
                f"{self.where}: some cell holds two values for one gene; which one is right cannot be known"
            )
        return matrix


def _positions(begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return all positions of several ranges, one range after the other."""
    lengths = ends - begins
    before = np.cumsum(lengths) - lengths
    return np.repeat(begins - before, lengths) + np.arange(lengths.sum())


def _increasing(matrix: sp.csr_matrix) -> bool:
    """Return whether the indices of each row increase; scipy's own flags say nothing of equal ones."""
    rises = matrix.indices[1:] > matrix.indices[:-1]
    starts = matrix.indptr[1:-1]
    rises[starts[(starts > 0) & (starts < matrix.nnz)] - 1] = True
    return bool(rises.all())


class Dense:
    """A dense matrix, cells x genes or, `by_cell` false, genes x cells; read in blocks of whole chunks of the file."""

    def __init__(self, array: Array, by_cell: bool, shape: tuple[int, int]):
        if array.is_text:
            raise StudyError(f"{array.where}: holds text, expected numbers")
        expected = shape if by_cell else shape[::-1]
        if array.shape != expected:
            raise StudyError(
                f"{array.where}: has the shape {array.shape}, but the tables of cells and genes say {expected}"
            )
        self._array, self._by_cell, self._shape = array, by_cell, shape
        chunk = array.chunks or (1, 1)
        width = _grown(chunk[1], expected[1], VALUES_PER_BLOCK // chunk[0])
        height = _grown(chunk[0], expected[0], VALUES_PER_BLOCK // width)
        self._cells, self._genes = (height, width) if by_cell else (width, height)
        self._chunk_cells = chunk[0 if by_cell else 1]

    def stream(self) -> Iterator[Chunk]:
        """Yield blocks of cells and genes."""
        for cell in range(0, self._shape[0], self._cells):
            cells = slice(cell, min(cell + self._cells, self._shape[0]))
            for genes in self._gene_ranges():
                yield Chunk(cells, genes, self._block(cells, genes))

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of cells (increasing)."""
        line = self._array.dtype.itemsize * self._shape[1]
        gap = max(self._chunk_cells, _GAP_BYTES // max(line, 1))
        kept = [sp.csr_matrix((0, self._shape[1]), dtype=self._block(slice(0, 0), slice(0, 0)).dtype)]
        # apart where few cells are wanted, and where a block of whole chunks ends: none is inflated for two groups
        ends = np.flatnonzero((np.diff(rows) > gap) | (np.diff(rows // self._cells) > 0)) + 1
        for group in np.split(rows, ends) if len(rows) else []:
            cells = slice(int(group[0]), int(group[-1]) + 1)
            inside = group - cells.start
            kept.append(sp.hstack([sp.csr_matrix(self._block(cells, g)[inside]) for g in self._gene_ranges()], "csr"))
        return sp.vstack(kept, "csr")

    def _gene_ranges(self) -> Iterator[slice]:
        for gene in range(0, self._shape[1], self._genes):
            yield slice(gene, min(gene + self._genes, self._shape[1]))

    def _block(self, cells: slice, genes: slice) -> np.ndarray:
        ranges = [(cells.start, cells.stop), (genes.start, genes.stop)]
        if self._by_cell:
            return _numbers(self._array.read(*ranges))
        return _numbers(self._array.read(*ranges[::-1])).T


def _numbers(values: np.ndarray) -> np.ndarray:
    return values.astype(np.uint8) if values.dtype == bool else values


def _grown(step: int, whole: int, most: int) -> int:
    """Return a multiple of `step` that is at most `most`, but at least one step and not beyond the whole."""
    return min(max(step, most // step * step), max(whole, 1))
