"""The spaces: every representation of cells that the study compares, and how it is made.

A space is vectors and a metric. To add an encoding, write one function `(counts, totals) -> vectors` (see
`rankstudy/encodings/rank.py`) and add one entry to SPACES; everything after it is written once, over spaces.
This module holds names only, so that Snakemake can read it without the packages that compute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Metric = Literal["correlation", "cosine", "euclidean"]


@dataclass(frozen=True)
class Space:
    """A representation of cells and the measure by which two of them are alike.

    Attributes
    ----------
    title
        What it is, in a few words, for figures and text.
    measure
        Name of the measure between two cells, for the axis of a figure.
    metric
        `correlation` and `cosine` are similarities (larger is more alike), `euclidean` is a distance.
    function
        `module:function`. For an encoding it takes one shard; for a fitted space, the vectors of `parent`.
    parent
        The space that a fitted space starts from; None for an encoding, which is computed shard by shard.
    settings
        Section of the configuration whose keys a fit takes as arguments.
    needs_counts
        Whether it is defined on counts only; if not, any non-negative values of a cell that keep the order will do.
    """

    title: str
    measure: str
    metric: Metric
    function: str
    parent: str | None = None
    settings: str | None = None
    needs_counts: bool = True

    @property
    def module(self) -> str:
        """The module that holds the function."""
        return self.function.split(":")[0]

    @property
    def similarity(self) -> bool:
        """Whether a larger value means more alike."""
        return self.metric != "euclidean"


SPACES: dict[str, Space] = {
    "rank": Space(
        title="Rank-value encoding",
        measure="Spearman correlation",
        metric="correlation",
        function="rankstudy.encodings.rank:fractional_ranks",
        needs_counts=False,
    ),
    "expression": Space(
        title="Expression (log1p CP10K)",
        measure="cosine similarity",
        metric="cosine",
        function="rankstudy.encodings.expression:log1p_cp10k",
    ),
    "expression-pca": Space(
        title="PCA of expression",
        measure="Euclidean distance",
        metric="euclidean",
        function="rankstudy.fits:principal_components",
        parent="expression",
        settings="pca",
    ),
    "expression-umap": Space(
        title="UMAP of expression",
        measure="Euclidean distance",
        metric="euclidean",
        function="rankstudy.fits:umap_coordinates",
        parent="expression",
        settings="umap",
    ),
}
