"""Relations at a cutoff: which shares of a cell's relations are of its own, a similar or another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rankstudy.core.tables import OWN
from rankstudy.measures.relations.tables import ANY_BATCH, RELATIONS_AT_CUTOFFS
from rankstudy.report.figure import Figure
from rankstudy.report.figures.space_panels import overview, rows_of, space_panels, width_of
from rankstudy.report.figures.style import NEUTRAL, TYPE_COLOURS, TYPE_NAMES, figure
from rankstudy.report.figures.text import extremes, legend_above
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_ALL = 0.995  # a cutoff that so many pairs pass tells nothing yet
_FEW = 0.05  # nor does one that so few cells pass with any other


FIGURE = Figure(
    title="Relations at a cutoff",
    section="cutoffs",
    caption=(
        "Relations at a cutoff in spaces of ``{dataset}``: of all cells that are at least as much like a cell "
        "as the cutoff, the shares of its own, a similar and another type, each relation weighing the same. Bands: "
        "intervals, where enough cells have a relation left (docs/uncertainty.md); thin lines: the other seeds. "
        "Dotted: the shares if labels were random. Dashed: share of cells that have a relation left. Cutoffs "
        "become stricter to the right; an axis ends where fewer than 5 % of the cells have a relation left."
    ),
    reads={"relations": RELATIONS_AT_CUTOFFS, "spaces": SPACES_TABLE},
    settings=lambda plan: {"seed": plan.first_seed},
)


def draw(relations: pd.DataFrame, spaces: pd.DataFrame, *, seed: int, outputs: Outputs) -> None:
    """Draw, for all cells together, the shares of each relation against the cutoff: a panel per space.

    Lines are of one seed, with their intervals as bands; thin lines are those of the other seeds. Cutoffs become
    stricter to the right, so the axis of a distance is turned round. Thin dotted lines are the shares if labels were
    random; the grey line is the share of cells that have a relation left. An axis ends where fewer than 5 % of the
    cells have one.
    """
    from matplotlib.lines import Line2D

    spaces = descriptions(spaces)
    table = _of_all(relations)
    rows = rows_of(overview(spaces))
    with figure(2.1 * len(rows) + 0.7, width=width_of(rows), outputs=outputs) as drawing:
        panels = space_panels(drawing, spaces, sharey=True)
        for name, axes in panels.items():
            _draw_panel(axes, table[table["space"] == name], spaces[name], seed)
        for names in rows:
            panels[names[0]].set_ylabel("share of the relations")
        drawn = [kind for kind in TYPE_COLOURS if kind in set(table["relation"])]
        handles = [Line2D([], [], color=TYPE_COLOURS[kind], lw=1.4, label=TYPE_NAMES[kind]) for kind in drawn]
        handles.append(Line2D([], [], color="black", lw=0.8, ls=":", label="if labels were random"))
        handles.append(Line2D([], [], color=NEUTRAL, lw=0.8, ls="--", label="cells with a relation left"))
        legend_above(drawing, handles)


def finding(relations: pd.DataFrame, spaces: pd.DataFrame, *, seed: int) -> str:
    """Return the share of the own type at the strictest cutoff at which half of the cells have a relation left."""
    about, table = descriptions(spaces), _of_all(relations)
    own = table[(table["relation"] == OWN) & (table["seed"] == seed) & (table["n_without"] <= table["n_cells"] / 2)]
    # a cutoff is the stricter the fewer relations pass it
    strictest = own.sort_values("n_without", kind="stable").groupby("space")["share"].last()
    shown = extremes({about[name]["short"]: strictest[name] for name in overview(about) if name in strictest})
    return f"Share of the own type where half of the cells have a relation left: {shown}."


def _of_all(relations: pd.DataFrame) -> pd.DataFrame:
    return relations[relations["cell_type"].isna() & (relations["batches"] == ANY_BATCH)]


def _draw_panel(axes: Axes, table: pd.DataFrame, about: Mapping[str, str | None], shown: int) -> None:
    limits = []
    for seed, of_seed in table.groupby("seed"):
        by_cutoff = of_seed.groupby("cutoff")
        n = by_cutoff["n_relations"].sum()
        for relation, rows in of_seed.groupby("relation", sort=False):
            _draw_curve(axes, rows.sort_values("cutoff"), TYPE_COLOURS[relation], with_interval=seed == shown)
        expected = of_seed[of_seed["cutoff"] == n.index[0]].groupby("relation")["expected"].sum()
        for relation, share in expected.items():
            axes.axhline(share, color=TYPE_COLOURS[relation], lw=0.7, ls=":")
        left = 1 - by_cutoff["n_without"].first() / by_cutoff["n_cells"].first()
        axes.plot(left.index, left, color=NEUTRAL, lw=0.8, ls="--")
        telling = n.index[(left >= _FEW) & (n < _ALL * n.max())]
        limits += [telling.min(), telling.max()] if len(telling) else [n.index[0], n.index[-1]]
    axes.set_ylim(-0.02, 1.02)
    if min(limits) < max(limits):
        axes.set_xlim(min(limits), max(limits))
    if about["metric"] == "euclidean":
        axes.invert_xaxis()
    axes.set_xlabel(f"cutoff: {about['measure']}")


def _draw_curve(axes: Axes, rows: pd.DataFrame, colour: str, *, with_interval: bool) -> None:
    if not with_interval:
        axes.plot(rows["cutoff"], rows["share"], color=colour, lw=0.5, alpha=0.6)
        return
    axes.fill_between(rows["cutoff"], rows["low"], rows["high"], color=colour, alpha=0.25, lw=0)
    axes.plot(rows["cutoff"], rows["share"], color=colour, lw=1.2)
