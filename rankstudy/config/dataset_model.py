"""A data set as a typed model: the source of its schema, its documentation and its checks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from rankstudy.config.common_models import TERM, Citation, Name, Overrides, each_once
from rankstudy.config.embedding_model import Embedding
from rankstudy.config.formats_model import (
    FORMATS,
    H5adFormat,
    LoomFormat,
    MtxFormat,
    RdsFormat,
    TableFormat,
    TenxH5Format,
)
from rankstudy.config.labels_model import ColumnOrLabels, Labels
from rankstudy.config.states_model import OfDonors, States
from rankstudy.config.treatment_model import Treatment
from rankstudy.core.errors import advise, listing
from rankstudy.core.strict import Strict
from rankstudy.sources.kinds import zarr_store
from rankstudy.sources.separators import Separator
from rankstudy.sources.source import Source
from rankstudy.sources.tenx import ROLES


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
    """Where the labels of a `table`, `mtx` or `tenx_h5` come from, if they are a file of their own."""
    features: Source | None = None
    """Where the `features.tsv` or `genes.tsv` of an `mtx` comes from; without it the one beside a matrix on this
    machine is taken."""
    barcodes: Source | None = None
    """Where the `barcodes.tsv` of an `mtx` comes from; without it the one beside a matrix on this machine is taken."""
    cells: int | None = None
    """Expected number of cells."""


class Donors(Strict):
    """A table of the donors: CSV or TSV, one row each."""

    source: Source
    """Where the table comes from."""
    key: str
    """Its column that holds the donor, as `donor` of the cells does."""
    separator: Separator | None = None
    """What separates its columns; without it, it is found in the header."""


class Terms(Strict):
    """What the cell types of a data set are called in the Cell Ontology."""

    column: str | None = None
    """Column of the cells that holds the ids, as for `cell_type`; all cells of a type must have the same one."""
    by_name: bool = False
    """Take a label that is the name of a term, upper and lower case alike, for that term; for labels that come from the
    Cell Ontology."""
    terms: dict[str, Annotated[str, Field(pattern=TERM)]] = {}
    """Id of each cell type (label: CL:0000169); goes before the column, and that before the name. Types without an id
    stay unknown: their relations are counted apart, and ids for them are suggested in the table
    `ontology_suggestions`."""


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


class Member(Strict):
    """A data set that takes part in a combined one."""

    labels: dict[str, str] = {}
    """What its cell types are called here, as `{NK cells: NK cell}`; a type that is not named keeps its label."""
    batch: Literal["dataset", "own"] = "dataset"
    """`dataset`: all its cells are of one batch, which has its name. `own`: its own batches, as `<data set>/<batch>`
    where several data sets are combined."""


# those whose labels may be a file of their own
LABELS_BESIDE = ("table", "mtx", "tenx_h5")

# what may be a file of its own beside that of the expression values
BESIDE = ("labels", *ROLES)

# keys that say how files are read: a combined data set has none, its members have them
OF_MEMBERS = (
    "source",
    *BESIDE,
    "parts",
    "keep",
    *FORMATS,
    "cell_type",
    "batch",
    "donor",
    "donors",
    "values",
    "treatment",
    "feature_types",
    "missing",
    "states",
)


class Dataset(Overrides):
    """A data set: one file `config/datasets/<name>.yaml`."""

    title: str
    """What it is, in one line."""
    source: Source | None = None
    """Where the file comes from."""
    labels: Source | None = None
    """Where the labels of a `table`, `mtx` or `tenx_h5` come from, if they are a file of their own."""
    features: Source | None = None
    """Where the `features.tsv` or `genes.tsv` of an `mtx` comes from; without it the one beside a matrix on this
    machine is taken."""
    barcodes: Source | None = None
    """Where the `barcodes.tsv` of an `mtx` comes from; without it the one beside a matrix on this machine is taken."""
    parts: dict[Name, Part] | None = Field(None, min_length=1)
    """Instead of `source`: the files of a data set that has several, by name. All are read alike; genes that all have
    are used."""
    combine: dict[Name, Member] | None = Field(None, min_length=1)
    """Instead of `source`: other data sets, by the names of their files, as one. Each is read as its own file says;
    genes that all have are used."""
    keep: Keep | None = None
    """Which cells are used; without it all are."""
    table: TableFormat | None = None
    """How to read CSV or TSV."""
    h5ad: H5adFormat | None = None
    """How to read an h5ad; may be omitted when the file's name ends in .h5ad and the counts are in `X`."""
    rds: RdsFormat | None = None
    """How to read an RDS file; may be omitted when the file's name ends in .rds and the layer is `counts`."""
    mtx: MtxFormat | None = None
    """How to read a 10x folder."""
    tenx_h5: TenxH5Format | None = None
    """How to read a 10x HDF5 file; may be omitted when the file's name ends in .h5."""
    loom: LoomFormat | None = None
    """How to read a loom file; may be omitted when the file's name ends in .loom."""
    cell_type: ColumnOrLabels | None = Field(None, validate_default=True)
    """Required, but for `combine`. The cell type of each cell: a column, or `{column, pattern, otherwise}`."""
    batch: ColumnOrLabels | None = None
    """The batch of each cell; without it all cells are of one batch."""
    donor: ColumnOrLabels | None = None
    """The donor of each cell, if known."""
    donors: Donors | None = None
    """What is known of the donors, for the table `donors`."""
    ontology: Terms | None = None
    """What the cell types are called in the Cell Ontology; without it no ontology is used. `{}` asks for suggestions
    alone."""
    similar: list[Annotated[list[str], Field(min_length=1)]] = []
    """Groups of similar cell types (labels), by hand: types of one group are similar, types of two groups are not,
    whatever the ontology says. Pairs with a type that no group names are left to the ontology."""
    values: Literal["counts", "expected_counts", "by_batch", "cpm", "normalised"] = "counts"
    """`counts`: whole numbers. `expected_counts`: estimated (RSEM and the like), not whole. `by_batch`: batches whose
    values are not whole are used for ranks only. `cpm`: scaled so that every cell has the same total (CPM, TPM),
    without a logarithm: proportions; steps that need counts refuse it. `normalised`: order only; steps that need more
    refuse it."""
    treatment: Treatment | None = None
    """What is done to the counts of the selected cells before all else, so that the whole study runs on treated cells:
    `{thin: 0.25}`, `{one_total: 1000}`, `{twin: first}`, `{change: {gene: INS, factor: 2}}`. Only of counts."""
    embeddings: dict[str, Embedding] = {}
    """Embeddings that were made elsewhere, by names of your own, each with the spaces `<name>` and `<name>-umap`, which
    are compared where `spaces` names them: `{obsm: X_scGPT}`, an entry of the data set's own h5ad, or
    `{file: uce.parquet}`. Rows are joined by the ids of the cells, and audited first (`audit`, `docs/judging.md`)."""
    states: States | None = None
    """A state within cell types, such as a disease or a stimulation, and how well each space tells it
    (`docs/states.md`): `{condition: disease, within: cell_type, unit: donor}`."""
    feature_types: list[str] | None = Field(["Gene Expression"], min_length=1)
    """Which features are genes, where the file says of each what it is, as 10x does: antibodies, guides and tags are
    left out. `null` takes all."""
    missing: list[str] = ["NA", "nan", "NaN", "None", "<NA>"]
    """Words in columns of cells (and of donors) that mean that there is no value, whatever the format; empty text and a
    format's own missing values always do."""
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
            raise ValueError(advise("is missing", "write `cell_type:` (the column of the labels that holds it)"))
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
            problem = "combine: each data set is read as its own file says"
            raise ValueError(advise(problem, f"remove {listing(f'`{name}`' for name in stated)} here"))
        if self.ontology is not None and self.ontology.column is not None:
            problem = "ontology.column: combined data sets have no column of ids in common"
            raise ValueError(advise(problem, "give `ontology.terms` in its place, for the labels of this file"))
        return self

    def _one_format(self) -> Dataset:
        if self.keep is not None and (words := [value for value in self.keep.values if value in self.missing]):
            problem = f"keep.values: {listing(words)} means that there is no value"
            raise ValueError(advise(problem, "write `missing: []`, or other words that mean so"))
        given = [name for name in FORMATS if getattr(self, name) is not None]
        if len(given) > 1:
            problem = f"has {' and '.join(f'`{name}`' for name in given)}"
            raise ValueError(advise(problem, "keep the one that the file is"))
        if (self.source is None) == (self.parts is None):
            problem = "names no file, or both one and several"
            raise ValueError(advise(problem, "give `source` alone", "give `parts` alone, with a `source` each"))
        if self.donors is not None and self.donor is None:
            problem = "donors: no column says which donor a cell is of"
            raise ValueError(advise(problem, "give `donor`, that column of the cells"))
        self._states_can_be_told()
        for role in BESIDE:
            if self.parts is not None and getattr(self, role) is not None:
                problem = f"{role}: stands beside `parts`, which have files of their own"
                raise ValueError(advise(problem, f"give those of each part under the part (`parts.<name>.{role}`)"))
        stores = [path for path in (source.path("") for source in self.sources) if path.rstrip("/").endswith(".zarr")]
        if stores:
            raise ValueError(f"source: {stores[0]} is {zarr_store(stores[0])}")
        if not given and self.format_of_suffix is None:
            raise ValueError(
                advise(
                    "says not how to read the file",
                    "add `table:` (CSV, TSV) with its keys",
                    "`h5ad: {}`",
                    "`rds: {}`",
                    "`mtx: {}` (10x folder)",
                    "`tenx_h5: {}` (10x HDF5)",
                    "`loom: {}`",
                )
            )
        return self

    def _states_can_be_told(self) -> None:
        if self.states is None:
            return
        if getattr(self, self.states.unit) is None:
            problem = f"states: the unit is the {self.states.unit}, and no column says which one a cell is of"
            raise ValueError(advise(problem, f"give `{self.states.unit}`, that column of the cells"))
        if isinstance(self.states.condition, OfDonors) and (self.donors is None or self.states.unit != "donor"):
            problem = "states.condition: there is no table of `donors`, or donors are not the unit"
            raise ValueError(advise(problem, "give `donors`", "name a column of the cells"))

    @property
    def format_of_suffix(self) -> str | None:
        """The format that the end of the files' names tells, if it tells one that needs no further keys."""
        endings = {"h5ad": (".h5ad", ".h5ad.zip", ".h5mu"), "rds": (".rds",), "loom": (".loom",), "tenx_h5": (".h5",)}
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
        beside = [getattr(part, role) for part in (self.parts or {"": self}).values() for role in BESIDE]
        donors = None if self.donors is None else self.donors.source
        return [source for source in (*self.sources, *beside, donors) if source is not None]
