"""The strongest outliers as a table: types and cells that are more or less alike than their labels say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes

from rankstudy.evaluation import ALIKE_ACROSS, OUTLIER_CELLS, OUTLIER_TYPES, UNLIKE_WITHIN
from rankstudy.figures.style import BETWEEN, WITHIN, figure, letter, plain_label

_ROW = 0.185
_TITLES = {ALIKE_ACROSS: "different types, most alike", UNLIKE_WITHIN: "same type, least alike"}


def draw_outliers(
    types: str, cells: str, *, space: str, about: Mapping[str, str], seed: int, outputs: Sequence[str]
) -> None:
    """Draw four short tables for one space: outliers as (pairs of) types by median, and as pairs of cells."""
    frames = []
    for table, path in ((OUTLIER_TYPES, types), (OUTLIER_CELLS, cells)):
        frame = table.read(path)
        frames.append(frame[(frame["space"] == space) & (frame["seed"] == seed)])
    by_type, by_cell = frames
    rows = [
        max((by_type["kind"] == kind).sum() for kind in _TITLES),
        *((by_cell["kind"] == kind).sum() for kind in _TITLES),
    ]
    with figure(_ROW * (sum(rows) + 9), outputs=outputs) as drawing:
        grid = drawing.add_gridspec(3, 2, height_ratios=[n + 2 for n in rows])
        panels = [drawing.add_subplot(place) for place in (grid[0, 0], grid[0, 1], grid[1, :], grid[2, :])]
        for axes, (kind, title) in zip(panels[:2], _TITLES.items(), strict=True):
            _draw_types(axes, by_type[by_type["kind"] == kind], f"Types: {title}", about["measure"], rows[0])
        for axes, (kind, title) in zip(panels[2:], _TITLES.items(), strict=True):
            _draw_cells(axes, by_cell[by_cell["kind"] == kind], f"Cells: {title}", about["measure"])
        letter(panels)


def _draw_types(axes: Axes, table: pd.DataFrame, title: str, measure: str, room: int) -> None:
    names = [_pair(r.type_a, r.type_b) for r in table.itertuples()]
    values = [_value(v) for v in table["median"]]
    columns = [("types", 0.0, "left", names), (f"median {measure}", 1.0, "right", values)]
    _draw_table(axes, title, columns, table["kind"], room)


def _draw_cells(axes: Axes, table: pd.DataFrame, title: str, measure: str) -> None:
    names = [_pair(r.type_a, r.type_b) for r in table.itertuples()]
    cells = [[_short(cell) for cell in table[column]] for column in ("cell_a", "cell_b")]
    batches = [
        plain_label(r.batch_a if r.batch_a == r.batch_b else f"{r.batch_a}, {r.batch_b}") for r in table.itertuples()
    ]
    columns = [
        ("types", 0.0, "left", names),
        ("cells", 0.3, "left", cells[0]),
        ("", 0.535, "left", cells[1]),
        ("batch", 0.77, "left", batches),
        (measure, 1.0, "right", [_value(v) for v in table["value"]]),
    ]
    _draw_table(axes, title, columns, table["kind"], len(table))


def _draw_table(
    axes: Axes, title: str, columns: list[tuple[str, float, str, list[str]]], kinds: pd.Series, room: int
) -> None:
    n = len(kinds)
    colour = BETWEEN if n and kinds.iloc[0] == ALIKE_ACROSS else WITHIN
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(room + 0.3, -1.0)
    axes.set_title(title)
    for head, x, align, values in columns:
        axes.text(x, -0.45, head, ha=align, va="center", fontsize=6.5, color="#555555")
        for row, text in enumerate(values):
            axes.text(x, row + 0.5, text, ha=align, va="center", fontsize=6.2)
    axes.plot([0, 1], [0, 0], color=colour, lw=1.0)
    for row in range(1, n):
        axes.plot([0, 1], [row, row], color="#DDDDDD", lw=0.4)


def _value(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _pair(a: str, b: str) -> str:
    return plain_label(a if a == b else f"{a} – {b}")


def _short(cell_id: str, most: int = 30) -> str:
    """Return a cell's own name, its middle left out if it is long."""
    name = cell_id.split(":", 1)[1]
    return plain_label(name if len(name) <= most else f"{name[: most // 2 - 1]}…{name[-(most // 2) :]}")
