"""Sentences of the article follow the run: one data set or several, one replicate or several, each verdict."""

import pandas as pd
import pytest

from rankstudy.measures.tables import EFFECT_SIZES
from rankstudy.measures.uncertainty.tables import (
    BATCH_DRIVEN,
    BETTER,
    DIFFERENCES,
    FEWER_OF_BOTH,
    MORE_OF_BOTH,
    NO_DIFFERENCE,
    NOT_IN_FAMILY,
    WORSE,
)
from rankstudy.report.article.sentences import BATCH_DRIVEN_VERDICTS, VERDICTS, headline, models_beside_others, scope
from rankstudy.report.article.verdicts import VARIES
from tests.chromium.article_inputs import Inputs
from tests.unit.test_article import words_of

SCOPES = {
    (1, 1): "",
    (1, 3): ", in every replicate of this run",
    (2, 1): ", in every data set of this run",
    (2, 3): ", in every data set and replicate of this run",
}
EXPRESSION = {"more": 0.99, "less": 0.5, "open": 0.9612}  # beside the ranks of `Inputs`, whose AUROC is 0.9612


@pytest.mark.parametrize(("size", "words"), list(SCOPES.items()))
def test_a_run_of_one_of_each_has_no_every(size, words):
    assert scope(*size) == words
    other = f"{words}, where nothing else is said" if words else ""
    assert models_beside_others(*size) == f"The models beside the others{other}:"


@pytest.mark.parametrize(
    ("verdict", "size", "sentence"),
    [
        ("more", (1, 1), "Expression separates cell types more sharply than the order of a cell’s genes does."),
        (
            "more",
            (2, 3),
            "Expression separates cell types more sharply than the order of a cell’s genes does, in every data set and "
            "replicate of this run.",
        ),
        ("less", (1, 1), "The order of a cell’s genes separates cell types more sharply than their expression does."),
        (
            "less",
            (1, 2),
            "The order of a cell’s genes separates cell types more sharply than their expression does, in every "
            "replicate of this run.",
        ),
        (
            "open",
            (1, 1),
            "Expression and the order of a cell’s genes separate cell types equally sharply, within the error of "
            "binning.",
        ),
        (
            "open",
            (2, 1),
            "Expression and the order of a cell’s genes separate cell types equally sharply, within the error of "
            "binning, in every data set of this run.",
        ),
        (
            "open",
            (1, 2),
            "Neither expression nor the order of a cell’s genes separates cell types consistently more sharply than "
            "the other.",
        ),
        (
            "mixed",
            (2, 1),
            "Whether expression or the order of a cell’s genes separates cell types more sharply depends on the data "
            "set.",
        ),
    ],
)
def test_each_verdict_has_its_sentence(verdict, size, sentence):
    assert headline(verdict, *size) == sentence


@pytest.mark.parametrize(("size", "verdict"), [((1, 1), "more"), ((1, 1), "less"), ((1, 1), "open"), ((2, 2), "more")])
def test_the_page_has_the_sentence_of_its_size_and_verdict(tmp_path, size, verdict):
    n_datasets, n_seeds = size
    inputs = Inputs(
        tmp_path, [f"d{i}" for i in range(n_datasets)], range(n_seeds), spaces=("rank", "expression", "untrained")
    )
    for name in inputs.about["datasets"]:
        inputs.change(name, EFFECT_SIZES, lambda f: f.assign(auroc=auroc(f, EXPRESSION[verdict])))
    words = words_of(inputs.build())
    assert headline(verdict, *size) in words and models_beside_others(*size) in words


def auroc(frame, value):
    """Return the AUROC with that of expression set, but in the ranks' own step from seed to seed."""
    return frame["auroc"].mask(frame["space"] == "expression", value + 0.003 * frame["seed"])


def test_data_sets_without_both_spaces_do_not_count(tmp_path):
    inputs = Inputs(tmp_path, seeds=[0])
    inputs.about["datasets"]["second"]["spaces"] = ["rank"]
    words = words_of(inputs.build())
    assert headline("more", 1, 1) in words


def test_every_verdict_has_its_words():
    given = {BETTER, WORSE, NO_DIFFERENCE, NOT_IN_FAMILY, FEWER_OF_BOTH, MORE_OF_BOTH, VARIES}
    assert VERDICTS.keys() == BATCH_DRIVEN_VERDICTS.keys() == given


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
