"""How far from chance labels without meaning may lead: standard errors over all permutations of the cells.

Let x be a value of each of the P = n(n-1)/2 pairs of n cells, centred, and L be 1 for pairs that are related (of one
type, say) and 0 for all others. If labels mean nothing, every permutation of the cells under the vectors is equally
likely, and the sum of x * L is 0 on average. Both x and L split into a part that is a sum of two effects of cells
(hubs; sizes of types) and a rest, in which each cell sums to zero. Permutations keep the parts apart, and the variance
of the sum over all permutations is

    A(x) A(L) / (n - 1)  +  E(x) E(L) / (n (n - 3) / 2)

with A and E the sums of squares of the two parts (the permutation variance of Mantel's statistic; Mantel 1967). L is
known from the labels. Of x only a bound of A(x) + E(x) is: so the variance is largest if x is all hubs, or has none.
Pairs that share a cell are nowhere taken to be independent.
"""

from __future__ import annotations

from math import sqrt

import numpy as np


def auroc_error(partners: np.ndarray) -> float:
    """Return the largest standard error that the AUROC over all types can have if the labels mean nothing.

    With x the mid-ranks of all pairs, centred and over P, the AUROC is 1/2 + P / (between * within) * (sum of x within
    types). The squares of x sum to at most P / 12, the variance of ranks, which ties make smaller.

    Parameters
    ----------
    partners
        (n,), for each of at least four cells the number of others of its type; of at least two types.
    """
    n = len(partners)
    pairs, within = n * (n - 1) / 2, float(np.sum(partners)) / 2
    return pairs / ((pairs - within) * within) * sqrt(pairs / 12 * _largest_factor(partners))


def neighbour_error(partners: np.ndarray, k: int) -> float:
    """Return the largest standard error that the mean share of related cells among k neighbours can have.

    With x half the number of directions in which two cells are neighbours (0, 1/2, 1), the share is 2 / (n k) * (sum of
    x over related pairs). The x sum to n k / 2, and so at most do their squares before x is centred.

    Parameters
    ----------
    partners
        (n,), for each of at least four cells the number of others that are related to it.
    k
        Neighbours of each cell; at most n - 1.
    """
    n = len(partners)
    total = n * k / 2
    squares = total - total**2 / (n * (n - 1) / 2)
    return 2 / (n * k) * sqrt(squares * _largest_factor(partners))


def _largest_factor(partners: np.ndarray) -> float:
    """Return the largest variance of the sum of x * L per unit of the squares of x."""
    n, partners = len(partners), np.asarray(partners, float)
    related = partners.sum() / 2
    of_cells = float(((partners - partners.mean()) ** 2).sum() / (n - 2))
    rest = related * (1 - related / (n * (n - 1) / 2)) - of_cells
    return max(of_cells / (n - 1), rest / (n * (n - 3) / 2))
