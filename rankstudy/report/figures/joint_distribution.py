"""Joint distribution of two measures over all pairs of cells, within and between types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rankstudy.measures.tables import JOINT
from rankstudy.report.figure import Figure
from rankstudy.report.figures.space_panels import MOST, panel_grid, rows_of
from rankstudy.report.figures.style import BETWEEN, RELATION_NAMES, WITHIN, figure, letter, lines
from rankstudy.report.figures.text import full_titles, joined, legend_above, note_below
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import LogNorm

    from rankstudy.report.figure import Outputs

_LABEL = 28  # characters that fit beside a panel
# shares of the pairs within a type that a contour leaves outside, with the width of its line
_CONTOURS = {0.1: 0.8, 0.5: 1.4}

FIGURE = Figure(
    title="Joint distribution",
    section="joint",
    caption=(
        "All pairs of cells of ``{dataset}`` (seed {seed}) by two measures at once, a panel for each pair of measures. "
        "Hexagons: pairs of cells of two types, by number. Contours hold half and nine tenths of the pairs within a "
        "type (kernel density)."
    ),
    reads={"joint": JOINT, "spaces": SPACES_TABLE},
    when=lambda plan: plan.joint,
    settings=lambda plan: {"pairs": plan.joint, "seed": plan.first_seed},
)


def draw(
    joint: pd.DataFrame, spaces: pd.DataFrame, *, pairs: Sequence[Sequence[str]], seed: int, outputs: Outputs
) -> None:
    """Draw pairs between types as hexagons coloured by their number (log), those within a type as contours.

    All panels have the same colours. Of more pairs of measures than there is room for the first ones are drawn; a note
    says which are not.
    """
    from matplotlib.colors import LogNorm

    about = descriptions(spaces)
    table = joint[joint["seed"] == seed]
    norm = LogNorm(1, max(table["n"].max(), 2))
    shown, left_out = pairs[:MOST], pairs[MOST:]
    names = [f"{x} {y}" for x, y in shown]
    rows = rows_of(names)
    with figure(0.7 + 2.5 * len(rows), width=2.4 * max(map(len, rows)) + 0.8, outputs=outputs) as drawing:
        panels = list(panel_grid(drawing, rows).values())
        for axes, (x, y) in zip(panels, shown, strict=True):
            drawn = _draw_panel(axes, _of_pair(table, x, y), norm)
            axes.set_xlabel(_label(about[x]))
            axes.set_ylabel(_label(about[y]))
        letter(panels, rows=list(map(len, rows)))
        drawing.colorbar(drawn, ax=panels, label="pairs of cells (log)", pad=0.02, aspect=30)
        legend_above(drawing, _handles())
        rest = [f"{about[y]['short']} by {about[x]['short']}" for x, y in left_out]
        titles = full_titles(about, {name for pair in shown for name in pair})
        note_below(drawing, titles, f"Not drawn here: {joined(rest)}." if rest else "")


def finding(joint: pd.DataFrame, spaces: pd.DataFrame, *, pairs: Sequence[Sequence[str]], seed: int) -> str:
    """Return how the measures that are drawn correlate over all pairs of cells, each at the middle of its hexagon."""
    about, table = descriptions(spaces), joint[joint["seed"] == seed]
    parts = [
        f"{_correlation(_of_pair(table, x, y)):.2f} for {about[y]['short']} ({about[y]['measure']}) and "
        f"{about[x]['short']} ({about[x]['measure']})"
        for x, y in pairs[:MOST]
    ]
    return f"Correlation of the two measures over all pairs of cells: {joined(parts)}."


def _of_pair(table: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    return table[(table["space_x"] == x) & (table["space_y"] == y)]


def _correlation(hexagons: pd.DataFrame) -> float:
    import numpy as np

    (var_x, cov), (_, var_y) = np.cov(hexagons["x"], hexagons["y"], fweights=hexagons["n"])
    return cov / np.sqrt(var_x * var_y) if var_x * var_y > 0 else np.nan


def _label(space: Mapping[str, str | None]) -> str:
    return "\n".join(lines(f"{space['short']}: {space['measure']}", _LABEL))


def _draw_panel(axes: Axes, table: pd.DataFrame, norm: LogNorm) -> PolyCollection:
    import seaborn as sns

    drawn = _draw_hexagons(axes, table[table["relation"] == "between"], norm)
    width, height = table["width"].iloc[0], table["height"].iloc[0]
    sns.kdeplot(
        table[table["relation"] == "within"],
        x="x",
        y="y",
        weights="n",
        levels=list(_CONTOURS),
        linewidths=list(_CONTOURS.values()),
        color=WITHIN,
        bw_adjust=0.5,
        gridsize=100,
        warn_singular=False,
        ax=axes,
    )
    axes.set_xlim(table["x"].min() - 2 * width, table["x"].max() + 2 * width)
    axes.set_ylim(table["y"].min() - 2 * height, table["y"].max() + 2 * height)
    return drawn


def _draw_hexagons(axes: Axes, cells: pd.DataFrame, norm: LogNorm) -> PolyCollection:
    import numpy as np
    import seaborn as sns
    from matplotlib.collections import PolyCollection

    # the cell of a centre of two interleaved lattices: a hexagon with points up and down
    corners = np.array([[0, -1 / 3], [0.5, -1 / 6], [0.5, 1 / 6], [0, 1 / 3], [-0.5, 1 / 6], [-0.5, -1 / 6]])
    sizes = cells[["width", "height"]].to_numpy()[:, None, :] * [1, 2]
    vertices = cells[["x", "y"]].to_numpy()[:, None, :] + corners[None] * sizes
    drawn = PolyCollection(
        vertices,
        array=cells["n"].to_numpy(float),
        norm=norm,
        cmap=sns.light_palette(BETWEEN, as_cmap=True),
        lw=0.1,
        edgecolor="face",
    )
    # as outlines the thousands of hexagons would make the article megabytes larger
    drawn.set_rasterized(True)
    axes.add_collection(drawn)
    return drawn


def _handles() -> list:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shares = {"nine tenths": 0.1, "half": 0.5}
    within = RELATION_NAMES["within"]
    return [
        Patch(color=BETWEEN, label=f"pairs {RELATION_NAMES['between']}"),
        *(
            Line2D([], [], color=WITHIN, lw=_CONTOURS[outside], label=f"holds {share} of the pairs {within}")
            for share, outside in shares.items()
        ),
    ]
