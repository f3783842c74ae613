"""The study as a typed model: the source of its schema, its documentation and its checks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from rankstudy.config.audit_model import Audit
from rankstudy.config.common_models import (
    TERM,
    Genes,
    Name,
    Seed,
    Selection,
    catalogue_of,
    each_once,
    known_spaces,
)
from rankstudy.config.settings_model import Causes, Lattice, Settings
from rankstudy.config.text_model import Text
from rankstudy.core.errors import advise, did_you_mean, listing
from rankstudy.core.strict import LocalPath, Strict
from rankstudy.spaces.models.registry import MODELS
from rankstudy.spaces.registry import SPACES

# terms of the Cell Ontology for what a cell does, looks like or has yet to become: cells of any lineage may be below
# them
NO_KINSHIP = (
    ("CL:0011115", "precursor cell"),
    ("CL:0011026", "progenitor cell"),
    ("CL:0000034", "stem cell"),
    ("CL:0000723", "somatic stem cell"),
    ("CL:0000035", "single fate stem cell"),
    ("CL:0000048", "multi fate stem cell"),
    ("CL:0000055", "non-terminally differentiated cell"),
    ("CL:0000064", "ciliated cell"),
    ("CL:0000075", "columnar/cuboidal epithelial cell"),
    ("CL:0000076", "squamous epithelial cell"),
    ("CL:0000147", "pigment cell"),
    ("CL:0000151", "secretory cell"),
    ("CL:0000154", "protein secreting cell"),
    ("CL:0000457", "biogenic amine secreting cell"),
    ("CL:0000145", "professional antigen presenting cell"),
    ("CL:0000183", "contractile cell"),
    ("CL:0000213", "lining cell"),
    ("CL:0000215", "barrier cell"),
    ("CL:0000234", "phagocyte"),
    ("CL:0000325", "stuff accumulating cell"),
    ("CL:0000473", "defensive cell"),
    ("CL:0000630", "supporting cell"),
)

# what is not of one data set, by the name with which a data set's own folder or page would take its place
SHARED = {
    **{name: f"results/{name}" for name in ("article", "benchmarks", "figures", "judged", "models")},
    **{name: f"results/article/{name}.html" for name in ("index", "methods")},
    "study": "results/figures/study",
}


class Pca(Strict):
    """PCA of expression (scikit-learn)."""

    components: int = Field(50, ge=2)
    """Principal components; fewer when there are fewer cells or genes."""


class Umap(Strict):
    """UMAP of expression (umap-learn; its defaults for all that is not named here)."""

    components: int = Field(5, ge=2)
    """Dimensions of the embedding; the original study used 5. At most two less than there are cells."""


class Pairs(Strict):
    """How all pairs of cells are computed and summarised."""

    cells_per_block: int = Field(20000, ge=10)
    """Cells on each side of a block, the unit of parallel work; whole cell types are kept together. Changes no
    result."""
    cells_per_encoding_job: int = Field(5000, ge=10)
    """Cells that one encoding job works through, shard by shard. Changes no result."""
    threads: int = Field(2, ge=1)
    """Threads of one block."""
    joint: list[tuple[str, str]] = Field([("expression-umap", "rank")])
    """Pairs of spaces (x, y) whose joint distribution over all pairs of cells is kept; a figure has the first eight of
    them."""
    neighbours: list[Annotated[int, Field(ge=1)]] = Field([15, 50], min_length=1)
    """Sizes of a cell's neighbourhood: so many most alike cells; each size is evaluated."""
    cutoffs: int = Field(100, ge=10, le=1000)
    """Cutoffs, evenly over the observed range of the measure, at which each cell's relations are counted."""
    hexagons: int = Field(100, ge=10, le=500)
    """Hexagons along the x axis of a joint distribution, over the observed range of the measure."""
    outliers: int = Field(10, ge=1)
    """Pairs of cell types, and pairs of cells, that are listed as outliers, per kind and space."""

    @field_validator("neighbours")
    @classmethod
    def _no_repeats(cls, value: list[int]) -> list[int]:
        return each_once(value)

    @field_validator("joint")
    @classmethod
    def _known_spaces(cls, value: list[tuple[str, str]], info: ValidationInfo) -> list[tuple[str, str]]:
        known_spaces([name for pair in value for name in pair], catalogue_of(info))
        return value


