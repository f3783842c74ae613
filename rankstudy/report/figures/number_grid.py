"""Numbers in coloured fields: a row for each encoding, a column for what was done; several grids share the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from typing import TYPE_CHECKING, Any

from rankstudy.report.figures.style import SEQUENTIAL, plain_label
from rankstudy.report.figures.text import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FIELD, ROW = 0.4, 0.19  # inches: width of a field, height of a row
NAME = 1.55  # inches: the widest that the name of a row may be
_NUMBER, _LABEL = 5.8, 6.5  # points
_DARK = 0.6  # of the range of colours, from which on letters are white
_EMPTY = "#F2F2F2"


@dataclass(frozen=True)
class NumberGrid:
    """Values by row and column, None where there is none.

    Attributes
    ----------
    title
        What stands above it.
    columns
        Names of the columns.
    values
        A value for each row and column, by both names.
    written
        Returns what is written in a field.
    ends
        The values at the ends of the colours; None: the fields have no colour.
    logarithmic
        Whether colours follow the logarithm of one more than the value.
    """

    title: str
    columns: Sequence[str]
    values: Mapping[tuple[str, str], float]
    written: Callable[[float], str]
    ends: tuple[float, float] | None = None
    logarithmic: bool = False

    def draw(self, axes: Axes, rows: Sequence[str], marks: Mapping[tuple[str, str], str] | None = None) -> None:
        """Draw all fields; `marks` are signs that stand behind the numbers."""
        import matplotlib as mpl

        colours = mpl.colormaps[SEQUENTIAL]
        for (at, row), (place, column) in _fields(rows, self.columns):
            value = self.values.get((row, column))
            share = self._share(value)
            face = _EMPTY if value is None else "white" if share is None else colours(share)
            axes.add_patch(mpl.patches.Rectangle((place - 0.5, at - 0.5), 1, 1, fc=face, ec="white", lw=0.8))
            if value is not None:
                words = f"{self.written(value)}{(marks or {}).get((row, column), '')}"
                colour = "white" if share is not None and share > _DARK else "black"
                axes.text(place, at, words, ha="center", va="center_baseline", fontsize=_NUMBER, color=colour)
        axes.set_xlim(-0.5, len(self.columns) - 0.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xticks(range(len(self.columns)), self.columns, fontsize=_LABEL)
        axes.set_yticks([])
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title(self.title)

    def _share(self, value: float | None) -> float | None:
        if value is None or self.ends is None:
            return None
        low, high, value = map(log1p, (*self.ends, value)) if self.logarithmic else (*self.ends, value)
        return 0.5 if high == low else min(max((value - low) / (high - low), 0.0), 1.0)


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of a grid, each on one line: the ends of names that are too long are left out."""
    axes.set_yticks(range(len(names)), [plain_label(one_line(name, NAME, _LABEL)) for name in names], fontsize=_LABEL)


def _fields(rows: Sequence[str], columns: Sequence[str]) -> list[tuple[tuple[int, str], tuple[int, str]]]:
    return [(row, column) for row in enumerate(rows) for column in enumerate(columns)]


def by_names(rows: Any, row: str, column: str, value: str) -> dict[tuple[str, str], float]:
    """Return a column of a table by the names in two others; what is empty is left out."""
    known = rows[rows[value].notna()]
    return {(a, b): v for a, b, v in zip(known[row], known[column], known[value], strict=True)}
