"""The tables of the measures of pairs and cells, and what the tables of all measures share."""

from __future__ import annotations

from rankstudy.core.tables import CELL_ID, CELL_TYPE, DATASET, RELATIONS, SEED, SPACE, TYPE_A, TYPE_B, Column, Table

MEASURE_UNIT = "the space's measure"
CLASSES = [(relation, batches) for relation in RELATIONS for batches in ("other", "same")]
SCOPE = Column("cell_type", "text", "cell type of the cells; empty for all cells together", optional=True)
RELATION = Column(
    "relation", "text", "`own`: the cell's own type; `similar`, `other`, `unknown`: what table type_relations says"
)

BATCHES = Column("batches", "text", "`same`: of the cell's own batch; `other`: of another one")
# why nothing can be said of batches
ONE_BATCH = "the cells are of one batch"
ENDS = (
    Column("low", "number", "lower end of the interval"),
    Column("high", "number", "upper end of the interval"),
)
LEVEL = Column("level", "number", "share of such intervals that should hold what they are about")
LEVELS = Column(
    "levels",
    "text",
    "what the intervals resample: `batches` or `donors`, each with all its cells; `cells within batches`, "
    "type by type, where there are few batches; `cells` where there is one",
)

SPARSITY = Table(
    "sparsity",
    "Per compared cell: how many of its genes are zero, and how many share their value with another gene.",
    (
        DATASET,
        SEED,
        CELL_ID,
        CELL_TYPE,
        Column("n_counts", "number", "sum over all genes", "counts"),
        Column("zeros_all", "number", "share of all genes that are zero", "0 to 1"),
        Column("zeros_selected", "number", "share of the selected genes that are zero", "0 to 1"),
        Column(
            "tied_selected",
            "number",
            "share of the selected genes that have the same value as another one, zeros included",
            "0 to 1",
        ),
        Column(
            "tied_detected",
            "number",
            "share of the selected genes above zero that have the same value as another one",
            "0 to 1",
        ),
    ),
    ("dataset", "seed", "cell_id"),
    location="results/<dataset>/tables/sparsity.parquet",
)

SPARSITY_BY_TYPE = Table(
    "sparsity_by_type",
    "Medians of the table `sparsity`, per cell type and over all cells.",
    (
        DATASET,
        SEED,
        Column("cell_type", "text", "cell type; empty for all cells", optional=True),
        Column("n_cells", "integer", "compared cells", "cells"),
        *(Column(c.name, c.type, f"median over cells: {c.meaning}", c.unit) for c in SPARSITY.columns[4:]),
    ),
    ("dataset", "seed", "cell_type"),
    location="results/<dataset>/tables/sparsity_by_type.parquet, .tsv",
)

EXAMPLE_CELL = Table(
    "example_cell",
    "The selected genes of one real cell: of the type with the most compared cells, the one of median sparsity.",
    (
        DATASET,
        SEED,
        CELL_ID,
        CELL_TYPE,
        Column("gene", "text", "name of the gene"),
        Column("count", "number", "value in the file", "counts"),
        Column("expression", "number", "log1p CP10K", "ln(1 + counts per 10,000)"),
        Column("rank", "number", "fractional rank, 1 is the lowest value; ties get the mean of their ranks"),
        Column("n_tied", "integer", "selected genes with this value, the gene itself included", "genes"),
    ),
    ("gene",),
    location="results/<dataset>/tables/example_cell.parquet",
)

PAIR_RELATION = Column("relation", "text", "`within`: both cells of one type; `between`: of two types")

PAIR_SUMMARIES = Table(
    "pair_summaries",
    "For each pair of cell types and each space: exact quantiles of the measure over all pairs of their cells.",
    (
        DATASET,
        SEED,
        SPACE,
        TYPE_A,
        TYPE_B,
        PAIR_RELATION,
        Column("n", "integer", "pairs of cells, each unordered pair once", "pairs"),
        Column("q05", "number", "5 % quantile", MEASURE_UNIT),
        Column("q25", "number", "25 % quantile", MEASURE_UNIT),
        Column("median", "number", "median", MEASURE_UNIT),
        Column("q75", "number", "75 % quantile", MEASURE_UNIT),
        Column("q95", "number", "95 % quantile", MEASURE_UNIT),
    ),
    ("dataset", "seed", "space", "type_a", "type_b"),
    location="results/<dataset>/tables/pair_summaries.parquet, .tsv",
)

