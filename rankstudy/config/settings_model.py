"""How the specification curve asks, which ledgers there are, and what is asked of causes: sections of the study."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from rankstudy.config.common_models import Name, catalogue_of, each_once
from rankstudy.core.errors import advise, did_you_mean, listing
from rankstudy.core.strict import Strict
from rankstudy.measures.settings.tables import AS_MEASURED, ONE_TOTAL, SELECTED, SHARED


class Declared(Strict):
    """The setting that text and overviews are about, written down before any result: changing it changes no curve."""

    measure: Literal["correlation", "cosine"] = "correlation"
    """How alike two vectors are; pairs with an order have `correlation` alone."""
    centred: bool = False
    """Whether the mean cell is subtracted first."""
    panel: Literal[SELECTED, SHARED] = SELECTED
    """Genes: `selected` by the study, or `shared` by the vocabularies of several models."""
    depth: Literal[AS_MEASURED, ONE_TOTAL] = AS_MEASURED
    """Cells `as measured`, or at `one total`."""
    reason: str = (
        "with the order of the counts it is the original study's question, Spearman's correlation on the genes of an "
        "ordinary analysis"
    )
    """Why this one, in words; the article prints it. Another setting needs a reason of its own."""

    @model_validator(mode="after")
    def _reason_is_of_this_one(self) -> Declared:
        default = type(self).model_construct()
        if self.reason == default.reason and self.model_dump() != default.model_dump():
            problem = "another setting is declared, for the reason of the default one, which the article would print"
            raise ValueError(advise(problem, "write yours, `reason: ...`"))
        return self


class Settings(Strict):
    """The specification curve: pairs of encodings, compared in every setting."""

    replicates: int = Field(1, ge=0)
    """Replicates that have a curve, the first ones of `seeds`; 0: none."""
    cells: int = Field(5000, ge=50)
    """Cells of a data set and replicate, at most; drawn by seed and cell id."""
    neighbours: int = Field(15, ge=1)
    """Cells of a neighbourhood."""
    draws: int = Field(5, ge=2)
    """Draws of the molecules that bring cells to one total."""
    genes: Name = "shared_by_models"
    """File in `config/genes/`, without `.tsv`: the genes of the panel `shared`."""
    also: list[str] = []
    """Encodings over genes that have a curve although they are no spaces of the study."""
    pairs: list[tuple[str, str]] = []
    """Further pairs (encoding, what it is compared with), in data sets that have both. Every encoding over genes is
    compared with the first of `uncertainty.references` that is one, and no order, in any case."""
    declared: Declared = Declared()
    """The setting that text and overviews are about, written down before any result: changing it changes no curve."""

    @field_validator("also")
    @classmethod
    def _over_genes(cls, value: list[str], info: ValidationInfo) -> list[str]:
        _require_over_genes(value, info)
        return each_once(value)

    @field_validator("pairs")
    @classmethod
    def _of_encodings(cls, value: list[tuple[str, str]], info: ValidationInfo) -> list[tuple[str, str]]:
        _require_over_genes([name for pair in value for name in pair], info)
        return each_once(value)


class Lattice(Strict):
    """What each step costs on the way from counts to an encoding, on the cells and genes of `settings`."""

    replicates: int = Field(1, ge=0)
    """Replicates that have ledgers, the first ones of `seeds`; 0: none."""
    ledgers: list[str] = []
    """Encodings to which a ledger leads, from the first of `uncertainty.references` that is one and no order; they
    need not be spaces of the study. Without any, nothing is taken apart."""

    @field_validator("ledgers")
    @classmethod
    def _of_known_steps(cls, value: list[str], info: ValidationInfo) -> list[str]:
        spaces = catalogue_of(info).spaces
        possible = [name for name, space in spaces.items() if space.is_corner]
        for name in value:
            if name in spaces and spaces[name].has_curve and not spaces[name].is_corner:
                further = f"name one that does: {listing(possible, 40)}"
                raise ValueError(advise(f"{name!r} does not declare its steps", "declare them beside it", further))
            if name not in possible:
                problem = f"{name!r} is no encoding whose steps are known{did_you_mean(name, possible)}"
                raise ValueError(advise(problem, f"name one that there is: {listing(possible, 40)}"))
        return each_once(value)


class Causes(Strict):
    """Depth, twins, ties and changes of one gene: every encoding over genes, on the cells and genes of `settings`."""

    replicates: int = Field(1, ge=0)
    """Replicates in which causes are looked for, the first ones of `seeds`; 0: none."""
    depths: list[float] = [0.5, 0.25, 0.1, 0.05]
    """Shares of the molecules that cells are thinned to, beside all of them; a half is among them, as twins have it."""
    tie_rules: int = Field(10, ge=2)
    """Random rules for ties that the same cell is encoded by."""
    changed_cells: int = Field(200, ge=1)
    """Cells of which single genes are changed; drawn by seed and cell id, evenly over types."""
    undetected: int = Field(50, ge=1)
    """Genes that such a cell lacks and is given, drawn by seed, cell id and gene."""

    @field_validator("depths")
    @classmethod
    def _shares(cls, value: list[float]) -> list[float]:
        if not all(0 < depth < 1 for depth in value):
            raise ValueError(advise("depths are shares of the molecules", "give numbers between 0 and 1"))
        if 0.5 not in value:
            raise ValueError(advise("0.5 is not among the depths, and twins are compared with cells there", "add it"))
        return sorted(each_once(value), reverse=True)


def _require_over_genes(names: list[str], info: ValidationInfo) -> None:
    possible = [name for name, space in catalogue_of(info).spaces.items() if space.has_curve]
    for name in names:
        if name not in possible:
            problem = f"{name!r} is no encoding over genes{did_you_mean(name, possible)}"
            raise ValueError(advise(problem, f"name one that there is: {listing(possible, 40)}"))
