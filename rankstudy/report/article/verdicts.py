"""What the table `differences` says of spaces beside a reference, in its own words, over replicates and data sets."""

from __future__ import annotations

from collections.abc import Iterable

from rankstudy.core.errors import StudyError
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.report.article.numbers import Numbers

VARIES = "depends on the replicate"
DIFFERS = "depends on the data set"


def judged(numbers: Numbers, datasets: Iterable[str], reference: str, space: str) -> list[str]:
    """Return the data sets in which a space is compared with a reference."""
    return [name for name in datasets if numbers.has(name, "differences", reference=reference, space=space)]


def verdict_of(
    numbers: Numbers,
    dataset: str,
    reference: str,
    space: str,
    seeds: Iterable[int],
    statistic: str = AUROC,
    k: int | None = None,
) -> str:
    """Return what every replicate says of a space beside a reference, or VARIES.

    Raises
    ------
    StudyError
        If a replicate says nothing of it.
    """
    words = set()
    for seed in seeds:
        where = {"statistic": statistic, "k": k, "reference": reference, "space": space, "seed": seed}
        row = numbers.rows(dataset, "differences", "verdict", **where)
        if not row:
            raise StudyError(
                f"article: {numbers.path(dataset, 'differences')} has no row for seed {seed}, space {space}, "
                f"reference {reference}, {statistic}"
            )
        words.add(row[0]["verdict"])
    return words.pop() if len(words) == 1 else VARIES


def verdicts(
    numbers: Numbers, dataset: str, reference: str, seeds: Iterable[int], statistic: str = AUROC, k: int | None = None
) -> dict[str, list[str]]:
    """Return the spaces that are compared with a reference by what is said of each."""
    seeds = list(seeds)
    where = {"statistic": statistic, "k": k, "reference": reference, "seed": seeds[0]}
    found: dict[str, list[str]] = {}
    for row in numbers.rows(dataset, "differences", "space", **where):
        space = row["space"]
        found.setdefault(verdict_of(numbers, dataset, reference, space, seeds, statistic, k), []).append(space)
    return found


def overall(numbers: Numbers, datasets: Iterable[str], reference: str, space: str, seeds: Iterable[int]) -> str | None:
    """Return the verdict on a space by its AUROC over all types in every data set, or DIFFERS.

    None where it is never compared with the reference.
    """
    seeds = list(seeds)
    words = {verdict_of(numbers, name, reference, space, seeds) for name in judged(numbers, datasets, reference, space)}
    return None if not words else words.pop() if len(words) == 1 else DIFFERS


def standing(
    numbers: Numbers, datasets: Iterable[str], references: Iterable[str], space: str, seeds: Iterable[int]
) -> dict[str, list[str]]:
    """Return the references that a space is compared with, by what `overall` says of it beside each."""
    datasets, seeds = list(datasets), list(seeds)
    found: dict[str, list[str]] = {}
    for reference in references:
        words = overall(numbers, datasets, reference, space, seeds)
        if words is not None:
            found.setdefault(words, []).append(reference)
    return found
