"""Ledgers as figures and text look at them: what a step is called, and which steps cost, gain, or do neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from rankstudy.measures.lattice.tables import FIRST, FORM, KEPT, LOGARITHM, SCALING, TIES, TOTAL, VOCABULARY
from rankstudy.measures.verdict import BETTER, WORSE

Row = Mapping[str, Any]
# a step by the level that it leads to; "" stands for any other one
_WORDS: Mapping[str, Mapping[str, str]] = {
    TOTAL: {
        "none": "no depth normalisation",
        "all genes": "depth normalisation",
        "its genes": "depth of the model’s genes alone",
    },
    VOCABULARY: {
        "file": "all genes",
        "panel": "only the selected genes",
        "symbols": "genes by their symbols",
        "": "only the model’s genes",
    },
    SCALING: {"none": "no division by medians", "": "divide by the corpus’s medians"},
    LOGARITHM: {"none": "no logarithm", "ln": "natural logarithm", "log2": "logarithm to base 2"},
    KEPT: {
        "value": "keep the values",
        "order": "keep only the order",
        "presence": "keep only what was detected",
        "": "keep only {}",
    },
    FIRST: {"all": "all genes of the order", "": "only the first {} genes"},
    TIES: {
        "shared": "ties share a place",
        "columns": "break ties by the list of genes",
        "chance": "break ties at random",
    },
    FORM: {"rank": "places as ranks", "logarithm": "logarithm of the place"},
}


class Told(NamedTuple):
    """Steps by what they do, the largest first: those that cost, those that gain, and those that do neither."""

    costs: list[Any]
    gains: list[Any]
    neither: list[Any]


def step_in_words(step: str, after: str) -> str:
    """Return what a step does, for who knows cells and no lattice: by the level that it leads to."""
    words = _WORDS[step]
    shown = f"{int(after):,}" if after.isdecimal() else after
    return words.get(after, words.get("", "")).format(shown)


def told(steps: Iterable[Any], of: Callable[[Any], Row]) -> Told:
    """Return steps by their verdicts; `of` returns the row of the table `ledger` of a step."""
    found = sorted(steps, key=lambda step: -abs(of(step)["estimate"]))
    costs, gains = ([step for step in found if of(step)["verdict"] == verdict] for verdict in (WORSE, BETTER))
    return Told(costs, gains, [step for step in found if of(step)["verdict"] not in (BETTER, WORSE)])
