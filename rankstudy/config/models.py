"""The configuration as typed models: the single source of its schema, its documentation and its checks."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from rankstudy.errors import did_you_mean, listing
from rankstudy.registry import SPACES
from rankstudy.source import Source
from rankstudy.strict import Strict

NAME = r"^[a-z][a-z0-9_]*$"
TERM = r"^CL:\d{7}$"
# terms of the Cell Ontology for what a cell does, looks like or has yet to become: cells of any lineage may be below them
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
# folders of results/ that hold what is not of one data set
SHARED_FOLDERS = ("article", "benchmarks", "figures", "models")


class Selection(Strict):
    """Which cells are drawn."""

    min_cells: int = Field(20, ge=2)
    """Cells that a cell type must have to take part; smaller types are left out and listed."""
    cells_per_type: int | None = Field(100, ge=2)
    """Cells drawn of each type, spread evenly over its batches; null takes all."""
    cell_types: list[str] | None = Field(None, min_length=2)
    """Only these cell types (labels); null takes every type with enough cells."""

    @field_validator("cell_types")
    @classmethod
    def _no_repeats(cls, value: list[str] | None) -> list[str] | None:
        return None if value is None else each_once(value)


class Genes(Strict):
    """Which genes the spaces use."""

    method: Literal["highly_variable", "flagged", "all"] = "highly_variable"
    """`highly_variable` (scanpy, dispersion of log1p CP10K), `flagged` (a column of the data set), or `all`."""
    number: int = Field(2000, ge=10)
    """Genes to take when the method is `highly_variable`."""
    column: str | None = None
    """Column of the genes (`var` of an h5ad, `row_attrs` of a loom, `meta.features` of a Seurat assay) that is true for the genes to use, when the method is `flagged`."""

    @model_validator(mode="after")
    def _column_if_flagged(self) -> Genes:
        if self.method == "flagged" and not self.column:
            raise ValueError("method 'flagged' needs `column`: the name of the true/false column of the genes")
        return self


class Pca(Strict):
    """PCA of expression (scikit-learn)."""

    components: int = Field(50, ge=2)
    """Principal components; fewer when there are fewer cells or genes."""


class Umap(Strict):
    """UMAP of expression (umap-learn; its defaults for all that is not named here)."""

    components: int = Field(5, ge=2)
    """Dimensions of the embedding; the original study used 5."""


class Pairs(Strict):
    """How all pairs of cells are computed and summarised."""

    cells_per_block: int = Field(20000, ge=10)
    """Cells on each side of a block, the unit of parallel work; whole cell types are kept together. Changes no result."""
    cells_per_encoding_job: int = Field(5000, ge=10)
    """Cells that one encoding job works through, shard by shard. Changes no result."""
    threads: int = Field(2, ge=1)
    """Threads of one block."""
    joint: list[tuple[str, str]] = Field([("expression-umap", "rank")])
    """Pairs of spaces (x, y) whose joint distribution over all pairs of cells is kept and drawn."""
    neighbours: list[Annotated[int, Field(ge=1)]] = Field([15, 50], min_length=1)
    """Sizes of a cell's neighbourhood: so many most alike cells; each size is evaluated."""
    cutoffs: int = Field(100, ge=10, le=1000)
    """Cutoffs, evenly over the whole possible range of the measure, at which each cell's relations are counted."""
    hexagons: int = Field(100, ge=10, le=500)
    """Hexagons along the x axis of a joint distribution, over the whole possible range of the measure."""
    outliers: int = Field(10, ge=1)
    """Pairs of cell types, and pairs of cells, that are listed as outliers, per kind and space."""

    @field_validator("neighbours")
    @classmethod
    def _no_repeats(cls, value: list[int]) -> list[int]:
        return each_once(value)

    @field_validator("joint")
    @classmethod
    def _known_spaces(cls, value: list[tuple[str, str]]) -> list[tuple[str, str]]:
        known_spaces([name for pair in value for name in pair])
        return value


