"""What spaces are called, and how their embeddings were made."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.pairs.space_files import write_space
from rankstudy.spaces.catalogue import BUILT_IN
from rankstudy.spaces.describe import describe_spaces
from rankstudy.spaces.registry import SPACES
from rankstudy.spaces.tables import SPACES_TABLE, descriptions
from tests.unit.helpers import space

MADE = {
    "title": "Geneformer architecture, trained here on 1,000 cells",
    "kind": "trained",
    "version": "V1",
    "max_length": 256,
    "pooling": "cell",
    "layer": -1,
    "cells": 1000,
    "evaluated_cells": 12,
    "hidden": 4,
}


@pytest.fixture
def table(tmp_path):
    """Describe one encoding, one embedding and a fit of it; return the table and where it lies."""
    files = {}
    for name, made in (("rank", None), ("trained-here", MADE), ("trained-here-umap", MADE)):
        n = 2 if name.endswith("umap") else 4
        vectors = np.random.default_rng(0).normal(size=(6, n)).astype(np.float32)
        files[name] = str(tmp_path / f"{name}.h5ad")
        of = space(vectors, (3, 3), SPACES[name].metric, name)
        write_space(of, files[name], dimensions=[f"d{i}" for i in range(n)], seed=0, made=made)
    output = str(tmp_path / "spaces.parquet")
    declared = {name: BUILT_IN.described(name) for name in files}
    describe_spaces(files, declared, dataset="toy", output=output, tsv=str(tmp_path / "spaces.tsv"))
    return SPACES_TABLE.read(output).set_index("space"), output


def test_an_embedding_is_called_by_what_its_model_is(table):
    rows, _ = table
    assert rows["title"].tolist() == ["Rank-value encoding", MADE["title"], f"UMAP of {MADE['title']}"]
    assert rows["short"].tolist() == ["Rank-value encoding", "Model trained here", "UMAP of model trained here"]
    assert rows["metric"].tolist() == ["correlation", "euclidean", "euclidean"]
    assert rows["dimensions"].tolist() == [4, 4, 2] and rows["parent"].tolist() == [None, None, "trained-here"]


def test_names_that_begin_with_a_small_letter_keep_it(tmp_path):
    name, path = "scgpt-bins", str(tmp_path / "bins.h5ad")
    of = space(np.eye(4, dtype=np.float32), (2, 2), "correlation", name)
    write_space(of, path, dimensions=list("abcd"), seed=0)
    output = str(tmp_path / "spaces.parquet")
    declared = {name: BUILT_IN.described(name)}
    describe_spaces({name: path}, declared, dataset="toy", output=output, tsv=str(tmp_path / "spaces.tsv"))
    row = SPACES_TABLE.read(output).iloc[0]
    assert row["title"] == row["short"] == "scGPT, bins"


def test_model_layer_pooling_and_cells_are_stated(table):
    rows, _ = table
    for name in ("trained-here", "trained-here-umap"):
        row = rows.loc[name]
        assert (row["model"], row["vocabulary"], row["pooling"]) == ("trained", "V1", "cell")
        assert row[["layer", "max_length", "trained_on", "trained_on_evaluated"]].tolist() == [-1, 256, 1000, 12]
    assert rows.loc["rank", ["model", "vocabulary", "pooling", "layer", "trained_on"]].isna().all()


def test_titles_are_read_in_the_order_of_the_table(table):
    rows, path = table
    found = descriptions(SPACES_TABLE.read(path))
    assert list(found) == ["rank", "trained-here", "trained-here-umap"]
    rank = {
        "title": "Rank-value encoding",
        "short": "Rank-value encoding",
        "measure": "Spearman correlation",
        "metric": "correlation",
        "role": "encoding",
        "parent": None,
        "model": None,
    }
    assert found["rank"] == rank and found["trained-here-umap"]["role"] == "model"
    text = pd.read_csv(path.replace(".parquet", ".tsv"), sep="\t")
    assert text["space"].tolist() == rows.index.tolist() and text["layer"].tolist()[1:] == [-1, -1]
