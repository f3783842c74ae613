"""The tables of what each step costs, and of whose order it is."""

from __future__ import annotations

from dataclasses import replace

from rankstudy.core.tables import BATCH, CELL_ID, CELL_TYPE, DATASET, SEED, Column, Table
from rankstudy.measures.settings.tables import REFERENCE, SETTING
from rankstudy.measures.tables import ENDS, LEVEL, LEVELS
from rankstudy.measures.uncertainty.tables import OPTIONAL_K, STANDARD_ERROR, STATISTIC
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, NOT_IN_FAMILY, NOT_RESOLVED, WORSE

# the steps from counts to an encoding, in their order: columns of the table `lattice`
STEPS = TOTAL, VOCABULARY, SCALING, LOGARITHM, KEPT, FIRST, TIES, FORM = (
    "total",
    "vocabulary",
    "scaling",
    "logarithm",
    "kept",
    "first",
    "ties",
    "form",
)
# of how many genes of an order it is said whose it is; None: of all
AMONG = (None, 2048, 200, 100)

_KEY = ("statistic", "k", "measure", "centred", "panel", "depth")
_VALUES = (
    *ENDS,
    LEVEL,
    STANDARD_ERROR,
    LEVELS,
)
_DRAWS = Column("draws", "integer", "draws of molecules or of ties that the number is a mean of; 1 without chance")
_N_CELLS = Column("n_cells", "integer", "cells", "cells")
_N_GENES = Column("n_genes", "integer", "genes of the panel that the data set has", "genes")
_STEP = Column("step", "text", f"{', '.join(f'`{step}`' for step in STEPS[:-1])} or `{STEPS[-1]}`")

LATTICE = Table(
    "lattice",
    "Corners of the lattice: each is one combination of steps from counts to an encoding, scored in every setting on "
    "the same cells. Published encodings are corners that have a name.",
    (
        DATASET,
        SEED,
        Column("corner", "text", "the corner: its steps but for those that leave things as they are"),
        Column(TOTAL, "text", "counts over the total of `all genes`, of `its genes`, or of `none`, times 10,000"),
        Column(VOCABULARY, "text", "genes that are read: `file` (all), `panel`, `symbols`, or those of a release"),
        Column(SCALING, "text", "release by whose medians genes are divided, or `none`"),
        Column(LOGARITHM, "text", "`ln` or `log2` of one plus the value, or `none`"),
        Column(KEPT, "text", "`value`, `<n> bins`, `<n> levels`, `order` or `presence`"),
        Column(FIRST, "integer", "genes of an order; empty for all", "genes", optional=True),
        Column(TIES, "text", "equal values: `shared`, in the order of the `columns`, or by `chance`"),
        Column(FORM, "text", "of an order the `rank`, or the `logarithm` of the place"),
        Column("space", "text", "the published encoding that it is, or several; empty for none", optional=True),
        STATISTIC,
        OPTIONAL_K,
        *SETTING,
        Column("value", "number", "the statistic"),
        *_VALUES,
        _DRAWS,
        Column("draws_error", "number", "standard error that is due to the draws, a part of `standard_error`"),
        Column("binning_error", "number", "the most that binning can have moved the value"),
        _N_CELLS,
        _N_GENES,
    ),
    ("dataset", "seed", "corner", *_KEY),
    location="results/<dataset>/tables/lattice.parquet, .tsv",
)

LATTICE_STEPS = Table(
    "lattice_steps",
    "Paired differences of neighbouring corners: what one step changes, all else as it is. They are many and looked at "
    "one by one: no p-value is adjusted, and there are no verdicts.",
    (
        DATASET,
        SEED,
        _STEP,
        Column("before", "text", "the corner without the step"),
        Column("after", "text", "the corner with it"),
        STATISTIC,
        OPTIONAL_K,
        *SETTING,
        Column("estimate", "number", "the statistic after the step less that before"),
        *_VALUES,
        Column("p", "number", "two-sided p-value of this difference looked at alone"),
        _N_CELLS,
    ),
    ("dataset", "seed", "before", "after", *_KEY),
    location="results/<dataset>/tables/lattice_steps.parquet, .tsv",
)

LEDGER = Table(
    "ledger",
    "What each step costs on the way from the reference to an encoding: Shapley values over the orders in which the "
    "steps can be taken, in points of the statistic. They add up to the difference of the two.",
    (
        DATASET,
        SEED,
        Column("space", "text", "the encoding that the ledger leads to"),
        replace(REFERENCE, meaning="the encoding that it starts from"),
        _STEP,
        Column("place", "integer", "place of the step in the ledger, from 0"),
        Column("before", "text", "level of the step in the reference"),
        Column("after", "text", "level of the step in the encoding"),
        STATISTIC,
        OPTIONAL_K,
        *SETTING,
        Column("estimate", "number", "points that the step gains; what it costs is below 0"),
        *_VALUES,
        Column("binning_error", "number", "the most that binning can have moved the estimate"),
        Column("p", "number", "two-sided p-value of this step looked at alone"),
        Column(
            "p_adjusted",
            "number",
            "p-value adjusted for all steps of the ledger and the three statistics of the setting, by the largest |t| "
            "of shared resamples (Westfall and Young 1993)",
        ),
        Column("verdict", "text", f"`{BETTER}`, `{WORSE}`, `{NO_DIFFERENCE}`, `{NOT_IN_FAMILY}` or `{NOT_RESOLVED}`"),
        Column("lowest", "number", "smallest estimate of the step over all settings of the statistic"),
        Column("highest", "number", "largest estimate of the step over all settings of the statistic"),
        Column("value_reference", "number", "the statistic of the reference, where the ledger starts"),
        Column("value", "number", "the statistic of the encoding, where it ends"),
        _DRAWS,
        _N_CELLS,
        _N_GENES,
    ),
    ("dataset", "seed", "space", "step", *_KEY),
    location="results/<dataset>/tables/ledger.parquet, .tsv",
)

ORDER_ORIGIN = Table(
    "order_origin",
    "Whose order it is, per cell: of all pairs of detected genes of an encoding that divides counts by the medians of "
    "a corpus, the share that the counts put in order, that the medians alone do, and that the medians turn round. The "
    "four shares add up to 1; a cell of fewer than two such genes has no rows.",
    (
        DATASET,
        SEED,
        Column("space", "text", "the encoding"),
        CELL_ID,
        CELL_TYPE,
        BATCH,
        Column("n_counts", "number", "sum over all genes", "counts"),
        Column(
            "among", "integer", "pairs are those among the first so many genes of the order; empty: all", "genes", True
        ),
        Column("genes", "integer", "genes of these that the cell has: as many as `among`, or fewer", "genes"),
        Column("by_counts", "number", "share of pairs of different counts that stand as the counts say", "0 to 1"),
        Column("by_medians", "number", "share of pairs of equal counts that the medians put in order", "0 to 1"),
        Column("turned", "number", "share of pairs of different counts that the medians turn round", "0 to 1"),
        Column(
            "undecided", "number", "share of pairs whose values are equal: only the rule for ties orders them", "0 to 1"
        ),
    ),
    ("dataset", "seed", "space", "cell_id", "among"),
    location="results/<dataset>/tables/order_origin.parquet",
)

TABLES = (LATTICE, LATTICE_STEPS, LEDGER, ORDER_ORIGIN)
