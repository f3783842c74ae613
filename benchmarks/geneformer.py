"""Geneformer: speed of tokens and embeddings beside the authors' way, and what the small model learns, in one run.

`make bench-geneformer` runs the default study as far as its tokens, prints a table and writes
benchmarks/geneformer.json. The authors' way is written here anew from its description (one cell at a time with numpy;
the whole `BertForMaskedLM`, batches of 100 cells in input order, padded to the longest): their package is not
installed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

from rankstudy.run.job import limit_threads

limit_threads(2)

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from transformers import BertForMaskedLM

from rankstudy.config import load_study
from rankstudy.sources.readers import open_source
from rankstudy.spaces.models.geneformer.batching import padded
from rankstudy.spaces.models.geneformer.checkpoint import describe_checkpoint, load_encoder
from rankstudy.spaces.models.geneformer.embedding import embed
from rankstudy.spaces.models.geneformer.tables import TRAINING_LOSS
from rankstudy.spaces.models.geneformer.training import Architecture, train_model
from rankstudy.spaces.tokens.geneformer import tokenise
from rankstudy.spaces.tokens.tables import GENE_TOKENS
from rankstudy.spaces.tokens.token_files import TokenisedCells, read_tokens
from rankstudy.spaces.tokens.vocabulary import Vocabulary, read_vocabulary

HERE, ROOT = Path(__file__).resolve().parent, Path(__file__).resolve().parent.parent
CELLS_TO_TOKENISE = 9_685
REPEAT = 3  # of which the fastest counts
AUTHORS_TOKENISER = (
    468.0  # cells per second, measured once with the authors' own: 9,685 cells x 20,125 genes, one process
)
V1_10M = {"layers": 6, "hidden": 256, "heads": 4, "feed_forward": 512, "max_length": 2048}
LONGEST_FOR_AUTHORS = 1_000  # tokens: the vocabulary head takes 0.1 MB for each token of a batch of theirs
DATASET = "baron_pancreas"


def main() -> None:
    """Measure everything and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=200, help="cells to embed both ways")
    parser.add_argument("--output", type=Path, default=HERE / "geneformer.json")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    os.chdir(ROOT)
    plan = load_study(*_configuration())
    folder = plan.own_release.folder
    vocabulary = read_vocabulary(f"{folder}/vocabulary.parquet", f"{folder}/identity.json")
    results = {
        **measure_tokens(plan, vocabulary),
        **measure_embedding(plan, vocabulary.identity, arguments.cells),
        **measure_training(plan),
    }
    results["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    arguments.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for name, value in results.items():
        print(f"{name:32} {value:,.4g}")


def _configuration() -> tuple[dict, list[str], str]:
    import yaml

    file = "config/config.yaml"
    return yaml.safe_load(Path(file).read_text(encoding="utf-8")), [file], str(ROOT)


def measure_tokens(plan, vocabulary: Vocabulary) -> dict[str, float]:
    """Tokenise the real cells, repeated until there are as many as the authors' tokeniser was measured on."""
    dataset = plan.datasets[DATASET]
    part = dataset.parts["0"]
    source = open_source(part.path, part.read)
    gene_tokens = GENE_TOKENS.read(f"results/{DATASET}/gene_tokens/{plan.own_release.name}.parquet")
    places = vocabulary.places_of(source.gene_names, gene_tokens, DATASET)
    cells = source.read(np.arange(len(source.cell_names)))
    counts = sp.vstack([cells] * -(-CELLS_TO_TOKENISE // cells.shape[0]), format="csr")[:CELLS_TO_TOKENISE]
    tokenise(vocabulary.counts_of(counts[:100], places), vocabulary)
    seconds = []
    for _ in range(REPEAT):
        begin = time.perf_counter()
        tokens, offsets = tokenise(vocabulary.counts_of(counts, places), vocabulary)
        seconds.append(time.perf_counter() - begin)
    ours = counts.shape[0] / min(seconds)
    few = counts[:500]
    begin = time.perf_counter()
    reference = one_cell_at_a_time(few, gene_tokens, vocabulary)
    theirs = few.shape[0] / (time.perf_counter() - begin)
    for row, expected in enumerate(reference):
        assert sorted(tokens[offsets[row] : offsets[row + 1]]) == sorted(expected) or len(expected) == 2048
    return {
        "token_cells_per_second": ours,
        "token_ratio": ours / AUTHORS_TOKENISER,
        "token_ratio_numpy": ours / theirs,
    }


def one_cell_at_a_time(counts: sp.csr_matrix, gene_tokens: pd.DataFrame, vocabulary: Vocabulary) -> list[np.ndarray]:
    """Tokenise dense rows one by one, as the authors' loom path is described: normalise, mask zeros, argsort."""
    has = gene_tokens["token"].notna().to_numpy()
    tokens = gene_tokens["token"].to_numpy(float)[has].astype(int)
    medians = gene_tokens["median"].to_numpy(float)[has]
    found = []
    for begin in range(0, counts.shape[0], 512):
        rows = counts[begin : begin + 512].toarray()
        values = rows[:, has] / rows.sum(axis=1, keepdims=True) * 10_000 / medians
        for row in values:
            nonzero = np.nonzero(row)[0]
            found.append(tokens[nonzero][np.argsort(-row[nonzero])][:2048])
    return found


def measure_embedding(plan, identity: dict, n_cells: int) -> dict[str, float]:
    """Embed the same real cells with the same random weights of V1-10M's size, our way and the authors'."""
    cells = read_tokens(f"results/{DATASET}/0/tokens/{plan.own_release.name}.parquet")
    short = np.flatnonzero(cells.lengths <= LONGEST_FOR_AUTHORS)
    cells = cells.take(np.random.default_rng(0).permutation(short)[:n_cells])
    with tempfile.TemporaryDirectory() as folder:
        torch.manual_seed(0)
        whole = BertForMaskedLM(Architecture(**V1_10M).config(identity["size"])).eval()
        whole.save_pretrained(folder)
        about = Path(folder, "about.json")
        describe_checkpoint(
            Path(folder, "config.json"), identity, output=about, title="V1-10M, random", kind="untrained"
        )
        encoder = load_encoder(folder, json.loads(about.read_text(encoding="utf-8")), layer=-1)
    embed(cells.take(np.arange(4)), encoder)
    begin = time.perf_counter()
    ours = embed(cells, encoder)
    our_time = time.perf_counter() - begin
    begin = time.perf_counter()
    theirs = authors_embedding(cells, whole)
    their_time = time.perf_counter() - begin
    return {
        "embed_ratio": their_time / our_time,
        "embed_cells_per_second": len(ours) / our_time,
        "embed_tokens_per_second": len(cells.tokens) / our_time,
        "embed_mean_tokens": float(cells.lengths.mean()),
        "embed_max_error": float(np.abs(ours - theirs).max()),
    }


def authors_embedding(cells: TokenisedCells, model: BertForMaskedLM) -> np.ndarray:
    """Embed as the authors do: the whole model with its head, batches of 100 in input order, padded to the longest."""
    vectors = []
    with torch.no_grad():
        for begin in range(0, len(cells.cells), 100):
            rows = np.arange(begin, min(begin + 100, len(cells.cells)))
            tokens, mask = padded(cells, rows)
            hidden = model(tokens, attention_mask=mask, output_hidden_states=True).hidden_states[-2]
            vectors.append(((hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)).numpy())
    return np.concatenate(vectors)


def measure_training(plan) -> dict[str, float]:
    """Train the default study's model and return how long it took and what it learned."""
    training = plan.study.training
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        train_model(
            [
                f"results/models/training_tokens/{name}/{part}.parquet"
                for name, dataset in plan.datasets.items()
                if dataset.models
                for part in dataset.parts
            ],
            "results/models/training_cells.parquet",
            f"{plan.own_release.folder}/identity.json",
            architecture=plan.architecture,
            epochs=training.epochs,
            cells_per_batch=training.cells_per_batch,
            learning_rate=training.learning_rate,
            threads=plan.study.geneformer.threads,
            seed=training.seed,
            title="{cells} cells",
            folder=folder,
            about_out=f"{folder}/about.json",
            loss_out=f"{folder}/loss.parquet",
        )
        seconds = time.perf_counter() - begin
        loss = TRAINING_LOSS.read(f"{folder}/loss.parquet")
        cells = json.loads(Path(folder, "about.json").read_text(encoding="utf-8"))["cells"]
    return {
        "training_seconds": seconds,
        "training_cells": cells,
        "masked_loss": float(loss["validation_loss"].iloc[-1]),
        "unigram_loss": float(loss["unigram_loss"].iloc[-1]),
    }


if __name__ == "__main__":
    main()
