"""Embeddings: what a model makes of each cell, in the order of the cells, whatever order the batches had."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.progress import Progress
from rankstudy.core.seeds import generator
from rankstudy.pairs.space import SpaceData
from rankstudy.pairs.space_files import write_part
from rankstudy.spaces.models.geneformer.batching import batches, padded
from rankstudy.spaces.models.geneformer.checkpoint import Encoder, load_encoder, require_same_vocabulary
from rankstudy.spaces.models.geneformer.token_files import TokenisedCells, fitted, read_tokens, require_form
from rankstudy.spaces.models.geneformer.vocabulary import VERSIONS
from rankstudy.spaces.tables import ANALYSED_CELLS

log = logging.getLogger(__name__)

Pooling = Literal["cell", "cls"]
_REPRODUCED = 3
# largest difference, relative to the largest value, between a cell in a batch and alone: float32, and bfloat16
_AGREEMENT = {"cpu": 1e-4, "cuda": 1e-2}


def embed_shards(
    tokens_in: str,
    cells_in: str,
    folder: str,
    about_in: str,
    *,
    slugs: Sequence[str],
    space: str,
    metric: str,
    pooling: Pooling,
    layer: int,
    device: str,
    tokens_per_batch: int,
    threads: int,
    seed: int,
    output: str,
) -> None:
    """Embed the analysed cells of some cell types and write them as a part of a space.

    Parameters
    ----------
    tokens_in, cells_in
        Tokens and the table `analysed_cells` of the replicate.
    folder, about_in
        The checkpoint and what it is.
    slugs
        The cell types, by the names of their files.
    space, metric
        Name and metric of the space.
    pooling
        `cell`: mean over the gene tokens; `cls`: the token `<cls>` (V2 only).
    layer
        -1: output of the second-to-last block, 0: of the last one.
    device
        `cpu` (float32) or `cuda` (bfloat16 where that is safe).
    tokens_per_batch
        Tokens of a batch, padding included.
    threads
        CPU threads; a number of its own, since another one can change the last bits.
    seed
        The replicate's seed, recorded in the file.
    output
        h5ad, readable by `read_space`.

    Raises
    ------
    StudyError
        If tokens and model do not belong together, or a cell embedded again alone has another vector.
    """
    torch.set_num_threads(threads)
    about = json.loads(Path(about_in).read_text(encoding="utf-8"))
    analysed = ANALYSED_CELLS.read(cells_in)
    wanted = analysed[analysed["used"] & analysed["slug"].isin(slugs)]
    cells = read_tokens(tokens_in, slugs).by_id(wanted["cell_id"], f"{tokens_in}: cells of space {space}")
    require_same_vocabulary(cells.about, about, tokens_in)
    encoder = load_encoder(folder, about, layer=layer)
    vectors = embed(cells, encoder, pooling=pooling, device=device, tokens_per_batch=tokens_per_batch)
    require_reproduced(vectors, cells, encoder, pooling=pooling, device=device, seed=seed)
    names = [f"hidden-{i + 1}" for i in range(vectors.shape[1])]
    frame = cells.cells[["cell_id", "cell_type", "slug", "batch"]]
    made = {**about, "pooling": pooling, "layer": layer}
    write_part(SpaceData(space, metric, vectors, frame), output, dimensions=names, seed=seed, made=made)


def embed(
    cells: TokenisedCells,
    encoder: Encoder,
    *,
    pooling: Pooling = "cell",
    device: str = "cpu",
    tokens_per_batch: int = 16_384,
) -> np.ndarray:
    """Return the embedding of each cell, row i for cell i.

    Parameters
    ----------
    cells
        Tokens; each cell must have some. They are cut to the model's longest input.
    encoder
        The model as far as the wanted layer.
    pooling, device, tokens_per_batch
        See `embed_shards`.

    Returns
    -------
    Cells x hidden size, float32.

    Raises
    ------
    StudyError
        If the tokens are not those of the model, a cell has none, or the pooling needs a token that is not there.
    """
    _require_poolable(cells, encoder, pooling)
    cells = fitted(cells, encoder.max_length)
    vectors = np.empty((len(cells.cells), encoder.bert.config.hidden_size), np.float32)
    with Progress(total=len(vectors), unit="cells") as progress:
        for rows in batches(cells.lengths, tokens_per_batch):
            vectors[rows] = _embed_batch(cells, rows, encoder, pooling, device)
            progress.update(len(rows))
    if not np.isfinite(vectors).all():
        raise StudyError(f"{encoder.about['title']}: gave embeddings that are not finite")
    return vectors


def _embed_batch(
    cells: TokenisedCells, rows: np.ndarray, encoder: Encoder, pooling: Pooling, device: str
) -> np.ndarray:
    """Return the embeddings of some cells, padded to the longest of them."""
    frames = VERSIONS[cells.about["version"]].frames
    with torch.inference_mode(), _precision(device):
        tokens, mask = (part.to(device) for part in padded(cells, rows))
        # without padding the mask does nothing, and without a mask attention is faster
        bert = encoder.bert.to(device)
        hidden = bert(tokens, attention_mask=None if bool(mask.all()) else mask).last_hidden_state.float()
        return _pool(hidden, mask, pooling, frames).cpu().numpy()


def require_reproduced(
    vectors: np.ndarray,
    cells: TokenisedCells,
    encoder: Encoder,
    *,
    pooling: Pooling,
    device: str,
    seed: int,
) -> None:
    """Embed a few cells again, each alone, and raise StudyError unless they have the vectors that stand in their rows.

    The sorting into batches and back is the step in which embeddings can come to stand beside the wrong cells, and no
    later step could tell.

    Parameters
    ----------
    vectors
        Cells x hidden size, row i for cell i.
    cells, encoder, pooling, device
        What they were made of, as for `embed`.
    seed
        Seed of the choice of cells.
    """
    cells = fitted(cells, encoder.max_length)
    ids = cells.cells["cell_id"].tolist()
    chosen = generator(seed, "reproduced", *ids[:1]).choice(len(ids), min(_REPRODUCED, len(ids)), replace=False)
    for row in chosen:
        alone = _embed_batch(cells, np.array([row]), encoder, pooling, device)[0]
        apart = np.abs(alone - vectors[row]).max() / np.abs(alone).max()
        if not apart <= _AGREEMENT[device]:
            raise StudyError(
                f"{encoder.about['title']}: {ids[row]}, embedded again alone, differs from the vector in its row by "
                f"{apart:.2g} of its size (at most {_AGREEMENT[device]:g} is rounding): the embeddings do not stand in "
                "the order of the "
                "cells; this is a fault of the program, and nothing was written"
            )


def _require_poolable(cells: TokenisedCells, encoder: Encoder, pooling: str) -> None:
    require_same_vocabulary(cells.about, encoder.about, "embedding")
    require_form(cells, "embedding")
    if (cells.lengths == 0).any():
        problem = f"embedding: {int((cells.lengths == 0).sum())} cells have no token"
        raise StudyError(advise(problem, "leave them out first"))
    if pooling == "cls" and not VERSIONS[cells.about["version"]].frames:
        version = cells.about["version"]
        problem = f"geneformer.pooling: 'cls' needs the token <cls>, which Geneformer {version} does not have"
        raise StudyError(advise(problem, "set `geneformer: {pooling: cell}`"))


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
        problem = f"geneformer.device: {device!r} was asked for, and {found}"
        raise StudyError(advise(problem, "set `geneformer: {device: cpu}`"))
    return torch.autocast("cuda", dtype=torch.bfloat16)
