"""States of real cells with a known answer: two cell lines, split at random among donors that never were."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.measures.uncertainty.tables import AUROC
from tests.unit.state_toys import told_of

LINES = ("H1975", "H2228")


@pytest.fixture
def mixture(shared_file):
    """Return line and made-up donor of the cells of two lines, and vectors: unit vectors of log counts."""
    data = ad.read_h5ad(shared_file("sc_mixology/sc_mixology_5batches.h5ad"))
    data = data[data.obs["cell_type"].isin(LINES)]
    counts = sp.csr_matrix(data.X)
    values = np.log1p(counts.multiply(1e4 / counts.sum(axis=1)).toarray())
    values = values[:, np.argsort(-values.var(axis=0))[:500]]
    values -= values.mean(axis=1, keepdims=True)
    random = np.random.default_rng(0)
    donors = [f"donor {d}" for d in random.integers(6, size=len(values))]
    table = pd.DataFrame({"donor": donors, "state": data.obs["cell_type"].astype(str).to_numpy()})
    return table, values / np.linalg.norm(values, axis=1, keepdims=True), random


def test_lines_are_told_in_every_statistic_and_shuffled_ones_in_none(mixture):
    cells, vectors, random = mixture
    found = told_of(cells, vectors)
    assert found[AUROC].estimate > 0.75 and {each.p for each in found.values()} == {1 / 32}
    shuffled = told_of(cells.assign(state=random.permutation(cells["state"])), vectors)
    assert abs(shuffled[AUROC].estimate - 0.5) < 0.02 and min(each.p for each in shuffled.values()) > 0.05
