"""What one cell and one batch change of a statistic, against brute force in float64."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.measures.separation import effect_sizes
from rankstudy.measures.uncertainty import influence
from rankstudy.measures.uncertainty.statistics import COARSE, statistics_of
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, OWN_TYPE
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.pairs.engine.result import OTHER, OWN
from tests.unit.reference import likeness, mean_of_cells
from tests.unit.related import batched

SIZES, N_BATCHES = (14, 11, 17), 5


def lattice(seed=0, sizes=SIZES, n_batches=N_BATCHES):
    """Return cells on whole numbers: their distances are whole, and each has bins of its own."""
    random = np.random.default_rng(seed)
    types = np.repeat(np.arange(len(sizes)), sizes)
    batches = random.integers(n_batches, size=len(types))
    at = np.round(np.array([0, 9, 20])[types] + 4 * batches + random.normal(0, 5, len(types)))
    ids, names = [f"toy:{i:04d}" for i in range(len(types))], np.array(list("abc"))
    return SpaceData.of(at[:, None].astype(np.float32), ids=ids, types=names[types], batches=batches.astype(str))


def codes(of):
    return [pd.factorize(of.cells[column], sort=True)[0] for column in ("slug", "batch")]


def weighted_auroc(values, types, pair_weights, kind=None, similarity=False):
    """Return the AUROC of pairs with weights, of all types together or of one against the others."""
    i, j = np.triu_indices(len(types), 1)
    about = np.ones(len(i), bool) if kind is None else (types[i] == kind) | (types[j] == kind)
    same, weight, value = types[i] == types[j], pair_weights[i, j], values[i, j]
    w, b = about & same, about & ~same
    sign = 1 if similarity else -1
    order = np.sign(sign * (value[w][:, None] - value[b][None, :]))
    return weight[w] @ ((order + 1) / 2) @ weight[b] / (weight[w].sum() * weight[b].sum())


def of_name(found, name, cell_type=None, k=None):
    return next(s for s in found if (s.name, s.cell_type, s.k) == (name, cell_type, k))


@pytest.mark.parametrize("label", [None, "a", "c"])
def test_the_influence_of_a_cell_is_the_derivative_of_the_weighted_auroc(label):
    of = lattice()
    types, batches = codes(of)
    result = compare([of], cutoffs=100)
    statistic = of_name(statistics_of(result, of.cells, batches, ()), AUROC, label)
    kind = None if label is None else "abc".index(label)
    values = likeness(of)
    whole = weighted_auroc(values, types, np.ones((len(types),) * 2), kind)
    assert statistic.influence.estimate == pytest.approx(whole, abs=1e-12)
    derivative = []
    for cell in statistic.cells:
        sides = []
        for step in (1e-4, -1e-4):
            weights = np.ones(len(types))
            weights[cell] += step
            sides.append(weighted_auroc(values, types, np.outer(weights, weights), kind))
        derivative.append((sides[0] - sides[1]) / 2e-4)
    np.testing.assert_allclose(statistic.influence.of_cells, derivative, rtol=1e-5, atol=1e-9)
    assert len(statistic.cells) == (len(types) if kind is None else SIZES[kind])


@pytest.mark.parametrize("label", [None, "b"])
def test_a_statistic_without_a_batch_is_that_of_the_other_batches(label):
    of = lattice(1)
    types, batches = codes(of)
    statistic = of_name(statistics_of(compare([of], cutoffs=100), of.cells, batches, ()), AUROC, label)
    values, kind = likeness(of), None if label is None else "abc".index(label)
    for batch in range(N_BATCHES):
        # of one type, the cells of the others stay
        left = (batches != batch) | ((types != kind) if kind is not None else False)
        wanted = weighted_auroc(values[np.ix_(left, left)], types[left], np.ones((left.sum(),) * 2), kind)
        assert statistic.influence.without[batch] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(("metric", "tolerance"), [("correlation", 0.02), ("euclidean", 0.02)])
def test_coarse_bins_cost_little_and_tell_when_they_do_not(metric, tolerance):
    random = np.random.default_rng(2)
    types = np.repeat(np.arange(3), 20)
    vectors = (random.normal(size=(3, 30))[types] + random.normal(size=(60, 30))).astype(np.float32)
    names = {"ids": [f"toy:{i:04d}" for i in range(60)], "types": np.array(list("abc"))[types]}
    of = SpaceData.of(vectors, metric=metric, batches=np.arange(60) % 6, **names)
    batches = codes(of)[1]
    found = {n: of_name(statistics_of(compare([of], cutoffs=n), of.cells, batches, ()), AUROC) for n in (4000, 100, 2)}
    for moved in ("of_cells", "of_batches"):
        spread = {n: np.sqrt((getattr(s.influence, moved) ** 2).sum()) for n, s in found.items()}
        assert spread[100] == pytest.approx(spread[4000], rel=tolerance)
    assert [s.coarse for s in found.values()] == [False, False, True]
    counts = influence.counts_of_cells(compare([of], cutoffs=1), 0)
    assert influence.coarseness(counts) == 1 > COARSE


def test_every_relation_but_own_is_between_types():
    of = lattice(3)
    plain = compare([of], cutoffs=50)
    relations = np.full((3, 3), OTHER, np.int8)
    np.fill_diagonal(relations, OWN)
    relations[0, 1] = relations[1, 0] = 1
    split = compare([of], cutoffs=50, relations=relations)
    assert (split.cutoffs != plain.cutoffs).any()
    counts = [influence.counts_of_cells(result, 0) for result in (plain, split)]
    np.testing.assert_array_equal(*counts)
    assert counts[0].sum() == len(of.cells) * (len(of.cells) - 1)
    types = codes(of)[0]
    np.testing.assert_array_equal(counts[0][:, influence.WITHIN].sum(axis=(1, 2)), np.bincount(types)[types] - 1)


def test_shares_of_neighbours_are_means_of_the_lists():
    of = lattice(4)
    types, batches = codes(of)
    result = compare([of], cutoffs=50, neighbours=9)
    found = statistics_of(result, of.cells, batches, (4, 9))
    for k in (4, 9):
        listed = result.neighbours[0][:, :k]
        own, same = types[listed] == types[:, None], batches[listed] == batches[:, None]
        assert of_name(found, OWN_TYPE, k=k).influence.estimate == pytest.approx(own.mean())
        assert of_name(found, BATCH_DRIVEN, k=k).influence.estimate == pytest.approx((~own & same).mean())


@pytest.mark.parametrize("label", [None, "b"])
def test_a_type_that_lacks_batches_has_none_of_them(label):
    of = lattice(8)
    types, batches = codes(of)
    # the second type has no cell of the first and the last two batches
    batches = np.where(types == 1, np.arange(len(types)) % 2 + 1, batches)
    of = batched(of, batches.astype(str))
    result = compare([of], cutoffs=100)
    statistic = of_name(statistics_of(result, of.cells, batches, ()), AUROC, label)
    gone = ~np.isfinite(statistic.influence.without)
    assert len(gone) == N_BATCHES and gone.tolist() == ([label is not None, False, False] + [label is not None] * 2)


def test_shares_need_as_many_neighbours_as_they_count():
    of = lattice(4)
    batches = codes(of)[1]
    result = compare([of], cutoffs=50, neighbours=9, across=5)
    found = statistics_of(result, of.cells, batches, (4, 9))
    assert {s.k for s in found if s.name == ACROSS} == {4}
    assert {s.k for s in found if s.name == OWN_TYPE} == {4, 9}


def test_a_neighbour_counts_where_it_stands_and_what_would_take_its_place():
    # 0 and 1 meet the condition; each list has two places, the second of which is the rim
    neighbours = np.array([[1, 2], [0, 2], [0, 1], [2, 1]])
    meets = np.isin(neighbours, [0, 1])
    moved = influence.neighbour_share(meets, neighbours, np.array([0, 0, 1, 1]), 2)
    assert moved.estimate == pytest.approx(5 / 8)
    shares = np.array([0.5, 0.5, 1.0, 0.5])
    # by list: 1 instead of 2; 0 instead of 2; 0 instead of 1; 2 instead of 1
    added = np.array([1 / 2, 1 / 2, -1 / 2, 0])
    np.testing.assert_allclose(moved.of_cells, (shares - 5 / 8 + added) / 4)
    # without batch 0: cells 2 and 3; 3 has 1 at its rim, 2 loses nothing by losing 0 and 1. Without 1, nothing changes
    # in 0.
    np.testing.assert_allclose(moved.without, [(1.5 - 0) / 2, (1.0 - 0) / 2])


@pytest.mark.parametrize("pooled", [False, True])
def test_without_a_batch_the_lists_of_the_others_are_filled_from_their_own_pools(pooled):
    random = np.random.default_rng(7)
    batches = np.repeat(np.arange(4), (3, 17, 6, 11))[random.permutation(37)]
    n, k, sizes = len(batches), 5, np.bincount(batches)
    neighbours = np.array([random.choice(np.delete(np.arange(n), cell), k, replace=False) for cell in range(n)])
    meets = random.random((n, k)) < 0.4
    pools = np.array([30, 19, 31, 26])[batches] if pooled else None
    moved = influence.neighbour_share(meets, neighbours, batches, 4, pools=pools)
    for gone in range(4):
        left = 0.0
        for cell in np.flatnonzero(batches != gone):
            pool = n if pools is None else pools[cell]
            rim = meets[cell, k // 2 :].mean()
            lost = [meets[cell, place] - rim for place in range(k) if batches[neighbours[cell, place]] == gone]
            left += meets[cell].mean() - sum(lost) / k * pool / (pool - sizes[gone])
        assert moved.without[gone] == pytest.approx(left / (n - sizes[gone]), abs=1e-12)


def test_a_mean_of_cells_moves_by_the_cells_alone():
    values, batches = np.array([0.2, 0.4, 0.9, 0.1]), np.array([0, 0, 1, 3])
    moved = mean_of_cells(values, batches, 4)
    np.testing.assert_allclose(moved.of_cells, (values - 0.4) / 4)
    np.testing.assert_allclose(moved.without, [0.5, 0.7 / 3, np.nan, 0.5])
    part = moved.without[[0, 1, 3]]
    assert (moved.of_batches**2).sum() == pytest.approx(2 / 3 * ((part - part.mean()) ** 2).sum())
    assert moved.of_batches[2] == 0 and moved.of_batches.sum() == pytest.approx(0)


def test_the_estimates_are_those_of_effect_sizes():
    of = lattice(5)
    batches = codes(of)[1]
    result = compare([of], cutoffs=100)
    wanted = effect_sizes(result, of.cells)["auroc"].tolist()
    assert [s.influence.estimate for s in statistics_of(result, of.cells, batches, ())] == wanted


def test_influences_of_a_sparse_space_are_found_too():
    random = np.random.default_rng(6)
    vectors = sp.random_array((30, 40), density=0.3, rng=random, format="csr", dtype=np.float32)
    ids = [f"toy:{i:04d}" for i in range(30)]
    of = SpaceData.of(sp.csr_matrix(vectors), ids=ids, types=["a"] * 15 + ["b"] * 15, metric="cosine")
    (overall, *_) = statistics_of(compare([of], cutoffs=100), of.cells, np.zeros(30, int), ())
    assert abs(overall.influence.of_cells.sum()) < 1e-3 and overall.influence.of_cells.any()
    assert np.isnan(overall.influence.without).all() and not overall.influence.of_batches.any()
