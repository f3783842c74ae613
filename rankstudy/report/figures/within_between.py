"""Likeness within and between cell types, space by space: one point per type or pair of types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rankstudy.measures.tables import EFFECT_SIZES, PAIR_SUMMARIES
from rankstudy.report.figure import Figure
from rankstudy.report.figures.space_panels import columns_of, letter_spaces, rows_of, space_panels
from rankstudy.report.figures.style import RELATION_COLOURS, RELATION_NAMES, figure, swarm
from rankstudy.spaces.descriptions import descriptions
from rankstudy.spaces.tables import SPACES_TABLE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_TITLE = 18  # characters that fit above a panel


FIGURE = Figure(
    title="Within and between types",
    section="separation",
    caption=(
        "Medians over all pairs of cells of one type (blue) and of two types (orange) in each space of "
        "``{dataset}`` (seed {seed}). More alike is up in every panel. AUROC: probability that a pair within a "
        "type is more alike than a pair between types, mean over the seeds."
    ),
    reads={"summaries": PAIR_SUMMARIES, "effects": EFFECT_SIZES, "spaces": SPACES_TABLE},
    settings=lambda plan: {"seed": plan.first_seed},
)


def draw(
    summaries: pd.DataFrame, effects: pd.DataFrame, spaces: pd.DataFrame, *, seed: int, outputs: Sequence[str]
) -> None:
    """Draw the medians of all pairs of types, those within a type beside those between types, one panel per space.

    The axis of a distance is turned round, so that more alike is up in every panel. The AUROC over all pairs of cells,
    as the mean over the seeds, stands below each panel. Controls stand in a row of their own, on grey.
    """
    spaces = descriptions(spaces)
    table = summaries[summaries["seed"] == seed]
    columns = columns_of(spaces)
    with figure(2.9 * len(rows_of(spaces)), width=1.95 * max(columns, 2), outputs=outputs) as drawing:
        # the layout does not count the width of titles: room for that of the last column
        drawing.get_layout_engine().set(rect=(0, 0, 1 - 0.14 / max(columns, 2), 1))
        panels = space_panels(drawing, spaces)
        for name, axes in panels.items():
            overall = effects[(effects["space"] == name) & effects["cell_type"].isna()]
            _draw_panel(axes, table[table["space"] == name], spaces[name], overall["auroc"])
        letter_spaces(panels, spaces, wrap=_TITLE)


def _draw_panel(axes: Axes, table: pd.DataFrame, about: Mapping[str, str], auroc: pd.Series) -> None:
    import numpy as np

    for x, relation in enumerate(RELATION_COLOURS):
        values = np.sort(table.loc[table["relation"] == relation, "median"].to_numpy())
        axes.plot(
            x + swarm(values), values, "o", ms=4, mew=0.3, mec="white", color=RELATION_COLOURS[relation], alpha=0.85
        )
        axes.plot([x - 0.4, x + 0.4], [np.median(values)] * 2, color="black", lw=1.0)
    axes.set_xlim(-0.6, 1.6)
    axes.set_xticks([0, 1], [RELATION_NAMES[r].replace(" ", "\n", 1) for r in RELATION_COLOURS])
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel(f"median {about['measure']}")
    if about["metric"] == "euclidean":
        axes.invert_yaxis()
    axes.set_xlabel(f"AUROC {auroc.mean():.3f}")
