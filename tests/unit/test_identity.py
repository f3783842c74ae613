"""Two things about cells are joined by id alone."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankstudy.core.errors import StudyError
from rankstudy.core.identity import cell_ids, join_by_id, positions_of, require_unique

LEFT = pd.DataFrame({"cell_id": ["b", "a", "c"], "x": [1, 2, 3]}, index=[7, 8, 9])
RIGHT = pd.DataFrame({"cell_id": ["a", "c", "d", "b"], "y": [10, 30, 40, 20]})


def test_ids_carry_the_data_set():
    assert cell_ids("toy", ["A:1", "B"]) == ["toy:A:1", "toy:B"]


@given(st.lists(st.text(max_size=4), unique=True, max_size=20), st.data())
def test_positions_find_each_wanted_id(available, data):
    wanted = data.draw(st.lists(st.sampled_from(available), max_size=20) if available else st.just([]))
    assert [available[i] for i in positions_of(wanted, available, "here")] == wanted


def test_ids_that_are_missing_or_double_are_named():
    with pytest.raises(StudyError, match="here: 2 of 3 ids are missing, such as x, y"):
        positions_of(["x", "a", "y"], ["a", "b"], "here")
    with pytest.raises(StudyError, match="here: 1 names occur more than once: a;"):
        positions_of(["b"], ["a", "b", "a"], "here")


def test_at_most_five_examples_are_shown():
    with pytest.raises(StudyError, match=r"7 names occur more than once: 0, 1, 2, 3, 4, \.\.\. \(2 more\)"):
        require_unique([str(i) for i in range(7)] * 2, "here")


def test_a_join_keeps_the_rows_of_the_left_table():
    joined = join_by_id(LEFT, RIGHT, "cell_id", "here")
    assert joined.index.tolist() == [7, 8, 9] and joined.columns.tolist() == ["cell_id", "x", "y"]
    assert joined["y"].tolist() == [20, 10, 30] and joined["x"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        (LEFT, RIGHT.iloc[:2], "here: 1 of 3 ids are missing, such as b"),
        (LEFT, pd.concat([RIGHT, RIGHT.iloc[:1]]), "here: 1 names occur more than once: a"),
        (pd.concat([LEFT, LEFT.iloc[:1]]), RIGHT, "here, left table: 1 names occur more than once: b"),
        (LEFT, RIGHT.rename(columns={"y": "x"}), "here: both tables have the columns x"),
    ],
)
def test_a_join_that_is_not_one_to_one_is_refused(left, right, message):
    with pytest.raises(StudyError, match=message):
        join_by_id(left, right, "cell_id", "here")
