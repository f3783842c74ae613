"""Training in small: what is masked, that it learns, and that a seed gives the same bytes."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from rankstudy.core.errors import StudyError
from rankstudy.spaces.models.geneformer import training
from rankstudy.spaces.models.geneformer.checkpoint import load_encoder
from rankstudy.spaces.models.geneformer.embedding import embed
from rankstudy.spaces.models.geneformer.tables import TRAINING, TRAINING_CELLS, TRAINING_LOSS, VALIDATION
from rankstudy.spaces.models.geneformer.training import Architecture, initialise_model, masked_loss, train_model
from rankstudy.spaces.tokens.geneformer.versions import CLS, EOS, MASK, PAD
from rankstudy.spaces.tokens.token_files import TokenWriter
from tests.unit.tiny_geneformer import random_tokens, tokenised, vocabulary

SMALL = {"layers": 2, "hidden": 16, "heads": 2, "feed_forward": 32, "max_length": 32}


def programmes(identity, n, seed=0, genes_each=12):
    """Return cells of two gene programmes: the genes of a cell are all of one half of some genes, in random order."""
    random, specials = np.random.default_rng(seed), 4 if identity["version"] == "V2" else 2
    cells = []
    for kind in random.integers(0, 2, n):
        genes = specials + kind * genes_each + random.permutation(genes_each)[: random.integers(8, genes_each + 1)]
        cells.append(np.r_[CLS, genes, EOS] if identity["version"] == "V2" else genes)
    return tokenised(cells, identity)


def write_corpus(folder, cells, held_out=0.2, name="toy"):
    """Write tokens and the table `training_cells` and return their paths."""
    with TokenWriter(folder / f"{name}.parquet", cells.about) as writer:
        writer.write(cells)
    n = len(cells.cells)
    role = np.where(np.arange(n) < held_out * n, VALIDATION, TRAINING)
    table = cells.cells.assign(dataset=name, part="0", row=np.arange(n), role=role, evaluated=np.arange(n) % 3 == 0)
    TRAINING_CELLS.write(table[TRAINING_CELLS.names], folder / f"{name}-cells.parquet")
    return [str(folder / f"{name}.parquet")], str(folder / f"{name}-cells.parquet")


def train(folder, tokens, cells, identity_in, name, **changes):
    """Train a model and return its folder, what it is, and its loss."""
    settings = {
        "architecture": SMALL,
        "epochs": 2,
        "cells_per_batch": 8,
        "learning_rate": 3e-3,
        "threads": 1,
        "seed": 0,
    }
    out = folder / name
    train_model(
        tokens, cells, identity_in, **{**settings, **changes}, title="trained here on {cells} cells", folder=str(out),
        about_out=str(out / "about.json"), loss_out=str(out / "loss.parquet"),
    )  # fmt: skip
    return out, json.loads((out / "about.json").read_text()), TRAINING_LOSS.read(out / "loss.parquet")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Models of one corpus: two of the same seed, one of another, and the untrained one of the first seed."""
    folder = tmp_path_factory.mktemp("training")
    of, paths = vocabulary(folder, "V1", 60)
    corpus = programmes(of.identity, 250)
    tokens, cells = write_corpus(folder, corpus)
    made = {
        name: train(folder, tokens, cells, paths["identity"], name, seed=seed, epochs=12, learning_rate=1e-2)
        for name, seed in (("one", 0), ("again", 0), ("other", 1))
    }
    about = folder / "untrained" / "about.json"
    initialise_model(
        paths["identity"], architecture=SMALL, seed=0, title="untrained", folder=str(about.parent), about_out=str(about)
    )
    made["untrained"] = about.parent, json.loads(about.read_text()), None
    return {**made, "corpus": corpus, "cells": cells, "tokens": tokens, "paths": paths, "folder": folder}


def weights(made):
    return (made[0] / "model.safetensors").read_bytes()


def test_the_same_seed_gives_the_same_bytes_and_the_same_loss(trained):
    assert weights(trained["one"]) == weights(trained["again"])
    pd.testing.assert_frame_equal(trained["one"][2], trained["again"][2], check_exact=True)
    assert trained["one"][1] == trained["again"][1]


def test_another_seed_gives_another_model(trained):
    assert weights(trained["one"]) != weights(trained["other"])
    assert not trained["one"][2]["validation_loss"].equals(trained["other"][2]["validation_loss"])


def test_the_loss_falls_below_what_frequency_gives(trained):
    loss = trained["one"][2]
    last = loss.iloc[-1]
    assert last["validation_loss"] < last["unigram_loss"] - 0.3 and loss["unigram_loss"].nunique() == 1
    # 24 genes of two halves, all as frequent: log 24, and log 12 for who sees which half it is
    assert last["unigram_loss"] == pytest.approx(math.log(24), abs=0.2)
    assert last["validation_loss"] > math.log(12) - 1.3


