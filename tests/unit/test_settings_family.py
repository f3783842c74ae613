"""P-values adjusted within the family of one pair: against a plain loop, the single test, and Bonferroni."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri, stdtr

from rankstudy.core.seeds import generator
from rankstudy.measures.settings.curves import curves_of
from rankstudy.measures.settings.family import adjusted
from rankstudy.measures.uncertainty.intervals import p_value
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, WORSE


def by_loops(estimates, resampled, freedom):
    """Return single-step maxT p-values of loosened resamples, one number at a time."""
    n, m = resampled.shape
    errors = [np.std(resampled[:, k], ddof=1) for k in range(m)]
    squares = [np.corrcoef(resampled[:, k], resampled[:, j])[0, 1] ** 2 for k in range(m) for j in range(k)]
    true = (min(freedom) * np.mean(squares) - 1) / (min(freedom) - 1)
    shared, alone = np.sqrt(true / np.mean(squares)), generator(0, "family").normal(size=(n, m))
    largest = []
    for row, of_row in zip(resampled, alone, strict=True):
        moved = [(row[k] - resampled[:, k].mean()) / errors[k] for k in range(m)]
        largest.append(max(abs(np.sqrt(shared) * moved[k] + np.sqrt(1 - shared) * of_row[k]) for k in range(m)))
    p = []
    for k in range(m):
        score = -ndtri(stdtr(freedom[k], -abs(estimates[k] / errors[k])))
        p.append((sum(one >= score for one in largest) + 1) / (n + 1))
    return np.array(p)


def together(random, n, m, shared):
    """Return n draws of m standard normal numbers, any two of which correlate by `shared`."""
    return np.sqrt(shared) * random.normal(size=(n, 1)) + np.sqrt(1 - shared) * random.normal(size=(n, m))


@pytest.mark.parametrize("freedom", [4.0, [3.0, 200.0, 7.5, 4.0, 30.0, 12.0]], ids=["one", "each"])
def test_p_values_are_those_of_a_plain_loop(freedom):
    random = np.random.default_rng(0)
    scale = 10.0 ** random.uniform(-4, 1, 6)
    resampled = scale * (together(random, 300, 6, 0.6) + 3)
    estimates = scale * random.normal(0, 2.5, 6)
    expected = by_loops(estimates, resampled, np.broadcast_to(freedom, 6))
    np.testing.assert_allclose(adjusted(estimates, resampled, np.asarray(freedom)), expected, rtol=1e-12)
    assert expected.min() < 0.2 < expected.max()


@pytest.mark.parametrize("freedom", [4.0, 7.0, 500.0])
@pytest.mark.parametrize("estimate", [0.1, 1.0, -2.0, 3.0])
def test_of_one_difference_it_is_the_p_value_of_the_difference_alone(estimate, freedom):
    resampled = np.random.default_rng(1).normal(estimate, 1, (20000, 1))
    alone = p_value(resampled[:, 0], freedom)
    assert adjusted(np.array([estimate]), resampled, freedom)[0] == pytest.approx(alone, rel=0.1, abs=0.005)


def test_independent_differences_are_adjusted_as_by_bonferroni():
    """1 - (1 - p)^m of independent ones, which Bonferroni's m p bounds."""
    random, m = np.random.default_rng(2), 24
    estimates = np.linspace(2.2, 3.5, m)
    found = adjusted(estimates, random.normal(size=(20000, m)), np.inf)
    alone = 2 * stdtr(np.inf, -estimates)
    np.testing.assert_allclose(found, 1 - (1 - alone) ** m, rtol=0.1, atol=0.005)
    assert (found < m * alone * 1.1 + 0.002).all()


def test_differences_that_move_together_cost_less_and_copies_nothing():
    random, m = np.random.default_rng(3), 24
    estimates = np.full(m, 2.5)
    independent, alike, copies = (
        adjusted(estimates, together(random, 50000, m, shared), np.inf)[0] for shared in (0.0, 0.9, 1.0)
    )
    assert copies == pytest.approx(2 * stdtr(np.inf, -2.5), rel=0.1)
    assert copies < 0.6 * alike < 0.6 * 0.6 * independent


