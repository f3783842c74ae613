"""How well a state is told: three statistics of groups of cells, each a function of small matrices over the groups.

What is counted of the cells is counted once; relabellings of the null, and leaving out a donor, only add it up anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rankstudy.core.seeds import generator
from rankstudy.measures.states.groups import Groups
from rankstudy.measures.states.tables import WITHIN

# values of a likeness are ranked into so many levels, fewer where there are many pairs of groups
MOST_LEVELS, MOST_COUNTS = 2048, 1 << 23


@dataclass(frozen=True)
class Pairs:
    """How alike the cells of each two groups of different donors are: what the AUROC of pairs is counted from.

    Attributes
    ----------
    one, other
        (pairs,), the groups.
    levels
        (pairs, levels), share of their pairs of cells at each level of likeness, the least alike first. A pair of
        groups counts the same however many cells it has.
    """

    one: np.ndarray
    other: np.ndarray
    levels: np.ndarray

    @classmethod
    def of(cls, likeness: np.ndarray, groups: Groups) -> Pairs:
        """Count the likeness (n, n; larger is more alike) of the cells of groups."""
        n = len(groups.donors)
        one, other = np.triu_indices(n, 1)
        apart = groups.donors[one] != groups.donors[other]
        one, other = one[apart], other[apart]
        numbers = np.full((n, n), -1)
        numbers[one, other] = numbers[other, one] = np.arange(len(one))
        i, j = np.triu_indices(len(likeness), 1)
        pair = numbers[groups.cells[i], groups.cells[j]]
        between = pair >= 0
        n_levels = int(min(MOST_LEVELS, max(MOST_COUNTS // max(len(one), 1), 64)))
        level = _ranked(likeness[i[between], j[between]], n_levels)
        counts = np.bincount(pair[between] * n_levels + level, minlength=len(one) * n_levels).reshape(-1, n_levels)
        return cls(one, other, (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)).astype(np.float32))

    def auroc(self, states: np.ndarray, kept: np.ndarray | None = None) -> np.ndarray:
        """Return, per labelling (labellings, groups), the probability that a pair of one state is more alike.

        `kept` (labellings, groups) are the groups that take part; NaN where there is no pair of one kind.
        """
        same = states[:, self.one] == states[:, self.other]
        there = np.ones_like(same) if kept is None else kept[:, self.one] & kept[:, self.other]
        of_one, of_two = same & there, ~same & there
        n_one, n_two = of_one.sum(axis=1), of_two.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            one = (of_one.astype(np.float32) @ self.levels).astype(float) / n_one[:, None]
            two = (of_two.astype(np.float32) @ self.levels).astype(float) / n_two[:, None]
        below = np.cumsum(two, axis=1) - two
        return np.einsum("lb,lb->l", one, below + two / 2)


def _ranked(values: np.ndarray, n_levels: int) -> np.ndarray:
    """Return levels 0 .. n_levels - 1 that hold about equally many values; equal values share one."""
    edges = np.quantile(values, np.linspace(0, 1, n_levels + 1)[1:-1]) if len(values) else np.zeros(0)
    return np.searchsorted(edges, values, side="left")


@dataclass(frozen=True)
class Votes:
    """Of which groups the nearest cells of other donors are: what donor-held-out transfer of states is counted from.

    Attributes
    ----------
    found, expected
        (groups, groups), share of the nearest cells of a group's cells, and of all cells of other donors, that are of
        each group; mean over the cells of the group.
    """

    found: np.ndarray
    expected: np.ndarray

    @classmethod
    def of(cls, likeness: np.ndarray, groups: Groups, k: int) -> Votes:
        """Count the k most alike cells of other donors of each cell."""
        n, sizes = len(groups.donors), groups.sizes
        donors = groups.donors[groups.cells]
        others = np.where(donors[:, None] == donors[None, :], -np.inf, likeness)
        k = int(min(k, (donors[:, None] != donors[None, :]).sum(axis=1).min()))
        # which of equally near cells vote is chance, and not how the cells are sorted
        order = generator(0, "ties of votes").permutation(len(likeness))
        nearest = order[np.argpartition(-others[:, order], k - 1, axis=1)[:, :k]]
        counts = np.zeros((n, n))
        np.add.at(counts, (np.repeat(groups.cells, k), groups.cells[nearest].ravel()), 1.0)
        apart = groups.donors[:, None] != groups.donors[None, :]
        expected = np.where(apart, sizes[None, :], 0.0)
        return cls(counts / (sizes[:, None] * k), expected / expected.sum(axis=1, keepdims=True))

    def beyond_chance(self, states: np.ndarray, kept: np.ndarray | None = None) -> np.ndarray:
        """Return, per labelling, the share of nearest cells of the own state less chance, mean over the groups.

        Where a donor is left out, the others' nearest cells are those that are left of them.
        """
        if kept is None:
            # the shares of all groups add up to 1
            return sum(sums for sums, _ in within_labels(self.found - self.expected, states)) / states.shape[1]
        return np.array([self._without(*each) for each in zip(states, kept, strict=True)])

    def _without(self, states: np.ndarray, there: np.ndarray) -> float:
        states = states[there]
        same = states[:, None] == states[None, :]
        shares = []
        for of_groups in (self.found, self.expected):
            left = of_groups[np.ix_(there, there)]
            whole = left.sum(axis=1)
            shares.append(
                np.divide((left * same).sum(axis=1), whole, out=np.full(whole.shape, np.nan), where=whole > 0)
            )
        return float(np.nanmean(shares[0] - shares[1]))


@dataclass(frozen=True)
class Means:
    """Products (groups, groups) of the mean vectors of groups: what explained variance is counted from."""

    products: np.ndarray
    donors: np.ndarray
    design: str

    @classmethod
    def of(cls, vectors: np.ndarray, groups: Groups) -> Means:
        """Return the products of the means of vectors (n, d), unit vectors for a measure of angles."""
        sums = np.zeros((len(groups.donors), vectors.shape[1]))
        np.add.at(sums, groups.cells, vectors)
        means = sums / groups.sizes[:, None]
        means -= means.mean(axis=0)
        return cls(means @ means.T, groups.donors, groups.design)

    def explained(self, states: np.ndarray, kept: np.ndarray | None = None) -> np.ndarray:
        """Return, per labelling, the share of the variance of donors' means between states, adjusted: 0 by chance.

        R2 = 1 - within / total of the squared distances from means, adjusted for its degrees of freedom (Ezekiel 1930;
        of many variables at once: Peres-Neto et al. 2006, Ecology 87:2614-2625). Where donors have every state, what a
        donor's states have in common is taken off first.
        """
        if kept is None:
            return self._of_all_groups(states)
        return np.array([self._of_one(*each) for each in zip(states, kept, strict=True)])

    def _of_all_groups(self, states: np.ndarray) -> np.ndarray:
        """Return the same as `_of_one` for many labellings of all groups, by one product of matrices for each state."""
        products, freedom = self._centred(self.products, self.donors)
        n_states, total = len(np.unique(states)), np.trace(products)
        left = freedom - (n_states - 1)
        if n_states < 2 or not total > 0 or left <= 0:
            return np.full(len(states), np.nan)
        between = sum(sums / np.maximum(sizes, 1) for sums, sizes in within_labels(products, states))
        return 1 - (total - between) / total * freedom / left

    def _centred(self, products: np.ndarray, donors: np.ndarray) -> tuple[np.ndarray, int]:
        """Return products of vectors less the mean, or less that of each donor, and the degrees of freedom left."""
        n = len(products)
        if self.design == WITHIN:
            centre = np.eye(n) - _averages(donors)
            return centre @ products @ centre, n - len(np.unique(donors))
        return products - products.mean(axis=0) - products.mean(axis=1)[:, None] + products.mean(), n - 1

    def _of_one(self, states: np.ndarray, there: np.ndarray) -> float:
        products, labels, donors = self.products[np.ix_(there, there)], states[there], self.donors[there]
        n_states = len(np.unique(labels))
        if n_states < 2:
            return np.nan
        products, freedom = self._centred(products, donors)
        total = np.trace(products)
        within = total - np.einsum("ij,ji->", _averages(labels), products)
        left = freedom - (n_states - 1)
        return float(1 - within / total * freedom / left) if total > 0 and left > 0 else np.nan


def within_labels(values: np.ndarray, labels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each label, per labelling (labellings, groups), the sum of values within it, and its groups."""
    for label in np.unique(labels):
        having = (labels == label).astype(float)
        yield ((having @ values) * having).sum(axis=1), having.sum(axis=1)


def _averages(labels: np.ndarray) -> np.ndarray:
    """Return the matrix (n, n) that replaces each value by the mean of those with its label."""
    same = labels[:, None] == labels[None, :]
    return same / same.sum(axis=1, keepdims=True)
