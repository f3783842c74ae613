"""What twins of cells, other rules for ties and places in the order alone tell of encodings: in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from rankstudy.measures.causes.tables import (
    AGREEMENT,
    BETWEEN_TYPES,
    COLUMNS,
    CONTROLS,
    FOUND,
    HALF,
    ONE_HOT,
    RELIABILITY,
    THINNED,
)
from rankstudy.measures.uncertainty.tables import OWN_TYPE
from rankstudy.report.article.looked_at import by, encodings
from rankstudy.report.article.numbers import Number
from rankstudy.report.article.sentences.settings import called
from rankstudy.report.article.study import Dataset
from rankstudy.report.article.text import NONE, Grid, grid, joined, text
from rankstudy.report.causes import CONTROL_TITLES

Row = dict[str, Any]


def title(dataset: Dataset, name: str) -> Any:
    """Return what an encoding or control is called."""
    return CONTROL_TITLES[name] if name in CONTROLS and name not in encodings(dataset) else called(dataset, name)


def _twin(dataset: Dataset, space: str, statistic: str, column: str = "value", **how: Any) -> Number:
    where = {**by(dataset, "twins", space), "cell_type": None, "keep": HALF, "statistic": statistic}
    return dataset.of_first("twins", column, **{"style": "percent", "digits": 2, **how}, **where)


def _has_twins(dataset: Dataset, space: str, statistic: str) -> bool:
    return dataset.has("twins", seed=dataset.study.first, space=space, statistic=statistic, keep=HALF)


def twins(dataset: Dataset) -> Markup:
    """Return which encodings find the other half of a cell most and least often, and what that does not say."""
    known = [name for name in encodings(dataset) if _has_twins(dataset, name, FOUND)]
    if not known:
        return Markup("")
    ordered = sorted(known, key=lambda name: -_twin(dataset, name, FOUND).raw)
    ends = [text("{} ({})", _twin(dataset, name, FOUND), called(dataset, name)) for name in (ordered[0], ordered[-1])]
    control = text(" ({})", _twin(dataset, ONE_HOT, FOUND)) if _has_twins(dataset, ONE_HOT, FOUND) else ""
    return text(
        "The molecules of each cell, split at random into two halves, are two measurements of one cell. Among all "
        "other halves its twin is the nearest of {}. Twins repeat the counting and nothing else, and bound nothing: "
        "one-hot types find them by chance{} and tell all types.",
        text("{} to {} of the cells", *ends) if len(known) > 1 else text("{} of the cells", ends[0]),
        control,
    )


def full_depth(dataset: Dataset) -> Markup:
    """Return the reliability at full depth where quarters predict halves, and where they do not."""
    rows = dataset.rows("reliabilities", "space", "holds", seed=dataset.study.first)
    known = {row["space"]: row["holds"] for row in rows}
    holds, fails = ([name for name in encodings(dataset) if known.get(name) is of] for of in (True, False))

    def of(name: str) -> Markup:
        return text("{} ({})", _full(dataset, name), called(dataset, name))

    said = [
        text(
            "Quarters of cells predict halves, so that the reliability at full depth follows: {}.",
            joined(map(of, holds), "; "),
        )
        if holds
        else "",
        text(
            "Quarters do not predict halves, so that nothing is said of full depth: {}.",
            joined((called(dataset, name) for name in fails), "; "),
        )
        if fails
        else "",
    ]
    return joined(said)


def _full(dataset: Dataset, space: str) -> Number:
    return dataset.of_first("reliabilities", "full", space=space, style="probability", digits=2)


def twin_table(dataset: Dataset) -> Grid:
    """Return what the halves of cells have in common, beside cells at half depth."""
    known = [name for name in (*encodings(dataset), *CONTROLS) if _has_twins(dataset, name, FOUND)]
    caption = Markup(
        "Two halves of each cell: share of cells whose nearest is the twin, share of nearest cells that both halves "
        "have, correlation of halves within types; beside them the share of the own type among the nearest of cells at "
        "half depth."
    )
    heads = ["Encoding", "Nearest is the twin", "Neighbours agree", "Reliability", "Own type, half depth"]
    return grid(caption, heads, [_twin_row(dataset, name) for name in known])


def _twin_row(dataset: Dataset, name: str) -> list[Any]:
    how = {"style": "probability", "digits": 3}
    found = [
        _twin(dataset, name, of, **how) if _has_twins(dataset, name, of) else NONE
        for of in (FOUND, AGREEMENT, RELIABILITY)
    ]
    where = {**by(dataset, "depths", name), "treatment": THINNED, "keep": HALF, "statistic": OWN_TYPE}
    known = dataset.has("depths", seed=dataset.study.first, **where)
    return [title(dataset, name), *found, dataset.of_first("depths", "value", **how, **where) if known else NONE]


def ties(dataset: Dataset) -> list[Any]:
    """Return how much of a cell a random rule for ties changes, and what an order of ties that all cells share adds."""
    known = [name for name in encodings(dataset) if dataset.has("ties", space=name, seed=dataset.study.first)]
    if not known:
        return []
    most = max(known, key=lambda name: _tie(dataset, name, "way").raw)
    said = text(
        "Under {} random rules for ties a cell moves at most {} of the way to a cell of its type ({}; likeness with "
        "itself {}, within the type {}).",
        _tie(dataset, most, "rules"),
        _tie(dataset, most, "way", style="percent", digits=2),
        called(dataset, most),
        *(_tie(dataset, most, of, style="probability") for of in ("own", "within")),
    )
    return [joined([said, *shared_ties(dataset)]), tie_table(dataset, known)]


def _tie(dataset: Dataset, space: str, column: str, **how: Any) -> Number:
    return dataset.of_first("ties", column, **by(dataset, "ties", space), cell_type=None, **how)


def shared_ties(dataset: Dataset) -> list[Markup]:
    """Return how much likeness between types comes from ties in the order of the columns, where that is published."""
    found = []
    for name in encodings(dataset):
        where = {"rule": COLUMNS, "published": True, "statistic": BETWEEN_TYPES}
        if dataset.has("tie_rules", seed=dataset.study.first, space=name, **where):
            where |= by(dataset, "tie_rules", name)
            numbers = (
                dataset.of_first("tie_rules", column, style="probability", **where)
                for column in ("estimate", "low", "high")
            )
            found.append(text("{} [{}, {}] ({})", *numbers, called(dataset, name)))
    words = (
        "Ties in the order of the list of genes, the same in all cells, change the likeness of different types, beside "
        "ties at random, by {}: no sight of the cell."
    )
    return [text(words, joined(found, "; "))] if found else []


def tie_table(dataset: Dataset, known: Sequence[str]) -> Grid:
    """Return how alike a cell is to itself under other rules for ties, beside cells of its type and of others."""
    rows = [
        [
            called(dataset, name),
            *(_tie(dataset, name, of, style="probability") for of in ("own", "within", "between")),
            *(_tie(dataset, name, of, style="percent", digits=2) for of in ("way", "changed", "tied")),
        ]
        for name in known
    ]
    caption = Markup(
        "The same cell under random rules for ties: mean likeness with itself, with cells of its type and of others; "
        "share of the way to its type; values that another rule changes; genes that share their value."
    )
    heads = ["Encoding", "Itself", "Within", "Between", "Way", "Changed", "Tied"]
    return grid(caption, heads, rows)


def reconstruction(dataset: Dataset) -> list[Markup]:
    """Return how much of expression the place alone gives back, in the encodings with the highest and lowest R²."""
    where = {"cell_type": None, "of": "cells", "among": "listed", "seed": dataset.study.first}
    known = [name for name in encodings(dataset) if dataset.has("reconstructions", space=name, **where)]
    if not known:
        return []

    def r2(name: str, column: str = "r2") -> Number:
        return dataset.value("reconstructions", column, space=name, style="probability", digits=2, **where)

    ends = dict.fromkeys([max(known, key=lambda name: r2(name).raw), min(known, key=lambda name: r2(name).raw)])
    said = [
        text("{} in {} (by the gene’s mean alone: {})", r2(name), called(dataset, name), _mean_of(dataset, name, where))
        for name in ends
    ]
    words = (
        "Read back from the place in the order alone, learnt on other cells, expression has in the median cell an R² "
        "of {}."
    )
    return [text(words, joined(said, " to "))]


def _mean_of(dataset: Dataset, space: str, where: Row) -> Any:
    row = dataset.rows("reconstructions", "r2_mean", space=space, **where)[0]
    if row["r2_mean"] is None:
        return "not known"
    return dataset.value("reconstructions", "r2_mean", space=space, style="probability", digits=2, **where)
