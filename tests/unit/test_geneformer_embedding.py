"""Embeddings: equal to the whole model of transformers on one cell at a time, whatever the batches."""

import dataclasses

import numpy as np
import pytest
import torch

from rankstudy.core.errors import StudyError
from rankstudy.spaces.models.geneformer import embedding
from rankstudy.spaces.models.geneformer.batching import batches
from tests.unit.tiny_geneformer import encoder, random_tokens, tokenised, vocabulary

LENGTHS = [7, 40, 1, 12, 12, 60, 3, 25, 62, 2]
CASES = [("V1", "cell"), ("V2", "cell"), ("V2", "cls")]


def embed(cells, encoder, **settings):
    return embedding.embed(cells, dataclasses.replace(encoder, **settings))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return, by version, cells, the encoder of each layer, and the whole model."""
    made = {}
    for name in ("V1", "V2"):
        folder = tmp_path_factory.mktemp(name)
        identity = vocabulary(folder, name)[0].identity
        layers = {layer: encoder(folder / str(layer), identity, layer) for layer in (-1, 0)}
        made[name] = {
            "cells": random_tokens(identity, LENGTHS),
            "encoders": {layer: of for layer, (of, _) in layers.items()},
            "whole": layers[0][1],
        }
    return made


def one_at_a_time(model, cells, pooling, layer):
    """Return what the authors' recipe gives: the whole model, no padding, hidden state by hidden state."""
    vectors = []
    for row in range(len(cells.cells)):
        tokens = torch.tensor(cells.of(row)[None].astype(np.int64))
        with torch.no_grad():
            states = model(tokens, attention_mask=torch.ones_like(tokens), output_hidden_states=True).hidden_states
        assert len(states) == model.config.num_hidden_layers + 1
        hidden = states[layer - 1][0]  # -1: the second-to-last hidden state, 0: the last one
        genes = hidden[1:-1] if cells.about["version"] == "V2" else hidden
        vectors.append((hidden[0] if pooling == "cls" else genes.mean(0)).numpy())
    return np.array(vectors)


@pytest.mark.parametrize(("version", "pooling"), CASES)
@pytest.mark.parametrize("layer", [-1, 0])
@pytest.mark.parametrize("tokens_per_batch", [1, 130, 100_000])
def test_embeddings_are_those_of_the_whole_model_on_one_cell_at_a_time(
    models, version, pooling, layer, tokens_per_batch
):
    made = models[version]
    of = made["encoders"][layer]
    found = embed(made["cells"], of, pooling=pooling, tokens_per_batch=tokens_per_batch)
    wanted = one_at_a_time(made["whole"], made["cells"], pooling, layer)
    assert found.dtype == np.float32 and found.shape == (len(LENGTHS), 16)
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert np.abs(np.diff(wanted, axis=0)).max(axis=1).min() > 1e-3  # cells differ, or the order would not be seen


def test_layers_and_poolings_are_not_the_same(models):
    made = models["V2"]
    vectors = [
        embed(made["cells"], made["encoders"][layer], pooling=pooling)
        for layer in (-1, 0)
        for pooling in ("cell", "cls")
    ]
    for i, one in enumerate(vectors):
        assert all(np.abs(one - other).max() > 1e-2 for other in vectors[i + 1 :])


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_a_cell_longer_than_the_model_is_cut_and_keeps_its_end_token(models, version, tmp_path):
    cells = models[version]["cells"]
    of, whole = encoder(tmp_path, cells.about, 0, max_length=16)
    cut = [
        c if len(c) <= 16 else (np.r_[c[:15], c[-1]] if version == "V2" else c[:16]) for c in map(cells.of, range(10))
    ]
    wanted = one_at_a_time(whole, tokenised(cut, cells.about), "cell", 0)
    np.testing.assert_allclose(embed(cells, of), wanted, atol=1e-5)


@pytest.mark.parametrize("tokens_per_batch", [1, 60, 61, 100, 10_000])
def test_batches_hold_each_cell_once_by_length_and_within_the_bound(tokens_per_batch):
    lengths = np.array(LENGTHS)
    found = list(batches(lengths, tokens_per_batch))
    assert sorted(np.concatenate(found).tolist()) == list(range(len(LENGTHS)))
    assert np.concatenate([lengths[rows] for rows in found]).tolist() == sorted(LENGTHS, reverse=True)
    assert all(len(rows) == 1 or len(rows) * lengths[rows].max() <= tokens_per_batch for rows in found)


def test_the_order_of_the_cells_changes_no_embedding(models):
    made, order = models["V1"], np.random.default_rng(0).permutation(len(LENGTHS))
    straight = embed(made["cells"], made["encoders"][-1], tokens_per_batch=100)
    turned = embed(made["cells"].take(order), made["encoders"][-1], tokens_per_batch=100)
    np.testing.assert_allclose(turned, straight[order], atol=1e-5)


def test_no_cells_give_no_embeddings(models):
    made = models["V1"]
    assert embed(made["cells"].take(np.zeros(0, int)), made["encoders"][-1]).shape == (0, 16)


def test_cls_needs_v2(models):
    with pytest.raises(
        StudyError, match="pooling: 'cls' needs the token <cls>, which Geneformer V1 does not have; set `pooling: cell`"
    ):
        embed(models["V1"]["cells"], models["V1"]["encoders"][-1], pooling="cls")


@pytest.mark.parametrize("pooling", ["cell", "cls"])
def test_tokens_without_specials_in_a_model_of_v2_are_refused(models, pooling):
    cells = models["V2"]["cells"]
    bare = tokenised([cells.of(row)[1:-1] for row in range(len(LENGTHS))], cells.about)
    with pytest.raises(StudyError, match="embedding: 10 cells do not begin with <cls> and end with <eos>"):
        embed(bare, models["V2"]["encoders"][-1], pooling=pooling)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_a_device_is_refused(models):
    with pytest.raises(
        StudyError,
        match="device: 'cuda' was asked for, and torch .* finds no CUDA device .*; set `device: cpu`",
    ):
        embed(models["V1"]["cells"], models["V1"]["encoders"][-1], device="cuda")
