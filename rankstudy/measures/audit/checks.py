"""Checks of an embedding's ids, values, rows and columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from rankstudy.core.errors import listing
from rankstudy.measures.audit.brought_rows import Brought
from rankstudy.measures.audit.findings import Finding, at_most, beside_the_point
from rankstudy.measures.audit.tables import FAILED, PASSED, REPORTED
from rankstudy.measures.audit.thresholds import Thresholds

ROW_NUMBER = "row number"
# a share of variance says nothing of fewer dimensions
_LEAST_DIMENSIONS = 3
# of so many dimensions, so few directions in effect are reported
_MANY_DIMENSIONS, _FEW_EFFECTIVE = 10, 2.0
# of fewer rows, some column of many is any number by chance
_LEAST_ROWS = 10
# columns whose values vary within batches by at most such a share of their range are the batch
_OF_THE_BATCH = 1e-3
_OF_DEPTH = {"n_counts": "total counts", "n_genes": "detected genes"}


def ids(brought: Brought, thresholds: Thresholds) -> Iterator[Finding]:
    """Yield whether every wanted cell has one row, and whose the others are."""
    index, wanted = pd.Index(brought.ids), pd.Index(brought.wanted)
    lacking = wanted[~wanted.isin(index)]
    hint = _looks_like(index) if len(lacking) else ""
    yield at_most(
        "missing ids",
        len(lacking) / max(len(wanted), 1),
        thresholds.missing_ids,
        f"{len(lacking)} of {len(wanted)} cells have no vector"
        + (f", such as {listing(lacking, 3)}" if len(lacking) else ""),
        f"write the ids of the cells beside the rows{hint}",
    )
    repeated = index[index.duplicated()].unique()
    words = f"{len(repeated)} ids stand beside several rows" + (
        f", such as {listing(repeated, 3)}" if len(repeated) else ""
    )
    yield at_most("doubled ids", len(repeated) / max(len(index), 1), 0.0, words, "write each cell once")
    unknown = index[brought.cell_of < 0].unique()
    share, words = len(unknown) / max(len(index), 1), f"{len(unknown)} of {len(index)} ids are of no labelled cell"
    yield Finding("unknown ids", "", REPORTED if share else PASSED, share, None, words)


def _looks_like(index: pd.Index) -> str:
    """Return what ids seem to be that are those of no cell."""
    numbers = pd.to_numeric(pd.Series(index), errors="coerce").to_numpy()
    if (
        len(index)
        and np.array_equal(numbers, np.arange(len(index)))
        or np.array_equal(numbers, 1 + np.arange(len(index)))
    ):
        return "; these are numbers of rows, and nothing is joined by position"
    return f"; those beside the rows are such as {listing(index, 2)}" if len(index) else ""


def finite(brought: Brought) -> Finding:
    """Return whether all values of the file are numbers."""
    wrong = int((~brought.finite).sum())
    words = f"{wrong} of {len(brought.finite)} rows hold NaN or an infinite value"
    share = wrong / max(len(brought.finite), 1)
    return at_most("finite values", share, 0.0, words, "leave these cells out, or make their vectors again")


def constant(brought: Brought, thresholds: Thresholds) -> Iterator[Finding]:
    """Yield how many rows and columns are constant."""
    vectors = brought.vectors
    if vectors.shape[1] == 1:
        yield beside_the_point("constant rows", "a vector of one value is constant by itself")
    else:
        share = float((vectors == vectors[:, :1]).all(axis=1).mean())
        words = f"{share:.2%} of the rows hold the same value in all columns"
        yield at_most("constant rows", share, thresholds.constant_rows, words, "look at what made these vectors")
    still = (vectors == vectors[:1]).all(axis=0)
    words = f"{int(still.sum())} of {len(still)} columns are the same for all cells"
    yield at_most("constant columns", float(still.mean()), thresholds.constant_columns, words, "look at what was read")


def doubled(brought: Brought, thresholds: Thresholds) -> Finding:
    """Return how many rows of the file have a vector that another one has."""
    share = float(brought.doubled.mean())
    words = f"{share:.2%} of all rows have exactly the vector of another one"
    return at_most("doubled vectors", share, thresholds.doubled_vectors, words, "look for cells that share an input")


def directions(brought: Brought, thresholds: Thresholds) -> Finding:
    """Return the share of the variance in the first of the principal directions, and how many there are in effect.

    The number is the participation ratio of the eigenvalues of the covariance, (sum)^2 / sum of squares.
    """
    check = "collapse"
    if brought.vectors.shape[1] < _LEAST_DIMENSIONS:
        return beside_the_point(check, f"fewer than {_LEAST_DIMENSIONS} dimensions")
    centred = brought.vectors.astype(np.float64) - brought.vectors.mean(axis=0, dtype=np.float64)
    variances = np.clip(
        np.linalg.eigvalsh(centred.T @ centred if len(centred) >= centred.shape[1] else centred @ centred.T), 0, None
    )
    if not variances.sum() > 0:
        return Finding(
            check, "", FAILED, 1.0, thresholds.one_direction, "all cells have one vector; look at what made it"
        )
    share = float(variances.max() / variances.sum())
    effective = variances.sum() ** 2 / (variances**2).sum()
    words = f"{share:.1%} of the variance lies in one direction; {effective:.1f} directions in effect"
    if share > thresholds.one_direction:
        return Finding(
            check, "", FAILED, share, thresholds.one_direction, f"{words}; look for a column on another scale"
        )
    few = share > thresholds.few_directions or (centred.shape[1] >= _MANY_DIMENSIONS and effective < _FEW_EFFECTIVE)
    outcome = REPORTED if few else PASSED
    return Finding(check, "", outcome, share, thresholds.few_directions, words)


def columns(brought: Brought, thresholds: Thresholds) -> list[Finding]:
    """Return which columns are the row number, the depth or the batch, or come near to one of the first two."""
    known = {ROW_NUMBER: brought.rows.astype(float)}
    known |= {_OF_DEPTH[name]: values for name, values in brought.depths.items()}
    found = [finding for what, values in known.items() for finding in _near(brought, what, values, thresholds)]
    return [*found, *_batch(brought, thresholds)]


def _near(brought: Brought, what: str, values: np.ndarray, thresholds: Thresholds) -> Iterator[Finding]:
    """Yield each column that is some number of the cells, or else the one that is nearest to it."""
    check, near = f"a column is the {what}", _spearman(brought.vectors, values)
    if not len(near) or np.isnan(near).all():
        yield beside_the_point(check, "it does not vary, or is known of too few rows")
        return
    is_it = np.flatnonzero(near >= thresholds.is_the_column)
    for column in is_it:
        words = f"the column {brought.columns[column]} is the {what} (|Spearman| {near[column]:.4f}); remove it"
        yield Finding(check, str(brought.columns[column]), FAILED, float(near[column]), thresholds.is_the_column, words)
    if not len(is_it):
        nearest = int(np.nanargmax(near))
        words = f"the column {brought.columns[nearest]} is nearest to the {what}: |Spearman| {near[nearest]:.3f}"
        outcome = REPORTED if near[nearest] >= thresholds.leaks else PASSED
        yield Finding(check, "", outcome, float(near[nearest]), thresholds.is_the_column, words)


def _spearman(vectors: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return (d,): |Spearman correlation| of each column with a number of the rows, over rows that have one."""
    has = np.isfinite(values)
    if has.sum() < _LEAST_ROWS:
        return np.zeros(0)
    ranks = rankdata(vectors[has], axis=0)
    ranks -= ranks.mean(axis=0)
    wanted = rankdata(values[has])
    wanted -= wanted.mean()
    size = np.sqrt((ranks**2).sum(axis=0) * (wanted**2).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.abs(wanted @ ranks / np.where(size > 0, size, np.nan))


def _batch(brought: Brought, thresholds: Thresholds) -> Iterator[Finding]:
    """Yield each column that tells the batch and nothing else, in any coding, or how near the nearest comes to that.

    Such a column hardly varies within batches. How near one comes is |2 AUROC - 1| of a batch beside all others, which
    a column that keeps apart a type that only one batch has reaches too: it is reported, and fails nothing.
    """
    check = "a column is the batch"
    codes, names = pd.factorize(pd.Series(brought.of_rows("batch")))
    known = codes >= 0
    if len(names) < 2 or known.sum() < max(_LEAST_ROWS, 2 * len(names)):
        yield beside_the_point(check, "one batch, or fewer than two cells each")
        return
    values, codes = brought.vectors[known].astype(np.float64), codes[known]
    spread = np.ptp(values, axis=0)
    by_batch = pd.DataFrame(values).groupby(codes)
    within = (by_batch.max() - by_batch.min()).max().to_numpy()
    found = np.flatnonzero((within <= _OF_THE_BATCH * spread) & (spread > 0))
    for column in found:
        words = f"the column {brought.columns[column]} hardly varies within batches and differs between them; remove it"
        share = float(within[column] / spread[column])
        yield Finding(check, str(brought.columns[column]), FAILED, share, _OF_THE_BATCH, words)
    if not len(found):
        yield _nearest_to_batch(brought, check, values, codes, thresholds.leaks)


def _nearest_to_batch(brought: Brought, check: str, values: np.ndarray, codes: np.ndarray, leaks: float) -> Finding:
    """Return the column that keeps a batch apart from all others best."""
    ranks = rankdata(values, axis=0)
    sizes = np.bincount(codes)
    sums = np.zeros((len(sizes), values.shape[1]))
    np.add.at(sums, codes, ranks)
    own, others = sizes[:, None], len(codes) - sizes[:, None]
    apart = np.abs(2 * (sums - own * (own + 1) / 2) / (own * others) - 1)
    batch, column = np.unravel_index(np.argmax(apart), apart.shape)
    near = float(apart[batch, column])
    words = f"the column {brought.columns[column]} keeps a batch apart best: |2 AUROC - 1| {near:.3f}"
    return Finding(check, "", REPORTED if near >= leaks else PASSED, near, leaks, words)
