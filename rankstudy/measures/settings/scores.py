"""The statistics of vectors, from all pairs of their cells, each with what moves it.

Of a few thousand cells all pairs are at hand: what a cell moves of the AUROC is added up pair by pair, on bins so fine
that they do not matter. Of more, the engine of all pairs (`rankstudy.pairs.engine`) counts the pairs of each cell, from
which `rankstudy.measures.uncertainty.statistics` has the same statistics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numba as nb
import numpy as np
import pandas as pd
import scipy.sparse as sp

import rankstudy.pairs.engine.kernels as kernels
from rankstudy.measures.neighbours.votes import majority
from rankstudy.measures.uncertainty.influence import Influence, auroc_of, neighbour_share, shares_of_others
from rankstudy.measures.uncertainty.statistics import statistics_of
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, OWN_TYPE, TRANSFER
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.pairs.likeness.every_pair import EveryPair, every_pair
from rankstudy.pairs.likeness.measures import Measure

BINS = 1 << 14
# three matrices of all pairs of so many cells take 1.2 GB
MOST_IN_MEMORY = 10_000
# Bins on which the pairs of each of more cells are counted: standard errors of the AUROC are within 1 % of those of
# pairs one by one, and on 100 bins within 5 %.
CUTOFFS = 256
# Threads wait for each other longer than so few cells take: 770 of them with 2,000 genes by two measures 27 ms of
# processor time on one thread, and 50 to 70 ms on two where others use the machine too.
FEW_CELLS = 1500
_WITHIN, _BETWEEN = 0, 1
_NO_RELATIONS = np.zeros((1, 1), np.int64)


@dataclass(frozen=True)
class Score:
    """A statistic of one measure of some vectors.

    Attributes
    ----------
    influence
        The number and what moves it.
    binning_error
        The most that bins can have moved it.
    """

    influence: Influence
    binning_error: float = 0.0


@dataclass(frozen=True)
class Cells:
    """The cells whose pairs are looked at, sorted by type.

    Attributes
    ----------
    table
        `cell_id`, `cell_type`, `slug`, `batch`.
    units
        (cells,), number of each cell's batch or donor: what is independent.
    """

    table: pd.DataFrame
    units: np.ndarray

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def types(self) -> np.ndarray:
        """(cells,), number of each cell's type."""
        return pd.factorize(self.table["slug"])[0]

    @cached_property
    def batches(self) -> np.ndarray:
        """(cells,), number of each cell's batch."""
        return pd.factorize(self.table["batch"], sort=True)[0].astype(np.int32)

    @cached_property
    def starts(self) -> np.ndarray:
        """(types + 1,), the first cell of each type, and the end."""
        return np.r_[np.flatnonzero(np.r_[True, np.diff(self.types) != 0]), len(self)]

    @cached_property
    def others(self) -> np.ndarray:
        """(cells,), how many cells are of other batches."""
        return len(self) - np.bincount(self.batches)[self.batches]

    @cached_property
    def n_units(self) -> int:
        """How many batches or donors there are."""
        return int(self.units.max()) + 1

    @property
    def has_batches(self) -> bool:
        """Whether there are several batches."""
        return bool(self.batches.any())


def threads_for(n_cells: int, threads: int | None) -> int | None:
    """Return how many of the threads are worth their wait for so many cells."""
    return 1 if n_cells <= FEW_CELLS else threads


def scores(
    vectors: sp.csr_matrix | np.ndarray, measures: Sequence[Measure], cells: Cells, k: int, *, votes: bool = False
) -> Iterator[tuple[Measure, str, Score]]:
    """Yield every statistic by every measure: AUROC, and shares of the k nearest cells.

    Parameters
    ----------
    vectors
        Cells x dimensions.
    measures
        At least one similarity.
    cells
        The cells.
    k
        Neighbours of a cell. Where there are no more cells, nothing is said of neighbours, and where some cell has
        fewer in other batches, nothing of these.
    votes
        Whether label transfer is among them: the share of cells whose type most of their k nearest cells in other
        batches have, of those whose type is there. What moves it is not known. Of cells whose pairs are in memory.

    Raises
    ------
    StudyError
        If a cell has no likeness to others by one of the measures.
    """
    if len(cells) <= MOST_IN_MEMORY:
        yield from _of_every_pair(vectors, measures, cells, k, votes)
    else:
        yield from _in_one_sweep(vectors, measures, cells, k)


