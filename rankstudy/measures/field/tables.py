"""The tables of the field's metrics and of geometry, with the words that stand in them."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.tables import ONE_BATCH

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