def test_training_starts_where_frequency_ends(trained):
    first = trained["one"][2].iloc[0]
    assert first["step"] == 0 == first["n_cells"] and math.isnan(first["training_loss"])
    assert first["validation_loss"] == pytest.approx(first["unigram_loss"], abs=0.05)


def test_the_loss_table_counts_steps_and_cells(trained):
    loss = trained["one"][2]
    assert loss["step"].iloc[-1] == 12 * math.ceil(200 / 8) and loss["n_cells"].iloc[-1] == 12 * 200
    assert len(loss) == 13 and loss["step"].is_monotonic_increasing and loss["training_loss"].iloc[1:].notna().all()


def test_a_model_says_what_it_is_and_what_it_was_trained_on(trained):
    about = trained["one"][1]
    table = TRAINING_CELLS.read(trained["cells"])
    of_training = table[table["role"] == TRAINING]
    assert about["title"] == "trained here on 200 cells" and about["kind"] == "trained" and about["cells"] == 200
    assert about["evaluated_cells"] == of_training["evaluated"].sum() and about["cells_by_dataset"] == {"toy": 200}
    assert (about["layers"], about["hidden"], about["max_length"], about["version"]) == (2, 16, 32, "V1")
    assert trained["untrained"][1]["kind"] == "untrained" and trained["untrained"][1]["cells"] == 0


def test_the_untrained_model_is_where_training_starts(trained, tmp_path):
    of, _, _ = train(
        tmp_path,
        trained["tokens"],
        trained["cells"],
        trained["paths"]["identity"],
        "still",
        epochs=1,
        learning_rate=1e-30,
    )
    start, untrained = (load_file(folder / "model.safetensors") for folder in (of, trained["untrained"][0]))
    assert start.keys() == untrained.keys()
    different = [name for name in start if not torch.allclose(start[name], untrained[name], rtol=0, atol=1e-20)]
    assert different == ["cls.predictions.bias"]
    corpus = trained["corpus"]
    seen = np.bincount(corpus.tokens[corpus.offsets[50] :], minlength=62)[2:] + 1.0
    np.testing.assert_allclose(start["cls.predictions.bias"][2:], np.log(seen / seen.sum()), rtol=1e-5)
    assert (start["cls.predictions.bias"][:2] == start["cls.predictions.bias"].min()).all()


def test_the_bias_of_the_head_changes_no_embedding(trained, tmp_path):
    of = train(
        tmp_path,
        trained["tokens"],
        trained["cells"],
        trained["paths"]["identity"],
        "still",
        epochs=1,
        learning_rate=1e-30,
    )
    vectors = [
        embed(trained["corpus"], load_encoder(folder, about, layer=-1))
        for folder, about, _ in (of, trained["untrained"])
    ]
    np.testing.assert_allclose(*vectors, atol=1e-6)
    after = embed(trained["corpus"], load_encoder(*trained["one"][:2], layer=-1))
    assert np.abs(after - vectors[0]).max() > 0.1


def test_the_architecture_is_that_of_the_published_model_but_for_its_size(trained):
    config = json.loads((trained["one"][0] / "config.json").read_text())
    assert config["hidden_act"] == "relu" and config["layer_norm_eps"] == 1e-12 and config["type_vocab_size"] == 2
    assert config["architectures"] == ["BertForMaskedLM"] and config["vocab_size"] == 62 and config["pad_token_id"] == 0
    assert config["max_position_embeddings"] == 32 and config["intermediate_size"] == 32
    published = Architecture(6, 256, 4, 512, 2048).config(25_426)
    with torch.device("meta"):
        size = sum(parameter.numel() for parameter in training.BertForMaskedLM(published).parameters())
    assert size == pytest.approx(10.29e6, rel=1e-3)


def masks(identity, lengths, seed=0):
    cells = random_tokens(identity, lengths)
    corpus = training._Corpus(cells, cells, identity, seed)
    return cells, corpus, corpus.batch(np.arange(len(lengths)))


@pytest.fixture(params=["V1", "V2"])
def identity(request, tmp_path):
    return vocabulary(tmp_path, request.param)[0].identity


def test_only_genes_are_masked_and_the_rest_is_left_as_it_is(identity):
    cells, corpus, (shown, present, chosen, targets) = masks(identity, [100, 3, 50, 1] * 20)
    specials, tokens = corpus.specials, torch.zeros_like(shown)
    for row in range(len(cells.cells)):
        tokens[row, : cells.lengths[row]] = torch.tensor(cells.of(row))
    assert not chosen[tokens < specials].any() and not chosen[present == 0].any()
    assert torch.equal(shown[~chosen], tokens[~chosen]) and torch.equal(targets, tokens[chosen])
    assert (shown[present == 0] == PAD).all() and (targets >= specials).all()
    assert not torch.isin(shown[chosen], torch.tensor([PAD, *([CLS, EOS] if specials == 4 else [])])).any()


