"""Sampling cells: evenly over batches, by the seed and the names alone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankstudy.cells.selection import even_quotas, sample_cells
from rankstudy.core.seeds import generator


def cells(sizes, prefix="t"):
    rows = [(f"toy:{prefix}{b}-{i:03d}", f"batch{b}") for b, size in enumerate(sizes) for i in range(size)]
    return pd.DataFrame(rows, columns=["cell_id", "batch"])


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.floats(0, 1), st.integers(0, 99))
def test_quotas_sum_up_stay_within_sizes_and_are_as_even_as_possible(sizes, share, seed):
    sizes = np.array(sizes)
    number = int(round(share * sizes.sum()))
    quotas = even_quotas(sizes, number, generator(seed, "quotas"))
    assert quotas.sum() == number and (quotas >= 0).all() and (quotas <= sizes).all()
    unfilled = quotas[quotas < sizes]
    if len(unfilled):
        assert unfilled.max() - unfilled.min() <= 1
        # a batch that is used up never had more than the others still have
        assert quotas.max() <= unfilled.min() + 1


def test_what_is_left_over_goes_to_batches_drawn_at_random():
    seen = {tuple(even_quotas(np.array([9, 9, 9]), 4, generator(seed))) for seed in range(40)}
    assert seen == {(2, 1, 1), (1, 2, 1), (1, 1, 2)}


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=5),
    st.integers(1, 60),
    st.integers(0, 9),
    st.randoms(use_true_random=False),
)
def test_a_draw_has_its_number_no_cell_twice_and_does_not_depend_on_the_order_of_rows(sizes, number, seed, random):
    table = cells(sizes)
    sampled = sample_cells(table, number, generator(seed, "toy"))
    assert len(sampled) == min(number, len(table)) and (np.diff(sampled) > 0).all()
    order = list(range(len(table)))
    random.shuffle(order)
    other = table.iloc[order]
    again = sample_cells(other, number, generator(seed, "toy"))
    assert set(other["cell_id"].iloc[again]) == set(table["cell_id"].iloc[sampled])


def test_batches_are_drawn_evenly():
    table = cells([100, 5, 40])
    sampled = table.iloc[sample_cells(table, 45, generator(0))]
    assert sampled["batch"].value_counts().to_dict() == {"batch0": 20, "batch1": 5, "batch2": 20}


def test_without_a_number_every_cell_is_taken():
    assert sample_cells(cells([3, 4]), None, generator(0)).tolist() == list(range(7))


def test_every_cell_can_be_drawn():
    table = cells([6, 3])
    counts = np.zeros(9)
    for seed in range(300):
        counts[sample_cells(table, 4, generator(seed))] += 1
    # 2 of 6 and 2 of 3 cells: expected 100 and 200 of 300
    assert (np.abs(counts[:6] - 100) < 45).all() and (np.abs(counts[6:] - 200) < 45).all()


@pytest.mark.parametrize("other", [(1, "toy", "a"), (0, "toy", "b"), (0, "other", "a"), (0, "a", "toy"), (0, "toy")])
def test_a_generator_depends_on_the_seed_and_on_every_name(other):
    first = generator(0, "toy", "a").random(4)
    np.testing.assert_array_equal(first, generator(0, "toy", "a").random(4))
    assert (first != generator(*other).random(4)).all()
