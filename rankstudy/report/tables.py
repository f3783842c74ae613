"""The tables of the article, and the words of their columns."""

from __future__ import annotations

from rankstudy.core.tables import (
    DATASET,
    SPACE,
    Column,
    Table,
)
from rankstudy.measures.tables import ENDS
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, OPTIONAL_K, OWN_TYPE, STATISTIC

# what is given of the pair of the first sentence, and what each is called; all are shares, and stand on one axis
ANSWERED = {AUROC: "All pairs of cells", OWN_TYPE: "Nearest cells", ACROSS: "Nearest cells of other batches"}
VARIES = "depends on the replicate"

RUN = Table(
    "run",
    "What was run: the settings, the seeds, the versions of the software, the commit.",
    (
        Column("key", "text", "what: a key of the configuration, `<dataset>.<key>`, `version.<package>`, ..."),
        Column("value", "text", "its value as text; empty if it is not set", optional=True),
        Column("meaning", "text", "what it means"),
    ),
    ("key",),
    location="results/article/run.parquet, .tsv",
)

ANSWER = Table(
    "answer",
    "The pair of spaces that the article's first sentence is about: their differences in each data set, in short. In "
    "the declared setting, on the cells of its specification curve, where the pair has one.",
    (
        DATASET,
        SPACE,
        Column("reference", "text", "the reference that it is compared with"),
        Column("against", "text", "the reference, or its vectors by another metric"),
        STATISTIC,
        OPTIONAL_K,
        Column("value", "number", "the number of the space, of the first seed"),
        Column("value_against", "number", "the number of the other space"),
        Column("estimate", "number", "the number of the space less that of the other, of the first seed"),
        *ENDS,
        Column("level", "number", "level of the interval, of one difference looked at alone"),
        Column("n_cells", "integer", "cells that they are of", "cells"),
        Column("source", "text", "the table that they are from: `specifications` or `differences`"),
        Column("lowest_of_seeds", "number", "smallest estimate of the seeds; they draw from the same cells"),
        Column("highest_of_seeds", "number", "largest estimate of the seeds"),
        Column("verdict", "text", "what that table says in every replicate that it has, or that it depends on it"),
    ),
    ("dataset", "statistic"),
    location="results/article/answer.parquet, .tsv",
    version=2,
)
