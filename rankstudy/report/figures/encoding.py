"""The rank-value encoding, drawn from one real cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.measures.tables import EXAMPLE_CELL
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import BETWEEN, NEUTRAL, WIDTH, WITHIN, figure, letter, plain_label
from rankstudy.report.figures.text import POINTS_PER_INCH, widest, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_NAME_SIZE, _GENE_SIZE = 6.5, 7.5
_NAME_AT, _RANK_AT = 0.16, 0.98  # in the panel with the order, as shares of its width
_SINGLE, _TIED, _ZERO = WITHIN, BETWEEN, "#C8C8C8"


FIGURE = Figure(
    title="The rank-value encoding",
    section="encoding",
    caption=(
        "One typical cell of ``{dataset}``. Left: counts of some genes and the order that a model reads. Right: "
        "all selected genes by their position in that order. Genes that share a count share a rank; zeros have no "
        "order."
    ),
    reads={"cell": EXAMPLE_CELL},
)


def draw(cell: pd.DataFrame, *, outputs: Outputs) -> None:
    """Draw how a cell becomes an order of genes, and which part of it has none.

    Panel a: some genes of the cell with their counts, in the order of the file, and the same genes in the order that a
    model reads; genes that share a count share a rank. Panel b: all selected genes by position in that order.
    """
    some = _some_genes(cell)
    beside, order = _room_for_names(some)
    with figure(4.1, width=WIDTH + beside + order - 1, outputs=outputs) as drawing:
        left, right, whole = drawing.subplots(1, 3, width_ratios=[1.0, order, 1.7])
        drawing.get_layout_engine().set(wspace=0.12)
        _draw_counts(left, some)
        _draw_order(right, some)
        _connect(left, right, some)
        _draw_whole(whole, cell)
        letter([left, whole])
        name = f"one cell: {cell['cell_type'].iloc[0]}, {cell['cell_id'].iloc[0]}"
        shown = "\n".join(wrapped(name, 0.98 * WIDTH * POINTS_PER_INCH, _NAME_SIZE))
        drawing.supxlabel(plain_label(shown), x=0.01, ha="left", fontsize=_NAME_SIZE, color="#555555")


def finding(cell: pd.DataFrame) -> str:
    """Return how many genes of the cell have a rank of their own, share theirs, and have no order."""
    n_distinct, n_tied, n_zero = _kinds(cell)
    return (
        f"Of {len(cell):,} selected genes of one cell {n_distinct:,} have a rank of their own, {n_tied:,} detected "
        f"ones share theirs with others, and {n_zero:,} are zero and have no order."
    )


def _kinds(cell: pd.DataFrame) -> tuple[int, int, int]:
    """Return how many genes have a count of their own, one that others have too, and none."""
    detected = cell["count"] > 0
    tied = detected & (cell["n_tied"] > 1)
    return int((detected & ~tied).sum()), int(tied.sum()), int((~detected).sum())


def _some_genes(cell: pd.DataFrame) -> pd.DataFrame:
    """Return a few genes that show all cases: distinct counts, two groups of ties, zeros; in the file's order."""
    import pandas as pd

    order = cell.sort_values(["count", "gene"], ascending=[False, True])
    detected = order[order["count"] > 0]
    distinct = detected[detected["n_tied"] == 1].iloc[:5]
    groups = [g for _, g in detected[detected["n_tied"] > 1].groupby("count", sort=False)]
    tied = [groups[i].iloc[:3] for i in sorted({0, len(groups) - 1})] if groups else []
    zeros = order[order["count"] == 0].iloc[:4]
    return pd.concat([distinct, *tied, zeros]).sort_index()


def _room_for_names(genes: pd.DataFrame) -> tuple[float, float]:
    """Return inches that long names take beside the counts, and the width of the panel with the order."""
    names = widest(genes["gene"], _GENE_SIZE) / POINTS_PER_INCH
    ranks = widest([_rank(rank) for rank in genes["rank"]], _GENE_SIZE) / POINTS_PER_INCH
    return max(names - 0.4, 0.0), max((names + ranks + 0.1) / (_RANK_AT - _NAME_AT), 1.0)


def _rank(rank: float) -> str:
    return f"{rank:,.1f}"


def _colours(genes: pd.DataFrame) -> list[str]:
    return [_ZERO if r["count"] == 0 else _TIED if r["n_tied"] > 1 else _SINGLE for _, r in genes.iterrows()]


