"""Checkpoints: a folder with `config.json` and `model.safetensors`, checked before any cell is embedded."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open
from transformers import BertConfig, BertModel

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.files import write_json
from rankstudy.spaces.tokens.geneformer.versions import PAD, VERSIONS

log = logging.getLogger(__name__)

Pooling = Literal["cell", "cls"]
IDENTITY = ("version", "size", "tokens_sha256", "medians_sha256")
_PREFIX = "bert."
_SIZES = ("num_hidden_layers", "hidden_size", "max_position_embeddings", "vocab_size")


@dataclass(frozen=True)
class Encoder:
    """The blocks of a model up to the layer whose output is wanted; no head, no block behind it.

    Attributes
    ----------
    bert
        The model, in evaluation mode; its last hidden state is the output of the layer.
    about
        What the checkpoint is: see `describe_checkpoint`.
    layer
        0 for the last block, -1 for the one before it (the authors' convention).
    pooling, device, tokens_per_batch
        How cells are embedded; see `rankstudy.spaces.models.geneformer.embedding.load`.
    """

    bert: BertModel
    about: dict[str, Any]
    layer: int
    pooling: Pooling = "cell"
    device: str = "cpu"
    tokens_per_batch: int = 16_384

    @property
    def max_length(self) -> int:
        """Longest input, special tokens included."""
        return self.bert.config.max_position_embeddings


def describe_checkpoint(
    config_in: str | os.PathLike, identity: Mapping[str, Any], *, output: str, **about: Any
) -> None:
    """Check that a model's configuration and a vocabulary belong together, and write what the checkpoint is.

    Parameters
    ----------
    config_in
        `config.json` of the model.
    identity
        The vocabulary's identity.
    output
        JSON: `about`, with the vocabulary's identity and the model's size (`layers`, `hidden`, `max_length`).
    about
        `title`, `kind` (`published`, `trained`, `untrained`) and whatever else is to be known.
    """
    described = describe({"config": str(config_in)}, identity)
    write_json({**about, **{key: identity[key] for key in IDENTITY}, **described}, output)


def describe(files: Mapping[str, str], identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return the size of a model, after checking that its configuration and a vocabulary belong together.

    Parameters
    ----------
    files
        `config`: its `config.json`.
    identity
        The vocabulary's identity.

    Returns
    -------
    `layers`, `hidden`, `max_length`.
    """
    config = _read_config(files["config"])
    require_vocabulary(config, identity, files["config"])
    return {
        "layers": config["num_hidden_layers"],
        "hidden": config["hidden_size"],
        "max_length": config["max_position_embeddings"],
    }


def _read_config(path: str | os.PathLike) -> dict[str, Any]:
    try:
        config = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise StudyError(f"{path}: is not JSON: {error}") from None
    if not isinstance(config, dict):
        raise StudyError(f"{path}: holds a {type(config).__name__}, expected the configuration of a model")
    return config


def require_vocabulary(config: Mapping[str, Any], identity: Mapping[str, Any], what: str) -> None:
    """Raise StudyError unless a model's configuration fits a vocabulary.

    Raises
    ------
    StudyError
        If it is not a BERT model, has another number of tokens, or a longest input that its version does not have.
    """
    version = VERSIONS[str(identity["version"])]
    if config.get("model_type") != "bert":
        raise StudyError(f"{what}: is a model of type {config.get('model_type')!r}, Geneformer's are 'bert'")
    unknown = [key for key in _SIZES if not isinstance(config.get(key), int)]
    if unknown:
        raise StudyError(f"{what}: does not say how large the model is: {listing(unknown)} must be whole numbers")
    if config["vocab_size"] != identity["size"]:
        sizes = (
            f"the model has {config['vocab_size']} tokens, the dictionary of Geneformer {version.name} "
            f"{identity['size']}"
        )
        way = "give the dictionaries of the model's version (V1: 25,426 tokens, V2: 20,275)"
        raise StudyError(advise(f"{what}: {sizes}", way))
    if config.get("pad_token_id", PAD) != PAD:
        raise StudyError(f"{what}: the model pads with token {config['pad_token_id']}, the dictionary with {PAD}")
    if not 0 < config["max_position_embeddings"] <= version.max_length:
        raise StudyError(
            f"{what}: the model reads {config['max_position_embeddings']} tokens, Geneformer {version.name} "
            f"{version.max_length}; the model is of another version than the dictionaries"
        )


def load_encoder(folder: str | os.PathLike, about: Mapping[str, Any], *, layer: int) -> Encoder:
    """Load a checkpoint as far as one layer.

    Parameters
    ----------
    folder
        Holds `config.json` and `model.safetensors`; no other format of weights is opened.
    about
        What `describe_checkpoint` wrote.
    layer
        0: last block; -1: the one before it.

    Raises
    ------
    StudyError
        If the files are not a model as described, or tensors are missing or of another shape.
    """
    config_file, weights_file = Path(folder) / "config.json", Path(folder) / "model.safetensors"
    raw = _read_config(config_file)
    require_vocabulary(raw, about, str(config_file))
    blocks = raw["num_hidden_layers"] + layer
    if layer not in (0, -1) or blocks < 1:
        raise StudyError(f"layer: {layer} is not 0 (last block) or -1 (the one before it) of {config_file}")
    config = BertConfig(**{**raw, "num_hidden_layers": blocks})
    config._attn_implementation = "sdpa"
    bert = BertModel(config, add_pooling_layer=False)
    bert.load_state_dict(_tensors(weights_file, bert.state_dict()))
    log.info("%s: %d of %d blocks, %d dimensions", about["title"], blocks, raw["num_hidden_layers"], config.hidden_size)
    return Encoder(bert.eval(), dict(about), layer)


def _tensors(path: Path, wanted: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the tensors of a model by name, read from a file that may hold more of them."""
    try:
        with safe_open(path, framework="pt") as file:
            names = set(file.keys())
            missing = [name for name in wanted if _PREFIX + name not in names]
            if missing:
                raise StudyError(f"{path}: lacks {len(missing)} tensors of the model, such as {listing(missing, 3)}")
            tensors = {name: file.get_tensor(_PREFIX + name).float() for name in wanted}
    except (SafetensorError, OSError) as error:
        raise StudyError(f"{path}: is not a readable safetensors file: {error}") from None
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name].shape:
            raise StudyError(
                f"{path}: {name} has the shape {tuple(tensor.shape)}, config.json says {tuple(wanted[name].shape)}"
            )
    return tensors
