"""Likeness within and between cell types, space by space: one point per type or pair of types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rankstudy.measures.tables import EFFECT_SIZES, PAIR_SUMMARIES
from rankstudy.report.figure import Figure
from rankstudy.report.figures.space_panels import overview, rows_of, space_panels, width_of
from rankstudy.report.figures.style import RELATION_COLOURS, RELATION_NAMES, figure
from rankstudy.report.figures.text import extremes
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_MANY = 150  # points in a strip that are drawn small

FIGURE = Figure(
    title="Within and between types",
    section="separation",
    caption=(
        "Medians over all pairs of cells of one type (blue) and of two types (orange) in spaces of ``{dataset}`` (seed "
        "{seed}): a point for each type or pair of types, on the outline of their density. Up is more alike. AUROC: "
        "mean over the seeds."
    ),
    reads={"summaries": PAIR_SUMMARIES, "effects": EFFECT_SIZES, "spaces": SPACES_TABLE},
    settings=lambda plan: {"seed": plan.first_seed},
)


def draw(summaries: pd.DataFrame, effects: pd.DataFrame, spaces: pd.DataFrame, *, seed: int, outputs: Outputs) -> None:
    """Draw the medians of all pairs of types, those within a type beside those between types, one panel per space.

    The axis of a distance is turned round, so that more alike is up in every panel. The AUROC over all pairs of cells,
    as the mean over the seeds, stands below each panel.
    """
    about = descriptions(spaces)
    table = summaries[summaries["seed"] == seed]
    auroc = _mean_auroc(effects)
    rows = rows_of(overview(about))
    with figure(0.5 + 2.7 * len(rows), width=width_of(rows), outputs=outputs) as drawing:
        for name, axes in space_panels(drawing, about).items():
            _draw_panel(axes, table[table["space"] == name], about[name])
            axes.set_xlabel(f"AUROC {auroc[name]:.3f}")


def finding(summaries: pd.DataFrame, effects: pd.DataFrame, spaces: pd.DataFrame, *, seed: int) -> str:
    """Return in which spaces pairs within types are set apart most and least."""
    about, auroc = descriptions(spaces), _mean_auroc(effects)
    shown = extremes({about[name]["short"]: auroc[name] for name in overview(about)})
    return f"Probability that a pair within a type is more alike than a pair between types (AUROC): {shown}."


def _mean_auroc(effects: pd.DataFrame) -> pd.Series:
    return effects[effects["cell_type"].isna()].groupby("space")["auroc"].mean()


def _draw_panel(axes: Axes, table: pd.DataFrame, about: Mapping[str, str | None]) -> None:
    import seaborn as sns

    placed = {"x": "relation", "hue": "relation", "y": "median", "order": RELATION_COLOURS, "legend": False}
    style = {"palette": RELATION_COLOURS, "hue_order": RELATION_COLOURS, "ax": axes}
    sns.violinplot(table, **placed, **style, inner=None, cut=0, density_norm="width", linewidth=0, alpha=0.25)
    for relation, points in table.groupby("relation"):
        few = len(points) < _MANY
        sns.stripplot(
            points, **placed, **style, jitter=0.15 if few else 0.3, size=3.5 if few else 1.4, alpha=0.8 if few else 0.4
        )
        at = list(RELATION_COLOURS).index(relation)
        axes.plot([at - 0.4, at + 0.4], [points["median"].median()] * 2, color="black", lw=1.2, zorder=5)
    # as outlines thousands of points would make the article megabytes larger
    for drawn in axes.collections:
        drawn.set_rasterized(len(table) > _MANY)
    axes.set_xticks(range(len(RELATION_COLOURS)), [RELATION_NAMES[r].replace(" ", "\n", 1) for r in RELATION_COLOURS])
    axes.set_xlim(-0.6, len(RELATION_COLOURS) - 0.4)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel(f"median {about['measure']}")
    if about["metric"] == "euclidean":
        axes.invert_yaxis()
