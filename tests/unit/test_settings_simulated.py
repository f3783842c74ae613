"""Curves of simulated cells: how often a pair's family errs, whether what decides is found, what intervals hold."""

from functools import cache

import numpy as np
import pytest

from rankstudy.measures.settings.curves import deciders_of
from tests.unit.simulated_settings import LEVEL, batch_effects, curve, repeats_of, simulated

pytestmark = pytest.mark.slow
REPEATS = 500
FIVE, EIGHT, WITHIN = (12,) * 5, (8,) * 8, (20,) * 3
LEVELS = {FIVE: "batches", EIGHT: "batches", WITHIN: "cells within batches"}
# a minute each; the family of a ledger, of half as many numbers, is simulated in any run
SIZES = pytest.mark.parametrize("sizes", [FIVE, EIGHT, WITHIN], ids=["five", "eight", "within"])


@cache
def rows_of(sizes, noises):
    """Return the rows of the curves of batches drawn anew, or of cells drawn anew in the same three."""
    found = repeats_of(sizes, seed=1, repeats=REPEATS, same_batches=sizes == WITHIN, noises=noises)
    return [each.rows for each in found]


def assert_intervals_hold(curves):
    """Assert it of the truth, which is the mean of the estimates over all repeats, and return it."""
    estimates, low, high = (np.array([rows[name] for rows in curves]) for name in ("estimate", "low", "high"))
    truth = estimates.mean(axis=0)
    held = ((low <= truth) & (truth <= high)).mean(axis=0)
    assert ((held >= 0.92) & (held <= 0.98)).all(), held
    return truth


@pytest.mark.long
@SIZES
def test_the_family_of_two_equal_encodings_errs_as_often_as_its_level_says(sizes):
    """Any of 24 differences is called better or worse though none is: nominal 5 %."""
    curves = rows_of(sizes, (1.0, 1.0))
    assert {level for rows in curves for level in rows["levels"]} == {LEVELS[sizes]} and len(curves[0]) == 24
    errs = np.mean([rows["verdict"].isin(["better", "worse"]).any() for rows in curves])
    assert 0.03 <= errs <= 0.07, errs


@pytest.mark.long
@SIZES
def test_intervals_of_no_differences_hold_0_as_often_as_they_say(sizes):
    assert np.abs(assert_intervals_hold(rows_of(sizes, (1.0, 1.0)))).max() < 0.01


@pytest.mark.long
@SIZES
def test_intervals_of_differences_hold_the_truth_as_often_as_they_say(sizes):
    assert assert_intervals_hold(rows_of(sizes, (1.0, 1.3))).min() > 0.05


def test_where_centring_decides_it_is_found_out():
    """Types differ along one direction, which all cells share so strongly in a that their angles hide the types."""
    random, direction, found = np.random.default_rng(4), np.tile([1, -1], 6), []
    for _ in range(20):
        effects = batch_effects(random, len(EIGHT))
        cells = simulated(random, EIGHT, effects, centres=np.outer([-1, 0, 1], direction), common=20 * direction)
        one = curve(cells, random)
        found.append(deciders_of(one.rows, one.resampled, LEVEL).set_index(["statistic", "part"]))
    decides = (sum(table["decides"] for table in found) / len(found)).unstack("part")
    assert decides["centred"].min() >= 0.95, decides
    assert decides[["measure", "panel"]].to_numpy().max() <= 0.1, decides
    assert min(table.xs("centred", level="part")["first_order_low"].min() for table in found) > 0.5