def test_what_no_resample_moves_is_sure_unless_it_is_nothing():
    random = np.random.default_rng(4)
    moving = together(random, 999, 2, 0.5)
    # a mean of equal numbers need not be that number: their standard deviation would not be 0
    resampled = np.column_stack([moving[:, 0], np.zeros(999), np.full(999, 0.1), moving[:, 1]])
    found = adjusted(np.array([2.0, 0.0, 0.1, 0.0]), resampled, 5.0)
    assert found[1] == 1 and found[2] == 1 / 1000 and found[3] == 1
    np.testing.assert_allclose(found[[0, 3]], adjusted(np.array([2.0, 0.0]), moving, 5.0))
    np.testing.assert_array_equal(adjusted(np.array([0.0, -0.1]), resampled[:, 1:3], 5.0), [1, 1 / 1000])


def test_units_do_not_matter_and_no_p_value_is_below_what_the_resamples_can_tell():
    random = np.random.default_rng(5)
    resampled, estimates = together(random, 999, 5, 0.5), np.array([0.5, 1.5, 2.5, 3.0, 30.0])
    found = adjusted(estimates, resampled, 20.0)
    np.testing.assert_allclose(adjusted(-1e-6 * estimates, 1e-6 * resampled, 20.0), found)
    assert (np.diff(found) <= 0).all() and found[-1] == 1 / 1000


def test_a_whole_family_takes_a_fraction_of_a_second():
    random = np.random.default_rng(6)
    resampled = random.normal(size=(10000, 48))
    begin = time.process_time()
    adjusted(np.ones(48), resampled, 7.0)
    assert time.process_time() - begin < 1


@pytest.mark.parametrize("shared", [0.0, 0.7])
def test_few_batches_do_not_make_a_family_look_smaller_than_it_is(shared):
    """Any of 24 differences is surer than 5 % in 5 % of samples of five batches, whether they move together or not."""
    random, errs = np.random.default_rng(7), []
    for _ in range(600):
        values = together(random, 5, 24, shared)
        estimates = values.mean(axis=0)
        times = random.multinomial(5, np.full(5, 0.2), 500) / 5
        resampled = estimates + times @ (values - estimates) * np.sqrt(5 / 4)
        errs.append(adjusted(estimates, resampled, 4.0).min() <= 0.05)
    assert 0.03 <= np.mean(errs) <= 0.075, np.mean(errs)


@pytest.mark.parametrize("batches", [5, 8])
def test_the_joint_interval_of_a_count_holds_the_settings_that_are_truly_better(batches):
    """Of 24 settings 9 are truly better, by much or by little, and 9 worse; in 6 nothing is between the two."""
    random, held, wide, wrong = np.random.default_rng(11), [], [], []
    truth = np.repeat([2.5, 1.0, 0.3, 0.0, -0.3, -1.0, -2.5], [3, 3, 3, 6, 3, 3, 3])
    for _ in range(500):
        values = truth + together(random, batches, 24, 0.5)
        estimates = values.mean(axis=0)
        times = random.multinomial(batches, np.full(batches, 1 / batches), 500) / batches
        resampled = estimates + times @ (values - estimates) * np.sqrt(batches / (batches - 1))
        sure = adjusted(estimates, resampled, batches - 1.0) <= 0.05
        said = np.where(sure, np.where(estimates > 0, BETTER, WORSE), NO_DIFFERENCE)
        rows = pd.DataFrame({"space": "a", "reference": "b", "statistic": AUROC, "claim": True, "verdict": said})
        in_short = curves_of(rows.assign(estimate=estimates, level=0.95)).iloc[0]
        held.append(in_short["least"] <= 9 <= in_short["most"])
        wide.append(in_short["most"] - in_short["least"])
        wrong.append((sure & (np.sign(estimates) != np.sign(truth))).any())
    assert np.mean(held) >= 0.95 and np.mean(wrong) <= 0.05, (np.mean(held), np.mean(wrong))
    assert np.mean(wide) < 22  # and it says something
