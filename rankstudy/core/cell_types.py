"""Cell types: names of their files, and which of them take part.

Pure functions of small tables, free of numerical packages: Snakemake calls them while it builds the graph.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing


@dataclass(frozen=True)
class TypeCount:
    """A cell type of a data set: its label, the name of its files, and how many usable cells it has."""

    cell_type: str
    slug: str
    n_cells: int


# of a name of files: with what stands around it, less than the 255 bytes that file systems allow
LONGEST_SLUG = 100


def slugs(labels: Sequence[str]) -> dict[str, str]:
    """Return a file name for each label: lower case letters, digits and hyphens; unique, and stable for a label.

    Labels that would share a name (`T cell`, `t-cell`), have none, or have one that is too long for a file get eight
    digits of their hash.
    """
    plain = {label: re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-") for label in labels}
    times = Counter(plain.values())
    alone = {name for name in times if name and times[name] == 1 and len(name) <= LONGEST_SLUG}
    return {label: name if name in alone else _hashed(name, label) for label, name in plain.items()}


def _hashed(name: str, label: str) -> str:
    digits = hashlib.sha256(label.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_SLUG - len(digits) - 1]}-{digits}".strip("-")


def read_type_counts(path: str | os.PathLike) -> list[TypeCount]:
    """Read the summary of cell types that the index writes (`cell_types.tsv`)."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [TypeCount(row["cell_type"], row["slug"], int(row["n_cells"])) for row in rows]


def qualifying(types: Sequence[TypeCount], min_cells: int, only: Sequence[str] | None) -> list[TypeCount]:
    """Return the types that take part, sorted by the name of their files.

    Raises
    ------
    StudyError
        If a type that `only` names does not exist or is too small.
    """
    if only is not None:
        by_label = {t.cell_type: t for t in types}
        for label in only:
            if label not in by_label:
                problem = f"selection.cell_types: there is no cell type {label!r}{did_you_mean(label, by_label)}"
                raise StudyError(advise(problem, f"name types of the data set: {listing(sorted(by_label), 30)}"))
            if by_label[label].n_cells < min_cells:
                problem = (
                    f"selection.cell_types: {label!r} has {by_label[label].n_cells} usable cells, fewer than "
                    f"selection.min_cells = {min_cells}"
                )
                raise StudyError(advise(problem, "lower `selection.min_cells`", "leave the type out"))
        types = [by_label[label] for label in only]
    return sorted((t for t in types if t.n_cells >= min_cells), key=lambda t: t.slug)


def selected_sizes(types: Sequence[TypeCount], cells_per_type: int | None) -> dict[str, int]:
    """Return the number of cells that will be drawn of each type, by the name of its files."""
    return {t.slug: t.n_cells if cells_per_type is None else min(t.n_cells, cells_per_type) for t in types}
