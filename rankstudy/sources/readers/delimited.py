"""Text in columns: what separates them, what they are called and how numbers are written, found in the first lines.

One rule for tables of counts, of labels and of donors. A separator fits if it cuts the header and the first row into
equally many fields, two at least, or into one more in the row, as R leaves out what the row names are called. The first
that fits is taken: tab, comma, semicolon; then space, which text may hold; a header of one field only, which any text
is, comes last.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.sources.choices import Choice
from rankstudy.sources.kinds import require_kind
from rankstudy.sources.readers.base import require_columns
from rankstudy.sources.separators import SEPARATORS, Separator

Opened = Callable[[], AbstractContextManager[IO]]

_LINES = 6
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")


@dataclass(frozen=True)
class TextLayout:
    """How a table is written.

    `columns` are the names of the columns after the first, which holds the names of the rows and is itself called
    `corner` (None where the header leaves it out); `rows` are the first rows as text.
    `header` says in words what is unusual about the header, `ends_empty` whether each row ends in a separator, and
    `above` how many empty lines stand above the header.
    """

    separator: Separator
    corner: str | None
    columns: list[str]
    rows: list[list[str]]
    header: str | None
    ends_empty: bool
    above: int

    @property
    def options(self) -> dict[str, Any]:
        """What `pandas.read_csv` has to know to read the rows."""
        between = r"\s+" if self.separator == "space" else SEPARATORS[self.separator]
        return {"sep": between, "header": None, "skiprows": self.above + 1}

    @property
    def width(self) -> int:
        """Fields of a row: its name, its values, and an empty one where it ends in a separator."""
        return 1 + len(self.columns) + self.ends_empty

    def choices(self, of: str = "") -> list[Choice]:
        """Return what was decided, for `source_parts`; `of` says of which table."""
        found = [Choice(f"{of}separator", self.separator)]
        return found if self.header is None else [*found, Choice(f"{of}header", self.header)]

    def positions(self, wanted: Sequence[str], where: str) -> dict[str, int]:
        """Return in which field of a row a column stands; raise StudyError if none has its name, or several have."""
        require_columns(wanted, self.columns, where, of_cells=True)
        for name in wanted:
            if self.columns.count(name) > 1:
                problem = f"{where}: the column {name!r} stands {self.columns.count(name)} times"
                raise StudyError(advise(problem, "rename the others", "remove the others"))
        return {name: 1 + self.columns.index(name) for name in wanted}

    def decimal(self) -> str:
        """Return what stands before the decimals: a comma only where the first rows leave no doubt of it."""
        values = [value for row in self.rows for value in row[1:]]
        with_comma = [value for value in values if _DECIMAL_COMMA.fullmatch(value)]
        doubtful = any("." in value for value in values) or all(map(_THOUSANDS.fullmatch, with_comma))
        return "," if with_comma and not doubtful else "."


def layout_of(opened: Opened, where: str, key: str, separator: Separator | None = None) -> TextLayout:
    """Return how a table is written.

    Parameters
    ----------
    opened
        Opens the table, as bytes.
    where, key
        What it is, and the key of the configuration that names its separator, for messages.
    separator
        What separates the columns; None finds it.

    Raises
    ------
    StudyError
        If it has no rows, or the header and the first row do not fit together.
    """
    with opened() as file, readable(where):
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        above, first = next(((n, line) for n, line in enumerate(text) if line.strip("\r\n")), (0, ""))
        lines = [first, *islice(text, _LINES - 1)]
        text.detach()
    cuts = {name: cut for name in SEPARATORS if len(cut := _cut(lines, name)) > 1}
    tried = {name: cut for name, cut in cuts.items() if separator in (None, name)}
    if not tried:
        raise StudyError(
            f"{where}: has no row below its first line; a table has a header, and a row for each gene or cell"
        )
    fitting = [name for name in cuts if _fits(cuts[name]) or _is_short(cuts[name])]
    fitting.sort(key=lambda name: _doubt(name, cuts[name]))
    if taken := [name for name in fitting if name in tried]:
        return _laid_out(taken[0], cuts[taken[0]], above, where)
    what = _misfit(tried, lines[0])
    if fitting:
        raise StudyError(advise(f"{where}: {what}", f"use `{key}: {fitting[0]}`"))
    way = f"give its header and its rows equally many fields, separated by one of {listing(SEPARATORS)}"
    raise StudyError(advise(f"{where}: {what}", way))


def _cut(lines: list[str], separator: str) -> list[list[str]]:
    """Return the fields of the first lines, empty lines left out; nothing if they cannot be cut so."""
    between = SEPARATORS[separator]
    lines = [line.strip() + "\n" for line in lines] if separator == "space" else lines
    try:
        return [row for row in csv.reader(lines, delimiter=between, skipinitialspace=separator == "space") if row]
    except csv.Error:  # a field of 128 KiB: a whole line that another separator cuts
        return []


def _fits(rows: list[list[str]]) -> bool:
    return len(rows[0]) == len(rows[1]) > 1


def _is_short(rows: list[list[str]]) -> bool:
    return len(rows[0]) + 1 == len(rows[1])


def _doubt(separator: Separator, rows: list[list[str]]) -> int:
    """Return how doubtful a separator is that fits; of equally doubtful ones the first is taken."""
    if len(rows[0]) == 1:  # no text holds a tab, and most hold spaces or commas
        return 2 if separator == "tab" else 5
    return (3 if separator == "space" else 0) + (0 if _fits(rows) else 1)


def _misfit(cuts: dict[Separator, list[list[str]]], first: str) -> str:
    """Return in words why the header and the first row do not fit together, whatever separates them."""
    best = max(cuts, key=lambda name: len(cuts[name][0]))
    header, row = (len(fields) for fields in cuts[best][:2])
    if header == 1:
        return f"its header is one column with the separator {listing(cuts)}: {first.strip()[:60]!r}"
    return f"with the separator {best} the first row has {header} fields, the second {row}"


def _laid_out(separator: Separator, fields: list[list[str]], above: int, where: str) -> TextLayout:
    header, rows = fields[0], fields[1:]
    corner: str | None = header[0]
    ends = all(row[-1] == "" for row in rows)
    if _fits(fields):
        ends = ends and header[-1] == ""
        columns, unusual = header[1:-1] if ends else header[1:], "ends in a separator, as the rows do" if ends else None
    elif ends and header[0] == "":
        columns, unusual = header[1:], "without the separator in which the rows end"
    elif ends:
        problem = f"{where}: the rows have one field more than the header, and it is empty"
        raise StudyError(
            advise(problem, "remove the separator at their ends", "give the first column a name in the header")
        )
    else:
        corner, columns, unusual = None, header, "one field short, as R writes it"
    if "" in columns and not _fits(fields):
        raise StudyError(
            f"{where}: the first row has {len(header)} fields, the second {len(rows[0])}, and a column has no name"
        )
    return TextLayout(separator, corner, columns, rows, unusual, ends, above)


@contextmanager
def readable(where: str) -> Iterator[None]:
    """Turn what pandas and Python say of a file that is no table into a message."""
    try:
        yield
    except ValueError as error:
        raise StudyError(f"{where}: cannot be read as a table in UTF-8: {error}") from error


@contextmanager
def open_text(path: str) -> Iterator[IO]:
    """Open a file of text as bytes; what is packed with gzip is unpacked, whatever its name."""
    require_kind(path, "gzip", "mtx")
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with (gzip.open if packed else open)(path, "rb") as file:
            yield file
    except FileNotFoundError as error:
        raise StudyError(f"{path}: there is no such file") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise StudyError(f"{path}: is not a complete gzip file ({error})") from error
