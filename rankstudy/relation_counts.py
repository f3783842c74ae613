"""The relations of cells at each of many cutoffs, counted from the bins that the engine keeps per cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rankstudy.compared import N_CLASSES, Compared
from rankstudy.pairs.grids import bin_edges
from rankstudy.pairs.result import BlockResult


class CountedRelations:
    """Relations of one space at each of C cutoffs, the least strict first, summed over the cells of each scope.

    Scopes are those of `Compared.scopes`: all cells, then each type.

    Attributes
    ----------
    space
        Name of the space.
    cutoffs
        (C,), their values.
    shares
        (scopes, N_CLASSES, C), sums of the cells' shares.
    relations
        (scopes, N_CLASSES, C), numbers of relations.
    having
        (scopes, C), cells that have a relation.
    """

    def __init__(self, space: str, cutoffs: np.ndarray, shares: np.ndarray, relations: np.ndarray, having: np.ndarray):
        self.space, self.cutoffs = space, cutoffs
        # types part the cells: the scope of all cells is their sum
        self.shares, self.relations, self.having = (
            np.concatenate([array.sum(axis=0, keepdims=True), array]) for array in (shares, relations, having)
        )

    @classmethod
    def of(cls, result: BlockResult, s: int, compared: Compared) -> CountedRelations:
        """Sum the counts of a space over the cells of each type, one type at a time: memory does not grow with all cells."""
        space, n_bins = result.about["spaces"][s], result.about["cutoffs"]
        shape = (len(compared.labels), N_CLASSES, n_bins)
        shares, relations = np.zeros(shape), np.zeros(shape, np.int64)
        having = np.zeros((shape[0], n_bins), np.int64)
        for t in range(len(compared.labels)):
            counts = relations_of_type(result, s, compared, t)
            n = counts.sum(axis=1, keepdims=True)
            shares[t] = np.divide(counts, n, out=np.zeros(counts.shape), where=n > 0).sum(axis=0)
            relations[t] = counts.sum(axis=0)
            having[t] = (n[:, 0] > 0).sum(axis=0)
        return cls(space["name"], cutoffs_of(space["range"], n_bins, is_similarity(space)), shares, relations, having)


def relations_of_type(result: BlockResult, s: int, compared: Compared, t: int) -> np.ndarray:
    """Return the relations of each cell of a type in a space: (cells, N_CLASSES, C), at each cutoff, the least strict first."""
    begin, end = compared.offsets[t : t + 2]
    return at_least_as_alike(result.cutoffs[s, begin:end], is_similarity(result.about["spaces"][s]))


def is_similarity(space: Mapping[str, object]) -> bool:
    """Return whether a larger measure is more alike, from what a result says about a space."""
    return space["metric"] != "euclidean"


def cutoffs_of(limits: Sequence[float], n_bins: int, similarity: bool) -> np.ndarray:
    """Return the cutoffs that bins of a range make, the least strict first."""
    edges = bin_edges(*limits, n_bins)
    return edges[:-1] if similarity else edges[:0:-1]


def at_least_as_alike(counts: np.ndarray, similarity: bool) -> np.ndarray:
    """Return, from counts in bins (last axis), those at least as alike as each of `cutoffs_of`."""
    return np.cumsum(counts[..., ::-1] if similarity else counts, axis=-1, dtype=np.int64)[..., ::-1]
