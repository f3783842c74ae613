"""Which cell types are similar: one table per data set, which all that counts relations reads."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import pandas as pd

from rankstudy.errors import StudyError, did_you_mean, listing
from rankstudy.pairs.result import OTHER, OWN, RELATIONS, SIMILAR
from rankstudy.plan import read_type_counts
from rankstudy.tables import DATASET, TYPE_A, TYPE_B, Column, Table

TYPE_RELATIONS = Table(
    "type_relations",
    "How the cell types of a data set are related, each unordered pair of types once and each type with itself.",
    (
        DATASET,
        TYPE_A,
        TYPE_B,
        Column("relation", "text", "`own`: the same type; `similar`; `other`; `unknown`: nobody can say which"),
        Column(
            "basis",
            "text",
            "what says so: `same label`; `by hand`, the grouping of the data set's file (`similar`); `none`: types that nothing "
            "relates are other types",
        ),
    ),
    ("dataset", "type_a", "type_b"),
    location="results/<dataset>/tables/type_relations.parquet, .tsv",
)


def relate_types(types: str, *, dataset: str, similar: Sequence[Sequence[str]], output: str, tsv: str) -> None:
    """Write the table `type_relations`.

    Parameters
    ----------
    types
        The table `cell_types` of the data set, as text.
    dataset
        Name of the data set.
    similar
        Groups of labels whose types are similar to each other; types that no group holds together are other types.
    output, tsv
        Where the table goes.

    Raises
    ------
    StudyError
        If a group names a cell type that the data set does not have.
    """
    labels = [kind.cell_type for kind in read_type_counts(types)]
    TYPE_RELATIONS.write(relations_of(labels, similar).assign(dataset=dataset)[TYPE_RELATIONS.names], output, tsv)


def relations_of(labels: Sequence[str], similar: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Return the relation of each unordered pair of cell types, and its basis; see `relate_types`."""
    for label in (label for group in similar for label in group):
        if label not in labels:
            raise StudyError(
                f"similar: there is no cell type {label!r}{did_you_mean(label, labels)}; the cell types are {listing(labels, 100)}"
            )
    together = {frozenset(pair) for group in similar for pair in combinations_with_replacement(group, 2)}
    basis = "by hand" if similar else "none"
    rows = []
    for a, b in combinations_with_replacement(sorted(labels), 2):
        relation = OWN if a == b else SIMILAR if frozenset((a, b)) in together else OTHER
        rows.append((a, b, RELATIONS[relation], "same label" if a == b else basis))
    return pd.DataFrame(rows, columns=["type_a", "type_b", "relation", "basis"])
