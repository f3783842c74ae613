"""One real cell, one gene counted twice as often, and which encodings notice: for who never heard of encodings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.changes.tables import UNSEEN_CELL, UNSEEN_CHANGE
from rankstudy.report.causes import about_causes
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import BETWEEN, NEUTRAL, WITHIN, figure, letter, plain_label, say
from rankstudy.report.figures.text import joined, note_below, one_line

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_MOST = 16  # encodings, those of the study first
_ROW, _AROUND, _LEAST = 0.2, 1.1, 2.4  # inches
_SIZE = 6.5
_NAME = 1.6  # inches of the name of an encoding
# where the columns of the right panel stand, of its width
_AT = {"seen": 0.5, "entry": 0.62, "others": 1.0}
_NOTHING = "No change of one gene was looked at."


FIGURE = Figure(
    title="One cell, one gene counted twice as often",
    section="changes",
    caption=(
        "Left: all genes of one cell of ``{dataset}``, from the highest count to the lowest. One gene is counted twice "
        "as often. Right: does what a model reads of the cell change at all (seed {seed})?"
    ),
    reads={"change": UNSEEN_CHANGE, "cell": UNSEEN_CELL},
    when=lambda plan: plan.cause_encodings,
    settings=about_causes,
)


def draw(
    change: pd.DataFrame,
    cell: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    outputs: Outputs,
) -> None:
    """Draw the counts of the cell with the changed gene marked, and beside them what each encoding makes of it."""
    rows = _by_encoding(change, encodings, seed)
    with figure(max(min(len(rows), _MOST) * _ROW, _LEAST) + _AROUND, outputs=outputs) as drawing:
        if not rows:
            say(drawing.subplots(), _NOTHING)
            return
        left, right = drawing.subplots(1, 2, gridspec_kw={"width_ratios": [1, 1.5]})
        _draw_cell(left, cell[cell["seed"] == seed], rows[0])
        _write_encodings(right, rows[:_MOST], titles)
        letter([left, right])
        left_out = len(rows) - _MOST
        note_below(
            drawing,
            f"A cell of type {rows[0]['cell_type']}. Entry: the place in an order (1 is first), the bin, level or "
            "value that stands for the gene.",
            f"{left_out} encodings are in the table alone." if left_out > 0 else "",
        )


def finding(
    change: pd.DataFrame,
    cell: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
) -> str:
    """Return which gene is doubled, and which encodings see it."""
    rows = _by_encoding(change, encodings, seed)
    if not rows:
        return _NOTHING
    unseen, seen = ([titles[row["space"]] for row in rows if bool(row["seen"]) == of] for of in (False, True))
    first = rows[0]
    said = [f"not seen by {'; '.join(unseen)}"] if unseen else []
    said += [f"seen by {'; '.join(seen)}"] if seen else []
    return (
        f"In one cell of type {first['cell_type']} the count of {first['gene']} rises from {first['count']:g} to "
        f"{first['count_after']:g}: {joined(said)}."
    )


def _by_encoding(change: pd.DataFrame, encodings: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Return what each encoding makes of the change, those that do not see it first."""
    rows = change[change["seed"] == seed].to_dict("records")
    known = [row for row in rows if row["space"] in encodings]
    return sorted(known, key=lambda row: (bool(row["seen"]), encodings.index(row["space"])))


def _draw_cell(axes: Axes, cell: pd.DataFrame, row: Mapping[str, Any]) -> None:
    """Draw the counts in descending order, and the changed gene before and after."""
    from matplotlib.ticker import StrMethodFormatter

    counts = cell.sort_values(["count", "changed"], ascending=False, kind="stable", ignore_index=True)
    places = counts.index + 1
    at = places[counts["changed"]][0]
    axes.plot(places, counts["count"], ".", color=NEUTRAL, ms=3, mew=0, rasterized=len(counts) > 2000)
    axes.annotate("", (at, row["count_after"]), (at, row["count"]), arrowprops={"arrowstyle": "-|>", "color": BETWEEN})
    axes.plot([at], [row["count"]], "o", color=BETWEEN, ms=4, mew=0)
    words = f"{one_line(str(row['gene']), 0.9, _SIZE)}: {row['count']:g} to {row['count_after']:g}"
    axes.annotate(
        plain_label(words), (at, row["count_after"]), xytext=(5, 3), textcoords="offset points", color=BETWEEN,
        fontsize=_SIZE + 0.5, weight="bold",
    )  # fmt: skip
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("log")
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_ylim(top=3 * max(counts["count"].max(), row["count_after"]))
    axes.set_xlim(right=max(len(counts), 10) * 4)
    axes.set_xlabel("genes, from the highest count on (log)")
    axes.set_ylabel("count (log)")
    axes.set_title("The cell")


def _write_encodings(axes: Axes, rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(rows), 1) - 0.5, -1.5)
    axes.set_title("Does what a model reads change?")
    heads = {"entry": ("its entry", "left"), "others": ("others that move", "right")}
    for name, (words, side) in heads.items():
        axes.text(_AT[name], -1, words, ha=side, va="center_baseline", fontsize=_SIZE, color="#555555")
    for at, row in enumerate(rows):
        colour = WITHIN if row["seen"] else BETWEEN
        name = plain_label(one_line(titles[row["space"]], _NAME, _SIZE))
        written = {
            "name": (0.0, name, "left", "black"),
            "seen": (_AT["seen"], "yes" if row["seen"] else "no", "left", colour),
            "entry": (_AT["entry"], _entry(row), "left", colour),
            "others": (_AT["others"], f"{row['displaced']:,.0f} of {row['entries']:,.0f}", "right", colour),
        }
        for x, words, side, shade in written.values():
            axes.text(x, at, words, ha=side, va="center_baseline", fontsize=_SIZE, color=shade)
        axes.plot([0, 1], [at + 0.5, at + 0.5], color="#E4E4E4", lw=0.4)


def _entry(row: Mapping[str, Any]) -> str:
    """Return the entry of the gene before and after the change."""
    before, after = (f"{row[name]:.4g}" if row[name] == row[name] else "none" for name in ("entry", "entry_after"))
    return before if before == after else f"{before} \N{RIGHTWARDS ARROW} {after}"
