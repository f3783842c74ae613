"""Ties of sorted blood cells: numbers that were measured before there was this code, each within its spread."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.measures.causes.pair_means import PairMeans
from rankstudy.measures.causes.ties import _changed
from rankstudy.measures.lattice.corner import Corner
from rankstudy.measures.lattice.vectors import ReadGenes
from rankstudy.measures.settings.scores import Cells
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.encodings.stored import with_values

RULES, OF_EACH = 5, 50


@pytest.fixture
def blood(shared_file):
    """Return the counts of 50 cells of each label, over all genes, and what is known of them."""
    data = ad.read_h5ad(shared_file("pbmc_facs/pbmc_facs.h5ad"))
    types, random = data.obs["cell_type"].astype(str).to_numpy(), np.random.default_rng(0)
    rows = np.concatenate([random.choice(np.flatnonzero(types == kind), OF_EACH, False) for kind in np.unique(types)])
    counts, ids = sp.csr_matrix(data.X[rows], dtype=np.float64), data.obs_names[rows].tolist()
    counts.sort_indices()
    totals = np.asarray(counts.sum(axis=1)).ravel()
    names = data.var_names.tolist()
    table = pd.DataFrame({"cell_id": ids, "cell_type": types[rows], "slug": types[rows], "batch": "all"})
    return CellCounts(counts, totals, ids, names, np.full(len(names), np.nan), 0), Cells(table, np.zeros(len(ids), int))


def under_rules(blood, **corner):
    read = ReadGenes(blood[0], lambda of: blood[0].medians)
    made = (read.values(Corner(ties="chance", **corner), draw=draw) for draw in range(RULES))
    return sp.vstack([with_values(blood[0].counts, values) for values in made], "csr")


@pytest.mark.parametrize(
    ("corner", "changed"),
    [({"kept": "51 bins"}, 0.79), ({"kept": "order", "first": 100}, 0.81), ({"kept": "order"}, 0.96)],
)
def test_another_random_rule_changes_as_many_values(blood, corner, changed):
    assert _changed(under_rules(blood, **corner), RULES).mean() == pytest.approx(changed, abs=0.015)


def test_another_random_rule_moves_bins_a_sixth_of_the_way_to_a_cell_of_another_type(blood):
    pairs = PairMeans.of(under_rules(blood, kept="51 bins"), blood[1], centred=False)
    own, other = 1 - pairs.apart.mean(), (pairs.other / pairs.partners[1]).mean()
    assert own == pytest.approx(0.924, abs=0.007)
    assert (1 - own) / (1 - other) == pytest.approx(0.15, abs=0.01)
    # and the order of all counts, whose ties are among the low ones, hardly at all
    whole = PairMeans.of(under_rules(blood, kept="order"), blood[1], centred=False)
    assert whole.apart.mean() < 0.001
