"""The headline numbers of a replicate, each with what moves it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rankstudy.measures.separation import effect_sizes
from rankstudy.measures.uncertainty.influence import Influence, auroc, coarseness, counts_of_cells, neighbour_share
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, OWN_TYPE
from rankstudy.measures.uncertainty.units import require_units
from rankstudy.pairs.engine.result import BETWEEN, WITHIN, BlockResult

log = logging.getLogger(__name__)

COARSE = 0.1


@dataclass(frozen=True)
class Statistic:
    """A number of a space.

    Attributes
    ----------
    name, space
        What it is, and of which space.
    cell_type
        The type that it is about, or None.
    k
        Neighbours per cell, or None.
    cells
        Numbers of the cells that `influence.of_cells` is of.
    influence
        The number and what moves it.
    coarse
        Whether the counts that it was made from are too coarse to see all that moves it.
    binning_error
        The most that binning can have moved the number itself.
    """

    name: str
    space: str
    cell_type: str | None
    k: int | None
    cells: np.ndarray
    influence: Influence
    coarse: bool = False
    binning_error: float = 0.0


def statistics_of(
    result: BlockResult, cells: pd.DataFrame, batches: np.ndarray, neighbours: Sequence[int]
) -> list[Statistic]:
    """Return every number that gets an interval: AUROC over all types and of each, and shares of neighbours.

    Parameters
    ----------
    result
        Merged pairs of all cells, with `cutoffs`.
    cells
        The cells that were compared, in the order of the pairs.
    batches
        (cells,), number of the batch or donor of each.
    neighbours
        Each k whose shares are wanted.

    Raises
    ------
    StudyError
        If the pairs hold no counts per cell, too few neighbours, or are of other cells.
    """
    result.require_cutoffs()
    result.require_neighbours(neighbours)
    require_units(batches, len(cells))
    estimates = effect_sizes(result, cells)
    found = []
    for s, space in enumerate(result.about["spaces"]):
        rows = estimates[estimates["space"] == space["name"]]
        found += _aurocs(result, s, rows, batches)
        found += _shares(result, s, cells, batches, neighbours)
    return found


def _aurocs(result: BlockResult, s: int, rows: pd.DataFrame, batches: np.ndarray) -> Iterator[Statistic]:
    about, n_batches = result.about, int(batches.max()) + 1
    counts, fine = counts_of_cells(result, s), result.distributions[s]
    name, similarity = about["spaces"][s]["name"], about["spaces"][s]["metric"] != "euclidean"
    for row in rows.itertuples():
        if pd.isna(row.cell_type):
            kind, at = None, slice(0, about["n_cells"])
            # a pair between types stands in the distributions of both
            pairs = fine[:, WITHIN].sum(axis=0), fine[:, BETWEEN].sum(axis=0) / 2
        else:
            kind = about["labels"].index(row.cell_type)
            at = slice(*about["offsets"][kind : kind + 2])
            pairs = fine[kind, WITHIN], fine[kind, BETWEEN]
        influence = auroc(
            counts[at], pairs, row.auroc, batches[at], n_batches, similarity=similarity, one_type=kind is not None
        )
        members = np.arange(at.start, at.stop)
        label, coarse = None if kind is None else row.cell_type, coarseness(counts[at]) > COARSE
        yield Statistic(AUROC, name, label, None, members, influence, coarse, row.auroc_error)


def _shares(
    result: BlockResult, s: int, cells: pd.DataFrame, batches: np.ndarray, neighbours: Sequence[int]
) -> Iterator[Statistic]:
    name, n_batches = result.about["spaces"][s]["name"], int(batches.max()) + 1
    types, labelled = (pd.factorize(cells[column])[0] for column in ("slug", "batch"))
    everybody = np.arange(len(cells))
    for k in neighbours:
        listed = result.neighbours[s][:, :k]
        if (listed < 0).any():
            log.warning("space %s: there are no %d neighbours of every cell", name, k)
            continue
        own = types[listed] == types[:, None]
        yield Statistic(OWN_TYPE, name, None, k, everybody, neighbour_share(own, listed, batches, n_batches))
        if labelled.any():
            driven = ~own & (labelled[listed] == labelled[:, None])
            yield Statistic(BATCH_DRIVEN, name, None, k, everybody, neighbour_share(driven, listed, batches, n_batches))
    others = len(cells) - np.bincount(labelled)[labelled]
    for k in neighbours if labelled.any() else ():
        listed = result.across[s][:, :k]
        if listed.shape[1] < k or (listed < 0).any():
            log.warning("space %s: there are no %d neighbours of every cell in other batches", name, k)
            continue
        own = types[listed] == types[:, None]
        influence = neighbour_share(own, listed, batches, n_batches, pools=others)
        yield Statistic(ACROSS, name, None, k, everybody, influence)
