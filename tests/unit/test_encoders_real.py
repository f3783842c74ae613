"""Published encodings of real cells with the authors' vocabularies: tokens, and how well they tell types apart."""

import json
from functools import partial

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.encodings.detection import detected
from rankstudy.spaces.encodings.expression import log1p_cp10k
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.tokens.geneformer.order import tokenise
from rankstudy.spaces.tokens.geneformer.versions import VERSIONS
from rankstudy.spaces.tokens.genes import find_tokens
from tests.unit.encoded_cells import encode
from tests.unit.helpers import auroc_of
from tests.unit.test_geneformer_real import contents, convert_real

CELLS = "pbmc_facs/pbmc_facs.h5ad"
SCGPT, SCFOUNDATION = "vocabularies/scgpt_census_vocab.json", "vocabularies/scfoundation_19264_genes.tsv"
DRAWS, OF_EACH = 5, 50


def counts_of(data, names, vocabulary):
    """Return the counts of a vocabulary's genes, found by these names of the data's genes."""
    place = {gene: k for k, gene in enumerate(vocabulary)}
    at = np.array([place.get(name, -1) for name in names])
    known = np.flatnonzero(at >= 0)
    selector = sp.csr_matrix((np.ones(len(known)), (known, at[known])), shape=(len(at), len(vocabulary)))
    found = sp.csr_matrix(data.X, dtype=np.float64) @ selector
    found.sort_indices()
    return found


def cells_of(data, counts, vocabulary, rows, *, medians=None, seed=0):
    """Return some of the cells."""
    return CellCounts(
        counts=counts[rows],
        totals=np.asarray(data.X[rows].sum(axis=1), float).ravel(),
        ids=data.obs_names[rows].tolist(),
        genes=vocabulary,
        medians=np.full(len(vocabulary), np.nan) if medians is None else medians,
        seed=seed,
    )


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_the_order_of_geneformer_is_that_of_its_tokens(version, tmp_path, shared_file):
    made, data = convert_real(tmp_path, contents(version), version), ad.read_h5ad(shared_file(CELLS))
    vocabulary = made["vocabulary"]
    table = find_tokens(data.var_names.tolist(), made["table"], made["names"])
    places = vocabulary.places_of(data.var_names.tolist(), table, "pbmc")
    rows = np.sort(np.random.default_rng(0).choice(data.n_obs, 200, replace=False))
    counts = vocabulary.counts_of(data.X[rows], places)
    tokens, offsets = tokenise(counts, vocabulary)
    of = cells_of(data[rows], counts, vocabulary.ensembl_ids, np.arange(200), medians=vocabulary.medians)
    frames = VERSIONS[version].frames
    for row, vector in enumerate(encode(f"geneformer-{version.lower()}-order", of)):
        order = np.argsort(-vector, kind="stable")[: np.count_nonzero(vector)]
        own = tokens[offsets[row] + frames : offsets[row + 1] - frames]
        assert vocabulary.tokens[order].tolist() == own.tolist()


def published(data, counts, vocabulary, space, rows, seed):
    """Return the vectors of some cells in a published space."""
    return encode(space, cells_of(data, counts, vocabulary, rows, seed=seed))


def auroc_of_draws(data, vectors, *, centre=False):
    """Return the mean AUROC, by cosine or correlation (`centre`), of draws of as many cells of each type."""
    types = data.obs["cell_type"].astype(str).to_numpy()
    found = []
    for seed in range(DRAWS):
        random = np.random.default_rng(seed)
        chosen = [random.choice(np.flatnonzero(types == each), OF_EACH, replace=False) for each in np.unique(types)]
        rows = np.sort(np.concatenate(chosen))
        dense = np.asarray(sp.csr_matrix(vectors(rows, seed)).toarray(), np.float64)
        dense -= dense.mean(axis=1, keepdims=True) if centre else 0
        unit = dense / np.linalg.norm(dense, axis=1, keepdims=True)
        found.append(auroc_of(unit @ unit.T, types[rows]))
    return np.mean(found)


@pytest.mark.parametrize(
    ("space", "genes", "expected"),
    [
        ("scgpt-bins", SCGPT, 0.742),
        ("scgpt-bins-fixed", SCGPT, 0.794),
        ("scfoundation-values", SCFOUNDATION, 0.688),
        # its own list of genes is not among these files; that of scFoundation stands in
        ("scbert-levels", SCFOUNDATION, 0.653),
    ],
)
def test_types_are_told_apart_as_an_independent_prototype_did(space, genes, expected, shared_file):
    path, data = shared_file(genes), ad.read_h5ad(shared_file(CELLS))
    if path.endswith("json"):
        with open(path, encoding="utf-8") as file:
            vocabulary = list(json.load(file))
    else:
        vocabulary = pd.read_csv(path, sep="\t")["gene_name"].tolist()
    counts = counts_of(data, data.var["symbol"].astype(str), vocabulary)
    assert auroc_of_draws(data, partial(published, data, counts, vocabulary, space)) == pytest.approx(
        expected, abs=0.015
    )


@pytest.mark.parametrize(
    ("encode_selected", "centre", "expected"),
    [(fractional_ranks, True, 0.805), (detected, False, 0.808), (log1p_cp10k, False, 0.685)],
    ids=["rank", "detection", "expression"],
)
def test_so_do_the_order_of_the_counts_detection_and_expression(encode_selected, centre, expected, shared_file):
    data = ad.read_h5ad(shared_file(CELLS))
    counts = sp.csr_matrix(data.X, dtype=np.float64)
    totals = np.asarray(counts.sum(axis=1)).ravel()

    def vectors(rows, seed):
        return encode_selected(counts[rows], totals[rows])

    assert auroc_of_draws(data, vectors, centre=centre) == pytest.approx(expected, abs=0.015)
