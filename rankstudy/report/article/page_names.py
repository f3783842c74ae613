"""The files of the article: what a rule can list without the packages that write them."""

from __future__ import annotations

from collections.abc import Iterable

INDEX, METHODS = "index.html", "methods.html"


def page_of(dataset: str) -> str:
    """Return the name of the page of a data set."""
    return f"{dataset}.html"


def page_names(datasets: Iterable[str]) -> list[str]:
    """Return the names of the pages of a study, the first one first."""
    return [INDEX, *map(page_of, datasets), METHODS]
