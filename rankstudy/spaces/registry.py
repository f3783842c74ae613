"""The spaces: every representation of cells that the study compares, and how it is made.

A space is vectors, a metric, and whether the mean cell is subtracted before. An encoding is one function and one entry,
both in one file (`rankstudy/spaces/encodings/published`, or outside of the package: `plugins`, see
`rankstudy/spaces/catalogue.py`); everything after it is written once, over spaces. Of an encoding there are further
spaces, its views: the same vectors by another metric, or centred. Beside the encodings stand baselines, models, and
controls: spaces whose result is known beforehand (`rankstudy/measures/gates/gates.py`). This module holds names only,
so that Snakemake can read it without the packages that compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rankstudy.cells.needs import Needs
from rankstudy.spaces.steps import Steps
from rankstudy.spaces.tokens.tables import SYMBOLS

Metric = Literal["correlation", "cosine", "euclidean"]
Role = Literal["encoding", "baseline", "model", "control"]

# what a metric is called on the axis of a figure, and in the title of a view
MEASURES: dict[Metric, tuple[str, str]] = {
    "correlation": ("Pearson correlation", "correlation"),
    "cosine": ("cosine similarity", "cosine"),
    "euclidean": ("Euclidean distance", "Euclidean"),
}


# what an encoding reads that reads all genes of a file, as they are named there
FILE_GENES = "file"
# what gives an encoding its genes, where they are not those of a vocabulary
_GENES = {None: "SelectedGenes", FILE_GENES: "FileGenes", SYMBOLS: "SymbolGenes"}


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
    centred
        Whether the mean cell of the data set is subtracted before.
    role
        What it is there for: an `encoding` or a `model` is what the study examines, a `baseline` what it is set
        against, a `control` what must score as is known beforehand; figures and text set controls apart.
    order
        Whether its vectors are the order of a cell's genes: only their correlation says nothing of where ranks begin.
    function
        `module:function`. For an encoding it takes one shard; for a fitted space, the vectors of `parent`; for a space
        without either, the table of cells. None for an embedding by a model, and for a view.
    parent
        The space that a fitted space starts from, or that a view has the vectors of; None for an encoding, which is
        computed shard by shard.
    cells
        Columns of the table of cells (`cell_id`, `cell_type`, `batch`) that the function is given as `cells`; it sees
        no others. A space that has these and no parent is made of them alone.
    model
        The model whose embedding it is, or that of its parent.
    settings
        Section of the configuration whose keys a fit takes as arguments.
    dimensions
        Length of a vector, where it is known beforehand.
    needs
        What it is defined on: `counts`; `proportions`, which CPM or TPM give as well; or the `order` of a cell's
        values.
    vocabulary
        Of an encoding that reads other genes than the selected ones: `file`, all genes; `symbols`, all of them by their
        symbols in upper case; or those of a vocabulary: a model whose it is, or a release in `config/vocabularies` or
        `config/geneformer`. The function takes the counts of these genes (`CellCounts`), and the selected ones are
        taken from its vectors.
    reader
        The module with the function `read_vocabulary` that reads the files of a release of its own: one in
        `config/vocabularies`, or, of a plug-in, one beside it, which by default the plug-in reads.
    meaning
        What it keeps of a cell, in one line, for tables of the article; may be empty.
    methods
        How it is made, in a few sentences, for the article's Methods; may be empty. `{key}` stands for a value of the
        table `run` (`{pca.components}`), `[name]` for a reference of the article.
    steps
        Of an encoding over genes, what it does to the counts, step by step: it can then have a ledger, which says what
        each step costs.
    constants
        Numbers that are fixed in its code and that `methods` names: they stand in the table `run` as `space.key`.
    is_brought
        Whether its vectors were made elsewhere and are read from a file that a data set names (`embeddings`).
    text
        Of a space that the section `text` declares: `list`, the list of a cell's genes, read as a text; `genes`,
        vectors of genes, weighted by what its parent has of them.
    varies
        Of such a space, the one that it differs from in one respect.
    """

    title: str
    measure: str
    metric: Metric
    centred: bool = False
    role: Role = "encoding"
    order: bool = False
    function: str | None = None
    parent: str | None = None
    cells: tuple[str, ...] = ()
    model: str | None = None
    settings: str | None = None
    dimensions: int | None = None
    needs: Needs = "proportions"
    vocabulary: str | None = None
    reader: str = ""
    meaning: str = ""
    methods: str = ""
    steps: Steps | None = None
    constants: Mapping[str, int] = field(default_factory=dict)
    is_brought: bool = False
    text: Literal["list", "genes"] | None = None
    varies: str | None = None

    @property
    def genes(self) -> str:
        """`module:class` of what gives an encoding its genes."""
        return f"rankstudy.spaces.encodings.genes:{_GENES.get(self.vocabulary, 'VocabularyGenes')}"

    @property
    def plain(self) -> dict[str, Any]:
        """What is declared, as plain values, with `genes`."""
        return {**asdict(self), "genes": self.genes}

    @property
    def release(self) -> str | None:
        """What the vocabulary is one of: a model or a release; None where it reads genes without any."""
        return None if self.vocabulary in _GENES else self.vocabulary

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that its vectors depend on: that of the function and, of an encoding, that of the genes."""
        named = (self.function, self.genes) if self.is_encoding else (self.function,)
        return tuple(str(name).rsplit(":", 1)[0] for name in named)

    @property
    def is_encoding(self) -> bool:
        """Whether it is computed from counts, shard by shard."""
        made_otherwise = self.model is not None or self.cells or self.is_brought or self.text
        return self.parent is None and not made_otherwise

    @property
    def is_embedding(self) -> bool:
        """Whether it is what a model makes of tokens, shard by shard."""
        return self.parent is None and self.model is not None

    @property
    def is_gathered(self) -> bool:
        """Whether it is written in parts, which are joined."""
        return self.is_encoding or self.is_embedding or self.is_brought or self.text == "list"

    @property
    def is_of_cells(self) -> bool:
        """Whether it is made of the table of cells alone."""
        return self.parent is None and bool(self.cells)

    @property
    def is_view(self) -> bool:
        """Whether it has the vectors of its parent, by another metric or centred."""
        return self.parent is not None and self.function is None and self.model is None and self.text is None

    @property
    def is_fitted(self) -> bool:
        """Whether it is fitted on the vectors of its parent."""
        return self.parent is not None and self.function is not None

    @property
    def is_over_genes(self) -> bool:
        """Whether its vectors have a dimension for each gene, as those of an encoding have unless it says how many."""
        return self.is_encoding and self.dimensions is None

    @property
    def has_curve(self) -> bool:
        """Whether it can have a specification curve: settings are those of vectors over genes."""
        return self.is_over_genes and self.role != "control"

    @property
    def is_corner(self) -> bool:
        """Whether it can have a ledger: its steps are known."""
        return self.has_curve and self.steps is not None

    @property
    def similarity(self) -> bool:
        """Whether a larger value means more alike."""
        return self.metric != "euclidean"


def embedding(model: str) -> dict[str, SpaceSpec]:
    """Return the two spaces of a model: its embedding, which has its name, and UMAP of it."""
    embedded = SpaceSpec(title="{model}", measure="Euclidean distance", metric="euclidean", role="model", model=model)
    return {model: embedded, f"{model}-umap": umap_of(model, "{model}", model=model)}


def umap_of(parent: str, title: str, **of_parent: Any) -> SpaceSpec:
    """Return UMAP of a space that a model made."""
    return SpaceSpec(
        title=f"UMAP of {title}",
        measure="Euclidean distance",
        metric="euclidean",
        role="model",
        function="rankstudy.spaces.fits:umap_coordinates",
        parent=parent,
        settings="umap",
        methods="An embedding in {umap.components} dimensions of the vectors of its parent.",
        **of_parent,
    )


def brought(name: str, title: str, metric: Metric) -> dict[str, SpaceSpec]:
    """Return the two spaces of an embedding that was made elsewhere: its vectors, as they were brought, and UMAP."""
    title = title.replace("{", "{{").replace("}", "}}")
    vectors = SpaceSpec(
        title=title,
        measure=MEASURES[metric][0],
        metric=metric,
        role="model",
        needs="order",
        is_brought=True,
        meaning="brought: made elsewhere",
        methods=(
            "Vectors that were made elsewhere and brought to this study, joined to its cells by their ids and audited "
            "before anything was computed of them (table `embedding_audit`); how they were made is not known here."
        ),
    )
    return {name: vectors, f"{name}-umap": umap_of(name, title, needs="order")}


SPACES: dict[str, SpaceSpec] = {
    "rank": SpaceSpec(
        title="Rank-value encoding",
        measure="Spearman correlation",
        metric="correlation",
        order=True,
        function="rankstudy.spaces.encodings.rank:fractional_ranks",
        needs="order",
        steps=Steps(kept="order"),
        meaning="the order of a cell’s genes, and nothing else",
        methods=(
            "The selected genes of a cell are replaced by their ranks, lowest value first. Genes with equal values, "
            "ties, get the mean of their ranks ([kendall]), so the zeros of a cell share one rank. The correlation of "
            "two cells’ ranks is Spearman’s ([spearman]). It does not change when a constant is added to a vector; the "
            "rank that the zeros share is therefore subtracted, which keeps the encoding as sparse as the counts and "
            "alters no value. Ranks do not depend on the depth of a cell or on any transformation that keeps the "
            "order. [geneformer] first divides each gene by its median over a large corpus and keeps only "
            "the genes above zero; here genes are ranked by their counts."
        ),
    ),
    "expression": SpaceSpec(
        title="Expression (log1p CP10K)",
        measure="Pearson correlation",
        metric="correlation",
        role="baseline",
        function="rankstudy.spaces.encodings.expression:log1p_cp10k",
        steps=Steps(total="all genes", logarithm="ln"),
        meaning="how much of each gene, at one total per cell",
        methods=(
            "The counts of a cell are divided by its total over all genes, multiplied by {target_counts}, and the "
            "natural logarithm of one plus the result is taken; then the selected genes are kept."
        ),
    ),
    "expression-pca": SpaceSpec(
        title="PCA of expression",
        measure="Euclidean distance",
        metric="euclidean",
        role="baseline",
        function="rankstudy.spaces.fits:principal_components",
        parent="expression",
        settings="pca",
        meaning="the usual start of an analysis",
        methods=(
            "The first {pca.components} principal components (fewer if there are fewer cells or genes): on highly "
            "variable genes, the usual start of an analysis. Genes are centred and not scaled (scikit-learn, solver "
            "arpack)."
        ),
    ),
    "expression-harmony": SpaceSpec(
        title="PCA + Harmony",
        measure="Euclidean distance",
        metric="euclidean",
        role="baseline",
        function="rankstudy.spaces.fits:harmony",
        parent="expression-pca",
        cells=("batch",),
        meaning="the same, corrected for batches",
        methods=(
            "The components after Harmony ([harmonypy], its defaults), which moves cells until every cluster of "
            "them holds the batches in like shares. It is told the batches, and not the types; where all cells are of "
            "one batch, it changes nothing."
        ),
    ),
    "expression-umap": SpaceSpec(
        title="UMAP of expression",
        measure="Euclidean distance",
        metric="euclidean",
        role="baseline",
        function="rankstudy.spaces.fits:umap_coordinates",
        parent="expression",
        settings="umap",
        meaning="what a figure of an analysis shows",
        methods="An embedding in {umap.components} dimensions of the expression vectors.",
    ),
    "detection": SpaceSpec(
        title="Detected genes",
        measure="cosine similarity",
        metric="cosine",
        role="baseline",
        function="rankstudy.spaces.encodings.detection:detected",
        steps=Steps(kept="presence"),
        meaning="which genes were seen, neither how much nor in which order",
        methods="Whether each selected gene was seen in the cell: neither how much of it, nor in which order.",
    ),
    "library-size": SpaceSpec(
        title="Library size alone",
        measure="difference of log counts",
        metric="euclidean",
        role="baseline",
        function="rankstudy.spaces.encodings.library_size:log_totals",
        dimensions=1,
        needs="counts",
        meaning="how deep a cell was sequenced, and no gene",
        methods=(
            "The natural logarithm of a cell’s total over all genes, and nothing of which genes they are: what this "
            "space separates, depth alone does."
        ),
    ),
    **embedding("geneformer"),
    **embedding("trained-here"),
    **embedding("untrained"),
    "random": SpaceSpec(
        title="Random vectors",
        measure="Euclidean distance",
        metric="euclidean",
        role="control",
        function="rankstudy.spaces.controls:random_vectors",
        cells=("cell_id",),
        dimensions=50,
        needs="order",
        meaning="nothing: must be at chance",
        methods="Normal numbers that know nothing of the cell. They must be at chance.",
    ),
    "shuffled": SpaceSpec(
        title="Shuffled labels",
        measure="Spearman correlation",
        metric="correlation",
        role="control",
        function="rankstudy.spaces.controls:shuffled",
        parent="rank",
        needs="order",
        meaning="vectors of other cells: must be at chance",
        methods=(
            "The vectors of its parent, each given to a cell drawn at random, so that their geometry stays and their "
            "meaning goes. They must be at chance."
        ),
    ),
    "one-hot": SpaceSpec(
        title="One-hot type",
        measure="cosine similarity",
        metric="cosine",
        role="control",
        function="rankstudy.spaces.controls:one_hot",
        cells=("cell_type",),
        needs="order",
        meaning="the type alone: must be perfect",
        methods=(
            "Cells of one type have the same vector, cells of two types orthogonal ones. It must be perfect, for each "
            "type."
        ),
    ),
    "one-hot-batch": SpaceSpec(
        title="One-hot batch",
        measure="cosine similarity",
        metric="cosine",
        role="control",
        function="rankstudy.spaces.controls:one_hot",
        cells=("batch",),
        needs="order",
        meaning="the batch alone: its score is known",
        methods=(
            "The same as for types, for batches. Its AUROC follows from how many cells of each type are in each "
            "batch, and must be that number."
        ),
    ),
}