class Uncertainty(Strict):
    """Intervals of the headline numbers and of the differences between spaces."""

    resamples: int = Field(10000, ge=1000)
    """Resamples of the bootstrap."""
    seed: Seed = 0
    """Seed of the resamples."""
    level: float = Field(0.95, ge=0.5, lt=1)
    """Level of the intervals, and 1 less that of the adjusted p-values."""
    references: list[str] = Field(["expression", "rank"], min_length=1)
    """Spaces that all others are compared with, each by its own metric where there is a space of the same vectors by
    it; figures show the first one. Those that a data set does not have are left out there."""

    @field_validator("references")
    @classmethod
    def _known_spaces(cls, value: list[str], info: ValidationInfo) -> list[str]:
        known_spaces(value, catalogue_of(info))
        return each_once(value)


class Reading(Strict):
    """Which release of Geneformer is read, and how."""

    release: Name = "v1_dictionaries"
    """File in `config/geneformer/`, without `.yaml`: the vocabulary and, but for `v1_dictionaries`, the published
    weights."""
    pooling: Literal["cell", "cls"] = "cell"
    """Embedding of a cell: `cell`, the mean over its genes, or `cls`, the token <cls> (V2 only)."""
    layer: Literal[-1, 0] = -1
    """Whose output is taken: -1, the second-to-last block (the authors' default), or 0, the last one."""
    device: Literal["cpu", "cuda"] = "cpu"
    """`cpu` (float32) or `cuda` (bfloat16)."""
    threads: int = Field(2, ge=1)
    """CPU threads of training and embedding. Another number changes the last bits of a result."""
    tokens_per_batch: int = Field(16384, ge=1)
    """Tokens that are embedded at a time, padding included; bounds memory. Changes no result beyond rounding."""
    cells_per_job: int = Field(500, ge=1)
    """Cells that one embedding job works through; whole cell types are kept together. Changes no result beyond
    rounding."""


class Geneformer(Reading):
    """Geneformer: which release, and how cells are embedded."""

    least_share_of_counts: float = Field(0.5, ge=0, le=1)
    """Least share of a data set's counts that must reach a token; a smaller one is an error."""


class Training(Strict):
    """The architecture of Geneformer in small, which the study trains itself: its size and its training."""

    layers: int = Field(4, ge=2)
    """Transformer blocks."""
    hidden: int = Field(128, ge=8)
    """Dimensions of the embedding; a multiple of `heads`."""
    heads: int = Field(4, ge=1)
    """Attention heads."""
    feed_forward: int = Field(256, ge=8)
    """Dimensions inside a block's feed-forward layer."""
    max_length: int = Field(256, ge=16, le=2048)
    """Longest input: that many of a cell's first genes are read, in training and when cells are embedded."""
    cells: int = Field(1000, ge=1)
    """Cells to train on, as evenly from the data sets as they allow; cells that no replicate selected, as long as there
    are enough of them."""
    validation_cells: int = Field(200, ge=1)
    """Cells that the loss is measured on."""
    least_cells: int = Field(500, ge=10)
    """Cells that no replicate selected, below which selected ones are trained on too (and the article says so)."""
    epochs: int = Field(4, ge=1)
    """Passes over the cells."""
    cells_per_batch: int = Field(16, ge=1)
    """Cells of one step."""
    learning_rate: float = Field(1e-3, gt=0)
    """Highest learning rate; reached after a twentieth of the steps, then falling to zero."""
    seed: Seed = 0
    """Seed of the weights, the cells, their order and the masks. There is one model for all replicates."""

    @model_validator(mode="after")
    def _heads_fit(self) -> Training:
        if self.hidden % self.heads:
            problem = f"hidden ({self.hidden}) is not a multiple of heads ({self.heads})"
            raise ValueError(advise(problem, f"set `hidden: {self.hidden // self.heads * self.heads or self.heads}`"))
        return self


class OntologySettings(Strict):
    """The Cell Ontology, and when it calls two cell types similar."""

    release: Name = "cl_2022_wheel"
    """File in `config/ontology/`, without `.yaml`; used where a data set has a section `ontology`."""
    least_similarity: float = Field(0.25, gt=0, le=1)
    """Types are similar whose most informative common ancestor says at least so much: 1 - ln(terms at or below it) /
    ln(all terms). At 0.25, in the release of 2022, such an ancestor has at most 367 terms: lymphocyte (318) and what is
    narrower, not leukocyte (511)."""
    ignored_ancestors: list[Annotated[str, Field(pattern=TERM)]] = Field([term for term, _ in NO_KINSHIP])
    """Ancestors that make no two types similar: those for function, form and stage (secretory cell, squamous epithelial
    cell, stem cell), below which lie cells of every lineage."""

    @property
    def rule(self) -> dict[str, Any]:
        """When types are similar, as plain values."""
        return self.model_dump(exclude={"release"})

    @field_validator("ignored_ancestors")
    @classmethod
    def _no_repeats(cls, value: list[str]) -> list[str]:
        return each_once(value)


