"""What the table `differences` says of spaces, in its own words, over all replicates."""

from __future__ import annotations

from collections.abc import Iterable

from rankstudy.core.errors import StudyError
from rankstudy.report.article.numbers import Numbers

VARIES = "depends on the replicate"


def verdicts(
    numbers: Numbers, dataset: str, statistic: str, k: int | None, seeds: Iterable[int]
) -> dict[str, list[str]]:
    """Return the spaces by what is said of each; of one that replicates disagree on, VARIES."""
    seeds = list(seeds)
    found: dict[str, list[str]] = {}
    spaces = [
        row["space"] for row in numbers.rows(dataset, "differences", "space", statistic=statistic, k=k, seed=seeds[0])
    ]
    for space in spaces:
        found.setdefault(verdict_of(numbers, dataset, statistic, k, space, seeds), []).append(space)
    return found


def verdict_of(numbers: Numbers, dataset: str, statistic: str, k: int | None, space: str, seeds: Iterable[int]) -> str:
    """Return what every replicate says of a space, or VARIES.

    Raises
    ------
    StudyError
        If a replicate says nothing of it.
    """
    words = set()
    for seed in seeds:
        row = numbers.rows(dataset, "differences", "verdict", statistic=statistic, k=k, space=space, seed=seed)
        if not row:
            raise StudyError(
                f"article: {numbers.path(dataset, 'differences')} has no row for seed {seed}, space {space}, "
                f"{statistic}"
            )
        words.add(row[0]["verdict"])
    return words.pop() if len(words) == 1 else VARIES
