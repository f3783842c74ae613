"""The tables of the measures, with the words that stand in them."""

from __future__ import annotations

from rankstudy.cells.tables import RELATIONS
from rankstudy.core.tables import (
    CELL_ID,
    CELL_TYPE,
    DATASET,
    SEED,
    SPACE,
    TYPE_A,
    TYPE_B,
    Column,
    Table,
)

_UNIT = "the space's measure"
CLASSES = [(relation, batches) for relation in RELATIONS for batches in ("other", "same")]
SCOPE = Column("cell_type", "text", "cell type of the cells; empty for all cells together", optional=True)
RELATION = Column(
    "relation", "text", "`own`: the cell's own type; `similar`, `other`, `unknown`: what table type_relations says"
)

BATCHES = Column("batches", "text", "`same`: of the cell's own batch; `other`: of another one")
# why nothing can be said of batches
ONE_BATCH = "the cells are of one batch"
LEVEL = Column("level", "number", "share of such intervals that should hold what they are about")
LEVELS = Column(
    "levels",
    "text",
    "what the intervals take as drawn anew: `batches` or `donors`, each with all its cells; `cells within batches`, "
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
        Column("q05", "number", "5 % quantile", _UNIT),
        Column("q25", "number", "25 % quantile", _UNIT),
        Column("median", "number", "median", _UNIT),
        Column("q75", "number", "75 % quantile", _UNIT),
        Column("q95", "number", "95 % quantile", _UNIT),
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
        Column("median_within", "number", "median over the pairs within a type, to the width of a bin", _UNIT),
        Column("median_between", "number", "median over the pairs between types, to the width of a bin", _UNIT),
        Column(
            "difference",
            "number",
            "difference of the two medians, positive when pairs within a type are more alike",
            _UNIT,
        ),
    ),
    ("dataset", "seed", "space", "cell_type"),
    location="results/<dataset>/tables/effect_sizes.parquet, .tsv",
)

KIND = Column(
    "kind",
    "text",
    "`alike across types`: different types, high likeness; `unlike within type`: same type, low likeness",
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
        Column("median", "number", "median over the pairs", _UNIT),
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
        Column("value", "number", "measure of the pair", _UNIT),
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
        Column("mean", "number", "mean over the pairs", _UNIT),
        Column("median", "number", "median over the pairs", _UNIT),
    ),
    ("dataset", "seed", "space", "type_a", "batch_a", "type_b", "batch_b"),
    location="results/<dataset>/tables/batch_pairs.parquet, .tsv",
)

AUROC, OWN_TYPE, BATCH_DRIVEN = "AUROC", "own-type neighbours", "batch-driven neighbours"
# the mean share of votes for a cell's own type in label transfer; whether they are the most moves by steps
ACROSS = "own-type neighbours in other batches"
BETTER, WORSE, NO_DIFFERENCE = "better", "worse", "no difference beyond the interval"
NOT_IN_FAMILY = "not after adjusting for the family"
# of batch-driven neighbours, where those of the own type say the opposite
FEWER_OF_BOTH, MORE_OF_BOTH = "fewer, and fewer of the own type", "more, and more of the own type"
AGAINST = "expression"
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
        Column("low", "number", "lower end of the interval"),
        Column("high", "number", "upper end of the interval"),
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
    f"Spaces against `{AGAINST}` on the same cells, with intervals of the difference.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("against", "text", "the space that it is compared with"),
        STATISTIC,
        OPTIONAL_K,
        Column("estimate", "number", "the number of the space less that of the other"),
        Column("low", "number", "lower end of the interval"),
        Column("high", "number", "upper end of the interval"),
        Column("level", "number", "level of the interval, of one difference looked at alone"),
        STANDARD_ERROR,
        LEVELS,
        LOWEST,
        HIGHEST,
        Column("p", "number", "two-sided p-value, from the same resamples"),
        Column("p_holm", "number", "p-value adjusted for all differences of the family (Holm 1979)"),
        Column("family", "text", "the differences that are looked at together"),
        Column(
            "verdict",
            "text",
            "`better` or `worse` by the adjusted p-value (fewer batch-driven neighbours are better, but "
            f"`{FEWER_OF_BOTH}` and `{MORE_OF_BOTH}` where the own type says the opposite); `no difference beyond the "
            "interval`; `not after adjusting for the family` where only the interval, looked at alone, leaves out 0",
        ),
    ),
    ("dataset", "seed", "space", "statistic", "k"),
    location="results/<dataset>/tables/differences.parquet, .tsv",
)

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
            "least likeness of a relation: at or above it for a similarity, below it for a distance",
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
        Column("cutoff", "number", "the cutoff", _UNIT, optional=True),
        Column("cutoff_low", "number", "lower end of its interval", _UNIT, optional=True),
        Column("cutoff_high", "number", "upper end of its interval", _UNIT, optional=True),
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
    f"how far they are the same as in the space `{AGAINST}`.",
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
            f"cells in both neighbourhoods over cells in either, this one and that of the same cell in `{AGAINST}`; "
            "empty where there "
            "is no such space",
            optional=True,
        ),
    ),
    ("dataset", "seed", "cell_id", "space", "k"),
    location="results/<dataset>/tables/neighbour_cells.parquet",
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

