"""A slow float64 reference of everything that `rankstudy.pairs.engine.compare` reduces."""

import numpy as np
import scipy.sparse as sp
from scipy.spatial.distance import cdist

from rankstudy.measures.uncertainty.influence import Influence


def likeness(space):
    """Return the measure of all cells with all cells, by scipy in float64."""
    vectors = space.vectors.toarray() if sp.issparse(space.vectors) else space.vectors
    distance = cdist(np.asarray(vectors, float), np.asarray(vectors, float), space.metric)
    return distance if space.metric == "euclidean" else 1 - distance


def type_pair(values, slugs, a, b):
    """Return the values of the pairs of two types, each unordered pair of cells once."""
    block = values[np.ix_(slugs == a, slugs == b)]
    return block[np.triu_indices(len(block), 1)] if a == b else block.ravel()


def type_distribution(values, slugs, a, within):
    """Return the values of the pairs within a type, or of its cells with those of other types."""
    return type_pair(values, slugs, a, a) if within else values[np.ix_(slugs == a, slugs != a)].ravel()


def extreme(values, slugs, cell, within, similarity, among=None):
    """Return value and number of a cell's least alike of its type, or most alike of the types `among`; or (nan, -1)."""
    met = True if among is None else np.isin(slugs, list(among))
    candidates = np.flatnonzero(((slugs == slugs[cell]) == within) & met)
    candidates = candidates[candidates != cell]
    if not len(candidates):
        return np.nan, -1
    row = values[cell, candidates]
    best = row.min() if within == similarity else row.max()
    return best, int(candidates[row == best][0])


def relation_values(values, slugs, within):
    """Return the values of all pairs within types or between types, each unordered pair once."""
    i, j = np.triu_indices(len(slugs), 1)
    chosen = (slugs[i] == slugs[j]) == within
    return values[i[chosen], j[chosen]]


def mean_of_cells(values, batches, n_batches):
    """Return what moves a mean over cells (of values from 0 to 1), if no cell's value depends on the other cells."""
    left = [values[batches != batch] for batch in range(n_batches)]
    without = [rest.mean() if 0 < len(rest) < len(values) else np.nan for rest in left]
    return Influence(float(values.mean()), (values - values.mean()) / len(values), np.array(without))
