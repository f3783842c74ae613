"""Encodings by depth: how well they separate types, and find a cell again, with fewer of its molecules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.causes.tables import (
    AS_MEASURED,
    CLAIMED,
    CONTROLS,
    DEPTH_DIFFERENCES,
    DEPTHS,
    ORIGINAL,
    THINNED,
)
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, OWN_TYPE
from rankstudy.report.causes import about_causes, as_declared, is_open, open_in_words, openness
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import NEUTRAL, figure, letter, plain_label, say
from rankstudy.report.figures.text import legend_above, note_below

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

# of encodings beside the reference, which is black: Okabe and Ito 2008, the yellow darker
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#A89F00")
_REFERENCE, _OTHER = "black", "#C4C4C4"
_TITLES = {
    AUROC: "All pairs (AUROC)",
    OWN_TYPE: "Nearest cells of the own type",
    ACROSS: "The same, in other batches",
    ORIGINAL: "Nearest is the cell as measured",
}
_PANEL, _ROW, _RIM, _LINE = 1.75, 0.11, 1.35, 0.16  # inches: curves, a row of marks, around all, a line of the legend
_AROUND_MARKS = 0.25
_PER_LINE = 3  # entries of a line of the legend
_NOTHING = "No encoding was looked at by depth."

FIGURE = Figure(
    title="Encodings by depth",
    section="causes",
    caption=(
        "Fewer molecules of the same cells of ``{dataset}`` (seed {seed}). Below: encodings less the reference; "
        "hollow: the interval contains zero."
    ),
    reads={"depths": DEPTHS, "differences": DEPTH_DIFFERENCES},
    when=lambda plan: plan.cause_encodings,
    settings=about_causes,
)


def draw(
    depths: pd.DataFrame,
    differences: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    outputs: Outputs,
) -> None:
    """Draw a curve for each encoding and statistic, and below it a row of marks: better, worse, or open."""
    shown, compared = (_thinned(as_declared(rows, declared, seed)) for rows in (depths, differences))
    colours = _colours(main, reference)
    marked = [name for name in colours if name in set(compared["space"])]
    rows = _ROW * len(marked) + _AROUND_MARKS
    legend = _LINE * -(-(len(colours) + 5) // _PER_LINE)
    with figure(_PANEL + rows + legend + _RIM, outputs=outputs) as drawing:
        if shown.empty:
            say(drawing.subplots(), _NOTHING)
            return
        grid = drawing.subplots(2, len(_TITLES), sharex=True, gridspec_kw={"height_ratios": [_PANEL, rows]})
        for (statistic, title), above, below in zip(_TITLES.items(), *grid, strict=True):
            _draw_curves(above, shown[shown["statistic"] == statistic], encodings, colours)
            above.set_title(title)
            if statistic in CLAIMED and marked:
                _draw_marks(below, compared[compared["statistic"] == statistic], marked, colours)
            else:
                below.remove()
                above.tick_params(labelbottom=True)
        _name_depths(grid[0], shown)
        letter(grid[0], wrap=20)
        drawn = set(shown["space"])
        legend_above(drawing, _handles(colours, drawn, titles, drawn - set(colours) - set(CONTROLS)))
        below = "Horizontal: share of the molecules that are kept, in %, log scale."
        note_below(drawing, below, _of_total(shown), _of_controls(shown, titles))


def finding(
    depths: pd.DataFrame,
    differences: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
) -> str:
    """Return of each main encoding its AUROC at the most and least depth, and where its difference is open."""
    shown, compared = (_thinned(as_declared(rows, declared, seed)) for rows in (depths, differences))
    if shown.empty:
        return _NOTHING
    said = [_said(shown, compared, name, titles[name]) for name in main if name in set(shown["space"])]
    open_ = f"; open: the interval of the difference from {titles[reference]} contains 0" if reference else ""
    return f"AUROC by share of molecules{open_}. {' '.join(said)}"


def _said(shown: pd.DataFrame, compared: pd.DataFrame, name: str, title: str) -> str:
    curve, against = (rows[(rows["space"] == name) & (rows["statistic"] == AUROC)] for rows in (shown, compared))
    first, last = curve.iloc[0], curve.iloc[-1]
    from_to = f"{title}: {first['value']:.3f} at {first['keep']:.0%}, {last['value']:.3f} at {last['keep']:.0%}"
    return f"{from_to}{f'; open {_where_open(against)}' if len(against) else ''}."


def _where_open(differences: pd.DataFrame) -> str:
    words, places = open_in_words(openness([is_open(row) for row in differences.to_dict("records")]))
    return words.format(*(f"{keep:.0%}" for keep in differences["keep"].iloc[places]))


def _thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of cells as measured and thinned, the deepest first."""
    found = rows[rows["treatment"].isin([AS_MEASURED, THINNED])]
    return found.sort_values(["space", "statistic", "keep"], ascending=[True, True, False], ignore_index=True)


