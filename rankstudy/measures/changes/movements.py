"""The table `movements`, and the proof of the closed forms: some of the changes are encoded again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.treatments.twins import twins
from rankstudy.core.errors import StudyError, advise
from rankstudy.measures.changes.anew import Encoding, Moves
from rankstudy.measures.changes.drawn import Changed, Drawn
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
    moves
        What the changes do.
    distance
        (changes,), how far the cell moves: 1 less the correlation over the selected genes.
    twins
        (cells,), how far the two halves of each cell's molecules are apart.
    """

    which: np.ndarray
    moves: Moves
    distance: np.ndarray
    twins: np.ndarray


def moved(encoding: Encoding, some: Changed) -> Moved:
    """Encode the cells of some changes again, and their twins."""
    drawn, parts = some.drawn, []
    for which, before, after in encoding.changes(some):
        moves = encoding.moves(before, after, drawn.gene[which])
        parts.append((*moves, np.where(moves.blind, 0.0, _apart(before.selected, after.selected))))
    *moves, distance = (np.concatenate(part) for part in zip(*parts, strict=True))
    ids, genes = drawn.counts.obs_names.to_numpy(), drawn.counts.var_names.tolist()
    halves = twins(sp.csr_matrix(drawn.counts.X), ids.tolist(), genes, seed=drawn.seed)
    of_halves = _apart(*(encoding.vectors(half, ids).selected for half in halves))
    return Moved(some.which, Moves(*moves), distance, of_halves)


def require_agreement(name: str, found: Outcomes, again: Moved, drawn: Drawn) -> None:
    """Raise StudyError unless the closed form says of each change what encoding it again does.

    Raises
    ------
    StudyError
        If a change is seen by one and not by the other, or other numbers of entries move.
    """
    blind, displaced = found.first_blind[again.which], found.first_displaced[again.which]
    other = np.abs(displaced - again.moves.displaced) > again.moves.unsure
    differ = np.flatnonzero((blind != again.moves.blind) | other)
    if len(differ):
        k = differ[0]
        number = again.which[k]
        cell, gene = drawn.counts.obs_names[drawn.cell[number]], drawn.counts.var_names[drawn.gene[number]]
        what = f"the gene {gene} of the cell {cell} from {drawn.before[number]:g} to {drawn.after[number]:g}"
        said, seen = (
            f"{'not ' if is_blind else ''}seen, {int(moved)} others moved"
            for is_blind, moved in ((blind[k], displaced[k]), (again.moves.blind[k], again.moves.displaced[k]))
        )
        problem = (
            f"{name}: its declared steps do not say what a change of {what} does: {said}, and encoded again {seen}"
        )
        raise StudyError(advise(problem, "correct `steps` where it is declared", "leave `steps` out there"))


def movements_of(again: Moved, drawn: Drawn, groups: Sequence[Group], resampling: Resampling) -> pd.DataFrame:
    """Return a row for each group of changes, but for the names of data set, replicate and space."""
    of_twins = again.twins[drawn.cell[again.which]]
    ratio = np.divide(again.distance, of_twins, out=np.full(len(of_twins), np.nan), where=of_twins > 0)
    rows, medians = [], []
    for group in groups:
        at = group.at[np.isfinite(ratio[group.at])]
        if not len(at):
            continue
        cell = drawn.cell[again.which[at]]
        medians.append((ratio[at], cell))
        median, high = np.quantile(ratio[at], [0.5, 0.95])
        rows.append(
            {
                **group.key,
                "n_changes": len(at),
                "n_cells": len(np.unique(cell)),
                "moved": np.median(again.distance[at]),
                "twins": np.median(again.twins[np.unique(cell)]),
                "ratio": median,
                "ratio_q95": high,
            }
        )
    ends = resampling.of_medians(medians)
    return pd.DataFrame([row | of for row, of in zip(rows, ends, strict=True)])


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
