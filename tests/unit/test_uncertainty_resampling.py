"""Resamples as sums of influences against resamples of the pairs themselves; intervals and p-values."""

import numpy as np
import pytest
from scipy.stats import norm, t

from rankstudy.measures.uncertainty.intervals import holm, interval, p_value
from rankstudy.measures.uncertainty.resampling import (
    CELLS,
    CELLS_IN_BATCHES,
    FEWEST_BATCHES,
    effective_number,
    resample,
    resampled_batches,
    resampled_cells,
    strata_of,
)
from rankstudy.measures.uncertainty.statistics import Statistic, statistics_of
from rankstudy.pairs.engine import compare
from tests.unit.reference import likeness, mean_of_cells
from tests.unit.test_uncertainty_influence import codes, lattice, weighted_auroc

SIZES = (24, 20, 28)


def overall(of, batches):
    return statistics_of(compare([of], cutoffs=100), of.cells, batches, ())[:1]


def auroc_of_weights(values, types):
    """Return a function from weights of pairs (cells x cells) to the AUROC."""
    i, j = np.triu_indices(len(types), 1)
    same = types[i] == types[j]
    order = np.sign(values[i, j][~same][None, :] - values[i, j][same][:, None])

    def weighted(weights):
        within, between = weights[i, j][same], weights[i, j][~same]
        return within @ ((order + 1) / 2) @ between / (within.sum() * between.sum())

    assert weighted(np.ones((len(types),) * 2)) == pytest.approx(
        weighted_auroc(values, types, np.ones((len(types),) * 2))
    )
    return weighted


def mean_statistic(values, batches, cells=None):
    at = np.arange(len(values)) if cells is None else np.asarray(cells)
    moved = mean_of_cells(values[at], batches[at], int(batches.max()) + 1)
    return Statistic("mean", "space", None, None, at, moved)


def test_resampled_cells_agree_with_a_bootstrap_of_the_pairs():
    of = lattice(10, SIZES, 1)
    types, batches = codes(of)
    weighted, random = auroc_of_weights(likeness(of), types), np.random.default_rng(0)
    by_pairs = []
    for _ in range(2000):
        times = np.concatenate([random.multinomial(n, np.full(n, 1 / n)) for n in SIZES]).astype(float)
        by_pairs.append(weighted(np.outer(times, times)))
    by_sums = resampled_cells(overall(of, batches), types, 20000, random)[:, 0]
    assert by_sums.mean() == pytest.approx(np.mean(by_pairs), abs=0.1 * np.std(by_pairs))
    # drawn with replacement, n cells vary as n - 1 do
    assert by_sums.std() == pytest.approx(np.std(by_pairs) * np.sqrt(24 / 23), rel=0.07)
    np.testing.assert_allclose(*(np.quantile(v, [0.05, 0.5, 0.95]) for v in (by_sums, by_pairs)), atol=0.01)


def test_resampled_batches_agree_with_a_bootstrap_of_the_pairs():
    n = 16
    of = lattice(11, (32, 32), n)
    types, batches = codes(of)
    weighted, random = auroc_of_weights(likeness(of), types), np.random.default_rng(0)
    same = batches[:, None] == batches[None, :]
    by_pairs = []
    for _ in range(2000):
        times = random.multinomial(n, np.full(n, 1 / n)).astype(float)[batches]
        # two copies of a batch are two batches; the pairs of one batch come once with each of its copies
        by_pairs.append(weighted(np.where(same, times[:, None], np.outer(times, times))))
    by_sums = resampled_batches(overall(of, batches), 20000, random)[:, 0]
    assert by_sums.mean() == pytest.approx(np.mean(by_pairs), abs=0.2 * np.std(by_pairs))
    assert by_sums.std() == pytest.approx(np.std(by_pairs), rel=0.1)