EFFECT_SIZES = Table(
    "effect_sizes",
    "How well a space separates pairs of cells of one type from pairs of two types.",
    (
        DATASET,
        SEED,
        SPACE,
        Column(
            "cell_type",
            "text",
            "cell type: its own pairs against its pairs with others; empty for all types together",
            optional=True,
        ),
        Column("n_within", "integer", "pairs within a type", "pairs"),
        Column("n_between", "integer", "pairs between types", "pairs"),
        Column(
            "auroc",
            "number",
            "probability that a within-type pair is more alike than a between-type pair, ties counted half",
        ),
        Column("auroc_error", "number", "the most that binning can have moved the AUROC"),
        Column("median_within", "number", "median over the pairs within a type, to the width of a bin", MEASURE_UNIT),
        Column("median_between", "number", "median over the pairs between types, to the width of a bin", MEASURE_UNIT),
        Column(
            "difference",
            "number",
            "difference of the two medians, positive when pairs within a type are more alike",
            MEASURE_UNIT,
        ),
    ),
    ("dataset", "seed", "space", "cell_type"),
    location="results/<dataset>/tables/effect_sizes.parquet, .tsv",
)

KIND = Column(
    "kind",
    "text",
    "`alike across types`: different types, high similarity; `unlike within type`: same type, low similarity",
)

ALIKE_ACROSS, UNLIKE_WITHIN = "alike across types", "unlike within type"
PLACE = Column("place", "integer", "1 is the strongest")

OUTLIER_TYPES = Table(
    "outlier_types",
    "Pairs of cell types that are most alike although different, and types whose own cells are least alike, by median.",
    (
        DATASET,
        SEED,
        SPACE,
        KIND,
        PLACE,
        TYPE_A,
        TYPE_B,
        Column("n", "integer", "pairs of cells", "pairs"),
        Column("median", "number", "median over the pairs", MEASURE_UNIT),
    ),
    ("dataset", "seed", "space", "kind", "place"),
    location="results/<dataset>/tables/outlier_types.parquet, .tsv",
)

OUTLIER_CELLS = Table(
    "outlier_cells",
    "Pairs of cells that are most alike although of different types, or least alike although of one; no cell stands "
    "in two pairs of a list.",
    (
        DATASET,
        SEED,
        SPACE,
        KIND,
        PLACE,
        Column("cell_a", "text", "the one cell (id)"),
        Column("cell_b", "text", "the other cell (id)"),
        TYPE_A,
        TYPE_B,
        Column("batch_a", "text", "batch of the one cell"),
        Column("batch_b", "text", "batch of the other cell"),
        Column("value", "number", "measure of the pair", MEASURE_UNIT),
    ),
    ("dataset", "seed", "space", "kind", "place"),
    location="results/<dataset>/tables/outlier_cells.parquet, .tsv",
)

JOINT = Table(
    "joint_distribution",
    "Pairs of cells counted on hexagons of two measures; empty hexagons are left out.",
    (
        DATASET,
        SEED,
        Column("space_x", "text", "space of the x axis"),
        Column("space_y", "text", "space of the y axis"),
        PAIR_RELATION,
        Column("x", "number", "centre of the hexagon", "measure of space_x"),
        Column("y", "number", "centre of the hexagon", "measure of space_y"),
        Column("width", "number", "width of a hexagon", "measure of space_x"),
        Column("height", "number", "distance between two rows of centres of one lattice", "measure of space_y"),
        Column("n", "integer", "pairs of cells", "pairs"),
    ),
    ("dataset", "seed", "space_x", "space_y", "relation", "x", "y"),
    location="results/<dataset>/tables/joint_distribution.parquet",
)

# a table that people read; an atlas of many donors has thousands of groups, and their pairs are millions
MOST_GROUPS = 100

BATCH_PAIRS = Table(
    "batch_pairs",
    "For each pair of groups of cells, a group being the cells of one type in one batch: the mean and the median of "
    "the measure over "
    f"all pairs of their cells. Empty for a data set of one batch, or of more than {MOST_GROUPS} groups.",
    (
        DATASET,
        SEED,
        SPACE,
        TYPE_A,
        Column("batch_a", "text", "batch of the one side"),
        TYPE_B,
        Column("batch_b", "text", "batch of the other side"),
        Column("n", "integer", "pairs of cells, each unordered pair once", "pairs"),
        Column("mean", "number", "mean over the pairs", MEASURE_UNIT),
        Column("median", "number", "median over the pairs", MEASURE_UNIT),
    ),
    ("dataset", "seed", "space", "type_a", "batch_a", "type_b", "batch_b"),
    location="results/<dataset>/tables/batch_pairs.parquet, .tsv",
)
