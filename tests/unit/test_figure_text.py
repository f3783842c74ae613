"""Text of figures: titles in few, about equally long lines."""

import re

from hypothesis import given
from hypothesis import strategies as st

from rankstudy.report.figure import Outputs
from rankstudy.report.figures.space_panels import overview, rows_of
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
    with figure(2, outputs=Outputs([str(tmp_path / "a.png")], "")) as drawing:
        panels = drawing.subplots(2, 2).ravel()
        for panel, title in zip(panels, ("one", "two words here", "three", "four"), strict=True):
            panel.set_title(title)
        letter(panels, wrap=9, rows=[2, 2])
        titles = [panel.get_title(loc="left") for panel in panels]
    assert [title.count("\n") for title in titles] == [1, 1, 0, 0]
    assert [re.match(r"\$\\bf\{(.)\}\$", title)[1] for title in titles] == list("abcd")


def test_rows_may_differ_in_length(tmp_path):
    with figure(2, outputs=Outputs([str(tmp_path / "a.png")], "")) as drawing:
        panels = drawing.subplots(2, 2).ravel()[:3]
        for panel, title in zip(panels, ("one", "two", "three words here"), strict=True):
            panel.set_title(title)
        letter(panels, wrap=9, rows=[2, 1])
        assert [panel.get_title(loc="left").count("\n") for panel in panels] == [0, 0, 2]


def of_role(role, parent=None, model=None):
    return {"role": role, "parent": parent, "model": model}


def test_the_overview_leaves_out_controls_and_fits_of_models_and_has_at_most_eight():
    spaces = {
        "random": of_role("control"),
        "model-umap": of_role("model", "model", "trained"),
        "fit": of_role("baseline", "b0"),
        **{f"b{i}": of_role("baseline") for i in range(6)},
        "model": of_role("model", model="trained"),
        "rank": of_role("encoding"),
    }
    assert overview(spaces) == ["b0", "b1", "b2", "b3", "b4", "b5", "model", "rank"]
    assert overview({"random": of_role("control")}) == ["random"]


@given(st.integers(1, 8))
def test_rows_have_no_holes_that_another_order_would_not_have(n):
    rows = rows_of([str(i) for i in range(n)])
    assert [name for row in rows for name in row] == [str(i) for i in range(n)]
    lengths = [len(row) for row in rows]
    assert max(lengths) <= 4 and max(lengths) - min(lengths) <= 1
