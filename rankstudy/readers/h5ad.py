"""AnnData files (h5ad): rows of a sparse or dense matrix, and only the columns that are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.errors import StudyError, listing
from rankstudy.identity import require_unique
from rankstudy.readers.base import CELL_NAME, Chunk, as_text, require_columns

_CELLS_PER_CHUNK = 4096


class H5adSource:
    """An h5ad file; `counts` names the matrix: `X`, `raw/X` or `layers/<name>`."""

    def __init__(self, path: str, *, counts: str = "X"):
        self.path, self._counts = path, counts
        with self._open() as file:
            if counts not in file:
                layers = [f"layers/{name}" for name in file.get("layers", {})]
                held = [name for name in ("X", "raw/X", *layers) if name in file]
                raise StudyError(f"h5ad.counts: {path} has no {counts!r}; it holds {listing(held)}")
            self._genes = "raw/var" if counts == "raw/X" else "var"
            for table in ("obs", self._genes):
                if not isinstance(file.get(table), h5py.Group):
                    raise StudyError(f"{path}: is not an h5ad file of anndata 0.7 or later: it has no table {table!r}")
            self.cell_names = self._index(file["obs"])
            self.gene_names = self._index(file[self._genes])
        require_unique(self.cell_names, f"{path}: cells")
        require_unique(self.gene_names, f"{path}: genes")

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of `obs`."""
        with self._open() as file:
            require_columns(columns, _columns(file["obs"]), f"{self.path}: obs")
            found = {
                c: self.cell_names if c == CELL_NAME else np.asarray(ad.io.read_elem(file["obs"][c])) for c in columns
            }
        return as_text(found, self.cell_names)

    def gene_flags(self, column: str) -> np.ndarray:
        """Return a true/false column of `var`."""
        with self._open() as file:
            require_columns([column], _columns(file[self._genes]), f"genes.column: {self.path}: {self._genes}")
            values = np.asarray(ad.io.read_elem(file[self._genes][column]))
        found = pd.unique(pd.Series(values))
        if not set(found) <= {0, 1}:
            raise StudyError(
                f"genes.column: {self.path}: {self._genes}[{column!r}] is not true/false: {listing(found, 5)}"
            )
        return values.astype(bool)

    def stream(self) -> Iterator[Chunk]:
        """Yield the values in chunks of cells."""
        genes = slice(0, len(self.gene_names))
        with self._open() as file:
            matrix = self._matrix(file)
            for begin in range(0, len(self.cell_names), _CELLS_PER_CHUNK):
                cells = slice(begin, min(begin + _CELLS_PER_CHUNK, len(self.cell_names)))
                yield Chunk(cells, genes, matrix[cells])

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of chosen cells."""
        with self._open() as file:
            return sp.csr_matrix(self._matrix(file)[np.asarray(rows)])

    def _matrix(self, file: h5py.File):
        """Return something whose rows can be sliced without reading the rest, where the layout allows it."""
        element = file[self._counts]
        if isinstance(element, h5py.Dataset):
            return element
        matrix = ad.io.sparse_dataset(element)
        # a column-wise matrix has no rows to slice: it is read once and turned round
        return matrix if matrix.format == "csr" else sp.csr_matrix(matrix.to_memory())

    def _open(self) -> h5py.File:
        try:
            return h5py.File(self.path, "r")
        except FileNotFoundError as error:
            raise StudyError(f"{self.path}: there is no such file; correct `source.local_file`") from error
        except OSError as error:
            raise StudyError(f"{self.path}: is not a readable h5ad file ({error})") from error

    @staticmethod
    def _index(group: h5py.Group) -> list[str]:
        name = group.attrs.get("_index", "index")
        return [str(v) for v in np.asarray(ad.io.read_elem(group[name]))]


def _columns(group: h5py.Group) -> list[str]:
    return [str(c) for c in group.attrs.get("column-order", [])]
