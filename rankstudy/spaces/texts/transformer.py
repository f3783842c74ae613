"""Text models in the layout of sentence-transformers: a transformer, the mean over word pieces or the first one, L2."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel
from transformers.modeling_utils import PreTrainedModel

from rankstudy.core.errors import StudyError, advise

# what may follow the transformer, by the last part of its type in `modules.json`
_MODULES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
_POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}


@dataclass(frozen=True)
class TextTransformer:
    """A transformer, its tokenizer (of whole texts, and of what the window holds of one), and how pieces are pooled."""

    model: PreTrainedModel
    tokenizer: Tokenizer
    of_window: Tokenizer
    window: int
    pooling: str
    normalised: bool


def load(files: Mapping[str, str], how: Mapping[str, Any]) -> TextTransformer:
    """Load a text model from its files, without a network.

    Parameters
    ----------
    files
        By what they are: `config`, `weights`, `tokenizer`, `modules`, `pooling`, `window`.
    how
        `threads`.

    Raises
    ------
    StudyError
        If the files do more with the word pieces than is known here, or weights are missing.
    """
    torch.set_num_threads(how["threads"])
    config = AutoConfig.for_model(**_json(files["config"]))
    model = AutoModel.from_config(config, attn_implementation="sdpa")
    _take_weights(model, files["weights"])
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in _json(files["modules"])]
    if kinds not in _MODULES:
        problem = f"{files['modules']}: its modules are {', '.join(kinds)}"
        raise StudyError(advise(problem, "take one of a transformer, a pooling and at most a normalisation"))
    pooled = [name for key, name in _POOLINGS.items() if _json(files["pooling"]).get(key)]
    if len(pooled) != 1:
        problem = f"{files['pooling']}: pools in {len(pooled)} of the ways {', '.join(_POOLINGS)}"
        raise StudyError(advise(problem, "take a model that pools in one of them"))
    window = int(_json(files["window"])["max_seq_length"])
    whole, of_window = (Tokenizer.from_file(files["tokenizer"]) for _ in range(2))
    for tokenizer in (whole, of_window):
        tokenizer.no_padding()
    whole.no_truncation()
    of_window.enable_truncation(window)
    return TextTransformer(model.eval(), whole, of_window, window, pooled[0], kinds[-1] == "Normalize")


def _json(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _take_weights(model: PreTrainedModel, path: str) -> None:
    """Put the tensors of a file into a model; others than its own may lie in the file, none of its own may lack."""
    wanted, found = model.state_dict(), load_file(path)
    prefix = next((p for p in ("", f"{model.base_model_prefix}.") if f"{p}{next(iter(wanted))}" in found), "")
    named = {name: found[f"{prefix}{name}"].float() for name in wanted if f"{prefix}{name}" in found}
    # a pooler is of no use here, and some files have none
    lacking = [name for name in wanted if name not in named and not name.startswith("pooler.")]
    if lacking:
        raise StudyError(f"{path}: lacks {len(lacking)} tensors of the model, such as {lacking[0]}")
    model.load_state_dict(named, strict=False)


def room(model: TextTransformer) -> int:
    """Return how many word pieces of a text are read: the window without the pieces that frame it."""
    return model.window - model.tokenizer.num_special_tokens_to_add(is_pair=False)


def lengths(texts: Sequence[str], model: TextTransformer) -> np.ndarray:
    """Return the number of word pieces of each text, without those that frame it."""
    encoded = model.tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return np.array([len(one.ids) for one in encoded], np.int64)


def embed(texts: Sequence[str], model: TextTransformer) -> np.ndarray:
    """Return the vector of each text: texts x dimensions, float32; what is beyond the window is not read.

    One text at a time: a vector then depends on nothing but its text, to the last bit, and without padding long lists
    lose nothing by it.
    """
    vectors = np.empty((len(texts), model.model.config.hidden_size), np.float32)
    for row, text in enumerate(texts):
        vectors[row] = _embedded(text, model)
    return vectors


def _embedded(text: str, model: TextTransformer) -> np.ndarray:
    pieces = model.of_window.encode(text)
    with torch.inference_mode():
        hidden = model.model(input_ids=torch.tensor([pieces.ids])).last_hidden_state[0]
        pooled = hidden[0] if model.pooling == "cls" else hidden.mean(0)
        return (torch.nn.functional.normalize(pooled, dim=0) if model.normalised else pooled).numpy()
