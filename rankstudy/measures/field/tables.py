"""The tables of the metrics of spaces, with the words that stand in them."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.field.metrics import GEOMETRY_PROBES, INTEGRATION, directions, explained, names
from rankstudy.measures.tables import ONE_BATCH

MEASURED = "measured"
# some probes compare all pairs of cells, cluster them, or hold all coordinates densely: of more they take a sample
MOST_CELLS = 5_000
APART = "no type has enough cells in several batches"

INTEGRATION_METRICS = Table(
    "integration_metrics",
    f"The metrics that benchmarks of integration publish, each between 0 and 1. {explained(INTEGRATION)} Neighbours "
    "are exact; a similarity s counts as the distance sqrt(2 - 2 s) between unit vectors.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("metric", "text", names(INTEGRATION)),
        Column("direction", "text", f"what is better where it is larger: {directions(INTEGRATION.values())}"),
        Column("value", "number", "the metric", optional=True),
        Column("k", "integer", "size of the neighbourhoods, the cell itself included", "cells", optional=True),
        Column(
            "n_cells",
            "integer",
            "cells that it is computed on: silhouettes, clusters (and so `avg_bio`) and `kbet` of more than "
            f"{MOST_CELLS:,} take an even sample, in which neighbours are found anew",
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

GEOMETRY = Table(
    "geometry",
    f"Probes of the geometry of a space, defined as in scFoundry (Hou et al. 2026), on at most {MOST_CELLS:,} cells. "
    f"{explained(GEOMETRY_PROBES)}",
    (
        DATASET,
        SEED,
        SPACE,
        Column("metric", "text", names(GEOMETRY_PROBES)),
        Column("k", "integer", "size of a neighbourhood; 0 where there is none", "cells"),
        Column("value", "number", "the probe", optional=True),
        Column("n_cells", "integer", "cells that it is computed on", "cells"),
        Column("direction", "text", f"what a larger value means: {directions(GEOMETRY_PROBES.values())}"),
        Column(
            "reason",
            "text",
            f"`{MEASURED}`, or why there is no value: `{ONE_BATCH}`, `{NO_COUNTS}`, `{SMALL_BATCHES}` (101), "
            f"`{NO_EFFECT}` (each type is of one batch, or each batch of one type), `{EXPLAINED}`",
        ),
    ),
    ("dataset", "seed", "space", "metric", "k"),
    location="results/<dataset>/tables/geometry.parquet, .tsv",
)

METRIC_VALUES = Table(
    "metrics",
    f"The metrics of plug-ins, on at most {MOST_CELLS:,} cells of each space; what each is, its file declares "
    "(docs/extending.md).",
    (
        DATASET,
        SEED,
        SPACE,
        Column("metric", "text", "the metric, as the plug-in names it"),
        Column("k", "integer", "size of a neighbourhood; 0 where there is none", "cells"),
        Column("value", "number", "the metric", optional=True),
        Column("n_cells", "integer", "cells that it is computed on", "cells"),
        Column("direction", "text", "what a larger value means"),
        Column("reason", "text", f"`{MEASURED}`, or why there is no value, as the plug-in says it"),
    ),
    ("dataset", "seed", "space", "metric", "k"),
    location="results/<dataset>/tables/metrics.parquet, .tsv",
)
