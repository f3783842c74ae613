"""Means over draws of chance: what is kept of them, and the error that is due to them in any combination."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.measures.settings.differences import resampled_of
from rankstudy.measures.settings.draws import Drawn, Draws
from rankstudy.measures.settings.scores import Cells, Score
from rankstudy.measures.settings.setting import Scored, Setting
from rankstudy.measures.settings.tables import AS_MEASURED, SELECTED
from rankstudy.measures.uncertainty.influence import Influence
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.pairs.likeness.measures import Measure

STILL = {"of_cells": np.zeros(6), "without": np.full(1, np.nan)}


def drawn(*estimates):
    """Return a statistic that chance alone moves."""
    return Drawn(Score(Influence(each, **STILL)) for each in estimates)


def random_scores(n):
    random = np.random.default_rng(1)
    return [
        Score(Influence(random.random(), random.normal(size=7), random.random(3)), random.random()) for _ in range(n)
    ]


@pytest.mark.parametrize("n", [1, 5])
def test_the_mean_over_draws_is_that_of_all_that_is_kept(n):
    scores = random_scores(n)
    found = Drawn(scores)
    for name in ("estimate", "of_cells", "without"):
        wanted = np.mean([getattr(each.influence, name) for each in scores], axis=0)
        np.testing.assert_array_equal(getattr(found.influence, name), wanted)
    assert found.binning_error == pytest.approx(np.mean([each.binning_error for each in scores]), rel=1e-15)
    assert found.estimates == [each.influence.estimate for each in scores]


def test_what_is_kept_does_not_grow_with_the_draws():
    found = Drawn(random_scores(50))
    held = [value for value in vars(found).values() if isinstance(value, np.ndarray)]
    assert sum(value.size for value in held) == 7 + 3


def test_a_statistic_without_chance_is_not_moved_beside_others_that_are():
    draws = Draws.of([drawn(0.7), drawn(0.5, 0.6, 0.4)])
    moved = draws.moved(20000, np.random.default_rng(0))
    assert not moved[:, 0].any()
    np.testing.assert_allclose(moved[:, 1].std(), np.std([0.5, 0.6, 0.4], ddof=1) / np.sqrt(3), rtol=0.03)


def test_any_combination_has_the_error_of_its_draws():
    one, other = np.random.default_rng(0).normal(0.5, 0.02, (2, 5))
    draws = Draws.of([drawn(0.9), drawn(*one), drawn(*other), drawn(0.1)])
    weights = sp.csr_array([[1.0, 0, 0, -1], [1, -1, 0, 0], [0.5, -1, 0.25, 0.25], [0, 0, 1, 0]])
    wanted = [0.0, *(np.std(each, ddof=1) / np.sqrt(5) for each in (one, -one + other / 4, other))]
    np.testing.assert_allclose(draws.errors_of(weights), wanted, atol=1e-15)
    np.testing.assert_allclose(
        (draws.moved(20000, np.random.default_rng(0)) @ weights.T).std(axis=0), wanted, rtol=0.03
    )
    np.testing.assert_array_equal(draws.numbers_of(weights), [1, 5, 5, 5])


def test_without_chance_no_random_number_is_used_and_nothing_moves():
    random, untouched = np.random.default_rng(0), np.random.default_rng(0)
    draws = Draws.of([drawn(0.9), drawn(0.5)])
    assert not draws.moved(10, random).any() and random.random() == untouched.random()
    np.testing.assert_array_equal(draws.errors_of(sp.csr_array([[1.0, -1]])), [0.0])


def test_means_of_other_numbers_of_draws_share_none():
    with pytest.raises(ValueError, match=r"\[2, 3\] draws"):
        Draws.of([drawn(0.9, 0.8), drawn(0.5, 0.4, 0.3)])


def test_resampled_statistics_hold_what_draws_move():
    table = pd.DataFrame({"cell_id": list("abcdef"), "cell_type": "t", "slug": list("xxxyyy"), "batch": "all"})
    setting = Setting(Measure("correlation"), SELECTED, AS_MEASURED)
    scored = {Scored(name, setting, AUROC): of for name, of in (("a", drawn(0.7)), ("b", drawn(0.5, 0.6, 0.4)))}
    cells, random = Cells(table, np.zeros(6, int)), np.random.default_rng(0)
    found, _ = resampled_of(scored, cells, k=3, unit="batches", resamples=20000, random=random)
    assert [each.k for each in found.statistics] == [None, None]
    assert (found.values[:, 0] == 0.7).all()
    np.testing.assert_allclose(found.values[:, 1].std(), 0.1 / np.sqrt(3), rtol=0.03)
