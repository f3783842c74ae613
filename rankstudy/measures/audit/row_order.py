"""Are the rows in the order of their ids: label structure as it is, and in every order that comes to mind.

Geneformer's extractor of embeddings sorts cells by length, longest first, and writes the row number as the first
column; whoever puts the cells' names back in their own order scores a matrix of shuffled rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rankstudy.core.seeds import generator
from rankstudy.measures.audit.brought_rows import Brought
from rankstudy.measures.audit.findings import Finding, beside_the_point
from rankstudy.measures.audit.tables import FAILED, PASSED, REPORTED
from rankstudy.measures.audit.thresholds import Thresholds

CHECK = "order of the rows"
NEIGHBOURS = 15
MOST_ROWS = 2000
_LEAST_ROWS = 50
_FOLDS = 5
_SHUFFLES = 50


def row_order(brought: Brought, clean: np.ndarray, thresholds: Thresholds, seed: int) -> Finding:
    """Return whether cells of one label are near each other, and if not, whether they would be in another order.

    Parameters
    ----------
    brought
        The embedding.
    clean
        (d,), the columns that are no row number, depth or batch.
    thresholds, seed
        Of the audit, and of the draw of rows.
    """
    labels = pd.Series(brought.of_rows("cell_type"))
    if labels.notna().sum() < _LEAST_ROWS or labels.nunique() < 2 or not clean.any():
        return beside_the_point(CHECK, f"fewer than two labels, or than {_LEAST_ROWS} cells that have one")
    chosen = _chosen(labels.notna().to_numpy(), seed)
    vectors = _scaled(brought.vectors[chosen][:, clean])
    nearest, own = _nearest(vectors), labels.to_numpy(object)[chosen]
    found = structure(nearest, own)
    words = f"label structure {found:.3f} (0: chance, 1: all of the {NEIGHBOURS} nearest cells have its label)"
    best, key = max(_in_other_orders(brought, nearest, chosen), default=(found, ""))
    if best - found >= max(thresholds.restored, thresholds.beyond_luck * _luck(nearest, own, seed)):
        remedy = (
            f"in the order of {key} it is {best:.3f}: the rows seem to stand in that order, not that of the ids; "
            "join them by id where they are made"
        )
        return Finding(CHECK, key, FAILED, best - found, thresholds.restored, f"{words}; {remedy}")
    if found >= thresholds.at_chance:
        return Finding(CHECK, "", PASSED, found, thresholds.at_chance, words)
    told = _row_number_told(vectors, brought, chosen)
    if told >= thresholds.knows_the_row:
        remedy = (
            f"the vectors tell {told:.0%} of the variance of their row numbers that labels, batch and depth do not: "
            "the rows seem to be sorted by something that the vectors know; join them by id where they are made; if "
            "the cells are sorted by what no label says (a time, a donor), name that as the batch"
        )
        return Finding(CHECK, "row number", FAILED, told, thresholds.knows_the_row, f"{words}; {remedy}")
    return Finding(
        CHECK, "", REPORTED, found, thresholds.at_chance, f"{words}; no other order restores it: it tells no labels"
    )


def _luck(nearest: np.ndarray, labels: np.ndarray, seed: int) -> float:
    """Return the standard deviation of the label structure of the same neighbours with shuffled labels."""
    random = generator(seed, "shuffled labels")
    return float(np.std([structure(nearest, random.permutation(labels)) for _ in range(_SHUFFLES)]))


def structure(nearest: np.ndarray, labels: np.ndarray) -> float:
    """Return how far beyond chance the nearest cells (m, k) have a cell's own label: 0 by chance, 1 at best.

    Cells without a label count neither as cells nor as neighbours. Chance is what other cells have, drawn at random.
    """
    codes, _ = pd.factorize(pd.Series(labels, dtype=object))
    cells = codes >= 0
    beside = codes[nearest[cells]]
    own = ((beside == codes[cells][:, None]).sum(axis=1) / np.maximum((beside >= 0).sum(axis=1), 1)).mean()
    sizes = np.bincount(codes[cells])
    n = sizes.sum()
    chance = float((sizes * (sizes - 1)).sum() / (n * (n - 1)))
    return float((own - chance) / (1 - chance)) if chance < 1 else 0.0


def _chosen(labelled: np.ndarray, seed: int) -> np.ndarray:
    """Return which of the rows with a label are looked at, increasing; their vectors say nothing of the draw."""
    at = np.flatnonzero(labelled)
    if len(at) <= MOST_ROWS:
        return at
    return np.sort(generator(seed, "order of rows").choice(at, MOST_ROWS, replace=False))


def _scaled(vectors: np.ndarray) -> np.ndarray:
    """Return vectors whose columns have like scales: one that is on another scale would decide who is near."""
    spread = vectors.std(axis=0, dtype=np.float64)
    return (vectors[:, spread > 0] / spread[spread > 0]).astype(np.float32)


def _nearest(vectors: np.ndarray) -> np.ndarray:
    from sklearn.neighbors import NearestNeighbors

    k = min(NEIGHBOURS, len(vectors) - 1)
    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(vectors).kneighbors(return_distance=False)


def _in_other_orders(brought: Brought, nearest: np.ndarray, chosen: np.ndarray) -> Iterator[tuple[float, str]]:
    """Yield the label structure if the rows stood in the order of some key of the cells, and the key."""
    known = brought.cell_of >= 0
    cells = brought.cell_of[known]
    if len(np.unique(cells)) != len(cells):
        return
    # which of the known rows each row is
    number = np.cumsum(known) - 1
    places = number[brought.rows[chosen]]
    types = brought.cells["cell_type"].to_numpy(object)
    for key, order in _orders(brought, cells):
        yield structure(nearest, types[cells[order]][places]), key


def _orders(brought: Brought, cells: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield orders of the cells of the known rows other than that of the ids, by what they are called."""
    held = {name: brought.cells[name].to_numpy(float) for name in brought.depths}
    for name, values in {**held, **brought.keys}.items():
        wanted = np.asarray(values, float)[cells]
        yield f"{name}, ascending", np.argsort(wanted, kind="stable")
        yield f"{name}, descending", np.argsort(-wanted, kind="stable")
    names = brought.cells["cell_id"].to_numpy(str)[cells]
    yield "sorted names", np.argsort(names, kind="stable")
    yield "sorted names, from the end", np.argsort(names, kind="stable")[::-1]
    yield "the data set’s own file", np.argsort(cells, kind="stable")
    yield "the file, from its end", np.arange(len(cells))[::-1]


def _row_number_told(vectors: np.ndarray, brought: Brought, chosen: np.ndarray) -> float:
    """Return the share of the variance of the row number, less what labels, batch and depth tell, that vectors predict.

    A file that is sorted by batch, in which the vectors know the batch, is in order: what the joined cells tell of the
    row number is taken off first.
    """
    from sklearn.linear_model import LinearRegression, RidgeCV
    from sklearn.model_selection import KFold, cross_val_predict

    labels = pd.DataFrame({name: brought.of_rows(name)[chosen] for name in ("cell_type", "batch")})
    beside = pd.get_dummies(labels.astype(object), dtype=float)
    for name, values in brought.depths.items():
        depth = np.log1p(values[chosen])
        beside[name] = np.where(np.isfinite(depth), depth, 0.0)
    number = brought.rows[chosen].astype(float)
    left = number - LinearRegression().fit(beside, number).predict(beside)
    folds = KFold(_FOLDS, shuffle=True, random_state=0)
    told = cross_val_predict(RidgeCV(np.logspace(-2, 4, 7)), vectors, left, cv=folds)
    return float(1 - ((left - told) ** 2).sum() / ((left - left.mean()) ** 2).sum())
