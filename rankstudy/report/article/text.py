"""Text of the pages: sentences as markup that no label can break, and tables of such cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from markupsafe import Markup, escape

Item = TypeVar("Item")
NONE = Markup("–")
_MOST_UPRIGHT = 9  # columns on an upright page


def text(words: str, /, *values: Any, **named: Any) -> Markup:
    """Return a sentence: `words` are HTML that stands in the code, what is put into their braces is escaped.

    Looked-up numbers (`rankstudy.report.article.numbers.Number`) and markup stay what they are.
    """
    return Markup(words).format(*values, **named)


def joined(parts: Iterable[Any], between: str = " ") -> Markup:
    """Return parts in one text; empty ones are left out."""
    return Markup(between).join(part for part in parts if part)


def listed(items: Iterable[Item], each: Callable[[Item], Any] = lambda item: item) -> Markup:
    """Return `a, b and c`."""
    shown = [each(item) for item in items]
    if len(shown) < 2:
        return joined(shown)
    return text("{} and {}", joined(shown[:-1], ", "), shown[-1])


def label(words: Any) -> Markup:
    """Return words that others have given: a label, a title, a licence."""
    return text('<span class="label">{}</span>', words)


def sentence(words: Any) -> Markup:
    """Return words with a full stop, unless they end with one."""
    shown = escape(words)
    return text("{}{}", shown, "" if shown.striptags().endswith(".") else ".")


def code(words: Any) -> Markup:
    """Return a name of a file, a space or a setting."""
    return text("<code>{}</code>", words)


@dataclass(frozen=True)
class Rows:
    """Rows of a table that stand together.

    Attributes
    ----------
    rows
        Cells, row by row; the first one is the heading of the row.
    heading
        What the rows are of; empty without one.
    kind
        Their class in the style sheet.
    """

    rows: Sequence[Sequence[Any]]
    heading: Any = ""
    kind: str = ""


@dataclass(frozen=True)
class Grid:
    """A table of a page.

    Attributes
    ----------
    caption
        What it shows.
    columns
        Headings of the columns; those in `words` hold words, all others numbers.
    groups
        Its rows.
    words
        Places of the columns of words, beside the first one.
    note
        What has to be known of the data set, below.
    """

    caption: Any
    columns: Sequence[Any]
    groups: Sequence[Rows]
    words: frozenset[int] = field(default_factory=frozenset)
    note: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether a printed page has to be turned for it."""
        return len(self.columns) > _MOST_UPRIGHT

    def kind(self, column: int) -> str:
        """Return the class of a column in the style sheet."""
        return "text" if column in self.words else "num"


def grid(
    caption: Any,
    columns: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    *,
    words: Iterable[int] = (),
    note: str = "",
) -> Grid:
    """Return a table of one group of rows."""
    return Grid(caption, list(columns), [Rows(list(rows))], frozenset(words), note)


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: Sequence[Any]


@dataclass(frozen=True)
class Facts:
    """Names with what they are, one below the other."""

    pairs: Sequence[tuple[Any, Any]]


@dataclass(frozen=True)
class Note:
    """A sentence that stands out."""

    words: Any


@dataclass(frozen=True)
class Section:
    """A section of a page, with the figures that name it.

    Attributes
    ----------
    key
        The name of the place in the page; figures that declare this section stand in it.
    heading
        What it is about.
    said
        What is shown: sentences, tables, lists.
    details
        What unfolds below the figures.
    folded
        Whether all of it is folded, figures too.
    figures
        How many of its figures are shown; the others unfold with the details. None: all are.
    """

    key: str
    heading: str
    said: Sequence[Any] = ()
    details: Sequence[Any] = ()
    folded: bool = False
    figures: int | None = None
