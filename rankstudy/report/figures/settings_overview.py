"""Over all data sets: in how many settings each pair of encodings is better, open, or worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.settings.tables import CURVES
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report.curves import usual_reference
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import RC, VERDICT_COLOURS, WIDTH, figure, plain_label, say
from rankstudy.report.figures.text import POINTS_PER_INCH, joined, legend_above, note_below, text_width, widest, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_FEW = 3  # data sets that are called by their titles
_COUNT = 6  # points
# inches: a row, a line of text, legend and rim; at most a name beside the bars
_ROW, _LINE, _AROUND, _NAME = 0.2, 0.13, 0.5, 2.1
_OPEN = "#DDDDDD"
_BAR, _FREE = 0.72, 0.06  # of a row, and of a column between two bars
_COLOURS = {"better": VERDICT_COLOURS[BETTER], "open": _OPEN, "worse": VERDICT_COLOURS[WORSE]}
_NOTHING = "No data set has a pair of encodings with a specification curve."


FIGURE = Figure(
    title="Better, open, worse: every setting",
    section="everywhere",
    caption=(
        "Each bar is a curve: the share of the settings that carry a claim, on each data set’s own cells (seed "
        "{seed}). Counts describe; they are no test."
    ),
    reads={"curves": CURVES},
    level="study",
    among=lambda plan: {"curves": _with_curves(plan)},
    when=lambda plan: _with_curves(plan),
    settings=lambda plan: {
        "datasets": {name: plan.datasets[name].model.title for name in _with_curves(plan)},
        "pairs": [list(pair) for pair in dict.fromkeys(_all_pairs(plan))],
        "titles": {
            name: dataset.catalogue.spaces[name].title
            for dataset in plan.datasets.values()
            for pair in dataset.curves
            for name in pair
        },
        "seed": plan.study.seeds[0],
    },
)


def _with_curves(plan: Any) -> list[str]:
    return [name for name, dataset in plan.datasets.items() if dataset.curves]


def _all_pairs(plan: Any) -> list[tuple[str, str]]:
    return [pair for dataset in plan.datasets.values() for pair in dataset.curves]


def draw(
    curves: pd.DataFrame,
    *,
    datasets: Mapping[str, str],
    pairs: Sequence[Sequence[str]],
    titles: Mapping[str, str],
    seed: int,
    outputs: Outputs,
) -> None:
    """Draw a row for each pair and a column for each data set, with a bar of all settings in each."""
    counts = _counts(curves, seed)
    shown = [pair for pair in pairs if any((name, *pair) in counts for name in datasets)]
    size = RC["ytick.labelsize"]
    called = _names(pairs, titles)
    names = [wrapped(called[tuple(pair)], _NAME * POINTS_PER_INCH, size) for pair in shown]
    beside = widest([line for name in names for line in name], size) + 0.15 * POINTS_PER_INCH
    column = (WIDTH * POINTS_PER_INCH - beside) / len(datasets)
    heads = [wrapped(name, (1 - 2 * _FREE) * column, size) for name in _called(datasets).values()]
    rows = [max(_ROW, _LINE * len(name)) for name in names]
    height = sum(rows) + _LINE * max(map(len, heads)) + _AROUND
    with figure(height, outputs=outputs) as drawing:
        axes = drawing.subplots()
        if not shown:
            say(axes, _NOTHING)
            return
        middles = [sum(rows[:at]) + row / 2 for at, row in enumerate(rows)]
        for pair, middle in zip(shown, middles, strict=True):
            for place, name in enumerate(datasets):
                if (name, *pair) in counts:
                    bar = counts[name, *pair]
                    _draw_bar(axes, bar, place, middle, _BAR * _ROW, column=column)
        axes.set_xlim(0, len(datasets))
        axes.set_ylim(sum(rows), 0)
        axes.set_yticks(middles, [plain_label("\n".join(name)) for name in names])
        axes.set_xticks([at + 0.5 for at in range(len(datasets))], [plain_label("\n".join(head)) for head in heads])
        axes.tick_params(length=0, labeltop=True, labelbottom=False, labelsize=size)
        axes.spines[:].set_visible(False)
        legend_above(drawing, _handles())
        note_below(drawing, f"Compared with {titles[usual_reference(pairs)]}, unless another one is named.")


def finding(
    curves: pd.DataFrame,
    *,
    datasets: Mapping[str, str],
    pairs: Sequence[Sequence[str]],
    titles: Mapping[str, str],
    seed: int,
) -> str:
    """Return of each pair and data set the settings in which it is better, open and worse."""
    counts, called = _counts(curves, seed), _called(datasets)
    said = {
        name: [
            f"{called[dataset]} {bar['better']}, {bar['open']} and {bar['worse']} of {sum(bar.values())}"
            for dataset in datasets
            if (bar := counts.get((dataset, *pair)))
        ]
        for pair, name in _names(pairs, titles).items()
    }
    parts = [f"{name}: {joined(bars)}." for name, bars in said.items() if bars]
    return " ".join(["Settings in which it is better, open and worse.", *parts]) if parts else _NOTHING


def _counts(curves: pd.DataFrame, seed: int) -> dict[tuple[str, str, str], dict[str, int]]:
    """Return the settings by verdict, of each data set and pair, all statistics together."""
    rows = curves[curves["statistic"].isna() & (curves["seed"] == seed)]
    return {
        (row.dataset, row.space, row.reference): {kind: getattr(row, kind) for kind in _COLOURS}
        for row in rows.itertuples(index=False)
    }


def _names(pairs: Sequence[Sequence[str]], titles: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Return what each pair is called: by what it is compared with only where that is not the usual reference."""
    usual = usual_reference(pairs)
    return {
        (space, reference): titles[space] if reference == usual else f"{titles[space]} less {titles[reference]}"
        for space, reference in pairs
    }


def _called(datasets: Mapping[str, str]) -> dict[str, str]:
    return dict(datasets) if len(datasets) <= _FEW else {name: name for name in datasets}


def _draw_bar(axes: Axes, bar: Mapping[str, int], place: int, middle: float, height: float, *, column: float) -> None:
    """Draw a curve as one bar from better to worse, with the counts where a column (points) has room for them."""
    begin, room = place + _FREE, 1 - 2 * _FREE
    for kind, count in bar.items():
        width = room * count / sum(bar.values())
        axes.barh(middle, width, height, left=begin, color=_COLOURS[kind], lw=0)
        if count and text_width(str(count), _COUNT) + 2 <= width * column:
            colour = "black" if kind == "open" else "white"
            axes.text(begin + width / 2, middle, str(count), ha="center", va="center", fontsize=_COUNT, color=colour)
        begin += width


def _handles() -> list:
    from matplotlib.patches import Patch

    return [Patch(color=colour, lw=0, label=kind) for kind, colour in _COLOURS.items()]
