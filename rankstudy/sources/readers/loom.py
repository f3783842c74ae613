"""Loom files: a dense matrix of genes x cells in HDF5, with attributes of its rows and columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.identity import require_unique
from rankstudy.sources.choices import Choice
from rankstudy.sources.readers.base import Chunk, as_text, require_columns, true_or_false
from rankstudy.sources.readers.blocks import Dense
from rankstudy.sources.readers.elements import array_values, as_names
from rankstudy.sources.readers.features import COLUMN, as_types
from rankstudy.sources.readers.hdf5 import Array, find, names, opened
from rankstudy.sources.readers.hdf5_kinds import other_kind


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
        self.genes_are = path
        self.cell_names = self._names("col_attrs", cell_names, "loom.cell_names")
        self.gene_names = self._names("row_attrs", gene_names, "loom.gene_names")
        with opened(path, "loom") as file:
            genes = self._attributes(file, "row_attrs")
            stated = COLUMN in names(genes)
            self.feature_types = as_types(array_values(find(genes, COLUMN), f"{path}: {COLUMN}")) if stated else None
            self.choices = [Choice("matrix", counts, tuple(name for name in _matrices(file) if name != counts))]
        require_unique(self.cell_names, f"{path}: cells")

    @property
    def columns(self) -> list[str]:
        """The attributes of the cells."""
        with opened(self.path, "loom") as file:
            return names(self._attributes(file, "col_attrs"))

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return attributes of the cells."""
        found = self._columns("col_attrs", columns, "labels", of_cells=True)
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

    def _matrix(self, file: h5py.File) -> Dense:
        element = find(file, self._counts)
        if element is None:
            problem = f"loom.counts: {self.path} has no {self._counts!r}"
            raise StudyError(advise(problem, f"it holds {listing(_matrices(file))}"))
        shape = len(self.cell_names), len(self.gene_names)
        return Dense(Array(element, f"{self.path}: {self._counts}", dimensions=2), False, shape)

    def _names(self, group: str, attribute: str, key: str) -> list[str]:
        values = self._columns(group, [attribute], key)[attribute]
        return as_names(values, f"{self.path}: {group}/{attribute}", f"use another attribute (`{key}`)")

    def _columns(self, group: str, wanted: Sequence[str], key: str, *, of_cells: bool = False) -> dict[str, np.ndarray]:
        """Return attributes of the rows or the columns."""
        with opened(self.path, "loom") as file:
            attributes = self._attributes(file, group)
            require_columns(wanted, names(attributes), f"{key}: {self.path}: {group}", of_cells=of_cells)
            return {c: array_values(find(attributes, c), f"{self.path}: {group}/{c}") for c in wanted}

    def _attributes(self, file: h5py.File, group: str) -> h5py.Group:
        found = find(file, group)
        if not isinstance(found, h5py.Group):
            raise other_kind(file, "a loom file")
        return found


def _matrices(file: h5py.File) -> list[str]:
    layers = find(file, "layers")
    inside = [f"layers/{name}" for name in names(layers)] if isinstance(layers, h5py.Group) else []
    return [name for name in ("matrix", *inside) if find(file, name) is not None]
