"""The visibility atlas: what encodings can show of each gene in the cells of each type."""

from __future__ import annotations

from collections.abc import Iterator

import numba as nb
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.treatments.twins import twins
from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.changes.anew import Encoding, Vectors, places_of
from rankstudy.measures.changes.read import ReadCells
from rankstudy.measures.lattice.corner import ALL
from rankstudy.measures.uncertainty.resampling import resampling_unit, strata_of
from rankstudy.measures.uncertainty.spread import interval_of_share, variance_of_batches
from rankstudy.spaces.tokens.tables import SYMBOLS

# cells of a gene, of a type, and of those whose twins both list it, that something is said of
FEWEST = 5


class Atlas:
    """What is said of each gene, type and encoding.

    Parameters
    ----------
    looked
        The cells, and their encodings.
    """

    def __init__(self, looked: LookedAt) -> None:
        self._looked = looked
        counts = sp.csr_matrix(looked.material.counts.X, dtype=np.float64)
        self._ids, names = looked.material.counts.obs_names.to_numpy(), looked.material.counts.var_names.tolist()
        self._halves = twins(counts, self._ids.tolist(), names, seed=looked.asked.seed)
        self._counts = counts
        self._genes = np.flatnonzero(np.diff(counts.tocsc().indptr) >= FEWEST)
        self._names = np.array(names, object)[self._genes]
        labels, of_cells = np.unique(looked.cells.table["cell_type"].to_numpy(), return_inverse=True)
        sizes = np.bincount(of_cells)
        self._labels, self._sizes = labels[sizes >= FEWEST], sizes[sizes >= FEWEST]
        # cells of smaller types have none
        self._types = np.where(sizes >= FEWEST, np.cumsum(sizes >= FEWEST) - 1, -1)[of_cells]
        self._detected = self._of_types(counts[:, self._genes] > 0)

    def of(self, name: str) -> pd.DataFrame:
        """Return the rows of an encoding, of each type and gene that some of its cells have."""
        encoding = Encoding(self._looked, name)
        vectors = encoding.vectors(self._counts, self._ids)
        places = self._of_genes(places_of(vectors.whole), vectors)
        listed = self._of_types(places > 0)
        tied = self._of_genes(tied_in_rows(vectors.read), vectors).multiply(self._counts[:, self._genes] > 0)
        types, genes = np.nonzero(self._detected)
        detected, sizes, read = self._detected[types, genes], self._sizes[types], vectors.columns[self._genes[genes]]
        low, high = self._ends(places > 0)
        frame = pd.DataFrame(
            {
                "gene": self._names[genes],
                "cell_type": self._labels[types],
                "n_cells": sizes,
                "detected": detected / sizes,
                "listed": listed[types, genes] / sizes,
                "low": low[types, genes],
                "high": high[types, genes],
                "place": self._medians(places)[types, genes],
                "spread": self._spread(encoding)[types, genes],
                "smallest": self._smallest(name)[types, genes],
                "tied": np.where(read >= 0, self._of_types(tied)[types, genes] / detected, np.nan),
            }
        )
        return frame

    def symbols(self) -> dict[str, str]:
        """Return the symbol of each gene, where an encoding reads genes by theirs."""
        given = self._looked.genes.get(SYMBOLS)
        known = given.known_as(self._names.tolist(), SYMBOLS) if given else [None] * len(self._names)
        return {name: symbol for name, symbol in zip(self._names, known, strict=True) if symbol}

    def _of_types(self, values: sp.csr_matrix) -> np.ndarray:
        """Return the sums of values over the cells of each type: (types, genes)."""
        return _sums(self._types, values, len(self._labels))

    def _of_genes(self, whole: sp.csr_matrix, vectors: Vectors) -> sp.csr_matrix:
        """Return the columns of the atlas's genes; those of genes that are not read are empty."""
        columns = vectors.columns[self._genes]
        read = np.flatnonzero(columns >= 0)
        onto = sp.csr_matrix((np.ones(len(read)), (columns[read], read)), (whole.shape[1], len(columns)))
        return (whole @ onto).tocsr()

    def _medians(self, values: sp.csr_matrix) -> np.ndarray:
        """Return the median of what is stored of each type and gene; NaN where nothing is, or where it is infinite."""
        found = np.full((len(self._labels), values.shape[1]), np.nan)
        columns = values.tocsc()
        _medians_of_columns(columns.indptr, self._types[columns.indices], columns.data, found)
        return np.where(np.isfinite(found), found, np.nan)

    def _spread(self, encoding: Encoding) -> np.ndarray:
        """Return the standard deviation of the place of a cell at half depth, from its two twins."""
        one, other = (
            self._of_genes(places_of(vectors.whole), vectors)
            for vectors in (encoding.vectors(half, self._ids) for half in self._halves)
        )
        both = (one > 0).multiply(other > 0)
        apart = one.multiply(both) - other.multiply(both)
        pairs = self._of_types(both)
        squares = self._of_types(apart.multiply(apart))
        return np.sqrt(np.divide(squares, 2 * pairs, out=np.full(pairs.shape, np.nan), where=pairs >= FEWEST))

    def _ends(self, listed: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the intervals of shares of cells, where batches or donors can be resampled."""
        cells, asked = self._looked.cells, self._looked.asked
        low, high = np.full((2, len(self._labels), listed.shape[1]), np.nan)
        strata = strata_of(cells.types, cells.units)
        for kind, size in enumerate(self._sizes):
            at = np.flatnonzero(self._types == kind)
            about = resampling_unit(at, strata, cells.units, asked.unit)
            if about.level != asked.unit:
                continue
            units = np.unique(cells.units[at], return_inverse=True)[1]
            sums = _sums(units, listed[at], units.max() + 1)
            left = size - np.bincount(units)[:, None]
            error = np.sqrt(variance_of_batches((sums.sum(axis=0) - sums) / left))
            low[kind], high[kind] = interval_of_share(sums.sum(axis=0) / size, error, about.freedom, asked.level)
        return low, high

    def _smallest(self, name: str) -> np.ndarray:
        """Return the median of the fewest molecules that are seen; NaN without a closed form."""
        corner = self._looked.corners.get(name)
        if corner is None:
            return np.full(self._detected.shape, np.nan)
        counts, parts = self._counts, []
        for row, (at, rule) in enumerate(ReadCells(self._looked, corner, self._looked.material.counts)):
            genes = slice(*counts.indptr[row : row + 2])
            own, held = at[counts.indices[genes]], counts.data[genes]
            up, down = (each[own] for each in rule.smallest())
            if corner.total == ALL:
                unread = rule.smallest_unread(held)
                up, down = (np.where(own >= 0, read, of) for read, of in zip((up, down), unread, strict=True))
            fewest = fewest_of(up, down, held)
            parts.append(fewest if corner.total == ALL else np.where(own >= 0, fewest, np.inf))
        data = np.concatenate(parts)
        return self._medians(sp.csr_matrix((data, counts.indices, counts.indptr), counts.shape)[:, self._genes])


def atlas_of(looked: LookedAt) -> Iterator[pd.DataFrame]:
    """Yield the rows of each encoding, but for the names of data set and replicate."""
    atlas = Atlas(looked)
    symbols = atlas.symbols()
    for name in looked.encoders:
        rows = atlas.of(name)
        yield rows.assign(space=name, symbol=rows["gene"].map(symbols))


def fewest_of(up: np.ndarray, down: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Return the fewest molecules that are seen, added or taken away; of several genes that are one, each has its own.

    Parameters
    ----------
    up, down
        (genes,), the fewest that are seen if they are added, and if they are taken from what is one to the encoding.
    held
        (genes,), molecules of each gene itself: it has no more to lose.
    """
    return np.minimum(up, np.where(down <= held, down, np.inf))


def tied_in_rows(counts: sp.csr_matrix) -> sp.csr_matrix:
    """Return which stored counts another gene of the cell has too: 1 of these, at their places."""
    tied = np.zeros(counts.nnz)
    _mark_tied(counts.indptr, counts.data, tied)
    found = sp.csr_matrix((tied, counts.indices.copy(), counts.indptr.copy()), counts.shape)
    found.eliminate_zeros()
    return found


def _sums(groups: np.ndarray, values: sp.csr_matrix, n_groups: int) -> np.ndarray:
    """Return the sums of values (cells, genes) over groups of cells, of which -1 is none: (groups, genes)."""
    at = np.flatnonzero(groups >= 0)
    member = sp.csr_matrix((np.ones(len(at)), (groups[at], at)), (n_groups, len(groups)))
    return (member @ sp.csr_matrix(values, dtype=np.float64)).toarray()


@nb.njit(cache=True)
def _mark_tied(indptr, values, tied):  # pragma: no cover - compiled
    for row in range(len(indptr) - 1):
        begin, end = indptr[row], indptr[row + 1]
        order = begin + np.argsort(values[begin:end])
        for k in range(1, len(order)):
            if values[order[k]] == values[order[k - 1]]:
                tied[order[k]] = tied[order[k - 1]] = 1.0


@nb.njit(cache=True)
def _medians_of_columns(indptr, groups, values, found):  # pragma: no cover - compiled
    n_groups, n_columns = found.shape
    for column in range(n_columns):
        of, held = groups[indptr[column] : indptr[column + 1]], values[indptr[column] : indptr[column + 1]]
        for group in range(n_groups):
            chosen = np.sort(held[of == group])
            n = len(chosen)
            if n:
                found[group, column] = (chosen[(n - 1) // 2] + chosen[n // 2]) / 2
