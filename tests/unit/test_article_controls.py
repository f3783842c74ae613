"""Baselines are results like others; controls stand apart, and nothing is set against them."""

import pytest

from rankstudy.measures.gates.tables import GATES
from rankstudy.spaces.catalogue import BUILT_IN
from tests.chromium.article_inputs import BASELINES, SMALL_MODELS, SPACES, Inputs
from tests.chromium.article_tables import CONTROLS
from tests.unit.article_pages import check_numbers, loose_digits, words_of

EVERYTHING = [name for name in BUILT_IN.spaces if name in (*SPACES, *BASELINES, *SMALL_MODELS)]
TITLES = {name: BUILT_IN.spaces[name].title for name in (*BASELINES, *CONTROLS)}


def build(folder, **words):
    return Inputs(folder, **{"spaces": EVERYTHING, "controls": CONTROLS, "datasets": ["only"], **words}).build()


@pytest.mark.parametrize("words", [{}, {"seeds": [3]}, {"spaces": ["rank"], "datasets": ["first", "second"]}])
def test_every_number_is_found_again(tmp_path, words):
    article = build(tmp_path, **words)
    assert check_numbers(article, tmp_path) > 150
    assert loose_digits(article) == []


def test_no_space_is_compared_with_a_control(tmp_path):
    article = build(tmp_path)
    first, only = words_of(article / "index.html"), words_of(article / "only.html")
    answer = only[: only.index("What must hold")]
    assert all(TITLES[name] in first and TITLES[name] in answer for name in BASELINES)
    assert not any(TITLES[name] in answer for name in CONTROLS)
    assert not any(TITLES[name] in first for name in CONTROLS if name != "shuffled")  # beside published rows


def test_controls_are_explained_and_what_they_score_stands_beside_what_they_must(tmp_path):
    article = build(tmp_path)
    methods, only = words_of(article / "methods.html"), words_of(article / "only.html")
    assert "Some spaces go through the same code" in methods
    assert all(TITLES[name] in methods for name in CONTROLS)
    assert "within 5 standard errors of one half" in methods
    results = only[only.index("What the controls must score and do") :]
    assert "random vectors are at chance AUROC" in results and "one-hot types are perfect" in results


def test_a_run_without_controls_does_not_speak_of_them(tmp_path):
    words = words_of(build(tmp_path, controls=()))
    assert "What the controls" not in words and "Some spaces go through" not in words and "gates." not in words


def test_what_is_not_compared_is_not_explained(tmp_path):
    words = words_of(build(tmp_path, spaces=["rank", "detection"], controls=["one-hot"]))
    assert "PCA + Harmony" not in words and "moves cells until every cluster" not in words
    assert "Random vectors" not in words and "One-hot type" in words


def test_the_table_of_gates_is_one_of_the_article(tmp_path):
    inputs = Inputs(tmp_path, controls=CONTROLS)
    assert GATES.read(inputs.tables["first"]["gates"])["space"].unique().tolist() == list(CONTROLS)
