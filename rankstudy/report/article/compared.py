"""Which spaces are compared with which, and what is said of them over all replicates.

One question has one answer: a pair that has a specification curve is judged by it, in the declared setting, and any
other one by the table `differences`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from rankstudy.core.errors import StudyError
from rankstudy.measures.settings.tables import PARTS
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.curves import declared_setting, first_curve
from rankstudy.report.tables import ANSWER, ANSWERED, VARIES


class Pair(NamedTuple):
    """A space and the reference that it is compared with."""

    space: str
    reference: str


def pairs(dataset: Dataset, statistic: str = AUROC) -> list[Pair]:
    """Return the pairs that the table `differences` has, in its order."""
    rows = dataset.rows("differences", "space", "reference", statistic=statistic, seed=dataset.study.first)
    return list(dict.fromkeys(Pair(row["space"], row["reference"]) for row in rows))


def reference(dataset: Dataset) -> str | None:
    """Return the reference of the tables of all spaces: a baseline, if possible; None where nothing is compared."""
    found = list(dict.fromkeys(pair.reference for pair in pairs(dataset)))
    baselines = [name for name in found if dataset.study.declared(name)["role"] == "baseline"]
    return next(iter([*baselines, *found]), None)


def curves(dataset: Dataset) -> list[Pair]:
    """Return the pairs of encodings that have a specification curve, but for those that had to be left out."""
    planned = [Pair(*pair) for pair in dataset.about["curves"]]
    return [pair for pair in planned if dataset.has("curves", seed=dataset.study.first, **pair._asdict())]


def ledgers(dataset: Dataset) -> list[Pair]:
    """Return the encodings that have a ledger with where it starts, but for those that had to be left out."""
    planned = [Pair(*pair) for pair in dataset.about["ledgers"]]
    return [pair for pair in planned if dataset.has("ledger", seed=dataset.study.first, **pair._asdict())]


def first_pair(dataset: Dataset) -> Pair | None:
    """Return the pair that the first sentence is about: the first encoding and the reference of all spaces.

    None where these are not compared.
    """
    if found := first_curve(curves(dataset), dataset.main, dataset.spaces):
        return Pair(*found)
    pair = Pair(dataset.main, reference(dataset) or "")
    return pair if pair in pairs(dataset) else None


def against_of(dataset: Dataset, pair: Pair) -> str:
    """Return the space that stands for the reference: its vectors by the metric of the space, if there are."""
    where = {"statistic": AUROC, "seed": dataset.study.first, **pair._asdict()}
    return dataset.rows("differences", "against", **where)[0]["against"]


def declared(dataset: Dataset, pair: Pair) -> dict[str, Any]:
    """Return the declared setting of a pair, or what comes nearest to it in the data set, by the parts of a setting."""
    return _declared(dataset, pair, "specifications", claim=True)


def declared_of_ledger(dataset: Dataset, pair: Pair) -> dict[str, Any]:
    """Return the declared setting of a ledger, or what comes nearest to it in the data set."""
    return _declared(dataset, pair, "ledger")


def _declared(dataset: Dataset, pair: Pair, table: str, **where: Any) -> dict[str, Any]:
    rows = dataset.rows(table, *PARTS, seed=dataset.study.first, **pair._asdict(), **where)
    return declared_setting(rows, {part: dataset.study.setting(f"settings.declared.{part}") for part in PARTS})


def compared_with(dataset: Dataset, of: str, statistic: str = AUROC) -> list[str]:
    """Return the spaces that are compared with a reference in a number, but for those whose curves answer that."""
    answered = curves(dataset) if statistic in ANSWERED else []
    return [pair.space for pair in pairs(dataset, statistic) if pair.reference == of and pair not in answered]


def smallest(dataset: Dataset, statistic: str) -> int | None:
    """Return the fewest neighbours that a statistic is given for; None where none are looked at."""
    rows = dataset.rows("differences", "k", statistic=statistic, seed=dataset.study.first)
    return min((row["k"] for row in rows if row["k"] is not None), default=None)


def verdict_of(dataset: Dataset, statistic: str, k: int | None, pair: Pair) -> str:
    """Return what every replicate says of a pair of spaces, or VARIES.

    Raises
    ------
    StudyError
        If a replicate says nothing of it.
    """
    words = set()
    for seed in dataset.study.seeds:
        where = {"statistic": statistic, "k": k, "seed": seed, **pair._asdict()}
        row = dataset.rows("differences", "verdict", **where)
        if not row:
            path = dataset.study.numbers.path(dataset.name, "differences")
            raise StudyError(
                f"article: {path} has no row for seed {seed}, space {pair.space}, "
                f"reference {pair.reference}, {statistic}"
            )
        words.add(row[0]["verdict"])
    return words.pop() if len(words) == 1 else VARIES


def verdicts(dataset: Dataset, statistic: str, k: int | None, of: str) -> dict[str, list[str]]:
    """Return the spaces that are compared with a reference by what is said of each."""
    found: dict[str, list[str]] = {}
    for space in compared_with(dataset, of, statistic):
        found.setdefault(verdict_of(dataset, statistic, k, Pair(space, of)), []).append(space)
    return found


def answer_table(study: Study) -> pd.DataFrame:
    """Return the table `answer`: of each data set and statistic, the difference of the pair of the first sentence."""
    rows = [row for dataset in study.datasets for row in _answers(dataset)]
    return pd.DataFrame(rows, columns=ANSWER.names).astype({"k": "Int64"})


def _answers(dataset: Dataset) -> Iterator[dict]:
    pair = first_pair(dataset)
    if pair is None:
        return
    for statistic in ANSWERED:
        yield from (_of_curve if pair in curves(dataset) else _of_differences)(dataset, pair, statistic)


def _of_curve(dataset: Dataset, pair: Pair, statistic: str) -> Iterator[dict]:
    """Yield the difference in the declared setting, as far as there is one."""
    where = {"statistic": statistic, **pair._asdict()}
    setting = declared(dataset, pair)
    rows = dataset.rows("specifications", "seed", "k", "value_reference", *_ROW, *_NUMBERS, **setting, **where)
    for row in (row for row in rows if row["seed"] == dataset.study.first):
        estimates = [of_seed["estimate"] for of_seed in rows]
        words = {of_seed["verdict"] for of_seed in rows}
        yield {
            "dataset": dataset.name,
            **where,
            **row,
            "against": pair.reference,
            "value_against": row["value_reference"],
            "source": "specifications",
            "lowest_of_seeds": min(estimates),
            "highest_of_seeds": max(estimates),
            "verdict": words.pop() if len(words) == 1 else VARIES,
        }


def _of_differences(dataset: Dataset, pair: Pair, statistic: str) -> Iterator[dict]:
    """Yield the difference by the measures of the two spaces, as far as there is one."""
    where = {"statistic": statistic, "k": smallest(dataset, statistic), **pair._asdict()}
    for row in dataset.rows("differences", *_OF_SPACES, *_NUMBERS, seed=dataset.study.first, **where):
        one, other = (
            {
                column: dataset.of_first("intervals", column, **_one(where, space)).raw
                for column in ("estimate", "n_cells")
            }
            for space in (pair.space, row["against"])
        )
        yield {
            "dataset": dataset.name,
            **where,
            **row,
            "value": one["estimate"],
            "value_against": other["estimate"],
            "n_cells": one["n_cells"],
            "source": "differences",
            "verdict": verdict_of(dataset, statistic, where["k"], pair),
        }


def _one(where: Mapping[str, Any], space: str) -> dict[str, Any]:
    return {"statistic": where["statistic"], "k": where["k"], "space": space, "cell_type": None}


_NUMBERS = ("estimate", "low", "high", "level")
_ROW = ("value", "n_cells", "verdict")
_OF_SPACES = ("against", "lowest_of_seeds", "highest_of_seeds")
