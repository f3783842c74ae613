"""The loss of the study's own model while it was trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import BETWEEN, NEUTRAL, WITHIN, figure, lines
from rankstudy.report.figures.text import legend_above
from rankstudy.spaces.models.geneformer.tables import TRAINING_LOSS

if TYPE_CHECKING:
    import pandas as pd

    from rankstudy.report.figure import Outputs

FIGURE = Figure(
    title="Training loss",
    section="models",
    caption=(
        "Loss of the model of Geneformer's architecture that the study trained itself, on the cells that it was "
        "trained on and on others, beside the loss of predicting each masked gene by its frequency alone."
    ),
    reads={"loss": TRAINING_LOSS, "about": "results/models/trained-here/about.json"},
    level="study",
    when=lambda plan: "trained" in plan.own_models,
)


def draw(loss: pd.DataFrame, about: str, *, outputs: Outputs) -> None:
    """Draw the loss against the cells seen, and as a line what the frequency of the genes alone gives."""
    title = json.loads(Path(about).read_text(encoding="utf-8"))["title"]
    with figure(3.0, width=4.6, outputs=outputs) as drawing:
        axes = drawing.subplots()
        axes.axhline(loss["unigram_loss"].iloc[0], color=NEUTRAL, lw=1.0, ls="--", label="frequency of the genes alone")
        measured = loss.dropna(subset="training_loss")
        axes.plot(measured["n_cells"], measured["training_loss"], color=WITHIN, lw=1.0, label="cells trained on")
        axes.plot(
            loss["n_cells"], loss["validation_loss"], "o-", ms=3, lw=1.0, color=BETWEEN, label="cells not trained on"
        )
        axes.set_xlim(0, None)
        axes.set_xlabel("cells seen in training")
        axes.set_ylabel("loss (nats per masked gene)")
        axes.set_title("\n".join(lines(title, 50)))
        legend_above(drawing, axes.get_legend_handles_labels()[0])


def finding(loss: pd.DataFrame, about: str) -> str:
    """Return the loss at the end of the training, beside that of the genes' frequencies."""
    last = loss.iloc[-1]
    return (
        f"After {last['n_cells']:,.0f} cells the loss on cells not trained on is {last['validation_loss']:.3f} nats "
        f"per masked gene; the frequency of the genes alone gives {last['unigram_loss']:.3f}."
    )
