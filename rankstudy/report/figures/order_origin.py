"""Whose order it is: pairs of genes that the counts put in order, that medians alone do, and that these turn round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rankstudy.measures.lattice.tables import AMONG, ORDER_ORIGIN
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import BETWEEN, NEUTRAL, WITHIN, figure, letter, plain_label, say
from rankstudy.report.figures.text import POINTS_PER_INCH, legend_above, note_below, one_line, widest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

# what stands first has its median marked: it begins at 0
_SHARES: Mapping[str, tuple[str, str]] = {
    "by_medians": ("#E69F00", "equal counts, ordered by the medians alone"),
    "turned": (BETWEEN, "turned round by the medians"),
    "undecided": ("#DDDDDD", "equal values: no order"),
    "by_counts": (WITHIN, "as the counts say"),
}
# of cells: those of Okabe and Ito 2008 that no share has
_COLOURS = ("#000000", "#56B4E9", "#009E73", "#CC79A7", "#F0E442")
_ALL = "all cells"
_SIZE, _DOT = 6.5, 4.0  # points
# inches: of a row of bars, around all rows, at least of the panels, and at most of a name beside the bars
_ROW, _AROUND, _LEAST, _NAME = 0.16, 1.35, 1.5, 1.45
_MOST_TYPES = 24  # those with most cells
_LONGEST = 1.6  # inches of a name in the legend
_QUANTILES = 0.05, 0.95
# marks of the axis of depth in each power of ten, by how many times the deepest cell is deeper than the shallowest
_MARKS = {100: (1,), 8: (1, 3), 0: (1, 2, 5)}
_NOTHING = "No cell has an order of this encoding."


def _divided(plan) -> list[str]:
    return plan.orders_by_medians


FIGURE = Figure(
    title="Whose order it is",
    section="ledger",
    caption=(
        "Pairs of genes detected in a cell of ``{dataset}``, by what puts them in order (seed {seed}): means over "
        "cells; dot and line: median and 5 to 95 % of cells, of the medians alone. Right: each cell, by depth."
    ),
    reads={"origin": ORDER_ORIGIN},
    when=_divided,
    settings=lambda plan: {
        "titles": {name: plan.catalogue.spaces[name].title for name in _divided(plan)},
        "seed": plan.first_seed,
    },
    each=_divided,
)


def draw(origin: pd.DataFrame, *, titles: Mapping[str, str], seed: int, of: str, outputs: Outputs) -> None:
    """Draw stacked shares by cell type, a panel for each number of first genes, and beside them each cell by depth."""
    cells = _cells(origin, of, seed)
    types = _types(cells)
    size = _LEAST if len(types) * _ROW < _LEAST else len(types) * _ROW
    with figure(size + _AROUND, outputs=outputs) as drawing:
        if not types:
            say(drawing.subplots(), _NOTHING)
            return
        panels = drawing.subplots(1, len(AMONG) + 1, gridspec_kw={"width_ratios": [1] * len(AMONG) + [1.9]})
        for axes, among in zip(panels, AMONG, strict=False):
            _draw_bars(axes, _among(cells, among), types)
            axes.set_title(_called(among))
        _name_rows(panels[0], types)
        for axes in panels[1 : len(AMONG)]:
            axes.set_yticks([])
        colours, kind = _colours(cells)
        _draw_cells(panels[-1], _among(cells, None), colours, kind)
        letter(panels, wrap=14)
        legend_above(drawing, _handles(colours))
        left_out = cells["cell_type"].nunique() + 1 - len(types)
        note_below(
            drawing,
            f"{titles[of]}.",
            f"{left_out} types with fewer cells have no row of their own." if left_out else "",
        )


def finding(origin: pd.DataFrame, *, titles: Mapping[str, str], seed: int, of: str) -> str:
    """Return the shares of the median cell among all genes and the first ones, and the types at both ends."""
    cells = _cells(origin, of, seed)
    if not len(cells):
        return _NOTHING
    said = [
        f"{_called(among)}: {', '.join(f'{words} {_spread(rows[name])}' for name, (_, words) in _SHARES.items())}"
        for among in AMONG
        if len(rows := _among(cells, among))
    ]
    medians = _among(cells, None).groupby("cell_type")["by_medians"].median()
    ends = f"by the medians alone most in {medians.idxmax()} ({medians.max():.0%}), least in {medians.idxmin()}"
    return (
        f"{titles[of]}, share of pairs of detected genes in the median cell (5 to 95 % of cells): "
        f"{'; '.join(said)}. Of the types, {ends} ({medians.min():.0%})."
    )


def _spread(shares: pd.Series) -> str:
    low, high = shares.quantile(_QUANTILES)
    return f"{shares.median():.0%} ({low:.0%} to {high:.0%})"


def _cells(origin: pd.DataFrame, space: str, seed: int) -> pd.DataFrame:
    return origin[(origin["space"] == space) & (origin["seed"] == seed)]


def _among(cells: pd.DataFrame, among: int | None) -> pd.DataFrame:
    return cells[cells["among"].isna() if among is None else cells["among"] == among]


def _called(among: int | None) -> str:
    return "All genes" if among is None else f"First {among:,}"


def _types(cells: pd.DataFrame) -> list[str | None]:
    """Return the rows: all cells (None), and the types by name, of many those with most cells."""
    counts = _among(cells, None)["cell_type"].value_counts().sort_index(kind="stable")
    most = counts.sort_values(ascending=False, kind="stable").index[:_MOST_TYPES]
    return [None, *sorted(most)] if len(most) else []


def _draw_bars(axes: Axes, cells: pd.DataFrame, types: Sequence[str | None]) -> None:
    for at, name in enumerate(types):
        of_type = cells if name is None else cells[cells["cell_type"] == name]
        left = 0.0
        for share, (colour, _) in _SHARES.items():
            mean = of_type[share].mean()
            axes.barh(at, mean, 0.74, left=left, color=colour, lw=0)
            left += mean
        low, high = of_type["by_medians"].quantile(_QUANTILES)
        axes.plot([low, high], [at, at], color="black", lw=0.8, solid_capstyle="butt")
        axes.plot([of_type["by_medians"].median()], [at], "o", color="black", ms=2.4, mew=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(types) - 0.4, -0.6)
    axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("share of pairs")


def _name_rows(axes: Axes, types: Sequence[str | None]) -> None:
    """Name the rows, each on one line: the ends of names that are too long are left out."""
    names = [one_line(_ALL if name is None else name, _NAME, _SIZE) for name in types]
    axes.set_yticks(range(len(types)), [plain_label(name) for name in names], fontsize=_SIZE)
    axes.get_yticklabels()[0].set_fontweight("bold")


def _colours(cells: pd.DataFrame) -> tuple[dict[str, str], str]:
    """Return the colour of each cell type or, where these are many or long, of each batch; none of too many."""
    for kind in ("cell_type", "batch"):
        names = sorted(cells[kind].unique())
        if 1 < len(names) <= len(_COLOURS) and widest(names, _SIZE) <= _LONGEST * POINTS_PER_INCH:
            return dict(zip(names, _COLOURS, strict=False)), kind
    return {}, "batch"


def _draw_cells(axes: Axes, cells: pd.DataFrame, colours: Mapping[str, str], kind: str) -> None:
    """Draw each cell, in an order that hides no group behind another one."""
    from matplotlib.ticker import EngFormatter, LogLocator, NullLocator

    shown = cells.sample(frac=1, random_state=0)
    colour = shown[kind].map(colours) if colours else NEUTRAL
    axes.scatter(shown["n_counts"], shown["by_medians"], s=_DOT, c=colour, lw=0, alpha=0.6, rasterized=True)
    axes.set_xscale("log")
    ratio = shown["n_counts"].max() / shown["n_counts"].min()
    axes.xaxis.set_major_locator(LogLocator(subs=next(marks for least, marks in _MARKS.items() if ratio >= least)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("counts of the cell (log)")
    axes.set_ylabel("share by the medians alone")
    axes.set_title("Depth")


def _handles(colours: Mapping[str, str]) -> list:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    style = {"ls": "", "marker": "o", "ms": 3.5, "mew": 0}
    return [
        *(Patch(color=colour, lw=0, label=words) for colour, words in _SHARES.values()),
        *(Line2D([], [], color=colour, label=plain_label(name), **style) for name, colour in colours.items()),
    ]
