"""What each step costs on the way from expression to what a model reads: cumulative bars, a panel for each ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.lattice.tables import LEDGER
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report.curves import PAIR, about_pairs, in_declared_setting, numbered
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import NEUTRAL, VERDICT_COLOURS, figure, letter, lines, plain_label, say
from rankstudy.report.figures.text import joined, legend_above, note_below
from rankstudy.report.ledgers import step_in_words, told

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_MOST = 6  # ledgers of a figure
# inches: of a bar, around the bars of a panel, of a line of its title, and around all panels
_ROW, _AROUND, _LINE, _RIM = 0.155, 0.46, 0.16, 0.65
_WRAP = {1: 68, 2: 26}  # characters of a title, by the columns of panels
_SIZE = 6.5  # points
_END, _LINKS = "#C6CAD0", "#9A9A9A"
_BAR, _BELOW = 0.62, 0.43  # height of a bar, and where the range over settings stands below its middle, of a row
# of the width of bars and intervals: what is free beside them, and at most for ranges, which are cut off there
_FREE, _MOST_FREE = 0.05, 0.35
_LEAST = 0.01  # of the AUROC: what is less looks like little
_NOTHING = "No encoding has a ledger."
Limits = tuple[float, float]
Pairs = Sequence[Sequence[str]]


FIGURE = Figure(
    title="What each step costs",
    section="ledger",
    caption=(
        "AUROC from expression to what a model reads: each bar is what a step adds or takes, on average over the "
        "orders in which steps can be taken; all add up. Declared setting, cells of ``{dataset}`` (seed {seed})."
    ),
    reads={"ledger": LEDGER},
    when=lambda plan: plan.ledgers,
    settings=lambda plan: about_pairs(plan, plan.ledgers),
    each=lambda plan: numbered(plan.ledgers, _MOST),
)


def draw(
    ledger: pd.DataFrame,
    *,
    pairs: Pairs,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    of: str,
    outputs: Outputs,
) -> None:
    """Draw each ledger as cumulative bars from top to bottom, on one scale, with intervals and ranges over settings."""
    shown = _shown(ledger, pairs, declared, seed, of)
    n_columns = min(len(shown), 2) or 1
    rows = [list(shown)[first : first + n_columns] for first in range(0, len(shown), n_columns)]
    most = [max(len(shown[pair]) for pair in row) + 2 for row in rows]
    wrap = _WRAP[n_columns]
    titled = sum(max(len(lines(titles[space], wrap)) for space, _ in row) for row in rows)
    with figure(sum(_ROW * n + _AROUND for n in most) + _LINE * titled + _RIM, outputs=outputs) as drawing:
        if not shown:
            say(drawing.subplots(), _NOTHING)
            return
        grid = drawing.subplots(len(rows), n_columns, squeeze=False, gridspec_kw={"height_ratios": most})
        limits = _limits(shown.values())
        for pair, axes, n_bars in zip(shown, grid.ravel(), (n for n in most for _ in range(n_columns)), strict=False):
            _draw_ledger(axes, shown[pair], limits)
            axes.set_ylim(n_bars - 0.4, -0.6)
            axes.set_title(plain_label(titles[pair[0]]))
        for axes in grid.ravel()[len(shown) :]:
            axes.remove()
        letter(grid.ravel()[: len(shown)], wrap=wrap, rows=list(map(len, rows)))
        legend_above(drawing, _handles())
        start = titles[next(iter(shown))[1]]
        note_below(drawing, f"Start: {start}; end: the encoding. Numbers: points of AUROC.")


def finding(
    ledger: pd.DataFrame,
    *,
    pairs: Pairs,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    of: str,
) -> str:
    """Return of each ledger where it starts and ends, which steps cost, the costliest first, and which gain."""
    shown = _shown(ledger, pairs, declared, seed, of)
    said = [_said(rows, titles[space], titles[reference]) for (space, reference), rows in shown.items()]
    return " ".join(["AUROC, step by step.", *said]) if said else _NOTHING


def _said(rows: pd.DataFrame, title: str, start: str) -> str:
    found = told(rows.to_dict("records"), of=lambda row: row)
    costs, gains = (
        [f"{_points(row)} [{_signed(row['low'])}, {_signed(row['high'])}]" for row in of]
        for of in (found.costs, found.gains)
    )
    parts = [
        f"costs, the most first: {joined(costs)}" if costs else "no step costs anything beyond its interval",
        *([f"gains: {joined(gains)}"] if gains else []),
        *([f"no difference shown: {joined(map(_points, found.neither))}"] if found.neither else []),
    ]
    first = rows.iloc[0]
    return f"{title}, from {first['value_reference']:.3f} ({start}) to {first['value']:.3f}: {'; '.join(parts)}."


def _points(row: Mapping[str, Any]) -> str:
    return f"{_words(row)} {_signed(row['estimate'])}"


def _shown(
    ledger: pd.DataFrame, pairs: Pairs, declared: Mapping[str, Any], seed: int, of: str
) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the steps of each ledger of one of the figures, in the declared setting, as far as there are ledgers."""
    first = _MOST * (int(of) - 1)
    rows = ledger[(ledger["statistic"] == AUROC) & (ledger["seed"] == seed)]
    rows = rows.loc[in_declared_setting(rows, declared)]
    found = {
        (one, other): rows[(rows[PAIR] == [one, other]).all(axis=1)] for one, other in pairs[first : first + _MOST]
    }
    return {pair: of_pair.sort_values("place", ignore_index=True) for pair, of_pair in found.items() if len(of_pair)}


