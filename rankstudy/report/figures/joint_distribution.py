"""Joint distribution of two measures over all pairs of cells, within and between types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rankstudy.measures.tables import JOINT
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import RELATION_NAMES, SEQUENTIAL, figure, letter, lines
from rankstudy.spaces.descriptions import descriptions
from rankstudy.spaces.tables import SPACES_TABLE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import LogNorm

_LABEL = 44  # characters that fit beside a panel


FIGURE = Figure(
    title="Joint distribution",
    section="joint",
    caption=(
        "All pairs of cells of ``{dataset}`` (seed {seed}) by two measures at once, one pair of measures in each "
        "row: within types on the left and between types on the right, on the same axes and colours."
    ),
    reads={"joint": JOINT, "spaces": SPACES_TABLE},
    when=lambda plan: plan.joint,
    settings=lambda plan: {"pairs": plan.joint, "seed": plan.first_seed},
)


def draw(
    joint: pd.DataFrame,
    spaces: pd.DataFrame,
    *,
    pairs: Sequence[Sequence[str]],
    seed: int,
    outputs: Sequence[str],
) -> None:
    """Draw hexagons coloured by the number of pairs of cells (log), within types left, between types right.

    One row of panels per pair of spaces; the two panels of a row share their axes and their colours.
    """
    from matplotlib.colors import LogNorm

    spaces = descriptions(spaces)
    table = joint[joint["seed"] == seed]
    with figure(3.2 * len(pairs), width=6.6, outputs=outputs) as drawing:
        grid = drawing.subplots(len(pairs), 2, sharex="row", sharey="row", squeeze=False)
        for row, (x, y) in zip(grid, pairs, strict=True):
            chosen = table[(table["space_x"] == x) & (table["space_y"] == y)]
            norm = LogNorm(1, max(chosen["n"].max(), 2))
            for axes, relation in zip(row, RELATION_NAMES, strict=True):
                drawn = _draw_hexagons(axes, chosen[chosen["relation"] == relation], norm)
                axes.set_title(f"Pairs {RELATION_NAMES[relation]}")
                axes.set_xlabel(_label(spaces[x]))
            _frame(row[0], chosen)
            row[0].set_ylabel(_label(spaces[y]))
            drawing.colorbar(drawn, ax=row, label="pairs of cells (log)", shrink=0.9, pad=0.02)
        letter(grid.ravel())


def _label(space: Mapping[str, str]) -> str:
    return "\n".join(lines(f"{space['title']}: {space['measure']}", _LABEL))


def _draw_hexagons(axes: Axes, cells: pd.DataFrame, norm: LogNorm) -> PolyCollection:
    import numpy as np
    from matplotlib.collections import PolyCollection

    width, height = cells["width"].iloc[0], cells["height"].iloc[0]
    # the cell of a centre of two interleaved lattices: a hexagon with points up and down
    corners = np.array([[0, -1 / 3], [0.5, -1 / 6], [0.5, 1 / 6], [0, 1 / 3], [-0.5, 1 / 6], [-0.5, -1 / 6]])
    corners = corners * [width, 2 * height]
    vertices = cells[["x", "y"]].to_numpy()[:, None, :] + corners[None]
    drawn = PolyCollection(
        vertices, array=cells["n"].to_numpy(float), norm=norm, cmap=SEQUENTIAL, lw=0.1, edgecolor="face"
    )
    # as outlines the thousands of hexagons would make the article megabytes larger
    drawn.set_rasterized(True)
    axes.add_collection(drawn)
    return drawn


def _frame(axes: Axes, cells: pd.DataFrame) -> None:
    width, height = cells["width"].iloc[0], cells["height"].iloc[0]
    axes.set_xlim(cells["x"].min() - 2 * width, cells["x"].max() + 2 * width)
    axes.set_ylim(cells["y"].min() - 2 * height, cells["y"].max() + 2 * height)
