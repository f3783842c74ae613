"""Geneformer in small: dictionaries as the authors pickle them, vocabularies, tokens and models with random weights."""

import dataclasses
import hashlib
import json
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from transformers import BertConfig, BertForMaskedLM

from rankstudy.core.files import sha256
from rankstudy.spaces.models.geneformer.checkpoint import describe_checkpoint, load_encoder
from rankstudy.spaces.models.registry import GENEFORMER_TOKENS
from rankstudy.spaces.tokens.geneformer.order import tokenise
from rankstudy.spaces.tokens.geneformer.versions import CLS, EOS, VERSIONS
from rankstudy.spaces.tokens.token_files import TokenisedCells
from rankstudy.spaces.tokens.vocabulary import Vocabulary, read_release, read_vocabulary

torch.set_num_threads(1)  # models this small only wait for each other

N_GENES = 150
# how a model is read where a test says nothing else
HOW = {"layer": -1, "pooling": "cell", "device": "cpu", "threads": 1, "tokens_per_batch": 16_384}
REPLACED, CURRENT = "ENSG90000000001", "ENSG00000000040"


def gene_id(number):
    return f"ENSG{number:011d}"


def dictionaries(version="V1", n=N_GENES):
    """Return token, median, name and mapping dictionaries of `n` genes; the two versions share some of their genes.

    V1 has the genes 0 to n-1, tokens and medians as numpy numbers, and a mapping of ids to themselves. V2 has the
    genes 30 to n+29, medians of genes without a token, repeated medians, aliases, and an id that was replaced.
    """
    random = np.random.default_rng(0 if version == "V1" else 1)
    numbers = range(n) if version == "V1" else range(30, n + 30)
    specials = VERSIONS[version].specials
    ids = [gene_id(number) for number in numbers]
    tokens = {name: token for token, name in enumerate([*specials, *ids])}
    medians = dict(zip(ids, np.exp(random.normal(1, 0.8, n)), strict=True))
    names = {f"SYM{number}": gene_id(number) for number in numbers} | {f"C{n}orf1": ids[-1], "NOTOKEN": gene_id(5000)}
    if version == "V1":
        tokens = {name: np.int16(token) for name, token in tokens.items()}
        return {"tokens": tokens, "medians": medians, "names": names, "mapping": {gene: gene for gene in ids}}
    medians = {gene: float(median) for gene, median in medians.items()}
    medians.update(dict.fromkeys(ids[::25], 1.105969024047805), **{gene_id(5000): 2.5})
    mapping = {gene: gene for gene in ids} | {name.upper(): gene for name, gene in names.items()}
    return {
        "tokens": tokens,
        "medians": medians,
        "names": names,
        "mapping": mapping | {REPLACED: CURRENT, "HER2": CURRENT},
    }


def pickled(of):
    """Return dictionaries as the bytes of their files."""
    return {role: pickle.dumps(content, protocol=4) for role, content in of.items()}


def convert(folder, version="V1", files=None, of=None, **changes):
    """Convert dictionaries, some of them changed, and return where the tables lie by name."""
    files = files or pickled({**(of or dictionaries(version)), **changes})
    out = {"vocabulary": "vocabulary.parquet", "names": "gene_names.parquet", "identity": "identity.json"}
    paths = {name: str(Path(folder) / file) for name, file in out.items()}
    with tempfile.TemporaryDirectory() as downloaded:
        read_files(written(downloaded, files), version, **{f"{name}_out": path for name, path in paths.items()})
    return paths


def written(folder, files):
    """Write the files of a release and return their paths by what they are."""
    paths = {role: Path(folder) / f"{role}.pkl" for role in files}
    for role, path in paths.items():
        path.write_bytes(files[role])
    return paths


def read_files(paths, version, **outputs):
    """Read the dictionaries that lie in files as those of a release which says that they are these."""
    known = {role: {"sha256": sha256(path)} for role, path in paths.items()}
    read_release(paths, known, tokenizer=GENEFORMER_TOKENS, version=version, **outputs)


