"""R objects as this reader keeps them: structure and short vectors in memory, long vectors as places in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from rankstudy.core.errors import advise
from rankstudy.sources.readers.rds.errors import Damaged, Unsupported

NA_INTEGER = -(2**31)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name in R code; also the tag of an attribute."""

    name: str
    kind = "name"


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something whose content is of no use here: code, an environment, a pointer."""

    kind: str


@dataclass(slots=True)
class Vector:
    """A logical, integer, numeric, complex or raw vector.

    `offset` is where its values begin among the unpacked bytes; `payload` holds them, big-endian, if they are few
    enough to be kept.
    """

    kind: str
    length: int
    offset: int
    payload: bytes | None
    attributes: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Text:
    """A character vector; `offset` is where its first string begins, `payload` holds the strings if they are kept."""

    length: int
    offset: int
    payload: Strings | None
    attributes: dict[str, object] = field(default_factory=dict)
    kind = "character"


@dataclass(slots=True)
class DeferredText:
    """Numbers that stand for the text that R makes of them (ALTREP `deferred_string`)."""

    numbers: object
    scientific_penalty: object
    attributes: dict[str, object] = field(default_factory=dict)
    kind = "character"


@dataclass(slots=True)
class Sequence:
    """A compact sequence (ALTREP `compact_intseq`, `compact_realseq`): `first`, `first + step`, ..."""

    kind: str
    length: int
    first: int
    step: int
    attributes: dict[str, object] = field(default_factory=dict)
    offset = 0  # its values stand nowhere in the file, so nothing has to be gone over to reach them

    def between(self, begin: int, end: int) -> np.ndarray:
        """Return its values from position `begin` to before `end` (int64)."""
        return self.first + self.step * np.arange(begin, end, dtype=np.int64)


@dataclass(slots=True)
class List:
    """A list; its names, if any, are an attribute."""

    items: list[object]
    attributes: dict[str, object] = field(default_factory=dict)
    kind = "list"


@dataclass(slots=True)
class PairList:
    """Pairs of a tag (None without one) and a value, and what follows the last pair (None in a proper list)."""

    pairs: list[tuple[str | None, object]]
    tail: object = None
    kind = "pairlist"


@dataclass(slots=True)
class S4:
    """An S4 object; its slots are its attributes."""

    attributes: dict[str, object] = field(default_factory=dict)
    kind = "S4 object"


class Strings:
    """Strings packed into one: a million barcodes take tens of megabytes as objects, and as many bytes as letters here.

    Parameters
    ----------
    letters
        All strings, one after another.
    ends
        Where each ends in `letters` (int64).
    marks
        For each, the encoding that R noted (`NATIVE`, ...) or `NA`.
    native
        What `NATIVE` means in this file.
    """

    NATIVE, ASCII, UTF8, LATIN1, BYTES, NA = range(6)

    def __init__(self, letters: bytes, ends: bytes, marks: bytes, native: str):
        self._letters, self._ends, self._marks, self._native = letters, ends, marks, native

    @property
    def nbytes(self) -> int:
        """The memory that they take."""
        return len(self._letters) + len(self._ends) + len(self._marks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Strings) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[bytes, bytes, bytes]:
        return self._letters, self._ends, self._marks

    def decoded(self) -> list[str | None]:
        """Return them as text, NA as None.

        Raises
        ------
        Damaged
            If letters are not of the encoding that is noted for them.
        """
        ends = np.frombuffer(self._ends, np.int64).tolist()
        if self._letters.isascii() and self.NA not in self._marks:
            text = self._letters.decode("ascii")
            return [text[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
        return list(self._each(ends))

    def _each(self, ends: list[int]) -> Iterator[str | None]:
        codecs = {self.NATIVE: self._native, self.ASCII: "ascii", self.UTF8: "utf-8", self.LATIN1: "latin-1"}
        for begin, end, mark in zip([0, *ends], ends, self._marks, strict=False):
            letters = self._letters[begin:end]
            if mark == self.NA:
                yield None
            elif mark == self.BYTES:
                problem = f"the string {letters[:40]!r} is marked as bytes, not text"
                raise Unsupported(advise(problem, "state its encoding in R: Encoding(x) <- 'UTF-8' (or 'latin1')"))
            else:
                try:
                    yield letters.decode(codecs[mark])
                except UnicodeDecodeError as error:
                    raise Damaged(f"the string {letters[:40]!r} is not {codecs[mark]}") from error


def classes_of(item: object) -> list[str]:
    """Return the class attribute of an object, an empty list without one."""
    of_class = getattr(item, "attributes", {}).get("class")
    if not isinstance(of_class, Text) or of_class.payload is None:
        return []
    return [str(name) for name in of_class.payload.decoded()]


def kind_of(item: object) -> str:
    """Return what an object is, for messages: its class if it has one, else its type."""
    of_class = classes_of(item)
    return of_class[0] if of_class else "NULL" if item is None else item.kind
