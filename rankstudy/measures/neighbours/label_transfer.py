"""Label transfer across batches: a batch loses its labels and gets them back from the others' nearest cells.

A type of which the held-out batch has many is scarce in the others, where types are drawn evenly over all batches.
Vectors that know nothing of types then score below the accuracy of one label drawn at random, the more so the more
neighbours vote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from rankstudy.measures.compared import Compared
from rankstudy.measures.neighbours.tables import LABEL_TRANSFER, NO_TYPE, TRANSFERRED
from rankstudy.measures.neighbours.votes import majority, majority_in_parts
from rankstudy.measures.tables import ONE_BATCH
from rankstudy.measures.uncertainty.half_samples import Halves
from rankstudy.measures.uncertainty.influence import sums_by
from rankstudy.measures.uncertainty.spread import interval_of_logit
from rankstudy.pairs.engine.result import BlockResult

_CELLS_AT_ONCE = 8192


def label_transfer(
    result: BlockResult, compared: Compared, sizes: Sequence[int], halves: Halves, level: float
) -> pd.DataFrame:
    """Return accuracy and macro F1 by space and k, for each batch held out, and for all together with intervals.

    Parameters
    ----------
    result, compared
        Merged pairs, with `across`, and their cells.
    sizes
        Each k.
    halves, level
        Half-samples of the cells, for the intervals, and the level of these.
    """
    result.require_neighbours(sizes, of="across")
    sizes_by_batch = compared.sizes()
    elsewhere = (sizes_by_batch.sum(axis=1, keepdims=True) - sizes_by_batch)[compared.types, compared.batches]
    others = len(compared) - sizes_by_batch.sum(axis=0)[compared.batches]
    by_chance = elsewhere / np.maximum(others, 1)
    rows = []
    for s, space in enumerate(result.about["spaces"]):
        numbers = result.across[s]
        for k in sizes:
            predicted = majority(numbers, compared.types, k)
            for name, cells in _held_out(compared):
                scored = cells[elsewhere[cells] > 0]
                keys = {"space": space["name"], "k": k, "held_out": name}
                counts = {"n_cells": len(scored), "n_left_out": len(cells) - len(scored)}
                scores = _scores(compared.types[scored], predicted[scored], by_chance[scored], compared.n_batches)
                ends = _ends(scores, numbers, compared, k, halves, level) if name is None and len(scored) else {}
                rows.append({**keys, **counts, **scores, **ends})
    table = pd.DataFrame(rows, columns=LABEL_TRANSFER.names[2:])
    return table.assign(level=level, levels=halves.resampled.level)


def _ends(
    scores: Mapping[str, object], numbers: np.ndarray, compared: Compared, k: int, halves: Halves, level: float
) -> dict[str, float]:
    """Return the ends of the intervals of accuracy and macro F1, from the spread of their logits over half-samples."""
    *values, n = scores_in_halves(numbers, compared, k, halves.taken)
    found = {}
    for name, of_halves in zip(("accuracy", "macro_f1"), values, strict=True):
        # half a cell more on either side, so that a half without an error has a logit too
        logits = np.log((of_halves * n + 0.5) / ((1 - of_halves) * n + 0.5))
        # a half in which nothing can be transferred says nothing
        error = np.nanstd(logits, ddof=1) if np.isfinite(logits).sum() > 1 else np.nan
        low, high = interval_of_logit(np.array(scores[name]), np.array(error), halves.resampled.freedom, level)
        found |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    return found


def scores_in_halves(
    numbers: np.ndarray, compared: Compared, k: int, taken: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return accuracy, macro F1 (NaN where no cell is scored) and scored cells of each part by itself.

    Parameters
    ----------
    numbers
        (cells, listed), nearest cells of other batches, best first. Where a part has fewer than k of them, fewer vote.
    compared
        The cells.
    k
        How many vote.
    taken
        (cells, parts), whether a part has the cell.
    """
    n_parts, n_types, n_batches = taken.shape[1], len(compared.labels), compared.n_batches
    groups = compared.types * n_batches + compared.batches
    present = sums_by(groups, taken, n_types * n_batches).reshape(n_types, n_batches, n_parts)
    elsewhere = (present.sum(axis=1, keepdims=True) - present > 0).reshape(-1, n_parts)
    right, having, given = np.zeros((3, n_types, n_parts))
    for begin in range(0, len(numbers), _CELLS_AT_ONCE):
        rows = slice(begin, begin + _CELLS_AT_ONCE)
        types = compared.types[rows]
        voted = majority_in_parts(numbers[rows], compared.types, k, taken)
        scored = taken[rows] & elsewhere[groups[rows]]
        right += sums_by(types, scored & (voted == types[:, None]), n_types)
        having += sums_by(types, scored, n_types)
        _, part = at = np.nonzero(scored & (voted >= 0))
        given += np.bincount(voted[at] * n_parts + part, minlength=n_types * n_parts).reshape(n_types, n_parts)
    n = having.sum(axis=0)
    nothing = np.full(n_parts, np.nan)
    accuracy = np.divide(right.sum(axis=0), n, out=nothing.copy(), where=n > 0)
    f1 = np.divide(2 * right, having + given, out=np.zeros(right.shape), where=having > 0)
    return accuracy, np.divide(f1.sum(axis=0), (having > 0).sum(axis=0), out=nothing, where=n > 0), n


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


def macro_f1(true: np.ndarray, predicted: np.ndarray) -> float:
    """Return the mean over the true types of the F1 `2 TP / (2 TP + FP + FN)`: cells given and cells having a label."""
    kinds = np.unique(true)
    n = max(true.max(), predicted.max()) + 1
    right = np.bincount(true[true == predicted], minlength=n)
    having, given = np.bincount(true, minlength=n), np.bincount(predicted[predicted >= 0], minlength=n)
    return float((2 * right[kinds] / (having[kinds] + given[kinds])).mean())
