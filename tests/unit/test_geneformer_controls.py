"""Controls: embeddings that stand beside the wrong cells, or hold what is not of the model, do not get through."""

import dataclasses
import json
from pathlib import Path

import anndata as ad
import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.core.files import write_anndata
from rankstudy.pairs.space_files import dimensions_of, made_of, read_space
from rankstudy.spaces.make import fit_space, gather_space
from rankstudy.spaces.models.embedding import embed_shards, require_reproduced
from rankstudy.spaces.models.geneformer import embedding
from rankstudy.spaces.models.geneformer.checkpoint import load_encoder
from rankstudy.spaces.models.geneformer.embedding import embed
from rankstudy.spaces.tokens.token_files import TokenWriter
from tests.unit.helpers import analysed_cells, write_analysed
from tests.unit.tiny_geneformer import HOW, random_tokens, save_model, vocabulary

SLUGS = [*"aaaa", *"bbbbb", *"ccc"]
LENGTHS = [7, 40, 1, 12, 12, 60, 3, 25, 62, 2, 30, 9]
SETTINGS = {
    "module": "rankstudy.spaces.models.geneformer.embedding",
    "space": "geneformer",
    "metric": "euclidean",
    "seed": 3,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    identity = vocabulary(folder, "V2")[0].identity
    _, about = save_model(folder, identity)
    return {"folder": str(folder), "about": about, "identity": identity}


@pytest.fixture
def study(tmp_path, model):
    """Tokens of three types, a table of cells of which one is not used, and a model."""
    cells = random_tokens(model["identity"], LENGTHS)
    cells = dataclasses.replace(cells, cells=cells.cells.assign(slug=SLUGS, cell_type=[s.upper() for s in SLUGS]))
    with TokenWriter(tmp_path / "tokens.parquet", cells.about) as writer:
        writer.write(cells)
    table = analysed_cells(cells.cells, used=cells.cells["cell_id"] != "toy:c0006")
    return {**model, "out": tmp_path, "cells": cells, "table": write_analysed(tmp_path / "cells.parquet", table)}


def embed_part(study, slugs, name, tokens_per_batch=100, **changes):
    output = str(study["out"] / f"{name}.h5ad")
    embed_shards(
        str(study["out"] / "tokens.parquet"),
        study["table"],
        {"config": f"{study['folder']}/config.json", "weights": f"{study['folder']}/model.safetensors"},
        f"{study['folder']}/about.json",
        how={**HOW, "tokens_per_batch": tokens_per_batch, **changes},
        slugs=slugs,
        output=output,
        **SETTINGS,
    )
    return output


def parts(study):
    return [embed_part(study, ["b"], "p0"), embed_part(study, ["a", "c"], "p1")]


def gather(study, files):
    output = str(study["out"] / "space.h5ad")
    gather_space(files, study["table"], seed=3, output=output)
    return output


def vectors_by_id(path):
    of = read_space(path)
    return dict(zip(of.cells["cell_id"], of.vectors, strict=True))


def rewrite(path, change):
    data = change(ad.read_h5ad(path))
    write_anndata(data, path)
    return path


def expected(study):
    vectors = embed(study["cells"], load_encoder(study["folder"], study["about"], layer=-1))
    return dict(zip(study["cells"].cells["cell_id"], vectors, strict=True))


def same(found, wanted):
    assert list(found) == sorted(c for c in wanted if c != "toy:c0006")
    for cell, vector in found.items():
        np.testing.assert_allclose(vector, wanted[cell], atol=1e-5)


@pytest.mark.parametrize("tokens_per_batch", [1, 100, 100_000])
def test_each_cell_has_its_own_embedding_in_the_order_of_the_cells(study, tokens_per_batch):
    files = [embed_part(study, s, f"p{i}", tokens_per_batch) for i, s in enumerate((["c"], ["b", "a"]))]
    same(vectors_by_id(gather(study, files)), expected(study))
    assert read_space(files[1]).cells["slug"].tolist() == [*"aaaabbbb"]


def test_the_file_says_how_it_was_made(study):
    path = gather(study, parts(study))
    made = made_of(path)
    assert made == {**study["about"], "pooling": "cell", "layer": -1} and made["title"] == "Tiny model"
    assert dimensions_of(path) == [f"hidden-{i + 1}" for i in range(16)]
    assert (read_space(path).name, read_space(path).metric) == ("geneformer", "euclidean")


def test_a_part_whose_cells_were_all_dropped_is_empty_and_can_be_gathered(study):
    cells = study["cells"].cells
    used = ~cells["slug"].eq("c") & (cells["cell_id"] != "toy:c0006")
    write_analysed(study["table"], analysed_cells(cells, used=used))
    files = [embed_part(study, ["c"], "p0"), embed_part(study, ["a", "b"], "p1")]
    assert len(vectors_by_id(gather(study, files))) == used.sum()


def test_the_same_cells_give_the_same_bytes(study):
    contents = [Path(embed_part(study, ["a", "b"], f"p{k}")).read_bytes() for k in range(2)]
    assert contents[0] == contents[1]


def test_rows_that_are_permuted_with_their_ids_are_put_back_in_order(study):
    order = np.random.default_rng(0).permutation(7)
    files = parts(study)
    rewrite(files[1], lambda data: data[order].copy())
    assert read_space(files[1]).cells["cell_id"].tolist() != sorted(read_space(files[1]).cells["cell_id"])
    same(vectors_by_id(gather(study, files)), expected(study))


def with_row_numbers(data, replace):
    """Return the part with the number of the row as a column, as a CSV read with its index has it."""
    numbers = np.arange(data.n_obs, dtype=np.float32)[:, None]
    wide = np.hstack([numbers, data.X])
    found = ad.AnnData(wide, obs=data.obs, uns=dict(data.uns))
    found.var_names = ["row", *data.var_names]
    return found[:, :-1].copy() if replace else found


def test_a_column_of_row_numbers_is_refused(study):
    files = [rewrite(path, lambda data: with_row_numbers(data, False)) for path in parts(study)]
    message = (
        "space geneformer: its vectors have 17 dimensions, those of its model have 16; .* such as a number of the row"
    )
    with pytest.raises(StudyError, match=message):
        gather(study, files)


@pytest.mark.parametrize("replace", [True, False])
def test_a_column_of_row_numbers_in_one_part_is_refused(study, replace):
    files = parts(study)
    rewrite(files[1], lambda data: with_row_numbers(data, replace))
    with pytest.raises(StudyError, match="its parts have other dimensions"):
        gather(study, files)


def test_a_missing_cell_is_refused(study):
    files = parts(study)
    rewrite(files[0], lambda data: data[1:].copy())
    with pytest.raises(StudyError, match="space geneformer: 1 of 11 ids are missing, such as toy:c0004"):
        gather(study, files)


def test_a_cell_in_the_place_of_another_is_refused(study):
    def rename(data):
        data.obs_names = ["toy:c0006", *data.obs_names[1:]]
        return data

    files = parts(study)
    rewrite(files[0], rename)
    with pytest.raises(StudyError, match="space geneformer: 1 of 11 ids are missing, such as toy:c0004"):
        gather(study, files)


@pytest.mark.filterwarnings("ignore:Observation names are not unique")
def test_an_id_that_occurs_twice_is_refused(study):
    files = parts(study)
    twice = ad.read_h5ad(files[0])
    twice.obs_names = [twice.obs_names[1], *twice.obs_names[1:]]
    twice.write_h5ad(files[0])
    with pytest.raises(StudyError, match="p0.h5ad: cells: 1 names occur more than once: toy:c0005"):
        gather(study, files)


def test_an_id_that_two_parts_have_is_refused(study):
    files = parts(study)
    with pytest.raises(StudyError, match="1[0-9] cells are to be compared, its parts hold 1[0-9]|more than once"):
        gather(study, [*files, files[0]])


@pytest.mark.parametrize("change", [{"pooling": "cls"}, {"layer": 0}])
def test_parts_that_were_made_in_different_ways_are_refused(study, change):
    files = [embed_part(study, ["b"], "p0"), embed_part(study, ["a", "c"], "p1", **change)]
    with pytest.raises(StudyError, match="its parts were made by different models, or in different ways"):
        gather(study, files)


def test_a_fit_on_an_embedding_may_have_other_dimensions_and_says_what_it_is_of(study):
    output = str(study["out"] / "fit.h5ad")
    fit_space(
        gather(study, parts(study)),
        space="geneformer-pca",
        metric="euclidean",
        columns=[],
        options={"components": 3},
        seed=3,
        function="rankstudy.spaces.fits:principal_components",
        output=output,
    )
    assert read_space(output).vectors.shape == (11, 3) and made_of(output)["title"] == "Tiny model"


@pytest.mark.parametrize("pooling", ["cell", "cls"])
@pytest.mark.parametrize("layer", [-1, 0])
def test_embeddings_in_the_order_of_the_cells_are_reproduced(study, pooling, layer):
    of = dataclasses.replace(load_encoder(study["folder"], study["about"], layer=layer), pooling=pooling)
    vectors = embed(study["cells"], of)
    for seed in range(10):
        require_reproduced(vectors, study["cells"], lambda cells: embed(cells, of), "Tiny model", seed=seed)


PERMUTED = {
    "shifted by one": lambda lengths: np.roll(np.arange(len(lengths)), 1),
    "longest first": lambda lengths: np.argsort(-lengths, kind="stable"),
    "reversed": lambda lengths: np.arange(len(lengths))[::-1],
}


@pytest.mark.parametrize("how", PERMUTED)
@pytest.mark.parametrize("pooling", ["cell", "cls"])
def test_permuted_embeddings_are_refused(study, how, pooling):
    of = dataclasses.replace(load_encoder(study["folder"], study["about"], layer=-1), pooling=pooling)
    vectors = embed(study["cells"], of)[PERMUTED[how](study["cells"].lengths)]
    message = (
        "Tiny model: toy:c00.*, embedded again alone, differs .* the embeddings do not stand in the order of the cells"
    )
    for seed in range(10):
        with pytest.raises(StudyError, match=message):
            require_reproduced(vectors, study["cells"], lambda cells: embed(cells, of), "Tiny model", seed=seed)


def test_embeddings_that_come_out_longest_first_are_refused_before_they_are_written(study, monkeypatch):
    def as_the_authors_return_them(cells, encoder):
        return embed(cells, encoder)[np.argsort(-cells.lengths, kind="stable")]

    monkeypatch.setattr(embedding, "embed", as_the_authors_return_them)
    with pytest.raises(
        StudyError, match="the embeddings do not stand in the order of the cells; this is a fault of the"
    ):
        embed_part(study, ["a", "b"], "part")
    assert not (study["out"] / "part.h5ad").exists()


def test_padding_that_is_read_as_genes_is_refused(study, monkeypatch):
    whole = embedding.padded
    monkeypatch.setattr(embedding, "padded", lambda *args: (whole(*args)[0], whole(*args)[1] * 0 + 1))
    with pytest.raises(StudyError, match="embedded again alone, differs"):
        embed_part(study, ["a", "b"], "part", 100_000)


def test_tokens_of_another_vocabulary_than_the_model_are_refused(study):
    path = Path(study["folder"]) / "about.json"
    about = json.loads(path.read_text())
    try:
        path.write_text(json.dumps({**about, "medians_sha256": "0" * 64}))
        with pytest.raises(
            StudyError, match="tokens.parquet: the tokens are of version V2, the model of V2 .medians_sha256"
        ):
            embed_part(study, ["a"], "part")
    finally:
        path.write_text(json.dumps(about))


def test_a_cell_that_has_no_tokens_in_the_file_is_refused(study):
    table = analysed_cells(study["cells"].cells).assign(used=True)
    table.loc[0, "cell_id"] = "toy:new"
    write_analysed(study["table"], table)
    with pytest.raises(StudyError, match="cells of space geneformer: 1 of 4 ids are missing, such as toy:new"):
        embed_part(study, ["a"], "part")