def test_a_bootstrap_of_the_cells_own_aurocs_misses_that_partners_vary():
    estimates, naive, ours = [], [], []
    for seed in range(150):
        of = lattice(100 + seed, (15, 15), 1)
        types, batches = codes(of)
        values = likeness(of)
        (statistic,) = overall(of, batches)
        estimates.append(statistic.influence.estimate)
        own = []
        for cell in range(len(types)):
            others = np.arange(len(types)) != cell
            within, between = (values[cell, others & ((types == types[cell]) == kind)] for kind in (True, False))
            own.append(((within[:, None] < between) + (within[:, None] == between) / 2).mean())
        naive.append(np.std(own, ddof=1) / np.sqrt(len(own)))
        ours.append(resampled_cells([statistic], types, 500, np.random.default_rng(seed)).std())
    true = np.std(estimates, ddof=1)
    assert np.mean(naive) < 0.75 * true
    assert 0.85 * true < np.mean(ours) < 1.15 * true


def test_cells_are_drawn_from_their_own_stratum():
    strata = np.array([0, 0, 1, 1, 1, 2])
    values = np.array([0.1, 0.1, 0.5, 0.5, 0.5, 0.9])
    # nothing varies within a stratum, and the last one is a single cell
    drawn = resampled_cells([mean_statistic(values, strata)], strata, 200, np.random.default_rng(0))
    np.testing.assert_allclose(drawn, values.mean())
    values = np.array([0.4, 0.6, 0.5, 0.5, 0.5, 0.9])
    drawn = resampled_cells([mean_statistic(values, strata)], strata, 20000, np.random.default_rng(0))
    # the sum of two values of unbiased variance 0.02, over six cells
    assert drawn.std() == pytest.approx(np.sqrt(2 * 0.02) / 6, rel=0.02)


def test_the_order_of_the_cells_and_the_pieces_of_memory_change_no_distribution(monkeypatch):
    random = np.random.default_rng(0)
    values, strata = random.uniform(0.2, 0.8, 60), random.integers(3, size=60)
    drawn = resampled_cells([mean_statistic(values, strata)], strata, 4000, np.random.default_rng(1))
    monkeypatch.setattr("rankstudy.measures.uncertainty.resampling._AT_ONCE", 100)
    order = random.permutation(60)
    again = resampled_cells(
        [mean_statistic(values[order], strata[order])], strata[order], 4000, np.random.default_rng(2)
    )
    assert drawn.std() == pytest.approx(again.std(), rel=0.06)


def test_a_cell_alone_in_its_batch_joins_its_type():
    types = np.array([0, 0, 0, 0, 1, 1, 1])
    batches = np.array([0, 0, 1, 2, 0, 1, 1])
    strata = strata_of(types, batches)
    assert strata[0] == strata[1] == strata[2] == strata[3]
    assert strata[4] == strata[5] == strata[6] != strata[0]
    assert sorted(set(strata)) == [0, 1]


def test_batches_of_unequal_size_are_worth_fewer():
    assert effective_number(np.array([10, 10, 10])) == pytest.approx(3)
    assert effective_number(np.array([10, 0, 10])) == pytest.approx(2)
    assert 1 < effective_number(np.array([1000, 1, 1])) < 1.01


@pytest.mark.parametrize(
    ("sizes", "level", "freedom"),
    [
        ([20] * 8, "donors", 7),
        ([20] * 5, "donors", 4),
        ([20] * 4, CELLS_IN_BATCHES, 80 - 8),
        ([60, 5, 5, 5, 5], CELLS_IN_BATCHES, 80 - 10),
        ([80], CELLS, 80 - 2),
    ],
)
def test_what_is_drawn_depends_on_how_many_batches_there_are(sizes, level, freedom):
    batches = np.repeat(np.arange(len(sizes)), sizes)
    types = np.arange(len(batches)) % 2
    values = np.random.default_rng(0).uniform(size=len(batches))
    found = resample(
        [mean_statistic(values, batches)],
        types,
        batches,
        unit="donors",
        resamples=1000,
        random=np.random.default_rng(0),
    )
    assert found.levels.tolist() == [level] and found.freedom[0] == pytest.approx(freedom)
    assert (effective_number(np.array(sizes)) >= FEWEST_BATCHES) == (level == "donors")


