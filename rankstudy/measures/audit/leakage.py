"""What a space knows of depth: how well the logarithm of a cell's total is predicted from its vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.linear_model import RidgeCV

from rankstudy.core.draws import keys_of_cells
from rankstudy.core.seeds import generator
from rankstudy.measures.audit.tables import ALL_CELLS, TOLD, WITHIN_TYPES
from rankstudy.measures.uncertainty.intervals import interval

MOST_CELLS = 5000
FOLDS = 5
RESAMPLES = 2000
_PENALTIES = np.logspace(-2, 5, 8)
# fewer are not drawn from; cells are
_LEAST_BATCHES = 5
TOO_FEW = f"fewer than {10 * FOLDS} cells, or totals that are all alike"


def drawn(ids: Sequence[str], seed: int) -> np.ndarray:
    """Return the numbers of the cells that are looked at, increasing: at most `MOST_CELLS`, drawn by seed and id."""
    keys = keys_of_cells(seed, ids, "leakage")
    return np.sort(np.argsort(keys, kind="stable")[:MOST_CELLS])


def depth_leakage(
    vectors: np.ndarray | sp.csr_matrix,
    totals: np.ndarray,
    types: np.ndarray,
    batches: np.ndarray,
    ids: Sequence[str],
    *,
    seed: int,
    level: float,
) -> list[dict[str, Any]]:
    """Return how well log totals are predicted from vectors, over all cells and within types.

    Ridge regression of the logarithm of the total on standardised columns, its penalty chosen by leave-one-out within
    the training folds; predicted are the cells of a fold that was left out, drawn by their ids. R2 is 1 - sum (y -
    predicted)^2 / sum (y - mean)^2 over all of these. The interval resamples the predictions, by batch where there are
    at least five and else by cell: the expanded percentile interval of `rankstudy.measures.uncertainty.intervals`; the
    fits are not repeated, so it says how sure the number is on such cells, not on another model.

    Parameters
    ----------
    vectors
        (cells, d).
    totals
        (cells,), above 0.
    types, batches
        (cells,), as numbers.
    ids
        (cells,), on which the folds depend.
    seed, level
        Of folds and resamples, and the level of the interval.

    Returns
    -------
    Rows of the table `leakage` without data set, seed and space: one for each scope.
    """
    logs = np.log(totals.astype(np.float64))
    dense = vectors.toarray() if sp.issparse(vectors) else np.asarray(vectors)
    folds = (keys_of_cells(seed, ids, "folds") % np.uint64(FOLDS)).astype(np.int64)
    units = batches if len(np.unique(batches)) >= _LEAST_BATCHES else np.arange(len(logs))
    resampled = "batches" if units is batches else "cells"
    rows = []
    for scope in (ALL_CELLS, WITHIN_TYPES):
        within = scope == WITHIN_TYPES
        y, x = (_less_means(values, types) if within else values for values in (logs, dense.astype(np.float64)))
        stated = {"scope": scope, "level": level, "resampled": resampled, "n_cells": len(y)}
        if len(y) < 10 * FOLDS or not y.std() > 1e-9 or len(np.unique(folds)) < 2:
            rows.append({**stated, "r2": None, "low": None, "high": None, "reason": TOO_FEW})
            continue
        told = _predicted(x, y, folds)
        rows.append({**stated, **_r2(y, told, units, generator(seed, "leakage", scope), level), "reason": TOLD})
    return rows


def _less_means(values: np.ndarray, types: np.ndarray) -> np.ndarray:
    return values - pd.DataFrame(values).groupby(types).transform("mean").to_numpy().reshape(values.shape)


def _predicted(x: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the prediction of each cell by a regression on the cells of other folds."""
    told = np.empty(len(y))
    for fold in np.unique(folds):
        train = folds != fold
        mean, spread = x[train].mean(axis=0), x[train].std(axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        fitted = RidgeCV(_PENALTIES).fit((x[train] - mean) / scale, y[train])
        told[~train] = fitted.predict((x[~train] - mean) / scale)
    return told


def _r2(
    y: np.ndarray, told: np.ndarray, units: np.ndarray, random: np.random.Generator, level: float
) -> Mapping[str, float]:
    """Return R2 and its interval: sums by batch or cell, drawn anew with replacement."""
    codes = np.unique(units, return_inverse=True)[1]
    n = codes.max() + 1
    sums = np.stack([np.bincount(codes, values, n) for values in (np.ones(len(y)), y, y**2, (y - told) ** 2)], axis=1)
    times = random.multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    low, high = interval(_of_sums(times @ sums), n - 1, level)
    return {"r2": float(_of_sums(sums.sum(axis=0))), "low": low, "high": high}


def _of_sums(sums: np.ndarray) -> np.ndarray:
    count, total, squares, errors = np.moveaxis(sums, -1, 0)
    return 1 - errors / np.maximum(squares - total**2 / count, 1e-300)
