"""At which depths a difference is open, whatever the shape of that set, and what depth mends."""

import pytest

from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, WORSE
from rankstudy.report.causes import (
    Mending,
    change_in_words,
    mending,
    open_in_words,
    openness,
    place_in_words,
    treated_in_order,
)

# depths, the deepest first: 1 is open
SHAPES = [
    ([], "nowhere", [], "at no depth"),
    ([0, 0, 0, 0, 0], "nowhere", [], "at no depth"),
    ([1, 1, 1, 1, 1], "everywhere", [(0, 4)], "at every depth"),
    ([1], "everywhere", [(0, 0)], "at every depth"),
    ([1, 1, 0, 0, 0], "deep", [(0, 1)], "at the deep end, from a down to b"),
    ([1, 0, 0, 0, 0], "deep", [(0, 0)], "at the deep end, at a"),
    ([0, 0, 0, 1, 1], "shallow", [(3, 4)], "at the shallow end, from d down to e"),
    ([0, 0, 0, 0, 1], "shallow", [(4, 4)], "at the shallow end, at e"),
    ([0, 1, 1, 0, 0], "between", [(1, 2)], "in between, from b down to c"),
    ([0, 0, 1, 0, 0], "between", [(2, 2)], "in between, at c"),
    ([1, 0, 1, 1, 0], "pieces", [(0, 0), (2, 3)], "in pieces, at a and from c down to d"),
    ([1, 0, 0, 0, 1], "pieces", [(0, 0), (4, 4)], "in pieces, at a and at e"),
]


@pytest.mark.parametrize(("is_open", "shape", "runs", "words"), SHAPES)
def test_the_depths_at_which_a_difference_is_open_are_described_as_they_are(is_open, shape, runs, words):
    found = openness(list(map(bool, is_open)))
    assert found.shape == shape and found.runs == runs
    template, places = open_in_words(found)
    assert template.format(*("abcde"[place] for place in places)) == words


def row(verdict, low=0.0, high=0.0):
    return {"verdict": verdict, "low": low, "high": high}


def test_depth_mends_what_is_worse_by_less_the_deeper_and_not_what_stays_as_it_is():
    found = mending(
        {
            "shrinks": [row(WORSE, -0.03, -0.01), row(WORSE, -0.09, -0.05)],
            "overlaps": [row(WORSE, -0.03, -0.01), row(WORSE, -0.09, -0.02)],
            "grows": [row(WORSE, -0.09, -0.05), row(NO_DIFFERENCE, -0.02, 0.01)],
            "closed": [row(NO_DIFFERENCE, -0.01, 0.01), row(WORSE, -0.09, -0.05), row(NO_DIFFERENCE, -0.1, 0.1)],
            "better": [row(BETTER, 0.01, 0.03), row(NO_DIFFERENCE, -0.01, 0.03)],
        }
    )
    assert found == Mending(["shrinks"], ["overlaps", "grows"], ["closed"])


def test_treatments_stand_with_the_deepest_first_and_one_total_last():
    rows = [{"treatment": of, "keep": keep} for of, keep in (("one total", 0.4), ("thinned", 0.1), ("thinned", 0.5))]
    rows.append({"treatment": "as measured", "keep": 1.0})
    assert [(row["treatment"], row["keep"]) for row in treated_in_order(rows)] == [
        ("as measured", 1.0), ("thinned", 0.5), ("thinned", 0.1), ("one total", 0.4),
    ]  # fmt: skip


def test_changes_and_places_as_a_reader_sees_them():
    assert [change_in_words(change) for change in ("x0.5", "x2", "+1")] == ["×0.5", "×2", "+1"]
    assert [place_in_words(place) for place in ("1", "2-10", "1001-")] == ["1", "2-10", "from 1001"]
