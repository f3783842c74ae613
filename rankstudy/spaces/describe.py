"""What the spaces of a data set are called and how they were made: for figures, text and whoever reads the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rankstudy.pairs.space_files import dimensions_of, made_of
from rankstudy.spaces.tables import SPACES_TABLE


def describe_spaces(
    files: Mapping[str, str], declared: Mapping[str, Mapping[str, Any]], *, dataset: str, output: str, tsv: str
) -> None:
    """Write the table `spaces`.

    Parameters
    ----------
    files
        File of each space, of one replicate, by its name.
    declared
        What is declared of each, as plain values (`rankstudy.spaces.catalogue.Catalogue.described`).
    dataset
        Name of the data set.
    output, tsv
        Where the table goes.
    """
    table = pd.DataFrame([_row(name, path, declared[name], dataset) for name, path in files.items()])
    whole = ["max_length", "layer", "trained_on", "trained_on_evaluated"]
    table[whole] = table[whole].astype("Int64")
    SPACES_TABLE.write(table, output, tsv)


def _row(name: str, path: str, space: Mapping[str, Any], dataset: str) -> dict[str, Any]:
    made = made_of(path)
    return {
        "dataset": dataset,
        "space": name,
        "title": space["title"].format(model=made.get("title", "")),
        "short": _short(space["short"], made),
        "measure": space["measure"],
        "metric": space["metric"],
        "role": space["role"],
        "dimensions": len(dimensions_of(path)),
        "parent": space["parent"],
        "model": made.get("kind"),
        "vocabulary": made.get("version"),
        "max_length": made.get("max_length"),
        "pooling": made.get("pooling"),
        "layer": made.get("layer"),
        "trained_on": made.get("cells"),
        "trained_on_evaluated": made.get("evaluated_cells"),
    }


def _short(template: str, made: Mapping[str, Any]) -> str:
    """Return a title for figures; that of a model begins with a capital letter, whatever its short title does."""
    title = template.format(model=made.get("title", ""))
    return title[0].upper() + title[1:] if made else title
