"""The tables of neighbours, with the words that stand in them."""

from __future__ import annotations

from rankstudy.core.tables import CELL_ID, DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.tables import BATCHES, CLASSES, LEVEL, LEVELS, ONE_BATCH, RELATION, SCOPE

K = Column("k", "integer", "size of a neighbourhood: so many most alike cells", "cells")

NEIGHBOURHOODS = Table(
    "neighbourhoods",
    "Which shares of a cell's k most alike cells are of its own, a similar or another type, and of its own or "
    "another batch, as "
    "means over the cells. Relations that no two types have are left out.",
    (
        DATASET,
        SEED,
        SPACE,
        K,
        SCOPE,
        RELATION,
        BATCHES,
        Column("share", "number", "share of this class among the k neighbours, mean over the cells"),
        Column(
            "expected",
            "number",
            "the share if each cell drew its neighbours evenly from all other cells: what its type and batch have by "
            "chance, mean over the cells",
        ),
        Column("n_cells", "integer", "cells", "cells"),
    ),
    ("dataset", "seed", "space", "k", "cell_type", "relation", "batches"),
    location="results/<dataset>/tables/neighbourhoods.parquet, .tsv",
)

COMPARED = "compared"

BATCH_DRIVEN_NEIGHBOURS = Table(
    "batch_driven",
    "Batch-driven neighbours: those of a cell's k most alike cells that are of any type but its own, and of its own "
    "batch.",
    (
        DATASET,
        SEED,
        SPACE,
        K,
        SCOPE,
        Column("share", "number", "their share among the k neighbours, mean over the cells", optional=True),
        Column(
            "expected",
            "number",
            "the share if each cell drew its neighbours evenly from all other cells, mean over the cells",
            optional=True,
        ),
        Column(
            "other_types",
            "number",
            "share of all neighbours that are of any type but its own, in whatever batch, of which `share` is a "
            "part; mean over the "
            "cells",
        ),
        Column(
            "expected_other_types", "number", "the same, if each cell drew its neighbours evenly from all other cells"
        ),
        Column("n_cells", "integer", "cells", "cells"),
        Column("reason", "text", f"`{COMPARED}`, or why there is nothing to say: `{ONE_BATCH}`"),
    ),
    ("dataset", "seed", "space", "k", "cell_type"),
    location="results/<dataset>/tables/batch_driven.parquet, .tsv",
)

NEIGHBOUR_CELLS = Table(
    "neighbour_cells",
    "How many of each cell's k most alike cells are of which relation and batch; fewer than k in all where there are "
    "fewer cells. And "
    "how far they are the same as in the first reference (`uncertainty.references`).",
    (
        DATASET,
        SEED,
        CELL_ID,
        SPACE,
        K,
        *(
            Column(f"{relation}_{batches}_batch", "integer", f"neighbours of {relation} type in {words}", "cells")
            for relation, batches in CLASSES
            for words in ("another batch" if batches == "other" else "the same batch",)
        ),
        Column(
            "jaccard",
            "number",
            "cells in both neighbourhoods over cells in either, this one and that of the same cell in the first "
            "reference; empty where there is none",
            optional=True,
        ),
    ),
    ("dataset", "seed", "cell_id", "space", "k"),
    location="results/<dataset>/tables/neighbour_cells.parquet",
    version=2,
)

NEIGHBOUR_OVERLAP = Table(
    "neighbour_overlap",
    "How far two spaces agree on a cell's k most alike cells.",
    (
        DATASET,
        SEED,
        Column("space_a", "text", "the one space"),
        Column("space_b", "text", "the other space"),
        K,
        SCOPE,
        Column("jaccard", "number", "cells in both neighbourhoods over cells in either, mean over the cells"),
        Column("q25", "number", "the same, first quartile of the cells"),
        Column("median", "number", "the same, median of the cells"),
        Column("q75", "number", "the same, third quartile of the cells"),
        Column("expected", "number", "the same of two neighbourhoods drawn evenly from all other cells"),
        Column("n_cells", "integer", "cells", "cells"),
    ),
    ("dataset", "seed", "space_a", "space_b", "k", "cell_type"),
    location="results/<dataset>/tables/neighbour_overlap.parquet, .tsv",
)

TRANSFERRED = "transferred"
NO_TYPE = "no type of the batch occurs in another one"

LABEL_TRANSFER = Table(
    "label_transfer",
    "Each batch is held out in turn and its cells get the majority label of their k most alike cells in the other "
    "batches, of tied "
    "labels that of the nearest. Cells of types that no other batch has cannot get theirs: they are left out and "
    "counted.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("k", "integer", "neighbours that vote", "cells"),
        Column("held_out", "text", "batch that is held out; empty for all batches together", optional=True),
        Column("n_cells", "integer", "cells that were given a label", "cells"),
        Column("n_left_out", "integer", "cells whose type occurs in their batch only", "cells"),
        Column("accuracy", "number", "share of the cells that got their own label", optional=True),
        Column(
            "macro_f1",
            "number",
            "F1 of each type among these cells (harmonic mean of precision and recall), mean over the types",
            optional=True,
        ),
        Column("accuracy_low", "number", "lower end of its interval; for all batches together only", optional=True),
        Column("accuracy_high", "number", "upper end of its interval", optional=True),
        Column("macro_f1_low", "number", "lower end of its interval; for all batches together only", optional=True),
        Column("macro_f1_high", "number", "upper end of its interval", optional=True),
        LEVEL,
        LEVELS,
        Column(
            "expected_accuracy",
            "number",
            "accuracy of labels drawn evenly from the cells of the other batches",
            optional=True,
        ),
        Column("reason", "text", f"`{TRANSFERRED}`, or why there is nothing to transfer: `{ONE_BATCH}`, `{NO_TYPE}`"),
    ),
    ("dataset", "seed", "space", "k", "held_out"),
    location="results/<dataset>/tables/label_transfer.parquet, .tsv",
)
