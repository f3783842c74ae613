"""A tiny release of Geneformer as the authors' repository lays one out: dictionaries, config.json, model.safetensors.

The weights are random, the vocabulary has GENES only; paths, formats, special tokens and tensors are the real ones.
"""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import torch
import yaml
from transformers import BertConfig, BertForMaskedLM

GENES = 300
# shorter than the cells of the tests, so that they are cut
LONGEST = 96
REVISION = "0123456789abcdef0123456789abcdef01234567"
SPECIALS = {"V1": ["<pad>", "<mask>"], "V2": ["<pad>", "<mask>", "<cls>", "<eos>"]}
PATHS = {
    "V1": {
        "tokens": "geneformer/gene_dictionaries_30m/token_dictionary_gc30M.pkl",
        "medians": "geneformer/gene_dictionaries_30m/gene_median_dictionary_gc30M.pkl",
        "names": "geneformer/gene_dictionaries_30m/gene_name_id_dict_gc30M.pkl",
        "mapping": "geneformer/gene_dictionaries_30m/ensembl_mapping_dict_gc30M.pkl",
        "config": "Geneformer-V1-10M/config.json",
        "weights": "Geneformer-V1-10M/model.safetensors",
    },
    "V2": {
        "tokens": "geneformer/token_dictionary_gc104M.pkl",
        "medians": "geneformer/gene_median_dictionary_gc104M.pkl",
        "names": "geneformer/gene_name_id_dict_gc104M.pkl",
        "mapping": "geneformer/ensembl_mapping_dict_gc104M.pkl",
        "config": "Geneformer-V2-104M/config.json",
        "weights": "Geneformer-V2-104M/model.safetensors",
    },
}


def ensembl_id(number):
    """Return the Ensembl id of a gene; the vocabulary has the numbers below GENES."""
    return f"ENSG{number:011d}"


def symbol(number):
    """Return the symbol of a gene."""
    return f"SYM{number}"


def alias(number):
    """Return another name of a gene, which the mapping dictionary of V2 knows (in upper case), that of V1 not."""
    return f"Old-{number}"


def write_repository(folder):
    """Write both versions below a folder, as the authors' repository holds them."""
    for seed, version in enumerate(PATHS):
        _write_dictionaries(Path(folder), version, np.random.default_rng(seed))
        _write_model(Path(folder) / PATHS[version]["config"], version, seed)


def _write_dictionaries(folder, version, random):
    ids = [ensembl_id(i) for i in range(GENES)]
    numbers = random.permutation(GENES) + len(SPECIALS[version])
    tokens = {name: i for i, name in enumerate(SPECIALS[version])} | dict(zip(ids, map(int, numbers), strict=True))
    # the authors' medians are numpy numbers, and there are some of genes without a token
    medians = {ensembl_id(i): median for i, median in enumerate(random.lognormal(1.0, 1.0, GENES + 20))}
    names = {symbol(i): name for i, name in enumerate(ids)}
    mapping = {name: name for name in ids}
    if version == "V2":
        mapping |= {alias(i).upper(): name for i, name in enumerate(ids)}
    for role, value in {"tokens": tokens, "medians": medians, "names": names, "mapping": mapping}.items():
        path = folder / PATHS[version][role]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(value))


def _write_model(config_path, version, seed):
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=GENES + len(SPECIALS[version]),
        num_hidden_layers=3,
        hidden_size=16,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=LONGEST,
        hidden_act="relu",
        # wider than the real one, so that cells differ by more than rounding
        initializer_range=0.2,
        layer_norm_eps=1e-12,
        pad_token_id=0,
    )
    BertForMaskedLM(config).save_pretrained(config_path.parent)


def write_release(project, name, folder, files, version, **origin):
    """Write `config/geneformer/<name>.yaml`, with size and hash of each file, as found in the folder of the repository.

    `files` says which version each role is taken of (a version for all, or one by role); `origin` is the repository's
    address with a revision, or a local folder.
    """
    described = {}
    for role in PATHS[version]:
        path = PATHS[files if isinstance(files, str) else files[role]][role]
        content = (Path(folder) / path).read_bytes()
        described[role] = {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path = Path(project) / "config" / "geneformer" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    release = {"title": f"Tiny Geneformer {version}", "version": version, **origin, "files": described}
    path.write_text(yaml.safe_dump(release, sort_keys=False))


def embed_one_by_one(counts, totals, repository, version, *, layer=-1, pooling="cell"):
    """Return the embedding of each cell, from the authors' published rules, one cell at a time and without padding.

    Parameters
    ----------
    counts
        Cells x Ensembl ids, a data frame.
    totals
        Counts of each cell over all genes of its file.
    """
    folder = Path(repository)
    tokens, medians = (pickle.loads((folder / PATHS[version][role]).read_bytes()) for role in ("tokens", "medians"))
    model = BertForMaskedLM.from_pretrained((folder / PATHS[version]["config"]).parent).eval()
    genes = sorted((gene for gene in counts.columns if gene in tokens), key=tokens.get)
    numbers = np.array([tokens[gene] for gene in genes])
    framed = version == "V2"
    vectors = []
    for cell, total in zip(counts[genes].to_numpy(float), totals, strict=True):
        values = cell / total * 10_000 / [medians[gene] for gene in genes]
        order = np.argsort(-values, kind="stable")[: (cell > 0).sum()][: LONGEST - 2 * framed]
        read = [2, *numbers[order], 3] if framed else numbers[order]
        with torch.inference_mode():
            hidden = model(torch.tensor([list(read)]), output_hidden_states=True).hidden_states[layer - 1][0]
        of_genes = hidden[1:-1] if framed else hidden
        vectors.append((hidden[0] if pooling == "cls" else of_genes.mean(0)).numpy())
    return np.stack(vectors)
