"""The metrics that others publish, as a table: a row per space, a column per metric, the value in each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rankstudy.measures.field.tables import GEOMETRY, INTEGRATION_METRICS, R_NX_SIZES
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import SEQUENTIAL, figure, lines
from rankstudy.spaces.descriptions import descriptions
from rankstudy.spaces.tables import SPACES_TABLE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_ROW = 0.24
_CONTROL = "#F2F2F2"
_FIELD = 0.92
_GAP = 0.35


class _Shown(NamedTuple):
    """A column: the metric and its k in the tables, its heading, and whether 0 to 1 is its range, which colours it."""

    metric: str
    k: int
    heading: str
    coloured: bool = True


# k is 0 where a metric occurs once per space
_GROUPS = {
    "types kept apart": (
        _Shown("clisi", 0, "cLISI"),
        _Shown("graph_connectivity", 0, "graph connectivity"),
        _Shown("nmi", 0, "NMI"),
        _Shown("ari", 0, "ARI"),
        _Shown("asw_label", 0, "ASW type"),
        _Shown("avg_bio", 0, "AvgBIO"),
        _Shown("eta_squared_type", 0, "partial η² type"),
    ),
    "batches mixed": (
        _Shown("ilisi", 0, "iLISI"),
        _Shown("kbet", 0, "kBET"),
        _Shown("asw_batch", 0, "ASW batch"),
    ),
    "batches apart": (_Shown("eta_squared_batch", 0, "partial η² batch"),),
    "geometry": (
        *(_Shown("r_nx", k, f"R$_\\mathrm{{NX}}$, k = {k}") for k in R_NX_SIZES),
        _Shown("participation_ratio", 0, "participation ratio", coloured=False),
    ),
}


FIGURE = Figure(
    title="The field's metrics",
    caption=(
        "The metrics that benchmarks of integration publish, and the probes of geometry of scFoundry, for each "
        "space of ``{dataset}``; means over the seeds. Types kept apart: cLISI, graph connectivity, NMI and ARI of "
        "Leiden clusters, silhouette (ASW), their mean AvgBIO, partial eta squared. Batches mixed: iLISI, kBET, "
        "silhouette within types; of partial eta squared of the batch, less is better mixed. R_NX: share of a "
        "cell's nearest cells in Pearson residuals that are still near, beyond chance. Participation ratio: how "
        "many dimensions are in use. Grey: controls; in the one-hot ones all cells of a label are equally near, "
        "and which of them count as neighbours follows their order (types), not likeness. A dash: not defined for "
        "these cells; the tables ``integration_metrics`` and ``geometry`` say why."
    ),
    reads={"integration": INTEGRATION_METRICS, "geometry": GEOMETRY, "spaces": SPACES_TABLE},
    when=lambda plan: plan.field_metrics,
)


def draw(integration: pd.DataFrame, geometry: pd.DataFrame, spaces: pd.DataFrame, *, outputs: Sequence[str]) -> None:
    """Draw the mean over the seeds of each metric and space; a dash where it is not defined for any seed.

    Colours go from 0 to 1 in all columns; the participation ratio, which has no upper end, has none. Controls stand
    below the others, on grey.
    """
    from matplotlib.patches import Rectangle

    spaces, values = descriptions(spaces), mean_values(integration, geometry)
    controls = [name for name, about in spaces.items() if about["role"] == "control"]
    rows = [*(name for name in spaces if name not in controls), *controls]
    top = {name: row + (_GAP if name in controls else 0) for row, name in enumerate(rows)}
    with figure(_ROW * len(rows) + 1.5, outputs=outputs) as drawing:
        axes = drawing.subplots()
        right = _draw_columns(axes, values, top)
        if controls:
            grey = Rectangle((-0.5, top[controls[0]] - 0.5), right, len(controls), color=_CONTROL, zorder=-1, lw=0)
            axes.add_patch(grey)
        axes.set_yticks(list(top.values()), [spaces[name]["title"] for name in rows])
        axes.set_xlim(-0.5, right - 0.5)
        axes.set_ylim(max(top.values()) + 0.5, -0.5)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)


def mean_values(integration: pd.DataFrame, geometry: pd.DataFrame) -> dict[tuple[str, str, int], float]:
    """Return the mean over the seeds by space, metric and k (0 for the metrics of integration, which have one)."""
    import pandas as pd

    columns = ["space", "metric", "k", "value"]
    both = pd.concat([integration.assign(k=0)[columns], geometry[columns]], ignore_index=True).dropna(subset="value")
    return both.groupby(["space", "metric", "k"])["value"].mean().to_dict()


def _draw_columns(axes: Axes, values: Mapping[tuple[str, str, int], float], top: Mapping[str, float]) -> float:
    """Draw the columns, named above, in groups, named below; return where the last column ends."""
    x, ticks, headings = 0.0, [], []
    below = max(top.values()) + 0.65
    for title, group in _GROUPS.items():
        middle = x + (len(group) - 1) / 2
        axes.text(middle, below, "\n".join(lines(title, 4 * len(group))), ha="center", va="top", fontsize=7)
        for shown in group:
            for space, y in top.items():
                _draw_field(axes, x, y, values.get((space, shown.metric, shown.k)), shown.coloured)
            ticks.append(x)
            headings.append(shown.heading)
            x += 1
        x += _GAP
    axes.xaxis.tick_top()
    axes.set_xticks(ticks, headings, fontsize=7, rotation=45, ha="left", rotation_mode="anchor")
    return x - _GAP


def _draw_field(axes: Axes, x: float, y: float, value: float | None, coloured: bool) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    centred = {"ha": "center", "va": "center", "fontsize": 6}
    if value is None:
        axes.text(x, y, "–", color="#8A8A8A", **centred)
        return
    dark = False
    if coloured:
        share = min(max(value, 0.0), 1.0)
        dark = share > 0.55
        colour = colormaps[SEQUENTIAL](share)
        axes.add_patch(Rectangle((x - _FIELD / 2, y - _FIELD / 2), _FIELD, _FIELD, color=colour, lw=0))
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
    axes.text(x, y, "0.00" if text == "-0.00" else text, color="white" if dark else "black", **centred)
