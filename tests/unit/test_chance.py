"""How far from chance labels without meaning may lead: bounds over all permutations, no larger than needed."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankstudy.measures.gates.chance import auroc_error, neighbour_error
from rankstudy.measures.gates.gates import STANDARD_ERRORS
from tests.unit.helpers import auroc_of

FEW = st.sampled_from([(3, 3), (2, 4), (2, 2, 2), (2, 3)])


def typed(sizes):
    """Return the type of each cell."""
    return np.repeat(np.arange(len(sizes)), sizes)


def partners(types):
    """Return for each cell how many others are of its type."""
    return np.bincount(types)[types] - 1


def nearest(likeness, k):
    """Return (cells, k): the numbers of the k most alike other cells."""
    return np.argsort(np.where(np.eye(len(likeness)), np.inf, -likeness), axis=1, kind="stable")[:, :k]


def share_of_type(neighbours, types):
    return float((types[neighbours] == types[:, None]).mean())


def of_hubs(random, n):
    """Return a likeness that cells have with all others alike: the case that leaves most to chance."""
    hub = random.normal(size=n)
    return hub[:, None] + hub[None, :]


def of_vectors(random, n):
    return random.normal(size=(n, 8)) @ random.normal(size=(n, 8)).T


def error_of(sizes):
    return auroc_error(partners(typed(sizes)))


@given(FEW, st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_no_likeness_varies_more_over_all_permutations_of_its_labels(sizes, seed, levels):
    random = np.random.default_rng(seed)
    types = typed(sizes)
    values = random.integers(levels, size=(len(types), len(types))).astype(float)  # few levels: many ties
    values = values + values.T
    found = np.array([auroc_of(values, types[list(order)]) for order in permutations(range(len(types)))])
    assert found.mean() == pytest.approx(0.5, abs=1e-12)
    assert found.std() <= error_of(sizes) * (1 + 1e-9)


@pytest.mark.parametrize(("sizes", "likeness"), [((100, 30, 15), of_hubs), ((40, 40, 40), of_vectors)])
def test_the_bound_is_no_larger_than_it_must_be(sizes, likeness):
    random = np.random.default_rng(0)
    types, values = typed(sizes), likeness(random, sum(sizes))
    found = [auroc_of(values, random.permutation(types)) for _ in range(300)]
    assert 0.7 * error_of(sizes) < np.std(found) < 1.1 * error_of(sizes)


@pytest.mark.parametrize("likeness", [of_hubs, of_vectors])
@pytest.mark.parametrize("sizes", [(100, 30, 15), (40, 40, 40), (90, 3, 2), (2, 2)])
def test_labels_without_meaning_pass_every_time(sizes, likeness):
    random = np.random.default_rng(1)
    types, room = typed(sizes), STANDARD_ERRORS * error_of(sizes)
    for _ in range(200):
        assert abs(auroc_of(likeness(random, sum(sizes)), random.permutation(types)) - 0.5) <= room


def test_more_cells_leave_less_room():
    assert error_of([500] * 89) < error_of([100] * 14) < error_of([20] * 14) < 0.01


@given(FEW, st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_no_neighbourhoods_vary_more_over_all_permutations_of_the_labels(sizes, seed, k):
    random, types = np.random.default_rng(seed), typed(sizes)
    neighbours = nearest(random.normal(size=(len(types), len(types))), k)
    found = np.array([share_of_type(neighbours, types[list(order)]) for order in permutations(range(len(types)))])
    expected = partners(types).mean() / (len(types) - 1)
    assert found.mean() == pytest.approx(expected, abs=1e-12)
    assert found.std() <= neighbour_error(partners(types), k) * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize("sizes", [(40, 40, 40), (30, 30, 30, 30)])
def test_the_bound_on_neighbours_is_no_larger_than_it_must_be_where_types_are_of_one_size(sizes):
    random, types = np.random.default_rng(0), typed(sizes)
    neighbours = nearest(of_vectors(random, len(types)), 15)
    found = [share_of_type(neighbours, random.permutation(types)) for _ in range(300)]
    assert 0.5 * neighbour_error(partners(types), 15) < np.std(found) < 1.1 * neighbour_error(partners(types), 15)


def permuted(sizes):
    """Return the types of the cells in all their orders, as (orders, cells)."""
    return np.array(list(permutations(typed(sizes).tolist())))


def variance_within(values, orders):
    """Return the variance, over all orders of the types, of the sum of the values of the pairs within types."""
    i, j = np.triu_indices(orders.shape[1], 1)
    return (values[i, j] * (orders[:, i] == orders[:, j])).sum(axis=1).var()


def centred_parts(random, n):
    """Return values of pairs that are all hubs, and such that have none: each cell's sum to zero."""
    i, j = np.triu_indices(n, 1)
    hubs = of_hubs(random, n)
    cells = np.zeros((len(i), n))
    cells[np.arange(len(i)), i] = cells[np.arange(len(i)), j] = 1
    drawn = random.normal(size=len(i))
    rest = np.zeros((n, n))
    rest[i, j] = drawn - cells @ np.linalg.lstsq(cells, drawn, rcond=None)[0]
    return hubs - hubs[i, j].mean(), rest


@pytest.mark.parametrize("sizes", [(6, 1), (5, 2), (4, 3), (2, 2, 3), (1, 2, 3)])
def test_the_bounds_are_the_exact_errors_of_the_worst_likeness(sizes):
    random, orders, n = np.random.default_rng(3), permuted(sizes), sum(sizes)
    pairs = n * (n - 1) / 2
    i, j = np.triu_indices(n, 1)
    worst = max(variance_within(part, orders) / (part[i, j] ** 2).sum() for part in centred_parts(random, n))
    of_type = partners(typed(sizes))
    within = of_type.sum() / 2
    scale = pairs / (within * (pairs - within))
    assert auroc_error(of_type) == pytest.approx(scale * np.sqrt(pairs / 12 * worst))
    for k in (1, 2, n - 2):
        squares = n * k / 2 * (1 - k / (n - 1))
        assert neighbour_error(of_type, k) == pytest.approx(2 / (n * k) * np.sqrt(squares * worst))


def test_pairs_of_cells_as_neighbours_vary_as_much_as_the_bound_where_types_are_of_one_size():
    mutual = np.arange(6) ^ 1
    found = (orders := permuted((3, 3)))[:, mutual] == orders
    assert found.mean(axis=1).std() == pytest.approx(neighbour_error(partners(typed((3, 3))), 1))


def test_all_other_cells_as_neighbours_leave_nothing_to_chance():
    assert neighbour_error(partners(typed((3, 4))), 6) == pytest.approx(0, abs=1e-7)
