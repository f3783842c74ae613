"""The article of a study with models: named for what they are, with words that follow the numbers; and without any."""

from __future__ import annotations

import re

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.run.provenance import pinned
from rankstudy.spaces.models.geneformer.tables import TRAINING_CELLS, TRAINING_LOSS
from rankstudy.spaces.tables import HAS_TOKENS, SPACES_TABLE, TOKENISED
from tests.chromium.article_inputs import SMALL_MODELS, SPACES, Inputs
from tests.chromium.article_tables import TITLES
from tests.unit.article_pages import Page, check_numbers, loose_digits, pages_of, words_of
from tests.unit.helpers import ROOT

SMALL = (*SPACES, *SMALL_MODELS)
ALL = (*SPACES, "geneformer", "geneformer-umap", *SMALL_MODELS)
SOLVED = "does not predict masked genes better than their frequencies"


@pytest.mark.parametrize(
    ("spaces", "changes"),
    [
        (SMALL, {}),
        (ALL, {}),
        (SMALL, {"seeds": [3], "datasets": ["only"], "values": "expected_counts"}),
        (("geneformer",), {}),
        (("untrained", "untrained-umap"), {}),
        (("rank", "trained-here"), {}),
    ],
)
def test_every_number_is_found_again_whatever_models_there_are(tmp_path, spaces, changes):
    page = Inputs(tmp_path, spaces=spaces, **changes).build()
    assert check_numbers(page, tmp_path) > 150
    assert loose_digits(page) == []
    texts = "".join(path.read_text() for path in pages_of(page))
    assert not set(re.findall(r"\{[\w.]+\}", texts))


def test_a_study_without_models_says_so_and_nothing_about_them(tmp_path):
    inputs = Inputs(tmp_path)
    words = words_of(inputs.build())
    assert "No model is trained or read" in words
    for absent in ("masked", "PyTorch", "Devlin", "no token", "training_loss", "The model that was trained"):
        assert absent not in words
    keys = {row["key"].split(".")[0] for row in inputs.about["settings"]}
    assert not keys & {"geneformer", "training", "release", "tokens"}


def test_the_small_model_is_never_called_geneformer(tmp_path):
    page = Inputs(tmp_path, spaces=SMALL).build()
    numbers = [number for path in pages_of(page) for number in Page(path.read_text()).data()]
    titles = {text for value, title, text in numbers if "spaces.parquet: title" in title}
    assert {title for title in titles if "Geneformer" in title} == {
        TITLES["trained-here"],
        f"UMAP of {TITLES['trained-here']}",
        "Geneformer architecture, untrained",
        "UMAP of Geneformer architecture, untrained",
    }
    words = words_of(page)
    assert "are not part of this run" in words and "It is not the published model" in words
    assert "No model is trained or read" not in words


def test_published_weights_have_the_title_of_their_release(tmp_path):
    words = words_of(Inputs(tmp_path, spaces=ALL).build())
    assert "Geneformer V1-10M , Euclidean distance. The mean over the gene tokens" in words
    assert "are not part of this run" not in words


def test_titles_come_from_the_table_of_spaces(tmp_path):
    inputs = Inputs(tmp_path, spaces=SMALL)
    for name in inputs.about["datasets"]:
        inputs.change(
            name, SPACES_TABLE, lambda f: f.assign(title=f["title"].replace("PCA of expression", "Other <b>"))
        )
    text = "".join(page.read_text() for page in pages_of(inputs.build()))
    assert "PCA of expression" not in text and "Other &lt;b&gt;" in text


def test_a_space_that_the_table_lacks_is_an_error(tmp_path):
    inputs = Inputs(tmp_path, spaces=SMALL)
    inputs.change("first", SPACES_TABLE, lambda f: f[f["space"] != "untrained"])
    with pytest.raises(StudyError, match=r"0 rows instead of one .*spaces.parquet: title where space=untrained"):
        inputs.build()


def test_a_model_that_learnt_nothing_is_said_to_have_learnt_nothing(tmp_path):
    inputs = Inputs(tmp_path, spaces=SMALL)
    assert SOLVED not in words_of(inputs.build())
    inputs.change("", TRAINING_LOSS, lambda f: f.assign(validation_loss=9.0))
    assert SOLVED in words_of(inputs.build())


def test_training_on_compared_cells_is_said(tmp_path):
    inputs = Inputs(tmp_path, spaces=SMALL)
    assert "No replicate compares any of the cells that were trained on" in words_of(inputs.build())
    inputs.change("", TRAINING_CELLS, lambda f: f.assign(evaluated=f["role"] == "training"))
    page = inputs.build()
    assert "of those trained on are compared as well" in words_of(page)
    check_numbers(page, tmp_path)


def test_cells_without_tokens_are_counted_with_the_reason(tmp_path):
    inputs = Inputs(tmp_path, spaces=SMALL, datasets=["only"])
    assert "1 cells ( no gene of the vocabulary has a count )" in words_of(inputs.build())
    inputs.change("only", TOKENISED, lambda f: f.assign(n_tokens=9, reason=HAS_TOKENS))
    assert "No selected cell is without tokens" in words_of(inputs.build())


def test_expected_counts_are_said_where_tokens_are(tmp_path):
    words = words_of(Inputs(tmp_path, spaces=SMALL, datasets=["only"], values="expected_counts").build())
    assert "These are expected counts, which the tokeniser takes as they are" in words


def test_rows_of_a_joint_distribution_are_named(tmp_path):
    words = words_of(Inputs(tmp_path, spaces=SMALL).build())
    assert (
        f"Row by row, x against y: UMAP of expression against Rank-value encoding ; "
        f"UMAP of expression against UMAP of {TITLES['trained-here']}" in words
    )


def test_settings_of_jobs_are_no_settings_of_the_result(tmp_path):
    keys = {row["key"] for row in Inputs(tmp_path, spaces=SMALL).about["settings"]}
    assert not {key for key in keys if "cells_per_job" in key or "tokens_per_batch" in key or key == "pairs.threads"}
    # another number of threads changes the last bits of a model
    assert {"geneformer.threads", "training.learning_rate", "release.title"} <= keys


def test_versions_are_those_that_the_environment_pins(tmp_path):
    found = pinned(ROOT / "envs" / "models.yaml", ["torch", "numpy"])
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in found.values()) and set(found) == {
        "torch",
        "numpy",
    }
    with pytest.raises(StudyError, match="core.yaml: does not pin torch"):
        pinned(ROOT / "envs" / "core.yaml", ["torch"])
