"""A panel per space: at most eight, in rows that have no holes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import lcm
from typing import TYPE_CHECKING

from rankstudy.report.figures.style import WIDTH, letter
from rankstudy.report.figures.text import full_titles, joined, note_below

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 8
_PER_ROW = 4

Spaces = Mapping[str, Mapping[str, str]]


def overview(spaces: Spaces) -> list[str]:
    """Return the spaces that have a panel, in their order: at most eight.

    Those that the study examines come first, then what they are set against; of both, what is fitted on another space
    last. Controls, whose results are known beforehand, and fits of models have none, as long as there are others.
    """
    examined = [n for n, about in spaces.items() if about["role"] != "control" and not _is_fit_of_model(about)]
    order = {name: place for place, name in enumerate(spaces)}
    urgent = sorted(examined or spaces, key=lambda name: (_urgency(spaces[name]), order[name]))
    return sorted(urgent[:MOST], key=order.__getitem__)


def rows_of(names: Sequence[str]) -> list[list[str]]:
    """Return the panels of each row: as few rows as hold four each, about equally long."""
    n_rows = -(-len(names) // _PER_ROW)
    length = -(-len(names) // n_rows)
    return [list(names[begin : begin + length]) for begin in range(0, len(names), length)]


def width_of(rows: Sequence[Sequence[str]]) -> float:
    """Return the width (inches) of a figure with these rows of panels."""
    return WIDTH * max(2, *map(len, rows)) / _PER_ROW


def space_panels(drawing: Figure, spaces: Spaces, **options) -> dict[str, Axes]:
    """Return an empty panel for each space of the overview, titled with what it is; those of a row are equally wide.

    A note below says which spaces have no panel. `options` go to `Figure.subplot_mosaic`.
    """
    shown = overview(spaces)
    rows = rows_of(shown)
    panels = panel_grid(drawing, rows, **options)
    for name, axes in panels.items():
        axes.set_title(spaces[name]["short"])
    letter(list(panels.values()), wrap=17, rows=list(map(len, rows)))
    left_out = [about["short"] for name, about in spaces.items() if name not in panels]
    rest = f"Not drawn here: {joined(left_out)}." if left_out else ""
    note_below(drawing, full_titles(spaces, shown), rest)
    return panels


def panel_grid(drawing: Figure, rows: Sequence[Sequence[str]], **options) -> dict[str, Axes]:
    """Return a panel for each name, in rows that are equally wide whatever the number of their panels."""
    parts = lcm(*map(len, rows))
    mosaic = [[name for name in row for _ in range(parts // len(row))] for row in rows]
    panels = drawing.subplot_mosaic(mosaic, **options)
    return {name: panels[name] for row in rows for name in row}


def _is_fit_of_model(about: Mapping[str, str]) -> bool:
    return bool(about["model"]) and bool(about["parent"])


def _urgency(about: Mapping[str, str]) -> tuple[bool, bool]:
    return about["role"] == "baseline", bool(about["parent"])
