"""What is masked, and the table of the loss: apart from the training, so that figures and text need no torch."""

from __future__ import annotations

from rankstudy.core.tables import Column, Table

# shares: of the genes of a cell, and of the masked ones (Devlin et al. 2019)
MASKED, SHOWN_AS_MASK, SHOWN_AS_RANDOM = 0.15, 0.8, 0.1

TRAINING_LOSS = Table(
    "training_loss",
    "Loss of the study's own model while it was trained, beside what the frequency of the genes alone gives.",
    (
        Column("step", "integer", "steps done", "batches"),
        Column("n_cells", "integer", "cells seen, repeated ones counted each time", "cells"),
        Column(
            "training_loss", "number", "mean over the steps since the row before", "nats per masked gene", optional=True
        ),
        Column("validation_loss", "number", "on cells that are not trained on", "nats per masked gene"),
        Column(
            "unigram_loss",
            "number",
            "on the same masked genes, each predicted by its frequency among the training tokens",
            "nats per masked gene",
        ),
    ),
    ("step",),
    location="results/models/trained-here/training_loss.parquet",
)