def test_of_the_genes_15_percent_are_masked_80_10_10(identity):
    _, corpus, (shown, _, chosen, targets) = masks(identity, [120] * 2000)
    genes = 120 * 2000
    assert chosen.sum().item() / genes == pytest.approx(0.15, abs=0.003)
    as_mask, same = (shown[chosen] == MASK).float().mean(), (shown[chosen] == targets).float().mean()
    assert as_mask.item() == pytest.approx(0.8, abs=0.01)
    assert same.item() == pytest.approx(0.1, abs=0.01)
    other = shown[chosen][(shown[chosen] != MASK) & (shown[chosen] != targets)]
    assert other.min() >= corpus.specials and other.max() == corpus.size - 1 and len(other.unique()) > 140


def test_each_cell_has_a_masked_gene_however_short_it_is(identity):
    _, _, (_, _, chosen, _) = masks(identity, [2, 1, 2, 3, 2, 2] * 10)
    assert (chosen.sum(1) >= 1).all()


def test_cells_of_two_genes_one_at_a_time_give_a_loss_that_is_a_number(tmp_path):
    of, paths = vocabulary(tmp_path, "V1", 40)
    tokens, cells = write_corpus(tmp_path, random_tokens(of.identity, [2] * 20))
    _, _, loss = train(tmp_path, tokens, cells, paths["identity"], "m", epochs=1, cells_per_batch=1)
    assert np.isfinite(loss["training_loss"].iloc[1:]).all() and np.isfinite(loss["validation_loss"]).all()


def test_masks_of_the_held_out_cells_stay_the_same_and_those_of_the_others_do_not(identity):
    cells = random_tokens(identity, [60] * 10)
    one, two = (training._Corpus(cells, cells, identity, 5) for _ in range(2))
    assert all(
        torch.equal(a, b) for x, y in zip(one.held_out, two.held_out, strict=True) for a, b in zip(x, y, strict=True)
    )
    rows = np.arange(10)
    assert not torch.equal(one.batch(rows)[2], one.batch(rows)[2])


def test_an_epoch_holds_each_cell_once_in_another_order_each_time(identity):
    corpus = masks(identity, [10] * 23)[1]
    first, second = (np.concatenate(corpus.epoch(5)) for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(23)) and first.tolist() != second.tolist()
    assert [len(rows) for rows in corpus.epoch(5)] == [5, 5, 5, 5, 3]


def test_the_loss_of_masked_genes_alone_is_that_of_the_whole_model(identity):
    _, _, (shown, present, chosen, targets) = masks(identity, [20, 7, 13])
    model = training._new_model(identity, SMALL, 0).eval()
    labels = torch.full_like(shown, -100).masked_scatter(chosen, targets)
    with torch.no_grad():
        whole = model(shown, attention_mask=present, labels=labels).loss
        assert masked_loss(model, shown, present, chosen, targets).item() == pytest.approx(whole.item(), abs=1e-5)


def test_cells_without_a_gene_to_predict_from_are_left_out(tmp_path):
    of, paths = vocabulary(tmp_path, "V2", 40)
    cells = programmes(of.identity, 40)
    short = tokenised([[CLS, 7, EOS] if row % 4 == 3 else cells.of(row) for row in range(40)], of.identity)
    tokens, table = write_corpus(tmp_path, short)
    assert train(tmp_path, tokens, table, paths["identity"], "m", epochs=1)[1]["cells"] == 24


def test_training_without_cells_that_have_tokens_is_refused(tmp_path):
    of, paths = vocabulary(tmp_path, "V1", 40)
    tokens, table = write_corpus(tmp_path, random_tokens(of.identity, [1] * 20))
    with pytest.raises(
        StudyError, match="training: no cell to train on, or to measure the loss on, has a Geneformer token"
    ):
        train(tmp_path, tokens, table, paths["identity"], "m")


def test_tokens_of_another_vocabulary_are_refused(tmp_path):
    of, _ = vocabulary(tmp_path, "V1", 40)
    tokens, table = write_corpus(tmp_path, random_tokens(of.identity, [9] * 20))
    Path(tmp_path / "v2").mkdir()
    _, paths = vocabulary(tmp_path / "v2", "V2", 40)
    with pytest.raises(StudyError, match="toy.parquet: the tokens are of version V1, the model of V2"):
        train(tmp_path, tokens, table, paths["identity"], "m")
