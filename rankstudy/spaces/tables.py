"""The tables of the spaces: their genes, their cells, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.core.tables import (
    BATCH,
    CELL_ID,
    CELL_TYPE,
    DATASET,
    SEED,
    SPACE,
    Column,
    Table,
)

if TYPE_CHECKING:
    import pandas as pd

SELECTED_GENES = Table(
    "genes",
    "Every gene of a data set, and whether the spaces of a replicate use it.",
    (
        DATASET,
        SEED,
        Column("gene", "text", "name of the gene"),
        Column("selected", "boolean", "whether the spaces use it"),
        Column("n_cells", "integer", "selected cells with a count above zero", "cells"),
        Column(
            "mean",
            "number",
            "mean of log1p CP10K by scanpy, if highly variable genes were asked for",
            "ln(1 + counts per 10,000)",
            optional=True,
        ),
        Column(
            "dispersion",
            "number",
            "normalised dispersion by scanpy, if highly variable genes were asked for",
            optional=True,
        ),
    ),
    ("gene",),
    location="results/<dataset>/<seed>/genes.parquet",
)

ANALYSED_CELLS = Table(
    "analysed_cells",
    "The selected cells, and whether they can be compared: a cell whose selected genes are all equal has no rank "
    "correlation.",
    (
        DATASET,
        SEED,
        CELL_ID,
        CELL_TYPE,
        Column("slug", "text", "cell type as it stands in file names"),
        BATCH,
        Column("used", "boolean", "whether every space holds the cell"),
        Column("reason", "text", "why it was dropped, or `used`"),
    ),
    ("dataset", "seed", "cell_id"),
    location="results/<dataset>/tables/analysed_cells.parquet",
)

SPACES_TABLE = Table(
    "spaces",
    "The spaces of a data set: titles, measures and, for embeddings, the model and how it was read.",
    (
        DATASET,
        SPACE,
        Column("title", "text", "what it is"),
        Column("short", "text", "the same in a few words, as figures have it"),
        Column("measure", "text", "measure between two cells"),
        Column("metric", "text", "`correlation`, `cosine` (larger is more alike) or `euclidean` (a distance)"),
        Column("role", "text", "`encoding`, `baseline`, `model`, or `control`, whose result is known beforehand"),
        Column("dimensions", "integer", "length of a vector"),
        Column("parent", "text", "the space that it is fitted on", optional=True),
        Column("model", "text", "`published`, `trained` (by the study), `untrained`, or `brought`", optional=True),
        Column("vocabulary", "text", "version of the vocabulary whose tokens the model reads", optional=True),
        Column("max_length", "integer", "longest input of the model", "tokens", optional=True),
        Column("pooling", "text", "`cell`: mean over the gene tokens; `cls`: the token <cls>", optional=True),
        Column(
            "layer",
            "integer",
            "block whose output is taken: 0 the last one, -1 the one before it (the authors' convention)",
            optional=True,
        ),
        Column("trained_on", "integer", "cells that the study trained the model on", "cells", optional=True),
        Column("trained_on_evaluated", "integer", "of these, cells that a replicate compares", "cells", optional=True),
    ),
    ("space",),
    location="results/<dataset>/tables/spaces.parquet, .tsv",
    version=2,
)


def descriptions(spaces: pd.DataFrame) -> dict[str, dict[str, str | None]]:
    """Return what the table `spaces` says of each space, in its order; `parent` and `model` are None without any."""
    table = spaces.set_index("space")[["title", "short", "measure", "metric", "role", "parent", "model"]]
    return table.astype(object).where(table.notna(), None).to_dict("index")


CONSTANT = "all selected genes have the same value"
NO_COUNTS_LEFT = "no counts left, or fewer than the one total, after the treatment of the data set"
ENCODED, NO_GENES = "encoded", "no gene that the encoding reads has a count"

ENCODED_CELLS = Table(
    "encoded_cells",
    "What an encoding makes of each selected cell, and why a cell has nothing in it that could be compared.",
    (
        DATASET,
        SEED,
        SPACE,
        CELL_ID,
        CELL_TYPE,
        Column("n_genes", "integer", "genes that the encoding reads and the cell has a count of", "genes"),
        Column("share_counts", "number", "of the cell's counts, over all genes, that these genes have", "share"),
        Column("n_listed", "integer", "of these, genes with a value: the length of an order, after its cut", "genes"),
        Column("n_compared", "integer", "of these, genes that are selected", "genes"),
        Column("reason", "text", "`encoded`, or why the cell cannot be compared"),
    ),
    ("dataset", "seed", "space", "cell_id"),
    location="results/<dataset>/tables/encoded_cells.parquet",
)

IS_BROUGHT, NOT_BROUGHT, NO_LIKENESS = (
    "brought",
    "the embedding that is brought has no vector of it",
    "its vector in the embedding that is brought is constant, and has no likeness to others",
)

BROUGHT_CELLS = Table(
    "brought_cells",
    "Which selected cells have a vector in an embedding that is brought, and why others have none.",
    (
        DATASET,
        SEED,
        SPACE,
        CELL_ID,
        Column("reason", "text", "`brought`, or why the cell cannot be compared"),
    ),
    ("cell_id",),
    location="results/<dataset>/<seed>/encoded/<space>/0.parquet",
)

HAS_TOKENS = "tokenised"

TOKENISED = Table(
    "tokenised",
    "What a model would read of each selected cell, and why a cell has nothing to read.",
    (
        DATASET,
        SEED,
        Column("tokens", "text", "release of the vocabulary"),
        CELL_ID,
        CELL_TYPE,
        Column("n_genes", "integer", "genes of the vocabulary with a count", "genes"),
        Column("n_tokens", "integer", "tokens, after the cut to the longest input", "tokens"),
        Column("truncated", "boolean", "whether genes were cut off"),
        Column("share_counts", "number", "of the cell's counts, over all genes, that reached a token", "share"),
        Column("reason", "text", "`tokenised`, or why there is nothing to read"),
    ),
    ("dataset", "seed", "tokens", "cell_id"),
    location="results/<dataset>/tables/tokenised.parquet",
    version=2,
)
