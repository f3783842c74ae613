"""The metrics of spaces: one declaration each, which tables, figure and article read.

`docs/extending.md` shows how a file outside of the package adds one (`plugins`). Free of numerical packages: Snakemake
reads the declarations while it builds the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Larger(NamedTuple):
    """What a larger value of a metric means: the word in the tables, and the heading of the metrics that share it."""

    word: str
    heading: str


TYPES_APART = Larger("types", "types kept apart")
BATCHES_MIXED = Larger("batches", "batches mixed")
BATCHES_APART = Larger("batches", "batches apart")
NEIGHBOURS_KEPT = Larger("neighbours kept", "geometry")
MORE_DIMENSIONS = Larger("more dimensions", "geometry")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A number that describes a space.

    Attributes
    ----------
    heading
        Name in figure and article; capitals after `_` are set below the line.
    larger
        What a larger value means.
    meaning
        What it is, and where its formula is from: ends a sentence that begins with its name.
    limits
        The values of the lightest and the darkest colour; None for what has no such ends, and is not coloured.
    sizes
        Sizes of the neighbourhoods; a metric has a value for each.
    function
        What computes it, as `module:name`; of a plug-in, the name of a function in its file. It gets a
        `rankstudy.measures.field.sampled.SampledSpace`, and `k` if there are sizes, and returns a number, or why there
        is none, as a text. Those without have rules of their own.
    environment
        The environment of its jobs, a file of conda: in `envs`, or beside the plug-in.
    """

    heading: str
    larger: Larger
    meaning: str
    limits: tuple[float, float] | None = (0.0, 1.0)
    sizes: tuple[int, ...] = ()
    function: str = ""
    environment: str = "core.yaml"

    @property
    def module(self) -> str:
        """The module or file of the function."""
        return self.function.rpartition(":")[0]


# what scib-metrics takes by default, the cell itself included; fewer where the engine keeps fewer
LISI_CELLS, KBET_CELLS, GRAPH_CELLS = 90, 50, 15

INTEGRATION = {
    "clisi": Metric(
        heading="cLISI",
        larger=TYPES_APART,
        meaning="local inverse Simpson index of the types among a cell's neighbours, scaled, by scib-metrics",
        sizes=(LISI_CELLS,),
    ),
    "graph_connectivity": Metric(
        heading="graph connectivity",
        larger=TYPES_APART,
        meaning="share of a type's cells in its largest piece of the graph of neighbours, mean over types, by "
        "scib-metrics",
        sizes=(GRAPH_CELLS,),
    ),
    "nmi": Metric(
        heading="NMI",
        larger=TYPES_APART,
        meaning="mutual information of the types and the Leiden clusters at the resolution where it is largest, "
        "normalised, by scib-metrics",
        sizes=(GRAPH_CELLS,),
    ),
    "ari": Metric(
        heading="ARI",
        larger=TYPES_APART,
        meaning="adjusted Rand index of the types and the clusters of `nmi`, by scib-metrics",
        sizes=(GRAPH_CELLS,),
    ),
    "asw_label": Metric(
        heading="ASW type",
        larger=TYPES_APART,
        meaning="average silhouette width of the types, by scikit-learn",
    ),
    "avg_bio": Metric(
        heading="AvgBIO",
        larger=TYPES_APART,
        meaning="mean of `nmi`, `ari` and `asw_label`, as Kedzierska et al. 2025, who clustered by Louvain",
        sizes=(GRAPH_CELLS,),
    ),
    "ilisi": Metric(
        heading="iLISI",
        larger=BATCHES_MIXED,
        meaning="local inverse Simpson index of the batches among a cell's neighbours, scaled, by scib-metrics",
        sizes=(LISI_CELLS,),
    ),
    "kbet": Metric(
        heading="kBET",
        larger=BATCHES_MIXED,
        meaning="share of cells around which a test finds the batches as in all cells of the type, mean over types, by "
        "scib-metrics",
        sizes=(KBET_CELLS,),
    ),
    "asw_batch": Metric(
        heading="ASW batch",
        larger=BATCHES_MIXED,
        meaning="silhouette of the batches within each type, by scikit-learn (published as ASW_batch by some, as "
        "ASW_label/batch by Kedzierska et al. 2025)",
    ),
}

GEOMETRY_PROBES = {
    "eta_squared_type": Metric(
        heading="partial η² type",
        larger=TYPES_APART,
        meaning="partial eta squared of the type in the model 1 + type + batch of each coordinate, mean over the "
        "coordinates",
    ),
    "eta_squared_batch": Metric(
        heading="partial η² batch",
        larger=BATCHES_APART,
        meaning="partial eta squared of the batch in the same model",
    ),
    "r_nx": Metric(
        heading="R_NX",
        larger=NEIGHBOURS_KEPT,
        meaning="overlap of a cell's nearest cells with those by Euclidean distance in analytic Pearson residuals "
        "(theta 100) of the counts of the study's genes (scFoundry takes genes of its own), both within a batch, "
        "corrected so that 0 is chance and 1 the same cells, mean over batches of at least 101 cells, weighted by "
        "their cells",
        sizes=(15, 30, 50),
    ),
    "participation_ratio": Metric(
        heading="participation ratio",
        larger=MORE_DIMENSIONS,
        meaning="(sum of l)^2 / sum of l^2 over the eigenvalues l of the covariance of the standardised coordinates, "
        "between 1 and their number, which principal components reach",
        limits=None,
    ),
}

METRICS = INTEGRATION | GEOMETRY_PROBES


def names(metrics: Iterable[str]) -> str:
    """Return the names as code."""
    return ", ".join(f"`{name}`" for name in metrics)


def explained(metrics: Mapping[str, Metric]) -> str:
    """Return what each metric is, in one sentence for all."""
    return "; ".join(f"`{name}`: {metric.meaning}" for name, metric in metrics.items()) + "."


def directions(metrics: Iterable[Metric]) -> str:
    """Return the words for what a larger value means, with the headings that say more."""
    found = dict.fromkeys(metric.larger for metric in metrics)
    return ", ".join(f"`{word}`" + f" ({heading})" * (word in heading) for word, heading in found)
