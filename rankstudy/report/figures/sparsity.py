"""Sparsity of the compared cells: over all genes, and over the selected ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.measures.tables import SPARSITY
from rankstudy.report.figure import Figure, of_one_seed
from rankstudy.report.figures.style import BETWEEN, NEUTRAL, WITHIN, figure, letter

if TYPE_CHECKING:
    import pandas as pd

    from rankstudy.report.figure import Outputs

_PANELS = (
    ("zeros_all", "All genes", "share of genes that are zero", NEUTRAL),
    ("zeros_selected", "Selected genes", "share of genes that are zero", WITHIN),
    ("tied_detected", "Ties among detected", "share of detected selected genes\nthat share their value", BETWEEN),
)
_BINS = 50


FIGURE = Figure(
    title="Sparsity",
    section="encoding",
    caption=(
        "Zeros and ties of the compared cells of ``{dataset}`` (seed {seed}): share of zeros over all genes and "
        "over the selected genes, and share of the detected selected genes that have the same value as another "
        "one."
    ),
    reads={"sparsity": of_one_seed(SPARSITY)},
    settings=lambda plan: {"seed": plan.first_seed},
)


def draw(sparsity: pd.DataFrame, *, seed: int, outputs: Outputs) -> None:
    """Draw histograms over cells of the share of zeros, before and after gene selection, and of ties."""
    import seaborn as sns

    cells = sparsity[sparsity["seed"] == seed]
    with figure(2.5, outputs=outputs) as drawing:
        panels = drawing.subplots(1, len(_PANELS), sharex=True, sharey=True)
        for axes, (column, title, label, colour) in zip(panels, _PANELS, strict=True):
            sns.histplot(cells[column], bins=_BINS, binrange=(0, 1), color=colour, alpha=1, linewidth=0, ax=axes)
            median = cells[column].median()
            axes.axvline(median, color="black", lw=0.8)
            axes.annotate(
                f"median {median:.3f}",
                (median, 1),
                xycoords=("data", "axes fraction"),
                xytext=(-4 if median > 0.5 else 4, -2),
                textcoords="offset points",
                ha="right" if median > 0.5 else "left",
                va="top",
                fontsize=7,
            )
            axes.set_title(title)
            axes.set_xlabel(label)
        panels[0].set_xlim(0, 1)
        panels[0].set_ylim(0, 1.15 * panels[0].get_ylim()[1])
        panels[0].set_ylabel("cells")
        letter(panels)


def finding(sparsity: pd.DataFrame, *, seed: int) -> str:
    """Return the medians over the cells."""
    medians = sparsity[sparsity["seed"] == seed][[column for column, *_ in _PANELS]].median()
    return (
        f"In the median cell {medians['zeros_all']:.1%} of all genes and {medians['zeros_selected']:.1%} of the "
        f"selected genes are zero, and {medians['tied_detected']:.1%} of those detected share their value with another."
    )
