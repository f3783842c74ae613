"""Standard errors of the relations at cutoffs, and of their operating points.

Shares are pooled here: each relation weighs the same, and a relation is a pair of cells. What a cell moves of such a
share are its own pairs, of which the engine keeps the numbers. (A mean over cells of their shares moves, besides, with
the share of every cell that this one is a relation of, which would have to be seen pair by pair.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rankstudy.measures.compared import Compared
from rankstudy.measures.relations.counts import CountedRelations
from rankstudy.measures.relations.crossing import TARGETS, Crossing, recall_of
from rankstudy.measures.uncertainty.influence import sums_by
from rankstudy.measures.uncertainty.resampling import ResamplingUnit, resampling_unit, strata_of
from rankstudy.measures.uncertainty.spread import variance_of_batches, variance_of_cells
from rankstudy.pairs.engine.result import OWN, SAME_BATCH

# with relations of 10 to 25 cells, intervals of nominal 95 % hold the truth in 73 to 98 % of samples
# (docs/uncertainty.md)
FEWEST_CELLS = 30


@dataclass(frozen=True)
class Errors:
    """Standard errors of the numbers of one scope, with R relations that occur, at C cutoffs; NaN where not known.

    They are not where fewer than FEWEST_CELLS cells have a relation left.

    Attributes
    ----------
    shares
        (2 R, C), of the share of each class, in the order of `Compared.classes`.
    together
        (R, C), of the share of each relation, both kinds of batches together.
    cutoffs, recalls
        (targets,), of the operating points.
    resampled
        What is resampled.
    """

    shares: np.ndarray
    together: np.ndarray
    cutoffs: np.ndarray
    recalls: np.ndarray
    resampled: ResamplingUnit

    @classmethod
    def of(
        cls, variance: np.ndarray, numbers: PooledNumbers, having: np.ndarray, n_cells: int, resampled: ResamplingUnit
    ) -> Errors:
        """Return the errors from the variances of numbers, packed as these are, of which so many cells have a part."""
        targets, n_classes = len(TARGETS), len(numbers.relations)
        fewest = min(FEWEST_CELLS, n_cells)
        known = np.where(having >= fewest, 0.0, np.nan)
        at_points = np.array([crossing.value(having.astype(float)) for crossing in numbers.crossings])
        known_points = np.where(at_points >= fewest, 0.0, np.nan)
        errors = np.sqrt(variance)
        curves = errors[: -2 * targets].reshape(-1, len(having)) + known
        cutoffs, recalls = errors[-2 * targets :].reshape(2, targets) + known_points
        return cls(curves[:n_classes], curves[n_classes:], cutoffs, recalls, resampled)


class PooledNumbers:
    """All pooled numbers as a function of the numbers of relations of each class at each cutoff, and its derivative.

    Numbers are packed in one array: shares of the classes, shares of the relations with the batches together, both at
    each cutoff, then the cutoffs and the recalls of the operating points.

    Parameters
    ----------
    relations
        (2 R, C), numbers of relations at which the derivative is taken. The first two classes are those of the own
        type.
    cutoffs
        (C,), the cutoffs, the least strict first.
    """

    def __init__(self, relations: np.ndarray, cutoffs: np.ndarray):
        self.relations, self.cutoffs = relations.astype(float), cutoffs
        self.own, self.every = _own(self.relations), self.relations.sum(axis=-2)
        self.shares = _divided(_with_sums(self.relations), self.every)
        self.crossings = [Crossing.of(self.own, self.every, target) for target in TARGETS]

    @staticmethod
    def of(relations: np.ndarray, cutoffs: np.ndarray) -> np.ndarray:
        """Return the numbers of several sets of relations (..., 2 R, C)."""
        own, every = _own(relations), relations.sum(axis=-2)
        shares = _divided(_with_sums(relations), every[..., None, :])
        crossings = [Crossing.of(own, every, target) for target in TARGETS]
        at = [crossing.value(np.broadcast_to(cutoffs, own.shape)) for crossing in crossings]
        recalls = [recall_of(own, crossing) for crossing in crossings]
        return np.concatenate([_flat(shares), np.stack([*at, *recalls], axis=-1)], axis=-1)

    def derivative(self, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what each of several changes of the relations (..., 2 R, C) changes of the numbers, to first order.

        Those of the curves and those of the points, which make one packed array together.
        """
        every = directions.sum(axis=-2)
        shares = _with_sums(directions)
        shares -= self.shares * every[..., None, :]
        with np.errstate(invalid="ignore"):  # there are no relations left: nothing over nothing
            shares /= self.every
        own = _own(directions)
        cutoffs, recalls = zip(*(self._moved_point(target, own, every) for target in range(len(TARGETS))), strict=True)
        return _flat(shares), np.stack([*cutoffs, *recalls], axis=-1)

    def _moved_point(self, target: int, own: np.ndarray, every: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the changes of an operating point's cutoff and recall from those of own and all relations (..., C)."""
        crossing = self.crossings[target]
        nothing = np.full(own.shape[:-1], np.nan)
        if not crossing.reached or not self.own[0]:
            return nothing, nothing
        a, b, part = int(crossing.before), int(crossing.at), float(crossing.part)
        if a == b:  # all pairs together are precise enough: the cutoff is the first one, whatever the cells
            return nothing, nothing
        # the crossing is where short + part * (over - short) = 0, with short < 0 <= over
        short, over = (self.own[i] - TARGETS[target] * self.every[i] for i in (a, b))
        moved_short, moved_over = (own[..., i] - TARGETS[target] * every[..., i] for i in (a, b))
        moved_part = (short * moved_over - over * moved_short) / (short - over) ** 2
        left = self.own[a] + part * (self.own[b] - self.own[a])
        moved_left = own[..., a] + part * (own[..., b] - own[..., a]) + moved_part * (self.own[b] - self.own[a])
        recall = left / self.own[0]
        moved_cutoff = moved_part * (self.cutoffs[b] - self.cutoffs[a])
        return moved_cutoff, (moved_left - recall * own[..., 0]) / self.own[0]


def relation_errors(counted: CountedRelations, compared: Compared, units: np.ndarray, unit: str) -> list[Errors]:
    """Return the standard errors of a space in each scope: all cells, then each type.

    In the scope of one type, the cells of other types are taken as they are.

    Parameters
    ----------
    counted
        The relations of the space.
    compared
        The cells.
    units, unit
        (cells,), number of each cell's batch or donor; what these are called.
    """
    classes, strata = compared.classes, strata_of(compared.types, units)
    scopes = [cells for _, cells in compared.scopes()]
    resampled = [resampling_unit(cells, strata, units, unit) for cells in scopes]
    numbers = [PooledNumbers(relations[classes], counted.cutoffs) for relations in counted.relations]
    # a pair of cells of the scope is a relation of both
    both_in_all = np.ones(len(classes), bool)
    both_in_type = np.array(classes) // 2 == OWN
    n_units = int(units.max()) + 1
    going = np.zeros((n_units, len(classes), len(counted.cutoffs)))
    within, variances = [], []
    for t, cells in enumerate(scopes[1:], start=1):
        counts = counted.of_type[t - 1][:, classes].astype(float)
        by_unit = sums_by(units[cells], counts, n_units) if unit in (resampled[0].level, resampled[t].level) else None
        if resampled[t].level == unit:
            lost = _lost(by_unit, classes, both_in_type)
            of_type = _without(numbers[t], lost, np.bincount(units[cells], minlength=n_units))
        else:
            of_type = _within(numbers[t], counts, both_in_type, strata[cells])
        variances.append(of_type)
        if resampled[0].level == unit:
            going += _lost(by_unit, classes, both_in_all)
        else:
            within.append(_within(numbers[0], counts, both_in_all, strata[cells]))
    of_all = sum(within) if within else _without(numbers[0], going, np.bincount(units, minlength=n_units))
    about = zip([of_all, *variances], numbers, counted.having, scopes, resampled, strict=True)
    return [Errors.of(v, n, having, cells.stop - cells.start, d) for v, n, having, cells, d in about]


def _within(numbers: PooledNumbers, counts: np.ndarray, both: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return the variances over resamples of cells: the derivative by a cell's weight counts its pairs at both ends."""
    of_scope = np.unique(strata, return_inverse=True)[1]
    moved = numbers.derivative(counts * (1 + both)[:, None])
    return np.concatenate([variance_of_cells(part, of_scope) for part in moved])


def _without(numbers: PooledNumbers, lost: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the jackknife's variances from the relations that go with each batch (batches, 2 R, C).

    Where a target is not reached without one of the batches, the operating point has none.
    """
    part = sizes > 0
    values = PooledNumbers.of(np.maximum(numbers.relations - lost[part], 0), numbers.cutoffs)
    variance = variance_of_batches(values)
    points = slice(-2 * len(TARGETS), None)
    variance[points] = np.where(np.isnan(values[:, points]).any(axis=0), np.nan, variance[points])
    return variance


def _lost(by_unit: np.ndarray, classes: Sequence[int], both: np.ndarray) -> np.ndarray:
    """Return the relations that go with each batch, from the sums over its cells.

    A relation with a cell of another batch is lost at its other end too, where that is in the scope. Inside a batch
    both ends are among the cells already.
    """
    other_batch = np.array(classes) % 2 != SAME_BATCH
    return by_unit * (1 + (both & other_batch))[:, None]


def _own(relations: np.ndarray) -> np.ndarray:
    return relations[..., 0, :] + relations[..., 1, :]


def _with_sums(relations: np.ndarray) -> np.ndarray:
    """Return the classes (..., 2 R, C), and after them the relations with both kinds of batches together."""
    return np.concatenate([relations, relations[..., 0::2, :] + relations[..., 1::2, :]], axis=-2)


def _divided(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    by = np.broadcast_to(by, values.shape)
    return np.divide(values, by, out=np.full(values.shape, np.nan), where=by > 0)


def _flat(shares: np.ndarray) -> np.ndarray:
    return shares.reshape(*shares.shape[:-2], -1)
