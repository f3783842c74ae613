"""Vectors ready to be multiplied: one matrix product per tile for all measures of the same vectors.

What is multiplied are the directions of the vectors' rests (`rankstudy.pairs.likeness.numbers`), rounded once to
float32; each measure follows per pair in float64. Of a few stored values, the product is summed over them in float64.
Distances that are asked for alone are summed directly in a few dimensions, and else follow from products in float64, so
that those of nearly equal cells keep their digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.linalg import blas

import rankstudy.pairs.likeness.kernels as kernels
from rankstudy.pairs.likeness.measures import METRICS, Measure
from rankstudy.pairs.likeness.numbers import CellNumbers, stored

DIRECT_DIMENSIONS = 12
# A dense product does 2 operations per pair and gene at the speed of BLAS, a sparse one density^2 as many, one by one:
# they meet near 9 % (benchmarks/README.md).
SPARSE_BELOW = 0.09
# in a dimension of which more of the cells have a value, the dense product is the quicker one
COMMON_ABOVE = 0.15


@dataclass(frozen=True)
class Directions:
    """Unit vectors of the rests, cells x dimensions, float32."""

    values: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    def multiply(self, other: Directions, tile: np.ndarray, *, triangle: bool) -> None:
        """Fill a tile with the products with other cells; a triangle of it if they are the same."""
        if triangle:
            # BLAS counts by columns, hence the turns
            blas.ssyrk(1.0, self.values.T, trans=1, lower=1, c=tile.T, overwrite_c=1)
        else:
            np.matmul(self.values, other.values.T, out=tile)


@dataclass(frozen=True)
class StoredValues:
    """Vectors of few stored values, over the lengths of their rests, that are multiplied without making them dense.

    Attributes
    ----------
    by_cell, by_dimension
        CSR (cells x dimensions), float64, and its transpose as CSR.
    less
        (4, cells), what the means and the mean cell subtract from a product; see `kernels.sparse_products`.
    """

    by_cell: sp.csr_matrix
    by_dimension: sp.csr_matrix
    less: np.ndarray

    def __len__(self) -> int:
        return self.by_cell.shape[0]

    def multiply(self, other: StoredValues, tile: np.ndarray, *, triangle: bool, onto: bool = False) -> None:
        """Fill a tile with the products with other cells, or add them; a triangle of it if they are the same."""
        a, b = self.by_cell, other.by_dimension
        first = b.indptr[a.indices]
        if triangle:
            kernels.places_behind(a.indices, b.indptr, first)
        of_a, of_b = (a.indptr, a.indices, a.data, first), (b.indptr, b.indices, b.data)
        kernels.sparse_products(onto, *of_a, *of_b, self.less, other.less, tile)


@dataclass(frozen=True)
class Parted:
    """Unit vectors of the rests, dense in the dimensions that many cells have values in, and the others' stored values.

    What rare dimensions cost follows from their own density, which of genes is far from equal.
    """

    common: Directions
    rare: StoredValues

    def __len__(self) -> int:
        return len(self.common)

    def multiply(self, other: Parted, tile: np.ndarray, *, triangle: bool) -> None:
        """Fill a tile with the products with other cells; a triangle of it if they are the same."""
        self.common.multiply(other.common, tile, triangle=triangle)
        self.rare.multiply(other.rare, tile, triangle=triangle, onto=True)


@dataclass(frozen=True)
class Coordinates:
    """Vectors less the mean cell (cells x dimensions, float64) and their squared lengths, for distances alone."""

    values: np.ndarray
    squares: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    def multiply(self, other: Coordinates, tile: np.ndarray, *, triangle: bool) -> None:
        """Fill a tile with the distances from other cells."""
        if self.values.shape[1] <= DIRECT_DIMENSIONS:
            kernels.distances_direct(self.values, other.values, tile)
        else:
            kernels.distances_from_products(self.values @ other.values.T, self.squares, other.squares, tile)


@dataclass(frozen=True)
class Vectors:
    """Vectors of some cells, ready to be compared by one or several measures.

    Attributes
    ----------
    measures
        The measures.
    base
        What is multiplied.
    factors
        (measures, 4, cells), by which each follows from the product; see `kernels.finish_and_turn`.
    """

    measures: tuple[Measure, ...]
    base: Directions | StoredValues | Parted | Coordinates
    factors: np.ndarray

    def __len__(self) -> int:
        return len(self.base)

    @classmethod
    def of(
        cls,
        rows: sp.csr_matrix | np.ndarray,
        metric: str,
        *,
        centred: bool = False,
        mean_cell: np.ndarray | None = None,
        names: np.ndarray | None = None,
    ) -> Vectors:
        """Prepare rows of a space for one measure, `metric` and `centred`; see `prepare`."""
        return prepare(rows, [Measure(metric, centred)], mean_cell=mean_cell, names=names)

    def finish(self, k: int, other: Vectors, base: np.ndarray, tile: np.ndarray, turned: np.ndarray) -> None:
        """Fill a tile with a measure, by its number, and its transpose; `base` holds what `multiply` has filled."""
        kind = kernels.SIMILARITY if self.measures[k].similarity else kernels.DISTANCE
        if isinstance(self.base, Coordinates):
            kind = kernels.FINISHED
        kernels.finish_and_turn(kind, base, self.factors[k], other.factors[k], tile, turned)


def prepare(
    rows: sp.csr_matrix | np.ndarray,
    measures: Sequence[Measure],
    *,
    density: float = 1.0,
    common: np.ndarray | None = None,
    mean_cell: np.ndarray | None = None,
    names: np.ndarray | None = None,
) -> Vectors:
    """Prepare rows of a space.

    Parameters
    ----------
    rows
        Cells x dimensions, CSR or dense.
    measures
        How they will be compared.
    density
        Share of the values of the whole space that are stored: decides whether CSR rows stay sparse.
    common
        (dimensions,), which are made dense, of CSR rows of which the others stay sparse; the same for all cells that
        are compared. None leaves it to the density.
    mean_cell
        (dimensions,), what is subtracted; it must be the same for all cells of a study. Measures that are not centred
        do not depend on it, their rounding does. None is zero.
    names
        Cell ids, for the message when a cell has no direction.

    Raises
    ------
    StudyError
        If a vector is constant (correlation) or zero (cosine), if need be after the mean cell is subtracted, or not
        finite: its likeness to others is undefined.
    """
    for measure in measures:
        if measure.metric not in METRICS:
            raise ValueError(f"metric {measure.metric!r} is none of {', '.join(METRICS)}")
    mean_cell = np.zeros(rows.shape[1]) if mean_cell is None else mean_cell
    numbers = CellNumbers.of(rows, mean_cell)
    for measure in measures:
        numbers.require(measure, names)
    if only_distances(measures):
        return Vectors(tuple(measures), _coordinates(rows, mean_cell), _factors(measures, numbers))
    if common is not None:
        parts = _directions(rows[:, common], numbers, common), _rare_values(rows[:, ~common], numbers, ~common)
        return Vectors(tuple(measures), Parted(*parts), _factors(measures, numbers))
    return ready(rows, measures, numbers, density)


def common_dimensions(rows: sp.csr_matrix | np.ndarray) -> np.ndarray | None:
    """Return (dimensions,), which are common among all cells, CSR rows.

    None of dense rows, where none is, or where more than half are: cutting rows in two then costs more than it saves.
    """
    if not sp.issparse(rows):
        return None
    common = np.bincount(rows.indices, minlength=rows.shape[1]) > COMMON_ABOVE * rows.shape[0]
    return common if 0 < common.mean() <= 0.5 else None


def ready(
    rows: sp.csr_matrix | np.ndarray, measures: Sequence[Measure], numbers: CellNumbers, density: float
) -> Vectors:
    """Prepare rows whose numbers are known for similarities, or several measures; not all cells must have them."""
    sparse = sp.issparse(rows) and density < SPARSE_BELOW
    base = _stored_values(rows, numbers) if sparse else _directions(rows, numbers)
    return Vectors(tuple(measures), base, _factors(measures, numbers))


def _factors(measures: Sequence[Measure], numbers: CellNumbers) -> np.ndarray:
    return np.stack([numbers.factors(measure) for measure in measures])


def only_distances(measures: Sequence[Measure]) -> bool:
    """Tell whether vectors are multiplied for distances alone, as coordinates in float64."""
    return not any(measure.similarity for measure in measures)


def _coordinates(rows: sp.csr_matrix | np.ndarray, mean_cell: np.ndarray) -> Coordinates:
    values = np.asarray(rows.toarray() if sp.issparse(rows) else rows, np.float64) - mean_cell
    return Coordinates(values, np.einsum("ij,ij->i", values, values))


def _stored_values(rows: sp.csr_matrix, numbers: CellNumbers) -> StoredValues:
    ones = np.ones(rows.shape[0])
    return _stored_over_rests(rows, numbers, np.stack([numbers.profiles, ones, numbers.means / 2, numbers.means]))


def _rare_values(rows: sp.csr_matrix, numbers: CellNumbers, rare: np.ndarray) -> StoredValues:
    """Return the values of some dimensions, with what the means and the mean cell subtract in these."""
    values, profile = rows.astype(np.float64), numbers.profile[rare]
    means, ones = numbers.means / np.sqrt(len(rare)), np.ones(rows.shape[0])
    f = values @ profile - means * profile.sum() - profile @ profile / 2
    q = values @ np.ones(len(profile)) - len(profile) * means / 2
    return _stored_over_rests(rows, numbers, np.stack([f, ones, q, means]))


def _stored_over_rests(rows: sp.csr_matrix, numbers: CellNumbers, less: np.ndarray) -> StoredValues:
    per = numbers.per_rest()
    scaled = sp.csr_matrix(rows, dtype=np.float64, copy=True)
    scaled.data *= np.repeat(per, np.diff(scaled.indptr))
    return StoredValues(scaled, scaled.T.tocsr(), per * less)


def _directions(rows: sp.csr_matrix | np.ndarray, numbers: CellNumbers, some: np.ndarray | None = None) -> Directions:
    """Return the directions, of some dimensions if it is said which these are."""
    profile = numbers.profile if some is None else numbers.profile[some]
    values = np.empty(rows.shape, np.float32)
    given = numbers.means / np.sqrt(len(numbers.profile)), numbers.per_rest(), profile, values
    if sp.issparse(rows):
        kernels.directions_of_sparse(*stored(rows), *given)
    else:
        kernels.directions_of_dense(rows, *given)
    return Directions(values)


def points(rows: sp.csr_matrix | np.ndarray, metric: str, *, names: np.ndarray | None = None) -> np.ndarray:
    """Return vectors whose Euclidean distances order cells as the metric does, (cells x dimensions).

    For similarities unit vectors (float32), of which half the squared distance is what is missing to 1.

    Raises
    ------
    StudyError
        If a vector has no direction, or is not finite.
    """
    measure = Measure(metric)
    numbers = CellNumbers.of(rows, np.zeros(rows.shape[1]))
    numbers.require(measure, names)
    dense = np.asarray(rows.toarray() if sp.issparse(rows) else rows, np.float64)
    if not measure.similarity:
        return dense
    means = numbers.means / np.sqrt(rows.shape[1]) if metric == "correlation" else np.zeros(len(dense))
    return ((dense - means[:, None]) / numbers.norms(measure)[:, None]).astype(np.float32)


def compare_tile(
    a: Vectors, b: Vectors, tiles: Sequence[np.ndarray], turned: Sequence[np.ndarray], *, triangle: bool = False
) -> None:
    """Fill a tile for each measure, (cells of a) x (cells of b), and its transpose, all float32, with one product.

    Similarities are clipped to [-1, 1]; distances are at least 0. With `triangle` both are the same cells, and only
    pairs above the diagonal are filled, at half the cost.
    """
    base = tiles[-1]  # the last measure is written over it
    a.base.multiply(b.base, base, triangle=triangle)
    for k, (tile, out) in enumerate(zip(tiles, turned, strict=True)):
        a.finish(k, b, base, tile, out)


def measure(a: Vectors, b: Vectors) -> np.ndarray:
    """Return the only measure of vectors, each cell of `a` with each of `b`: (cells of a) x (cells of b), float32."""
    tile, turned = np.empty((len(a), len(b)), np.float32), np.empty((len(b), len(a)), np.float32)
    compare_tile(a, b, [tile], [turned])
    return tile
