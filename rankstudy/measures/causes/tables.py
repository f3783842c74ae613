"""The tables of what depth, counting and ties do to encodings."""

from __future__ import annotations

from dataclasses import replace

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.settings.tables import AS_MEASURED, CENTRED, MEASURE, ONE_TOTAL, REFERENCE
from rankstudy.measures.tables import ENDS, LEVEL, LEVELS, SCOPE
from rankstudy.measures.uncertainty.tables import (
    ACROSS,
    AGREEMENT,
    AUROC,
    OPTIONAL_K,
    OWN_TYPE,
    STANDARD_ERROR,
    TRANSFER,
)
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, NOT_IN_FAMILY, NOT_RESOLVED, WORSE

# what is done to the counts; thinned cells are as much less deep as they were, those of one mean differ in depth too
THINNED, SAME_MEAN = "thinned", "same mean"
TREATMENTS = AS_MEASURED, THINNED, ONE_TOTAL, SAME_MEAN
# what is claimed at a depth, and what is shown beside it
CLAIMED = AUROC, OWN_TYPE, ACROSS
ORIGINAL = "original nearest"
# of twins
FOUND, RELIABILITY = "twin nearest", "reliability"
HALF, QUARTER = 0.5, 0.25
# what is no encoding and stands beside them: what depth alone tells, and what needs no counts
CONTROLS = LIBRARY_SIZE, ONE_HOT = "library-size", "one-hot"
# rules for ties
RULES = SHARED_RANK, COLUMNS, CHANCE = "shared", "columns", "chance"
WITHIN_TYPES, BETWEEN_TYPES = "likeness within types", "likeness between types"

_MEASURED = (
    Column(MEASURE, "text", "`correlation` or `cosine`: how alike two vectors are; `euclidean` of the library size"),
    Column(CENTRED, "boolean", "whether the mean cell is subtracted first"),
)
_TREATED = (
    Column(
        "treatment",
        "text",
        f"`{AS_MEASURED}`; `{THINNED}`: each molecule kept with the probability `keep`; `{ONE_TOTAL}`: as many of each "
        f"cell; `{SAME_MEAN}`: thinned so that the mean is the one total, and cells differ in depth as they did",
    ),
    Column("keep", "number", "share of the molecules that are kept; of one total the mean share", "0 to 1"),
)
_DEPTH_STATISTIC = Column(
    "statistic",
    "text",
    f"`{AUROC}`, `{OWN_TYPE}` and `{ACROSS}` as in the table `intervals`; `{TRANSFER}`: share of cells whose type most "
    f"of the nearest cells of other batches have, without an interval; `{ORIGINAL}`: share of treated cells whose "
    "nearest cell as measured is the cell itself",
)
_DRAWS = (
    Column("draws", "integer", "draws of molecules or of ties that the number is a mean of; 1 without chance"),
    Column("draws_error", "number", "standard error that is due to the draws, a part of `standard_error`"),
)
_N_CELLS = Column("n_cells", "integer", "cells", "cells")
_P = (
    Column("p", "number", "two-sided p-value of this difference looked at alone"),
    Column(
        "p_adjusted",
        "number",
        "p-value adjusted for the family, by the largest |t| of shared resamples (Westfall and Young 1993); empty "
        "where no claim is made",
        optional=True,
    ),
    Column("verdict", "text", f"`{BETTER}`, `{WORSE}`, `{NO_DIFFERENCE}`, `{NOT_IN_FAMILY}` or `{NOT_RESOLVED}`"),
)

DEPTHS = Table(
    "depths",
    "Every encoding at every depth, on the same cells and genes: how well types are separated, and whether a cell "
    f"finds itself. Controls are `{LIBRARY_SIZE}`, what depth alone tells, and `{ONE_HOT}`, what needs no counts.",
    (
        DATASET,
        SEED,
        SPACE,
        *_MEASURED,
        *_TREATED,
        _DEPTH_STATISTIC,
        OPTIONAL_K,
        Column("value", "number", "the statistic, the mean over draws"),
        *(replace(column, optional=True) for column in (*ENDS, STANDARD_ERROR)),
        LEVEL,
        LEVELS,
        *_DRAWS,
        Column("binning_error", "number", "the most that binning can have moved the value"),
        Column("total", "number", "median molecules of a cell", "molecules"),
        _N_CELLS,
    ),
    ("dataset", "seed", "space", MEASURE, CENTRED, "treatment", "keep", "statistic"),
    location="results/<dataset>/tables/depths.parquet, .tsv",
)

