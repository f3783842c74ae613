"""Sorted blood cells whose genes are changed, encoded with the authors' vocabularies."""

import json
from types import SimpleNamespace

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.measures.lattice.corner import Corner
from rankstudy.measures.settings.material import Encoder
from rankstudy.measures.settings.tables import SELECTED
from rankstudy.spaces.catalogue import BUILT_IN
from rankstudy.spaces.encodings.genes import FileGenes, SelectedGenes
from rankstudy.spaces.registry import FILE_GENES
from rankstudy.spaces.tokens.genes import find_tokens

CELLS = "pbmc_facs/pbmc_facs.h5ad"
SCGPT, SCFOUNDATION = "vocabularies/scgpt_census_vocab.json", "vocabularies/scfoundation_19264_genes.tsv"
FEWEST_CELLS = 10
SPACES = (
    "rank",
    "expression",
    "detection",
    "geneformer-v1-order",
    "cell2sentence-100",
    "genept-order",
    "bento-sc-order",
    "tgpt-order",
    "scgpt-bins",
    "scgpt-bins-fixed",
    "scbert-levels",
    "scfoundation-values",
)


class Known(FileGenes):
    """Genes of the file that are known by other names, and those of a vocabulary.

    Parameters
    ----------
    names
        The name by which each gene of the file is looked up.
    vocabulary
        The genes that are read, in its order; None: all of those names.
    medians
        Of each of these.
    """

    def __init__(self, names, vocabulary=None, medians=None):
        self.seed, self._names, self._vocabulary, self._medians = 0, names, vocabulary, medians

    def known_as(self, names, what):
        known = set(self._vocabulary or self._names.values())
        return [self._names[name] if self._names[name] in known else None for name in names]

    def read(self, known):
        return self._vocabulary or super().read(known)

    def medians(self, genes):
        return super().medians(genes) if self._medians is None else self._medians


def looked_at(data, genes):
    """Return what the job has of cells of which all genes are selected, and what gives the genes of vocabularies."""
    genes = genes | {FILE_GENES: Known({name: name for name in data.var_names})}
    about = {name: BUILT_IN.spaces[name] for name in SPACES}
    steps = {name: vars(of.steps) for name, of in about.items()}
    return SimpleNamespace(
        material=SimpleNamespace(counts=data),
        asked=SimpleNamespace(encodings={name: {"order": of.order} for name, of in about.items()}),
        panels={SELECTED: data.var_names.tolist()},
        genes=genes,
        encoders={name: Encoder(of.function, _given(genes, of.vocabulary, data)) for name, of in about.items()},
        corners={name: Corner.of(of.vocabulary, steps[name]) for name, of in about.items()},
    )


def read_cells(path, of_each):
    """Return as many cells of each type, over the genes that enough of all cells have."""
    data = ad.read_h5ad(path)
    data = data[:, np.asarray((data.X > 0).sum(axis=0)).ravel() >= FEWEST_CELLS]
    types, random = data.obs["cell_type"].astype(str).to_numpy(), np.random.default_rng(0)
    rows = [random.choice(np.flatnonzero(types == kind), of_each, replace=False) for kind in np.unique(types)]
    data = data[np.sort(np.concatenate(rows))].copy()
    data.X = sp.csr_matrix(data.X, dtype=np.float64)
    data.obs["n_counts"] = np.asarray(data.X.sum(axis=1)).ravel()
    return data


def vocabularies(data, shared_file, v1):
    """Return what gives the genes of each vocabulary; `v1` are the dictionaries of Geneformer V1."""
    symbols = dict(zip(data.var_names, data.var["symbol"].astype(str), strict=True))
    found = find_tokens(data.var_names.tolist(), v1["table"], v1["names"])
    ids = found["ensembl_id"].astype(object).where(found["token"].notna(), None)
    with open(shared_file(SCGPT), encoding="utf-8") as file:
        scgpt = list(json.load(file))
    # scBERT's own list of genes is not among these files; that of scFoundation stands in
    listed = pd.read_csv(shared_file(SCFOUNDATION), sep="\t", keep_default_na=False)["gene_name"].tolist()
    of_v1 = v1["vocabulary"]
    return {
        "v1_dictionaries": Known(dict(zip(data.var_names, ids, strict=True)), list(of_v1.ensembl_ids), of_v1.medians),
        "symbols": Known({name: symbol.upper() for name, symbol in symbols.items()}),
        "scgpt": Known(symbols, scgpt),
        "scfoundation": Known(symbols, listed),
        "scbert": Known(symbols, listed),
    }


class _Selected(SelectedGenes):
    def __init__(self, names):
        self.names = names


def _given(genes, vocabulary, data):
    return _Selected(data.var_names.tolist()) if vocabulary is None else genes[vocabulary]
