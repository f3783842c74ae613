"""Label transfer across batches: against a slow search, scikit-learn's scores, and cases by hand."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from rankstudy.measures.neighbours.label_transfer import ONE_BATCH, label_transfer, macro_f1, scores_in_halves
from rankstudy.measures.neighbours.tables import NO_TYPE, TRANSFERRED
from rankstudy.measures.neighbours.votes import majority, majority_in_parts
from rankstudy.measures.uncertainty.half_samples import HALF_SAMPLES, Halves, half_of_each
from tests.unit.helpers import space
from tests.unit.related import METRICS, K, batched, everything, make_spaces, nearest, scores


def transfer(result, compared, sizes):
    halves = Halves.of(compared, compared.batches, "batches", np.random.default_rng(0))
    return label_transfer(result, compared, sizes, halves, 0.95)


@pytest.fixture(scope="module")
def spaces():
    """Return spaces in which the types `b` (one batch) and `e` (with one cell elsewhere) are hard to transfer."""
    found = make_spaces(seed=3)
    batch = found[0].cells["batch"].to_numpy().copy()
    kinds = found[0].cells["slug"].to_numpy()
    batch[kinds == "b"] = "batch0"
    batch[kinds == "e"] = ["batch1", "batch2", "batch2", "batch2", "batch2"]
    return [batched(of, batch) for of in found]


def slow_majority(of, k):
    """Return the voted type of each cell: the nearest cells of other batches, counted one by one."""
    cells = of.cells
    batch, kinds = cells["batch"].to_numpy(), cells["slug"].to_numpy()
    score = np.where(batch[:, None] == batch, -np.inf, scores(of))
    voted = []
    for neighbours in nearest(score, k):
        votes = [kinds[j] for j in neighbours]
        most = max(votes.count(v) for v in votes)
        voted.append(next(v for v in votes if votes.count(v) == most))
    return np.array(voted)


def test_scores_are_those_of_a_slow_search_and_of_scikit_learn(spaces):
    table = transfer(*everything(spaces), K)
    cells = spaces[0].cells
    batch, kinds = cells["batch"].to_numpy(), cells["slug"].to_numpy()
    known = np.array([(kinds[batch != batch[i]] == kinds[i]).any() for i in range(len(cells))])
    assert (~known).sum() == (kinds == "b").sum() > 0
    assert len(table) == len(METRICS) * len(K) * 4
    for of in spaces:
        for k in K:
            voted = slow_majority(of, k)
            rows = table[(table["space"] == of.name) & (table["k"] == k)]
            assert rows["held_out"].tolist() == [None, "batch0", "batch1", "batch2"]
            for row in rows.itertuples():
                held = np.ones(len(cells), bool) if row.held_out is None else batch == row.held_out
                scored = held & known
                assert (row.n_cells, row.n_left_out) == (scored.sum(), (held & ~known).sum())
                assert row.accuracy == pytest.approx((voted == kinds)[scored].mean())
                true = kinds[scored]
                wanted = f1_score(true, voted[scored], labels=np.unique(true), average="macro", zero_division=0)
                assert row.macro_f1 == pytest.approx(wanted)
                chance = [(kinds[batch != batch[i]] == kinds[i]).mean() for i in np.flatnonzero(scored)]
                assert row.expected_accuracy == pytest.approx(np.mean(chance))
                assert row.reason == TRANSFERRED


def test_expected_accuracy_is_that_of_neighbours_drawn_at_random(spaces):
    random = np.random.default_rng(0)
    cells = spaces[0].cells
    batch, kinds = cells["batch"].to_numpy(), cells["slug"].to_numpy()
    row = transfer(*everything(spaces), [1]).iloc[0]
    right = []
    for i in np.flatnonzero(kinds != "b"):
        others = np.flatnonzero(batch != batch[i])
        right.append((kinds[random.choice(others, 4000)] == kinds[i]).mean())
    assert row["expected_accuracy"] == pytest.approx(np.mean(right), abs=0.005)


def test_the_majority_wins_and_of_tied_types_the_nearest():
    types = np.array([0, 0, 1, 1, 2])
    numbers = np.array([[2, 0, 1, 4], [2, 0, 1, 3], [4, 0, 1, 2], [4, 3, 0, -1], [-1, -1, -1, -1]])
    # two of three; two and two, the nearest is 1; two of one although the nearest is 2; all differ; none
    np.testing.assert_array_equal(majority(numbers, types, 4), [0, 1, 0, 2, -1])


def test_macro_f1_by_hand():
    true = np.array([0, 0, 0, 1, 1, 3])
    predicted = np.array([0, 0, 1, 1, 2, 1])
    # type 0: 2 right, 3 having, 2 given; type 1: 1, 2, 3; type 3: nothing right; type 2 has no cell
    assert macro_f1(true, predicted) == pytest.approx((4 / 5 + 2 / 5 + 0) / 3)
    assert macro_f1(true, true) == 1


@pytest.mark.parametrize("seed", range(5))
def test_macro_f1_is_that_of_scikit_learn(seed):
    random = np.random.default_rng(seed)
    true, predicted = random.integers(0, 6, 40), random.integers(0, 8, 40)
    wanted = f1_score(true, predicted, labels=np.unique(true), average="macro", zero_division=0)
    assert macro_f1(true, predicted) == pytest.approx(wanted)


def test_a_single_batch_has_an_explicit_row():
    of = space(np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32), (4, 5), "euclidean")
    table = transfer(*everything([of]), [4])
    assert len(table) == 1 and table["held_out"].isna().all()
    assert table[["n_cells", "n_left_out", "reason"]].iloc[0].tolist() == [0, 9, ONE_BATCH]
    assert table[["accuracy", "macro_f1", "expected_accuracy"]].isna().all(axis=None)


def test_batches_without_a_type_in_common_have_explicit_rows():
    of = space(np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32), (4, 5), "euclidean")
    table = transfer(*everything([batched(of, of.cells["slug"])]), [4])
    assert table["held_out"].tolist() == [None, "a", "b"]
    assert table["n_left_out"].tolist() == [9, 4, 5] and set(table["reason"]) == {NO_TYPE}


def part_of(of, kept):
    return type(of)(of.name, of.metric, of.vectors[kept], of.cells[kept].reset_index(drop=True))


def test_scores_in_a_part_are_those_of_these_cells_alone(spaces):
    """A list that has all cells of other batches loses nothing by the cells that are not in the part."""
    random = np.random.default_rng(4)
    of, k = spaces[1], 4
    n = len(of.cells)
    result, compared = everything([of], across=n)
    taken = random.random((n, 12)) < 0.6
    # of a type that is not there at all, of a batch that is not, and of nothing
    taken[:, 0] &= compared.types != 2
    taken[:, 1] &= compared.batches != 1
    taken[:, 2] = False
    accuracy, f1, scored = scores_in_halves(result.across[0], compared, k, taken)
    assert np.isnan([accuracy[2], f1[2]]).all() and scored[2] == 0
    for part in np.flatnonzero(taken.any(axis=0)):
        row = transfer(*everything([part_of(of, taken[:, part])], across=n), [k]).iloc[0]
        assert accuracy[part] == pytest.approx(row["accuracy"]) and f1[part] == pytest.approx(row["macro_f1"])
        assert scored[part] == row["n_cells"]


def test_fewer_vote_where_a_part_has_fewer():
    types = np.array([0, 1, 1, 0])
    numbers = np.array([[1, 2, 3], [3, 0, -1]])
    taken = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]], bool)
    np.testing.assert_array_equal(majority_in_parts(numbers, types, 2, taken), [[1, 0, -1], [0, 0, -1]])


def test_halves_are_of_batches_where_there_are_enough_else_of_cells():
    _, compared = everything(make_spaces(seed=3, n_batches=8)[:1])
    batches = Halves.of(compared, compared.batches, "batches", np.random.default_rng(0))
    assert batches.resampled.level == "batches"
    for batch in range(8):
        members = batches.taken[compared.batches == batch]
        assert (members == members[0]).all()
    few = compared.batches % 2
    cells = Halves.of(compared, few, "batches", np.random.default_rng(0))
    assert cells.resampled.level == "cells within batches"
    assert not (cells.taken[few == 0] == cells.taken[few == 0][0]).all()


def test_a_half_is_one():
    strata = np.repeat([0, 1, 2], [6, 7, 1])
    taken = half_of_each(strata, np.random.default_rng(0))
    assert taken.shape == (14, HALF_SAMPLES)
    sizes = [taken[strata == stratum].sum(axis=0) for stratum in range(3)]
    assert set(sizes[0]) == {3} and set(sizes[1]) == {3, 4} and set(sizes[2]) == {0, 1}
    np.testing.assert_allclose(taken[strata < 2].mean(axis=1), 0.5, atol=0.15)


def test_halves_know_nothing_of_each_other():
    strata = np.repeat([0, 1], [400, 251])
    times = half_of_each(strata, np.random.default_rng(1)).sum(axis=1)
    for stratum in range(2):
        # a member is in so many halves as heads fall
        assert times[strata == stratum].mean() == pytest.approx(HALF_SAMPLES / 2, rel=0.02)
        assert times[strata == stratum].var() == pytest.approx(HALF_SAMPLES / 4, rel=0.3)


def test_all_batches_together_have_an_interval_and_single_ones_have_none(spaces):
    table = transfer(*everything(spaces), K)
    ends = ["accuracy_low", "accuracy_high", "macro_f1_low", "macro_f1_high"]
    assert table[table["held_out"].notna()][ends].isna().all(axis=None)
    overall = table[table["held_out"].isna()]
    for name in ("accuracy", "macro_f1"):
        assert (overall[f"{name}_low"] < overall[name]).all() and (overall[name] < overall[f"{name}_high"]).all()
