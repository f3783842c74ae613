"""The metrics that others publish, as a table: a row per space, a column per metric, the value in each field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rankstudy.core.tables import Table
from rankstudy.measures.field.metrics import INTEGRATION, Metric
from rankstudy.measures.field.tables import GEOMETRY, INTEGRATION_METRICS, METRIC_VALUES
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import SEQUENTIAL, WIDTH, figure, lines, plain_label
from rankstudy.report.figures.text import joined
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_ROW = 0.24
_CONTROL = "#F2F2F2"
_FIELD = 0.92
_GAP = 0.35
# fields: of fewer there is room on the right
_LEAST_WIDTH = 12
# inches that are added by each column, and by each character of the longest heading, beyond those of the package
_COLUMNS, _COLUMN = 15, 0.32
_CHARACTERS, _CHARACTER = 20, 0.045

Shown = Mapping[str, Any]
TABLES = {table.name: table for table in (INTEGRATION_METRICS, GEOMETRY, METRIC_VALUES)}


def columns(metrics: Mapping[str, Metric]) -> list[Shown]:
    """Return a column per metric, or per size of its neighbourhoods; what larger values mean side by side.

    Returns
    -------
    `table` and `where`, which find the values: name of the table, and the values of `metric` and, of several sizes,
    `k`; `heading`, `group` (what a larger value means) and `limits`, as declared; `meaning`.
    """
    groups = list(dict.fromkeys(metric.larger.heading for metric in metrics.values()))
    in_order = sorted(metrics.items(), key=lambda item: groups.index(item[1].larger.heading))
    return [
        {
            "table": _table(name, metric).name,
            "where": {"metric": name, **({} if k is None else {"k": k})},
            "heading": metric.heading if k is None else f"{metric.heading}, k = {k}",
            "group": metric.larger.heading,
            "limits": metric.limits,
            "meaning": metric.meaning,
        }
        for name, metric in in_order
        for k in (metric.sizes if len(metric.sizes) > 1 else (None,))
    ]


def _table(name: str, metric: Metric) -> Table:
    if metric.function:
        return METRIC_VALUES
    return INTEGRATION_METRICS if name in INTEGRATION else GEOMETRY


def _caption(plan: Any) -> str:
    shown = columns(plan.metrics)
    groups = [
        f"{group}: {', '.join(column['heading'] for column in of_group)}"
        for group, of_group in groupby(shown, lambda column: column["group"])
    ]
    tables = ", ".join(f"``{name}``" for name in dict.fromkeys(column["table"] for column in shown))
    return (
        "The metrics that others publish, for each space of ``{dataset}``; means over the seeds. In groups by what a "
        f"larger value means; {'; '.join(groups)}. "
        "Grey: controls; in the one-hot ones all cells of a label are equally near, and which of them count as "
        "neighbours follows their order (types), not similarity. A dash: not defined for these cells. What each metric "
        f"is, and why there is a dash, say the tables {tables}."
    )


FIGURE = Figure(
    title="The field's metrics",
    section="metrics",
    caption=_caption,
    reads={**TABLES, "spaces": SPACES_TABLE},
    without=lambda plan: set(TABLES) - {column["table"] for column in columns(plan.metrics)},
    when=lambda plan: plan.metrics,
    settings=lambda plan: {"shown": columns(plan.metrics)},
)


def draw(
    spaces: pd.DataFrame,
    integration_metrics: pd.DataFrame | None = None,
    geometry: pd.DataFrame | None = None,
    metrics: pd.DataFrame | None = None,
    *,
    shown: Sequence[Shown],
    outputs: Outputs,
) -> None:
    """Draw the mean over the seeds of each metric and space; a dash where it is not defined for any seed.

    Colours go from one limit of a metric to the other; one without limits has none. Controls stand below the others, on
    grey.
    """
    from matplotlib.patches import Rectangle

    spaces = descriptions(spaces)
    values = _values(shown, integration_metrics=integration_metrics, geometry=geometry, metrics=metrics)
    controls = [name for name, about in spaces.items() if about["role"] == "control"]
    rows = [*(name for name in spaces if name not in controls), *controls]
    top = {name: row + (_GAP if name in controls else 0) for row, name in enumerate(rows)}
    aslant = _CHARACTER * max(0, *(len(column["heading"]) - _CHARACTERS for column in shown))
    width = WIDTH + aslant + _COLUMN * max(0, len(shown) - _COLUMNS)
    with figure(_ROW * len(rows) + 1.5 + aslant, width=width, outputs=outputs) as drawing:
        axes = drawing.subplots()
        right = _draw_columns(axes, shown, values, top)
        if controls:
            grey = Rectangle((-0.5, top[controls[0]] - 0.5), right, len(controls), color=_CONTROL, zorder=-1, lw=0)
            axes.add_patch(grey)
        axes.set_yticks(list(top.values()), [spaces[name]["title"] for name in rows])
        axes.set_xlim(-0.5, max(right, _LEAST_WIDTH) - 0.5)
        axes.set_ylim(max(top.values()) + 0.5, -0.5)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)


def finding(
    spaces: pd.DataFrame,
    integration_metrics: pd.DataFrame | None = None,
    geometry: pd.DataFrame | None = None,
    metrics: pd.DataFrame | None = None,
    *,
    shown: Sequence[Shown],
) -> str:
    """Return which space has the largest value of each metric, controls left out as long as there are others."""
    about = descriptions(spaces)
    examined = [name for name, of in about.items() if of["role"] != "control"] or list(about)
    values = _values(shown, integration_metrics=integration_metrics, geometry=geometry, metrics=metrics)
    groups: dict[str, list[str]] = {}
    for column, by_space in zip(shown, values, strict=True):
        found = {name: by_space[name] for name in examined if name in by_space}
        largest = max(found, key=found.__getitem__, default=None)
        said = "not defined" if largest is None else f"{about[largest]['short']} ({_number(found[largest])})"
        groups.setdefault(column["group"], []).append(f"{column['heading']} {said}")
    return f"Largest, by what a larger value means: {'; '.join(f'{g}: {joined(of)}' for g, of in groups.items())}."


def _values(shown: Sequence[Shown], **tables: pd.DataFrame | None) -> list[dict[str, float]]:
    """Return for each column the values by space, from the tables that it names."""
    return [mean_values(tables[column["table"]], column["where"]) for column in shown]


def mean_values(table: pd.DataFrame, where: Mapping[str, Any]) -> dict[str, float]:
    """Return the mean over the seeds by space, of the rows that have these values in these columns."""
    rows = table[(table[list(where)] == list(where.values())).all(axis=1)].dropna(subset="value")
    return rows.groupby("space")["value"].mean().to_dict()


def _draw_columns(
    axes: Axes, shown: Sequence[Shown], values: Sequence[Mapping[str, float]], top: Mapping[str, float]
) -> float:
    """Draw the columns, named above, in groups, named below; return where the last column ends."""
    x, ticks, headings = 0.0, [], []
    below = max(top.values()) + 0.65
    for title, of_group in groupby(zip(shown, values, strict=True), lambda column: column[0]["group"]):
        group = list(of_group)
        middle = x + (len(group) - 1) / 2
        axes.text(middle, below, "\n".join(lines(title, 4 * len(group))), ha="center", va="top", fontsize=7)
        for column, by_space in group:
            for space, y in top.items():
                _draw_field(axes, x, y, by_space.get(space), column["limits"])
            ticks.append(x)
            headings.append(_typeset(column["heading"]))
            x += 1
        x += _GAP
    axes.xaxis.tick_top()
    axes.set_xticks(ticks, headings, fontsize=7, rotation=45, ha="left", rotation_mode="anchor")
    return x - _GAP


def _typeset(heading: str) -> str:
    """Return a heading as matplotlib sets it, with capitals after `_` below the line."""
    return re.sub(r"_([A-Z]+)", r"$_\\mathrm{\1}$", plain_label(heading))


def _draw_field(axes: Axes, x: float, y: float, value: float | None, limits: Sequence[float] | None) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    centred = {"ha": "center", "va": "center", "fontsize": 6}
    if value is None:
        axes.text(x, y, "–", color="#8A8A8A", **centred)
        return
    dark = False
    if limits is not None:
        share = min(max((value - limits[0]) / (limits[1] - limits[0]), 0.0), 1.0)
        dark = share > 0.55
        colour = colormaps[SEQUENTIAL](share)
        axes.add_patch(Rectangle((x - _FIELD / 2, y - _FIELD / 2), _FIELD, _FIELD, color=colour, lw=0))
    axes.text(x, y, _number(value), color="white" if dark else "black", **centred)


def _number(value: float) -> str:
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
    return "0.00" if text == "-0.00" else text
