"""The relations of cells at each of many cutoffs, counted from the bins that the engine keeps per cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rankstudy.measures.compared import Compared
from rankstudy.pairs.engine.grids import bin_edges
from rankstudy.pairs.engine.result import BlockResult


@dataclass(frozen=True)
class CountedRelations:
    """Relations of one space at each of C cutoffs, the least strict first.

    Scopes are those of `Compared.scopes`: all cells, then each type.

    Attributes
    ----------
    space
        Name of the space.
    cutoffs
        (C,), their values.
    of_type
        Of each type (cells, N_CLASSES, C), the relations of each of its cells.
    shares
        (scopes, N_CLASSES, C), sums of the cells' shares.
    relations
        (scopes, N_CLASSES, C), numbers of relations.
    having
        (scopes, C), cells that have a relation.
    """

    space: str
    cutoffs: np.ndarray
    of_type: list[np.ndarray]
    shares: np.ndarray
    relations: np.ndarray
    having: np.ndarray

    @classmethod
    def of(cls, result: BlockResult, s: int, compared: Compared) -> CountedRelations:
        """Count the relations of a space, and sum them over the cells of each type."""
        result.require_cutoffs()
        about = result.about
        space, similarity = about["spaces"][s], about["spaces"][s]["metric"] != "euclidean"
        ends = zip(compared.offsets, compared.offsets[1:], strict=False)
        of_type = [at_least_as_alike(result.cutoffs[s, begin:end], similarity) for begin, end in ends]
        shares, relations, having = zip(*map(_summed, of_type), strict=True)
        # types part the cells: the scope of all cells is their sum
        scopes = (np.stack([sum(arrays), *arrays]) for arrays in (shares, relations, having))
        return cls(space["name"], cutoffs_of(space["range"], about["cutoffs"], similarity), of_type, *scopes)


def _summed(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sums of shares, the sums of relations, and the cells that have one, of cells (cells, N_CLASSES, C)."""
    n = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, n, out=np.zeros(counts.shape), where=n > 0).sum(axis=0)
    return shares, counts.sum(axis=0, dtype=np.int64), (n[:, 0] > 0).sum(axis=0)


def cutoffs_of(limits: Sequence[float], n_bins: int, similarity: bool) -> np.ndarray:
    """Return the cutoffs that bins of a range make, the least strict first."""
    edges = bin_edges(*limits, n_bins)
    return edges[:-1] if similarity else edges[:0:-1]


def at_least_as_alike(counts: np.ndarray, similarity: bool) -> np.ndarray:
    """Return, from counts in bins (last axis), those at least as alike as each of `cutoffs_of`."""
    return np.cumsum(counts[..., ::-1] if similarity else counts, axis=-1, dtype=np.int32)[..., ::-1]
