"""AnnData files (h5ad): only the rows and the columns that are needed, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.errors import StudyError, listing
from rankstudy.identity import require_unique
from rankstudy.readers.base import CELL_NAME, Choice, Chunk, as_text, require_columns, true_or_false
from rankstudy.readers.blocks import Dense, Sparse
from rankstudy.readers.h5ad_tables import AnnotationTable
from rankstudy.readers.hdf5 import Array, attribute, find, names, opened


class H5adSource:
    """An h5ad file.

    Parameters
    ----------
    path
        The file.
    counts
        The matrix: `X`, `raw/X` or `layers/<name>`.
    gene_names
        Column of `var` (of `raw/var` for `raw/X`) with the names to use; None takes the index.

    Raises
    ------
    StudyError
        If the file is damaged, or is not what the parameters say.
    """

    def __init__(self, path: str, *, counts: str = "X", gene_names: str | None = None):
        self.path, self._counts = path, counts
        self.feature_types, self.genes_are = None, path
        self._genes = "raw/var" if counts == "raw/X" else "var"
        with self._opened() as file:
            if find(file, counts) is None:
                raise StudyError(f"h5ad.counts: {path} has no {counts!r}; it holds {listing(_matrices(file))}")
            cells, genes = AnnotationTable(file, "obs"), AnnotationTable(file, self._genes)
            self.cell_names = cells.names()
            if gene_names is not None:
                require_columns([gene_names], genes.columns, f"h5ad.gene_names: {genes.where}")
            self.gene_names = genes.names(gene_names)
            self.choices = [Choice("matrix", counts, tuple(name for name in _matrices(file) if name != counts))]
        require_unique(self.cell_names, f"{path}: cells")

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of `obs`."""
        with self._opened() as file:
            obs = AnnotationTable(file, "obs")
            require_columns(columns, obs.columns, obs.where)
            found = {c: self.cell_names if c == CELL_NAME else obs.column(c) for c in columns}
        for name, values in found.items():
            if len(values) != len(self.cell_names):
                rows = len(self.cell_names)
                raise StudyError(
                    f"{obs.where}[{name!r}]: has {len(values):,} values for {rows:,} rows; the file is damaged"
                )
        return as_text(found, self.cell_names)

    def gene_flags(self, column: str) -> np.ndarray:
        """Return a true/false column of `var`."""
        with self._opened() as file:
            table = AnnotationTable(file, self._genes)
            require_columns([column], table.columns, f"genes.column: {table.where}")
            values = table.column(column)
        return true_or_false(values, len(self.gene_names), f"genes.column: {table.where}[{column!r}]")

    def stream(self) -> Iterator[Chunk]:
        """Yield the values, of ranges of cells or (column-wise files) of ranges of genes."""
        with self._opened() as file:
            yield from self._matrix(file).stream()

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of chosen cells."""
        with self._opened() as file:
            return self._matrix(file).read(np.asarray(rows, np.int64))

    def _opened(self):
        return opened(self.path, "h5ad")

    def _matrix(self, file: h5py.File) -> Sparse | Dense:
        element, where = find(file, self._counts), f"{self.path}: {self._counts}"
        shape = len(self.cell_names), len(self.gene_names)
        if isinstance(element, h5py.Dataset):
            return Dense(Array(element, where, dimensions=2), True, shape)
        kind = attribute(element, "encoding-type")
        if kind not in ("csr_matrix", "csc_matrix"):
            raise StudyError(f"{where}: is encoded as {kind!r}, expected 'csr_matrix', 'csc_matrix' or a dense array")
        declared = attribute(element, "shape")
        if np.shape(declared) != (2,) or tuple(declared) != shape:
            raise StudyError(
                f"{where}: says that its shape is {declared}, but the tables of cells and genes say {shape}"
            )
        return Sparse(element, where, kind == "csr_matrix", shape)


def _matrices(file: h5py.File) -> list[str]:
    layers = find(file, "layers")
    inside = [f"layers/{name}" for name in names(layers)] if isinstance(layers, h5py.Group) else []
    return [name for name in ("X", "raw/X", *inside) if find(file, name) is not None]
