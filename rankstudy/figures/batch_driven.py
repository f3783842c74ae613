"""Batch-driven neighbours per space: cells of another type that are near in the same batch, beside chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from rankstudy.compared import ONE_BATCH
from rankstudy.figures.style import BETWEEN, figure, letter, say, space_rows
from rankstudy.neighbourhoods import BATCH_DRIVEN_NEIGHBOURS

_ROW = 0.27


def draw_batch_driven(batch_driven: str, *, spaces: Mapping[str, Mapping[str, str]], outputs: Sequence[str]) -> None:
    """Draw the share of batch-driven neighbours, mean over all cells: a point per seed and space, a panel per k."""
    table = BATCH_DRIVEN_NEIGHBOURS.read(batch_driven)
    table = table[table["cell_type"].isna()]
    with figure(_ROW * len(spaces) + 1.0, outputs=outputs) as drawing:
        if (table["reason"] == ONE_BATCH).all():
            say(drawing.subplots(), "All cells are of one batch: none of their neighbours can be due to it.")
            return
        sizes = sorted(table["k"].unique())
        panels = drawing.subplots(1, len(sizes), squeeze=False, sharex=True, sharey=True)[0]
        for axes, k in zip(panels, sizes, strict=True):
            _draw_panel(axes, table[table["k"] == k], list(spaces))
            axes.set_title(f"{k} nearest cells")
        most = table[["share", "expected"]].max(axis=None)
        panels[0].set_xlim(-0.02 * most, 1.08 * most)
        space_rows(panels, spaces)
        letter(panels)
        handles = [
            Line2D([], [], marker="o", ls="", ms=4, mew=0.3, mec="white", color=BETWEEN, label="a seed"),
            Line2D(
                [], [], marker="|", ls="", ms=9, color="black", label="chance, by the types and batches of all cells"
            ),
        ]
        drawing.legend(handles=handles, loc="outside lower center", ncols=2)


def _draw_panel(axes: Axes, table: pd.DataFrame, spaces: Sequence[str]) -> None:
    for y, space in enumerate(spaces):
        rows = table[table["space"] == space]
        axes.axhline(y, color="#EEEEEE", lw=0.6, zorder=0)
        axes.plot(rows["expected"].mean(), y, "|", ms=11, color="black")
        axes.plot(rows["share"], [y] * len(rows), "o", ms=4.5, mew=0.3, mec="white", color=BETWEEN, alpha=0.85)
    axes.set_xlabel("share of the neighbours that are\nof another type in the same batch")
