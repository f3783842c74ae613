"""The tables of cells and genes in an h5ad file: their names, and single columns."""

from __future__ import annotations

import h5py
import numpy as np

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers.elements import as_names, column_names, column_values, is_factor_of_seuratdisk
from rankstudy.sources.readers.hdf5 import find, names, text_attribute


class AnnotationTable:
    """`obs` or `var` of an open file; only what is asked for is read."""

    def __init__(self, file: h5py.File, name: str):
        group = find(file, name)
        if not isinstance(group, h5py.Group):
            raise StudyError(f"{file.filename}: is not an h5ad file of anndata 0.7 or later: it has no table {name!r}")
        self._group, self.where = group, f"{file.filename}: {name}"
        self._index = text_attribute(group, "_index") or "index"

    @property
    def columns(self) -> list[str]:
        """The names of the columns, without the index."""
        return [name for name in column_names(names(self._group)) if name != self._index]

    def names(self, column: str | None = None) -> list[str]:
        """Return the names of the rows, or a column used as names: text without gaps."""
        instead = "name them in the file" if column is None else "use another column"
        name = self._index if column is None else column
        return as_names(self.column(name), f"{self.where}[{name!r}]", instead)

    def column(self, name: str) -> np.ndarray:
        """Return the values of a column; what is missing is None (in numbers without a mask: NaN)."""
        return column_values(self._group, name, f"{self.where}[{name!r}]")

    def is_factor_of_seuratdisk(self, name: str) -> bool:
        """Return whether the labels of a column are found by its name alone."""
        return is_factor_of_seuratdisk(self._group, name)
