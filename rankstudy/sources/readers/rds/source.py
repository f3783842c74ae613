"""RDS files as a source of expression: the selected cells are copied out of a stream, and nothing else is held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.identity import require_unique
from rankstudy.core.progress import Progress
from rankstudy.sources.kinds import require_kind
from rankstudy.sources.readers.base import Chunk, as_text, require_columns
from rankstudy.sources.readers.rds.bytestream import ByteStream
from rankstudy.sources.readers.rds.contents import Contents
from rankstudy.sources.readers.rds.errors import Damaged, Unsupported
from rankstudy.sources.readers.rds.find import MatrixPart, find_expression
from rankstudy.sources.readers.rds.matrices import ROW_TYPE, VALUE_TYPE, Walker, cells_by_genes, native

_CELLS_PER_CHUNK = 1024
_VALUES_PER_CHUNK = 1 << 20


class RdsSource:
    """An RDS file that holds a Seurat object, a SingleCellExperiment or a sparse matrix.

    The file is read through once when it is opened; what was found there (names, tables, where the values are) serves
    all that follows. `stream` and `read` go through it once more, up to the last value that they need.

    Parameters
    ----------
    path
        The file.
    assay
        Assay of a Seurat object, None for that of the raw counts of genes (`rds.assays.chosen_assay`); or experiment of
        a SingleCellExperiment, None for the main one.
    layer
        Which values: `counts`, `data` or, in Seurat 5 and SingleCellExperiment, another name. A layer of Seurat 5 that
        is split (`counts.1`, `counts.2`) is read as one, cell after cell in the order of the file.
    """

    def __init__(self, path: str, *, assay: str | None = None, layer: str = "counts"):
        self.path = path
        require_kind(path, "rds", "gzip", "bzip2", "xz", "zstd")
        with _explained(path):
            found = find_expression(Contents(path), assay, layer)
        self._parts, self._cells, self._genes = found.parts, found.cell_table, found.gene_table
        self.cell_names, self.gene_names = found.cell_names, found.gene_names
        self.choices, self.feature_types, self.genes_are = list(found.choices), found.feature_types, path
        require_unique(self.cell_names, f"{path}: cells")

    @property
    def columns(self) -> list[str]:
        """The columns of `meta.data` (Seurat) or `colData` (SingleCellExperiment)."""
        return list(self._cells.columns) if self._cells else []

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of `meta.data` (Seurat) or `colData` (SingleCellExperiment)."""
        where = f"{self.path}: {self._cells.what if self._cells else 'cells'}"
        require_columns(columns, self.columns, where, of_cells=True)
        with _explained(self.path):
            table = self._cells.of(self.cell_names) if columns else None
            found = {c: table.text(c) for c in columns}
        return as_text(found, self.cell_names)

    def gene_flags(self, column: str) -> np.ndarray:
        """Return a true/false column of the assay's table of genes (`meta.features`; in Seurat 5 `meta.data`)."""
        table = self._genes
        where = f"genes.column: {self.path}: {table.what if table else 'genes'}"
        require_columns([column], list(table.columns) if table else [], where)
        with _explained(self.path):
            flags = table.flags(column)
        if flags is None:
            raise StudyError(f"{where}${column} is not true/false for every gene")
        return flags

    def stream(self) -> Iterator[Chunk]:
        """Yield the values in chunks of cells: rows and values lie apart, so two streams walk side by side."""
        genes, begin = slice(0, len(self.gene_names)), 0
        with _explained(self.path), ByteStream(self.path) as rows, ByteStream(self.path) as values:
            for part in self._parts:
                walkers = Walker(rows, part.matrix.rows), Walker(values, part.matrix.values)
                for first, last in _chunks(part.matrix.begins):
                    chunk = self._cells_of(part, first, last, *walkers)
                    yield Chunk(slice(begin + first, begin + last), genes, chunk)
                begin += part.matrix.n_cells

    def _cells_of(self, part: MatrixPart, first: int, last: int, rows: Walker, values: Walker) -> sp.csr_matrix:
        begins = part.matrix.begins[first : last + 1]
        found = [np.empty(begins[-1] - begins[0], kind) for kind in (ROW_TYPE, VALUE_TYPE)]
        for walker, target in zip((rows, values), found, strict=True):
            walker.copy(int(begins[0]), target)
        return cells_by_genes(
            native(found[1]), _genes_of(part, native(found[0])), begins - begins[0], len(self.gene_names), "the matrix"
        )

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of chosen cells; the memory that it takes is theirs."""
        rows = np.asarray(rows)
        if (np.diff(rows) <= 0).any():
            raise ValueError("rows must be increasing")
        first_cells = np.cumsum([0, *(part.matrix.n_cells for part in self._parts)])
        inside = [
            rows[np.searchsorted(rows, begin) : np.searchsorted(rows, end)] - begin
            for begin, end in zip(first_cells[:-1], first_cells[1:], strict=True)
        ]
        lengths = [np.diff(part.matrix.begins)[cells] for part, cells in zip(self._parts, inside, strict=True)]
        begins = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
        values, genes = np.empty(begins[-1], VALUE_TYPE), np.empty(begins[-1], ROW_TYPE)
        with _explained(self.path):
            self._copy(inside, lengths, genes, values)
            values, genes = native(values), native(genes)
            at = 0
            for part, length in zip(self._parts, lengths, strict=True):
                end = at + int(length.sum())
                genes[at:end] = _genes_of(part, genes[at:end])
                at = end
            return cells_by_genes(values, genes, begins, len(self.gene_names), "the matrix")

    def _copy(self, inside: list[np.ndarray], lengths: list[np.ndarray], genes: np.ndarray, values: np.ndarray) -> None:
        """Copy the values of cells, given for each part, in one pass over the file."""
        jobs, at = [], 0
        for part, cells, length in zip(self._parts, inside, lengths, strict=True):
            end = at + int(length.sum())
            for vector, target in ((part.matrix.rows, genes[at:end]), (part.matrix.values, values[at:end])):
                jobs.append((vector.offset, vector, part.matrix.begins, cells, target))
            at = end
        total = len(genes) + len(values)
        with Progress(total=total, unit="values copied") as progress, ByteStream(self.path) as stream:
            for _, vector, begins, cells, target in sorted(jobs, key=lambda job: job[0]):
                walker, filled = Walker(stream, vector), 0
                for begin, end in _runs(begins, cells):
                    walker.copy(begin, target[filled : filled + end - begin])
                    filled += end - begin
                    progress.update(end - begin)


def _runs(begins: np.ndarray, cells: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield where the values of cells begin and end; those of neighbours are one run."""
    if not len(cells):
        return
    breaks = np.flatnonzero(np.diff(cells) != 1) + 1
    firsts, lasts = cells[np.concatenate([[0], breaks])], cells[np.concatenate([breaks - 1, [len(cells) - 1]])]
    yield from zip(begins[firsts].tolist(), begins[lasts + 1].tolist(), strict=True)


