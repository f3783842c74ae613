"""Batch-driven neighbours per space: cells of another type that are near in the same batch, beside chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rankstudy.measures.neighbours.tables import BATCH_DRIVEN_NEIGHBOURS
from rankstudy.measures.tables import ONE_BATCH
from rankstudy.measures.uncertainty.tables import BATCH_DRIVEN, INTERVALS
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import BETWEEN, NEUTRAL, figure, letter, say, space_rows
from rankstudy.report.figures.text import extremes, full_titles, legend_above, note_below
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_ROW = 0.27
_OTHERS = "#F3D3BD"  # BETWEEN, as light as a background
_ONE_BATCH = "All cells are of one batch: none of their neighbours can be due to it."


FIGURE = Figure(
    title="Batch-driven neighbours",
    section="neighbours",
    caption=(
        "Share of a cell’s nearest cells that are of another type but of the same batch, in each space of "
        "``{dataset}``: mean over all cells, with its interval (first seed); grey: other seeds. Black line: drawn "
        "evenly from all other cells. Bar: all neighbours of another type, whatever their batch."
    ),
    reads={"batch_driven": BATCH_DRIVEN_NEIGHBOURS, "intervals": INTERVALS, "spaces": SPACES_TABLE},
    settings=lambda plan: {"seed": plan.first_seed},
)


def draw(
    batch_driven: pd.DataFrame, intervals: pd.DataFrame, spaces: pd.DataFrame, *, seed: int, outputs: Outputs
) -> None:
    """Draw the share of batch-driven neighbours of each space, mean over all cells, a panel per k.

    A point is the share with its interval, of one seed; the shares of the other seeds are grey. Where nothing could be
    resampled, the point has no interval. A bar is the share of all neighbours of another type, of the same seed: a
    space that mixes types has few batch-driven neighbours only beside those.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    spaces = descriptions(spaces)
    shares = batch_driven[batch_driven["cell_type"].isna()]
    found = intervals[(intervals["statistic"] == BATCH_DRIVEN) & intervals["cell_type"].isna()][
        ["seed", "space", "k", "low", "high"]
    ]
    table = shares.merge(found.astype({"k": shares["k"].dtype}), how="left", validate="one_to_one")
    with figure(_ROW * len(spaces) + 1.0, outputs=outputs) as drawing:
        if (table["reason"] == ONE_BATCH).all():
            say(drawing.subplots(), _ONE_BATCH)
            return
        sizes = sorted(table["k"].unique())
        panels = drawing.subplots(1, len(sizes), squeeze=False, sharex=True, sharey=True)[0]
        for axes, k in zip(panels, sizes, strict=True):
            _draw_panel(axes, table[table["k"] == k], list(spaces), seed)
            axes.set_title(f"{k} nearest cells")
        most = table[["share", "expected", "high", "other_types"]].max(axis=None)
        panels[0].set_xlim(-0.015 * most, 1.04 * most)
        space_rows(panels, spaces)
        letter(panels)
        handles = [
            Patch(color=_OTHERS, label="another type, whatever the batch"),
            Line2D([], [], marker="o", lw=1.4, ms=4.5, mew=0, color=BETWEEN, label="the same batch, with its interval"),
            Line2D([], [], marker="|", ls="", ms=9, color="black", label="the same batch, by chance"),
        ]
        if table["seed"].nunique() > 1:
            handles.insert(2, Line2D([], [], marker="|", ls="", ms=5, mew=0.8, color=NEUTRAL, label="other seeds"))
        legend_above(drawing, handles)
        note_below(drawing, full_titles(spaces, spaces))


def finding(batch_driven: pd.DataFrame, intervals: pd.DataFrame, spaces: pd.DataFrame, *, seed: int) -> str:
    """Return in which spaces most and fewest of the nearest cells are batch-driven, and how many are by chance."""
    if (batch_driven["reason"] == ONE_BATCH).all():
        return _ONE_BATCH
    about = descriptions(spaces)
    k = batch_driven["k"].min()
    rows = batch_driven[batch_driven["cell_type"].isna() & (batch_driven["k"] == k) & (batch_driven["seed"] == seed)]
    share = rows.set_index("space")["share"]
    shown = extremes({of["short"]: share[name] for name, of in about.items() if of["role"] != "control"})
    chance = f"{rows['expected'].mean():.3f}"
    return f"Share of batch-driven neighbours among the {k} nearest: {shown}; by chance {chance}."


def _draw_panel(axes: Axes, table: pd.DataFrame, spaces: Sequence[str], seed: int) -> None:
    for y, space in enumerate(spaces):
        rows = table[table["space"] == space]
        axes.axhline(y, color="#EEEEEE", lw=0.6, zorder=0)
        axes.plot(rows["expected"].mean(), y, "|", ms=11, color="black")
        for row in rows.itertuples():
            if row.seed == seed:
                axes.barh(y, row.other_types, height=0.5, color=_OTHERS, lw=0, zorder=0.5)
                axes.plot([row.low, row.high], [y, y], color=BETWEEN, lw=1.4, solid_capstyle="butt")
                axes.plot(row.share, y, "o", ms=4.5, mew=0, color=BETWEEN)
            else:
                axes.plot(row.share, y + 0.25, "|", ms=5, mew=0.8, color=NEUTRAL)
    axes.set_xlabel("share of the neighbours that are\nof another type, and in the same batch")
