"""Small compared cells with ties, several types and batches, and what a slow search in float64 says of them."""

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.measures.compared import Compared
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.pairs.engine.result import OTHER, OWN, SIMILAR, UNKNOWN
from tests.unit.helpers import analysed_cells, space, toy_counts
from tests.unit.reference import likeness

SIZES = (9, 2, 14, 6, 5)
METRICS = {"corr": "correlation", "cos": "cosine", "dist": "euclidean"}
K = (4, 7)
CUTOFFS = 13
# what summarise_relations and summarise_neighbours write
TABLES = (
    "relations",
    "operating_points",
    "neighbourhoods",
    "batch_driven",
    "neighbour_cells",
    "neighbour_overlap",
    "label_transfer",
)


def relations():
    """Return the relations of five types: the first and the third are similar, of the last one nothing is known."""
    matrix = np.where(np.eye(len(SIZES)), OWN, OTHER)
    matrix[0, 2] = matrix[2, 0] = SIMILAR
    matrix[4, :4] = matrix[:4, 4] = UNKNOWN
    return matrix.astype(np.int32)


def batched(of, batches):
    """Return a space whose cells have other batches."""
    return SpaceData(of.name, of.metric, of.vectors, of.cells.assign(batch=batches))


def make_spaces(seed=0, sizes=SIZES, n_batches=3):
    """Return spaces of all metrics; distances are between whole numbers, so that many are equal."""
    random = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(len(sizes)), sizes)
    counts = toy_counts(sum(sizes), 31, seed)
    counts[np.arange(sum(sizes)), 5 * kinds] += 12
    grid = (random.integers(0, 5, (sum(sizes), 3)) + 3 * kinds[:, None]).astype(np.float32)
    vectors = {"corr": sp.csr_matrix(counts, dtype=np.float32), "cos": np.sqrt(counts).astype(np.float32), "dist": grid}
    batches = [f"batch{b}" for b in random.integers(0, n_batches, sum(sizes))]
    return [batched(space(vectors[name], sizes, metric, name), batches) for name, metric in METRICS.items()]


def everything(spaces, matrix=None, **options):
    """Return the engine's result, and the cells that it compares."""
    options = {"neighbours": max(K), "across": max(K), "cutoffs": CUTOFFS, **options}
    result = compare(spaces, relations=matrix, **options)
    return result, Compared.of(result, analysed_cells(spaces[0].cells))


def scores(of):
    """Return the likeness of all cells with all others (float64), larger for more alike, -inf for a cell itself."""
    values = likeness(of)
    return np.where(np.eye(len(values)), -np.inf, values if of.metric != "euclidean" else -values)


def classes(cells, matrix):
    """Return the name of the relation, and whether the batch is the same, of all cells with all others."""
    codes = np.searchsorted(sorted(cells["slug"].unique()), cells["slug"])
    names = np.array(["own", "similar", "other", "unknown"])[matrix[np.ix_(codes, codes)]]
    batch = cells["batch"].to_numpy()
    return names, np.where(batch[:, None] == batch, "same", "other")


def scopes(cells):
    """Return the label of each scope and which cells it has."""
    labels = cells["cell_type"].to_numpy()
    return [(None, np.ones(len(cells), bool)), *((label, labels == label) for label in pd.unique(labels))]


def nearest(score, k):
    """Return the k highest of each row, of equal ones the lower number first, among those that are not -inf."""
    found = []
    for row in score:
        order = np.lexsort((np.arange(len(row)), -row))
        found.append([int(j) for j in order[:k] if row[j] > -np.inf])
    return found
