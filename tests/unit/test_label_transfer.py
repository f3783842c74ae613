"""Label transfer across batches: against a slow search, scikit-learn's scores, and cases by hand."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from rankstudy.label_transfer import NO_TYPE, ONE_BATCH, TRANSFERRED, label_transfer, macro_f1, majority
from tests.unit.helpers import space
from tests.unit.related import METRICS, K, batched, everything, make_spaces, nearest, scores


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
    table = label_transfer(*everything(spaces), K)
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
    row = label_transfer(*everything(spaces), [1]).iloc[0]
    right = []
    for i in np.flatnonzero(kinds != "b"):
        others = np.flatnonzero(batch != batch[i])
        right.append((kinds[random.choice(others, 4000)] == kinds[i]).mean())
    assert row["expected_accuracy"] == pytest.approx(np.mean(right), abs=0.005)


def test_the_majority_wins_and_of_tied_types_the_nearest():
    types = np.array([0, 0, 1, 1, 2])
    numbers = np.array([[2, 0, 1, 4], [2, 0, 1, 3], [4, 0, 1, 2], [4, 3, 0, -1], [-1, -1, -1, -1]])
    # two of three; two and two, the nearest is 1; two of one although the nearest is 2; all differ; none
    np.testing.assert_array_equal(majority(numbers, types), [0, 1, 0, 2, -1])


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
    table = label_transfer(*everything([of]), [4])
    assert len(table) == 1 and table["held_out"].isna().all()
    assert table[["n_cells", "n_left_out", "reason"]].iloc[0].tolist() == [0, 9, ONE_BATCH]
    assert table[["accuracy", "macro_f1", "expected_accuracy"]].isna().all(axis=None)


def test_batches_without_a_type_in_common_have_explicit_rows():
    of = space(np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32), (4, 5), "euclidean")
    table = label_transfer(*everything([batched(of, of.cells["slug"])]), [4])
    assert table["held_out"].tolist() == [None, "a", "b"]
    assert table["n_left_out"].tolist() == [9, 4, 5] and set(table["reason"]) == {NO_TYPE}
