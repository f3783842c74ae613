"""The steps on the way from counts to an encoding, as an encoding declares them: what a ledger takes apart.

Each step has a level that leaves things as they are. Levels that make no difference are not told apart: an order does
not depend on the total of a cell or on a logarithm, and only an order has a cut and a form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Total = Literal["none", "all genes", "its genes"]
Logarithm = Literal["none", "ln", "log2"]
Kept = Literal["value", "bins", "levels", "order", "presence"]
Ties = Literal["shared", "columns", "chance"]
Form = Literal["rank", "logarithm"]

_CHOICES = {"total": Total, "logarithm": Logarithm, "kept": Kept, "ties": Ties, "form": Form}
# what a monotone change within a cell leaves as it is
MONOTONE = ("bins", "order", "presence")
# what equal values can be told apart in
TIED = ("bins", "order")


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What an encoding does to the counts of a cell, step by step; its genes are what `SpaceSpec.vocabulary` says.

    Attributes
    ----------
    total
        Each count over what total of the cell, times 10,000: of `all genes` of the file, of `its genes`, or `none`.
    scaled
        Whether it is divided by the gene's median over a corpus, that of its vocabulary.
    logarithm
        `ln` or `log2` of one plus the value, or `none`.
    kept
        What is kept of the values: the `value`, `bins` of the cell's own quantiles, whole `levels` of the value, the
        `order`, or the `presence`.
    number
        Edges of bins, or the highest level.
    first
        An order holds the first so many genes; None: all that have a value.
    ties
        Equal values have one rank, or bin, that they share (`shared`), stand in the order of the `columns`, or are told
        apart by `chance`, per seed, cell and gene.
    form
        Of an order the `rank`, or the `logarithm` of the place.
    """

    total: Total = "none"
    scaled: bool = False
    logarithm: Logarithm = "none"
    kept: Kept = "value"
    number: int | None = None
    first: int | None = None
    ties: Ties = "shared"
    form: Form = "rank"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in get_args(choices):
                raise ValueError(f"steps: {name} is {getattr(self, name)!r}, none of {', '.join(get_args(choices))}")
