"""The tables of cells and genes in an h5ad file: their names, and single columns in every encoding since anndata 0.7."""

from __future__ import annotations

import h5py
import numpy as np

from rankstudy.errors import StudyError
from rankstudy.readers.hdf5 import Array, attribute, find, names, reading

_NOT_COLUMNS = {"__categories"}


class AnnotationTable:
    """`obs` or `var` of an open file; only what is asked for is read."""

    def __init__(self, file: h5py.File, name: str):
        group = find(file, name)
        if not isinstance(group, h5py.Group):
            raise StudyError(f"{file.filename}: is not an h5ad file of anndata 0.7 or later: it has no table {name!r}")
        self._group, self.where = group, f"{file.filename}: {name}"
        self._index = attribute(group, "_index") or "index"
        if not isinstance(self._index, str):
            raise StudyError(f"{self.where}: its attribute '_index' is not a name")

    @property
    def columns(self) -> list[str]:
        """The names of the columns, without the index."""
        return [name for name in names(self._group) if name != self._index and name not in _NOT_COLUMNS]

    def names(self, column: str | None = None) -> list[str]:
        """Return the names of the rows, or a column used as names: text without gaps."""
        if column is None:
            values = Array(find(self._group, self._index), f"{self.where}[{self._index!r}]").values()
        else:
            values = self.column(column)
        missing = np.array([value is None or value != value for value in values], bool)
        if missing.any():
            raise StudyError(f"{self.where}[{column!r}]: {missing.sum()} rows have no name there; use another column")
        return [str(value) for value in values]

    def column(self, name: str) -> np.ndarray:
        """Return the values of a column; what is missing is None (in numbers without a mask: NaN)."""
        where, element = f"{self.where}[{name!r}]", find(self._group, name)
        if isinstance(element, h5py.Group):
            return _encoded_column(element, where)
        codes = Array(element, where)
        categories = self._old_categories(element, name)
        return codes.values() if categories is None else _decoded(codes, Array(categories, f"{where} categories"))

    def _old_categories(self, element: h5py.Dataset, name: str) -> h5py.Dataset | None:
        """Return the categories of a column as anndata 0.7 kept them: in a group beside the columns."""
        reference = attribute(element, "categories")
        if reference is None:
            return None
        if not isinstance(reference, h5py.Reference) or not reference:
            raise StudyError(f"{self.where}[{name!r}]: its attribute 'categories' refers to nothing")
        beside = find(self._group, f"__categories/{name}")
        with reading(self._group.file.filename, f"what {element.name} refers to"):
            categories = self._group.file[reference]
            if beside is not None and beside != categories:
                raise StudyError(
                    f"{self.where}[{name!r}]: refers to categories other than __categories/{name}; the file is damaged"
                )
        return categories


def _encoded_column(group: h5py.Group, where: str) -> np.ndarray:
    """Return a column that is a group: codes and categories, or values with a mask of what is missing."""
    if find(group, "codes") is not None:
        categories = find(group, "categories")
        if isinstance(categories, h5py.Group):
            raise StudyError(f"{where}: its categories are neither numbers nor plain text; write them as text")
        return _decoded(Array(find(group, "codes"), where), Array(categories, f"{where} categories"))
    if find(group, "mask") is None:
        kind = attribute(group, "encoding-type")
        raise StudyError(f"{where}: is encoded as {kind!r}, which cannot be used as a column of labels")
    values, mask = Array(find(group, "values"), where).values(), Array(find(group, "mask"), f"{where} mask").values()
    if mask.dtype != bool or mask.shape != values.shape:
        raise StudyError(f"{where}: its mask is {mask.dtype} of the shape {mask.shape}, its values are {values.shape}")
    return np.where(mask, None, values.astype(object)) if mask.any() else values


def _decoded(codes: Array, categories: Array) -> np.ndarray:
    """Return the category of each code; -1 is missing."""
    numbers, found = codes.integers(), categories.values()
    if len(numbers) and not (numbers.min() >= -1 and numbers.max() < len(found)):
        wrong = numbers[(numbers < -1) | (numbers >= len(found))][0]
        raise StudyError(f"{codes.where}: holds the code {wrong}, but there are {len(found)} categories")
    return np.append(found.astype(object), None)[numbers]