DEPTH_DIFFERENCES = Table(
    "depth_differences",
    "Encodings against the reference at every depth: paired differences on the same cells and molecules. A family is a "
    "pair by one measure, centred or not, over its depths and the three statistics that carry a claim.",
    (
        DATASET,
        SEED,
        SPACE,
        REFERENCE,
        *_MEASURED,
        *_TREATED,
        _DEPTH_STATISTIC,
        OPTIONAL_K,
        Column("value", "number", "the number of the space"),
        Column("value_reference", "number", "the number of the reference"),
        Column("estimate", "number", "their difference: that of the space less that of the reference"),
        *ENDS,
        LEVEL,
        STANDARD_ERROR,
        LEVELS,
        *_DRAWS,
        Column("binning_error", "number", "the most that binning can have moved the estimate"),
        *_P,
        _N_CELLS,
    ),
    ("dataset", "seed", "space", "reference", MEASURE, CENTRED, "treatment", "keep", "statistic"),
    location="results/<dataset>/tables/depth_differences.parquet, .tsv",
)

TWINS = Table(
    "twins",
    "Two halves, or quarters, of the molecules of each cell: two measurements of the same cell. They replicate the "
    f"counting and nothing else, and bound no separation of types: `{ONE_HOT}` finds twins by chance and tells all "
    "types.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        *_MEASURED,
        Column("keep", "number", f"share of the molecules that each twin has: {HALF} or {QUARTER}", "0 to 1"),
        Column(
            "statistic",
            "text",
            f"`{FOUND}`: share of cells whose nearest cell among all other twins is their own; `{AGREEMENT}`: share of "
            f"the k nearest cells that are so among both halves of the cells; `{RELIABILITY}`: correlation of twins "
            "over all cells and genes, each less the mean of its type",
        ),
        OPTIONAL_K,
        Column("value", "number", "the statistic"),
        *ENDS,
        LEVEL,
        STANDARD_ERROR,
        LEVELS,
        Column("chance", "number", "what it is where counts tell nothing"),
        _N_CELLS,
    ),
    ("dataset", "seed", "space", "cell_type", MEASURE, CENTRED, "keep", "statistic"),
    location="results/<dataset>/tables/twins.parquet, .tsv",
)

RELIABILITIES = Table(
    "reliabilities",
    "What the reliability of quarters predicts for halves (Spearman 1910, Brown 1910), beside what it is; and that at "
    "full depth, predicted from halves, where the first prediction holds.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("quarter", "number", "reliability of twins of a quarter of the molecules"),
        Column("half", "number", "reliability of twins of a half"),
        Column("predicted", "number", "2 r / (1 + r) of the quarters: what halves should have"),
        Column("apart", "number", "the prediction less what halves have"),
        Column("apart_low", "number", "lower end of its interval"),
        Column("apart_high", "number", "upper end of its interval"),
        Column("tolerance", "number", "the prediction holds where its interval lies within so much of 0"),
        Column("holds", "boolean", "whether it does"),
        Column("full", "number", "2 r / (1 + r) of the halves; empty where it does not hold", optional=True),
        Column("full_low", "number", "lower end of its interval", optional=True),
        Column("full_high", "number", "upper end of its interval", optional=True),
        LEVEL,
        LEVELS,
        _N_CELLS,
    ),
    ("dataset", "seed", "space"),
    location="results/<dataset>/tables/reliabilities.parquet, .tsv",
)

