"""Which spaces are compared with which, and what the table `differences` says of them over all replicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from rankstudy.core.errors import StudyError
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.report.article.study import Dataset, Study
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


def first_pair(dataset: Dataset) -> Pair | None:
    """Return the pair that the first sentence is about: the first encoding and the reference of all spaces.

    None where these are not compared.
    """
    pair = Pair(dataset.main, reference(dataset) or "")
    return pair if pair in pairs(dataset) else None


def against_of(dataset: Dataset, pair: Pair) -> str:
    """Return the space that stands for the reference: its vectors by the metric of the space, if there are."""
    where = {"statistic": AUROC, "seed": dataset.study.first, **pair._asdict()}
    return dataset.rows("differences", "against", **where)[0]["against"]


def compared_with(dataset: Dataset, of: str, statistic: str = AUROC) -> list[str]:
    """Return the spaces that are compared with a reference."""
    return [pair.space for pair in pairs(dataset, statistic) if pair.reference == of]


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


def _answers(dataset: Dataset) -> Iterable[dict]:
    pair = first_pair(dataset)
    if pair is None:
        return
    for statistic in ANSWERED:
        where = {"statistic": statistic, "k": smallest(dataset, statistic), **pair._asdict()}
        for row in dataset.rows("differences", *_NUMBERS, seed=dataset.study.first, **where):
            verdict = verdict_of(dataset, statistic, where["k"], pair)
            values = {
                column: dataset.of_first("intervals", "estimate", **_one(where, space)).raw
                for column, space in (("value", pair.space), ("value_against", row["against"]))
            }
            yield {"dataset": dataset.name, **where, **row, **values, "verdict": verdict}


def _one(where: Mapping[str, Any], space: str) -> dict[str, Any]:
    return {"statistic": where["statistic"], "k": where["k"], "space": space, "cell_type": None}


_NUMBERS = ("against", "estimate", "low", "high", "level", "lowest_of_seeds", "highest_of_seeds")
