"""What one cell, or one batch, changes of a statistic: all that a resample has to know of the pairs.

A statistic over pairs gives each pair the product of the weights of its two cells, so that a cell sampled once more
also comes once more as the partner of every other cell. To first order it moves by the sum of the cells' influences,
its derivatives by their weights (the infinitesimal jackknife: Efron 1982, The Jackknife, the Bootstrap and Other
Resampling Plans, chapter 6). Batches are few and large, so they are left out one by one instead: in a statistic over
pairs, the derivatives by the weights of a few batches are too small. Both follow from counts that the engine keeps per
cell, and pairs are never seen again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from rankstudy.pairs.engine.grids import BINS
from rankstudy.pairs.engine.result import OTHER_BATCH, OWN, SAME_BATCH, BlockResult

WITHIN, BETWEEN = 0, 1


@dataclass(frozen=True)
class Influence:
    """A statistic and what moves it.

    Attributes
    ----------
    estimate
        Its value, from 0 to 1.
    of_cells
        (cells,), its derivative by the weight of each of the cells that it is about.
    without
        (batches,), its value without each batch; NaN for a batch that has no part in it.
    """

    estimate: float
    of_cells: np.ndarray
    without: np.ndarray

    @property
    def of_batches(self) -> np.ndarray:
        """(batches,), what drawing a batch once more adds, such that the squares add up to the jackknife's variance.

        That variance is (n - 1) / n times the sum of the squared deviations of `without` from their mean, for n batches
        (Efron and Stein 1981, Annals of Statistics 9:586-596).
        """
        part = np.isfinite(self.without)
        n = part.sum()
        if n < 2:
            return np.zeros(len(part))
        return np.where(part, self.without[part].mean() - self.without, 0.0) * np.sqrt((n - 1) / n)


def counts_of_cells(result: BlockResult, space: int) -> np.ndarray:
    """Return each cell's pairs, within types and between them, with other batches and its own: (cells, 2, 2, bins).

    All relations but OWN are pairs between types, whatever their number.
    """
    by_group = result.cutoffs[space]
    counts = np.empty((len(by_group), 2, 2, by_group.shape[2]), np.float32)
    for batch in (OTHER_BATCH, SAME_BATCH):
        own = 2 * OWN + batch
        counts[:, WITHIN, batch] = by_group[:, own]
        counts[:, BETWEEN, batch] = by_group[:, batch::2].sum(axis=1) - by_group[:, own]
    return counts


def auroc(
    counts: np.ndarray,
    fine: tuple[np.ndarray, np.ndarray],
    estimate: float,
    batches: np.ndarray,
    n_batches: int,
    *,
    similarity: bool,
    one_type: bool = False,
) -> Influence:
    """Return what moves the probability that a within-type pair is more alike than a between-type pair.

    A cell's influence is the sum over its pairs within types of (share of the pairs between types that are less alike -
    AUROC) / (pairs within), and over its pairs between types of (share of the pairs within types that are more alike -
    AUROC) / (pairs between).

    Parameters
    ----------
    counts
        What `counts_of_cells` returns, of all cells or of those of one type.
    fine
        All pairs within and all between types, each once, on BINS bins: on the bins of `counts`, the shares are means
        over them.
    estimate
        The AUROC.
    batches, n_batches
        (cells,), number of each cell's batch; how many batches there are.
    similarity
        Whether a larger measure is more alike.
    one_type
        Whether the cells are of one type, whose own pairs are compared with its pairs with others. These others stay as
        they are, since no cell's pairs with each other type are kept apart.
    """
    shares = _mean_shares(*fine, counts.shape[3], similarity=similarity)
    per_pair = [(of_pair - estimate) / pairs.sum() for of_pair, pairs in zip(shares, fine, strict=True)]
    of_cells = sum(counts[:, kind].sum(axis=1) @ per_pair[kind] for kind in (WITHIN, BETWEEN))
    every = counts.sum(axis=(0, 2), dtype=float) / 2
    # a pair inside a batch goes with it once, although it is counted at both of its cells
    going = counts[:, :, OTHER_BATCH] + counts[:, :, SAME_BATCH] / 2
    if one_type:
        every[BETWEEN] *= 2
        going[:, BETWEEN] = counts[:, BETWEEN].sum(axis=1)
    left = every - sums_by(batches, going, n_batches)
    whole, without = (auroc_of(pairs, similarity=similarity) for pairs in (every[None], left))
    without[np.bincount(batches, minlength=n_batches) == 0] = np.nan
    # coarse bins hide part of the AUROC, but about the same part with and without a batch
    return Influence(estimate, of_cells, estimate + without - whole)


def neighbour_share(
    meets: np.ndarray, neighbours: np.ndarray, batches: np.ndarray, n_batches: int, *, pools: np.ndarray | None = None
) -> Influence:
    """Return what moves the mean over cells of the share of their neighbours that meet a condition.

    A cell takes part twice: with its own neighbours, and as a neighbour of others. Where it is sampled once more, the
    farthest neighbour drops out of each list that it stands in; what it adds there is its own value less that at the
    rim, taken as the mean over the farther half of the list. The reverse holds where its batch is left out.

    Parameters
    ----------
    meets
        (cells, k), whether each neighbour meets it.
    neighbours
        (cells, k), numbers of the k nearest cells, best first.
    batches, n_batches
        As in `auroc`.
    pools
        (cells,), of how many cells the neighbours of each are the nearest, where these are not all.
    """
    n, k = neighbours.shape
    shares = meets.mean(axis=1)
    rim = meets[:, k // 2 :].mean(axis=1, keepdims=True)
    added = ((meets - rim) / k).ravel()
    listed, holder = neighbours.ravel(), np.repeat(np.arange(n), k)
    as_neighbours = np.bincount(batches[listed] * n_batches + batches[holder], added, n_batches**2)
    of_cells, between = np.bincount(listed, added, n), as_neighbours.reshape(n_batches, n_batches)
    return mean_of_lists(shares, of_cells, between, batches, pools=pools)


def mean_of_lists(
    values: np.ndarray, added: np.ndarray, between: np.ndarray, batches: np.ndarray, *, pools: np.ndarray | None = None
) -> Influence:
    """Return what moves the mean over cells of a number that each has of a list of its nearest cells.

    Parameters
    ----------
    values
        (cells,), the number of each.
    added
        (cells,), what a cell that comes once more adds to the numbers of others, in whose lists it stands.
    between
        (batches, batches), the same as sums by its batch and by that of the others.
    batches, pools
        As in `neighbour_share`.
    """
    n, n_batches = len(values), len(between)
    sizes = np.bincount(batches, minlength=n_batches)
    of_others = between * (1 - np.eye(n_batches))  # lists of its own cells go with it
    # without it, the lists of the other batches are filled from fewer cells
    pool = np.bincount(batches, np.full(n, n) if pools is None else pools, n_batches) / np.maximum(sizes, 1)
    growing = pool / np.maximum(pool - sizes[:, None], 1)
    lost = np.bincount(batches, values, n_batches) + (of_others * growing).sum(axis=1)
    of_cells = (values - values.mean() + added) / n
    return Influence(float(values.mean()), of_cells, _mean_of_rest(values, lost, sizes))


def pairs_once(found: Influence, squares: float, between: np.ndarray) -> Influence:
    """Return what moves a mean over lists of neighbours, with what two cells have together counted once.

    It is counted with the one that has the list and with the one that stands in it, so that the squares of what cells
    move add up to too much (Efron and Stein 1981, section 2): by about the sum of the squares of what each adds to each
    other one, which is nearly all of the two together. Where the two are nearly all, a quarter of the squares is left.

    Parameters
    ----------
    found
        What `mean_of_lists` returns.
    squares
        The sum of the squares of what each cell adds to each other one, as it moves the mean.
    between
        (batches, batches), what the cells of one add to those of another, as it moves the mean.
    """
    deviations = found.of_cells - found.of_cells.mean()
    of_cells = found.of_cells.mean() + deviations * _shrunk(squares, np.square(deviations).sum())
    part = np.isfinite(found.without)
    n = part.sum()
    if n < 3:
        return Influence(found.estimate, of_cells, found.without)
    apart = ~np.eye(n, dtype=bool)
    together = np.where(apart, between[np.ix_(part, part)], 0.0)
    means = [together.sum(axis=axis, keepdims=True) / (n - 1) for axis in (0, 1)]
    together = np.where(apart, together - means[0] - means[1] + together.sum() / (n * (n - 1)), 0.0)
    middle = found.without[part].mean()
    moved = (found.without - middle) * (n - 1) / n
    shrunk = _shrunk(np.square(together).sum(), np.square(moved[part]).sum())
    return Influence(found.estimate, of_cells, middle + (found.without - middle) * shrunk)


def _shrunk(too_much: float, squares: float) -> float:
    """Return by what deviations are multiplied so that their squares add up to so much less."""
    return float(np.sqrt(max(1 - too_much / squares, 0.25))) if squares > 0 else 1.0


def mean_of_cells(values: np.ndarray, batches: np.ndarray, n_batches: int) -> Influence:
    """Return what moves the mean of a number of each cell that does not depend on which other cells there are.

    Parameters
    ----------
    values
        (cells,), from 0 to 1.
    batches, n_batches
        As in `auroc`.
    """
    sizes = np.bincount(batches, minlength=n_batches)
    lost = np.bincount(batches, values, n_batches)
    return Influence(float(values.mean()), (values - values.mean()) / len(values), _mean_of_rest(values, lost, sizes))


def coarseness(counts: np.ndarray) -> float:
    """Return the share of comparisons of a pair within and a pair between types that fall into one bin of the counts.

    What moves the AUROC inside a bin is not seen. On the cell lines of sc_mixology standard errors come out 3 % too
    small with a twentieth of all comparisons there, and 10 % with a tenth.
    """
    pairs = counts.sum(axis=(0, 2), dtype=float)
    shares = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)
    return float(shares[WITHIN] @ shares[BETWEEN])


def sums_by(groups: np.ndarray, values: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the sums of the values (cells, ...) over each group, in float64."""
    member = sp.csr_array((np.ones(len(groups)), (groups, np.arange(len(groups)))), shape=(n_groups, len(groups)))
    return (member @ values.reshape(len(groups), -1)).reshape(n_groups, *values.shape[1:])