def vocabulary(folder, version="V1", n=N_GENES):
    """Return a vocabulary by way of its files, and where these lie."""
    paths = convert(folder, version, of=dictionaries(version, n))
    return read_vocabulary(paths["vocabulary"], paths["identity"]), paths


def plain_vocabulary(version, tokens, medians, ids=None):
    """Return a vocabulary of any tokens, such as a part of a real one, without files."""
    identity = {"version": version, "size": int(max(tokens)) + 1}
    identity |= {
        f"{role}_sha256": hashlib.sha256(repr(v).encode()).hexdigest()
        for role, v in (("tokens", tokens), ("medians", medians))
    }
    ids = tuple(gene_id(int(token)) for token in tokens) if ids is None else tuple(ids)
    return Vocabulary(ids, np.asarray(tokens, np.int32), np.asarray(medians, np.float64), identity)


def version_of(vocabulary):
    return VERSIONS[vocabulary.identity["version"]]


def tokenised_counts(counts, of_genes, vocabulary, **options):
    """Tokenise counts over genes that have these tokens (-1: none): tokens, offsets, and genes with a count."""
    names = [f"gene-{k}" for k in range(len(of_genes))]
    table = pd.DataFrame({"gene": names, "token": pd.array(of_genes, "Int64")})
    table.loc[table["token"] < 0, "token"] = pd.NA
    known = vocabulary.counts_of(counts, vocabulary.places_of(names, table, "toy"))
    return *tokenise(known, vocabulary, **options), np.diff(known.indptr)


def cell_table(n, slug="a", prefix="toy:c"):
    ids = [f"{prefix}{i:04d}" for i in range(n)]
    return pd.DataFrame({"cell_id": ids, "cell_type": slug.upper(), "slug": slug, "batch": "all"})


def random_tokens(identity, lengths, seed=0):
    """Return cells with this many random genes each, between `<cls>` and `<eos>` where the version has them."""
    random, version = np.random.default_rng(seed), VERSIONS[identity["version"]]
    genes = np.arange(len(version.specials), identity["size"])
    cells = [random.choice(genes, length, replace=False) for length in lengths]
    if version.frames:
        cells = [np.r_[CLS, cell, EOS] for cell in cells]
    return tokenised(cells, identity)


def tokenised(cells, identity, **columns):
    """Return `TokenisedCells` of lists of tokens."""
    lengths = [len(cell) for cell in cells]
    table = cell_table(len(cells)).assign(expressed=lengths, **columns)
    tokens = np.concatenate([np.asarray(cell, np.int32) for cell in cells]) if cells else np.zeros(0, np.int32)
    return TokenisedCells(table, tokens, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), dict(identity))


def save_model(folder, identity, *, layers=3, hidden=16, heads=2, max_length=64, seed=0, **changes):
    """Save a model with random weights in the hub's layout and return it, and the description that goes with it."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=identity["size"], num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads,
        intermediate_size=2 * hidden, max_position_embeddings=max_length, hidden_act="relu", hidden_dropout_prob=0.02,
        attention_probs_dropout_prob=0.02, layer_norm_eps=1e-12, initializer_range=0.5, pad_token_id=0, **changes,
    )  # fmt: skip
    model = BertForMaskedLM(config).eval()
    for name, bias in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(bias, std=0.3)
    model.save_pretrained(folder)
    return model, describe(folder, identity)


def describe(folder, identity, title="Tiny model"):
    """Write and return what a saved model is."""
    about = str(Path(folder) / "about.json")
    describe_checkpoint(Path(folder) / "config.json", identity, output=about, title=title, kind="published")
    return json.loads(Path(about).read_text())


def encoder(folder, identity, layer=-1, **settings):
    """Return a saved model as the embedding uses it, and the whole model of transformers."""
    model, about = save_model(folder, identity, **settings)
    return load_encoder(folder, about, layer=layer), model


def with_tokens(cells, tokens):
    return dataclasses.replace(cells, tokens=np.asarray(tokens, np.int32))
