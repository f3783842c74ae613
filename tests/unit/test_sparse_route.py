"""Vectors of few stored values are compared without being made dense, with the same results."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import cdist

import rankstudy.pairs.likeness.kernels as kernels
from rankstudy.core.errors import StudyError
from rankstudy.pairs.engine import compare, measure
from rankstudy.pairs.likeness.every_pair import every_pair
from rankstudy.pairs.likeness.measures import MEASURES, Measure
from rankstudy.pairs.likeness.vectors import (
    COMMON_ABOVE,
    SPARSE_BELOW,
    Coordinates,
    Directions,
    Parted,
    StoredValues,
    common_dimensions,
    prepare,
)
from rankstudy.spaces.encodings.rank import fractional_ranks
from tests.unit.helpers import space, toy_counts
from tests.unit.reference import likeness

SIZES = (9, 14, 6)


def ranks(density, n_cells=29, n_genes=600):
    return fractional_ranks(sp.csr_matrix(toy_counts(n_cells, n_genes, density=density)))


@pytest.mark.parametrize("metric", ["correlation", "cosine"])
@pytest.mark.parametrize("density", [0.01, 0.05, 0.5])
def test_equal_to_scipy_whatever_the_density(metric, density):
    rows = ranks(density)
    a, b = (prepare(part, [Measure(metric)], density=0.0) for part in (rows[:13], rows[13:]))
    dense = rows.toarray().astype(float)
    np.testing.assert_allclose(measure(a, b), 1 - cdist(dense[:13], dense[13:], metric), atol=1e-6)


def test_the_density_of_the_space_decides():
    rows = ranks(0.02)
    correlation, distance = Measure("correlation"), Measure("euclidean")
    assert isinstance(prepare(rows, [correlation], density=SPARSE_BELOW - 0.01).base, StoredValues)
    assert isinstance(prepare(rows, [correlation, distance], density=SPARSE_BELOW - 0.01).base, StoredValues)
    assert isinstance(prepare(rows, [correlation], density=SPARSE_BELOW).base, Directions)
    assert isinstance(prepare(rows.toarray(), [correlation], density=0.01).base, Directions)
    assert isinstance(prepare(rows, [distance], density=0.01).base, Coordinates)


def test_cells_without_direction_are_refused_by_name():
    rows = sp.csr_matrix(np.array([[0, 1.0, 2], [0, 0, 0]]))
    names = np.array(["a", "b"])
    for density in (SPARSE_BELOW / 2, SPARSE_BELOW):
        with pytest.raises(StudyError, match="no cosine: b$"):
            prepare(rows, [Measure("cosine")], density=density, names=names)


@pytest.mark.parametrize("tile", [10, 1000])
def test_a_block_of_a_sparse_space_equals_the_reference(tile):
    of = space(ranks(0.03), SIZES)
    assert of.layout.density < SPARSE_BELOW
    result = compare([of], neighbours=5, tile=tile)
    values = likeness(of)
    score = np.where(np.eye(len(values)), -np.inf, values)
    np.testing.assert_allclose(result.neighbour_scores[0], -np.sort(-score, axis=1)[:, :5], atol=2e-6)
    codes = np.repeat(np.arange(3), SIZES)
    for p, (s, t) in enumerate(result.type_pairs):
        of_pair = values[np.ix_(codes == s, codes == t)]
        of_pair = of_pair[np.triu_indices(len(of_pair), 1)] if s == t else of_pair.ravel()
        np.testing.assert_allclose(result.quantiles[0, p, 2], np.median(of_pair), atol=2e-6)


def test_dense_and_sparse_agree():
    rows = ranks(0.05)
    sparse, dense = (compare([space(v, SIZES)], neighbours=5) for v in (rows, rows.toarray()))
    np.testing.assert_allclose(sparse.quantiles, dense.quantiles, atol=1e-6)
    np.testing.assert_allclose(sparse.neighbour_scores, dense.neighbour_scores, atol=1e-6)


def test_a_triangle_is_summed_over_the_cells_behind_each_alone():
    of = prepare(ranks(0.03), [Measure("correlation")], density=0.03).base
    rows, columns = of.by_cell, of.by_dimension
    first = np.empty(rows.nnz, columns.indptr.dtype)
    kernels.places_behind(rows.indices, columns.indptr, first)
    for k, cell in enumerate(np.repeat(np.arange(len(of)), np.diff(rows.indptr))):
        behind = columns.indices[first[k] : columns.indptr[rows.indices[k] + 1]]
        assert (behind > cell).all()
        assert len(behind) == (columns[[rows.indices[k]]].indices > cell).sum()


def unequal(n_cells=40, n_genes=300):
    """Return counts of genes of which some have values in most cells, and most in few."""
    random = np.random.default_rng(3)
    seen = random.random((n_cells, n_genes)) < random.beta(0.3, 2.0, n_genes)
    counts = random.poisson(3.0, (n_cells, n_genes)) * seen
    counts[np.arange(n_cells), np.arange(n_cells)] += 1
    return sp.csr_matrix(counts, dtype=np.float32)


@pytest.mark.parametrize("of", MEASURES)
def test_common_dimensions_are_made_dense_and_the_others_not(of):
    rows = unequal()
    common = common_dimensions(rows)
    base = prepare(rows, [of, Measure("cosine")], common=common).base
    assert isinstance(base, Parted) and 0 < common.sum() == base.common.values.shape[1] < 150
    assert base.rare.by_cell.nnz == rows[:, ~common].nnz
    first = next(every_pair(rows, [of, Measure("cosine")]))
    dense = rows.toarray().astype(float)
    dense -= dense.mean(axis=0) if of.centred else 0
    wanted = cdist(dense, dense, of.metric)
    at = np.triu_indices(len(dense), 1)
    np.testing.assert_allclose(first.above[at], (1 - wanted if of.similarity else wanted)[at], rtol=1e-5, atol=1e-6)


def test_rows_are_not_cut_in_two_where_that_saves_nothing():
    rows = unequal()
    assert common_dimensions(rows.toarray()) is None
    assert common_dimensions(sp.csr_matrix(np.eye(40, dtype=np.float32))) is None
    mostly = rows[:, np.asarray((rows > 0).mean(axis=0)).ravel() > COMMON_ABOVE / 2]
    assert common_dimensions(mostly) is None
