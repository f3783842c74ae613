"""Checkpoints: what is wrong with a model is said before any cell is embedded."""

import json
import os
import pickle
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from rankstudy.core.errors import StudyError
from rankstudy.core.files import sha256
from rankstudy.spaces.models.checking import check_model
from rankstudy.spaces.models.geneformer.checkpoint import load_encoder, require_vocabulary
from rankstudy.spaces.tokens.token_files import require_same_vocabulary
from tests.unit.tiny_geneformer import HOW, describe, save_model, vocabulary


@pytest.fixture(scope="module", params=["V1", "V2"])
def made(request, tmp_path_factory):
    """Return a saved model, its vocabulary's identity and description, by name; not to be changed."""
    folder = tmp_path_factory.mktemp(request.param)
    found, paths = vocabulary(folder, request.param)
    model, about = save_model(folder / "model", found.identity)
    return {"folder": folder / "model", "identity": found.identity, "about": about, "model": model, "paths": paths}


@pytest.fixture
def copy(made, tmp_path):
    """Return the same, the model in a folder that may be changed."""
    return {**made, "folder": shutil.copytree(made["folder"], tmp_path / "model")}


def change_config(folder, **changes):
    path = folder / "config.json"
    config = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))


def change_tensors(folder, change):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)


def test_the_layout_is_that_of_the_hub(made):
    assert {"config.json", "model.safetensors"} <= set(os.listdir(made["folder"]))
    config = json.loads((made["folder"] / "config.json").read_text())
    assert config["architectures"] == ["BertForMaskedLM"] and config["model_type"] == "bert"


@pytest.mark.parametrize(("layer", "blocks"), [(-1, 2), (0, 3)])
def test_only_the_blocks_up_to_the_layer_are_loaded_with_the_weights_of_the_file(made, layer, blocks):
    encoder = load_encoder(made["folder"], made["about"], layer=layer)
    assert len(encoder.bert.encoder.layer) == blocks and not encoder.bert.training and encoder.bert.pooler is None
    assert encoder.max_length == 64 and encoder.layer == layer
    whole = made["model"].state_dict()
    for name, tensor in encoder.bert.state_dict().items():
        assert torch.equal(tensor, whole[f"bert.{name}"]), name


def test_weights_in_half_precision_become_float32(copy):
    change_tensors(copy["folder"], lambda tensors: tensors.update({n: t.half() for n, t in tensors.items()}))
    encoder = load_encoder(copy["folder"], copy["about"], layer=0)
    assert {tensor.dtype for tensor in encoder.bert.state_dict().values()} == {torch.float32}


def test_a_checkpoint_says_what_it_is(made):
    identity = {key: made["identity"][key] for key in ("version", "size", "tokens_sha256", "medians_sha256")}
    assert made["about"] == {
        **identity, "title": "Tiny model", "kind": "published", "layers": 3, "hidden": 16, "max_length": 64
    }  # fmt: skip


@pytest.mark.parametrize("layer", [1, -2, -3, 7])
def test_other_layers_are_refused(made, layer):
    with pytest.raises(StudyError, match=f"layer: {layer} is not 0 .last block. or -1"):
        load_encoder(made["folder"], made["about"], layer=layer)


def test_there_is_no_block_before_the_only_one(tmp_path, made):
    _, about = save_model(tmp_path / "one", made["identity"], layers=1)
    assert len(load_encoder(tmp_path / "one", about, layer=0).bert.encoder.layer) == 1
    with pytest.raises(StudyError, match="layer: -1 is not"):
        load_encoder(tmp_path / "one", about, layer=-1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "t5"}, "is a model of type 't5', Geneformer's are 'bert'"),
        ({"model_type": None}, "is a model of type None"),
        ({"vocab_size": 25426}, "the model has 25426 tokens, the dictionary of Geneformer V. 15"),
        ({"vocab_size": None}, "does not say how large the model is: vocab_size"),
        ({"hidden_size": "16"}, "does not say how large the model is: hidden_size"),
        ({"pad_token_id": 3}, "the model pads with token 3, the dictionary with 0"),
        (
            {"max_position_embeddings": 5000},
            "the model reads 5000 tokens, Geneformer V. (2048|4096); .* another version",
        ),
        ({"max_position_embeddings": 0}, "the model reads 0 tokens"),
    ],
)
def test_a_model_that_does_not_fit_the_vocabulary_is_refused(copy, changes, message):
    change_config(copy["folder"], **changes)
    with pytest.raises(StudyError, match=f"config.json: {message}"):
        load_encoder(copy["folder"], copy["about"], layer=-1)
    with pytest.raises(StudyError, match=message):
        describe(copy["folder"], copy["identity"])


@pytest.mark.parametrize(
    ("content", "message"), [("{", "is not JSON"), ("[1]", "holds a list, expected the configuration")]
)
def test_a_broken_configuration_is_refused(copy, content, message):
    (copy["folder"] / "config.json").write_text(content)
    with pytest.raises(StudyError, match=f"config.json: {message}"):
        load_encoder(copy["folder"], copy["about"], layer=0)


