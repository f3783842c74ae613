"""Small data sets with real structure: markers per type, two batches, negative-binomial counts.

And their YAML files.
"""

import gzip
import hashlib
import shutil
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
import yaml

from rankstudy.spaces.registry import SPACES
from tests.unit import ontology_files

N_GENES = 400
MARKERS = 25
DISPERSION = 2.0

# the first ones share `t-cell` as a name of files, and the fourth must not leave its folder
MARROW_TYPES = {'T cell <b>&"x"': 45, "T-cell": 30, "T cell": 34, "../../B cell": 36, "Rare/Cell": 6}
MARROW_UNLABELLED = 9
BLOOD_TYPES = {"alpha": 42, "beta": 36, "NA": 30, "scarce": 4}
MIN_CELLS, CELLS_PER_TYPE = 20, 35
EMPTY, CONSTANT = "cell_empty", "cell_constant"
# genes of these data sets are no real ones, and no model can read them (tests/workflow/test_geneformer.py has some)
# umap-learn compiles for ten seconds in each job: one is enough, there
WITHOUT_MODELS = [name for name, space in SPACES.items() if space.model is None and name != "expression-umap"]
# an encoding that reads all genes and needs no vocabulary, and the same vectors by other measures
WITHOUT_MODELS += ["bento-sc-order", "expression@cosine", "expression@euclidean", "rank@cosine-centred"]
PAIRS = {"joint": [["expression-pca", "rank"]]}


def counts_of(types, seed, n_genes=N_GENES):
    """Return counts (cells x genes), the label and the batch of each cell, rows of the types mixed."""
    random = np.random.default_rng(seed)
    labels = np.array([name for name, size in types.items() for _ in range(size)], dtype=object)
    random.shuffle(labels)
    batches = np.where(random.random(len(labels)) < 0.6, "first", "second")
    means = np.tile(random.gamma(0.6, 1.2, n_genes), (len(labels), 1))
    for i, name in enumerate(types):
        means[np.ix_(labels == name, range(i * MARKERS, (i + 1) * MARKERS))] += 6.0
    shifted = slice(n_genes - 40, n_genes)
    means[batches == "second", shifted] *= 3.0
    means *= random.lognormal(0.0, 0.3, (len(labels), 1))
    counts = random.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + means)).astype(np.float32)
    counts[counts.sum(axis=1) == 0, 0] = 1
    return counts, labels, batches


def gene_names(number=N_GENES):
    """Return the names of the genes; one has characters that HTML and TSV do not like."""
    return ["<i>g0</i> & co", *(f"gene{i:03d}" for i in range(1, number))]


def marrow():
    """Return an AnnData: counts in a layer, X normalised, a flag of the genes, cells without label and without counts.

    The cell CONSTANT (a T-cell, always drawn) has counts in genes that are not flagged only; EMPTY has none at all.
    """
    counts, labels, batches = counts_of(MARROW_TYPES | {"": MARROW_UNLABELLED}, seed=1)
    flagged = np.arange(N_GENES) < 160
    names = np.array([f"cell_{i:04d}" for i in range(len(labels))], dtype=object)
    constant = np.flatnonzero(labels == "T-cell")[0]
    counts[constant, flagged] = 0
    counts[constant, ~flagged] += 1
    names[constant] = CONSTANT
    empty = np.flatnonzero(labels == "T cell")[0]
    counts[empty] = 0
    names[empty] = EMPTY
    obs = pd.DataFrame({"kind": pd.Categorical(np.where(labels == "", None, labels)), "lane": batches}, index=names)
    var = pd.DataFrame({"chosen": flagged}, index=gene_names())
    normalised = np.log1p(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) * 1e4)
    return ad.AnnData(sp.csr_matrix(normalised), obs=obs, var=var, layers={"counts": sp.csr_matrix(counts)})


