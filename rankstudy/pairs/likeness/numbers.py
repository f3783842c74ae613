"""The few numbers of each cell by which every measure follows from one product of centred vectors.

A vector x of d dimensions is parted, by its own mean u and the mean cell m (of mean v, with the profile p = m - v),
into x = u + p + r. The rest r is centred twice: its mean is 0, and over all cells the rests add up to 0. With the
cosine P of the rests of two cells, of lengths n and n', and with b = (x - u) . p:

    (x - u) . (x' - u')  =  n n' P + (b - p . p / 2) + (b' - p . p / 2)        correlation, not centred
    (x - m) . (x' - m')  =  n n' P + d (u - v) (u' - v)                        cosine, centred
    x . x'               =  the first + d u u'                                 cosine, not centred
    |x - x'|^2           =  n^2 + n'^2 - 2 n n' P + d (u - u')^2

and P itself is the centred correlation. All is added in float64 to what float32 rounds of P: of vectors that nearly all
point one way, that is a small part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

import rankstudy.pairs.likeness.kernels as kernels
from rankstudy.core.errors import StudyError, listing
from rankstudy.pairs.likeness.measures import Measure

_CELLS_AT_ONCE = 1024


@dataclass(frozen=True)
class CellNumbers:
    """Numbers of some cells, float64, (cells,) each; see the module's text.

    Attributes
    ----------
    profile
        (dimensions,), p.
    means, shifts
        u and u - v, times the root of d.
    spreads
        |x - u|.
    rests
        n = |r|.
    profiles
        b - p . p / 2.
    """

    profile: np.ndarray
    means: np.ndarray
    shifts: np.ndarray
    spreads: np.ndarray
    rests: np.ndarray
    profiles: np.ndarray

    @classmethod
    def of(cls, rows: sp.csr_matrix | np.ndarray, mean_cell: np.ndarray) -> CellNumbers:
        """Take the numbers of rows, cells x dimensions."""
        overall = mean_cell.mean()
        profile, found = mean_cell - overall, np.empty((5, rows.shape[0]))
        if sp.issparse(rows):
            kernels.numbers_of_sparse(*stored(rows), profile, found)
        else:
            kernels.numbers_of_dense(rows, profile, found)
        means, spreads, inner, rests, largest = found
        root = np.sqrt(rows.shape[1])
        # what rounding leaves of a vector after all of it is subtracted grows with its values and dimensions
        nothing, nothing_left = 1e-12 * largest, 1e-12 * np.maximum(largest, np.abs(mean_cell).max(initial=0.0))
        return cls(
            profile,
            means=root * means,
            shifts=root * _cut(means - overall, nothing_left),
            spreads=_cut(np.sqrt(spreads), root * nothing),
            rests=_cut(np.sqrt(rests), root * nothing_left),
            profiles=inner - profile @ profile / 2,
        )

    def norms(self, measure: Measure) -> np.ndarray:
        """Return the lengths of the vectors whose cosine a similarity is; 0 or not finite: it does not exist."""
        if measure.centred:
            return self.rests if measure.metric == "correlation" else np.hypot(self.rests, self.shifts)
        return self.spreads if measure.metric == "correlation" else np.hypot(self.spreads, self.means)

    def defined(self, measure: Measure) -> np.ndarray:
        """Tell of each cell whether it has the measure: a finite vector and, for similarities, not zero."""
        norms = self.norms(measure if measure.similarity else Measure("cosine"))
        return np.isfinite(norms) & ((norms > 0) | (not measure.similarity))

    def require(self, measure: Measure, names: np.ndarray | None) -> None:
        """Raise StudyError, with some of the names of the cells, if one does not have the measure."""
        undefined = ~self.defined(measure)
        if undefined.any():
            which = np.flatnonzero(undefined) if names is None else np.asarray(names)[undefined]
            word = measure.metric if measure.similarity else "distance"
            why = "have a constant vector and so"
            if measure.centred:
                why = "have a vector that is constant once the mean cell is subtracted, and so"
            if not np.isfinite(self.spreads[undefined]).all():
                why = "have a vector without a finite length, and so"
            raise StudyError(f"{undefined.sum()} cells {why} no {word}: {listing(which, 5)}")

    def per_rest(self) -> np.ndarray:
        """Return 1 / n; 0 for a cell that has no rest."""
        return np.divide(1.0, self.rests, out=np.zeros(len(self.rests)), where=self.rests > 0)

    def factors(self, measure: Measure) -> np.ndarray:
        """Return w, f, g, h of each cell, (4, cells), for `kernels.finish_and_turn`; 0 where there is no measure."""
        n_cells, zero = len(self.rests), np.zeros(len(self.rests))
        if not measure.similarity:
            return np.stack([np.sqrt(2) * self.rests, self.rests**2, zero, self.shifts])
        norms = self.norms(measure)
        per = np.divide(1.0, norms, out=np.zeros(n_cells), where=self.defined(measure))
        profiles, one = (zero, zero) if measure.centred else (self.profiles, np.ones(n_cells))
        means = self.shifts if measure.centred else self.means
        return per * np.stack([self.rests, profiles, one, means if measure.metric == "cosine" else zero])


def _cut(values: np.ndarray, nothing: np.ndarray) -> np.ndarray:
    return np.where(np.abs(values) <= nothing, 0.0, values)


def stored(rows: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the arrays of a CSR matrix in the types that the compiled passes are compiled for."""
    return rows.indptr.astype(np.int64), rows.indices.astype(np.int64), rows.data.astype(np.float64)


def mean_of(vectors: sp.csr_matrix | np.ndarray) -> np.ndarray:
    """Return the mean of all cells in float64, (dimensions,), taken without a copy of them all."""
    n_cells, dimensions = vectors.shape
    total = np.zeros(dimensions)
    for begin in range(0, n_cells, _CELLS_AT_ONCE):
        rows = vectors[begin : begin + _CELLS_AT_ONCE]
        # scipy adds up in the type of the values, whatever it is asked for
        sparse = sp.issparse(rows)
        total += np.bincount(rows.indices, rows.data, dimensions) if sparse else rows.sum(axis=0, dtype=np.float64)
    return total / max(1, n_cells)


def density_of(vectors: sp.csr_matrix | np.ndarray) -> float:
    """Return the share of the values that are stored."""
    return vectors.nnz / max(1, np.prod(vectors.shape)) if sp.issparse(vectors) else 1.0
