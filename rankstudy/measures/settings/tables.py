"""The tables of specification curves, and the words for the parts of a setting."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.tables import ENDS, LEVEL, LEVELS
from rankstudy.measures.uncertainty.tables import OPTIONAL_K, STANDARD_ERROR, STATISTIC
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, NOT_IN_FAMILY, NOT_RESOLVED, WORSE

# what a setting consists of: columns of the tables
PARTS = MEASURE, CENTRED, PANEL, DEPTH = "measure", "centred", "panel", "depth"
SELECTED, SHARED = "selected", "shared"
PANELS = SELECTED, SHARED
AS_MEASURED, ONE_TOTAL = "as measured", "one total"
DEPTHS = AS_MEASURED, ONE_TOTAL

REFERENCE = Column("reference", "text", "the encoding that it is compared with")
SETTING = (
    Column(MEASURE, "text", "`correlation`, `cosine` or `euclidean`: how alike two vectors are"),
    Column(CENTRED, "boolean", "whether the mean cell is subtracted first"),
    Column(PANEL, "text", f"genes: `{SELECTED}` by the study, or `{SHARED}` by the vocabularies of several models"),
    Column(DEPTH, "text", f"cells `{AS_MEASURED}`, or at `{ONE_TOTAL}`: as many molecules of each, drawn at random"),
)

SPECIFICATIONS = Table(
    "specifications",
    "The specification curve of each pair of encodings: their difference in every setting, on the same cells. Settings "
    "that carry a claim are the pair's family; the others are shown beside it.",
    (
        DATASET,
        SEED,
        SPACE,
        REFERENCE,
        STATISTIC,
        OPTIONAL_K,
        *SETTING,
        Column("value", "number", "the number of the space"),
        Column("value_reference", "number", "the number of the reference"),
        Column("estimate", "number", "their difference: that of the space less that of the reference"),
        *ENDS,
        LEVEL,
        STANDARD_ERROR,
        LEVELS,
        Column("draws", "integer", "draws of the molecules that the numbers are means of; 1 where none are drawn"),
        Column("draws_error", "number", "standard error that is due to the draws, a part of `standard_error`"),
        Column("binning_error", "number", "the most that binning can have moved the estimate"),
        Column("p", "number", "two-sided p-value of this difference looked at alone"),
        Column(
            "p_adjusted",
            "number",
            "p-value adjusted for all settings of the pair that carry a claim, by the largest |t| of shared resamples "
            "(Westfall and Young 1993); empty where no claim is made",
            optional=True,
        ),
        Column(
            "claim",
            "boolean",
            "whether it is one of the family: an order is judged by correlation alone, and distances and batch-driven "
            "neighbours are shown beside",
        ),
        Column(
            "verdict",
            "text",
            f"`{BETTER}`, `{WORSE}`, `{NO_DIFFERENCE}`, `{NOT_IN_FAMILY}` or `{NOT_RESOLVED}`, as in the table "
            "`differences`; where no claim is made, of the difference looked at alone",
        ),
        Column("n_cells", "integer", "cells", "cells"),
        Column("n_genes", "integer", "genes of the panel that the data set has", "genes"),
    ),
    ("dataset", "seed", "space", "reference", "statistic", "k", *PARTS),
    location="results/<dataset>/tables/specifications.parquet, .tsv",
)

CURVES = Table(
    "curves",
    "Each specification curve in short: the settings with a claim in which the space is better, worse, or neither.",
    (
        DATASET,
        SEED,
        SPACE,
        REFERENCE,
        Column("statistic", "text", "the statistic; empty for all together", optional=True),
        Column("settings", "integer", "settings that carry a claim"),
        Column("better", "integer", "of these, settings in which the space is better"),
        Column("worse", "integer", "settings in which it is worse"),
        Column("open", "integer", "settings in which it is neither"),
        Column(
            "least",
            "integer",
            "settings in which the space is truly better, at least: all verdicts of a pair hold together with the "
            "probability `level`",
        ),
        Column("most", "integer", "and at most: all but those in which it is worse"),
        LEVEL,
        Column("lowest", "number", "smallest difference"),
        Column("highest", "number", "largest difference"),
    ),
    ("dataset", "seed", "space", "reference", "statistic"),
    location="results/<dataset>/tables/curves.parquet, .tsv",
)

DECIDERS = Table(
    "deciders",
    "What decides: how much of the variance of a pair's differences over its settings each part makes, "
    "sampling variance subtracted (Sobol' 1993; of a full factorial), and what changes if that part alone is flipped.",
    (
        DATASET,
        SEED,
        SPACE,
        REFERENCE,
        STATISTIC,
        OPTIONAL_K,
        Column("part", "text", "part of the setting: `measure`, `centred`, `panel` or `depth`"),
        Column("settings", "integer", "settings"),
        Column(
            "spread", "number", "standard deviation of the true differences over the settings; 0 if not above chance"
        ),
        Column(
            "first_order", "number", "share of the variance that is due to this part alone", "0 to 1", optional=True
        ),
        Column("first_order_low", "number", "lower end of its interval", optional=True),
        Column("first_order_high", "number", "upper end of its interval", optional=True),
        Column(
            "total", "number", "share to which this part contributes, alone or together with others", "0 to 1", True
        ),
        Column("total_low", "number", "lower end of its interval", optional=True),
        Column("total_high", "number", "upper end of its interval", optional=True),
        LEVEL,
        Column("flips", "integer", "pairs of settings that differ in this part alone"),
        Column("changed", "integer", "of these, pairs with two verdicts, of better, worse and neither"),
        Column("turned", "integer", "of these, pairs that are better one way and worse the other"),
        Column(
            "beyond",
            "integer",
            "pairs with two verdicts whose differences differ beyond chance, adjusted for all flips of the pair and "
            "statistic",
        ),
        Column("decides", "boolean", "whether there is such a pair"),
    ),
    ("dataset", "seed", "space", "reference", "statistic", "k", "part"),
    location="results/<dataset>/tables/deciders.parquet, .tsv",
)

CURVE_CELLS = Table(
    "curve_cells",
    "The cells that specification curves are about: the same ones in every setting.",
    (
        DATASET,
        SEED,
        Column("compared", "integer", "cells that the study compares", "cells"),
        Column("drawn", "integer", "of these, cells that were drawn for the curves", "cells"),
        Column("below_total", "integer", "drawn cells with fewer molecules than the one total, left out", "cells"),
        Column(
            "undefined",
            "integer",
            "further cells without a vector in some setting, or then alone in their type, left out",
            "cells",
        ),
        Column("cells", "integer", "cells that are left", "cells"),
        Column("total", "integer", "molecules of each cell at one total; empty where there is none", "molecules", True),
    ),
    ("dataset", "seed"),
    location="results/<dataset>/tables/curve_cells.parquet, .tsv",
)

CURVE_OMISSIONS = Table(
    "curve_omissions",
    "What the specification curves of a data set leave out, and why.",
    (
        DATASET,
        SEED,
        Column("part", "text", "`depth`, `panel`, `statistic` or `pair`"),
        Column("what", "text", "which: `one total`, `shared`, the name of the statistic or of the encoding"),
        Column("reason", "text", "why, in words"),
    ),
    ("dataset", "seed", "part", "what"),
    location="results/<dataset>/tables/curve_omissions.parquet, .tsv",
)

TABLES = (SPECIFICATIONS, CURVES, DECIDERS, CURVE_CELLS, CURVE_OMISSIONS)
