"""A treatment of a data set's counts, as its YAML file names it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from rankstudy.core.errors import advise, listing
from rankstudy.core.strict import Strict


class Change(Strict):
    """One gene whose count is changed in every cell."""

    gene: str
    """The gene, as it is named in the file."""
    factor: float | None = Field(None, ge=0, le=1000)
    """What its count is multiplied by, rounded down; a count of 1 or more keeps one molecule, unless it is 0."""
    add: int | None = Field(None, ge=1, le=1000)
    """Molecules that cells get which have none of it."""

    @model_validator(mode="after")
    def _one_way(self) -> Change:
        if (self.factor is None) == (self.add is None):
            raise ValueError(advise("says not how, or in two ways", "give `factor` alone", "give `add` alone"))
        return self


class Treatment(Strict):
    """A change of the counts before anything else is done with them: one of these."""

    thin: float | None = Field(None, gt=0, le=1)
    """The probability with which each molecule is kept: cells as if they had been sequenced less deeply."""
    one_total: int | None = Field(None, ge=1)
    """As many molecules of each cell, drawn without replacement; cells with fewer are left out."""
    twin: Literal["first", "second"] | None = None
    """One of two halves of each cell's molecules: that which `thin: 0.5` keeps, or the rest."""
    change: Change | None = None
    """One gene's count is changed."""

    @model_validator(mode="after")
    def _one(self) -> Treatment:
        given = [name for name, value in self if value is not None]
        if len(given) != 1:
            problem = f"names {len(given)} treatments ({listing(given)})" if given else "names no treatment"
            raise ValueError(advise(problem, "give one of `thin`, `one_total`, `twin` and `change`"))
        return self
