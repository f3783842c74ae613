"""Reading dictionaries that arrive as pickles: they may hold numbers, text and arrays of numbers, and run nothing."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

from rankstudy.core.errors import StudyError

# numpy scalars are the only objects that the authors' dictionaries hold besides plain ones
_ALLOWED = {
    ("numpy.core.multiarray", "scalar"): np._core.multiarray.scalar,
    ("numpy._core.multiarray", "scalar"): np._core.multiarray.scalar,
    ("numpy", "dtype"): np.dtype,
}
_PLAIN_KINDS = "iufb"
# and those of an array; whether it is one of numbers is checked
_ARRAYS = {
    ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,
    ("numpy", "ndarray"): np.ndarray,
}


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes, allowed: dict[tuple[str, str], Any]):
        super().__init__(io.BytesIO(content))
        self._allowed = allowed

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._allowed:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return self._allowed[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it refers to objects outside itself")


def read_dictionary(content: bytes, what: str) -> dict[str, int | float | str]:
    """Return a pickled dictionary from text to numbers or text.

    Nothing but plain Python values and numpy scalars is ever made: a pickle can call any function that it names, so
    every other name is refused.

    Parameters
    ----------
    content
        The pickle.
    what
        What it is, for messages.

    Raises
    ------
    StudyError
        If it is not such a dictionary.
    """
    value = _dictionary(content, _ALLOWED, what)
    if not all(isinstance(key, str) for key in value):
        raise StudyError(
            f"{what}: its keys are not text; a dictionary from tokens to genes (the first one published, until April "
            "2023) has to be replaced by the current one"
        )
    return {key: _plain(entry, what) for key, entry in value.items()}


def read_vectors(content: bytes, what: str) -> dict[str, np.ndarray]:
    """Return a pickled dictionary from text to vectors, float64; nothing is made but plain values and arrays of these.

    Parameters
    ----------
    content
        The pickle.
    what
        What it is, for messages.

    Raises
    ------
    StudyError
        If it is not such a dictionary.
    """
    value = _dictionary(content, _ALLOWED | _ARRAYS, what)
    found = {}
    for key, entry in value.items():
        try:
            vector = np.asarray(entry, np.float64)
        except (TypeError, ValueError):
            vector = np.empty((0, 0))
        if not isinstance(key, str) or vector.ndim != 1:
            raise StudyError(f"{what}: holds under {key!r} no vector of numbers")
        found[key] = vector
    return found


def _dictionary(content: bytes, allowed: dict[tuple[str, str], Any], what: str) -> dict[Any, Any]:
    try:
        value = _Unpickler(content, allowed).load()
    except Exception as error:  # noqa: BLE001 - a broken pickle can raise anything
        raise StudyError(f"{what}: is not a dictionary of plain values, and was not opened: {error}") from None
    if not isinstance(value, dict) or not value:
        raise StudyError(f"{what}: holds a {type(value).__name__}, expected a dictionary that is not empty")
    return value


def _plain(entry: Any, what: str) -> int | float | str:
    if isinstance(entry, np.generic) and entry.dtype.kind in _PLAIN_KINDS:
        return entry.item()
    if isinstance(entry, int | float | str):
        return entry
    raise StudyError(f"{what}: holds a value of type {type(entry).__name__}, expected numbers or text")
