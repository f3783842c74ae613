"""Training the architecture in small: masked genes are predicted from the other genes of a cell and their order.

Masked-language modelling as for Geneformer and BERT (Devlin et al. 2019): of the genes of a cell 15 %, and at least
one, are to be predicted; 80 % of these are replaced by `<mask>`, 10 % by a gene drawn at random, 10 % left. The model
that comes out is the architecture of Geneformer, trained on few cells for minutes; it is not Geneformer.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertForMaskedLM

from rankstudy.core.errors import StudyError
from rankstudy.core.progress import Progress
from rankstudy.spaces.models.geneformer.batching import batches, padded
from rankstudy.spaces.models.geneformer.checkpoint import describe_checkpoint
from rankstudy.spaces.models.geneformer.losses import MASKED, SHOWN_AS_MASK, SHOWN_AS_RANDOM
from rankstudy.spaces.models.geneformer.tables import TRAINING_CELLS, TRAINING_LOSS, VALIDATION
from rankstudy.spaces.tokens.geneformer.frames import require_form
from rankstudy.spaces.tokens.geneformer.versions import MASK, PAD, VERSIONS
from rankstudy.spaces.tokens.token_files import TokenisedCells, read_tokens, require_same_vocabulary

log = logging.getLogger(__name__)

_EVALUATIONS = 12


@dataclass(frozen=True)
class Architecture:
    """Size of a model of Geneformer's architecture."""

    layers: int
    hidden: int
    heads: int
    feed_forward: int
    max_length: int

    def config(self, vocabulary_size: int) -> BertConfig:
        """Return the configuration: that of the published V1 model but for its size."""
        return BertConfig(
            vocab_size=vocabulary_size,
            num_hidden_layers=self.layers,
            hidden_size=self.hidden,
            num_attention_heads=self.heads,
            intermediate_size=self.feed_forward,
            max_position_embeddings=self.max_length,
            hidden_act="relu",
            hidden_dropout_prob=0.02,
            attention_probs_dropout_prob=0.02,
            initializer_range=0.02,
            layer_norm_eps=1e-12,
            type_vocab_size=2,
            pad_token_id=PAD,
        )


def initialise_model(
    identity_in: str, *, architecture: Mapping[str, int], seed: int, title: str, folder: str, about_out: str
) -> None:
    """Write the untrained model: the weights that training starts from.

    Parameters
    ----------
    identity_in
        Identity of the vocabulary.
    architecture
        Arguments of `Architecture`.
    seed
        Seed of the weights.
    title
        What it is called in figures and text.
    folder, about_out
        Where `config.json` and `model.safetensors`, and what the model is, go.
    """
    identity = json.loads(Path(identity_in).read_text(encoding="utf-8"))
    _save(_new_model(identity, architecture, seed), folder)
    describe_checkpoint(
        Path(folder) / "config.json", identity, output=about_out, title=title, kind="untrained", seed=seed, cells=0
    )


def train_model(
    tokens_in: Sequence[str],
    cells_in: str,
    identity_in: str,
    *,
    architecture: Mapping[str, int],
    epochs: int,
    cells_per_batch: int,
    learning_rate: float,
    threads: int,
    seed: int,
    title: str,
    folder: str,
    about_out: str,
    loss_out: str,
) -> None:
    """Train a small model by masked-language modelling, the same way each time.

    Parameters
    ----------
    tokens_in, cells_in
        Tokens of the training cells, one file per data set, and the table `training_cells`.
    identity_in
        Identity of the vocabulary.
    architecture
        Arguments of `Architecture`.
    epochs, cells_per_batch, learning_rate
        Passes over the cells; cells of a step; the highest rate, which is reached after a twentieth of the steps and
        then falls linearly to zero (AdamW).
    threads
        CPU threads; a number of its own, since another one changes the last bits, and they grow.
    seed
        Seed of weights, order, masks and dropout.
    title
        What it is called in figures and text; `{cells}` becomes the number of training cells.
    folder, about_out, loss_out
        Where the checkpoint, what it is, and the table `training_loss` go.
    """
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    identity = json.loads(Path(identity_in).read_text(encoding="utf-8"))
    table = TRAINING_CELLS.read(cells_in)
    training, validation = _corpus(tokens_in, table, identity)
    model = _new_model(identity, architecture, seed)
    corpus = _Corpus(training, validation, identity, seed)
    _begin_with_frequencies(model, corpus)
    curve = _fit(model, corpus, epochs, cells_per_batch, learning_rate, seed)
    _save(model, folder)
    TRAINING_LOSS.write(curve, loss_out)
    trained_on = table[table["cell_id"].isin(training.cells["cell_id"])]
    describe_checkpoint(
        Path(folder) / "config.json",
        identity,
        output=about_out,
        title=title.format(cells=f"{len(trained_on):,}"),
        kind="trained",
        seed=seed,
        cells=len(trained_on),
        evaluated_cells=int(trained_on["evaluated"].sum()),
        cells_by_dataset=trained_on["dataset"].value_counts(sort=False).to_dict(),
    )


