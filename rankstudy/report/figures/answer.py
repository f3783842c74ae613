"""The answer: how one space differs from what it is compared with, over all data sets and statistics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, DIFFERENCES, OWN_TYPE
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import NEUTRAL, RC, VERDICT_COLOURS, WIDTH, figure, letter, plain_label, say
from rankstudy.report.figures.text import POINTS_PER_INCH, joined, legend_above, note_below, widest, wrapped
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_STATISTICS = {
    AUROC: "Types told apart (AUROC)",
    OWN_TYPE: "Own type, nearest cells",
    ACROSS: "Own type, other batches",
    BATCH_DRIVEN: "Batch-driven neighbours",
}
_ROW, _LINE, _LEAST = 0.32, 0.13, 1.1  # inches: a data set; a line of its name; what stands around the rows
_NAME = 1.9  # inches of the name of a data set
_NOTHING = "No data set has a space that it is compared with."


def _of_first(datasets: Iterable[Any]) -> dict[str, str]:
    """Return what is compared with what in the first data set that has a reference."""
    first = next(dataset for dataset in datasets if dataset.references)
    return {"space": first.main_space, "reference": first.first_reference}


FIGURE = Figure(
    title="The answer",
    caption=(
        "``{space}`` less ``{reference}``, by its own metric if possible, on the same cells (seed {seed}), with "
        "intervals; to the right it does better. Colour: beyond chance after adjusting for all spaces (Holm)."
    ),
    reads={"differences": DIFFERENCES, "spaces": SPACES_TABLE},
    level="study",
    section="everywhere",
    when=lambda plan: any(dataset.references for dataset in plan.datasets.values()),
    settings=lambda plan: {**_of_first(plan.datasets.values()), "seed": plan.study.seeds[0]},
)


def draw(
    differences: pd.DataFrame, spaces: pd.DataFrame, *, space: str, reference: str, seed: int, outputs: Outputs
) -> None:
    """Draw a row for each data set and a panel for each statistic, with the smallest neighbourhood where it has one."""
    table = _of_pair(differences, space, reference, seed)
    datasets = list(dict.fromkeys(spaces["dataset"]))
    size = RC["ytick.labelsize"]
    names = ["\n".join(wrapped(name, _NAME * POINTS_PER_INCH, size)) for name in datasets]
    beside = widest("\n".join(names).split("\n"), size) / POINTS_PER_INCH
    row = max(_ROW, *(_LINE * (name.count("\n") + 2) for name in names))
    with figure(_LEAST + row * len(datasets), width=WIDTH + max(beside - 1, 0), outputs=outputs) as drawing:
        if table.empty:
            say(drawing.subplots(), _NOTHING)
            return
        shown = [statistic for statistic in _STATISTICS if statistic in set(table["statistic"])]
        panels = drawing.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for axes, statistic in zip(panels, shown, strict=True):
            _draw_panel(axes, table[table["statistic"] == statistic], datasets)
            axes.set_title(_STATISTICS[statistic])
            axes.set_xlabel("worse ← → better")
            if statistic == BATCH_DRIVEN:
                axes.invert_xaxis()
        panels[0].set_yticks(range(len(datasets)), [plain_label(name) for name in names])
        panels[0].set_ylim(len(datasets) - 0.5, -0.5)
        letter(panels, wrap=18)
        legend_above(drawing, _handles(table["verdict"], descriptions(spaces.drop_duplicates("space"))[space]["short"]))
        turned = (
            "Fewer batch-driven neighbours are better: their axis is turned round." if BATCH_DRIVEN in shown else ""
        )
        note_below(drawing, _compared(table, spaces, space), turned)


def finding(differences: pd.DataFrame, spaces: pd.DataFrame, *, space: str, reference: str, seed: int) -> str:
    """Return the verdict of each statistic, with the data sets of which it is."""
    table = _of_pair(differences, space, reference, seed)
    if table.empty:
        return _NOTHING
    parts = []
    for statistic, title in _STATISTICS.items():
        verdicts = table[table["statistic"] == statistic].groupby("verdict", sort=False)["dataset"].agg(joined)
        parts += [f"{title}: {'; '.join(f'{word} in {where}' for word, where in verdicts.items())}."] * bool(
            len(verdicts)
        )
    return " ".join([_compared(table, spaces, space), *parts])


def _of_pair(differences: pd.DataFrame, space: str, reference: str, seed: int) -> pd.DataFrame:
    """Return the differences of a space from a reference, of neighbourhoods those of the fewest cells."""
    chosen = (differences["space"] == space) & (differences["reference"] == reference)
    table = differences[chosen & (differences["seed"] == seed)]
    fewest = table.groupby(["dataset", "statistic"])["k"].transform("min")
    return table[table["k"].isna() | (table["k"] == fewest)]


def _draw_panel(axes: Axes, table: pd.DataFrame, datasets: Sequence[str]) -> None:
    """Draw the rows of one statistic."""
    from matplotlib.ticker import MaxNLocator

    axes.axvline(0, color=NEUTRAL, lw=0.8, ls=":")
    for row in table.itertuples():
        at = datasets.index(row.dataset)
        colour = VERDICT_COLOURS.get(row.verdict, "black")
        axes.plot([row.low, row.high], [at, at], color=colour, lw=1.6, solid_capstyle="butt")
        axes.plot(row.estimate, at, "o", ms=4.5, mew=0, color=colour)
    axes.margins(x=0.08)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.grid(axis="y", color="#EEEEEE", lw=0.6)


def _handles(verdicts: pd.Series, short: str) -> list:
    from matplotlib.lines import Line2D

    words = {BETTER: f"{short} better", WORSE: f"{short} worse"}
    shown = {
        VERDICT_COLOURS.get(verdict, "black"): words.get(verdict, "no difference beyond chance") for verdict in verdicts
    }
    return [Line2D([], [], marker="o", lw=1.6, ms=4.5, mew=0, color=c, label=label) for c, label in shown.items()]


def _compared(table: pd.DataFrame, spaces: pd.DataFrame, space: str) -> str:
    """Return what is compared with what, each with its measure."""
    about: Mapping = descriptions(spaces.drop_duplicates("space"))
    named = {name: f"{about[name]['title']} ({about[name]['measure']})" for name in [space, *table["against"]]}
    return f"{named[space]} compared with {joined(dict.fromkeys(named[other] for other in table['against']))}."