def _colours(main: Sequence[str], reference: str | None) -> dict[str, str]:
    """Return the colours of the first encodings of the study, the reference in black."""
    others = [name for name in main if name != reference]
    colours = dict(zip(others, _COLOURS, strict=False))
    return {**colours, **({reference: _REFERENCE} if reference else {})}


def _draw_curves(axes: Axes, rows: pd.DataFrame, encodings: Sequence[str], colours: Mapping[str, str]) -> None:
    plain = [name for name in encodings if name not in colours]
    for name in (*plain, *colours):
        of = rows[rows["space"] == name]
        colour = colours.get(name, _OTHER)
        width = 1.2 if name in colours else 0.7
        axes.plot(of["keep"], of["value"], color=colour, marker="o", ms=2.2, mew=0, lw=width)
        axes.vlines(of["keep"], of["low"], of["high"], color=colour, lw=0.7)
    low, high = axes.get_ylim()
    # far from the encodings they would leave these no room
    for name in CONTROLS:
        of = rows[rows["space"] == name]
        axes.plot(of["keep"], of["value"], color=NEUTRAL, ls="--", lw=0.8)
    axes.set_ylim(low, high)
    axes.set_xscale("log")


def _draw_marks(axes: Axes, rows: pd.DataFrame, marked: Sequence[str], colours: Mapping[str, str]) -> None:
    """Draw for each encoding and depth whether it is above the reference (up), below it (down), or open (hollow)."""
    for at, name in enumerate(marked):
        for row in rows[rows["space"] == name].to_dict("records"):
            sign, face = _mark(row, colours[name])
            axes.plot([row["keep"]], [at], sign, ms=3.6, mew=0.7, mec=colours[name], mfc=face)
    axes.set_ylim(len(marked) - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _mark(row: Mapping[str, Any], colour: str) -> tuple[str, str]:
    if is_open(row):
        return "o", "white"
    return ("^" if row["estimate"] > 0 else "v"), colour


def _name_depths(axes: Sequence[Axes], rows: pd.DataFrame) -> None:
    from matplotlib.ticker import NullLocator

    keeps = sorted(set(rows["keep"]))
    for panel in axes:
        panel.set_xticks(keeps, [f"{100 * keep:g}" for keep in keeps])
        panel.xaxis.set_minor_locator(NullLocator())
        panel.set_xlim(keeps[0] / 1.25, keeps[-1] * 1.25)


def _of_total(rows: pd.DataFrame) -> str:
    totals = rows.loc[rows["treatment"] == AS_MEASURED, "total"]
    return f"The median cell has {totals.median():,.0f} molecules as measured." if len(totals) else ""


def _of_controls(rows: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """Return the AUROC of the controls as measured: beyond the panels it is not drawn."""
    found = rows[(rows["treatment"] == AS_MEASURED) & (rows["statistic"] == AUROC)].set_index("space")["value"]
    said = [f"{titles[name]} {found[name]:.3f}" for name in CONTROLS if name in found]
    return f"AUROC as measured: {'; '.join(said)}." if said else ""


def _handles(colours: Mapping[str, str], drawn: set[str], titles: Mapping[str, str], others: set[str]) -> list:
    from matplotlib.lines import Line2D

    curve = {"lw": 1.2, "marker": "o", "ms": 2.2, "mew": 0}
    mark = {"ls": "", "color": NEUTRAL, "ms": 4}
    return [
        *(Line2D([], [], color=of, label=plain_label(titles[name]), **curve) for name, of in colours.items()),
        *([Line2D([], [], color=_OTHER, label="other encodings", lw=0.7)] if others else []),
        *([Line2D([], [], color=NEUTRAL, ls="--", lw=0.8, label="controls")] if drawn & set(CONTROLS) else []),
        Line2D([], [], marker="^", label="above the reference", **mark),
        Line2D([], [], marker="v", label="below", **mark),
        Line2D([], [], marker="o", mfc="white", label="open", **mark),
    ]
