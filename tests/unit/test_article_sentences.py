"""Sentences of the article follow the run: one data set or several, one replicate or several, each verdict."""

import pandas as pd
import pytest

from rankstudy.measures.uncertainty.tables import BATCH_DRIVEN, DIFFERENCES
from rankstudy.measures.verdict import BETTER, FEWER_OF_BOTH, MORE_OF_BOTH, NO_DIFFERENCE, WORSE
from rankstudy.measures.verdict import VERDICTS as GIVEN
from rankstudy.report.article.sentences import (
    BATCH_DRIVEN_VERDICTS,
    SHARPNESS,
    VERDICTS,
    headline,
    models_beside_others,
    scope,
)
from rankstudy.report.article.verdicts import DIFFERS, VARIES
from tests.chromium.article_inputs import Inputs
from tests.unit.test_article import words_of

SCOPES = {
    (1, 1): "",
    (1, 3): ", in every replicate of this run",
    (2, 1): ", in every data set of this run",
    (2, 3): ", in every data set and replicate of this run",
}


@pytest.mark.parametrize(("size", "words"), list(SCOPES.items()))
def test_a_run_of_one_of_each_has_no_every(size, words):
    assert scope(*size) == words
    other = f"{words}, where nothing else is said" if words else ""
    assert models_beside_others(*size) == f"The models beside the others{other}:"


@pytest.mark.parametrize(
    ("verdict", "size", "words"),
    [
        (BETTER, (1, 1), "more sharply than their expression does."),
        (WORSE, (2, 3), "less sharply than their expression does, in every data set and replicate of this run."),
        (NO_DIFFERENCE, (2, 1), "as sharply, within the interval, as their expression does, in every data set of this"),
        (VARIES, (1, 2), "more or less sharply, depending on the replicate, than their expression does."),
        (DIFFERS, (2, 1), "more or less sharply, depending on the data set, than their expression does."),
    ],
)
def test_each_verdict_has_its_sentence(verdict, size, words):
    assert headline(verdict, *size).startswith(f"The order of a cell’s genes separates cell types {words}")


@pytest.mark.parametrize(("size", "verdict"), [((1, 1), BETTER), ((1, 1), WORSE), ((2, 2), NO_DIFFERENCE)])
def test_the_page_has_the_sentence_of_its_size_and_verdict(tmp_path, size, verdict):
    n_datasets, n_seeds = size
    inputs = Inputs(
        tmp_path, [f"d{i}" for i in range(n_datasets)], range(n_seeds), spaces=("rank", "expression", "untrained")
    )
    for name in inputs.about["datasets"]:
        inputs.change(name, DIFFERENCES, lambda f: f.assign(verdict=f["verdict"].mask(f["space"] == "rank", verdict)))
    words = words_of(inputs.build())
    assert headline(verdict, *size) in words and models_beside_others(*size) in words


def test_data_sets_without_both_spaces_do_not_count(tmp_path):
    inputs = Inputs(tmp_path, seeds=[0])
    inputs.about["datasets"]["second"] |= {"spaces": ["rank"], "references": ["rank"]}
    inputs.change("second", DIFFERENCES, lambda f: f[f["reference"] != "expression"])
    words = words_of(inputs.build())
    assert headline(WORSE, 1, 1) in words


def test_every_verdict_has_its_words():
    assert VERDICTS.keys() == BATCH_DRIVEN_VERDICTS.keys() == {*GIVEN, VARIES}
    assert SHARPNESS.keys() == {*GIVEN, VARIES, DIFFERS} - {FEWER_OF_BOTH, MORE_OF_BOTH}


@pytest.mark.parametrize("verdict", [BETTER, FEWER_OF_BOTH, MORE_OF_BOTH])
def test_batch_driven_neighbours_stand_beside_all_others_of_another_type(tmp_path, verdict):
    inputs = Inputs(tmp_path, ["only"], [0], spaces=("rank", "expression"))
    here = {"statistic": BATCH_DRIVEN, "space": "rank"}
    inputs.change("only", DIFFERENCES, lambda f: f.assign(verdict=f["verdict"].mask(matches(f, here), verdict)))
    words = words_of(inputs.build())
    assert BATCH_DRIVEN_VERDICTS[verdict] in words and f"{VERDICTS[verdict]}:" in words
    assert "of another type in any batch: 0.177 by ranks, 0.177 by expression" in words
    assert "17.7% are of another type, whatever their batch" in words
    assert ("than by expression, but fewer are of the own type as well" in words) == (verdict == FEWER_OF_BOTH)


def matches(frame, where):
    return (frame[list(where)] == pd.Series(where)).all(axis=1)
