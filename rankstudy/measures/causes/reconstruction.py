"""What expression can be read back from the place in an order alone, whichever gene stands there.

Cells are parted at random. Of each part, the logarithm of expression is predicted by a curve that was learnt on the
other parts: isotonic regression on the logarithm of the place, which may take any form as long as it falls, and one
level for genes that the order does not hold. Beside it stands what knows the gene and nothing of the cell: the gene's
mean over the cells of the other parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.draws import keys_of_cells
from rankstudy.core.identity import positions_of
from rankstudy.core.progress import Progress
from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.causes.tables import RECONSTRUCTIONS
from rankstudy.measures.lattice.corner import RANK, Corner
from rankstudy.measures.lattice.vectors import Read
from rankstudy.measures.settings.tables import SELECTED
from rankstudy.measures.uncertainty.influence import mean_of_cells
from rankstudy.measures.uncertainty.intervals import interval
from rankstudy.measures.uncertainty.resampling import resample
from rankstudy.measures.uncertainty.statistics import Statistic
from rankstudy.spaces.encodings.expression import log1p_cp10k

FOLDS = 5
CELLS, GENES = "cells", "genes"
ALL, LISTED = "all", "listed"
# what rounding leaves of a spread that is none
_NOTHING = 1e-10


class ReadBack(NamedTuple):
    """Expression of cells x genes, and what it is predicted to be.

    Attributes
    ----------
    expression
        ln(1 + CP10K), float64.
    by_place, by_mean
        Predictions by the place alone, and by the gene's mean.
    among
        Which are looked at.
    """

    expression: np.ndarray
    by_place: np.ndarray
    by_mean: np.ndarray
    among: np.ndarray


def reconstructions_of(looked: LookedAt) -> pd.DataFrame:
    """Return how much of expression the place in each order holds: rows of the table `reconstructions`.

    Intervals are of the median over cells, the curve held fixed. Genes are those that were selected, no sample, so that
    a median over genes has none.

    Parameters
    ----------
    looked
        The cells and the encodings, of which the orders are taken; where chance decides, its first draw.

    Returns
    -------
    All columns but `dataset` and `seed`; no row without an order.
    """
    orders = {name: corner for name, corner in looked.corners.items() if corner.kind == "order"}
    if not orders:
        return RECONSTRUCTIONS.empty().drop(columns=["dataset", "seed"])
    counts = looked.material.counts
    at = positions_of(looked.panels[SELECTED], counts.var_names.tolist(), "selected genes")
    expression = log1p_cp10k(sp.csr_matrix(counts.X)[:, at], counts.obs["n_counts"].to_numpy()).toarray()
    expression = expression.astype(np.float64)
    folds = keys_of_cells(looked.asked.seed, counts.obs_names, "reconstruction") % np.uint64(FOLDS)
    read = Read(counts, looked.genes, looked.panels)
    rows: list[dict[str, object]] = []
    medians: list[tuple[dict[str, object], np.ndarray, Statistic]] = []
    for name, corner in Progress(orders.items(), total=len(orders), unit="orders"):
        places = places_of(read, corner)
        for among, found in read_back(places, expression, folds.astype(int)).items():
            medians += _of_cells(name, among, found, looked)
            rows += _of_genes(name, among, found)
    rows = [*_with_intervals(medians, looked), *rows]
    return pd.DataFrame(rows).assign(level=looked.asked.level)


def places_of(read: Read, corner: Corner) -> sp.csr_matrix:
    """Return the place of each selected gene that an order holds, cells x genes, 1 is the first; equal ones share."""
    vectors = read.vectors(corner.with_level("form", RANK))[SELECTED]
    counts = read.counts_read(corner)
    listed = np.minimum(np.diff(counts.indptr), corner.first or counts.shape[1])
    # the vector of an order of k among G genes has (G + k + 1) / 2 less the place
    places = vectors.astype(np.float64)
    places.data = np.repeat((counts.shape[1] + listed + 1) / 2, np.diff(vectors.indptr)) - places.data
    return places


def read_back(places: sp.csr_matrix, expression: np.ndarray, folds: np.ndarray) -> dict[str, ReadBack]:
    """Return expression and its predictions, among all genes and among those that an order holds.

    Parameters
    ----------
    places
        Cells x genes, of the genes that the order holds.
    expression
        Cells x genes.
    folds
        (cells,), the part of each cell; it is predicted by what is learnt on the cells of other parts.
    """
    listed = np.zeros(expression.shape, bool)
    cell = np.repeat(np.arange(len(expression)), np.diff(places.indptr))
    listed[cell, places.indices] = True
    by_place = np.empty_like(expression)
    by_place[cell, places.indices] = _curves(places.data, expression[cell, places.indices], folds[cell])
    absent = _mean_of_others(expression.sum(axis=1) - (expression * listed).sum(axis=1), (~listed).sum(axis=1), folds)
    by_place = np.where(listed, by_place, absent[folds][:, None])
    everything = np.ones(expression.shape, bool)
    found = {}
    for among, mask in ((ALL, everything), (LISTED, listed)):
        mean = _mean_of_others(expression * mask, mask, folds)
        # a gene that no other cell lists has the mean of what they list
        usual = _mean_of_others((expression * mask).sum(axis=1), mask.sum(axis=1), folds)
        by_mean = np.where(np.isnan(mean), usual[:, None], mean)[folds]
        found[among] = ReadBack(expression, by_place, by_mean, mask)
    return found


def _curves(places: np.ndarray, expression: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return, for each listed gene of each cell, the expression that its place has by the curve of the other parts.

    Equal places get one prediction. What it misses of their values is then what it misses of their mean, times how many
    they are, and a rest that no prediction changes: least squares are those of the means with these weights.
    """
    from sklearn.isotonic import IsotonicRegression

    # shared places are means of a few whole numbers
    known, at = np.unique(places.round(3), return_inverse=True)
    cells = folds * len(known) + at
    weights = np.bincount(cells, minlength=FOLDS * len(known)).reshape(FOLDS, -1)
    sums = np.bincount(cells, expression, FOLDS * len(known)).reshape(FOLDS, -1)
    predicted = np.empty((FOLDS, len(known)))
    for fold in range(FOLDS):
        weight, total = weights.sum(axis=0) - weights[fold], sums.sum(axis=0) - sums[fold]
        seen = weight > 0
        curve = IsotonicRegression(increasing=False, out_of_bounds="clip")
        curve.fit(np.log(known[seen]), total[seen] / weight[seen], sample_weight=weight[seen])
        predicted[fold] = curve.predict(np.log(known))
    return predicted[folds, at]