def _corpus(
    paths: Sequence[str], table: pd.DataFrame, identity: Mapping[str, Any]
) -> tuple[TokenisedCells, TokenisedCells]:
    """Return the cells to train on and those to measure the loss on; cells without a gene to predict are left out."""
    files = [read_tokens(path) for path in paths]
    for file, path in zip(files, paths, strict=True):
        require_same_vocabulary(file.about, identity, path)
        require_form(file, path)
    cells = pd.concat([file.cells for file in files], ignore_index=True)
    tokens = np.concatenate([file.tokens for file in files])
    offsets = np.concatenate([[0], np.cumsum(np.concatenate([file.lengths for file in files]))])
    joined = TokenisedCells(cells, tokens, offsets, files[0].about)
    frames = VERSIONS[joined.about["version"]].frames
    readable = set(cells.loc[joined.lengths > 2 * frames + 1, "cell_id"])
    held_out = table["role"] == VALIDATION
    usable = table["cell_id"].isin(readable)
    parts = [joined.by_id(table.loc[usable & chosen, "cell_id"], "training cells") for chosen in (~held_out, held_out)]
    if not all(len(part.cells) for part in parts):
        raise StudyError("training: no cell to train on, or to measure the loss on, has a Geneformer token")
    return parts[0], parts[1]


def _new_model(identity: Mapping[str, Any], architecture: Mapping[str, int], seed: int) -> BertForMaskedLM:
    torch.manual_seed(seed)
    return BertForMaskedLM(Architecture(**architecture).config(identity["size"]))


def _begin_with_frequencies(model: BertForMaskedLM, corpus: _Corpus) -> None:
    """Let the head's bias be the logarithm of the genes' frequencies.

    Training then starts where predicting by frequency ends, and its few steps go into what a cell's other genes say.
    Special tokens, which are never to be predicted, are as rare as the rarest gene. The embedding does not depend on
    the head.
    """
    with torch.no_grad():
        model.cls.predictions.bias[:] = float(corpus.log_frequencies.min())
        model.cls.predictions.bias[corpus.specials :] = torch.from_numpy(corpus.log_frequencies).float()


def _save(model: BertForMaskedLM, folder: str) -> None:
    model.save_pretrained(folder, safe_serialization=True)


