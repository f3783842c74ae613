"""Batches of cells for a model; apart from the embedding, so that a change there trains no model anew."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from rankstudy.spaces.tokens.geneformer.versions import PAD
from rankstudy.spaces.tokens.token_files import TokenisedCells


def batches(lengths: np.ndarray, tokens_per_batch: int) -> Iterator[np.ndarray]:
    """Yield rows of cells of similar length, longest first, so that little is padded and the first is largest."""
    order = np.argsort(-lengths, kind="stable")
    begin = 0
    while begin < len(order):
        size = max(tokens_per_batch // max(int(lengths[order[begin]]), 1), 1)
        yield order[begin : begin + size]
        begin += size


def padded(cells: TokenisedCells, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Return tokens (cells x longest) and which of them are not padding."""
    lengths = cells.lengths[rows]
    tokens = np.full((len(rows), lengths.max()), PAD, np.int64)
    mask = np.arange(tokens.shape[1]) < lengths[:, None]
    tokens[mask] = np.concatenate([cells.of(row) for row in rows])
    return torch.from_numpy(tokens), torch.from_numpy(mask.astype(np.int64))