def _of_every_pair(
    vectors: sp.csr_matrix | np.ndarray, measures: Sequence[Measure], cells: Cells, k: int, votes: bool
) -> Iterator[tuple[Measure, str, Score]]:
    """Yield the statistics from matrices of all pairs."""
    for pairs in every_pair(vectors, measures, names=cells.table["cell_id"].to_numpy()):
        yield pairs.measure, AUROC, _auroc(pairs, cells)
        yield from ((pairs.measure, name, score) for name, score in _shares(pairs, cells, k, votes))


def _in_one_sweep(
    vectors: sp.csr_matrix | np.ndarray, measures: Sequence[Measure], cells: Cells, k: int
) -> Iterator[tuple[Measure, str, Score]]:
    """Yield the statistics from pairs that are never stored; what moves an AUROC is seen on coarser bins."""
    of = {f"{measure.metric}, centred: {measure.centred}": measure for measure in measures}
    spaces = [SpaceData(name, one.metric, vectors, cells.table, one.centred) for name, one in of.items()]
    result = compare(spaces, neighbours=k, across=k, cutoffs=CUTOFFS, units=cells.units)
    for found in statistics_of(result, cells.table, cells.units, [k]):
        if found.cell_type is None:
            yield of[found.space], found.name, Score(found.influence, found.binning_error)


def _auroc(pairs: EveryPair, cells: Cells) -> Score:
    """Return the probability that a pair within a type is more alike than one between types."""
    above, below, similarity = pairs.above, pairs.below, pairs.measure.similarity
    n_units = cells.n_units
    low, high = _range(above)
    bins = np.float32(low), np.float32(BINS / (high - low) if high > low else 0.0)
    order = np.argsort(cells.units, kind="stable")
    ends = np.searchsorted(cells.units[order], np.arange(n_units + 1))
    counts = np.zeros((n_units, 2, 2, BINS), np.int64)
    _count(above, below, cells.types, cells.units, order, ends, *bins, counts)
    other, same = counts[:, :, 0], counts[:, :, 1]
    # each pair is counted at both of its cells
    every = (other + same).sum(axis=0) / 2
    whole, without = (auroc_of(of, similarity=similarity) for of in (every[None], every - other - same / 2))
    estimate = float(whole[0])
    shares = shares_of_others(*every, similarity=similarity)
    per_pair = np.stack([(share - estimate) / of.sum() for share, of in zip(shares, every, strict=True)])
    of_cells = np.empty(len(cells))
    _add_up(above, below, cells.types, *bins, per_pair, of_cells)
    tied = float(every[_WITHIN] @ every[_BETWEEN]) / 2 / every.sum(axis=1).prod()
    return Score(Influence(estimate, of_cells, without), tied)


def _shares(pairs: EveryPair, cells: Cells, k: int, votes: bool) -> Iterator[tuple[str, Score]]:
    """Yield the shares of the k nearest cells, and of those of other batches; nothing where there are not so many."""
    if len(cells) <= k:
        return
    across = cells.has_batches and cells.others.min() >= k
    near, far = _nearest(pairs, cells, k, k if across else 0)
    types, units, n_units = cells.types, cells.units, cells.n_units
    own = types[near] == types[:, None]
    yield OWN_TYPE, Score(neighbour_share(own, near, units, n_units))
    if cells.has_batches:
        driven = ~own & (cells.batches[near] == cells.batches[:, None])
        yield BATCH_DRIVEN, Score(neighbour_share(driven, near, units, n_units))
    if across:
        own = types[far] == types[:, None]
        yield ACROSS, Score(neighbour_share(own, far, units, n_units, pools=cells.others))
        if votes:
            yield TRANSFER, Score(_voted(far, cells))