class _Corpus:
    """Batches of masked cells, and the loss that the frequency of genes gives."""

    def __init__(
        self, training: TokenisedCells, validation: TokenisedCells, identity: Mapping[str, Any], seed: int
    ) -> None:
        self.training, self.validation = training, validation
        self.specials = len(VERSIONS[identity["version"]].specials)
        self.size = int(identity["size"])
        self.random = torch.Generator().manual_seed(seed)
        fixed = torch.Generator().manual_seed(seed + 1)
        largest = 64 * int(training.lengths.max())
        self.held_out = [self._masked(validation, rows, fixed) for rows in batches(validation.lengths, largest)]
        seen = np.bincount(training.tokens, minlength=self.size)[self.specials :] + 1.0
        self.log_frequencies = np.log(seen / seen.sum())
        self.unigram_loss = self._unigram_loss()

    def epoch(self, cells_per_batch: int) -> list[np.ndarray]:
        """Return the rows of each batch of a pass over the cells, in random order."""
        order = torch.randperm(len(self.training.cells), generator=self.random).numpy()
        return [order[k : k + cells_per_batch] for k in range(0, len(order), cells_per_batch)]

    def batch(self, rows: np.ndarray) -> tuple[torch.Tensor, ...]:
        """Return tokens with some masked, which are not padding, which are to be predicted, and what they were."""
        return self._masked(self.training, rows, self.random)

    def _masked(self, cells: TokenisedCells, rows: np.ndarray, random: torch.Generator) -> tuple[torch.Tensor, ...]:
        tokens, present = padded(cells, rows)
        genes = tokens >= self.specials
        draw = torch.rand(tokens.shape, generator=random).masked_fill(~genes, 2.0)
        # at least one gene of each cell: the loss of a batch without any would not be a number
        chosen = genes & (draw <= draw.amin(1, keepdim=True).clamp(min=MASKED))
        how = torch.rand(tokens.shape, generator=random)
        other = torch.randint(self.specials, self.size, tokens.shape, generator=random)
        shown = torch.where(chosen & (how < SHOWN_AS_MASK), MASK, tokens)
        shown = torch.where(chosen & (how >= 1 - SHOWN_AS_RANDOM), other, shown)
        return shown, present, chosen, tokens[chosen]

    def _unigram_loss(self) -> float:
        """Return the loss of predicting each masked gene by its frequency (one added to each count)."""
        targets = torch.cat([batch[3] for batch in self.held_out]).numpy()
        return float(-self.log_frequencies[targets - self.specials].mean())


def _fit(
    model: BertForMaskedLM, corpus: _Corpus, epochs: int, cells_per_batch: int, learning_rate: float, seed: int
) -> pd.DataFrame:
    """Train the model and return the rows of `training_loss`."""
    torch.manual_seed(seed + 2)  # dropout
    schedule = [rows for _ in range(epochs) for rows in corpus.epoch(cells_per_batch)]
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.001, fused=True)
    warm_up = max(len(schedule) // 20, 1)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm_up, (len(schedule) - step) / max(len(schedule) - warm_up, 1))
    )
    progress = Progress(total=sum(map(len, schedule)), unit="cells")
    evaluated = set(np.linspace(0, len(schedule), _EVALUATIONS + 1).round().astype(int)[1:])
    curve, losses, seen = [_row(0, 0, [], model, corpus)], [], 0
    for step, rows in enumerate(schedule, start=1):
        model.train()
        loss = masked_loss(model, *corpus.batch(rows))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        rate.step()
        losses.append(loss.item())
        seen += len(rows)
        progress.update(len(rows))
        if step in evaluated:
            curve.append(_row(step, seen, losses, model, corpus))
            losses = []
    progress.close()
    return pd.DataFrame(curve)


def _row(step: int, seen: int, losses: list[float], model: BertForMaskedLM, corpus: _Corpus) -> dict[str, Any]:
    model.eval()
    with torch.inference_mode():
        sums = [(masked_loss(model, *batch).item() * len(batch[3]), len(batch[3])) for batch in corpus.held_out]
    validation = sum(total for total, _ in sums) / sum(n for _, n in sums)
    log.info("step %d: validation loss %.3f, unigram %.3f", step, validation, corpus.unigram_loss)
    return {
        "step": step,
        "n_cells": seen,
        "training_loss": float(np.mean(losses)) if losses else None,
        "validation_loss": validation,
        "unigram_loss": corpus.unigram_loss,
    }


def masked_loss(
    model: BertForMaskedLM,
    shown: torch.Tensor,
    present: torch.Tensor,
    chosen: torch.Tensor,
    targets: torch.Tensor,
) -> torch.Tensor:
    """Return the mean cross-entropy of the masked genes, in nats; the head is applied to these alone."""
    hidden = model.bert(shown, attention_mask=None if bool(present.all()) else present).last_hidden_state
    return cross_entropy(model.cls(hidden[chosen]), targets)
