"""Mean likeness of pairs of cells, exactly, without the pairs: a mean of correlations is a product of sums.

The correlation of two vectors is the product of their directions, so that what a cell has with many others is its
direction times the sum of theirs. Sums are kept by type and unit, from which the means without a unit follow too. The
same cells can be encoded under several rules: likeness is then that of a cell under one rule with another cell, or with
itself, under another one, mean over the pairs of rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.measures.settings.scores import Cells
from rankstudy.measures.uncertainty.influence import Influence, sums_by
from rankstudy.pairs.likeness.numbers import mean_of


@dataclass(frozen=True)
class PairMeans:
    """What cells have in common with each other, and with themselves under another rule.

    Attributes
    ----------
    types, units
        (cells,), number of each cell's type, and of its batch or donor.
    apart
        (cells,), 1 less the likeness of a cell with itself: exactly 0 where its vectors are equal.
    own, other
        (cells,), sums of likeness over the other cells of its type, and over those of other types.
    own_inside, other_inside
        (types, units), sums over the ordered pairs of different cells inside a unit, of the type, and of it and others.
    """

    types: np.ndarray
    units: np.ndarray
    apart: np.ndarray
    own: np.ndarray
    other: np.ndarray
    own_inside: np.ndarray
    other_inside: np.ndarray

    @classmethod
    def of(cls, rules: sp.csr_matrix, cells: Cells, *, centred: bool) -> PairMeans:
        """Take the vectors of all cells under one rule after the other, (rules x cells) x dimensions, by correlation.

        Centred, the mean over all cells and rules is subtracted from each. Under one rule a cell is compared with
        others under the same one.
        """
        of_rows, n_rules = (rules.indptr.astype(np.int64), rules.indices, rules.data), rules.shape[0] // len(cells)
        mean_cell = mean_of(rules) if centred else np.zeros(rules.shape[1])
        n_types, n_units = int(cells.types.max()) + 1, int(cells.units.max()) + 1
        groups = cells.types * n_units + cells.units
        order = np.argsort(groups, kind="stable")
        sums = np.zeros((n_types * n_units, n_rules, rules.shape[1]))
        ends = np.searchsorted(groups[order], np.arange(len(sums) + 1))
        _add_directions(*of_rows, len(cells), mean_cell, order, ends, sums)
        of_types, everybody = sums.reshape(n_types, n_units, *sums.shape[1:]).sum(axis=1), sums.sum(axis=0)
        apart, with_own, with_all = np.empty((3, len(cells)))
        partners = _under_other_rules(of_types), _under_other_rules(everybody)
        _compare(*of_rows, mean_cell, cells.types, *partners, apart, with_own, with_all)
        alone = sums_by(groups, 1 - apart, len(sums)).reshape(n_types, n_units)
        inside = _inside(sums.reshape(n_types, n_units, *sums.shape[1:]))
        own_inside, any_inside = (found - alone for found in inside)
        own = with_own - (1 - apart)
        return cls(cells.types, cells.units, apart, own, with_all - with_own, own_inside, any_inside - own_inside)

    @cached_property
    def sizes(self) -> np.ndarray:
        """(types, units), numbers of cells."""
        sizes = np.zeros(self.own_inside.shape)
        np.add.at(sizes, (self.types, self.units), 1)
        return sizes

    @cached_property
    def partners(self) -> tuple[np.ndarray, np.ndarray]:
        """(cells,) each, how many other cells there are of its type, and how many of other types."""
        of_type = self.sizes.sum(axis=1)[self.types]
        return of_type - 1, len(self.types) - of_type

    def within(self) -> Influence:
        """Return the mean over all pairs of cells of one type."""
        left = self._left
        return self._pooled(self.own, self.partners[0], self.own_inside, (left * (left - 1)).sum(axis=0))

    def between(self) -> Influence:
        """Return the mean over all pairs of cells of two types."""
        left = self._left
        pairs = left.sum(axis=0) ** 2 - np.square(left).sum(axis=0)
        return self._pooled(self.other, self.partners[1], self.other_inside, pairs)

    def within_each(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean within each type, (types,), and without each unit, (types, units); NaN without two cells."""
        n, left = self.sizes.sum(axis=1), self._left
        sums = np.bincount(self.types, self.own)
        going = np.zeros(self.sizes.shape)
        np.add.at(going, (self.types, self.units), self.own)
        return sums / (n * (n - 1)), _over(sums[:, None] - 2 * going + self.own_inside, left * (left - 1))

    @property
    def _left(self) -> np.ndarray:
        """(types, units), cells of each type that are left without a unit."""
        return self.sizes.sum(axis=1, keepdims=True) - self.sizes

    def _pooled(self, sums: np.ndarray, partners: np.ndarray, inside: np.ndarray, left: np.ndarray) -> Influence:
        """Return the mean over pairs of which these are each cell's sums and numbers; `left` without each unit."""
        pairs, total = partners.sum(), sums.sum()
        going = np.bincount(self.units, sums, len(left))
        without = _over(total - 2 * going + inside.sum(axis=0), left)
        return Influence(total / pairs, 2 * (sums - partners * total / pairs) / pairs, without)


