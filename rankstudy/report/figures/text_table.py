"""Tables of text as figures: columns as wide as their texts, if there is room, and rows as high as they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

from rankstudy.report.figures.style import plain_label
from rankstudy.report.figures.text import widest, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = 6.2
_LINE = 8.4  # points from a line of text to the next
_PADDING = 4.8  # points of a row beside its lines
_GAP = 9.0  # points between columns


class TextColumn(NamedTuple):
    """A heading, the side at which the texts stand, and a text per row."""

    head: str
    align: Literal["left", "right"]
    texts: Sequence[str]


@dataclass(frozen=True)
class TextTable:
    """Columns, and the points that they have together. What does not fit into its column continues on the next line."""

    columns: Sequence[TextColumn]
    width: float

    @cached_property
    def height(self) -> float:
        """Points from the top of the headings to the end of the last row."""
        return sum(self._heights)

    def draw(self, axes: Axes, *, room: float, colour: str) -> None:
        """Fill an axes of `width` x `room` points, with a line of a colour below the headings."""
        axes.set_axis_off()
        axes.set_xlim(0, self.width)
        axes.set_ylim(room, 0)
        ends = [0.0, *accumulate(self._heights)]
        for row, (lines, top, end) in enumerate(zip(self._rows, ends, ends[1:], strict=False)):
            style = {"fontsize": _SIZE, "color": "#555555" if row == 0 else "black", "linespacing": _LINE / _SIZE / 1.2}
            for column, x, text in zip(self.columns, self._places, lines, strict=True):
                shown = plain_label("\n".join(text))
                axes.text(
                    x,
                    (top + end) / 2,
                    shown,
                    ha=column.align,
                    va="center_baseline",
                    multialignment=column.align,
                    **style,
                )
            line = {"color": colour, "lw": 1.0} if row == 0 else {"color": "#DDDDDD", "lw": 0.4}
            if row < len(self._rows) - 1 or row == 0:
                axes.plot([0, self.width], [end, end], **line)

    @cached_property
    def _widths(self) -> list[float]:
        """Return the width of each column: what its texts need, or a limit for all; its heading's, if there is room."""
        room = self.width - _GAP * (len(self.columns) - 1)
        widths = _limited([widest([*column.head.split(), *column.texts], _SIZE) for column in self.columns], room)
        for place, column in enumerate(self.columns):
            spare = room - sum(widths)
            widths[place] += min(max(widest([column.head], _SIZE) - widths[place], 0.0), spare)
        return widths

    @cached_property
    def _places(self) -> list[float]:
        """Return where the texts of each column begin or, if they stand at its right side, end."""
        widths = self._widths
        gap = (self.width - sum(widths)) / max(len(widths) - 1, 1)
        starts = [0.0, *accumulate(width + gap for width in widths)]
        return [
            start if column.align == "left" else start + width
            for column, start, width in zip(self.columns, starts, widths, strict=False)
        ]

    @cached_property
    def _rows(self) -> list[list[list[str]]]:
        """Return the lines of each field, row by row, headings first."""
        fields = zip(*([column.head, *column.texts] for column in self.columns), strict=True)
        return [[wrapped(text, width, _SIZE) for text, width in zip(row, self._widths, strict=True)] for row in fields]

    @cached_property
    def _heights(self) -> list[float]:
        return [_LINE * max(map(len, row)) + _PADDING for row in self._rows]


def _limited(widths: Sequence[float], room: float) -> list[float]:
    """Return the widths where there is room for them; else no more than a limit that fills it."""
    left, limit = room, max(widths)
    if sum(widths) > room:
        for place, width in enumerate(sorted(widths)):
            limit = left / (len(widths) - place)
            if width > limit:
                break
            left -= width
    return [min(width, limit) for width in widths]