MEASURED = "measured"
# some probes compare all pairs of cells, cluster them, or hold all coordinates densely: of more they take a sample
MOST_CELLS = 5_000
APART = "no type has enough cells in several batches"
KEPT_APART, MIXED = "types", "batches"

METRICS = {
    "clisi": KEPT_APART,
    "graph_connectivity": KEPT_APART,
    "nmi": KEPT_APART,
    "ari": KEPT_APART,
    "asw_label": KEPT_APART,
    "avg_bio": KEPT_APART,
    "ilisi": MIXED,
    "kbet": MIXED,
    "asw_batch": MIXED,
}

INTEGRATION_METRICS = Table(
    "integration_metrics",
    "The metrics that benchmarks of integration publish, each between 0 and 1, larger is better. By scib-metrics on "
    "the exact "
    "neighbours: `clisi` and `ilisi` (local inverse Simpson index of types and of batches), `kbet` (per type), "
    "`graph_connectivity`, "
    "`nmi` and `ari` (Leiden clusters at the resolution of the best NMI, against the types). `asw_label` and "
    "`asw_batch` are "
    "silhouettes, by scikit-learn: of the types, and of the batches within each type (published as ASW_batch by "
    "some, as "
    "ASW_label/batch by Kedzierska et al. 2025). `avg_bio` is the mean of `nmi`, `ari` and `asw_label`, as there; "
    "they clustered by "
    "Louvain. A similarity s counts as the distance sqrt(2 - 2 s) between unit vectors.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("metric", "text", "; ".join(f"`{name}`" for name in METRICS)),
        Column(
            "direction", "text", f"what is better where it is larger: `{KEPT_APART}` (kept apart), `{MIXED}` (mixed)"
        ),
        Column("value", "number", "the metric", optional=True),
        Column("k", "integer", "size of the neighbourhoods, the cell itself included", "cells", optional=True),
        Column(
            "n_cells",
            "integer",
            "cells that it is computed on: silhouettes, clusters (and so `avg_bio`) and `kbet` of more than "
            f"{MOST_CELLS:,} take an even sample, in "
            "which neighbours are found anew",
            "cells",
        ),
        Column("reason", "text", f"`{MEASURED}`, or why there is no value: `{ONE_BATCH}`, `{APART}`"),
    ),
    ("dataset", "seed", "space", "metric"),
    location="results/<dataset>/tables/integration_metrics.parquet, .tsv",
)

NO_COUNTS = "the data set is used without counts"
SMALL_BATCHES = "no batch has enough cells"
NO_EFFECT = "types and batches cannot be told apart"
EXPLAINED = "the other label leaves nothing to explain"
R_NX_SIZES = (15, 30, 50)

GEOMETRY = Table(
    "geometry",
    f"Probes of the geometry of a space, defined as in scFoundry (Hou et al. 2026), on at most {MOST_CELLS:,} cells. "
    "`r_nx` (with k): overlap of "
    "a cell's k nearest cells with those by Euclidean distance in analytic Pearson residuals (theta 100) of the "
    "counts of the study's genes "
    "(scFoundry takes genes of its own), both within a batch, corrected so that 0 is chance and 1 the same cells; "
    "mean over batches of "
    "at least 101 cells, weighted by their cells. `participation_ratio`: (sum of l)^2 / sum of l^2 over the "
    "eigenvalues l of "
    "the covariance of the standardised coordinates, between 1 and their number, which principal components reach. "
    "`eta_squared_type` and `eta_squared_batch`: partial "
    "eta squared of each coordinate in the model 1 + type + batch, mean over the coordinates.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("metric", "text", "`r_nx`, `participation_ratio`, `eta_squared_type`, `eta_squared_batch`"),
        Column("k", "integer", "size of a neighbourhood; 0 where there is none", "cells"),
        Column("value", "number", "the probe", optional=True),
        Column("n_cells", "integer", "cells that it is computed on", "cells"),
        Column(
            "direction", "text", "what a larger value means: `neighbours kept`, `more dimensions`, `types`, `batches`"
        ),
        Column(
            "reason",
            "text",
            f"`{MEASURED}`, or why there is no value: `{ONE_BATCH}`, `{NO_COUNTS}`, `{SMALL_BATCHES}` (101), "
            f"`{NO_EFFECT}` (each type is "
            f"of one batch, or each batch of one type), `{EXPLAINED}`",
        ),
    ),
    ("dataset", "seed", "space", "metric", "k"),
    location="results/<dataset>/tables/geometry.parquet, .tsv",
)

GATES = Table(
    "gates",
    "What the controls score, and what they must. A run in which a gate does not hold stops here, and this table is "
    "not written.",
    (
        DATASET,
        SEED,
        Column("gate", "text", "what must hold"),
        SPACE,
        Column("statistic", "text", "what is looked at"),
        Column("found", "number", "its value"),
        Column("least", "number", "the least that it may be"),
        Column("most", "number", "the most that it may be"),
        Column("passed", "boolean", "whether the gate holds"),
    ),
    ("dataset", "seed", "gate", "statistic"),
    location="results/<dataset>/tables/gates.parquet, .tsv",
)