def _over(sums: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    return np.divide(sums, numbers, out=np.full(sums.shape, np.nan), where=numbers > 0)


def _under_other_rules(sums: np.ndarray) -> np.ndarray:
    """Return, for each rule, the mean of sums (..., rules, dimensions) over the others; of one alone itself."""
    n_rules = sums.shape[-2]
    return sums if n_rules == 1 else (sums.sum(axis=-2, keepdims=True) - sums) / (n_rules - 1)


def _inside(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, of sums of directions (types, units, rules, dimensions), those of likeness inside each type's units.

    Of its cells with themselves and each other, and with all of the unit: (types, units) each.
    """
    others, n_rules = _under_other_rules(sums), sums.shape[2]
    of_units = others.sum(axis=0)
    return (
        np.einsum("turd,turd->tu", sums, others) / n_rules,
        np.einsum("turd,urd->tu", sums, of_units) / n_rules,
    )


@nb.njit(cache=True)
def _direction(indptr, indices, data, row, mean_cell, found):  # pragma: no cover - compiled
    """Write a vector less the mean cell and less its own mean, at length 1."""
    for gene in range(len(found)):
        found[gene] = -mean_cell[gene]
    for k in range(indptr[row], indptr[row + 1]):
        found[indices[k]] += data[k]
    total = 0.0
    for gene in range(len(found)):
        total += found[gene]
    mean, square = total / len(found), 0.0
    for gene in range(len(found)):
        found[gene] -= mean
        square += found[gene] ** 2
    for gene in range(len(found)):
        found[gene] /= np.sqrt(square)


@nb.njit(parallel=True, cache=True)
def _add_directions(indptr, indices, data, n_cells, mean_cell, order, ends, sums):  # pragma: no cover - compiled
    """Add up the directions of each group's cells: (groups, rules, dimensions)."""
    for group in nb.prange(len(sums)):
        found = np.empty(sums.shape[2])
        for cell in order[ends[group] : ends[group + 1]]:
            for rule in range(sums.shape[1]):
                _direction(indptr, indices, data, rule * n_cells + cell, mean_cell, found)
                sums[group, rule] += found


@nb.njit(parallel=True, cache=True)
def _compare(
    indptr, indices, data, mean_cell, types, of_types, everybody, apart, with_own, with_all
):  # pragma: no cover - compiled
    """Compare each cell with itself under other rules, with the sums of its type, and with those of all cells.

    The squared distances of n points add up to n times that from their mean; half a squared distance of two directions
    is 1 less their correlation, and of equal ones it is exactly 0.
    """
    n_rules, dimensions = everybody.shape
    for cell in nb.prange(len(types)):
        found, first = np.empty(dimensions), np.empty(dimensions)
        away = np.zeros(dimensions)
        squares, own, every = 0.0, 0.0, 0.0
        for rule in range(n_rules):
            target = found if rule else first
            _direction(indptr, indices, data, rule * len(types) + cell, mean_cell, target)
            partners = of_types[types[cell], rule]
            for gene in range(dimensions):
                own += target[gene] * partners[gene]
                every += target[gene] * everybody[rule, gene]
                if rule:
                    difference = target[gene] - first[gene]
                    away[gene] += difference
                    squares += difference**2
        for gene in range(dimensions):
            squares -= away[gene] ** 2 / n_rules
        apart[cell] = squares / (n_rules - 1) if n_rules > 1 else 0.0
        with_own[cell], with_all[cell] = own / n_rules, every / n_rules
