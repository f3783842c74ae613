"""Loom files: a dense matrix of genes x cells in HDF5, with attributes of its rows and columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.errors import StudyError, listing
from rankstudy.identity import require_unique
from rankstudy.readers.base import CELL_NAME, Choice, Chunk, as_text, require_columns, true_or_false
from rankstudy.readers.blocks import Dense
from rankstudy.readers.hdf5 import Array, find, names, opened


class LoomSource:
    """A loom file.

    Parameters
    ----------
    path
        The file.
    counts
        `matrix`, or `layers/<name>`.
    cell_names, gene_names
        Attributes of the columns (`col_attrs`) and of the rows (`row_attrs`) with the names to use.
    """

    def __init__(self, path: str, *, counts: str = "matrix", cell_names: str = "CellID", gene_names: str = "Gene"):
        self.path, self._counts = path, counts
        self.feature_types, self.genes_are = None, path
        self.choices = [Choice("matrix", counts)]
        self.cell_names = [
            str(name) for name in self._columns("col_attrs", [cell_names], "loom.cell_names")[cell_names]
        ]
        self.gene_names = [
            str(name) for name in self._columns("row_attrs", [gene_names], "loom.gene_names")[gene_names]
        ]
        require_unique(self.cell_names, f"{path}: cells")

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return attributes of the cells."""
        stored = self._columns("col_attrs", [c for c in columns if c != CELL_NAME], "labels")
        found = {c: stored.get(c, self.cell_names) for c in columns}
        for name, values in found.items():
            if len(values) != len(self.cell_names):
                raise StudyError(
                    f"{self.path}: col_attrs/{name} has {len(values)} values for {len(self.cell_names)} cells"
                )
        return as_text(found, self.cell_names)

    def gene_flags(self, column: str) -> np.ndarray:
        """Return a true/false attribute of the genes."""
        values = self._columns("row_attrs", [column], "genes.column")[column]
        return true_or_false(values, len(self.gene_names), f"genes.column: {self.path}: row_attrs/{column}")

    def stream(self) -> Iterator[Chunk]:
        """Yield blocks of cells and genes."""
        with opened(self.path, "loom") as file:
            yield from self._matrix(file).stream()

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of chosen cells."""
        with opened(self.path, "loom") as file:
            return self._matrix(file).read(np.asarray(rows, np.int64))

    def _matrix(self, file) -> Dense:
        element = find(file, self._counts)
        if element is None:
            raise StudyError(f"loom.counts: {self.path} has no {self._counts!r}; it holds {listing(names(file))}")
        shape = len(self.cell_names), len(self.gene_names)
        return Dense(Array(element, f"{self.path}: {self._counts}", dimensions=2), False, shape)

    def _columns(self, group: str, wanted: Sequence[str], key: str) -> dict[str, np.ndarray]:
        """Return attributes of the rows or the columns."""
        with opened(self.path, "loom") as file:
            attributes = find(file, group)
            if attributes is None:
                raise StudyError(f"{self.path}: is not a loom file: it has no group {group!r}")
            require_columns(wanted, names(attributes), f"{key}: {self.path}: {group}")
            return {c: Array(find(attributes, c), f"{self.path}: {group}/{c}").values() for c in wanted}
