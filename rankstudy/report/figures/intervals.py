"""Intervals: how well each space separates types, and how that differs from a reference."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from rankstudy.measures.uncertainty.tables import AUROC, DIFFERENCES, INTERVALS
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import NEUTRAL, VERDICT_COLOURS, figure, letter, space_rows
from rankstudy.report.figures.text import extremes, full_titles, legend_above, note_below
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_ROW = 0.27


FIGURE = Figure(
    title="Intervals",
    section="answer",
    caption=(
        "AUROC of each space of ``{dataset}`` (probability that a pair within a type is more alike than one between "
        "types; dotted: chance) and, of spaces without a curve, its difference from the reference, by the space’s "
        "metric where it can be. Black: seed {seed}, with intervals; grey: others. Colour: beyond chance after "
        "adjusting for all spaces (Holm). Above: what was resampled."
    ),
    reads={"intervals": INTERVALS, "differences": DIFFERENCES, "spaces": SPACES_TABLE},
    settings=lambda plan: {
        "seed": plan.first_seed,
        "reference": plan.first_reference,
        "curved": [space for space, reference in plan.curves if reference == plan.first_reference],
    },
)


def draw(
    intervals: pd.DataFrame,
    differences: pd.DataFrame,
    spaces: pd.DataFrame,
    *,
    seed: int,
    reference: str | None,
    curved: Collection[str],
    outputs: Outputs,
) -> None:
    """Draw the AUROC of each space over all types, and beside it its difference from that of a reference, if any.

    Black is the estimate with its interval, of one seed; the estimates of the other seeds are grey.
    """
    spaces = descriptions(spaces)
    numbers = intervals[(intervals["statistic"] == AUROC) & intervals["cell_type"].isna()]
    against = _against(differences, reference, curved)
    rows = {name: row for row, name in enumerate(spaces)}
    shown = [(numbers, "Separation of types", "AUROC", 0.5)]
    if len(against):
        other = spaces[reference]["short"]
        shown.append((against, f"Difference from {other}", f"AUROC less that of {other}", 0))
    with figure(_ROW * len(rows) + 1.0, outputs=outputs) as drawing:
        panels = drawing.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for axes, (table, title, what, middle) in zip(panels, shown, strict=True):
            _draw(axes, table, rows, seed)
            axes.axvline(middle, color=NEUTRAL, lw=0.8, ls=":")
            axes.set_xlabel(what)
            axes.set_title(_drawn(title, table))
        space_rows(panels, spaces)
        letter(panels, wrap=34)
        legend_above(drawing, _handles(against["verdict"], numbers["seed"].nunique() > 1))
        note_below(drawing, full_titles(spaces, spaces))


def finding(
    intervals: pd.DataFrame,
    differences: pd.DataFrame,
    spaces: pd.DataFrame,
    *,
    seed: int,
    reference: str | None,
    curved: Collection[str],
) -> str:
    """Return in which spaces types are set apart most and least, and the verdict on each beside the reference."""
    about = descriptions(spaces)
    numbers = intervals[
        (intervals["statistic"] == AUROC) & intervals["cell_type"].isna() & (intervals["seed"] == seed)
    ].set_index("space")["estimate"]
    shown = extremes({of["short"]: numbers[name] for name, of in about.items() if of["role"] != "control"})
    against = _against(differences, reference, curved)
    against = against[against["seed"] == seed]
    by_verdict = against.groupby("verdict", sort=False)["space"]
    other = "" if reference is None else about[reference]["short"]
    parts = [
        f"Compared with {other} {verdict}: {'; '.join(about[name]['short'] for name in names)}."
        for verdict, names in by_verdict
    ]
    return " ".join([f"AUROC: {shown}.", *parts])


def _against(differences: pd.DataFrame, reference: str | None, curved: Collection[str]) -> pd.DataFrame:
    """Return the differences from the reference, but of encodings that have a specification curve."""
    found = differences[(differences["statistic"] == AUROC) & (differences["reference"] == reference)]
    return found[~found["space"].isin(curved)]


def _handles(verdicts: pd.Series, has_others: bool) -> list:
    from matplotlib.lines import Line2D

    style = {"marker": "o", "lw": 1.4, "ms": 4.5, "mew": 0}
    handles = [Line2D([], [], color="black", label="estimate and interval", **style)]
    handles += [
        Line2D([], [], color=colour, label=f"{verdict} than the reference", **style)
        for verdict, colour in VERDICT_COLOURS.items()
        if verdict in set(verdicts)
    ]
    others = Line2D([], [], marker="|", ls="", ms=5, mew=0.8, color=NEUTRAL, label="other seeds")
    return [*handles, *([others] if has_others else [])]


def _draw(axes: Axes, table: pd.DataFrame, rows: Mapping[str, int], seed: int) -> None:
    from matplotlib.ticker import MaxNLocator

    for row in table.itertuples():
        at = rows[row.space]
        if row.seed != seed:
            axes.plot(row.estimate, at + 0.22, "|", ms=5, mew=0.8, color=NEUTRAL)
            continue
        colour = VERDICT_COLOURS.get(getattr(row, "verdict", None), "black")
        axes.plot([row.low, row.high], [at, at], color=colour, lw=1.4, solid_capstyle="butt")
        axes.plot(row.estimate, at, "o", ms=4.5, mew=0, color=colour)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", color="#EEEEEE", lw=0.6)


def _drawn(title: str, table: pd.DataFrame) -> str:
    """Return the title with what was resampled."""
    return f"{title} (resampled: {', '.join(sorted(table['levels'].unique()))})"
