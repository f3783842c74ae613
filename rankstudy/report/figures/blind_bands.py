"""The blind band: how far a gene's count may fall and rise in a cell and leave an encoding as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.changes.tables import ANYWHERE, BLIND_BANDS, PLACES
from rankstudy.report.causes import TIMES, about_causes, place_in_words
from rankstudy.report.curves import numbered
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import BETWEEN, WITHIN, figure, letter, lines, plain_label, say
from rankstudy.report.figures.text import legend_above, note_below

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_MOST, _PER_ROW = 8, 4  # encodings of a figure, panels side by side
_ROW, _AROUND, _LINE, _RIM = 0.2, 0.42, 0.16, 0.75  # inches: of a position, around a panel, a line of its title, all
_WRAP = 22
_FARTHEST = 40.0  # fold change at the ends of the axis; what is beyond has an arrow there
_APART = 0.16  # how far the lines of fall and rise stand from the middle of a row
_HARDLY = 0.005  # a change of the count that is none in words
_NOTHING = "No encoding has a blind band that follows from its rule."
_SIDES = {"fall": (BETWEEN, "<", -_APART, "may fall"), "rise": (WITHIN, ">", _APART, "may rise")}
# nearest to no change, in the middle, and farthest: shares that a count may fall to, and folds that it may rise
_QUANTILES = {"fall": ("q95", "q50", "q05"), "rise": ("q05", "q50", "q95")}


FIGURE = Figure(
    title="The blind band",
    section="changes",
    caption=(
        "How many fold the count of one gene may fall and rise in a cell of ``{dataset}`` without any change of the "
        "encoding, by the place of the gene (1 is the highest count): median and 5 to 95 % over genes and cells; "
        "arrows: further than shown, or without end (seed {seed})."
    ),
    reads={"bands": BLIND_BANDS},
    when=lambda plan: plan.cause_encodings,
    settings=about_causes,
    each=lambda plan: numbered(plan.cause_encodings, _MOST),
)


def draw(
    bands: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    of: str,
    outputs: Outputs,
) -> None:
    """Draw a panel for each encoding, a row for each group of places, falls to the left and rises to the right."""
    shown = _shown(bands, encodings, seed, of)
    per_row = min(_PER_ROW, len(shown)) or 1
    n_rows = -(-len(shown) // per_row) or 1
    height = n_rows * (_ROW * len(PLACES) + _AROUND) + _LINE * _n_lines(shown, titles, per_row) + _RIM
    with figure(height, outputs=outputs) as drawing:
        if not shown:
            say(drawing.subplots(), _NOTHING)
            return
        panels = drawing.subplots(n_rows, per_row, squeeze=False).ravel()
        for place, (axes, (name, rows)) in enumerate(zip(panels, shown.items(), strict=False)):
            _draw_bands(axes, rows)
            _name_places(axes, named=place % per_row == 0)
            axes.set_title(plain_label(titles[name]))
        for axes in panels[len(shown) :]:
            axes.remove()
        letter(panels[: len(shown)], wrap=_WRAP, rows=[min(per_row, len(shown) - at) for at in _starts(shown, per_row)])
        legend_above(drawing, _handles())
        note_below(
            drawing,
            "Horizontal: fold change of the count, log scale; 1: any change is seen. A gene that an encoding does not "
            "read may change without end.",
        )


def finding(
    bands: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    of: str,
) -> str:
    """Return of each encoding how far the count of the median gene may fall and rise unseen."""
    shown = _shown(bands, encodings, seed, of, ANYWHERE)
    said = [f"{titles[name]}: {_said(rows.iloc[0])}" for name, rows in shown.items()]
    return f"Of the median gene that a cell has: {'; '.join(said)}." if said else _NOTHING


def _said(row: pd.Series) -> str:
    fall, rise = row["fall_q50"], row["rise_q50"]
    if fall > 1 - _HARDLY and rise < 1 + _HARDLY:
        return "any change is seen"
    return f"may fall to {fall:.0%}, rise {f'{rise:.3g}-fold' if rise == rise else 'without end'}"


def _starts(shown: Mapping[str, Any], per_row: int) -> range:
    return range(0, len(shown), per_row)


def _n_lines(shown: Mapping[str, Any], titles: Mapping[str, str], per_row: int) -> int:
    """Return the lines that the titles of all rows of panels need."""
    names = list(shown)
    rows = [names[at : at + per_row] for at in _starts(shown, per_row)]
    return sum(max(len(lines(titles[name], _WRAP)) for name in row) for row in rows)


def _shown(
    bands: pd.DataFrame, encodings: Sequence[str], seed: int, of: str, position: str | None = None
) -> dict[str, pd.DataFrame]:
    """Return the rows of all cells of each encoding of one of the figures, by position or of one of them."""
    rows = bands[(bands["seed"] == seed) & bands["cell_type"].isna()]
    positions = list(PLACES) if position is None else [position]
    rows = rows[rows["position"].isin(positions)]
    first = _MOST * (int(of) - 1)
    found = {name: rows[rows["space"] == name] for name in encodings[first : first + _MOST]}
    return {name: of_space for name, of_space in found.items() if len(of_space)}


def _draw_bands(axes: Axes, rows: pd.DataFrame) -> None:
    axes.axvline(1, color="#BBBBBB", lw=0.6)
    for row in rows.to_dict("records"):
        at = list(PLACES).index(row["position"])
        for side, (colour, arrow, shift, _) in _SIDES.items():
            near, median, far = (_on_axis(row[f"{side}_{quantile}"]) for quantile in _QUANTILES[side])
            height = at + shift
            axes.plot([near, far], [height, height], lw=1.0, color=colour, solid_capstyle="butt")
            style = {"color": colour, "ms": 3.4, "mew": 0, "clip_on": False}
            axes.plot([median], [height], arrow if _is_beyond(median) else "o", **style)
            if _is_beyond(far) and not _is_beyond(median):
                axes.plot([far], [height], arrow, **style)
    axes.set_xscale("log")
    axes.set_xlim(1 / _FARTHEST, _FARTHEST)


def _on_axis(change: float) -> float:
    """Return a fold change, or the end of the axis where it is beyond it or has no end."""
    return min(max(change, 1 / _FARTHEST), _FARTHEST) if change == change else _FARTHEST


def _is_beyond(change: float) -> bool:
    return change in (1 / _FARTHEST, _FARTHEST)


def _name_places(axes: Axes, *, named: bool) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xticks([0.1, 1, 10], [f"{TIMES}.1", "1", f"{TIMES}10"])
    axes.xaxis.set_minor_locator(NullLocator())
    names = [place_in_words(name) for name in PLACES]
    axes.set_yticks(range(len(names)), names if named else [""] * len(names))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    if named:
        axes.set_ylabel("place of the gene")


def _handles() -> list:
    from matplotlib.lines import Line2D

    style = {"marker": "o", "ms": 3.4, "mew": 0, "lw": 1.0}
    sides = [Line2D([], [], color=colour, label=f"{words} unseen", **style) for colour, *_, words in _SIDES.values()]
    arrow = Line2D([], [], color=WITHIN, marker=">", ms=3.4, mew=0, lw=1.0, label="further, or without end")
    return [*sides, arrow]
