"""The answer: how one space differs from what it is compared with, small enough for the first screen of the article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.settings.tables import SPECIFICATIONS
from rankstudy.measures.uncertainty.tables import AUROC, DIFFERENCES
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report.curves import first_curve, in_declared_setting
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import NEUTRAL, RC, VERDICT_COLOURS, figure, plain_label, say
from rankstudy.report.figures.text import POINTS_PER_INCH, joined, legend_above, widest, wrapped
from rankstudy.report.tables import ANSWERED, VARIES
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_FEW = 3  # data sets that have a panel each
# inches
_WIDTH, _NAME = 3.8, 1.5  # all that a telephone shows at its size, and at most a name beside a panel
_LINE, _GAP, _AROUND = 0.135, 0.075, 0.75  # a line of text, what is free between two rows, legend and axis
_NOTHING = "No data set has a space that it is compared with."

Panels = Sequence[tuple[str, "pd.DataFrame"]]


def _curve(dataset: Any) -> tuple[str, str] | None:
    return first_curve(dataset.curves, dataset.main_space, dataset.spaces)


def _pair(dataset: Any) -> list[str]:
    """Return the first encoding and what it is compared with: in the specification curve, else a baseline if there is.

    Nothing where it is compared with nothing.
    """
    if curve := _curve(dataset):
        return list(curve)
    baselines = [name for name in dataset.references if dataset.catalogue.spaces[name].role == "baseline"]
    return [dataset.main_space, *[*baselines, *dataset.references][:1]] if dataset.references else []


def _with_curves(plan: Any) -> list[str]:
    return [name for name, dataset in plan.datasets.items() if _curve(dataset)]


def _missing(plan: Any) -> set[str]:
    """Return which of the two tables of differences no data set is answered by."""
    curved = _with_curves(plan)
    found = {"specifications": bool(curved), "differences": len(curved) < len(plan.datasets)}
    return {name for name, is_read in found.items() if not is_read}


FIGURE = Figure(
    title="The answer",
    caption=lambda plan: (
        "Differences on the same cells (seed {seed}), with intervals; to the right is better. Colour: better or worse "
        + ("in the declared setting, all settings" if _with_curves(plan) else "in every replicate, all spaces")
        + " taken together."
    ),
    reads={"spaces": SPACES_TABLE, "differences": DIFFERENCES, "specifications": SPECIFICATIONS},
    without=_missing,
    among=lambda plan: {
        "specifications": _with_curves(plan),
        "differences": [name for name in plan.datasets if name not in _with_curves(plan)],
    },
    level="study",
    section="first",
    when=lambda plan: any(map(_pair, plan.datasets.values())),
    settings=lambda plan: {
        "pairs": {name: _pair(dataset) for name, dataset in plan.datasets.items() if _pair(dataset)},
        "titles": {name: dataset.model.title for name, dataset in plan.datasets.items()},
        "declared": plan.study.settings.declared.model_dump(exclude={"reason"}),
        "seed": plan.study.seeds[0],
    },
)


def draw(
    spaces: pd.DataFrame,
    differences: pd.DataFrame | None = None,
    specifications: pd.DataFrame | None = None,
    *,
    pairs: Mapping[str, Sequence[str]],
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    outputs: Outputs,
) -> None:
    """Draw a panel for each of few data sets, with a row for each statistic; of many, a row each for the first one."""
    panels = _panels(_answers(differences, specifications, declared, pairs, seed), titles)
    size = RC["ytick.labelsize"]
    names = [[_lines(name, _NAME, size) for name in rows["name"]] for _, rows in panels]
    beside = widest([line for of_panel in names for name in of_panel for line in name], size) / POINTS_PER_INCH
    headings = [_lines(title, 0.95 * _WIDTH, RC["axes.titlesize"]) for title, _ in panels]
    heights = [sum(_LINE * len(name) + _GAP for name in of_panel) for of_panel in names]
    around = _AROUND + sum(_LINE * len(heading) + 2 * _GAP for heading in headings)
    with figure(sum(heights) + around, width=_WIDTH, outputs=outputs) as drawing:
        if not panels:
            say(drawing.subplots(), _NOTHING, wrap=24)
            return
        drawn = drawing.subplots(len(panels), sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for axes, (_, rows), of_panel, heading in zip(drawn, panels, names, headings, strict=True):
            _draw_panel(axes, rows, of_panel)
            axes.set_title(plain_label("\n".join(heading)), x=-beside / (_WIDTH - beside))
        about = descriptions(spaces.drop_duplicates("space"))
        what = _lines(_difference(panels, about), _WIDTH - beside, RC["axes.labelsize"])
        drawn[-1].set_xlabel(plain_label("\n".join([*what, "worse ← → better"])))
        legend_above(drawing, _handles(panels))


def finding(
    spaces: pd.DataFrame,
    differences: pd.DataFrame | None = None,
    specifications: pd.DataFrame | None = None,
    *,
    pairs: Mapping[str, Sequence[str]],
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
) -> str:
    """Return what is compared with what, and of each row that is drawn the difference and the verdict."""
    panels = _panels(_answers(differences, specifications, declared, pairs, seed), titles)
    if not panels:
        return _NOTHING
    about = descriptions(spaces.drop_duplicates("space"))
    parts = [
        f"{title}: {joined(f'{row.name} {row.estimate:+.3f} ({row.verdict})' for row in rows.itertuples(index=False))}."
        for title, rows in panels
    ]
    return " ".join([f"{_difference(panels, about)}.", *parts])


def _answers(
    differences: pd.DataFrame | None,
    specifications: pd.DataFrame | None,
    declared: Mapping[str, Any],
    pairs: Mapping[str, Sequence[str]],
    seed: int,
) -> pd.DataFrame:
    """Return the differences of each data set's pair: in the declared setting, where there are specification curves.

    Of neighbourhoods those of the fewest cells. Numbers are of one seed, the verdict is that of every seed.
    """
    import pandas as pd

    wanted = pd.DataFrame([(name, *pair) for name, pair in pairs.items()], columns=["dataset", "space", "reference"])
    tables = [] if differences is None else [differences]
    if specifications is not None:
        as_declared = specifications.loc[in_declared_setting(specifications[specifications["claim"]], declared)]
        tables.append(as_declared.assign(against=as_declared["reference"]))
    differences = pd.concat(tables, ignore_index=True)
    found = wanted.merge(differences[differences["statistic"].isin(ANSWERED)])
    by_statistic = found.groupby(["dataset", "statistic"])
    verdict = found["verdict"].mask(by_statistic["verdict"].transform("nunique") > 1, VARIES)
    least = found["k"].isna() | (found["k"] == by_statistic["k"].transform("min"))
    return found.assign(verdict=verdict)[least & (found["seed"] == seed)]


def _panels(table: pd.DataFrame, titles: Mapping[str, str]) -> Panels:
    """Return the title of each panel and its rows, each with a name, as far as there are any."""
    asked = table.assign(name=table["statistic"].map(ANSWERED))
    if len(titles) <= _FEW:
        of_each = [(title, asked[asked["dataset"] == name]) for name, title in titles.items()]
    else:
        of_each = [(ANSWERED[AUROC], table[table["statistic"] == AUROC].assign(name=table["dataset"]))]
    return [(title, rows) for title, rows in of_each if len(rows)]


def _lines(text: str, width: float, size: float) -> list[str]:
    return wrapped(text, width * POINTS_PER_INCH, size)


def _draw_panel(axes: Axes, rows: pd.DataFrame, names: Sequence[Sequence[str]]) -> None:
    from matplotlib.ticker import MaxNLocator

    # a row is as high as its name has lines
    heights = [_LINE * len(name) + _GAP for name in names]
    middles = [sum(heights[:place]) + height / 2 for place, height in enumerate(heights)]
    axes.axvline(0, color=NEUTRAL, lw=0.8, ls=":")
    for at, row in zip(middles, rows.itertuples(index=False), strict=True):
        colour = VERDICT_COLOURS.get(row.verdict, "black")
        axes.plot([row.low, row.high], [at, at], color=colour, lw=1.8, solid_capstyle="butt")
        axes.plot(row.estimate, at, "o", ms=5, mew=0, color=colour)
    axes.margins(x=0.08)
    axes.set_yticks(middles, [plain_label("\n".join(name)) for name in names])
    axes.set_ylim(sum(heights), 0)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.grid(axis="y", color="#EEEEEE", lw=0.6)


def _difference(panels: Panels, about: Mapping[str, Mapping[str, str]]) -> str:
    """Return what is less what."""
    one, other = (
        joined(dict.fromkeys(about[name]["short"] for _, rows in panels for name in rows[side]))
        for side in ("space", "against")
    )
    return f"{one} less {other}"


def _handles(panels: Panels) -> list:
    from matplotlib.lines import Line2D

    words = {VERDICT_COLOURS[verdict]: verdict for verdict in (BETTER, WORSE)}
    colours = dict.fromkeys(VERDICT_COLOURS.get(v, "black") for _, rows in panels for v in rows["verdict"])
    style = {"marker": "o", "lw": 1.8, "ms": 5, "mew": 0}
    return [
        Line2D([], [], color=colour, label=words.get(colour, "neither better nor worse"), **style) for colour in colours
    ]