def test_a_model_with_4096_positions_is_not_of_v1():
    config = {"model_type": "bert", "vocab_size": 7, "num_hidden_layers": 2, "hidden_size": 8}
    config["max_position_embeddings"] = 4096
    require_vocabulary(config, {"version": "V2", "size": 7}, "model")
    with pytest.raises(StudyError, match="model: the model reads 4096 tokens, Geneformer V1 2048"):
        require_vocabulary(config, {"version": "V1", "size": 7}, "model")


def test_missing_tensors_are_named(copy):
    def remove(tensors):
        for name in [name for name in tensors if ".layer.1.attention.self.query" in name]:
            del tensors[name]

    change_tensors(copy["folder"], remove)
    message = "model.safetensors: lacks 2 tensors of the model, such as encoder.layer.1.attention.self.query.weight"
    with pytest.raises(StudyError, match=message):
        load_encoder(copy["folder"], copy["about"], layer=-1)


def test_tensors_of_another_shape_are_refused(copy):
    change_config(copy["folder"], max_position_embeddings=32)
    with pytest.raises(
        StudyError, match=r"position_embeddings.weight has the shape \(64, 16\), config.json says \(32, 16\)"
    ):
        load_encoder(copy["folder"], copy["about"], layer=-1)


@pytest.mark.parametrize("how", ["truncated", "garbage", "empty", "pickle", "missing"])
def test_weights_that_are_not_safetensors_are_refused(copy, tmp_path, how):
    path, trace = copy["folder"] / "model.safetensors", tmp_path / "trace"

    class Touch:
        def __reduce__(self):
            return os.system, (f"touch {trace}",)

    contents = {
        "truncated": path.read_bytes()[:-1000],
        "garbage": bytes(range(256)) * 50,
        "empty": b"",
        "pickle": pickle.dumps(Touch()),
    }
    path.write_bytes(contents[how]) if how in contents else path.unlink()
    with pytest.raises(StudyError, match="model.safetensors: is not a readable safetensors file"):
        load_encoder(copy["folder"], copy["about"], layer=-1)
    assert not trace.exists()


def test_weights_saved_by_torch_are_refused(copy):
    torch.save({"bert.weight": torch.zeros(3)}, copy["folder"] / "model.safetensors")
    with pytest.raises(StudyError, match="is not a readable safetensors file"):
        load_encoder(copy["folder"], copy["about"], layer=0)


def test_tokens_of_another_vocabulary_are_refused(made):
    require_same_vocabulary(made["about"], made["about"], "tokens")
    for key in ("version", "size", "tokens_sha256", "medians_sha256"):
        with pytest.raises(
            StudyError, match=f"tokens: the tokens are of version .*{key}: other.*tokenise the cells with"
        ):
            require_same_vocabulary({**made["about"], key: "other"}, made["about"], "tokens")


def known(folder, **changes):
    files = {"config": folder / "config.json", "weights": folder / "model.safetensors"}
    of = {role: {"sha256": sha256(path), "bytes": path.stat().st_size} for role, path in files.items()}
    return {role: {**what, **changes.get(role, {})} for role, what in of.items()}


def check(made, files, output, folder=None):
    folder = folder or made["folder"]
    paths = {"config": str(folder / "config.json"), "weights": str(folder / "model.safetensors")}
    check_model(
        paths, made["paths"]["identity"], known=files, module="rankstudy.spaces.models.geneformer.embedding",
        title="Geneformer tiny", revision="f" * 40, how=HOW, output=str(output),
    )  # fmt: skip


def test_a_published_model_is_described(made, tmp_path):
    check(made, known(made["folder"]), tmp_path / "about.json")
    about = json.loads((tmp_path / "about.json").read_text())
    assert about["title"] == "Geneformer tiny" and about["revision"] == "f" * 40 and about["kind"] == "published"
    assert about["weights_sha256"] == sha256(made["folder"] / "model.safetensors") and about["hidden"] == 16


@pytest.mark.parametrize("role", ["config", "weights"])
@pytest.mark.parametrize(("change", "message"), [({"sha256": "0" * 64}, "sha256"), ({"bytes": 7}, "7 bytes|bytes")])
def test_published_files_of_another_size_or_hash_are_refused(made, tmp_path, role, change, message):
    with pytest.raises(StudyError, match=f"^{role}: .*({message})"):
        check(made, known(made["folder"], **{role: change}), tmp_path / "about.json")
    assert not (tmp_path / "about.json").exists()


def test_a_published_model_without_all_of_its_tensors_is_refused(copy, tmp_path):
    change_tensors(copy["folder"], lambda tensors: tensors.pop("bert.embeddings.word_embeddings.weight"))
    with pytest.raises(StudyError, match="lacks 1 tensors of the model, such as embeddings.word_embeddings.weight"):
        check(copy, known(copy["folder"]), tmp_path / "about.json")
