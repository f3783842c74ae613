"""The tables of the training: its cells, and its loss."""

from __future__ import annotations

from rankstudy.core.tables import BATCH, CELL_ID, DATASET, Column, Table

TRAINING, VALIDATION = "training", "validation"

TRAINING_CELLS = Table(
    "training_cells",
    "The cells that the study's own model was trained on, and those its loss was measured on.",
    (
        DATASET,
        CELL_ID,
        Column("cell_type", "text", "cell type; empty where the data set has none", optional=True),
        Column("slug", "text", "cell type as it stands in file names", optional=True),
        BATCH,
        Column("part", "text", "source file of the data set that holds the cell"),
        Column("row", "integer", "position of the cell in that file, from 0"),
        Column("role", "text", f"`{TRAINING}`, or `{VALIDATION}`: the loss is measured on it"),
        Column("evaluated", "boolean", "whether a replicate compares the cell too"),
    ),
    ("cell_id",),
    location="results/models/training_cells.parquet",
)

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
