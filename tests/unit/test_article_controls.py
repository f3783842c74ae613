"""Baselines are results like others; controls stand apart, and nothing is set against them."""

import re

import pytest

from rankstudy.measures.gates.tables import GATES
from rankstudy.spaces.registry import SPACES as REGISTRY
from tests.chromium.article_inputs import BASELINES, CONTROLS, SMALL_MODELS, SPACES, Inputs
from tests.unit.test_article import Page, check_numbers, words_of

EVERYTHING = [name for name in REGISTRY if name in (*SPACES, *BASELINES, *SMALL_MODELS)]
TITLES = {name: REGISTRY[name].title for name in (*BASELINES, *CONTROLS)}


def build(folder, **words):
    return Inputs(folder, **{"spaces": EVERYTHING, "controls": CONTROLS, "datasets": ["only"], **words}).build()


def section(page, begin, end):
    """Return the text of a page between two places in it."""
    words = words_of(page)
    return words[words.index(begin) : words.index(end, words.index(begin))]


@pytest.mark.parametrize("words", [{}, {"seeds": [3]}, {"spaces": ["rank"], "datasets": ["first", "second"]}])
def test_every_number_is_found_again(tmp_path, words):
    page = build(tmp_path, **words)
    assert check_numbers(page, tmp_path) > 150
    assert re.findall(r".{0,40}\d.{0,40}", Page(page.read_text()).loose()) == []


def test_no_space_is_set_against_a_control(tmp_path):
    page = build(tmp_path)
    answer = section(page, "In short The order", "Methods Cells")
    assert all(TITLES[name] in answer for name in BASELINES)
    assert not any(TITLES[name] in answer for name in CONTROLS)
    separation = section(page, "Separation of the types in each space", "Joint distribution")
    assert not any(TITLES[name] in separation for name in CONTROLS)


def test_controls_are_explained_and_what_they_score_stands_beside_what_they_must(tmp_path):
    page = build(tmp_path)
    methods = section(page, "Controls Some spaces go through the same code", "Sparsity and ties")
    assert all(f"{TITLES[name]} :" in methods for name in CONTROLS)
    assert "within 5 standard errors of one half" in methods
    results = section(page, "What the controls must score and do", "Within and between types")
    assert "random vectors are at chance AUROC" in results and "one-hot types are perfect" in results


def test_a_run_without_controls_does_not_speak_of_them(tmp_path):
    words = words_of(build(tmp_path, controls=()))
    assert "ontrols" not in words.split("Commit ")[0] and "gates." not in words


def test_what_is_not_compared_is_not_explained(tmp_path):
    words = words_of(build(tmp_path, spaces=["rank", "detection"], controls=["one-hot"]))
    assert "Harmony" not in words.split("Software and references")[0]
    assert "Random vectors" not in words and "One-hot type" in words


def test_the_table_of_gates_is_one_of_the_article(tmp_path):
    inputs = Inputs(tmp_path, controls=CONTROLS)
    assert GATES.read(inputs.tables["first"]["gates"])["space"].unique().tolist() == list(CONTROLS)
