"""Text of figures: titles in few, about equally long lines."""

import re

from hypothesis import given
from hypothesis import strategies as st

from rankstudy.report.figures.space_panels import rows_of
from rankstudy.report.figures.style import figure, letter, lines


def test_no_word_is_left_alone_where_another_break_is_as_short():
    title = "Geneformer architecture, trained here on 1,580 cells"
    assert lines(title, 50) == ["Geneformer architecture,", "trained here on 1,580 cells"]
    assert lines(title, 60) == [title] and lines("", 10) == [""]


@given(st.lists(st.text("abc-", min_size=1, max_size=12), max_size=12), st.integers(1, 40))
def test_lines_keep_every_word_and_stay_within_the_width(words, most):
    found = lines(" ".join(words), most)
    assert " ".join(found).split() == " ".join(words).split()
    assert all(len(line) <= most or " " not in line for line in found)


def test_titles_of_a_row_have_the_same_number_of_lines(tmp_path):
    with figure(2, outputs=[str(tmp_path / "a.png")]) as drawing:
        panels = drawing.subplots(2, 2).ravel()
        for panel, title in zip(panels, ("one", "two words here", "three", "four"), strict=True):
            panel.set_title(title)
        letter(panels, wrap=9, rows=[2, 2])
        titles = [panel.get_title(loc="left") for panel in panels]
    assert [title.count("\n") for title in titles] == [1, 1, 0, 0]
    assert [re.match(r"\$\\bf\{(.)\}\$", title)[1] for title in titles] == list("abcd")


def test_rows_may_differ_in_length(tmp_path):
    with figure(2, outputs=[str(tmp_path / "a.png")]) as drawing:
        panels = drawing.subplots(2, 2).ravel()[:3]
        for panel, title in zip(panels, ("one", "two", "three words here"), strict=True):
            panel.set_title(title)
        letter(panels, wrap=9, rows=[2, 1])
        assert [panel.get_title(loc="left").count("\n") for panel in panels] == [0, 0, 2]


def test_controls_begin_a_row_of_their_own():
    roles = {"rank": "encoding", "random": "control", **{f"b{i}": "baseline" for i in range(4)}, "one-hot": "control"}
    spaces = {name: {"role": role} for name, role in roles.items()}
    assert rows_of(spaces) == [["rank", "b0", "b1", "b2"], ["b3"], ["random", "one-hot"]]
    assert rows_of({"rank": {"role": "encoding"}}) == [["rank"]]
