"""Intervals of shares of changes and of medians of movements: how often they hold the truth."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit

from rankstudy.measures.changes.estimates import Resampling

REPEATS, RESAMPLES, CELLS, CHANGES = 500, 400, 20, 12
pytestmark = pytest.mark.slow


def resampling(units, seed):
    """Return what resamples cells of these batches, all of one type."""
    asked = SimpleNamespace(unit="batches", resamples=RESAMPLES, level=0.95, random=np.random.default_rng([seed, 1]))
    return Resampling(asked, SimpleNamespace(units=units, types=np.zeros(len(units), int)))


def holding(batches, of_batch, simulate):
    """Return how often intervals hold what they are about: `simulate` returns the ends and the truth."""
    units = np.repeat(np.arange(batches), CELLS)
    held = 0
    for seed in range(REPEATS):
        random = np.random.default_rng(seed)
        effect = of_batch * random.normal(size=batches)[units] + 0.5 * random.normal(size=len(units))
        ends, truth = simulate(resampling(units, seed), effect, random)
        held += ends["low"] <= truth <= ends["high"]
    return held / REPEATS


def of_share(resampled, effect, random):
    blind = random.random((len(effect), CHANGES)) < expit(effect)[:, None]
    share = resampled.ratio(blind.mean(axis=1), np.ones(len(effect)))
    # symmetric about a half
    return resampled.intervals([share])[0], 0.5


def of_median(resampled, effect, random):
    values = np.exp(effect[:, None] + random.normal(size=(len(effect), CHANGES)))
    cell = np.repeat(np.arange(len(effect)), CHANGES)
    return resampled.of_medians([(values.ravel(), cell)])[0], 1.0


# batches where there are five or more of one size; else cells within batches, which are then all there is
@pytest.mark.parametrize("batches, of_batch", [(8, 0.4), (2, 0.0)])
@pytest.mark.parametrize("simulate", [of_share, of_median])
def test_intervals_hold_the_truth(batches, of_batch, simulate):
    assert 0.92 <= holding(batches, of_batch, simulate) <= 0.98


def test_a_median_that_most_values_have_is_an_interval_without_width():
    units = np.repeat(np.arange(6), CELLS)
    values = np.where(np.arange(len(units) * 10) % 10 < 7, 0.0, 1.0 + np.arange(len(units) * 10))
    ends = resampling(units, 0).of_medians([(values, np.repeat(np.arange(len(units)), 10))])[0]
    assert (ends["low"], ends["high"]) == (0, 0)
