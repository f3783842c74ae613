"""The strongest outliers as a table: types and cells that are more or less alike than their labels say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.measures.tables import ALIKE_ACROSS, OUTLIER_CELLS, OUTLIER_TYPES, UNLIKE_WITHIN
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import BETWEEN, WIDTH, WITHIN, figure, letter
from rankstudy.report.figures.text import POINTS_PER_INCH
from rankstudy.report.figures.text_table import TextColumn, TextTable
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd

    from rankstudy.report.figure import Outputs

_TITLES = {ALIKE_ACROSS: "different types, most alike", UNLIKE_WITHIN: "same type, least alike"}
_COLOURS = {ALIKE_ACROSS: BETWEEN, UNLIKE_WITHIN: WITHIN}
# points: at the rim, between tables side by side, and above each for its title
_RIM, _BETWEEN_TABLES, _TITLE = 6.0, 18.0, 22.0
_WIDTH = WIDTH * POINTS_PER_INCH


FIGURE = Figure(
    title="Outliers",
    section="types",
    caption=(
        "The strongest outliers of ``{dataset}`` (seed {seed}) in the space ``{space}``: types and cells that are "
        "more, or less, alike than their labels say. No cell stands in two rows of a list."
    ),
    reads={"types": OUTLIER_TYPES, "cells": OUTLIER_CELLS, "spaces": SPACES_TABLE},
    settings=lambda plan: {"space": plan.main_space, "seed": plan.first_seed},
)


def draw(
    types: pd.DataFrame,
    cells: pd.DataFrame,
    spaces: pd.DataFrame,
    *,
    space: str,
    seed: int,
    outputs: Outputs,
) -> None:
    """Draw four short tables for one space: outliers as (pairs of) types by median, and as pairs of cells."""
    about = descriptions(spaces)[space]
    by_type, by_cell = (table[(table["space"] == space) & (table["seed"] == seed)] for table in (types, cells))
    whole = _WIDTH - 2 * _RIM
    half = (whole - _BETWEEN_TABLES) / 2
    of_types = [_types(by_type[by_type["kind"] == kind], about["measure"], half) for kind in _TITLES]
    of_cells = [_cells(by_cell[by_cell["kind"] == kind], about["measure"], whole) for kind in _TITLES]
    # each table with its title, where it begins, and the height that its row of tables has
    placed, top = [], _RIM
    for row, what in ((of_types, "Types"), ([of_cells[0]], "Cells"), ([of_cells[1]], "Cells")):
        room = max(table.height for table in row)
        lefts = (_RIM, _RIM + half + _BETWEEN_TABLES)
        placed += [(what, table, left, top + _TITLE, room) for table, left in zip(row, lefts, strict=False)]
        top += _TITLE + room
    height = top + _RIM
    with figure(height / POINTS_PER_INCH, outputs=outputs) as drawing:
        drawing.set_layout_engine("none")
        panels = []
        for (what, table, left, begin, room), kind in zip(placed, 2 * [*_TITLES], strict=True):
            place = (left / _WIDTH, 1 - (begin + room) / height, table.width / _WIDTH, room / height)
            axes = drawing.add_axes(place)
            table.draw(axes, room=room, colour=_COLOURS[kind])
            axes.set_title(f"{what}: {_TITLES[kind]}")
            panels.append(axes)
        letter(panels)


def finding(types: pd.DataFrame, cells: pd.DataFrame, spaces: pd.DataFrame, *, space: str, seed: int) -> str:
    """Return the strongest outliers among the types."""
    about = descriptions(spaces)[space]
    first = types[(types["space"] == space) & (types["seed"] == seed) & (types["place"] == 1)]
    named = {r.kind: f"{_pair(r.type_a, r.type_b)} ({_value(r.median)})" for r in first.itertuples()}
    parts = [f"{title}: {named[kind]}" for kind, title in _TITLES.items() if kind in named]
    return f"By median {about['measure']}, {'; '.join(parts)}."


def _types(table: pd.DataFrame, measure: str, width: float) -> TextTable:
    columns = [
        TextColumn("types", "left", [_pair(r.type_a, r.type_b) for r in table.itertuples()]),
        TextColumn(f"median {measure}", "right", [_value(v) for v in table["median"]]),
    ]
    return TextTable(columns, width)


def _cells(table: pd.DataFrame, measure: str, width: float) -> TextTable:
    columns = [
        TextColumn("types", "left", [_pair(r.type_a, r.type_b) for r in table.itertuples()]),
        TextColumn("cells", "left", [_short(cell) for cell in table["cell_a"]]),
        TextColumn("", "left", [_short(cell) for cell in table["cell_b"]]),
        TextColumn("batch", "left", [_pair(r.batch_a, r.batch_b, ", ") for r in table.itertuples()]),
        TextColumn(measure, "right", [_value(v) for v in table["value"]]),
    ]
    return TextTable(columns, width)


def _value(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _pair(a: str, b: str, between: str = " – ") -> str:
    return a if a == b else f"{a}{between}{b}"


def _short(cell_id: str, most: int = 30) -> str:
    """Return a cell's own name, its middle left out if it is long."""
    name = cell_id.split(":", 1)[1]
    return name if len(name) <= most else f"{name[: most // 2 - 1]}…{name[-(most // 2) :]}"
