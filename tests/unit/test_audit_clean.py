"""Two hundred embeddings without a mistake, of real cells and of generated ones: none of them fails its audit."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.decomposition import PCA
from sklearn.neural_network import MLPClassifier

from tests.unit.embeddings_toy import audited, failed, toy_cells, toy_vectors
from tests.unit.helpers import toy_counts

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = ("projection", "pca", "scaled", "network", "rotated", "genes", "sampled", "neighbours")
N_CELLS, N_OF_EACH = 1200, 25


def embeddings(values, labels, seed):
    """Yield one embedding of each kind of cells x genes (log counts), and which of the cells it is of."""
    random = np.random.default_rng(seed)
    cells = np.arange(len(values))
    d = int(random.integers(2, 65))
    reduced = PCA(min(50, values.shape[1]), random_state=seed).fit_transform(values)
    turned, _ = np.linalg.qr(random.normal(size=(reduced.shape[1],) * 2))
    trained = MLPClassifier(32, max_iter=5, random_state=seed).fit(reduced, labels)
    hidden = np.maximum(reduced @ trained.coefs_[0] + trained.intercepts_[0], 0)
    some = np.sort(random.choice(cells, len(cells) // 2, replace=False))
    yield "projection", values @ random.normal(size=(values.shape[1], d)), cells
    yield "pca", reduced[:, : max(d // 2, 2)][:, ::-1], cells
    yield "scaled", reduced * random.lognormal(0, 1, reduced.shape[1]), cells
    yield "network", hidden, cells
    yield "rotated", (reduced @ turned)[:, random.permutation(reduced.shape[1])], cells
    yield (
        "genes",
        values[:, np.sort(random.choice(values.shape[1], 60, replace=False))]
        + 1e-3 * random.normal(size=(len(cells), 60)),
        cells,
    )
    yield "sampled", reduced[some], some
    yield "neighbours", reduced[:, :2] + 0.2 * random.normal(size=(len(cells), 2)), cells


def require_clean(values, cells, batches_of_embeddings):
    seen = 0
    for seed in range(batches_of_embeddings):
        for kind, vectors, at in embeddings(values, cells["cell_type"], seed):
            found = failed(vectors.astype(np.float32), cells.iloc[at].reset_index(drop=True))
            assert found == [], (kind, seed, found)
            seen += 1
    return seen


def real(path):
    data = ad.read_h5ad(path)
    data = data[np.random.default_rng(0).choice(data.n_obs, N_CELLS, replace=False)]
    counts = sp.csr_matrix(data.X)
    totals = np.asarray(counts.sum(axis=1)).ravel()
    cells = pd.DataFrame(
        {
            "cell_id": data.obs_names.astype(str),
            "cell_type": data.obs["cell_type"].astype(str).to_numpy(),
            "batch": [name.split("-1-")[1] for name in data.obs_names],
            "n_counts": totals,
            "n_genes": np.diff(counts.indptr),
        }
    )
    widest = np.sort(np.argsort(-np.asarray((counts > 0).sum(axis=0)).ravel())[:400])
    return np.log1p(counts[:, widest].toarray() / totals[:, None] * 1e4), cells


def test_two_hundred_clean_embeddings_of_sorted_blood_cells_pass(shared_file):
    values, cells = real(shared_file("pbmc_facs/pbmc_facs.h5ad"))
    assert require_clean(values, cells, N_OF_EACH) == len(KINDS) * N_OF_EACH == 200


def test_umap_of_sorted_blood_cells_passes_whichever_way_it_is_turned(shared_file):
    from rankstudy.spaces.fits import umap_coordinates

    values, cells = real(shared_file("pbmc_facs/pbmc_facs.h5ad"))
    for components in (2, 5):
        found = umap_coordinates(values.astype(np.float32), seed=0, components=components)
        for axes in (found, -found[:, ::-1]):
            assert failed(axes, cells) == []


@pytest.mark.parametrize("order", [None, "batch", "cell_type"])
def test_clean_embeddings_of_generated_cells_pass_however_their_file_is_sorted(order):
    cells = toy_cells(order=order)
    counts = toy_counts(len(cells), 80) + np.exp(np.clip(toy_vectors(cells, 80, depth=0.5), None, 4))
    require_clean(np.log1p(counts), cells, 3)


def test_umap_and_what_knows_depth_pass_and_the_depth_is_reported():
    cells = toy_cells()
    found = audited(toy_vectors(cells, 2, depth=6.0), cells)
    assert (found["outcome"] != "failed").all()
    assert (found.loc["a column is the total counts", "outcome"] == "reported").all()
