"""What a study and a data set may both state, and the checks that their models share."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from rankstudy.core.errors import advise, did_you_mean, listing
from rankstudy.core.strict import Strict
from rankstudy.spaces.catalogue import BUILT_IN, Catalogue

# names of data sets and parts: they are names of files and folders, which file systems limit to 255 bytes
NAME = r"^[a-z][a-z0-9_]{0,99}$"


def _is_name(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, str) and re.match(NAME, value)):
        return value
    problem = f"{value!r} is no name"
    raise ValueError(
        advise(
            problem, "rename it: a lower-case letter, then at most 99 lower-case letters, digits and _, such as cells_2"
        )
    )


Name = Annotated[str, BeforeValidator(_is_name), Field(pattern=NAME)]

TERM = r"^CL:\d{7}$"

# harmonypy takes no larger seeds
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


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

    method: Literal["highly_variable", "flagged", "listed", "all"] = "highly_variable"
    """`highly_variable` (scanpy, dispersion of log1p CP10K), `flagged` (a column of the data set), `listed` (a file),
    or `all`."""
    number: int = Field(2000, ge=10)
    """Genes to take when the method is `highly_variable`."""
    column: str | None = None
    """Column of the genes (`var` of an h5ad, `row_attrs` of a loom, `meta.features` of a Seurat assay) that is true for
    the genes to use, when the method is `flagged`."""

    list: Name = "shared_by_models"
    """File in `config/genes/`, without `.tsv`, with the genes to use when the method is `listed`: columns `ensembl_id`
    and `symbols` (several with spaces between). The default has the genes in the vocabularies of Geneformer V1 and V2,
    scGPT, scBERT and scFoundation (`tools/gene_list.py`)."""

    @model_validator(mode="after")
    def _column_if_flagged(self) -> Genes:
        if self.method == "flagged" and not self.column:
            problem = "method 'flagged' takes the genes that a column marks, and none is named"
            raise ValueError(advise(problem, "give `column`, the true/false column of the genes"))
        return self


class Overrides(Strict):
    """What a data set may set differently from the study."""

    spaces: list[str] | None = None
    """Spaces to compare (names: see `rankstudy/spaces/registry.py`)."""
    selection: Selection | None = None
    """Which cells are drawn; keys that are left out stay those of the study."""
    genes: Genes | None = None
    """Which genes the spaces use; keys that are left out stay those of the study."""

    @field_validator("spaces")
    @classmethod
    def _known_spaces(cls, value: list[str] | None, info: ValidationInfo) -> list[str] | None:
        return None if value is None else known_spaces(value, catalogue_of(info))


class Citation(Strict):
    """How to cite the data."""

    text: str
    """Authors, title, journal, year."""
    doi: str | None = None
    """DOI, without the address of the resolver."""
    accession: str | None = None
    """Accession in a public archive, such as GSE84133."""


def catalogue_of(info: ValidationInfo) -> Catalogue:
    """Return the spaces and models that can be named in a value: those of the package, or of the study."""
    return info.context or BUILT_IN


def known_spaces(names: list[str], catalogue: Catalogue) -> list[str]:
    """Return the spaces, with what fitted ones start from, in the order of the catalogue."""
    spaces = catalogue.spaces
    for name in names:
        if name not in spaces:
            problem = f"there is no space {name!r}{did_you_mean(name, spaces)}"
            named = listing([known for known in spaces if not spaces[known].is_view], 40)
            further = "name an encoding with another measure, such as expression@cosine or rank@cosine-centred"
            raise ValueError(advise(problem, f"name spaces that there are: {named}", further))
    needed = set(names)
    # parents stand before what is fitted on them
    for name in reversed(spaces):
        if name in needed:
            needed.add(spaces[name].parent)
    return [name for name in spaces if name in needed]


def each_once(values: list) -> list:
    """Return the values if none of them occurs twice."""
    repeated = sorted({v for v in values if values.count(v) > 1})
    if repeated:
        raise ValueError(advise(f"{repeated[0]} stands there more than once", "name each once"))
    return values