class Uncertainty(Strict):
    """Intervals of the headline numbers and of the differences between spaces."""

    resamples: int = Field(10000, ge=1000)
    """Resamples of the bootstrap."""
    seed: int = Field(0, ge=0)
    """Seed of the resamples."""
    level: float = Field(0.95, ge=0.5, lt=1)
    """Level of the intervals, and 1 less that of the adjusted p-values."""


class Geneformer(Strict):
    """Geneformer: which release, and how cells are embedded."""

    release: str = Field("v1_dictionaries", pattern=NAME)
    """File in `config/geneformer/`, without `.yaml`: the vocabulary and, but for `v1_dictionaries`, the published weights."""
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
    """Cells that one embedding job works through; whole cell types are kept together. Changes no result beyond rounding."""
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
    """Cells to train on, as evenly from the data sets as they allow; cells that no replicate selected, as long as there are enough of them."""
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
    seed: int = Field(0, ge=0)
    """Seed of the weights, the cells, their order and the masks. There is one model for all replicates."""

    @model_validator(mode="after")
    def _heads_fit(self) -> Training:
        if self.hidden % self.heads:
            raise ValueError(f"hidden ({self.hidden}) must be a multiple of heads ({self.heads})")
        return self


class Ontology(Strict):
    """The Cell Ontology, and when it calls two cell types similar."""

    release: str = Field("cl_2022_wheel", pattern=NAME)
    """File in `config/ontology/`, without `.yaml`; used where a data set has a section `ontology`."""
    least_similarity: float = Field(0.25, gt=0, le=1)
    """Types are similar whose most telling shared ancestor says at least so much: 1 - ln(terms at or below it) / ln(all terms). At 0.25, in the release of 2022, such an ancestor has at most 367 terms: lymphocyte (318) and what is narrower, not leukocyte (511)."""
    ignored_ancestors: list[Annotated[str, Field(pattern=TERM)]] = Field([term for term, _ in NO_KINSHIP])
    """Ancestors that make no two types similar: those for function, form and stage (secretory cell, squamous epithelial cell, stem cell), below which lie cells of every lineage."""

    @property
    def rule(self) -> dict[str, Any]:
        """When types are similar, as plain values."""
        return self.model_dump(exclude={"release"})

    @field_validator("ignored_ancestors")
    @classmethod
    def _no_repeats(cls, value: list[str]) -> list[str]:
        return each_once(value)


class Overrides(Strict):
    """What a data set may set differently from the study."""

    spaces: list[str] | None = None
    """Spaces to compare (names: see `rankstudy/registry.py`)."""
    selection: Selection | None = None
    """Which cells are drawn; keys that are left out stay those of the study."""
    genes: Genes | None = None
    """Which genes the spaces use; keys that are left out stay those of the study."""

    @field_validator("spaces")
    @classmethod
    def _known_spaces(cls, value: list[str] | None) -> list[str] | None:
        return None if value is None else known_spaces(value)


class Study(Strict):
    """The study: which data sets, which replicates, which spaces. `config/config.yaml` is the default one."""

    datasets: list[Annotated[str, Field(pattern=NAME)]] = Field(min_length=1)
    """Data sets of the run: names of files in `config/datasets/`, without `.yaml`."""
    seeds: list[Annotated[int, Field(ge=0)]] = Field([0], min_length=1)
    """Replicates: each seed draws its own cells and fits its own spaces. Figures show the first one."""
    spaces: list[str] = Field(
        [name for name, space in SPACES.items() if space.model != "published" and space.role != "control"], min_length=1
    )
    """Spaces to compare (names: see `rankstudy/registry.py`); what a fitted space starts from is added."""
    controls: list[str] = []
    """Controls, compared beside the spaces of every data set: their results are known beforehand, and the run stops before the article if they are not found."""
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
    training: Training = Training()
    """The architecture of Geneformer in small, which the study trains itself: its size and its training."""
    pairs: Pairs = Pairs()
    """How all pairs of cells are computed and summarised."""
    field_metrics: bool = True
    """Compute the metrics that benchmarks of integration publish (scib-metrics) and the probes of geometry; they need an environment of 1.5 GB."""
    ontology: Ontology = Ontology()
    """The Cell Ontology, and when it calls two cell types similar."""
    uncertainty: Uncertainty = Uncertainty()
    """Intervals of the headline numbers and of the differences between spaces."""

    @field_validator("datasets", "seeds")
    @classmethod
    def _no_repeats(cls, value: list) -> list:
        return each_once(value)

    @field_validator("datasets")
    @classmethod
    def _folders_of_their_own(cls, value: list[str]) -> list[str]:
        for name in value:
            if name in SHARED_FOLDERS:
                raise ValueError(
                    f"a data set cannot be called {name!r}: results/{name} holds what is not of one data set; "
                    f"give config/datasets/{name}.yaml another name"
                )
        return value

    @field_validator("spaces")
    @classmethod
    def _known_spaces(cls, value: list[str]) -> list[str]:
        return known_spaces(value)

    @field_validator("controls")
    @classmethod
    def _are_controls(cls, value: list[str]) -> list[str]:
        possible = [name for name, space in SPACES.items() if space.role == "control"]
        for name in value:
            if name not in possible:
                where = "; name it in `spaces`" if name in SPACES else did_you_mean(name, possible)
                raise ValueError(f"{name!r} is not a control{where}; the controls are {listing(possible)}")
        return value