def test_statistics_are_drawn_together_whatever_their_levels():
    batches = np.repeat(np.arange(8), 10)
    types = np.tile([0, 1], 40)
    random = np.random.default_rng(0)
    values = random.uniform(size=80)
    few = np.flatnonzero(batches < 2)
    statistics = [
        mean_statistic(values, batches),
        mean_statistic(values, batches, few),
        mean_statistic(1 - values, batches),
    ]
    found = resample(statistics, types, batches, unit="batches", resamples=1000, random=random)
    assert found.levels.tolist() == ["batches", CELLS_IN_BATCHES, "batches"]
    # the same draws for both: their sum does not vary
    assert np.abs(found.values[:, 0] + found.values[:, 2] - 1).max() < 1e-12
    assert found.values[:, 1].std() > 0


@pytest.mark.parametrize("estimate", [0.0, 1.0])
def test_what_cannot_vary_stays_as_it_is(estimate):
    batches = np.repeat(np.arange(6), 5)
    values = np.full(30, estimate)
    for drawn in (
        resampled_batches([mean_statistic(values, batches)], 100, np.random.default_rng(0)),
        resampled_cells([mean_statistic(values, batches)], batches, 100, np.random.default_rng(0)),
    ):
        assert (drawn == estimate).all() and interval(drawn[:, 0], 5, 0.95) == (estimate, estimate)


def test_resampled_shares_stay_between_0_and_1():
    batches = np.repeat(np.arange(6), 5)
    values = np.where(np.arange(30) < 2, 0.5, 0.001)
    drawn = resampled_batches([mean_statistic(values, batches)], 5000, np.random.default_rng(0))
    assert 0 < drawn.min() < drawn.max() < 1


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not():
    of = lattice(12, SIZES, 8)
    types, batches = codes(of)
    statistics = statistics_of(compare([of], cutoffs=100, neighbours=5), of.cells, batches, (5,))
    settings = {"unit": "batches", "resamples": 1000}
    first, again, other = (
        resample(statistics, types, batches, **settings, random=np.random.default_rng(seed)).values
        for seed in (1, 1, 2)
    )
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_an_interval_is_as_wide_as_that_of_student():
    values = norm.ppf((np.arange(200001) + 0.5) / 200001)
    for freedom in (4, 7, 1000):
        low, high = interval(values, freedom, 0.95)
        assert (low, high) == pytest.approx((t.ppf(0.025, freedom), t.ppf(0.975, freedom)), abs=0.01)


@pytest.mark.parametrize("freedom", [4.3, 9, 5000])
@pytest.mark.parametrize("shift", [0.5, 1.5, -2.0, 2.5, 3.0])
def test_a_p_value_is_below_the_level_where_the_interval_leaves_out_0(shift, freedom):
    values = norm.ppf((np.arange(9999) + 0.5) / 9999) + shift
    p = p_value(values, freedom)
    for level in (0.5, 0.8, 0.9, 0.95, 0.97):
        low, high = interval(values, freedom, level)
        if abs(p - (1 - level)) > 0.003:
            assert (p < 1 - level) == (low > 0 or high < 0)
    assert p == pytest.approx(2 * t.sf(abs(shift), freedom), rel=0.1)


def test_a_p_value_is_never_0_and_never_above_1():
    random = np.random.default_rng(0)
    assert p_value(random.normal(size=999) + 50, 1e6) == 2 / 1000
    assert p_value(np.zeros(999), 10) == 1
    assert p_value(random.normal(size=999) / 100 + 1, 4) > 2 / 1000 - 1e-12
    assert p_value(np.full(999, 0.3), 1e6) == 2 / 1000


def test_holm_by_hand():
    # 4, 3, 2, 1 times the sorted values, none below the one before, none above 1
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm(np.array([0.5, 0.6, 0.01])), [1.0, 1.0, 0.03])
    np.testing.assert_allclose(holm(np.array([0.02])), [0.02])
    np.testing.assert_allclose(holm(np.array([0.02, 0.02])), [0.04, 0.04])


@pytest.mark.parametrize(("below", "above"), [(1, 8), (0, 9), (4, 5), (7, 2)])
def test_a_p_value_counts_the_estimate_among_the_resamples(below, above):
    """With many degrees of freedom it is twice the share of resamples on the rarer side of 0."""
    resampled = np.r_[-np.linspace(1, 2, below), np.linspace(1, 2, above)]
    wanted = min(2 * (min(below, above) + 1) / (below + above + 1), 1)
    assert p_value(resampled, 1e9) == pytest.approx(wanted)
