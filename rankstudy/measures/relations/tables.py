"""The tables of relations at cutoffs, with the words that stand in them."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.tables import LEVEL, LEVELS, MEASURE_UNIT, RELATION, SCOPE

ANY_BATCH = "any"

RELATIONS_AT_CUTOFFS = Table(
    "relations",
    "The relations of a cell are all cells that are at least as much like it as a cutoff: which shares of them are "
    "of its own, a "
    "similar or another type, and of its own or another batch. Relations that no two types have are left out.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        Column(
            "cutoff",
            "number",
            "least similarity of a relation: at or above it for a similarity, below it for a distance",
            "the space's measure",
        ),
        RELATION,
        Column(
            "batches", "text", f"`same`: of the cell's own batch; `other`: of another one; `{ANY_BATCH}`: both together"
        ),
        Column(
            "share",
            "number",
            "share of this class among all relations of the cells (each relation weighs the same); empty where there "
            "are none",
            optional=True,
        ),
        Column("low", "number", "lower end of the interval of `share`; empty where it is not known", optional=True),
        Column("high", "number", "upper end of the interval of `share`", optional=True),
        LEVEL,
        LEVELS,
        Column(
            "share_of_cells",
            "number",
            "share of this class among a cell's relations, mean over the cells that have any (each cell weighs the "
            "same); empty "
            "where no cell has",
            optional=True,
        ),
        Column(
            "n_relations", "integer", "relations of this class, summed over the cells", "pairs, seen from each cell"
        ),
        Column(
            "expected", "number", "the share if labels were random: that among all other cells, mean over the cells"
        ),
        Column("n_cells", "integer", "cells", "cells"),
        Column("n_without", "integer", "cells that have no relation left", "cells"),
    ),
    ("dataset", "seed", "space", "cell_type", "cutoff", "relation", "batches"),
    location="results/<dataset>/tables/relations.parquet",
)

REACHED, NEVER, NO_PAIR = "reached", "never reached", "no pair of cells of one type"

OPERATING_POINTS = Table(
    "operating_points",
    "The least strict cutoff at which so large a share of all relations (pooled over the cells: each relation weighs "
    "the same) "
    "is of the cell's own type; between two cutoffs, numbers of relations are taken as on a straight line.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        Column("target", "number", "precision to reach"),
        Column("cutoff", "number", "the cutoff", MEASURE_UNIT, optional=True),
        Column("cutoff_low", "number", "lower end of its interval", MEASURE_UNIT, optional=True),
        Column("cutoff_high", "number", "upper end of its interval", MEASURE_UNIT, optional=True),
        Column(
            "precision",
            "number",
            "share of own type among the relations there: the target, or more where all pairs together have more",
            optional=True,
        ),
        Column("recall", "number", "share of all pairs of one type that are relations there", optional=True),
        Column("recall_low", "number", "lower end of its interval", optional=True),
        Column("recall_high", "number", "upper end of its interval", optional=True),
        LEVEL,
        LEVELS,
        Column("n_relations", "integer", "relations there", "pairs, seen from each cell", optional=True),
        Column("highest_precision", "number", "highest precision at any cutoff"),
        Column("reason", "text", f"`{REACHED}`, `{NEVER}` or `{NO_PAIR}`"),
    ),
    ("dataset", "seed", "space", "cell_type", "target"),
    location="results/<dataset>/tables/operating_points.parquet, .tsv",
)