def _words(row: Mapping[str, Any]) -> str:
    return step_in_words(row["step"], row["after"])


def _signed(points: float) -> str:
    """Return points with their sign, and with one more decimal where they are so few that this is all there is."""
    decimals = 3 if round(points, 3) or not round(points, 4) else 4
    return f"{points:+.{decimals}f}".replace("-", "\N{MINUS SIGN}") if round(points, 4) else "0.000"


def _begins(rows: pd.DataFrame) -> pd.Series:
    """Return where the bar of each step begins: where the one before it ends."""
    return rows["value_reference"] + rows["estimate"].cumsum() - rows["estimate"]


def _limits(ledgers: Sequence[pd.DataFrame]) -> Limits:
    """Return the ends of the axis that all panels share: bars and intervals fit, and ranges unless they are wide."""
    ends = {"low": [], "high": [], "lowest": [], "highest": []}
    for rows in ledgers:
        for name, values in ends.items():
            values += [*(_begins(rows) + rows[name]), rows["value"].iloc[0], rows["value_reference"].iloc[0]]
    least, most = min(ends["low"]), max(ends["high"])
    room = max(most - least, _LEAST)
    left = max(min(ends["lowest"]), least - _MOST_FREE * room)
    right = min(max(ends["highest"]), most + _MOST_FREE * room)
    left, right = min(left, least) - _FREE * room, max(right, most) + _FREE * room
    more = max(_LEAST - (right - left), 0) / 2
    return left - more, right + more


def _draw_ledger(axes: Axes, rows: pd.DataFrame, limits: Limits) -> None:
    from matplotlib.ticker import MaxNLocator

    first = rows.iloc[0]
    begins = [*_begins(rows), first["value"]]
    labels = ["start", *(_words(row) for row in rows.to_dict("records")), "end"]
    for at, end in ((0, first["value_reference"]), (len(rows) + 1, first["value"])):
        axes.barh(at, end - limits[0], _BAR, left=limits[0], color=_END, lw=0)
        _write(axes, at, f"{end:.3f}", weight="bold")
    for at, row in enumerate(rows.itertuples(), 1):
        begin = begins[at - 1]
        colour = VERDICT_COLOURS.get(row.verdict, NEUTRAL)
        axes.barh(at, row.estimate, _BAR, left=begin, color=colour, lw=0)
        axes.plot([begin + row.low, begin + row.high], [at, at], color="black", lw=0.9, solid_capstyle="butt")
        _draw_range(axes, at + _BELOW, begin + row.lowest, begin + row.highest, limits)
        _write(axes, at, _signed(row.estimate))
    for at, level in enumerate(begins):
        axes.plot([level, level], [at + _BAR / 2, at + 1 - _BAR / 2], color=_LINKS, lw=0.5)
    axes.set_xlim(limits)
    axes.set_yticks(range(len(labels)), map(plain_label, labels), fontsize=_SIZE)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(4))


def _draw_range(axes: Axes, height: float, low: float, high: float, limits: Limits) -> None:
    """Draw the range over settings; an arrow where it goes on beyond the axis."""
    ends = [max(low, limits[0]), min(high, limits[1])]
    axes.plot(ends, [height, height], color=NEUTRAL, lw=0.6, solid_capstyle="butt")
    for end, is_cut, arrow in zip(ends, (low < limits[0], high > limits[1]), "<>", strict=True):
        style = {"marker": arrow if is_cut else "|", "ms": 2.5, "mew": 0 if is_cut else 0.6}
        axes.plot([end], [height], color=NEUTRAL, clip_on=False, **style)


def _write(axes: Axes, at: int, words: str, **style: Any) -> None:
    """Write a number beside its bar, right of the panel, where nothing else stands."""
    along = axes.get_yaxis_transform()
    axes.annotate(
        words, (1, at), xycoords=along, xytext=(31, 0), textcoords="offset points", ha="right", va="center",
        fontsize=_SIZE, **style,
    )  # fmt: skip


def _handles() -> list:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    kinds = {
        "the step costs": VERDICT_COLOURS[WORSE],
        "it gains": VERDICT_COLOURS[BETTER],
        "no difference shown": NEUTRAL,
    }
    return [
        *(Patch(color=colour, lw=0, label=label) for label, colour in kinds.items()),
        Line2D([], [], color="black", lw=0.9, label="interval"),
        Line2D([], [], color=NEUTRAL, lw=0.6, marker="|", ms=3.5, mew=0.6, label="range over all settings"),
    ]
