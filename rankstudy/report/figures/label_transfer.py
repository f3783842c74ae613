"""Label transfer across batches by space: how often the nearest cells of other batches give a cell its own label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rankstudy.measures.neighbours.tables import LABEL_TRANSFER, TRANSFERRED
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import NEUTRAL, WITHIN, figure, letter, say, space_rows
from rankstudy.report.figures.text import extremes, full_titles, legend_above, note_below
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_ROW = 0.27
_SCORES = {
    "accuracy": ("Accuracy", "share of the cells that get their own label"),
    "macro_f1": ("Macro F1", "F1, mean over the types"),
}


FIGURE = Figure(
    title="Label transfer",
    section="transfer",
    caption=(
        "Each batch of ``{dataset}`` is held out in turn; its cells get the label that most of their nearest cells in "
        "the other batches have. Blue: all batches, with interval, other seeds as thin lines; grey: each batch alone. "
        "Black line: a label drawn from the other batches. Cells whose type occurs in their batch only are left out."
    ),
    reads={"transfer": LABEL_TRANSFER, "spaces": SPACES_TABLE},
    settings=lambda plan: {"seed": plan.first_seed},
)


def draw(transfer: pd.DataFrame, spaces: pd.DataFrame, *, seed: int, outputs: Outputs) -> None:
    """Draw accuracy and macro F1 of the smallest neighbourhood, over all batches together and over each.

    A point is the score with its interval, of one seed; thin lines are those of the other seeds, grey points single
    batches.
    """
    from matplotlib.lines import Line2D

    spaces = descriptions(spaces)
    table = transfer[transfer["k"] == transfer["k"].min()]
    scored = table[table["reason"] == TRANSFERRED]
    with figure(_ROW * len(spaces) + 1.0, outputs=outputs) as drawing:
        if scored.empty:
            say(drawing.subplots(), _nothing(table))
            return
        panels = drawing.subplots(1, len(_SCORES), sharey=True)
        for axes, (score, (title, label)) in zip(panels, _SCORES.items(), strict=True):
            _draw_panel(axes, scored, score, list(spaces), seed)
            axes.set_title(f"{title}, {table['k'].iloc[0]} neighbours vote")
            axes.set_xlabel(label)
        space_rows(panels, spaces)
        letter(panels)
        handles = [
            Line2D([], [], marker="o", lw=1.4, ms=4.5, mew=0, color=WITHIN, label="all batches, with its interval"),
            Line2D([], [], marker="o", ls="", ms=2.5, color=NEUTRAL, label="one batch held out"),
            Line2D([], [], marker="|", ls="", ms=9, color="black", label="labels drawn from the other batches"),
        ]
        if scored["seed"].nunique() > 1:
            handles.insert(1, Line2D([], [], marker="|", ls="", ms=5, mew=0.8, color=WITHIN, label="other seeds"))
        legend_above(drawing, handles)
        note_below(drawing, full_titles(spaces, spaces))


def finding(transfer: pd.DataFrame, spaces: pd.DataFrame, *, seed: int) -> str:
    """Return in which spaces the most and the fewest cells get their own label, and how many by chance."""
    about, k = descriptions(spaces), transfer["k"].min()
    of_all = transfer[(transfer["k"] == k) & (transfer["seed"] == seed) & transfer["held_out"].isna()]
    scored = of_all[of_all["reason"] == TRANSFERRED]
    if scored.empty:
        return _nothing(transfer)
    accuracy = scored.set_index("space")["accuracy"]
    examined = [name for name, of in about.items() if of["role"] != "control" and name in accuracy]
    shown = extremes({about[name]["short"]: accuracy[name] for name in examined})
    chance = f"{scored['expected_accuracy'].mean():.3f}"
    return (
        f"Share of cells that get their own label from the {k} nearest of other batches: {shown}; by chance {chance}."
    )


def _nothing(table: pd.DataFrame) -> str:
    return f"No label can be transferred: {table['reason'].iloc[0]}."


def _draw_panel(axes: Axes, table: pd.DataFrame, score: str, spaces: Sequence[str], seed: int) -> None:
    for y, space in enumerate(spaces):
        rows = table[table["space"] == space]
        overall, held_out = rows[rows["held_out"].isna()], rows[rows["held_out"].notna()]
        axes.axhline(y, color="#EEEEEE", lw=0.6, zorder=0)
        axes.plot(held_out[score], [y + 0.22] * len(held_out), "o", ms=2.5, mew=0, color=NEUTRAL, alpha=0.7)
        others = overall[overall["seed"] != seed]
        axes.plot(others[score], [y] * len(others), "|", ms=5, mew=0.8, color=WITHIN)
        for row in overall[overall["seed"] == seed].to_dict("records"):
            axes.plot([row[f"{score}_low"], row[f"{score}_high"]], [y, y], lw=1.4, color=WITHIN)
            axes.plot(row[score], y, "o", ms=4.5, mew=0, color=WITHIN)
        if score == "accuracy":
            axes.plot(overall["expected_accuracy"].mean(), y, "|", ms=11, color="black")
    axes.set_xlim(0, 1.02)
