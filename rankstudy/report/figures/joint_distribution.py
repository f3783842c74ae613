"""Joint distribution of two measures over all pairs of cells, within and between types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm

from rankstudy.measures.tables import JOINT
from rankstudy.report.figures.style import RELATION_NAMES, SEQUENTIAL, figure, letter, lines

_LABEL = 44  # characters that fit beside a panel


def draw_joint_distribution(
    joint: str,
    *,
    spaces: Mapping[str, Mapping[str, str]],
    pairs: Sequence[Sequence[str]],
    seed: int,
    outputs: Sequence[str],
) -> None:
    """Draw hexagons coloured by the number of pairs of cells (log), within types left, between types right.

    One row of panels per pair of spaces; the two panels of a row share their axes and their colours.
    """
    table = JOINT.read(joint)
    table = table[table["seed"] == seed]
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
