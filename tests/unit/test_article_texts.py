"""What the article says of a text model: whether the order of a list matters to it, and beside what."""

import pandas as pd
import pytest

from rankstudy.measures.uncertainty.tables import DIFFERENCES
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, NOT_IN_FAMILY, WORSE
from rankstudy.report.article.sentences import texts
from rankstudy.report.figures import text_models
from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import check_numbers, loose_digits, shown, words_of

LISTS = {"list": {}, "list-shuffled": {"order": "shuffled"}, "list-reversed": {"order": "reversed"}}
LISTS |= {"list-20": {"genes": 20}, "list-places": {"read_as": "places"}}
GENES = {"texts": {"texts": "ncbi"}, "texts-permuted": {"texts": "ncbi", "permuted": True}}
TEXT = {"lists": LISTS, "genes": GENES}


@pytest.fixture
def inputs(tmp_path):
    """Return inputs of an article with lists and vectors of genes, in which some lists have another verdict."""

    def made(verdicts=None, spaces=("rank", "expression", *LISTS, *GENES), references=("list", "expression")):
        found = Inputs(tmp_path, datasets=("only",), seeds=(0,), spaces=spaces, text=TEXT, references=references)
        path = found.tables["only"]["differences"]
        frame = DIFFERENCES.read(path)
        for space, verdict in (verdicts or {}).items():
            frame.loc[frame["space"] == space, "verdict"] = verdict
        DIFFERENCES.write(frame, path)
        return found

    return made


def test_every_number_is_looked_up(inputs, tmp_path):
    page = inputs().build()
    assert check_numbers(page, tmp_path) > 200
    assert loose_digits(page) == []
    words = words_of(page)
    assert "What a text model sees" in words and "The way of GenePT-s" in words and "The way of GenePT-w" in words
    assert "What a text model ( all-MiniLM-L6-v2 ) makes of lists and texts of genes is asked as well" in words
    assert "No model is trained or read" not in words and "Licence: Apache-2.0" in words
    assert "Reimers N, Gurevych I" in words and "NCBI Gene" in words and "Wolf T, Debut L" in words


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ({}, "Which order the same genes stand in makes no difference that these cells show."),
        (
            {"list-shuffled": WORSE},
            "The order of the same genes matters to the text model in MiniLM, list of genes: shuffled.",
        ),
        (
            {"list-shuffled": WORSE, "list-reversed": BETTER},
            "matters to the text model in MiniLM, list of genes: shuffled and MiniLM, list of genes: reversed.",
        ),
        (
            {"list-reversed": NOT_IN_FAMILY},
            "order of the same genes matters to the text model is not resolved.",
        ),
        ({"list-20": WORSE, "list-places": WORSE, "texts": BETTER}, "makes no difference that these cells show."),
    ],
)
def test_whether_order_matters_is_said_by_the_lists_that_differ_in_it_alone(inputs, verdicts, said):
    (dataset,) = inputs(verdicts).study().datasets
    words = shown(texts.section(dataset))
    assert said in words
    assert "AUROC beside MiniLM, list of genes: MiniLM, list of genes: shuffled" in words
    assert "ends a list after 71 genes" in words and "741 genes with a count are not read" in words


def test_what_no_reference_is_compared_with_says_nothing_of_the_order(inputs):
    (dataset,) = inputs(references=("expression",)).study().datasets
    words = shown(texts.section(dataset))
    assert "order of the same genes" not in words and "ends a list after 71 genes" in words


def test_without_lists_there_is_no_section(inputs):
    study = inputs(spaces=("rank", "expression")).study()
    assert texts.section(study.datasets[0]) is None and texts.methods(study) == []
    assert texts.in_the_question(study) is None and not study.has_setting("text.model")


def test_with_vectors_of_genes_alone_nothing_is_said_of_lists(inputs):
    (dataset,) = inputs(spaces=("expression", *GENES)).study().datasets
    words = shown(texts.section(dataset))
    assert "window" not in words.split("This is one text model")[0] and "Between 1871 and 1872" in words.replace(
        ",", ""
    )


def test_the_figure_has_a_row_for_each_and_says_the_differences(inputs, tmp_path):
    made = inputs({"list-shuffled": WORSE})
    drawing = made.of_dataset["only"]["text_models"]
    frames = {name: pd.read_parquet(made.tables["only"][table.name]) for name, table in drawing.figure.reads.items()}
    assert drawing.settings["varied"] == {
        "list": None,
        "list-shuffled": "list",
        "list-reversed": "list",
        "list-20": "list",
        "list-places": "list",
        "texts": "expression",
        "texts-permuted": "expression",
    }
    said = text_models.finding(**frames, **drawing.settings)
    assert f"shuffled: -0.012 [-0.032, -0.001], {WORSE}" in said and said.count(NO_DIFFERENCE) == 5
