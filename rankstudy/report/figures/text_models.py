"""What a text model sees: lists of genes and vectors of genes, each beside the one that it varies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rankstudy.measures.uncertainty.tables import AUROC, DIFFERENCES, INTERVALS
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import NEUTRAL, VERDICT_COLOURS, figure, letter, space_rows
from rankstudy.report.figures.text import full_titles, note_below
from rankstudy.spaces.tables import SPACES_TABLE, descriptions
from rankstudy.spaces.texts.tables import LISTS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_ROW, _AROUND = 0.27, 1.1


def _varied(plan) -> dict[str, str | None]:
    """Return each list and each vectors of genes of a data set, with the space that it varies."""
    spaces = {name: plan.catalogue.spaces[name] for name in plan.spaces}
    return {name: space.varies for name, space in spaces.items() if space.text is not None}


FIGURE = Figure(
    title="What the text model sees",
    section="texts",
    caption=(
        "Left: AUROC of lists of genes that a text model reads, of the same lists as plain vectors, and of weighted "
        "vectors of genes (``{dataset}``, seed {seed}; dotted: chance). Middle: difference from what each varies in "
        "one respect, on the same cells; coloured where it is beyond chance after adjusting (Holm). Right: genes in a "
        "list (median, 5 to 95 % of cells)."
    ),
    reads={"intervals": INTERVALS, "differences": DIFFERENCES, "spaces": SPACES_TABLE, "lists": LISTS},
    when=_varied,
    settings=lambda plan: {"seed": plan.first_seed, "varied": _varied(plan)},
)


def draw(
    intervals: pd.DataFrame,
    differences: pd.DataFrame,
    spaces: pd.DataFrame,
    lists: pd.DataFrame,
    *,
    seed: int,
    varied: Mapping[str, str | None],
    outputs: Outputs,
) -> None:
    """Draw the AUROC of each, its difference from what it varies, and how many genes its list holds."""
    about = descriptions(spaces)
    shown = {name: about[name] for name in dict.fromkeys([*_others(varied), *varied]) if name in about}
    numbers, against = _numbers(intervals, differences, seed, varied)
    with figure(_ROW * len(shown) + _AROUND, outputs=outputs) as drawing:
        panels = drawing.subplots(1, 3, sharey=True, width_ratios=[2, 2, 1])
        for row, name in enumerate(shown):
            _bar(panels[0], numbers, name, row)
            _bar(panels[1], against, name, row)
            _genes(panels[2], lists[(lists["space"] == name) & (lists["seed"] == seed)]["n_listed"], row)
        for axes, middle, what, title in (
            (panels[0], 0.5, "AUROC", "Separation of types"),
            (panels[1], 0.0, "difference of AUROC", "Beside what it varies"),
            (panels[2], None, "genes", "In the list"),
        ):
            if middle is not None:
                axes.axvline(middle, color=NEUTRAL, lw=0.8, ls=":")
            axes.set_xlabel(what)
            axes.set_title(title)
            axes.tick_params(axis="y", length=0)
            axes.grid(axis="y", color="#EEEEEE", lw=0.6)
        panels[2].set_xscale("log")
        space_rows(panels, shown)
        letter(panels, wrap=34)
        note_below(drawing, full_titles(about, shown))


def finding(
    intervals: pd.DataFrame,
    differences: pd.DataFrame,
    spaces: pd.DataFrame,
    lists: pd.DataFrame,
    *,
    seed: int,
    varied: Mapping[str, str | None],
) -> str:
    """Return how much each differs from what it varies."""
    about = descriptions(spaces)
    _, against = _numbers(intervals, differences, seed, varied)
    said = [
        f"{about[row.space]['short']}: {row.estimate:+.3f} [{row.low:+.3f}, {row.high:+.3f}], {row.verdict}"
        for row in against.itertuples()
    ]
    return f"Differences of AUROC from what each varies: {'; '.join(said)}."


def _others(varied: Mapping[str, str | None]) -> list[str]:
    return [of for of in dict.fromkeys(varied.values()) if of is not None and of not in varied]


def _numbers(
    intervals: pd.DataFrame, differences: pd.DataFrame, seed: int, varied: Mapping[str, str | None]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the AUROC of each space, and the differences from those that they vary, of one seed."""
    of_all = intervals[(intervals["statistic"] == AUROC) & intervals["cell_type"].isna() & (intervals["seed"] == seed)]
    found = differences[(differences["statistic"] == AUROC) & (differences["seed"] == seed)]
    return of_all, found[found["reference"] == found["space"].map(varied)]


def _bar(axes: Axes, table: pd.DataFrame, name: str, at: int) -> None:
    for row in table[table["space"] == name].itertuples():
        colour = VERDICT_COLOURS.get(getattr(row, "verdict", None), "black")
        axes.plot([row.low, row.high], [at, at], color=colour, lw=1.4, solid_capstyle="butt")
        axes.plot(row.estimate, at, "o", ms=4.5, mew=0, color=colour)


def _genes(axes: Axes, listed: pd.Series, at: int) -> None:
    if len(listed):
        low, middle, high = listed.quantile([0.05, 0.5, 0.95])
        axes.plot([low, high], [at, at], color="black", lw=1.4, solid_capstyle="butt")
        axes.plot(middle, at, "o", ms=4.5, mew=0, color="black")