def _chunks(begins: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield ranges of whole cells with a bounded number of values, at least one cell each."""
    first, n_cells = 0, len(begins) - 1
    while first < n_cells:
        last = int(np.searchsorted(begins, begins[first] + _VALUES_PER_CHUNK, "right")) - 1
        last = min(max(last, first + 1), first + _CELLS_PER_CHUNK, n_cells)
        yield first, last
        first = last


def _genes_of(part: MatrixPart, rows: np.ndarray) -> np.ndarray:
    """Return which genes the rows of a part are."""
    if len(rows) and not 0 <= rows.min() <= rows.max() < part.matrix.n_genes:
        raise Damaged(f"the matrix has values in rows outside 1 to {part.matrix.n_genes:,}")
    return rows if part.genes is None else part.genes[rows]


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turn what can be wrong with a file into a StudyError that names it."""
    try:
        yield
    except FileNotFoundError as error:
        raise StudyError(advise(f"{path}: there is no such file", "correct `source.local_file`")) from error
    except OSError as error:
        raise StudyError(f"{path}: cannot be read ({error})") from error
    except Unsupported as error:
        raise StudyError(f"{path}: {error}") from error
    except Damaged as error:
        raise StudyError(
            advise(
                f"{path}: is damaged: {error}",
                "fetch the file again",
                "write it again in R: saveRDS(object, file)",
            )
        ) from error