def _draw_counts(axes: Axes, genes: pd.DataFrame) -> None:
    import numpy as np

    y = np.arange(len(genes))
    axes.barh(y, np.log1p(genes["count"]), color=_colours(genes), height=0.62)
    for at, count in zip(y, genes["count"], strict=True):
        axes.text(np.log1p(count) + 0.08, at, _short_number(count), va="center", fontsize=7, color="#444444")
    axes.set_yticks(y, [plain_label(g) for g in genes["gene"]])
    axes.set_ylim(len(genes) - 0.4, -0.6)
    axes.set_xlim(0, np.log1p(genes["count"].max()) * 1.35)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_title("Counts of some genes")


def _short_number(count: float) -> str:
    return f"{count:,.0f}" if count >= 100 or abs(count - round(count)) < 0.005 else f"{count:.3g}"


def _draw_order(axes: Axes, genes: pd.DataFrame) -> None:
    ordered = genes.sort_values(["rank", "gene"], ascending=[False, True])
    for at, (_, row), colour in zip(range(len(ordered)), ordered.iterrows(), _colours(ordered), strict=True):
        axes.text(_NAME_AT, at, plain_label(row["gene"]), va="center", fontsize=_GENE_SIZE)
        axes.text(_RANK_AT, at, _rank(row["rank"]), va="center", ha="right", fontsize=7, color="#444444")
        axes.plot(0.06, at, "o", ms=5, color=colour)
    for _, group in ordered.groupby("rank", sort=False):
        if len(group) > 1:
            rows = [list(ordered.index).index(i) for i in group.index]
            zero = group["count"].iloc[0] == 0
            axes.axhspan(
                min(rows) - 0.45, max(rows) + 0.45, color=_ZERO if zero else _TIED, alpha=0.25 if zero else 0.13, lw=0
            )
    axes.set_xlim(0, 1)
    axes.set_ylim(len(ordered) - 0.4, -0.6)
    axes.set_axis_off()
    axes.set_title("Their order and rank")


def _connect(left: Axes, right: Axes, genes: pd.DataFrame) -> None:
    from matplotlib.patches import ConnectionPatch

    ordered = list(genes.sort_values(["rank", "gene"], ascending=[False, True]).index)
    end = left.get_xlim()[1]
    for at, (index, colour) in enumerate(zip(genes.index, _colours(genes), strict=True)):
        line = ConnectionPatch(
            (end, at),
            (0.02, ordered.index(index)),
            "data",
            "data",
            axesA=left,
            axesB=right,
            color=colour,
            lw=0.8,
            alpha=0.8,
        )
        left.figure.add_artist(line)


def _draw_whole(axes: Axes, cell: pd.DataFrame) -> None:
    import numpy as np

    ordered = cell.sort_values(["rank", "gene"], ascending=[False, True])
    position = np.arange(1, len(ordered) + 1)
    count, tied = ordered["count"].to_numpy(), ordered["n_tied"].to_numpy() > 1
    n_distinct, n_tied, n_zero = _kinds(cell)
    axes.axvspan(n_distinct + n_tied + 0.5, len(ordered), color=_ZERO, alpha=0.25, lw=0)
    for chosen, colour in (((count > 0) & ~tied, _SINGLE), ((count > 0) & tied, _TIED)):
        axes.plot(position[chosen], count[chosen], "o", ms=2.6, color=colour, mew=0)
    axes.set_xscale("log")
    axes.set_yscale("symlog", linthresh=1, linscale=0.4)
    axes.set_ylim(-0.05, count.max() * 30)
    axes.set_xlim(0.9, len(ordered))
    axes.plot(position[count == 0], count[count == 0], "o", ms=2.6, color=NEUTRAL, mew=0, clip_on=False)
    notes = [
        (f"{n_distinct} genes with a rank of their own", _SINGLE),
        (f"{n_tied} detected genes that share theirs", _TIED),
        (f"{n_zero:,} zeros, which have no order", "#6E6E6E"),
    ]
    for i, (note, colour) in enumerate(notes):
        axes.text(0.98, 0.98 - 0.06 * i, note, transform=axes.transAxes, ha="right", va="top", color=colour)
    axes.set_xlabel("position in the order (log)")
    axes.set_ylabel("count (log)")
    axes.set_title(f"All {len(cell):,} selected genes")