def blood():
    """Return counts (genes x cells) and labels, as data frames; the labels stand in another order than the cells."""
    counts, labels, batches = counts_of(BLOOD_TYPES, seed=2)
    names = [f"{batch}_{i:04d}" for i, batch in enumerate(batches)]
    table = pd.DataFrame(counts.T.astype(int), index=gene_names(), columns=names)
    described = pd.DataFrame({"cell": names, "type": labels}).sample(frac=1, random_state=3)
    return table, described


def write_csv(folder, table, described, name="blood"):
    """Write counts as gzipped CSV and labels as TSV; the bytes depend on the content alone."""
    text = table.to_csv().encode()
    (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text, mtime=0))
    described.to_csv(folder / f"{name}_labels.tsv", sep="\t", index=False)


def write_dataset(folder, name, **keys):
    """Write `config/datasets/<name>.yaml`."""
    path = Path(folder) / "config" / "datasets" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"title": name, **keys}, sort_keys=False, allow_unicode=True))
    return path


def marrow_keys(**changes):
    """Return the keys of the h5ad's YAML."""
    return {
        "title": 'Marrow & <script>alert("x")</script>, generated',
        "source": {"local_file": "data/marrow.h5ad"},
        "h5ad": {"counts": "layers/counts"},
        "cell_type": "kind",
        "batch": "lane",
        "genes": {"method": "flagged", "column": "chosen"},
        **changes,
    }


def blood_keys(**changes):
    """Return the keys of the CSV's YAML."""
    return {
        "source": {"local_file": "data/blood.csv.gz"},
        "table": {"labels": "data/blood_labels.tsv"},
        "cell_type": "type",
        "batch": {"column": "cell_name", "pattern": "^(first|second)_"},
        "similar": [["alpha", "beta"]],
        "missing": [],  # one of its types is called NA
        **changes,
    }


def write_study(folder, name="study.yaml", **changes):
    """Write a study over the default one and return its path; nested sections replace only what they name."""
    study = {
        "datasets": ["marrow", "blood"],
        "seeds": [3, 5],
        "selection": {"min_cells": MIN_CELLS, "cells_per_type": CELLS_PER_TYPE},
        "genes": {"method": "highly_variable", "number": 120},
        "spaces": WITHOUT_MODELS,
        "pairs": PAIRS,
        "settings": {"also": []},  # their genes are in no vocabulary
        "lattice": {"ledgers": ["rank"]},
        "causes": {"replicates": 0},  # tests/workflow/test_full_run.py looks for some
        "controls": [],  # but for those among the spaces
        "field_metrics": False,  # half a minute each; tests/workflow/test_stranger.py has them
    }
    path = Path(folder) / name
    path.write_text(yaml.safe_dump(study | changes, sort_keys=False))
    return path


def write_data(folder):
    """Write both data sets to `folder/data`."""
    data = Path(folder) / "data"
    data.mkdir(parents=True)
    marrow().write_h5ad(data / "marrow.h5ad")
    write_csv(data, *blood())


def use_ontology(folder):
    """Write a release `tiny` of the ontology in tests/unit/ontology_files.py, and name its terms in `marrow`."""
    content = ontology_files.obo()
    (folder / "data" / "tiny.obo").write_bytes(content)
    source = {"local_file": "data/tiny.obo", "sha256": hashlib.sha256(content).hexdigest()}
    path = folder / "config" / "ontology" / "tiny.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump({"title": "Tiny", "source": source}))
    terms = {"T cell": ontology_files.T_CELL, "../../B cell": ontology_files.MAST, "Rare/Cell": ontology_files.ALPHA}
    write_dataset(folder, "marrow", **marrow_keys(ontology={"terms": terms}))


def new_project(folder, data):
    """Make a working directory with a copy of the data and the YAML files of both data sets."""
    shutil.copytree(data, Path(folder) / "data")
    write_dataset(folder, "marrow", **marrow_keys())
    write_dataset(folder, "blood", **blood_keys())
    return Path(folder)
