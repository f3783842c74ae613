"""Ledgers of simulated cells: is the step that loses the types found, what do intervals hold."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.unit.simulated_ledgers import LOST, ledger_of_counts, ledgers
from tests.unit.test_settings_simulated import EIGHT, FIVE, LEVELS, REPEATS, SIZES, WITHIN, assert_intervals_hold

pytestmark = pytest.mark.slow
# standard deviations of the noise of each step before and after it is taken
NOTHING = dict.fromkeys(["vocabulary", "kept", "first", "ties"], (0.4, 0.4))
FEW_SIZES = pytest.mark.parametrize(
    "sizes",
    [pytest.param(FIVE, marks=pytest.mark.long), EIGHT, pytest.param(WITHIN, marks=pytest.mark.long)],
    ids=["five", "eight", "within"],
)
COSTS = {"vocabulary": (0.3, 0.5), "kept": (0.3, 0.8), "first": (0.3, 0.6), "ties": (0.5, 0.3)}


@pytest.mark.parametrize("lost_by", sorted(LOST))
def test_a_step_that_costs_everything_has_it_all_and_the_others_nothing(lost_by):
    found = pd.concat([ledger_of_counts(lost_by, np.random.default_rng(seed)) for seed in range(20)])
    costly, other = (rows for _, rows in found.groupby(found["step"] != lost_by))
    assert len(costly) == 20 * 3 and (costly["verdict"] == "worse").all()
    whole = costly["value"] - costly["value_reference"]
    assert whole.max() < -0.4 and np.abs(costly["estimate"] - whole).max() < 0.05
    means = other.groupby(["statistic", "step"])["estimate"].mean()
    assert np.abs(means).max() < 0.006, means
    assert other["verdict"].isin(["better", "worse"]).mean() <= 0.01


@cache
def ledgers_of(sizes):
    """Return the ledgers of steps that change nothing, of batches drawn anew, or of cells drawn anew in the same."""
    return list(ledgers(sizes, seed=1, repeats=REPEATS, noises=NOTHING, same_batches=sizes == WITHIN))


@FEW_SIZES
def test_the_family_of_a_ledger_whose_steps_change_nothing_errs_no_more_often_than_its_level_says(sizes):
    """Any of 12 shares is called better or worse though none is: nominal 5 %."""
    found = ledgers_of(sizes)
    assert {level for rows in found for level in rows["levels"]} == {LEVELS[sizes]} and len(found[0]) == 12
    errs = np.mean([rows["verdict"].isin(["better", "worse"]).any() for rows in found])
    assert 0.02 <= errs <= 0.07, errs


@FEW_SIZES
def test_intervals_of_shares_hold_0_as_often_as_they_say(sizes):
    assert np.abs(assert_intervals_hold(ledgers_of(sizes))).max() < 0.01


@pytest.mark.long
@pytest.mark.parametrize("draws", [1, 5], ids=["", "chance"])
@SIZES
def test_intervals_of_shares_hold_the_truth_as_often_as_they_say(sizes, draws):
    again = sizes == WITHIN
    found = list(ledgers(sizes, seed=1, repeats=REPEATS, noises=COSTS, same_batches=again, draws=draws))
    assert {number for rows in found for number in rows["draws"]} == {draws}
    assert np.abs(assert_intervals_hold(found)).min() > 0.005