def _mean_of_others(sums: np.ndarray, numbers: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return (parts, ...): the means over the cells of the other parts; NaN where there is nothing."""
    of_folds = [np.stack([values[folds == fold].sum(axis=0) for fold in range(FOLDS)]) for values in (sums, numbers)]
    total, number = (of.sum(axis=0) - of for of in of_folds)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def r_squared(found: ReadBack, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return R² of the place and of the gene's mean: over the genes of each cell (axis 1), or the cells of each gene.

    1 less the mean square that a prediction misses over the variance; NaN where nothing varies.
    """
    y, mask = found.expression, found.among
    numbers = mask.sum(axis=axis)
    mean = (y * mask).sum(axis=axis) / np.maximum(numbers, 1)
    spread = (np.square(y - np.expand_dims(mean, axis)) * mask).sum(axis=axis)
    varies = (numbers > 1) & (spread > _NOTHING * np.square(y * mask).sum(axis=axis))
    missed = ((np.square(y - by) * mask).sum(axis=axis) for by in (found.by_place, found.by_mean))
    of_place, of_mean = (1 - np.divide(of, spread, out=np.full(len(spread), np.nan), where=varies) for of in missed)
    return of_place, of_mean


def _of_cells(
    space: str, among: str, found: ReadBack, looked: LookedAt
) -> Iterator[tuple[dict[str, object], np.ndarray, Statistic]]:
    """Yield the rows over the cells, all and of each type, each with what its interval is made of."""
    by_place, by_mean = r_squared(found, axis=1)
    cells, n_units = looked.cells, int(looked.cells.units.max()) + 1
    labels = cells.table["cell_type"].to_numpy()
    for label in (None, *labels[cells.starts[:-1]]):
        has = np.isfinite(by_place) & ((labels == label) if label is not None else True)
        members = np.flatnonzero(has)
        if not len(members):
            continue
        row = _summary(by_place[members], by_mean[members])
        below = (by_place[members] <= row["r2"]).astype(float)
        influence = mean_of_cells(below, cells.units[members], n_units)
        key = {"space": space, "cell_type": label, "of": CELLS, "among": among}
        yield {**key, **row}, by_place[members], Statistic("share below", space, label, None, members, influence)


def _of_genes(space: str, among: str, found: ReadBack) -> Iterator[dict[str, object]]:
    """Yield the row over the genes whose expression varies; of none there is no row."""
    by_place, by_mean = r_squared(found, axis=0)
    varies = np.isfinite(by_place)
    if varies.any():
        key = {"space": space, "cell_type": None, "of": GENES, "among": among}
        nothing = {"low": None, "high": None, "levels": None}
        yield {**key, **_summary(by_place[varies], by_mean[varies]), **nothing}


def _summary(by_place: np.ndarray, by_mean: np.ndarray) -> dict[str, object]:
    low, high = np.quantile(by_place, [0.05, 0.95])
    return {
        "r2": float(np.median(by_place)),
        "q05": low,
        "q95": high,
        "r2_mean": np.median(by_mean),
        "gain": np.median(by_place - by_mean),
        "n": len(by_place),
    }


def _with_intervals(
    medians: list[tuple[dict[str, object], np.ndarray, Statistic]], looked: LookedAt
) -> Iterator[dict[str, object]]:
    """Yield rows with the interval of the median, from that of the share of cells below it (Woodruff 1952).

    A share is a mean, and what moves it is known exactly; the values at the ends of its interval are those of the
    median's (J. Am. Stat. Assoc. 47:635-646).
    """
    asked = looked.asked
    found = resample(
        [statistic for *_, statistic in medians],
        looked.cells.types,
        looked.cells.units,
        unit=asked.unit,
        resamples=asked.resamples,
        random=asked.random,
    )
    for i, (row, values, _) in enumerate(medians):
        low, high = np.quantile(values, interval(found.values[:, i], found.freedom[i], asked.level))
        yield {**row, "low": low, "high": high, "levels": found.levels[i]}