class Study(Strict):
    """The study: which data sets, which replicates, which spaces. `config/config.yaml` is the default one."""

    datasets: list[Name] = Field(min_length=1)
    """Data sets of the run: names of files in `config/datasets/`, without `.yaml`."""
    plugins: list[LocalPath] = []
    """Python files, by their paths, that add spaces, models, metrics and figures (`docs/extending.md`)."""
    seeds: list[Seed] = Field([0], min_length=1)
    """Replicates: each seed draws its own cells and fits its own spaces. Figures show the first one."""
    spaces: list[str] = Field(
        [
            name
            for name, space in SPACES.items()
            if space.role != "control" and not (space.model and MODELS[space.model].kind == "published")
        ],
        min_length=1,
    )
    """Spaces to compare (names: see `rankstudy/spaces/registry.py`); what a fitted space starts from is added. An
    encoding over genes is compared by another measure under `<name>@<measure>`, `correlation`, `cosine` or `euclidean`,
    with the mean cell of the data set subtracted under `<name>@<measure>-centred`."""
    on_missing: Literal["error", "skip"] = "error"
    """Where too small a share of a data set's counts is among the genes that an encoding reads
    (`geneformer.least_share_of_counts`): `error`, or `skip`: the encoding and what is made of it are left out of this
    data set, and its page lists them."""
    controls: list[str] = []
    """Controls, compared beside the spaces of every data set: their results are known beforehand, and the run stops
    before the article if they are not found."""
    selection: Selection = Selection()
    """Which cells are drawn."""
    genes: Genes = Genes()
    """Which genes the spaces use."""
    pca: Pca = Pca()
    """PCA of expression (scikit-learn)."""
    umap: Umap = Umap()
    """UMAP of expression (umap-learn; its defaults for all that is not named here)."""
    geneformer: Geneformer = Geneformer()
    """Geneformer: which release, and how cells are embedded."""
    models: dict[str, dict[str, Any]] = {}
    """Further models, by names of your own, each with the spaces `<name>` and `<name>-umap`: `model`, the one that it
    is read as (`geneformer`, or one of a plug-in), and what differs from it (for Geneformer: `release`, `pooling` and
    other keys of `geneformer`)."""
    text: Text = Text()
    """Text models, the lists of genes that they read, and vectors of genes: spaces by the names that stand here."""
    training: Training = Training()
    """The architecture of Geneformer in small, which the study trains itself: its size and its training."""
    pairs: Pairs = Pairs()
    """How all pairs of cells are computed and summarised."""
    field_metrics: bool = True
    """Compute the metrics that benchmarks of integration publish (scib-metrics) and the probes of geometry; they need
    an environment of 1.5 GB."""
    ontology: OntologySettings = OntologySettings()
    """The Cell Ontology, and when it calls two cell types similar."""
    audit: Audit = Audit()
    """From where on an embedding that is brought fails its audit, or something is reported."""
    uncertainty: Uncertainty = Uncertainty()
    """Intervals of the headline numbers and of the differences between spaces."""
    settings: Settings = Settings()
    """The specification curve: pairs of encodings, compared in every setting."""
    lattice: Lattice = Lattice()
    """What each step costs on the way from counts to an encoding."""
    causes: Causes = Causes()
    """Whether it is the encoding or the sequencer: other depths, twins, rules for ties, changes of one gene."""

    @field_validator("datasets", "seeds")
    @classmethod
    def _no_repeats(cls, value: list) -> list:
        return each_once(value)

    @field_validator("datasets")
    @classmethod
    def _folders_of_their_own(cls, value: list[str]) -> list[str]:
        for name in value:
            if name in SHARED:
                problem = f"a data set cannot be called {name!r}: {SHARED[name]} holds what is not of one data set"
                raise ValueError(advise(problem, f"give config/datasets/{name}.yaml another name"))
        return value

    @field_validator("spaces")
    @classmethod
    def _known_spaces(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return known_spaces(value, catalogue_of(info))

    @field_validator("controls")
    @classmethod
    def _are_controls(cls, value: list[str], info: ValidationInfo) -> list[str]:
        spaces = catalogue_of(info).spaces
        possible = [name for name, space in spaces.items() if space.role == "control"]
        for name in value:
            if name not in possible:
                if name in spaces:
                    raise ValueError(advise(f"{name!r} is not a control", "name it in `spaces`"))
                problem = f"{name!r} is not a control{did_you_mean(name, possible)}"
                raise ValueError(advise(problem, f"name controls that there are: {listing(possible)}"))
        return value
