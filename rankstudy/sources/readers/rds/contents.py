"""The object of an RDS file, and the values of its vectors, whether they were kept or must be read again."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np

from rankstudy.core.errors import advise
from rankstudy.core.progress import Progress
from rankstudy.sources.readers.rds.bytestream import ByteStream
from rankstudy.sources.readers.rds.errors import Damaged, Unsupported
from rankstudy.sources.readers.rds.numbers import as_r_writes
from rankstudy.sources.readers.rds.objects import (
    NA_INTEGER,
    DeferredText,
    List,
    Sequence,
    Strings,
    Symbol,
    Text,
    Vector,
    kind_of,
)
from rankstudy.sources.readers.rds.serialisation import load_strings, parse

_TYPES = {"logical": ">i4", "integer": ">i4", "numeric": ">f8"}
_NULL_SLOT = "\001NULL\001"


class Contents:
    """What a file holds: one pass over it finds the structure, and verifies the checksums of packed files.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    Damaged, Unsupported
        If it is not an RDS file, or not a whole one.
    """

    def __init__(self, path: str):
        self.path = path
        size = os.path.getsize(path)
        with Progress(total=size, unit="bytes read to find what is where") as progress:
            with ByteStream(path, progress) as stream:
                self.root, self._native = parse(stream)

    def numbers(self, item: object, what: str) -> np.ndarray:
        """Return the values of a logical, integer (int32) or numeric (float64) vector; `what` names it in errors."""
        if isinstance(item, Sequence):
            return item.between(0, item.length).astype(np.int32 if item.kind == "integer" else np.float64)
        if not isinstance(item, Vector) or item.kind not in _TYPES:
            raise Unsupported(f"{what} should be a vector of numbers, and is {kind_of(item)}")
        values = np.frombuffer(self._bytes(item), _TYPES[item.kind])
        return values.astype(values.dtype.newbyteorder("="))

    def integers(self, item: object, what: str) -> np.ndarray:
        """Return the values of an integer vector, which must have no NA."""
        values = self.numbers(item, what)
        if item.kind != "integer" or (values == NA_INTEGER).any():
            raise Damaged(f"{what} should be integers, and is {item.kind} or has NA")
        return values

    def strings(self, item: object, what: str) -> list[str | None]:
        """Return the values of a character vector, NA as None."""
        if isinstance(item, DeferredText):
            return self._written(item, what)
        if not isinstance(item, Text):
            raise Unsupported(f"{what} should be text, and is {kind_of(item)}")
        return self._strings(item).decoded()

    def names(self, item: object, what: str) -> list[str]:
        """Return the values of a character vector, which must have no NA."""
        values = self.strings(item, what)
        if None in values:
            problem = f"{what}: name {values.index(None) + 1} is NA"
            raise Unsupported(advise(problem, "give every one a name in R"))
        return values

    def named(self, item: object, what: str) -> dict[str, object]:
        """Return the elements of a list by their names."""
        if not isinstance(item, List):
            raise Unsupported(f"{what} should be a list, and is {kind_of(item)}")
        if not item.items:
            return {}
        names = self.names(item.attributes.get("names"), f"the names of {what}")
        if len(names) != len(item.items):
            raise Damaged(f"{what}: its {len(item.items)} elements have {len(names)} names")
        if len(set(names)) != len(names):
            repeated, _ = Counter(names).most_common(1)[0]
            problem = f"{what}: the name {repeated!r} stands twice"
            raise Unsupported(advise(problem, "rename one of the two in R", "remove one of them in R"))
        return dict(zip(names, item.items, strict=True))

    def _written(self, item: DeferredText, what: str) -> list[str | None]:
        penalty = self.integers(item.scientific_penalty, what)
        if len(penalty) != 1:
            raise Damaged(f"{what}: deferred text without the option scipen")
        return as_r_writes(self.numbers(item.numbers, what), int(penalty[0]))

    def _bytes(self, vector: Vector) -> bytes:
        if vector.payload is not None:
            return vector.payload
        with ByteStream(self.path) as stream:
            stream.skip(vector.offset)
            return stream.take(vector.length * np.dtype(_TYPES[vector.kind]).itemsize)

    def _strings(self, text: Text) -> Strings:
        if text.payload is not None:
            return text.payload
        with ByteStream(self.path) as stream:
            stream.skip(text.offset)
            return load_strings(stream, text.length, self._native)


def slot(item: object, name: str) -> object:
    """Return a slot of an S4 object; one that holds NULL, or is not there, is None."""
    value = getattr(item, "attributes", {}).get(name)
    return None if isinstance(value, Symbol) and value.name == _NULL_SLOT else value
