"""A panel per space: four to a row, controls in rows of their own, on grey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rankstudy.report.figures.style import letter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PER_ROW = 4
_CONTROL = "#F2F2F2"

Spaces = Mapping[str, Mapping[str, str]]


def rows_of(spaces: Spaces) -> list[list[str]]:
    """Return the spaces of each row of panels: controls begin one of their own."""
    controls = [name for name, about in spaces.items() if about["role"] == "control"]
    others = [name for name in spaces if name not in controls]
    return [group[begin : begin + _PER_ROW] for group in (others, controls) for begin in range(0, len(group), _PER_ROW)]


def columns_of(spaces: Spaces) -> int:
    """Return the largest number of panels in a row."""
    return max(map(len, rows_of(spaces)))


def space_panels(drawing: Figure, spaces: Spaces, **options) -> dict[str, Axes]:
    """Return an empty panel for each space, titled with what the space is; `options` go to `Figure.subplots`."""
    rows = rows_of(spaces)
    grid = drawing.subplots(len(rows), columns_of(spaces), squeeze=False, **options)
    panels: dict[str, Axes] = {}
    for row, names in zip(grid, rows, strict=True):
        panels.update(zip(names, row, strict=False))
        for axes in row[len(names) :]:
            axes.set_axis_off()
    for name, axes in panels.items():
        axes.set_title(spaces[name]["title"])
        if spaces[name]["role"] == "control":
            axes.set_facecolor(_CONTROL)
    return panels


def letter_spaces(panels: Mapping[str, Axes], spaces: Spaces, *, wrap: int) -> None:
    """Mark the panels a, b, c, ... in front of their titles."""
    letter(list(panels.values()), wrap=wrap, rows=list(map(len, rows_of(spaces))))
