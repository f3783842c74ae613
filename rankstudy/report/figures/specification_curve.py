"""The specification curve: two encodings compared in every setting, sorted, with the settings marked below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.settings.tables import (
    AS_MEASURED,
    CENTRED,
    CURVES,
    DEPTH,
    MEASURE,
    ONE_TOTAL,
    PANEL,
    SELECTED,
    SHARED,
    SPECIFICATIONS,
)
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, OWN_TYPE
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report.curves import PAIR, about_pairs, in_declared_setting, numbered
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import NEUTRAL, VERDICT_COLOURS, figure, letter, plain_label, say
from rankstudy.report.figures.text import joined, legend_above

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_MOST = 4  # pairs of a figure
# inches: of a curve, of a row of marks, and around a pair
_CURVE, _ROW, _AROUND = 1.35, 0.105, 0.62
_DECLARED, _NO_CLAIM = "#F7F0A0", "#B4B4B4"
_LABEL = 6.5  # points
_MANY = 60  # settings from which on marks are small
_NOTHING = "No pair of encodings has a specification curve."
# a row of marks for each value of a part; batch-driven neighbours, of which fewer are better, stand in the table alone
_ROWS: Mapping[str, Mapping[Any, str]] = {
    "statistic": {AUROC: "all pairs (AUROC)", OWN_TYPE: "nearest cells", ACROSS: "nearest, other batches"},
    MEASURE: {"correlation": "correlation", "cosine": "cosine", "euclidean": "Euclidean distance"},
    CENTRED: {False: "not centred", True: "centred"},
    PANEL: {SELECTED: "selected genes", SHARED: "shared genes"},
    DEPTH: {AS_MEASURED: "depth as measured", ONE_TOTAL: "one total"},
}
Pairs = Sequence[Sequence[str]]


FIGURE = Figure(
    title="The specification curve",
    section="curve",
    caption=(
        "Differences in every setting, sorted, with intervals; above the dotted line the encoding is better. Below, "
        "what each setting is. Yellow: declared. Same cells of ``{dataset}`` in all (seed {seed})."
    ),
    reads={"specifications": SPECIFICATIONS, "curves": CURVES},
    when=lambda plan: plan.curves,
    settings=lambda plan: about_pairs(plan, plan.curves),
    each=lambda plan: numbered(plan.curves, _MOST),
)


def draw(
    specifications: pd.DataFrame,
    curves: pd.DataFrame,
    *,
    pairs: Pairs,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    of: str,
    outputs: Outputs,
) -> None:
    """Draw the curve of each of a few pairs, and below it a row of marks for each part of a setting.

    Solid is what carries a claim and is better or worse; hollow is what does neither, grey what carries no claim.
    """
    shown = _shown(curves, pairs, seed, of)
    points = [_sorted(specifications, pair, seed, declared) for pair in shown]
    rows = _rows(points)
    heights = [_CURVE, _ROW * (sum(map(len, rows.values())) + len(rows) / 2)]
    n_columns = min(len(shown), 2) or 1
    n_rows = -(-len(shown) // n_columns) or 1
    with figure(n_rows * (sum(heights) + _AROUND) + 0.35, outputs=outputs) as drawing:
        if not shown:
            say(drawing.subplots(), _NOTHING)
            return
        grid = drawing.subplots(2 * n_rows, n_columns, squeeze=False, gridspec_kw={"height_ratios": heights * n_rows})
        above, below = grid[::2].ravel(), grid[1::2].ravel()
        for axes in (*above[len(shown) :], *below[len(shown) :]):
            axes.remove()
        for at, (pair, rows_of_pair) in enumerate(zip(shown, points, strict=True)):
            _draw_curve(above[at], rows_of_pair)
            above[at].set_title(plain_label(_title(curves, pair, titles, seed)))
            _draw_marks(below[at], rows_of_pair, rows, named=at % n_columns == 0)
            if at % n_columns == 0:
                above[at].set_ylabel("difference")
        letter(above[: len(shown)], wrap=44 if n_columns == 2 else 92, rows=_per_row(len(shown), n_columns))
        legend_above(drawing, _handles())


def finding(
    specifications: pd.DataFrame,
    curves: pd.DataFrame,
    *,
    pairs: Pairs,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    of: str,
) -> str:
    """Return of each pair that is drawn in how many settings it is better, worse or neither, and as declared."""
    shown = _shown(curves, pairs, seed, of)
    return " ".join(_said(specifications, curves, pair, titles, declared, seed) for pair in shown) or _NOTHING


def _said(
    specifications: pd.DataFrame,
    curves: pd.DataFrame,
    pair: Sequence[str],
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
) -> str:
    counts = _counts(curves, pair, seed)
    points = _sorted(specifications, pair, seed, declared)
    as_declared = joined(
        f"{_ROWS['statistic'][row.statistic]} {row.estimate:+.3f} ({row.verdict})"
        for row in points[points["declared"]].sort_values("statistic").itertuples()
    )
    return (
        f"{_name(pair, titles)}: better in {counts.better}, worse in {counts.worse} and neither in {counts.open} of "
        f"{counts.settings} settings (truly better in {counts.least} to {counts.most}, at {counts.level:.0%}), "
        f"differences from {counts.lowest:+.3f} to {counts.highest:+.3f}. As declared: {as_declared}."
    )


def _shown(curves: pd.DataFrame, pairs: Pairs, seed: int, of: str) -> Pairs:
    """Return the pairs of one of the figures, as far as there are curves of them."""
    there = set(curves.loc[curves["seed"] == seed, PAIR].itertuples(index=False, name=None))
    first = _MOST * (int(of) - 1)
    return [pair for pair in pairs[first : first + _MOST] if tuple(pair) in there]


def _counts(curves: pd.DataFrame, pair: Sequence[str], seed: int) -> Any:
    """Return the row of a pair for all statistics together."""
    rows = curves[(curves[PAIR] == list(pair)).all(axis=1) & (curves["seed"] == seed) & curves["statistic"].isna()]
    return next(rows.itertuples(index=False))


def _sorted(specifications: pd.DataFrame, pair: Sequence[str], seed: int, declared: Mapping[str, Any]) -> pd.DataFrame:
    """Return the settings of a pair, the smallest difference first, with which of them is the declared one."""
    of_pair = (specifications[PAIR] == list(pair)).all(axis=1) & (specifications["seed"] == seed)
    found = specifications[of_pair & specifications["statistic"].isin(_ROWS["statistic"])]
    found = found.assign(declared=found.index.isin(in_declared_setting(found[found["claim"]], declared)))
    return found.sort_values(["estimate", "statistic", *list(_ROWS)[1:]], ignore_index=True)


def _rows(points: Sequence[pd.DataFrame]) -> dict[str, list[Any]]:
    """Return the values of each part that any pair has, in the order of their rows."""
    found = {part: {value for of_pair in points for value in of_pair[part]} for part in _ROWS}
    return {part: [value for value in values if value in found[part]] for part, values in _ROWS.items()}


def _name(pair: Sequence[str], titles: Mapping[str, str]) -> str:
    return f"{titles[pair[0]]} less {titles[pair[1]]}"


def _title(curves: pd.DataFrame, pair: Sequence[str], titles: Mapping[str, str], seed: int) -> str:
    counts = _counts(curves, pair, seed)
    return f"{_name(pair, titles)}: better {counts.better}, worse {counts.worse}, open {counts.open}"


def _per_row(n: int, n_columns: int) -> list[int]:
    return [min(n_columns, n - first) for first in range(0, n, n_columns)]


def _kinds(points: pd.DataFrame) -> Iterator[tuple[str, bool, pd.DataFrame]]:
    """Yield the settings that look alike, what carries no claim first: their colour, and whether marks are solid."""
    colours = points["verdict"].map(VERDICT_COLOURS).fillna("black").where(points["claim"], _NO_CLAIM)
    for colour in (_NO_CLAIM, "black", *VERDICT_COLOURS.values()):
        yield colour, colour in VERDICT_COLOURS.values(), points[colours == colour]


def _draw_curve(axes: Axes, points: pd.DataFrame) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.axhline(0, color=NEUTRAL, lw=0.8, ls=":")
    size = 3.4 if len(points) < _MANY else 2.4
    for colour, is_solid, rows in _kinds(points):
        axes.vlines(rows.index, rows["low"], rows["high"], color=colour, lw=0.7, zorder=2)
        face = colour if is_solid else "white"
        axes.plot(rows.index, rows["estimate"], "o", ms=size, mew=0.6, mec=colour, mfc=face, zorder=3)
    _mark_declared(axes, points)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _draw_marks(axes: Axes, points: pd.DataFrame, rows: Mapping[str, Sequence[Any]], *, named: bool) -> None:
    """Draw a row of marks for each value of a part, with half a row between parts."""
    places: dict[tuple[str, Any], float] = {}
    for group, (part, values) in enumerate(rows.items()):
        places |= {(part, value): len(places) + place + group / 2 for place, value in enumerate(values)}
    for (part, value), height in places.items():
        for colour, _, alike in _kinds(points[points[part] == value]):
            axes.plot(alike.index, [height] * len(alike), "s", ms=1.7, mew=0, color=colour)
    _mark_declared(axes, points)
    labels = [_ROWS[part][value] for part, value in places] if named else []
    axes.set_yticks([*places.values()] if named else [], labels, fontsize=_LABEL)
    axes.set_ylim(max(places.values()) + 0.6, -0.6)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _mark_declared(axes: Axes, points: pd.DataFrame) -> None:
    for at in points.index[points["declared"]]:
        axes.axvspan(at - 0.5, at + 0.5, color=_DECLARED, lw=0, zorder=0)
    axes.set_xlim(-0.8, len(points) - 0.2)


def _handles() -> list:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    style = {"marker": "o", "lw": 0.7, "ms": 3.2, "mew": 0.6}
    kinds = {BETTER: VERDICT_COLOURS[BETTER], WORSE: VERDICT_COLOURS[WORSE]}
    solid = [Line2D([], [], color=colour, label=f"{word}, claimed", **style) for word, colour in kinds.items()]
    hollow = [
        Line2D([], [], color=colour, mfc="white", label=label, **style)
        for colour, label in (("black", "open, claimed"), (_NO_CLAIM, "without a claim"))
    ]
    return [*solid, *hollow, Patch(color=_DECLARED, lw=0, label="declared setting")]
