"""Label transfer across batches: one batch at a time loses its labels and gets them back from the others' nearest cells.

A type of which the held-out batch has many is scarce in the others, where types are drawn evenly over all batches. Vectors
that know nothing of types then score below the accuracy of one label drawn at random, the more so the more neighbours vote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from rankstudy.compared import ONE_BATCH, Compared
from rankstudy.pairs.result import BlockResult
from rankstudy.tables import DATASET, SEED, SPACE, Column, Table

TRANSFERRED = "transferred"
NO_TYPE = "no type of the batch occurs in another one"

LABEL_TRANSFER = Table(
    "label_transfer",
    "Each batch is held out in turn and its cells get the majority label of their k most alike cells in the other batches, of tied "
    "labels that of the nearest. Cells of types that no other batch has cannot get theirs: they are left out and counted.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("k", "integer", "neighbours that vote", "cells"),
        Column("held_out", "text", "batch that is held out; empty for all batches together", optional=True),
        Column("n_cells", "integer", "cells that were given a label", "cells"),
        Column("n_left_out", "integer", "cells whose type occurs in their batch only", "cells"),
        Column("accuracy", "number", "share of the cells that got their own label", optional=True),
        Column(
            "macro_f1",
            "number",
            "F1 of each type among these cells (harmonic mean of precision and recall), mean over the types",
            optional=True,
        ),
        Column(
            "expected_accuracy",
            "number",
            "accuracy of labels drawn evenly from the cells of the other batches",
            optional=True,
        ),
        Column("reason", "text", f"`{TRANSFERRED}`, or why there is nothing to transfer: `{ONE_BATCH}`, `{NO_TYPE}`"),
    ),
    ("dataset", "seed", "space", "k", "held_out"),
    location="results/<dataset>/tables/label_transfer.parquet, .tsv",
)


def label_transfer(result: BlockResult, compared: Compared, sizes: Sequence[int]) -> pd.DataFrame:
    """Return accuracy and macro F1 of each space and k, for each batch held out and for all together."""
    sizes_by_batch = compared.sizes()
    elsewhere = (sizes_by_batch.sum(axis=1, keepdims=True) - sizes_by_batch)[compared.types, compared.batches]
    others = len(compared) - sizes_by_batch.sum(axis=0)[compared.batches]
    by_chance = elsewhere / np.maximum(others, 1)
    rows = []
    for s, space in enumerate(result.about["spaces"]):
        numbers = result.across[s]
        for k in sizes:
            predicted = majority(numbers[:, :k], compared.types)
            for name, cells in _held_out(compared):
                scored = cells[elsewhere[cells] > 0]
                keys = {"space": space["name"], "k": k, "held_out": name}
                counts = {"n_cells": len(scored), "n_left_out": len(cells) - len(scored)}
                scores = _scores(compared.types[scored], predicted[scored], by_chance[scored], compared.n_batches)
                rows.append({**keys, **counts, **scores})
    return pd.DataFrame(rows)


def _held_out(compared: Compared) -> Iterator[tuple[str | None, np.ndarray]]:
    """Yield the numbers of all cells, then those of each batch if there are several."""
    yield None, np.arange(len(compared))
    for batch, name in enumerate(compared.batch_names if compared.n_batches > 1 else ()):
        yield str(name), np.flatnonzero(compared.batches == batch)


def _scores(true: np.ndarray, predicted: np.ndarray, by_chance: np.ndarray, n_batches: int) -> dict[str, object]:
    if not len(true):
        reason = NO_TYPE if n_batches > 1 else ONE_BATCH
        return {"accuracy": np.nan, "macro_f1": np.nan, "expected_accuracy": np.nan, "reason": reason}
    return {
        "accuracy": (true == predicted).mean(),
        "macro_f1": macro_f1(true, predicted),
        "expected_accuracy": by_chance.mean(),
        "reason": TRANSFERRED,
    }


def majority(numbers: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Return (cells,): the type that most of each cell's neighbours have, of tied types that of the nearest; -1 for none.

    Parameters
    ----------
    numbers
        (cells, k), neighbours of each cell, the nearest first; -1 is none.
    types
        Type of each cell as an integer.
    """
    votes = np.where(numbers < 0, -1, types[numbers])
    rows = np.arange(len(votes))[:, None]
    totals = np.zeros((len(votes), types.max(initial=0) + 1), np.int64)
    np.add.at(totals, (rows, np.maximum(votes, 0)), votes >= 0)
    leading = (votes >= 0) & (totals[rows, votes] == totals.max(axis=1, keepdims=True))
    return votes[rows[:, 0], leading.argmax(axis=1)]


def macro_f1(true: np.ndarray, predicted: np.ndarray) -> float:
    """Return the mean over the true types of the F1 `2 TP / (2 TP + FP + FN)`: cells given and cells having a label."""
    kinds = np.unique(true)
    n = max(true.max(), predicted.max()) + 1
    right = np.bincount(true[true == predicted], minlength=n)
    having, given = np.bincount(true, minlength=n), np.bincount(predicted[predicted >= 0], minlength=n)
    return float((2 * right[kinds] / (having[kinds] + given[kinds])).mean())
