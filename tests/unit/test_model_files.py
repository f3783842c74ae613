"""Models in files outside of the package: checked, run cell by cell, and refused where rows are not their cells."""

import json

import numpy as np
import pandas as pd
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.core.files import sha256
from rankstudy.pairs.space_files import dimensions_of, made_of, read_space
from rankstudy.spaces.make import gather_space
from rankstudy.spaces.models.checking import check_model
from rankstudy.spaces.models.embedding import embed_shards, require_reproduced
from rankstudy.spaces.tokens.token_files import TokenisedCells, TokenWriter
from tests.unit.helpers import analysed_cells, write_analysed

IDENTITY = {"version": "bag 1", "size": 9, "genes_sha256": "a" * 64}
BAG = """
import numpy as np


def load(files, about, how):
    return {"vectors": np.load(files["weights"]), **how}


def embed(cells, model):
    return np.array([model["vectors"][cells.of(row)].mean(axis=0) for row in range(len(cells.cells))])
"""
WRONG = {
    "longest first": "found[np.argsort(-cells.lengths, kind='stable')]",
    "shifted": "np.roll(found, 1, axis=0)",
    "of the place in the batch": "found + np.arange(len(found))[:, None]",
    "centred over the cells": "found - found.mean(axis=0)",
}
SLUGS = [*"aaa", *"bbbb"]
TOKENS = [[1, 2], [3], [4, 5, 6], [1], [2, 7, 8, 3], [5, 1], [6]]


def changed(result):
    """Return the model with another last step, `found` being its right vectors."""
    embed = f"def embed(cells, model):\n    found = right(cells, model)\n    return {result}\n"
    return f"{BAG.replace('def embed', 'def right')}\n\n{embed}"


@pytest.fixture
def study(tmp_path):
    ids = [f"toy:c{i}" for i in range(7)]
    cells = pd.DataFrame({"cell_id": ids, "cell_type": [s.upper() for s in SLUGS], "slug": SLUGS, "batch": "all"})
    offsets = np.cumsum([0, *map(len, TOKENS)])
    of = TokenisedCells(cells.assign(expressed=1), np.concatenate(TOKENS).astype(np.int32), offsets, IDENTITY)
    with TokenWriter(tmp_path / "tokens.parquet", IDENTITY) as writer:
        writer.write(of)
    write_analysed(tmp_path / "cells.parquet", analysed_cells(cells, used=cells["cell_id"] != "toy:c4"))
    np.save(tmp_path / "weights.npy", np.random.default_rng(0).normal(size=(9, 5)))
    (tmp_path / "identity.json").write_text(json.dumps(IDENTITY))
    (tmp_path / "about.json").write_text(json.dumps({"title": "Bag", "kind": "published", **IDENTITY}))
    return tmp_path


def embed(study, text=BAG, slugs=("a", "b"), **how):
    (study / "bag.py").write_text(text)
    embed_shards(
        str(study / "tokens.parquet"), str(study / "cells.parquet"), {"weights": str(study / "weights.npy")},
        str(study / "about.json"), module=str(study / "bag.py"), how=how, slugs=slugs, space="bag",
        metric="euclidean", seed=3, output=str(study / "part.h5ad"),
    )  # fmt: skip
    return study / "part.h5ad"


def refused(study, message, **changes):
    with pytest.raises(StudyError, match=message):
        embed(study, **changes)
    assert not (study / "part.h5ad").exists()


def test_each_cell_that_is_used_has_the_vector_of_its_own_tokens(study):
    found, weights = read_space(embed(study)), np.load(study / "weights.npy")
    assert found.cells["cell_id"].tolist() == [f"toy:c{i}" for i in (0, 1, 2, 3, 5, 6)]
    wanted = [weights[tokens].mean(axis=0) for i, tokens in enumerate(TOKENS) if i != 4]
    np.testing.assert_allclose(found.vectors, wanted, rtol=1e-6)
    assert found.vectors.dtype == np.float32


def test_the_part_says_what_the_model_is_and_how_it_was_read(study):
    path = embed(study, genes=3, device="cpu", threads=2, tokens_per_batch=5)
    assert made_of(path) == {"title": "Bag", "kind": "published", **IDENTITY, "genes": 3}
    assert dimensions_of(path) == [f"hidden-{i + 1}" for i in range(5)]


def test_a_part_of_which_every_cell_was_dropped_asks_the_model_nothing_and_can_be_gathered(study):
    cells = read_space(embed(study)).cells
    write_analysed(study / "cells.parquet", analysed_cells(cells, used=cells["slug"] == "b"))
    empty = embed(study, changed("1 / 0"), slugs=["a"]).rename(study / "empty.h5ad")
    gather_space([str(empty), str(embed(study, slugs=["b"]))], str(study / "cells.parquet"), seed=3,
                 output=str(study / "space.h5ad"))  # fmt: skip
    assert read_space(study / "space.h5ad").cells["slug"].tolist() == [*"bbb"]


@pytest.mark.parametrize("how", WRONG)
def test_rows_that_are_not_those_of_their_cells_are_refused(study, how):
    refused(study, "Bag: toy:c., embedded again alone, differs from the vector in its row", text=changed(WRONG[how]))


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_half_precision_is_rounding_on_an_accelerator_alone(study, device):
    half = changed("found * (1 + 3e-3 * (len(found) > 1))")
    refused(study, "differs from the vector in its row by 0.003 of its size .at most 0.0001 is rounding", text=half)
    assert embed(study, half, device=device).exists()


