"""The tables of the audit: what was checked of an embedding, and what it knows of depth."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.tables import ENDS, LEVEL

PASSED, REPORTED, FAILED, NOT_APPLICABLE = "passed", "reported", "failed", "not applicable"

AUDIT = Table(
    "embedding_audit",
    "What was checked of an embedding that was brought, before anything was computed of it.",
    (
        DATASET,
        SPACE,
        Column("check", "text", "what was checked"),
        Column("subject", "text", "the column, key or batch that it is about; empty where it is about all"),
        Column(
            "outcome",
            "text",
            f"`{PASSED}`, `{REPORTED}` (to be known, no fault), `{FAILED}` (nothing is computed), `{NOT_APPLICABLE}`",
        ),
        Column("value", "number", "what was found", optional=True),
        Column("threshold", "number", "from where on it fails or is reported, fixed beforehand", optional=True),
        Column("note", "text", "what was found, and what to do, in words"),
    ),
    ("dataset", "space", "check", "subject"),
    location="results/<dataset>/tables/embedding_audit.parquet, .tsv",
)

ALL_CELLS, WITHIN_TYPES = "all cells", "within types"
TOLD = "predicted"

LEAKAGE = Table(
    "leakage",
    "How well the depth of a cell, the logarithm of its total, is predicted from its vector by a ridge regression on "
    "other cells, in second opinions (`make judge`).",
    (
        DATASET,
        SEED,
        SPACE,
        Column("scope", "text", f"`{ALL_CELLS}`, or `{WITHIN_TYPES}`: totals and vectors less the means of the types"),
        Column("r2", "number", "share of the variance that is predicted; below 0: worse than the mean", optional=True),
        *(Column(end.name, end.type, end.meaning, end.unit, optional=True) for end in ENDS),
        LEVEL,
        Column("resampled", "text", "what the interval resamples: `batches` or `cells`; the fits are not repeated"),
        Column("n_cells", "integer", "cells, drawn by seed and cell id", "cells"),
        Column("reason", "text", f"`{TOLD}`, or why there is no number"),
    ),
    ("dataset", "seed", "space", "scope"),
    location="results/judged/<name>/tables/leakage.parquet, .tsv",
)
