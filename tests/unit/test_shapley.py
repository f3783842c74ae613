"""Shares of steps in a difference: as over all orders one by one, and in games of which the answer is known."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankstudy.measures.lattice.shapley import Shapley

NAMES = list("abcdef")


@st.composite
def games(draw):
    """Return names of up to six steps, some of which wait for earlier ones of a shuffled order, and a seed."""
    steps = draw(st.permutations(NAMES[: draw(st.integers(1, 6))]))
    pairs = [(a, b) for i, a in enumerate(steps) for b in steps[i + 1 :]]
    precedence = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6)) if pairs else []
    return draw(st.permutations(steps)), precedence, draw(st.integers(0, 999))


def random_values(of, seed):
    return dict(zip(of.subsets, np.random.default_rng(seed).normal(size=len(of.subsets)), strict=True))


def shares(of, values):
    """Return the share of each step by name, of values by subset."""
    found = of.shares([values[subset] for subset in of.subsets])
    return dict(zip(of.steps, found.tolist(), strict=True))


def orders_of(steps, precedence):
    """Return all orders of the steps that keep to the precedence."""
    listed = permutations(steps)
    return [order for order in listed if all(order.index(a) < order.index(b) for a, b in precedence)]


@given(games())
def test_shares_are_those_over_all_orders_one_by_one(game):
    steps, precedence, seed = game
    of, orders = Shapley.of(steps, precedence), orders_of(steps, precedence)
    values, total = random_values(of, seed), dict.fromkeys(steps, 0.0)
    reached = set()
    for order in orders:
        taken = [frozenset(order[:n]) for n in range(len(order) + 1)]
        reached |= set(taken)
        for step, (before, after) in zip(order, pairwise(taken), strict=True):
            total[step] += values[after] - values[before]
    assert set(of.subsets) == reached and len(of.subsets) == len(reached)
    expected = {step: each / len(orders) for step, each in total.items()}
    assert shares(of, values) == pytest.approx(expected, abs=1e-12)


@given(games())
def test_shares_add_up_to_the_difference_of_the_ends(game):
    steps, precedence, seed = game
    of = Shapley.of(steps, precedence)
    assert of.subsets[0] == frozenset() and of.subsets[-1] == frozenset(steps)
    values = np.random.default_rng(seed).normal(size=(3, len(of.subsets)))
    found = of.shares(values)
    assert found.shape == (3, len(steps))
    np.testing.assert_allclose(found.sum(axis=1), values[:, -1] - values[:, 0], rtol=0, atol=1e-9)


@given(games())
def test_a_step_that_changes_nothing_has_exactly_0(game):
    steps, precedence, seed = game
    of, idle = Shapley.of(steps, precedence), steps[0]
    values = random_values(of, seed)
    without = {frozenset(subset - {idle}): value for subset, value in values.items()}
    assert shares(of, {subset: without[subset - {idle}] for subset in of.subsets})[idle] == 0.0


@pytest.mark.parametrize("costly", ["vocabulary", "kept", "ties", "first"])
def test_a_step_that_costs_everything_has_it_all_also_where_it_waits_for_another(costly):
    steps = ["vocabulary", "scaling", "kept", "first", "ties"]
    of = Shapley.of(steps, [("kept", "first"), ("kept", "ties")])
    found = shares(of, {subset: 0.96 - 0.1 * (costly in subset) for subset in of.subsets})
    assert found == {step: pytest.approx(-0.1) if step == costly else 0.0 for step in steps}


def test_gloves_are_worth_what_the_textbook_says():
    """Two have a left glove each, one has a right one; only pairs are worth anything."""
    of = Shapley.of(["left", "other left", "right"])
    worth = {subset: float("right" in subset and len(subset) > 1) for subset in of.subsets}
    assert shares(of, worth) == pytest.approx({"left": 1 / 6, "other left": 1 / 6, "right": 2 / 3})


def test_a_pair_that_names_a_step_that_is_not_there_does_not_count():
    assert Shapley.of(["ties"], [("kept", "ties")]).subsets == (frozenset(), frozenset({"ties"}))


def test_without_a_step_there_is_nothing_to_share():
    of = Shapley.of([])
    assert of.subsets == (frozenset(),) and of.shares([[0.9], [0.8]]).shape == (2, 0)


@pytest.mark.parametrize("circle", [[("a", "a")], [("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "a")]])
def test_steps_that_wait_for_each_other_are_refused(circle):
    with pytest.raises(ValueError, match="wait for each other: a"):
        Shapley.of(["d", "a", "b", "c"], circle)