def _voted(far: np.ndarray, cells: Cells) -> Influence:
    """Return the share of cells whose type most of these have, of those whose type is in other batches."""
    of_type = np.unique(np.stack([cells.types, cells.batches]), axis=1)[0]
    elsewhere = np.bincount(of_type)[cells.types] > 1
    right = majority(far, cells.types, far.shape[1]) == cells.types
    return Influence(float(right[elsewhere].mean()), np.zeros(len(cells)), np.full(cells.n_units, np.nan))


def _nearest(pairs: EveryPair, cells: Cells, k: int, k_across: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the k most alike cells of each cell, and of those of other batches, best first."""
    n = len(cells)
    best, across = ((np.full((n, size), -np.inf, np.float32), np.full((n, size), -1)) for size in (k, k_across))
    worst, worst_across = (np.full(n, -np.inf if size else np.inf, np.float32) for size in (k, k_across))
    extremes = np.full((2, n), -np.inf, np.float32), np.full((2, n), -1)
    sign = np.float32(1 if pairs.measure.similarity else -1)
    for tile, part in ((pairs.above, kernels.ABOVE), (pairs.below, kernels.BELOW)):
        kernels.visit_rows(
            tile, part, 0, cells.types, cells.starts, 0, _NO_RELATIONS, *[cells.batches] * 4, sign,
            np.float32(0), np.float32(0), *best, worst, *across, worst_across, *extremes, np.zeros((n, 8, 0), np.int32),
        )  # fmt: skip
    return best[1], across[1]


def _range(above: np.ndarray) -> tuple[float, float]:
    lows, highs = np.empty(len(above) - 1, np.float32), np.empty(len(above) - 1, np.float32)
    _least_and_most(above, lows, highs)
    return float(lows.min()), float(highs.max())


_OPTIONS = {"parallel": True, "cache": True, "fastmath": {"nnan", "nsz"}}


@nb.njit(**_OPTIONS)
def _least_and_most(above, lows, highs):  # pragma: no cover - compiled
    for i in nb.prange(len(lows)):
        low, high = above[i, i + 1], above[i, i + 1]
        for j in range(i + 1, above.shape[1]):
            low, high = min(low, above[i, j]), max(high, above[i, j])
        lows[i], highs[i] = low, high


@nb.njit(cache=True, fastmath={"nnan", "nsz"})
def _bins(above, below, i, low, scale, bins):  # pragma: no cover - compiled
    """Write the bin of each pair of cell i; that of the cell with itself means nothing."""
    for j in range(i):
        bins[j] = kernels.bin_of(below[i, j], low, scale, BINS)
    bins[i] = 0
    for j in range(i + 1, len(bins)):
        bins[j] = kernels.bin_of(above[i, j], low, scale, BINS)


@nb.njit(**_OPTIONS)
def _count(above, below, types, units, order, ends, low, scale, counts):  # pragma: no cover - compiled
    """Count the pairs of each unit's cells: (units, within or between types, other or same unit, bins)."""
    for unit in nb.prange(len(ends) - 1):
        bins = np.empty(len(types), np.int32)
        for i in order[ends[unit] : ends[unit + 1]]:
            _bins(above, below, i, low, scale, bins)
            for j in range(len(bins)):
                if j != i:
                    counts[unit, np.int64(types[j] != types[i]), np.int64(units[j] == unit), bins[j]] += 1


@nb.njit(**_OPTIONS)
def _add_up(above, below, types, low, scale, per_pair, of_cells):  # pragma: no cover - compiled
    """Add up what the pairs of each cell have by their bins: `per_pair` (within or between types, bins)."""
    for i in nb.prange(len(of_cells)):
        bins = np.empty(len(types), np.int32)
        _bins(above, below, i, low, scale, bins)
        total = 0.0
        for j in range(len(bins)):
            if j != i:
                total += per_pair[np.int64(types[j] != types[i]), bins[j]]
        of_cells[i] = total
