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
class Model:
    """A model that reads a cell's tokens and returns its embedding.

    Attributes
    ----------
    kind
        `published`: the authors' weights; `trained`: the same architecture in small, trained by the study; `untrained`:
        the weights that this training starts from.
    title
        What it is, where nothing more is known; in figures and text a published model has the title of its release,
        and `{cells}` becomes the number of cells that the model was trained on.
    """

    kind: Literal["published", "trained", "untrained"]
    title: str


MODELS: dict[str, Model] = {
    "published": Model("published", "Geneformer, published weights"),
    "trained-here": Model("trained", "Geneformer architecture, trained here on {cells} cells"),
    "untrained": Model("untrained", "Geneformer architecture, untrained"),
}


@dataclass(frozen=True)
class Space:
    """A representation of cells and the measure by which two of them are alike.

    Attributes
    ----------
    title
        What it is, in a few words, for figures and text; `{model}` becomes the title of its model.
    measure
        Name of the measure between two cells, for the axis of a figure.
    metric
        `correlation` and `cosine` are similarities (larger is more alike), `euclidean` is a distance.
    function
        `module:function`. For an encoding it takes one shard; for a fitted space, the vectors of `parent`. None for an
        embedding by a model.
    parent
        The space that a fitted space starts from; None for an encoding, which is computed shard by shard.
    model
        The model whose embedding it is, or that of its parent: a key of MODELS.
    settings
        Section of the configuration whose keys a fit takes as arguments.
    needs_counts
        Whether it is defined on counts only; if not, any non-negative values of a cell that keep the order will do.
    """

    title: str
    measure: str
    metric: Metric
    function: str | None = None
    parent: str | None = None
    model: str | None = None
    settings: str | None = None
    needs_counts: bool = True

    @property
    def module(self) -> str:
        """The module that holds the function."""
        return str(self.function).split(":")[0]

    @property
    def is_encoding(self) -> bool:
        """Whether it is computed from counts, shard by shard."""
        return self.parent is None and self.model is None

    @property
    def is_embedding(self) -> bool:
        """Whether it is what a model makes of tokens, shard by shard."""
        return self.parent is None and self.model is not None

    @property
    def similarity(self) -> bool:
        """Whether a larger value means more alike."""
        return self.metric != "euclidean"


def _embedding(name: str, model: str) -> dict[str, Space]:
    """Return the two spaces of a model: its embedding, and UMAP of it."""
    embedding = Space(title="{model}", measure="Euclidean distance", metric="euclidean", model=model)
    fitted = Space(
        title="UMAP of {model}",
        measure="Euclidean distance",
        metric="euclidean",
        function="rankstudy.fits:umap_coordinates",
        parent=name,
        model=model,
        settings="umap",
    )
    return {name: embedding, f"{name}-umap": fitted}


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
    **_embedding("geneformer", "published"),
    **_embedding("trained-here", "trained-here"),
    **_embedding("untrained", "untrained"),
}