TIES = Table(
    "ties",
    "The same cell under several random rules for ties: how alike it is to itself, beside cells of its own type and of "
    "others. Encodings in which equal counts can be told apart: orders and bins.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        *_MEASURED,
        Column("rules", "integer", "random rules"),
        Column("own", "number", "likeness of a cell under one rule with itself under another, mean over cells"),
        Column("within", "number", "with cells of its type under another rule"),
        Column("between", "number", "with cells of other types"),
        Column("way", "number", "share of the way to a cell of its type: (1 - own) / (1 - within)"),
        *ENDS,
        LEVEL,
        LEVELS,
        Column("changed", "number", "share of the values of a vector that another rule changes", "0 to 1"),
        Column("tied", "number", "share of the genes of a cell that have the value of another one", "0 to 1"),
        _N_CELLS,
    ),
    ("dataset", "seed", "space", "cell_type", MEASURE, CENTRED),
    location="results/<dataset>/tables/ties.parquet, .tsv",
)

TIE_RULES = Table(
    "tie_rules",
    "Encodings with each rule for ties, all else as it is: `shared` (one rank, or bin), by the order of the `columns` "
    "(that of the vocabulary or file), or by `chance` (mean over draws). Differences are from chance, which adds "
    "nothing of its own: what an order that is the same in all cells adds is no sight.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("rule", "text", "`shared`, `columns` or `chance`"),
        Column("published", "boolean", "whether it is the rule of the encoding"),
        *_MEASURED,
        Column(
            "statistic",
            "text",
            f"`{AUROC}`, `{OWN_TYPE}`, `{ACROSS}`; `{WITHIN_TYPES}` and `{BETWEEN_TYPES}`: mean likeness of pairs",
        ),
        OPTIONAL_K,
        Column("value", "number", "the statistic"),
        Column("estimate", "number", "the statistic less that by chance", optional=True),
        Column("low", "number", "lower end of the interval of the difference", optional=True),
        Column("high", "number", "upper end of the interval of the difference", optional=True),
        LEVEL,
        LEVELS,
        *_DRAWS,
        _N_CELLS,
    ),
    ("dataset", "seed", "space", "rule", MEASURE, CENTRED, "statistic"),
    location="results/<dataset>/tables/tie_rules.parquet, .tsv",
)

RECONSTRUCTIONS = Table(
    "reconstructions",
    "Expression read back from the place in the order alone, whichever gene stands there: isotonic regression learnt "
    "on other cells, beside predicting each gene's mean of these.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        Column("of", "text", "`cells`: R² over the genes of a cell; `genes`: over the cells, gene by gene"),
        Column("among", "text", "`all` selected genes, or those that the order holds (`listed`)"),
        Column("r2", "number", "median R² of the place"),
        Column("q05", "number", "5 % quantile"),
        Column("q95", "number", "95 % quantile"),
        Column("r2_mean", "number", "median R² of the gene's mean", optional=True),
        Column("gain", "number", "median over cells or genes of the place's R² less that of the mean", optional=True),
        *(Column(end.name, "number", f"{end.meaning} of `r2`; empty over genes", optional=True) for end in ENDS),
        LEVEL,
        replace(LEVELS, optional=True),
        Column("n", "integer", "cells or genes that it is a median of"),
    ),
    ("dataset", "seed", "space", "cell_type", "of", "among"),
    location="results/<dataset>/tables/reconstructions.parquet, .tsv",
)

CAUSE_CELLS = Table(
    "cause_cells",
    "The cells that depth, twins and ties are about: the same ones at every depth.",
    (
        DATASET,
        SEED,
        Column("compared", "integer", "cells that the study compares", "cells"),
        Column("drawn", "integer", "of these, cells that were drawn", "cells"),
        Column("below_total", "integer", "drawn cells with fewer molecules than the one total, left out", "cells"),
        Column(
            "undefined",
            "integer",
            "further cells without a vector at some depth, or then alone in their type, left out",
            "cells",
        ),
        Column("cells", "integer", "cells that are left", "cells"),
        Column("total", "integer", "molecules of each cell at one total", "molecules"),
    ),
    ("dataset", "seed"),
    location="results/<dataset>/tables/cause_cells.parquet, .tsv",
)

TABLES = (DEPTHS, DEPTH_DIFFERENCES, TWINS, RELIABILITIES, TIES, TIE_RULES, RECONSTRUCTIONS, CAUSE_CELLS)
