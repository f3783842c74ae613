"""Embeddings in a data set's file: which spaces they are, and what is refused of them."""

import re

import pytest

from rankstudy.core.errors import StudyError
from tests.unit.config_files import load, refused

BOTH = {"mine": {"obsm": "X_mine"}, "theirs": {"file": "theirs.csv", "measure": "cosine", "title": "Of {others}"}}


def planned(folder, embeddings, spaces, **how):
    return load(folder, embeddings=embeddings, config={"spaces": ["rank", *spaces]}, **how)


def test_an_embedding_is_a_space_by_its_own_measure_and_has_umap_beside_it(tmp_path):
    plan = planned(tmp_path, BOTH, ["mine", "theirs", "theirs-umap"])
    toy, spaces = plan.datasets["toy"], plan.catalogue.spaces
    assert toy.spaces == ["rank", "mine", "theirs", "theirs-umap"] and toy.brought == ["mine", "theirs"]
    assert (spaces["mine"].metric, spaces["theirs"].metric) == ("euclidean", "cosine")
    assert spaces["theirs"].title.format() == "Of {others}" and spaces["theirs-umap"].parent == "theirs"
    # it has neither genes nor a panel, so no curve, no ledger and no cause
    assert not any(spaces[name].is_over_genes or spaces[name].is_encoding for name in toy.brought)
    assert toy.files_of_embedding("mine") == {"0": "toy.h5ad"} and toy.files_of_embedding("theirs") == {
        "": "theirs.csv"
    }


def test_only_what_is_named_in_spaces_is_compared(tmp_path):
    assert planned(tmp_path, BOTH, []).datasets["toy"].brought == []


@pytest.mark.parametrize("name", ["expression-umap", "geneformer", "rank"])
def test_a_name_that_a_space_has_is_refused(tmp_path, name):
    with pytest.raises(StudyError, match=re.escape(f"embeddings: there is a '{name}' already")):
        planned(tmp_path, {name: {"obsm": "X"}}, [])


def test_a_name_that_cannot_stand_in_paths_is_refused(tmp_path):
    with pytest.raises(StudyError, match="'X_mine' is no name"):
        planned(tmp_path, {"X_mine": {"obsm": "X_mine"}}, [])


def test_a_file_that_is_not_there_is_said_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.h5ad").touch()
    said = refused(
        r"embeddings\.theirs\.file: .*theirs\.csv does not exist",
        tmp_path,
        embeddings=BOTH,
        config={"spaces": ["rank", "theirs"]},
        demand_files=True,
    )
    assert "mine" not in said


def test_a_space_that_no_data_set_brings_is_unknown(tmp_path):
    refused("there is no space 'yours'", tmp_path, embeddings=BOTH, config={"spaces": ["rank", "yours"]})
