"""What the spaces of a data set are called and how they were made: for figures, text and whoever reads the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rankstudy.core.tables import DATASET, SPACE, Column, Table
from rankstudy.pairs.space_files import dimensions_of, made_of
from rankstudy.spaces.registry import SPACES

SPACES_TABLE = Table(
    "spaces",
    "The spaces of a data set: titles, measures and, for embeddings, the model and how it was read.",
    (
        DATASET,
        SPACE,
        Column("title", "text", "what it is"),
        Column("measure", "text", "measure between two cells"),
        Column("metric", "text", "`correlation`, `cosine` (larger is more alike) or `euclidean` (a distance)"),
        Column("role", "text", "`encoding`, `baseline`, `model`, or `control`, whose result is known beforehand"),
        Column("dimensions", "integer", "length of a vector"),
        Column("parent", "text", "the space that it is fitted on", optional=True),
        Column("model", "text", "`published`, `trained` (by the study) or `untrained`", optional=True),
        Column("vocabulary", "text", "version of Geneformer whose tokens the model reads", optional=True),
        Column("max_length", "integer", "longest input of the model", "tokens", optional=True),
        Column("pooling", "text", "`cell`: mean over the gene tokens; `cls`: the token <cls>", optional=True),
        Column(
            "layer",
            "integer",
            "block whose output is taken: 0 the last one, -1 the one before it (the authors' convention)",
            optional=True,
        ),
        Column("trained_on", "integer", "cells that the study trained the model on", "cells", optional=True),
        Column("trained_on_evaluated", "integer", "of these, cells that a replicate compares", "cells", optional=True),
    ),
    ("space",),
    location="results/<dataset>/tables/spaces.parquet, .tsv",
)


def describe_spaces(files: Mapping[str, str], *, dataset: str, output: str, tsv: str) -> None:
    """Write the table `spaces`.

    Parameters
    ----------
    files
        File of each space, of one replicate, by its name.
    dataset
        Name of the data set.
    output, tsv
        Where the table goes.
    """
    table = pd.DataFrame([_row(name, path, dataset) for name, path in files.items()])
    whole = ["max_length", "layer", "trained_on", "trained_on_evaluated"]
    table[whole] = table[whole].astype("Int64")
    SPACES_TABLE.write(table, output, tsv)


def _row(name: str, path: str, dataset: str) -> dict[str, Any]:
    space, made = SPACES[name], made_of(path)
    return {
        "dataset": dataset,
        "space": name,
        "title": space.title.format(model=made.get("title", "")),
        "measure": space.measure,
        "metric": space.metric,
        "role": space.role,
        "dimensions": len(dimensions_of(path)),
        "parent": space.parent,
        "model": made.get("kind"),
        "vocabulary": made.get("version"),
        "max_length": made.get("max_length"),
        "pooling": made.get("pooling"),
        "layer": made.get("layer"),
        "trained_on": made.get("cells"),
        "trained_on_evaluated": made.get("evaluated_cells"),
    }


def read_descriptions(path: str) -> dict[str, dict[str, str]]:
    """Return title, measure, metric and role of each space, in the order of the table."""
    rows = SPACES_TABLE.read(path).set_index("space")
    return rows[["title", "measure", "metric", "role"]].to_dict("index")
