"""Tables of an R object: `data.frame`, and Bioconductor's `DFrame`; their columns as text or flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rankstudy.core.errors import advise
from rankstudy.core.identity import positions_of
from rankstudy.sources.readers.rds.contents import Contents, slot
from rankstudy.sources.readers.rds.errors import Damaged, Unsupported
from rankstudy.sources.readers.rds.numbers import as_label
from rankstudy.sources.readers.rds.objects import NA_INTEGER, DeferredText, List, Text, Vector, classes_of, kind_of

_PLAIN = {"factor", "ordered", "AsIs", "noquote", "numeric", "integer", "character", "logical"}


@dataclass(frozen=True)
class DataFrame:
    """Columns of equal length that are read when asked for; `rows` are the chosen rows, None for all in order."""

    contents: Contents
    what: str
    columns: Mapping[str, object]
    row_names: list[str]
    rows: np.ndarray | None = None

    def named(self, names: list[str]) -> DataFrame:
        """Return the table with other names of rows."""
        if self.columns and len(names) != len(self.row_names):
            raise Damaged(f"{self.what} has {len(self.row_names)} rows for {len(names)} names")
        return replace(self, row_names=names)

    def of(self, names: Sequence[str]) -> DataFrame:
        """Return the rows of these names, in their order."""
        if self.row_names == list(names):
            return self
        return replace(self, row_names=list(names), rows=positions_of(names, self.row_names, f"rows of {self.what}"))

    def text(self, column: str) -> list[str | None]:
        """Return a column as text, NA as None; factors as their levels, whole numbers without decimals."""
        values = self._text(self.columns[column], f"{self.what}${column}")
        return values if self.rows is None else [values[row] for row in self.rows]

    def flags(self, column: str) -> np.ndarray | None:
        """Return a column of TRUE and FALSE, or of 0 and 1; None if it is something else, or has NA."""
        item = self.columns[column]
        if not isinstance(item, Vector) or not set(classes_of(item)) <= _PLAIN or "factor" in classes_of(item):
            return None
        values = self._checked(self.contents.numbers(item, column), f"{self.what}${column}")
        if not np.isin(values, (0, 1)).all():
            return None
        return values.astype(bool) if self.rows is None else values[self.rows].astype(bool)

    def _text(self, item: object, what: str) -> list[str | None]:
        classes = set(classes_of(item))
        if isinstance(item, Text | DeferredText):
            return self._checked(self.contents.strings(item, what), what)
        if isinstance(item, List) or classes - _PLAIN:
            raise Unsupported(advise(f"{what} is {kind_of(item)}", "make it text in R: as.character(...)"))
        values = self._checked(self.contents.numbers(item, what), what)
        if "factor" in classes:
            return self._levels(values, item.attributes.get("levels"), what)
        if item.kind == "logical":
            return [{0: "FALSE", 1: "TRUE", NA_INTEGER: None}[v] for v in _logical(values, what).tolist()]
        return as_label(values)

    def _levels(self, codes: np.ndarray, levels: object, what: str) -> list[str | None]:
        names = self.contents.strings(levels, f"levels of {what}")
        missing = codes == NA_INTEGER
        if codes.dtype != np.int32 or not (missing | ((codes >= 1) & (codes <= len(names)))).all():
            raise Damaged(f"{what} is a factor with codes outside 1 to {len(names)}")
        return [None if code == NA_INTEGER else names[code - 1] for code in codes.tolist()]

    def _checked(self, values, what: str):
        if len(values) != len(self.row_names):
            raise Damaged(f"{what} has {len(values)} values for {len(self.row_names)} rows")
        return values


def _logical(values: np.ndarray, what: str) -> np.ndarray:
    if not np.isin(values, (0, 1, NA_INTEGER)).all():
        raise Damaged(f"{what} is logical with values other than TRUE, FALSE and NA")
    return values


def data_frame(contents: Contents, item: object, what: str) -> DataFrame:
    """Return a `data.frame` of the file."""
    if not isinstance(item, List) or "data.frame" not in classes_of(item):
        raise Unsupported(f"{what} should be a data.frame, and is {kind_of(item)}")
    return DataFrame(contents, what, contents.named(item, what), _row_names(contents, item, what))


def bioconductor_frame(contents: Contents, item: object, what: str) -> DataFrame:
    """Return a `DFrame` of the file, whose rows must have names."""
    names = slot(item, "rownames")
    if names is None:
        raise Unsupported(advise(f"{what} has no names of rows", "give the cells names in R: colnames(object) <- ..."))
    columns = contents.named(slot(item, "listData"), what)
    return DataFrame(contents, what, columns, contents.names(names, f"names of the rows of {what}"))


def _row_names(contents: Contents, item: List, what: str) -> list[str]:
    """Return the names of rows: text, or numbers, which R shortens to c(NA, -n) where they are 1 to n."""
    names = item.attributes.get("row.names")
    if isinstance(names, Text | DeferredText):
        return contents.names(names, f"names of the rows of {what}")
    numbers = contents.numbers(names, f"names of the rows of {what}")
    if len(numbers) == 2 and numbers[0] == NA_INTEGER:
        numbers = range(1, _borne_out(item, abs(int(numbers[1])), what) + 1)
    return [str(int(number)) for number in numbers]


def _borne_out(item: List, n_rows: int, what: str) -> int:
    """Return a number of rows that the file states, if a column has as many.

    Of a table without columns it is ignored.
    """
    if not item.items:
        return 0
    if n_rows not in [getattr(column, "length", None) for column in item.items]:
        raise Damaged(f"{what} is said to have {n_rows:,} rows, and its columns have not")
    return n_rows
