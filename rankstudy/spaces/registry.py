"""The spaces: every representation of cells that the study compares, and how it is made.

A space is vectors and a metric. To add an encoding, write one function `(counts, totals) -> vectors` (see
`rankstudy/spaces/encodings/rank.py`) and add one entry to SPACES; everything after it is written once, over spaces.
Beside the encodings stand baselines, models, and controls: spaces whose result is known beforehand
(`rankstudy/measures/gates/gates.py`). This module holds names only, so that Snakemake can read it without the packages
that compute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rankstudy.cells.needs import Needs

Metric = Literal["correlation", "cosine", "euclidean"]
Role = Literal["encoding", "baseline", "model", "control"]


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
class SpaceSpec:
    """A representation of cells and the measure by which two of them are alike.

    Attributes
    ----------
    title
        What it is, in a few words, for figures and text; `{model}` becomes the title of its model.
    measure
        Name of the measure between two cells, for the axis of a figure.
    metric
        `correlation` and `cosine` are similarities (larger is more alike), `euclidean` is a distance.
    role
        What it is there for: an `encoding` or a `model` is what the study examines, a `baseline` what it is set
        against, a `control` what must score as is known beforehand; figures and text set controls apart.
    function
        `module:function`. For an encoding it takes one shard; for a fitted space, the vectors of `parent`; for a space
        without either, the table of cells. None for an embedding by a model.
    parent
        The space that a fitted space starts from; None for an encoding, which is computed shard by shard.
    cells
        Columns of the table of cells (`cell_id`, `cell_type`, `batch`) that the function is given as `cells`; it sees
        no others. A space that has these and no parent is made of them alone.
    model
        The model whose embedding it is, or that of its parent: a key of MODELS.
    settings
        Section of the configuration whose keys a fit takes as arguments.
    dimensions
        Length of a vector, where it is known beforehand.
    needs
        What it is defined on: `counts`; `proportions`, which CPM or TPM give as well; or the `order` of a cell's
        values.
    """

    title: str
    measure: str
    metric: Metric
    role: Role = "encoding"
    function: str | None = None
    parent: str | None = None
    cells: tuple[str, ...] = ()
    model: str | None = None
    settings: str | None = None
    dimensions: int | None = None
    needs: Needs = "proportions"

    @property
    def module(self) -> str:
        """The module that holds the function."""
        return str(self.function).split(":")[0]

    @property
    def is_encoding(self) -> bool:
        """Whether it is computed from counts, shard by shard."""
        return self.parent is None and self.model is None and not self.cells

    @property
    def is_embedding(self) -> bool:
        """Whether it is what a model makes of tokens, shard by shard."""
        return self.parent is None and self.model is not None

    @property
    def is_of_cells(self) -> bool:
        """Whether it is made of the table of cells alone."""
        return self.parent is None and bool(self.cells)

    @property
    def similarity(self) -> bool:
        """Whether a larger value means more alike."""
        return self.metric != "euclidean"


def _embedding(name: str, model: str) -> dict[str, SpaceSpec]:
    """Return the two spaces of a model: its embedding, and UMAP of it."""
    embedding = SpaceSpec(title="{model}", measure="Euclidean distance", metric="euclidean", role="model", model=model)
    fitted = SpaceSpec(
        title="UMAP of {model}",
        measure="Euclidean distance",
        metric="euclidean",
        role="model",
        function="rankstudy.spaces.fits:umap_coordinates",
        parent=name,
        model=model,
        settings="umap",
    )
    return {name: embedding, f"{name}-umap": fitted}


SPACES: dict[str, SpaceSpec] = {
    "rank": SpaceSpec(
        title="Rank-value encoding",
        measure="Spearman correlation",
        metric="correlation",
        function="rankstudy.spaces.encodings.rank:fractional_ranks",
        needs="order",
    ),
    "expression": SpaceSpec(
        title="Expression (log1p CP10K)",
        measure="cosine similarity",
        metric="cosine",
        role="baseline",
        function="rankstudy.spaces.encodings.expression:log1p_cp10k",
    ),
    "expression-euclidean": SpaceSpec(
        title="Expression, Euclidean",
        measure="Euclidean distance",
        metric="euclidean",
        role="baseline",
        function="rankstudy.spaces.fits:unchanged",
        parent="expression",
    ),
    "expression-pca": SpaceSpec(
        title="PCA of expression",
        measure="Euclidean distance",
        metric="euclidean",
        role="baseline",
        function="rankstudy.spaces.fits:principal_components",
        parent="expression",
        settings="pca",
    ),
    "expression-harmony": SpaceSpec(
        title="PCA + Harmony",
        measure="Euclidean distance",
        metric="euclidean",
        role="baseline",
        function="rankstudy.spaces.fits:harmony",
        parent="expression-pca",
        cells=("batch",),
    ),
    "expression-umap": SpaceSpec(
        title="UMAP of expression",
        measure="Euclidean distance",
        metric="euclidean",
        role="baseline",
        function="rankstudy.spaces.fits:umap_coordinates",
        parent="expression",
        settings="umap",
    ),
    "detection": SpaceSpec(
        title="Detected genes",
        measure="cosine similarity",
        metric="cosine",
        role="baseline",
        function="rankstudy.spaces.encodings.detection:detected",
    ),
    "library-size": SpaceSpec(
        title="Library size alone",
        measure="difference of log counts",
        metric="euclidean",
        role="baseline",
        function="rankstudy.spaces.encodings.library_size:log_totals",
        dimensions=1,
        needs="counts",
    ),
    **_embedding("geneformer", "published"),
    **_embedding("trained-here", "trained-here"),
    **_embedding("untrained", "untrained"),
    "random": SpaceSpec(
        title="Random vectors",
        measure="Euclidean distance",
        metric="euclidean",
        role="control",
        function="rankstudy.spaces.controls:random_vectors",
        cells=("cell_id",),
        dimensions=50,
        needs="order",
    ),
    "shuffled": SpaceSpec(
        title="Shuffled labels",
        measure="Spearman correlation",
        metric="correlation",
        role="control",
        function="rankstudy.spaces.controls:shuffled",
        parent="rank",
        needs="order",
    ),
    "one-hot": SpaceSpec(
        title="One-hot type",
        measure="cosine similarity",
        metric="cosine",
        role="control",
        function="rankstudy.spaces.controls:one_hot",
        cells=("cell_type",),
        needs="order",
    ),
    "one-hot-batch": SpaceSpec(
        title="One-hot batch",
        measure="cosine similarity",
        metric="cosine",
        role="control",
        function="rankstudy.spaces.controls:one_hot",
        cells=("batch",),
        needs="order",
    ),
}
