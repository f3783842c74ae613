"""log1p CP10K is what scanpy computes, over the totals of all genes."""

import anndata as ad
import numpy as np
import scanpy as sc
import scipy.sparse as sp

from rankstudy.spaces.encodings.expression import log1p_cp10k
from tests.unit.helpers import toy_counts


def test_equal_to_scanpy():
    counts = toy_counts(30, 40)
    data = ad.AnnData(sp.csr_matrix(counts, dtype=np.float32))
    sc.pp.normalize_total(data, target_sum=1e4)
    sc.pp.log1p(data)
    found = log1p_cp10k(sp.csr_matrix(counts), counts.sum(axis=1))
    assert found.dtype == np.float32 and sp.issparse(found)
    np.testing.assert_allclose(found.toarray(), data.X.toarray(), rtol=1e-5)


def test_totals_include_the_genes_left_out():
    counts = toy_counts(10, 30)
    everything = log1p_cp10k(sp.csr_matrix(counts), counts.sum(axis=1))
    some = log1p_cp10k(sp.csr_matrix(counts[:, 5:9]), counts.sum(axis=1))
    np.testing.assert_array_equal(some.toarray(), everything.toarray()[:, 5:9])


def test_the_counts_are_left_as_they_were():
    counts = sp.csr_matrix(toy_counts(5, 6))
    before = counts.toarray()
    log1p_cp10k(counts, before.sum(axis=1))
    np.testing.assert_array_equal(counts.toarray(), before)


def test_an_empty_cell_of_the_selected_genes_stays_zero():
    counts = sp.csr_matrix([[0.0, 0.0], [1.0, 3.0]])
    found = log1p_cp10k(counts, np.array([7.0, 4.0])).toarray()
    np.testing.assert_allclose(found, np.log1p([[0, 0], [2500, 7500]]), rtol=1e-6)
