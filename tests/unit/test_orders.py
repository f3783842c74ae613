"""The order of a cell's genes, and its vector: with ties that the columns, chance or their mean decide."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rankstudy.spaces.encodings.orders import order_vectors, values_of_order
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.encodings.sorting import first_of_rows
from rankstudy.spaces.encodings.stored import with_values

# float32 holds neither the smallest nor the largest, and takes the nearest for equal
VALUES = [0, 0, 1, 1, 1 + 1e-12, 1 + 3e-12, 1.00001, 2, 2.5, 1e-300, 2e300, 9999]
ROWS = st.tuples(st.integers(1, 4), st.integers(1, 40)).flatmap(
    lambda shape: hnp.arrays(np.float64, shape, elements=st.sampled_from(VALUES))
)
MOST = st.none() | st.integers(1, 45)


@given(ROWS, MOST)
def test_the_first_of_a_row_are_those_of_a_stable_sort(rows, most):
    of = sp.csr_matrix(rows)
    places, offsets = first_of_rows(of.indptr, of.data, most)
    for begin, end, at, to in zip(of.indptr[:-1], of.indptr[1:], offsets[:-1], offsets[1:], strict=True):
        expected = begin + np.argsort(-of.data[begin:end], kind="stable")[:most]
        assert places[at:to].tolist() == expected.tolist()


@given(ROWS, MOST, st.integers(0, 99))
def test_of_equal_values_the_one_with_the_larger_number_comes_first(rows, most, seed):
    of = sp.csr_matrix(rows)
    chance = np.random.default_rng(seed).integers(0, 5, of.nnz) / 5
    places, offsets = first_of_rows(of.indptr, of.data, most, chance)
    for begin, end, at, to in zip(of.indptr[:-1], of.indptr[1:], offsets[:-1], offsets[1:], strict=True):
        expected = begin + np.lexsort((-chance[begin:end], -of.data[begin:end]))[:most]
        assert places[at:to].tolist() == expected.tolist()


def order_vectors_sharing_ties(values, most=None, *, logarithm=False):
    """Return the vectors of orders in which equal values share what they have."""
    places = first_of_rows(values.indptr, values.data)
    return with_values(
        values, values_of_order(values.data, *places, values.shape[1], most, shared=True, logarithm=logarithm)
    )


@given(ROWS)
def test_ties_that_share_their_mean_have_fractional_ranks(rows):
    found, ranks = order_vectors_sharing_ties(sp.csr_matrix(rows)).toarray(), fractional_ranks(sp.csr_matrix(rows))
    # where nothing is absent, its rank would be one half
    expected = ranks.toarray() - np.where((rows > 0).all(axis=1), 0.5, 0)[:, None]
    np.testing.assert_array_equal(found, expected.astype(np.float32))


@pytest.mark.parametrize("most", [None, 1, 3, 5, 8, 20])
def test_what_ties_share_is_the_mean_over_all_orders_of_them(most):
    of = sp.csr_matrix(np.array([[1, 1, 2, 0, 1, 2, 7, 0, 1, 0.5]]))
    random, n = np.random.default_rng(0), 4000
    many = sp.vstack([of] * n, format="csr")
    drawn = order_vectors(many, most, chance=random.random(many.nnz)).toarray()
    shared = order_vectors_sharing_ties(of, most).toarray()[0]
    error = drawn.std(axis=0) / np.sqrt(n)
    assert (np.abs(drawn.mean(axis=0) - shared) <= 4.5 * error + 1e-6).all()
    assert shared.sum() == pytest.approx(drawn[0].sum(), rel=1e-6)


@given(ROWS, MOST)
def test_the_logarithm_of_the_place_is_that_less_the_mean_of_the_places_that_are_left(rows, most):
    of = sp.csr_matrix(rows)
    places, offsets = first_of_rows(of.indptr, of.data)
    found = with_values(of, values_of_order(of.data, places, offsets, of.shape[1], most, logarithm=True)).toarray()
    for cell, row in zip(found, rows, strict=True):
        order = [gene for gene in np.argsort(-row, kind="stable") if row[gene] > 0][:most]
        left = np.log(np.arange(len(order) + 1, len(row) + 1))
        absent = left.mean() if len(left) else np.log(len(row) + 1)
        expected = np.zeros(len(row))
        expected[order] = absent - np.log(np.arange(1, len(order) + 1))
        np.testing.assert_allclose(cell, expected, rtol=1e-5, atol=1e-6)


def test_ties_share_the_mean_of_logarithms_too():
    of = sp.csr_matrix(np.array([[1, 2, 1, 0, 0]]))
    absent = np.log([3, 4, 5]).mean()
    shared = (absent - np.log(2)) / 2  # the second of two places is beyond the order
    found = order_vectors_sharing_ties(of, 2, logarithm=True).toarray()[0]
    np.testing.assert_allclose(found, [shared, absent, shared, 0, 0], rtol=1e-6)


def test_no_cells_no_genes_and_no_values():
    for shape in ((0, 3), (2, 0), (2, 3)):
        for vectors in (order_vectors, order_vectors_sharing_ties):
            found = vectors(sp.csr_matrix(shape), 2)
            assert found.shape == shape and found.nnz == 0 and found.dtype == np.float32


@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf])
def test_values_that_are_not_positive_and_finite_are_refused(value):
    with pytest.raises(ValueError, match="positive, finite"):
        first_of_rows(np.array([0, 2]), np.array([1.0, value]))
