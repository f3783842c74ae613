"""The three measures equal slow float64 references, and what has no direction is refused."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import cdist

from rankstudy.core.errors import StudyError
from rankstudy.pairs.engine import Vectors, measure
from rankstudy.pairs.likeness.vectors import DIRECT_DIMENSIONS, compare_tile, points

SCIPY = {"correlation": "correlation", "cosine": "cosine", "euclidean": "euclidean"}


def reference(a, b, metric):
    """Return the measure by scipy, in float64."""
    distance = cdist(np.asarray(a, float), np.asarray(b, float), metric)
    return distance if metric == "euclidean" else 1 - distance


@pytest.mark.parametrize("metric", SCIPY)
@pytest.mark.parametrize("sparse", [True, False])
def test_equal_to_scipy(metric, sparse):
    random = np.random.default_rng(0)
    a, b = (random.normal(2, 1, (n, 300)).astype(np.float32) * (random.random((n, 300)) < 0.4) for n in (23, 31))
    prepared = [Vectors.of(sp.csr_matrix(v) if sparse else v, metric) for v in (a, b)]
    found = measure(*prepared)
    assert found.dtype == np.float32 and found.shape == (23, 31)
    np.testing.assert_allclose(found, reference(a, b, metric), atol=2e-6, rtol=1e-6)


def test_a_cell_is_entirely_like_itself():
    vectors = np.random.default_rng(1).normal(size=(40, 9)).astype(np.float32)
    for metric, itself in (("correlation", 1.0), ("cosine", 1.0), ("euclidean", 0.0)):
        of = Vectors.of(vectors, metric)
        np.testing.assert_allclose(measure(of, of).diagonal(), itself, atol=1e-6)


def test_similarities_never_leave_their_range_and_distances_are_never_negative():
    vectors = np.repeat(np.random.default_rng(2).normal(size=(5, 1000)), 20, axis=0) * 1e3
    for metric in ("correlation", "cosine"):
        of = Vectors.of(np.vstack([vectors, -vectors]), metric)
        assert np.abs(measure(of, of)).max() <= 1.0
    of = Vectors.of(vectors, "euclidean")
    found = measure(of, of)
    assert found.min() >= 0 and not np.isnan(found).any()


@pytest.mark.parametrize("dimensions", [5, DIRECT_DIMENSIONS + 8])
def test_distances_keep_their_digits_far_from_the_origin(dimensions):
    near = np.random.default_rng(3).normal(size=(50, dimensions))
    far = near + 1e6
    of = Vectors.of(far, "euclidean", mean_cell=far.mean(axis=0))
    np.testing.assert_allclose(measure(of, of), cdist(near, near), atol=1e-5)


@pytest.mark.parametrize("dimensions", [1, DIRECT_DIMENSIONS, DIRECT_DIMENSIONS + 1, 60])
def test_distances_of_few_and_of_many_dimensions_equal_scipy(dimensions):
    random = np.random.default_rng(6)
    a, b = random.normal(3, 2, (17, dimensions)), random.normal(3, 2, (29, dimensions))
    found = measure(*(Vectors.of(v, "euclidean", mean_cell=np.full(dimensions, 3.0)) for v in (a, b)))
    np.testing.assert_allclose(found, cdist(a, b), rtol=1e-6)


@pytest.mark.parametrize("metric", SCIPY)
@pytest.mark.parametrize("sparse", [True, False])
def test_points_are_as_far_apart_as_cells_are_unlike(metric, sparse):
    vectors = np.random.default_rng(8).normal(2, 1, (20, 30)) * (np.random.default_rng(9).random((20, 30)) < 0.5)
    found = points(sp.csr_matrix(vectors) if sparse else vectors, metric)
    wanted = reference(vectors, vectors, metric)
    distance = cdist(found, found)
    np.testing.assert_allclose(distance if metric == "euclidean" else 1 - distance**2 / 2, wanted, atol=1e-6)


@pytest.mark.parametrize("metric", SCIPY)
def test_a_triangle_is_the_upper_half_of_the_square(metric):
    of = Vectors.of(np.random.default_rng(7).normal(size=(50, 30)), metric)
    above = np.triu_indices(50, 1)
    tile, turned = np.empty((2, 50, 50), np.float32)
    compare_tile(of, of, [tile], [turned], triangle=True)
    np.testing.assert_allclose(tile[above], measure(of, of)[above], atol=1e-6)
    np.testing.assert_array_equal(turned.T[above], tile[above])


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 1e-3, 12345.6, 3.3e7, -7e9])
@pytest.mark.parametrize("sparse", [True, False])
def test_constant_vectors_have_no_correlation(value, sparse):
    rows = np.random.default_rng(0).normal(size=(3, 2000)).astype(np.float32)
    rows[1] = value
    with pytest.raises(StudyError, match=r"1 cells have a constant vector and so no correlation: toy:1"):
        Vectors.of(sp.csr_matrix(rows) if sparse else rows, "correlation", names=np.array(["toy:0", "toy:1", "toy:2"]))


@pytest.mark.parametrize("dimensions", [7, 999, 60_001])
def test_constant_vectors_whose_mean_is_rounded_have_no_correlation(dimensions):
    rows = np.random.default_rng(0).normal(size=(9, dimensions)) + 3
    values = np.array([0.1, 0.7, 1 / 3, 1e9 / 7, -2.3e-7])
    rows[2:7] = values[:, None]
    # adding up leaves most of them a little off their values: that is what is tested
    assert dimensions == 7 or (rows[2:7].mean(axis=1) != values).any()
    with pytest.raises(StudyError, match=r"5 cells have a constant vector and so no correlation: 2, 3, 4, 5, 6"):
        Vectors.of(rows, "correlation")


@pytest.mark.parametrize("scale", [1e-20, 1e-9, 1.0, 1e15])
def test_the_scale_of_a_vector_is_no_reason_to_refuse_it(scale):
    rows = np.random.default_rng(0).normal(size=(6, 500)) * scale
    for metric in ("correlation", "cosine"):
        of = Vectors.of(rows, metric)
        np.testing.assert_allclose(measure(of, of), reference(rows / scale, rows / scale, metric), atol=2e-6)


def test_zero_vectors_have_no_cosine_but_a_distance():
    rows = np.array([[1.0, 2.0], [0.0, 0.0]])
    with pytest.raises(StudyError, match="no cosine: 1$"):
        Vectors.of(rows, "cosine")
    of = Vectors.of(rows, "euclidean")
    assert measure(of, of)[0, 1] == pytest.approx(np.sqrt(5))


def test_constant_but_not_zero_vectors_have_a_cosine():
    of = Vectors.of(np.full((2, 4), 3.0), "cosine")
    np.testing.assert_allclose(measure(of, of), 1.0)


def test_an_unknown_metric_is_refused():
    with pytest.raises(ValueError, match="manhattan"):
        Vectors.of(np.eye(2), "manhattan")


def test_the_input_is_left_as_it_was():
    rows = np.random.default_rng(5).normal(size=(4, 6))
    before = rows.copy()
    for metric in SCIPY:
        of = Vectors.of(rows, metric, mean_cell=np.ones(6))
        measure(of, of)
        np.testing.assert_array_equal(rows, before)