def _mean_of_rest(values: np.ndarray, lost: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the mean without each batch, whose cells are so many and have these sums.

    NaN where it is all or nothing.
    """
    left = np.where(sizes > 0, len(values) - sizes, 0)
    return np.divide(values.sum() - lost, left, out=np.full(len(sizes), np.nan), where=left > 0)


def auroc_of(pairs: np.ndarray, *, similarity: bool) -> np.ndarray:
    """Return the AUROC of several distributions (several, 2, bins) of pairs within and between.

    NaN where there are none.
    """
    within, between = pairs[:, WITHIN], pairs[:, BETWEEN]
    less = np.cumsum(between, axis=1) - between / 2
    if not similarity:
        less = between.sum(axis=1, keepdims=True) - less
    n_compared = within.sum(axis=1) * between.sum(axis=1)
    return np.divide((within * less).sum(axis=1), n_compared, out=np.full(len(pairs), np.nan), where=n_compared > 0)


def _mean_shares(
    within: np.ndarray, between: np.ndarray, n_bins: int, *, similarity: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of `shares_of_others` on coarse bins."""
    less, more = shares_of_others(within, between, similarity=similarity)
    at = ((np.arange(BINS) + 0.5) * n_bins / BINS).astype(int)
    return _mean_in_bins(less, within, at, n_bins), _mean_in_bins(more, between, at, n_bins)


def shares_of_others(within: np.ndarray, between: np.ndarray, *, similarity: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return per bin, for pairs within types the share of those between that are less alike, and the reverse."""
    below_within, below_between = (np.cumsum(c) - c / 2 for c in (within, between))
    less, more = below_between / between.sum(), 1 - below_within / within.sum()
    return (less, more) if similarity else (1 - less, 1 - more)


def _mean_in_bins(values: np.ndarray, weights: np.ndarray, at: np.ndarray, n_bins: int) -> np.ndarray:
    """Return the weighted mean of fine bins in each coarse one."""
    # a pair near the edge of a coarse bin may have its fine bin counted with the next one: none is left without weight
    weights = weights + 1e-9
    return np.bincount(at, weights * values, n_bins) / np.bincount(at, weights, n_bins)
