"""The embedding of cells by a model of Geneformer's architecture, in their order, whatever order the batches had."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.progress import Progress
from rankstudy.spaces.models.geneformer.batching import batches, padded
from rankstudy.spaces.models.geneformer.checkpoint import Encoder, describe, load_encoder
from rankstudy.spaces.tokens.geneformer.frames import fitted, require_form
from rankstudy.spaces.tokens.geneformer.versions import VERSIONS
from rankstudy.spaces.tokens.token_files import TokenisedCells

__all__ = ["describe", "embed", "load"]


def load(files: Mapping[str, str], about: Mapping[str, Any], how: Mapping[str, Any]) -> Encoder:
    """Return a model as far as the layer whose output is wanted.

    Parameters
    ----------
    files
        `config` and `weights`, in one folder.
    about
        What `describe_checkpoint` wrote.
    how
        `layer` (-1: output of the second-to-last block, 0: of the last one), `pooling` (`cell`: mean over the gene
        tokens, `cls`: the token `<cls>`, V2 only), `device` (`cpu`: float32, `cuda`: bfloat16 where that is safe),
        `tokens_per_batch` (padding included), and `threads` (another number of them can change the last bits).
    """
    torch.set_num_threads(how["threads"])
    settings = {name: how[name] for name in ("pooling", "device", "tokens_per_batch")}
    return replace(load_encoder(Path(files["config"]).parent, about, layer=how["layer"]), **settings)


def embed(cells: TokenisedCells, encoder: Encoder) -> np.ndarray:
    """Return the embedding of each cell, row i for cell i.

    Parameters
    ----------
    cells
        Tokens; each cell must have some. They are cut to the model's longest input.
    encoder
        The model as far as the wanted layer.

    Returns
    -------
    Cells x hidden size, float32.

    Raises
    ------
    StudyError
        If the tokens are not of the model's form, or the pooling needs a token that is not there.
    """
    require_form(cells, "embedding")
    _require_poolable(cells, encoder)
    cells = fitted(cells, encoder.max_length)
    vectors = np.empty((len(cells.cells), encoder.bert.config.hidden_size), np.float32)
    with Progress(total=len(vectors), unit="cells") as progress:
        for rows in batches(cells.lengths, encoder.tokens_per_batch):
            vectors[rows] = _embed_batch(cells, rows, encoder)
            progress.update(len(rows))
    return vectors


def _embed_batch(cells: TokenisedCells, rows: np.ndarray, encoder: Encoder) -> np.ndarray:
    """Return the embeddings of some cells, padded to the longest of them."""
    frames = VERSIONS[cells.about["version"]].frames
    with torch.inference_mode(), _precision(encoder.device):
        tokens, mask = (part.to(encoder.device) for part in padded(cells, rows))
        # without padding the mask does nothing, and without a mask attention is faster
        bert = encoder.bert.to(encoder.device)
        hidden = bert(tokens, attention_mask=None if bool(mask.all()) else mask).last_hidden_state.float()
        return _pool(hidden, mask, encoder.pooling, frames).cpu().numpy()


def _require_poolable(cells: TokenisedCells, encoder: Encoder) -> None:
    version = cells.about["version"]
    if encoder.pooling == "cls" and not VERSIONS[version].frames:
        problem = f"pooling: 'cls' needs the token <cls>, which Geneformer {version} does not have"
        raise StudyError(advise(problem, "set `pooling: cell`"))


def _pool(hidden: torch.Tensor, mask: torch.Tensor, pooling: str, frames: bool) -> torch.Tensor:
    """Return one vector per cell: `<cls>`, or the mean over gene tokens (not padding, not `<cls>`, not `<eos>`)."""
    if pooling == "cls":
        return hidden[:, 0]
    genes = mask.to(hidden.dtype)
    if frames:
        genes = genes.clone()
        genes[torch.arange(len(genes)), mask.sum(1) - 1] = 0
        genes[:, 0] = 0
    return (hidden * genes[:, :, None]).sum(1) / genes.sum(1, keepdim=True)


def _precision(device: str) -> contextlib.AbstractContextManager:
    """Return float32 on the CPU, bfloat16 by autocast on CUDA."""
    if device == "cpu":
        return contextlib.nullcontext()
    if not torch.cuda.is_available():
        found = f"torch {torch.__version__} finds no CUDA device (docs/models.md, torch: its builds)"
        problem = f"device: {device!r} was asked for, and {found}"
        raise StudyError(advise(problem, "set `device: cpu`"))
    return torch.autocast("cuda", dtype=torch.bfloat16)
