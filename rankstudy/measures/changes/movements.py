"""The table `movements`, and the proof of the closed forms: some of the changes are encoded again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.treatments.twins import twins
from rankstudy.core.errors import StudyError, advise
from rankstudy.measures.changes.anew import Encoding
from rankstudy.measures.changes.drawn import Drawn
from rankstudy.measures.changes.estimates import Resampling
from rankstudy.measures.changes.groups import Group
from rankstudy.measures.changes.outcomes import Outcomes


@dataclass(frozen=True)
class Moved:
    """Changes that were encoded again.

    Attributes
    ----------
    which
        (changes,), their numbers among all that were drawn.
    blind, displaced
        (changes,), whether all is as it was, and how many entries of other genes move.
    distance
        (changes,), how far the cell moves: 1 less the correlation over the selected genes.
    twins
        (cells,), how far the two halves of each cell's molecules are apart.
    """

    which: np.ndarray
    blind: np.ndarray
    displaced: np.ndarray
    distance: np.ndarray
    twins: np.ndarray


def moved(encoding: Encoding, drawn: Drawn, which: np.ndarray) -> Moved:
    """Encode the cells of some changes again, and their twins."""
    parts = []
    for some, before, after in encoding.changes(drawn, which):
        blind, displaced = encoding.moves(before, after, drawn.gene[some])
        parts.append((blind, displaced, np.where(blind, 0.0, _apart(before.selected, after.selected))))
    ids, genes = drawn.counts.obs_names.to_numpy(), drawn.counts.var_names.tolist()
    halves = twins(sp.csr_matrix(drawn.counts.X), ids.tolist(), genes, seed=drawn.seed)
    of_halves = _apart(*(encoding.vectors(half, ids).selected for half in halves))
    return Moved(which, *(np.concatenate(part) for part in zip(*parts, strict=True)), of_halves)


def require_agreement(name: str, found: Outcomes, again: Moved, drawn: Drawn) -> None:
    """Raise StudyError unless the closed form says of each change what encoding it again does.

    Raises
    ------
    StudyError
        If a change is seen by one and not by the other, or other numbers of entries move.
    """
    first = found.first_blind[again.which], found.first_displaced[again.which]
    differ = np.flatnonzero((first[0] != again.blind) | (first[1] != again.displaced))
    if len(differ):
        k = differ[0]
        number = again.which[k]
        cell, gene = drawn.counts.obs_names[drawn.cell[number]], drawn.counts.var_names[drawn.gene[number]]
        what = f"the gene {gene} of the cell {cell} from {drawn.before[number]:g} to {drawn.after[number]:g}"
        said, seen = (
            f"{'not ' if blind else ''}seen, {int(displaced)} others moved"
            for blind, displaced in ((first[0][k], first[1][k]), (again.blind[k], again.displaced[k]))
        )
        problem = (
            f"{name}: its declared steps do not say what a change of {what} does: {said}, and encoded again {seen}"
        )
        raise StudyError(advise(problem, "correct `steps` where it is declared", "leave `steps` out there"))


def movements_of(again: Moved, drawn: Drawn, groups: Sequence[Group], resampling: Resampling) -> pd.DataFrame:
    """Return a row for each group of changes, but for the names of data set, replicate and space.

    The ends of the interval of a median are the quantiles at the ends of that of the share of changes up to the median
    (Woodruff 1952, Journal of the American Statistical Association 47:635-646).
    """
    of_twins = again.twins[drawn.cell[again.which]]
    ratio = np.divide(again.distance, of_twins, out=np.full(len(of_twins), np.nan), where=of_twins > 0)
    rows, statistics, values = [], [], []
    for group in groups:
        at = group.at[np.isfinite(ratio[group.at])]
        if not len(at):
            continue
        cell, of_group = drawn.cell[again.which[at]], ratio[at]
        median, high = np.quantile(of_group, [0.5, 0.95])
        changes, up_to = (np.bincount(cell, weights, len(again.twins)) for weights in (None, of_group <= median))
        statistics.append(resampling.ratio(up_to.astype(float), changes.astype(float)))
        values.append(of_group)
        rows.append(
            {
                **group.key,
                "n_changes": len(at),
                "n_cells": int((changes > 0).sum()),
                "moved": np.median(again.distance[at]),
                "twins": np.median(again.twins[np.unique(cell)]),
                "ratio": median,
                "ratio_q95": high,
            }
        )
    for row, of, ends in zip(rows, values, resampling.intervals(statistics), strict=True):
        middle = np.mean(of <= row["ratio"])
        # the share up to the median can be more than a half, where several are equal to it
        low, high = (np.quantile(of, np.clip(0.5 + ends[end] - middle, 0, 1)) for end in ("low", "high"))
        row.update(ends | {"low": low, "high": high})
    return pd.DataFrame(rows)


def _apart(one: sp.csr_matrix, other: sp.csr_matrix) -> np.ndarray:
    """Return 1 less the correlation of each row with that of the other matrix; NaN where one is constant."""
    n = one.shape[1]
    means = [np.asarray(of.mean(axis=1)).ravel() for of in (one, other)]
    together = np.asarray(one.multiply(other).sum(axis=1)).ravel() / n - means[0] * means[1]
    spread = [
        np.asarray(of.multiply(of).sum(axis=1)).ravel() / n - np.square(mean)
        for of, mean in zip((one, other), means, strict=True)
    ]
    norm = np.sqrt(spread[0] * spread[1])
    with np.errstate(invalid="ignore"):
        return np.maximum(1 - np.divide(together, norm, out=np.full(len(norm), np.nan), where=norm > 0), 0.0)