@pytest.mark.parametrize("result", ["found[1:]", "np.repeat(found, 2, axis=0)", "found[:, 0]", "found[None]", "3.0"])
def test_another_number_of_vectors_is_refused(study, result):
    refused(study, r"Bag: gave an array \(.*\) for 6 cells", text=changed(result))


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_vectors_that_are_not_finite_are_refused_with_their_cells(study, value):
    text = changed(f"np.where((cells.cells['cell_id'] == 'toy:c5').to_numpy()[:, None], np.{value}, found)")
    refused(study, "Bag: embeddings: 1 cells have values that are not finite .*, such as toy:c5", text=text)


def test_a_cell_that_has_another_length_alone_is_refused(study):
    text = changed("found[:, : 2 + len(found)]")
    refused(study, "Bag: gave an array .1, 3. for 1 cells, and 5 numbers for each of several", text=text)


@pytest.mark.parametrize("change", [{"version": "bag 2"}, {"size": 10}, {"genes_sha256": "b" * 64}])
def test_tokens_of_another_vocabulary_are_refused(study, change):
    about = json.loads((study / "about.json").read_text())
    (study / "about.json").write_text(json.dumps({**about, **change}))
    (name,) = change
    refused(study, f"tokens.parquet: the tokens are of version bag 1, the model of bag . .{name}: .*the model's")


def test_cells_without_tokens_are_refused(study):
    table = pd.DataFrame({"cell_id": ["x", "y"], "cell_type": "A", "slug": "a", "batch": "all"})
    with TokenWriter(study / "tokens.parquet", IDENTITY) as writer:
        writer.write(TokenisedCells(table.assign(expressed=1), np.array([1], np.int32), np.array([0, 0, 1]), IDENTITY))
    write_analysed(study / "cells.parquet", analysed_cells(table))
    refused(study, "embedding: 1 cells have no token; leave them out first")


def test_a_cell_without_a_row_in_the_tokens_is_refused(study):
    table = pd.DataFrame({"cell_id": ["toy:c0", "toy:new"], "cell_type": "A", "slug": "a", "batch": "all"})
    write_analysed(study / "cells.parquet", analysed_cells(table))
    refused(study, "tokens.parquet: cells of space bag: 1 of 2 ids are missing, such as toy:new")


def test_vectors_of_zeros_are_those_of_their_cells(study):
    assert not read_space(embed(study, changed("0 * found"))).vectors.any()


def test_the_choice_of_cells_that_are_embedded_again_is_that_of_the_seed():
    table = pd.DataFrame({"cell_id": [f"c{i}" for i in range(50)]})
    cells = TokenisedCells(table, np.arange(50, dtype=np.int32), np.arange(51), IDENTITY)
    asked = {0: [], 1: []}
    for seed, chosen in asked.items():
        for _ in range(2):
            require_reproduced(
                np.ones((50, 2)), cells, lambda some, to=chosen: to.append(some.tokens[0]) or np.ones((1, 2)), "Bag",
                seed=seed,
            )  # fmt: skip
    assert asked[0][:3] == asked[0][3:] != asked[1][:3] and len(set(asked[0])) == 3


def check(study, text=BAG, **changes):
    """Check the model, some of what is known of its files replaced, and return what is written of it."""
    (study / "bag.py").write_text(text)
    path = study / "weights.npy"
    known = {"sha256": sha256(path), "bytes": path.stat().st_size, **changes}
    check_model(
        {"weights": str(path)}, str(study / "identity.json"), known={"weights": known}, module=str(study / "bag.py"),
        title="Bag", revision=None, how={"genes": 3}, output=str(study / "checked.json"),
    )  # fmt: skip
    return json.loads((study / "checked.json").read_text())


def test_a_model_that_was_checked_is_described(study):
    wanted = {"title": "Bag", "kind": "published", "revision": None, **IDENTITY}
    assert check(study) == {**wanted, "weights_sha256": sha256(study / "weights.npy")}
    described = "\n\ndef describe(files, identity):\n    return {'hidden': 5, 'of': identity['version']}\n"
    assert check(study, BAG + described) == {**check(study), "hidden": 5, "of": "bag 1"}


@pytest.mark.parametrize(("change", "what"), [({"sha256": "0" * 64}, "sha256"), ({"bytes": 7}, "bytes, expected 7")])
def test_files_of_another_hash_or_size_are_not_loaded(study, change, what):
    with pytest.raises(StudyError, match=f"weights: .*weights.npy: the file.*{what}.* it was not used"):
        check(study, BAG.replace("np.load", "1 / 0"), **change)
    assert not (study / "checked.json").exists()


@pytest.mark.parametrize("name", ["load", "describe"])
def test_what_the_model_refuses_is_not_described(study, name):
    fault = (
        f"\n\ndef {name}(*of):\n    from rankstudy.core.errors import StudyError\n    raise StudyError('not mine')\n"
    )
    with pytest.raises(StudyError, match="not mine"):
        check(study, BAG + fault)
    assert not (study / "checked.json").exists()