class Labels(Strict):
    """A column of cells, or a part of it cut out by a pattern."""

    column: str
    """Column of the labels file (CSV, TSV), of `obs` (h5ad), of `col_attrs` (loom) or of `meta.data` (Seurat); `cell_name` is the cell's own name."""
    pattern: str | None = None
    """Regular expression with one group, searched in the value; the group is taken."""
    otherwise: str | None = None
    """What a value that the pattern does not match becomes; without it such a value is an error."""

    @field_validator("pattern")
    @classmethod
    def _one_group(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                groups = re.compile(value).groups
            except re.error as error:
                raise ValueError(f"is not a regular expression: {error}") from error
            if groups != 1:
                raise ValueError(f"has {groups} groups; put what is wanted in exactly one group, as in '_(B[0-9])$'")
        return value


def _column_name(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


ColumnOrLabels = Annotated[Labels, BeforeValidator(_column_name, json_schema_input_type=str | Labels)]


class TableFormat(Strict):
    """Counts as CSV or TSV (optionally gzip), with the labels of the cells in a second file."""

    counts: str | None = None
    """Member of the archive that holds the counts; omit it when the source is the file itself."""
    rows: Literal["genes", "cells"] = "genes"
    """What a row of the counts is. The first column holds the names of the rows, the first row those of the columns."""
    labels: str | None = None
    """CSV or TSV with one row per cell: a member of the archive, or a path. Omit it where `labels` of the data set or part names a source."""
    labels_key: Literal["cell_name", "cell_number"] = "cell_name"
    """What the first column of the labels holds: the cell's name, or its number in the counts, from 1."""


class H5adFormat(Strict):
    """Counts as an AnnData file (h5ad)."""

    counts: str = Field("X", pattern=r"^(X|raw/X|layers/.+)$")
    """Where the raw counts are: `X`, `raw/X` or `layers/<name>`."""
    gene_names: str | None = None
    """Column of `var` to take as names of the genes, such as one of Ensembl ids; without it the index is taken."""
    member: str | None = None
    """The h5ad in a source that is a zip archive; may be omitted where it is the only one."""


class MtxFormat(Strict):
    """Counts as a 10x folder; the source is its `matrix.mtx` or `matrix.mtx.gz`, the other files lie beside it."""

    gene_names: Literal["ids", "symbols"] = "ids"
    """Which column of `features.tsv` or `genes.tsv` names the genes: the first (Ensembl ids) or the second."""
    labels: str | None = None
    """CSV or TSV with one row per cell, the barcode in its first column."""


class LoomFormat(Strict):
    """Counts as a loom file."""

    counts: str = Field("matrix", pattern=r"^(matrix|layers/.+)$")
    """Where the raw counts are: `matrix` or `layers/<name>`."""
    cell_names: str = "CellID"
    """Attribute of the columns (`col_attrs`) that names the cells."""
    gene_names: str = "Gene"
    """Attribute of the rows (`row_attrs`) that names the genes."""


class RdsFormat(Strict):
    """Counts as an RDS file of R: a Seurat object (3 to 5), a SingleCellExperiment or a dgCMatrix."""

    assay: str | None = None
    """Assay of a Seurat object; null for its active one."""
    layer: str = "counts"
    """Where in the assay the raw counts are; a layer that Seurat 5 has split (`counts.1`, `counts.2`) is read as one."""


class Keep(Strict):
    """Which cells of the file are used."""

    column: str
    """Column of the labels, as for `cell_type`."""
    values: list[str] = Field(min_length=1)
    """Values of the cells to use; the others are left out and listed."""


class Part(Strict):
    """One of the files of a data set."""

    source: Source
    """Where the file comes from."""
    labels: Source | None = None
    """Where the labels of a `table` come from, if they are a file of their own."""
    cells: int | None = None
    """Expected number of cells."""


class Donors(Strict):
    """A table of the donors: CSV or TSV, one row each."""

    source: Source
    """Where the table comes from."""
    key: str
    """Its column that holds the donor, as `donor` of the cells does."""


class Terms(Strict):
    """What the cell types of a data set are called in the Cell Ontology."""

    column: str | None = None
    """Column of the cells that holds the ids, as for `cell_type`; all cells of a type must have the same one."""
    terms: dict[str, Annotated[str, Field(pattern=TERM)]] = {}
    """Id of each cell type (label: CL:0000169); goes before the column. Types without an id stay unknown: their relations are counted apart, and ids for them are suggested in the table `ontology_suggestions`."""


class Expected(Strict):
    """What the file must hold; a difference is an error that states both numbers."""

    cells: int | None = None
    """Number of cells."""
    genes: int | None = None
    """Number of genes."""
    cell_types: int | None = None
    """Number of cell types, those in batches without counts included."""
    qualifying_types: int | None = None
    """Number of cell types with at least `selection.min_cells` usable cells."""
    donors: int | None = None
    """Number of donors in the table of `donors`."""


class Citation(Strict):
    """How to cite the data."""

    text: str
    """Authors, title, journal, year."""
    doi: str | None = None
    """DOI, without the address of the resolver."""
    accession: str | None = None
    """Accession in a public archive, such as GSE84133."""


class Member(Strict):
    """A data set that takes part in a combined one."""

    labels: dict[str, str] = {}
    """What its cell types are called here, as `{NK cells: NK cell}`; a type that is not named keeps its label."""
    batch: Literal["dataset", "own"] = "dataset"
    """`dataset`: all its cells are of one batch, which has its name. `own`: its own batches, as `<data set>/<batch>` where several data sets are combined."""


FORMATS = {"table": TableFormat, "h5ad": H5adFormat, "rds": RdsFormat, "mtx": MtxFormat, "loom": LoomFormat}

# keys that say how files are read: a combined data set has none, its members have them
OF_MEMBERS = ("source", "labels", "parts", "keep", *FORMATS, "cell_type", "batch", "donor", "donors", "values")


class Dataset(Overrides):
    """A data set: one file `config/datasets/<name>.yaml`."""

    title: str
    """What it is, in one line."""
    source: Source | None = None
    """Where the file comes from."""
    labels: Source | None = None
    """Where the labels of a `table` come from, if they are a file of their own."""
    parts: dict[Annotated[str, Field(pattern=NAME)], Part] | None = Field(None, min_length=1)
    """Instead of `source`: the files of a data set that has several, by name. All are read alike; genes that all have are used."""
    combine: dict[Annotated[str, Field(pattern=NAME)], Member] | None = Field(None, min_length=1)
    """Instead of `source`: other data sets, by the names of their files, as one. Each is read as its own file says; genes that all have are used."""
    keep: Keep | None = None
    """Which cells are used; without it all are."""
    table: TableFormat | None = None
    """How to read CSV or TSV."""
    h5ad: H5adFormat | None = None
    """How to read an h5ad; may be omitted when the file's name ends in .h5ad and the counts are in `X`."""
    rds: RdsFormat | None = None
    """How to read an RDS file; may be omitted when the file's name ends in .rds and the counts are those of the active assay."""
    mtx: MtxFormat | None = None
    """How to read a 10x folder."""
    loom: LoomFormat | None = None
    """How to read a loom file."""
    cell_type: ColumnOrLabels | None = Field(None, validate_default=True)
    """Required, but for `combine`. The cell type of each cell: a column, or `{column, pattern, otherwise}`; the column `part` is the name of the part."""
    batch: ColumnOrLabels | None = None
    """The batch of each cell; without it all cells are of one batch."""
    donor: ColumnOrLabels | None = None
    """The donor of each cell, if known."""
    donors: Donors | None = None
    """What is known of the donors, for the table `donors`."""
    ontology: Terms | None = None
    """What the cell types are called in the Cell Ontology; without it no ontology is used. `{}` asks for suggestions alone."""
    similar: list[Annotated[list[str], Field(min_length=1)]] = []
    """Groups of similar cell types (labels), by hand: types of one group are similar, types of two groups are not, whatever the ontology says. Pairs with a type that no group names are left to the ontology."""
    values: Literal["counts", "expected_counts", "by_batch", "normalised"] = "counts"
    """`counts`: whole numbers. `expected_counts`: estimated (RSEM and the like), not whole. `by_batch`: batches whose values are not whole are used for ranks only. `normalised`: order only; steps that need counts refuse it."""
    organism: str = "not stated"
    """Species."""
    protocol: str = "not stated"
    """How the cells were sequenced."""
    expect: Expected = Expected()
    """What the file must hold."""
    citations: list[Citation] = []
    """How to cite the data."""
    licence: str = "not stated"
    """Licence or terms of the data, as their source states them."""

    @field_validator("cell_type")
    @classmethod
    def _labelled(cls, value: Labels | None, info: ValidationInfo) -> Labels | None:
        # a section `combine` that is wrong is not in the data, and has an error of its own
        if value is None and info.data.get("combine", 0) is None:
            raise ValueError("is missing; write `cell_type:` (the column of the labels that holds it)")
        return value

    @field_validator("similar")
    @classmethod
    def _in_one_group(cls, value: list[list[str]]) -> list[list[str]]:
        each_once([label for group in value for label in group])
        return value

    @model_validator(mode="after")
    def _own_files_or_those_of_others(self) -> Dataset:
        if self.combine is None:
            return self._one_format()
        stated = [name for name in OF_MEMBERS if name in self.model_fields_set]
        if stated:
            raise ValueError(
                f"combine: each data set is read as its own file says; remove {listing(f'`{name}`' for name in stated)} here"
            )
        if self.ontology is not None and self.ontology.column is not None:
            raise ValueError(
                "ontology.column: combined data sets have no column of ids in common; give `ontology.terms`, for the labels of this file"
            )
        return self

    def _one_format(self) -> Dataset:
        given = [name for name in FORMATS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"has {' and '.join(f'`{name}`' for name in given)}; keep the one that the file is")
        if (self.source is None) == (self.parts is None):
            raise ValueError("names no file, or both one and several; give `source`, or `parts` with a `source` each")
        if self.donors is not None and self.donor is None:
            raise ValueError("donors: needs `donor`: the column of the cells that says which donor a cell is of")
        if self.parts is not None and self.labels is not None:
            raise ValueError("labels: give those of each part under the part")
        if not given and self.format_of_suffix is None:
            raise ValueError(
                "says not how to read the file; add `table:` (CSV, TSV), `h5ad:`, `rds:`, `mtx:` (10x) or `loom:`"
            )
        return self

    @property
    def format_of_suffix(self) -> str | None:
        """The format that the end of the files' names tells, if it tells one that needs no further keys."""
        endings = {"h5ad": (".h5ad", ".h5ad.zip"), "rds": (".rds",)}
        paths = [source.path("") for source in self.sources]
        return next((name for name, ends in endings.items() if all(path.endswith(ends) for path in paths)), None)

    @property
    def sources(self) -> list[Source]:
        """Where the files of expression values come from."""
        if self.combine is not None:
            return []
        return [part.source for part in self.parts.values()] if self.parts else [self.source]

    @property
    def every_source(self) -> list[Source]:
        """Where all files come from, labels and donors too; those of data sets that it combines are theirs."""
        labels = [part.labels for part in self.parts.values()] if self.parts else [self.labels]
        donors = None if self.donors is None else self.donors.source
        return [source for source in (*self.sources, *labels, donors) if source is not None]


class ReleaseFile(Strict):
    """A file of a release."""

    path: str = Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")
    """Path in the repository, the package or the local folder."""
    bytes: int = Field(ge=1)
    """Size; another one is an error."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256; another one is an error."""


class ReleaseFiles(Strict):
    """The files of a release."""

    tokens: ReleaseFile
    """Token dictionary (pickle)."""
    medians: ReleaseFile
    """Dictionary of medians (pickle)."""
    names: ReleaseFile | None = None
    """Dictionary from symbols to Ensembl ids (pickle)."""
    mapping: ReleaseFile | None = None
    """Dictionary from ids and aliases, in upper case, to Ensembl ids (pickle)."""
    config: ReleaseFile | None = None
    """`config.json` of the model; without it the release is a vocabulary only."""
    weights: ReleaseFile | None = None
    """`model.safetensors`; no other format is opened."""

    @model_validator(mode="after")
    def _whole_model(self) -> ReleaseFiles:
        if (self.config is None) != (self.weights is None):
            raise ValueError("has one of `config` and `weights`; a model needs both")
        if self.config is None or self.weights is None:
            return self
        if PurePosixPath(self.weights.path).name != "model.safetensors":
            raise ValueError("weights: must be a file model.safetensors; other formats of weights can run code")
        if PurePosixPath(self.config.path).name != "config.json":
            raise ValueError("config: must be a file config.json")
        if PurePosixPath(self.config.path).parent != PurePosixPath(self.weights.path).parent:
            raise ValueError("config and weights must lie in one folder: they are one model")
        return self


class Release(Strict):
    """A release of Geneformer: one file `config/geneformer/<name>.yaml`."""

    title: str
    """What it is called in figures and text."""
    version: Literal["V1", "V2"]
    """Version of Geneformer: which special tokens there are, and how long an input may be."""
    repository: str | None = Field(None, pattern=r"^https?://[^\s]+[^/\s]$")
    """Address of the repository on the Hugging Face hub, or of a server with the same layout."""
    revision: str | None = Field(None, pattern=r"^[0-9a-f]{40}$")
    """Commit of the repository: a name such as `main` means another model from time to time."""
    package: Source | None = None
    """Package of the Python package index that holds the files (`package`, `bytes`, `sha256`)."""
    local_folder: str | None = None
    """Folder on this machine with the layout of the repository; with it nothing is downloaded."""
    files: ReleaseFiles
    """The files, by what they are."""
    citations: list[Citation] = []
    """How to cite it."""
    licence: str = "not stated"
    """Licence of the files."""

    @model_validator(mode="after")
    def _one_origin(self) -> Release:
        if self.local_folder is None and (self.repository is None) == (self.package is None):
            raise ValueError(
                "names no origin, or two; give `repository` and `revision`, or `package`, or `local_folder`"
            )
        if self.repository is not None and self.revision is None:
            raise ValueError("a repository needs `revision`: the commit to take")
        return self


def known_spaces(names: list[str]) -> list[str]:
    """Return the spaces, with what fitted ones start from, in the order of the registry."""
    for name in names:
        if name not in SPACES:
            raise ValueError(
                f"there is no space {name!r}{did_you_mean(name, SPACES)}; the spaces are {listing(SPACES)}"
            )
    needed = set(names)
    # parents stand before what is fitted on them
    for name in reversed(SPACES):
        if name in needed:
            needed.add(SPACES[name].parent)
    return [name for name in SPACES if name in needed]


def each_once(values: list) -> list:
    """Return the values if none of them occurs twice."""
    repeated = sorted({v for v in values if values.count(v) > 1})
    if repeated:
        raise ValueError(f"{repeated[0]} stands there more than once; name each once")
    return values
