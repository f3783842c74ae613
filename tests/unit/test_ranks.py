"""The rank-value encoding is exactly scipy's ranks, and its correlation is Spearman's."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import rankdata, spearmanr

from rankstudy.pairs.engine import Vectors, measure
from rankstudy.spaces.encodings.rank import fractional_ranks

SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 30))
VALUES = st.one_of(
    st.integers(0, 3).map(float),
    st.integers(-3, 3).map(float),
    st.floats(-1e6, 1e6, allow_nan=False, width=32),
    st.just(0.0),
)
MATRICES = SHAPES.flatmap(lambda shape: hnp.arrays(np.float64, shape, elements=VALUES))


def expected(dense):
    """Return scipy's ranks less the rank that the zeros of the row share."""
    ranks = np.array([rankdata(row) for row in dense]).reshape(dense.shape)
    for row, values in zip(ranks, dense, strict=True):
        if (values == 0).any():
            row -= row[values == 0][0]
    return ranks


@given(MATRICES)
@example(np.array([[0.0, 0.0, 5.0, 2.0, 5.0]]))
@example(np.array([[7.0]]))
@example(np.array([[0.0]]))
@example(np.full((2, 9), 4.0))
@example(np.zeros((3, 5)))
@example(np.array([[-1.0, -1.0, 0.0, -5.0, 2.0], [3.0, 1.0, 2.0, 2.0, -4.0]]))
@example(np.array([[-0.0, 0.0, 1.0, -1.0]]))
@example(np.array([[1e-300, 0.0, 2e-300, -1e-300]]))
def test_ranks_are_those_of_scipy_less_the_rank_of_zeros(dense):
    encoded = fractional_ranks(sp.csr_matrix(dense))
    assert encoded.shape == dense.shape
    np.testing.assert_array_equal(encoded.toarray(), expected(dense))


def test_example_of_the_documentation():
    encoded = fractional_ranks(sp.csr_matrix([[0, 0, 5, 2, 5]]))
    assert encoded.toarray().tolist() == [[0, 0, 3, 1.5, 3]]


def test_a_cell_without_zeros_has_its_plain_ranks():
    assert fractional_ranks(sp.csr_matrix([[3.0, 1.0, 3.0]])).toarray().tolist() == [[2.5, 1.0, 2.5]]


@given(MATRICES)
def test_ranks_are_exact_multiples_of_one_half_in_float32(dense):
    encoded = fractional_ranks(sp.csr_matrix(dense))
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded.data * 2, np.rint(encoded.data * 2))


def test_large_ranks_are_exact():
    n = 1 << 18
    values = np.repeat(np.arange(1.0, n // 2 + 1), 2)
    row = fractional_ranks(sp.csr_matrix(values)).toarray().ravel().astype(np.float64)
    np.testing.assert_array_equal(row, rankdata(values))


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)])
def test_empty_shapes_stay_empty(shape):
    encoded = fractional_ranks(sp.csr_matrix(shape))
    assert encoded.shape == shape and encoded.nnz == 0


def test_explicit_zeros_unsorted_indices_and_duplicates_do_not_matter():
    messy = sp.csr_matrix((np.array([4.0, 0.0, 1.0, 1.0]), np.array([3, 0, 1, 1]), np.array([0, 4])), shape=(1, 5))
    before = messy.copy()
    np.testing.assert_array_equal(fractional_ranks(messy).toarray(), expected(np.array([[0.0, 2.0, 0.0, 4.0, 0.0]])))
    np.testing.assert_array_equal(messy.data, before.data)
    np.testing.assert_array_equal(messy.indices, before.indices)


@given(MATRICES)
def test_monotone_transforms_and_the_total_change_nothing(dense):
    plain = fractional_ranks(sp.csr_matrix(dense), np.ones(len(dense)))
    stretched = fractional_ranks(sp.csr_matrix(np.sign(dense) * np.sqrt(np.abs(dense))), np.full(len(dense), 9.0))
    np.testing.assert_array_equal(plain.toarray(), stretched.toarray())


@given(MATRICES, st.randoms(use_true_random=False))
def test_ranks_follow_a_permutation_of_genes(dense, random):
    order = list(range(dense.shape[1]))
    random.shuffle(order)
    encoded = fractional_ranks(sp.csr_matrix(dense)).toarray()
    np.testing.assert_array_equal(fractional_ranks(sp.csr_matrix(dense[:, order])).toarray(), encoded[:, order])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_without_order_are_refused(value):
    with pytest.raises(ValueError, match="finite"):
        fractional_ranks(sp.csr_matrix([[1.0, value]]))


@given(SHAPES.flatmap(lambda s: hnp.arrays(np.float64, (s[0] + 1, s[1] + 2), elements=VALUES)))
def test_correlation_of_ranks_is_the_correlation_of_spearman(dense):
    dense = dense[(dense.max(axis=1) > dense.min(axis=1))]
    if len(dense) < 2:
        return
    vectors = Vectors.of(fractional_ranks(sp.csr_matrix(dense)), "correlation")
    found = measure(vectors, vectors)
    for i in range(len(dense)):
        for j in range(len(dense)):
            assert abs(found[i, j] - spearmanr(dense[i], dense[j]).statistic) < 1e-5


@pytest.mark.parametrize("density", [0.01, 0.1, 0.5, 1.0])
def test_spearman_on_sparse_counts_over_many_genes(density):
    random = np.random.default_rng(3)
    counts = sp.random(
        40, 5000, density, format="csr", random_state=random, data_rvs=lambda n: random.poisson(1.5, n) + 1.0
    )
    vectors = Vectors.of(fractional_ranks(counts), "correlation")
    reference = spearmanr(counts.toarray(), axis=1).statistic
    np.testing.assert_allclose(measure(vectors, vectors), reference, atol=1e-5)
