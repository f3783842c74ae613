"""One array of an anndata table, in every encoding since anndata 0.7: index and columns, of cells and genes, alike.

| anndata | text | categories | integers and flags with gaps |
|---|---|---|---|
| 0.7 | dataset | codes, with a reference to `__categories/<column>` | - |
| SeuratDisk | dataset | codes alone; their labels are `__categories/<column>` | - |
| 0.8 to 0.12 | dataset | group of `codes` and `categories` | group of `values` and `mask` |
| 0.13, and 0.11 on request | group of `values` and `mask` | the same, whose categories may be such a group | the same |
"""

from __future__ import annotations

import h5py
import numpy as np

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers.hdf5 import Array, attribute, find, reading, text_attribute

_OLD_CATEGORIES = "__categories"
_R_LOGICAL = {"FALSE", "TRUE", "NA"}
_R_MISSING = np.iinfo(np.int32).min  # how R's NA stands among whole numbers


def column_names(names: list[str]) -> list[str]:
    """Return which of the names in a table are those of columns."""
    return [name for name in names if name != _OLD_CATEGORIES]


def column_values(table: h5py.Group, name: str, where: str) -> np.ndarray:
    """Return the values of a column or an index.

    Parameters
    ----------
    table
        The group that holds it.
    name, where
        Its name, and what it is called in messages.

    Returns
    -------
    numpy.ndarray
        Numbers as they are, or objects: text and flags. What is missing is None; in numbers without a mask it is NaN.

    Raises
    ------
    StudyError
        If there is none, if it is damaged, or if it is encoded in another way.
    """
    element = find(table, name)
    if isinstance(element, h5py.Group) and find(element, "codes") is not None:
        return _decoded(_codes(find(element, "codes"), where), find(element, "categories"), where)
    if is_factor_of_seuratdisk(table, name):
        codes = _codes(element, where)
        return _decoded(np.where(codes == _R_MISSING, -1, codes), find(table, f"{_OLD_CATEGORIES}/{name}"), where)
    if isinstance(element, h5py.Dataset) and attribute(element, "categories") is not None:
        return _decoded(_codes(element, where), _referred_to(table, element, name, where), where)
    return array_values(element, where)


def is_factor_of_seuratdisk(table: h5py.Group, name: str) -> bool:
    """Return whether a column holds numbers whose labels are found by its name alone, as SeuratDisk writes factors."""
    element = find(table, name)
    named = isinstance(element, h5py.Dataset) and find(table, f"{_OLD_CATEGORIES}/{name}") is not None
    return named and attribute(element, "categories") is None


def array_values(element: object, where: str) -> np.ndarray:
    """Return the values of an array that has no categories: a dataset, or values and a mask of what is missing."""
    if not isinstance(element, h5py.Group):
        array = Array(element, where)
        labels = h5py.check_enum_dtype(array.dtype)
        return array.values() if labels is None else _enumerated(array, labels)
    if find(element, "mask") is None:
        kind = text_attribute(element, "encoding-type")
        raise StudyError(f"{where}: is encoded as {kind!r}, which cannot be used as a column of labels or names")
    values = Array(find(element, "values"), where).values()
    mask = Array(find(element, "mask"), f"{where} mask").values()
    if mask.dtype != bool or mask.shape != values.shape:
        raise StudyError(f"{where}: its mask is {mask.dtype} of the shape {mask.shape}, its values are {values.shape}")
    return np.where(mask, None, values.astype(object)) if mask.any() else values


def as_names(values: np.ndarray, where: str, instead: str) -> list[str]:
    """Return values as the names of rows; a row without a name is an error that says what to do `instead`."""
    missing = np.array([value is None or value != value for value in values], bool)
    if missing.any():
        raise StudyError(f"{where}: {missing.sum()} rows have no name there; {instead}")
    return [str(value) for value in values]


def _referred_to(table: h5py.Group, element: h5py.Dataset, name: str, where: str) -> h5py.Dataset:
    """Return the categories that a column refers to, as anndata 0.7 wrote them: in a group beside the columns."""
    reference, beside = attribute(element, "categories"), find(table, f"{_OLD_CATEGORIES}/{name}")
    if not isinstance(reference, h5py.Reference) or not reference:
        raise StudyError(f"{where}: its attribute 'categories' refers to nothing")
    with reading(table.file.filename, f"what {element.name} refers to"):
        categories = table.file[reference]
        if beside is not None and beside != categories:
            raise StudyError(f"{where}: refers to categories other than __categories/{name}; the file is damaged")
    return categories


def _codes(element: object, where: str) -> np.ndarray:
    return Array(element, where).integers()


def _decoded(codes: np.ndarray, categories: object, where: str) -> np.ndarray:
    """Return the category of each code; -1 is missing."""
    found = array_values(categories, f"{where} categories")
    wrong = codes[(codes < -1) | (codes >= len(found))]
    if len(wrong):
        raise StudyError(f"{where}: holds the code {wrong[0]}, but there are {len(found)} categories")
    return np.append(found.astype(object), None)[codes]


def _enumerated(array: Array, labels: dict[str, int]) -> np.ndarray:
    """Return the label of each number, where the type of the numbers names them; R's logical values are flags."""
    meaning: dict[int, object] = {number: label for label, number in labels.items()}
    if set(labels) <= _R_LOGICAL:
        meaning = {number: {"TRUE": True, "FALSE": False}.get(label) for label, number in labels.items()}
    numbers = array.integers()
    unknown = set(np.unique(numbers).tolist()) - set(meaning)
    if unknown:
        raise StudyError(f"{array.where}: holds {min(unknown)}, which its type has no label for; the file is damaged")
    return np.array([meaning[number] for number in numbers.tolist()], object)
