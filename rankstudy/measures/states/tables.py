"""The tables of states: how well each space tells them within a type, and how the donors have them."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.tables import LEVEL
from rankstudy.measures.uncertainty.tables import AUROC

NEIGHBOURS_OF_STATE, EXPLAINED = "own-state neighbours", "variance explained"
STATISTICS = (AUROC, NEIGHBOURS_OF_STATE, EXPLAINED)
# what each has by chance; the null says it again
CHANCE = {AUROC: 0.5, NEIGHBOURS_OF_STATE: 0.0, EXPLAINED: 0.0}

BETWEEN, WITHIN = "one state per donor", "every state per donor"
TOLD = "compared"
ONE_STATE = "fewer than two states are known of the cells"
FEW_DONORS = "fewer than five donors of a state, or than six donors with every state"
NO_VARIANCE = "the mean vectors of the donors are all the same"
MIXED = "some donors have one state and others several, and fewer than six have every state"

ALL_TYPES = "empty: all cells together"
_TYPE = Column("cell_type", "text", f"cell type ({ALL_TYPES})", optional=True)
_STATISTIC = Column(
    "statistic",
    "text",
    f"`{AUROC}`: probability that a pair of cells of one state, of two donors, is more alike than a pair of two "
    f"states; `{NEIGHBOURS_OF_STATE}`: share of a cell's own state among its nearest cells of other donors, less what "
    f"all cells of other donors give; `{EXPLAINED}`: share of the variance of donors' means between states, adjusted",
)
_ENDS = (
    Column("low", "number", "lower end of the interval, over donors", optional=True),
    Column("high", "number", "upper end of the interval", optional=True),
)

STATES = Table(
    "states",
    "How well a space tells a state within a cell type, with the donor as the unit.",
    (
        DATASET,
        SEED,
        SPACE,
        _TYPE,
        _STATISTIC,
        Column("design", "text", f"`{BETWEEN}`: the null permutes states over donors; `{WITHIN}`: within donors"),
        Column("estimate", "number", "what was found", optional=True),
        *_ENDS,
        LEVEL,
        Column("chance", "number", "mean over the relabellings of the null", optional=True),
        Column("null_low", "number", "2.5 % quantile of the relabellings", optional=True),
        Column("null_high", "number", "97.5 % quantile of the relabellings", optional=True),
        Column("p", "number", "share of relabellings that tell states as well, one-sided", optional=True),
        Column("p_holm", "number", "the same, adjusted for the types of the space (Holm 1979)", optional=True),
        Column("n_relabellings", "integer", "relabellings; all there are where they are few"),
        Column("n_donors", "integer", "donors", "donors"),
        Column("n_cells", "integer", "cells", "cells"),
        Column("reason", "text", f"`{TOLD}`, or why there is no number"),
    ),
    ("dataset", "seed", "space", "cell_type", "statistic"),
    location="results/<dataset>/tables/states.parquet, .tsv",
)

STATE_DIFFERENCES = Table(
    "state_differences",
    "How much better or worse a space tells a state than the reference does, on the same cells and donors.",
    (
        DATASET,
        SEED,
        Column("reference", "text", "the space that it is compared with"),
        SPACE,
        _TYPE,
        _STATISTIC,
        Column("estimate", "number", "the number of the space less that of the reference"),
        *_ENDS,
        LEVEL,
        Column("p", "number", "two-sided p-value, over donors", optional=True),
        Column("p_holm", "number", "adjusted for all spaces and types of the statistic (Holm 1979)", optional=True),
        Column("verdict", "text", "better, worse, or neither, as in the table `differences`"),
    ),
    ("dataset", "seed", "reference", "space", "cell_type", "statistic"),
    location="results/<dataset>/tables/state_differences.parquet, .tsv",
)

STATE_CLUSTERS = Table(
    "state_clusters",
    "Agreement of k-means clusters with labels, as GenePT was judged: k is the number of labels.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("labels", "text", "`cell type`, of all cells; `state`, of the cells of a type"),
        Column("cell_type", "text", "the type whose cells are clustered; empty: all cells", optional=True),
        Column("k", "integer", "clusters, as many as labels"),
        Column("ari", "number", "adjusted Rand index: 0 by chance, 1 at best"),
        Column("ami", "number", "adjusted mutual information: 0 by chance, 1 at best"),
        Column("n_cells", "integer", "cells", "cells"),
    ),
    ("dataset", "seed", "space", "labels", "cell_type"),
    location="results/<dataset>/tables/state_clusters.parquet, .tsv",
)

STATE_DESIGN = Table(
    "state_design",
    "How the donors have the states: compared cells of each type, donor, batch and state.",
    (
        DATASET,
        SEED,
        Column("cell_type", "text", "cell type"),
        Column("donor", "text", "donor; empty where it is not known", optional=True),
        Column("batch", "text", "batch"),
        Column("state", "text", "state; empty where it is not known", optional=True),
        Column("n_cells", "integer", "cells", "cells"),
    ),
    ("dataset", "seed", "cell_type", "donor", "batch", "state"),
    location="results/<dataset>/tables/state_design.parquet, .tsv",
)

TABLES = (STATES, STATE_DIFFERENCES, STATE_CLUSTERS, STATE_DESIGN)
