"""The tables of intervals and differences, with the statistics that they are of."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.tables import ENDS, LEVEL, LEVELS
from rankstudy.measures.verdict import (
    BETTER,
    FEWER_OF_BOTH,
    MORE_OF_BOTH,
    NO_DIFFERENCE,
    NOT_IN_FAMILY,
    NOT_RESOLVED,
    WORSE,
)

AUROC, OWN_TYPE, BATCH_DRIVEN = "AUROC", "own-type neighbours", "batch-driven neighbours"
# the mean share of votes for a cell's own type in label transfer; whether they are the most moves by steps
ACROSS = "own-type neighbours in other batches"
# shown beside these, whose majority it is: it moves by steps, and has no interval
TRANSFER = "label transfer"
# of two measurements of the same cells
AGREEMENT = "agreement"
OF_NEIGHBOURS = (OWN_TYPE, BATCH_DRIVEN, ACROSS, TRANSFER, AGREEMENT)
LARGER_IS_BETTER = {AUROC: True, OWN_TYPE: True, BATCH_DRIVEN: False, ACROSS: True}
STATISTIC = Column(
    "statistic",
    "text",
    "`AUROC`: probability that a within-type pair is more alike than a between-type pair; `own-type neighbours`: "
    "share of the k nearest cells; `batch-driven neighbours`: share of them of another type and the same batch; "
    "`own-type neighbours in other batches`: share of the k nearest cells of other batches, which vote on the label "
    "in `label_transfer`",
)

OPTIONAL_K = Column("k", "integer", "neighbours per cell; empty where none are looked at", "cells", optional=True)
STANDARD_ERROR = Column("standard_error", "number", "standard deviation over the resamples")
LOWEST = Column("lowest_of_seeds", "number", "smallest estimate of the seeds; they draw from the same cells")
HIGHEST = Column("highest_of_seeds", "number", "largest estimate of the seeds")

INTERVALS = Table(
    "intervals",
    "How far the headline numbers may be off: intervals of a bootstrap over batches or cells, seed by seed.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("cell_type", "text", "cell type that the number is about; empty for all together", optional=True),
        STATISTIC,
        OPTIONAL_K,
        Column("estimate", "number", "the number itself"),
        *ENDS,
        LEVEL,
        STANDARD_ERROR,
        LEVELS,
        Column("n_cells", "integer", "cells that it is about", "cells"),
        Column("n_batches", "integer", "batches (or donors) that they are of"),
        Column("lowest_without_one", "number", "smallest estimate without one of these", optional=True),
        Column("highest_without_one", "number", "largest estimate without one of these", optional=True),
        LOWEST,
        HIGHEST,
        Column("note", "text", "what the interval leaves out; empty where nothing needs to be said", optional=True),
    ),
    ("dataset", "seed", "space", "cell_type", "statistic", "k"),
    location="results/<dataset>/tables/intervals.parquet, .tsv",
)

DIFFERENCES = Table(
    "differences",
    "Spaces compared with each reference (`uncertainty.references`) on the same cells, with intervals of the "
    "difference. A space is compared with the vectors of the reference by its own metric, if there is such a space "
    "(`expression@euclidean`); if not, by correlation; if not that either, with the reference as it is: `against` "
    "says which. A reference, in whatever metric, is not compared with itself, and controls are with nothing.",
    (
        DATASET,
        SEED,
        Column("reference", "text", "the reference"),
        SPACE,
        Column(
            "against", "text", "the space that it is compared with: the reference, or its vectors by another metric"
        ),
        Column("metric", "text", "metric of `against`: `correlation`, `cosine` or `euclidean`"),
        STATISTIC,
        OPTIONAL_K,
        Column("estimate", "number", "the number of the space less that of `against`"),
        *ENDS,
        Column("level", "number", "level of the interval, of one difference looked at alone"),
        STANDARD_ERROR,
        LEVELS,
        LOWEST,
        HIGHEST,
        Column("p", "number", "two-sided p-value, from the same resamples"),
        Column("p_holm", "number", "p-value adjusted for all differences of the family (Holm 1979)"),
        Column("family", "text", "the differences that are looked at together: of all spaces from one reference"),
        Column(
            "binning_error", "number", "the most that binning can have moved the estimate; 0 where nothing is binned"
        ),
        Column(
            "verdict",
            "text",
            f"`{BETTER}` or `{WORSE}` where the interval leaves out 0 and the adjusted p-value is below 1 less the "
            f"level (fewer batch-driven neighbours are better, but `{FEWER_OF_BOTH}` and `{MORE_OF_BOTH}` where the "
            f"own type says the opposite); `{NO_DIFFERENCE}`; `{NOT_IN_FAMILY}` where only the interval, looked at "
            f"alone, leaves out 0; `{NOT_RESOLVED}` where binning can have moved the estimate across 0, and the "
            "interval does not hold all that it can have moved",
        ),
    ),
    ("dataset", "seed", "reference", "space", "statistic", "k"),
    location="results/<dataset>/tables/differences.parquet, .tsv",
    version=2,
)
