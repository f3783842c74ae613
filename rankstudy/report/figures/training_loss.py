"""The loss of the study's own model while it was trained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import BETWEEN, NEUTRAL, WITHIN, figure, lines
from rankstudy.spaces.models.geneformer.tables import TRAINING_LOSS

if TYPE_CHECKING:
    import pandas as pd

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


def draw(loss: pd.DataFrame, about: str, *, outputs: Sequence[str]) -> None:
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
        axes.legend()
