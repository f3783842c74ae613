"""Real files of other shapes through our readers, equal to anndata and pandas."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.sources.readers import open_source
from tests.unit.helpers import role, run_index

H5AD = {
    "sc_mixology/sc_mixology_5batches.h5ad": {"cell_type": role("cell_type"), "batch": role("batch")},
    "pbmc_facs/pbmc_facs.h5ad": {"cell_type": role("cell_type"), "batch": role("cell_name", r"-1-(.+)$")},
}
PLATES = ["sc_celseq2", "sc_dropseq", "sc_celseq2_5cl_p1", "sc_celseq2_5cl_p2", "sc_celseq2_5cl_p3"]


@pytest.mark.parametrize("name", H5AD)
def test_an_h5ad_is_indexed_and_read_as_anndata_reads_it(shared_file, tmp_path, name):
    path, read = shared_file(name), {"format": "h5ad", "counts": "X"}
    data = ad.read_h5ad(path)
    cells, types, genes = run_index(tmp_path, path, read, annotations=H5AD[name])
    assert cells["cell_name"].tolist() == data.obs_names.tolist() and genes["gene"].tolist() == data.var_names.tolist()
    np.testing.assert_array_equal(cells["n_counts"], np.asarray(data.X.sum(axis=1)).ravel())
    np.testing.assert_array_equal(cells["n_genes"], np.diff(sp.csr_matrix(data.X).indptr))
    np.testing.assert_array_equal(genes["n_cells"], np.asarray((data.X > 0).sum(axis=0)).ravel())
    assert cells["cell_type"].tolist() == data.obs["cell_type"].astype(str).tolist()
    assert types.set_index("cell_type")["n_cells"].to_dict() == data.obs["cell_type"].value_counts().to_dict()
    rows = np.sort(np.random.default_rng(0).choice(len(data), 200, replace=False))
    found = open_source(path, read).read(rows)
    assert (found != data.X[rows]).nnz == 0


def test_batches_of_sorted_blood_cells_are_cut_out_of_their_names(shared_file, tmp_path):
    path = shared_file("pbmc_facs/pbmc_facs.h5ad")
    cells, *_ = run_index(tmp_path, path, {"format": "h5ad"}, annotations=H5AD["pbmc_facs/pbmc_facs.h5ad"])
    assert len(cells) == 3774 and cells["batch"].nunique() == 10 == cells["cell_type"].nunique()


@pytest.mark.parametrize("plate", PLATES)
def test_gzipped_tables_as_r_writes_them_are_read_as_pandas_reads_them(shared_file, tmp_path, plate):
    path, labels = shared_file(f"sc_mixology/{plate}.count.csv.gz"), shared_file(f"sc_mixology/{plate}.metadata.csv.gz")
    counts, metadata = (
        pd.read_csv(path, index_col=0).T,
        pd.read_csv(labels, index_col=0, dtype=str).loc[lambda t: ~t.index.isna()],
    )
    read = {"format": "table", "rows": "genes", "labels": labels}
    cells, types, genes = run_index(tmp_path, path, read, annotations={"cell_type": role("cell_line_demuxlet")})
    assert cells["cell_name"].tolist() == counts.index.tolist() and genes["gene"].tolist() == counts.columns.tolist()
    np.testing.assert_array_equal(cells["n_counts"], counts.sum(axis=1))
    np.testing.assert_array_equal(genes["n_cells"], (counts > 0).sum(axis=0))
    assert cells["cell_type"].tolist() == metadata.loc[counts.index, "cell_line_demuxlet"].tolist()
    assert types["n_cells"].sum() == len(counts)
    rows = np.arange(0, len(counts), 7)
    np.testing.assert_array_equal(open_source(path, read).read(rows).toarray(), counts.to_numpy()[rows])


def test_the_table_and_the_h5ad_of_one_plate_hold_the_same_counts(shared_file):
    whole = ad.read_h5ad(shared_file("sc_mixology/sc_mixology_5batches.h5ad"))
    path, labels = (
        shared_file("sc_mixology/sc_dropseq.count.csv.gz"),
        shared_file("sc_mixology/sc_dropseq.metadata.csv.gz"),
    )
    source = open_source(path, {"format": "table", "labels": labels})
    plate = whole[whole.obs["batch"] == "sc_dropseq"]
    names = [name.split(":", 1)[1] for name in plate.obs_names]
    rows = pd.Index(source.cell_names).get_indexer(names)
    order = np.argsort(rows)
    genes = pd.Index(source.gene_names).get_indexer(plate.var_names)
    assert (rows >= 0).all() and (genes >= 0).all() and len(rows) > 100
    found = source.read(rows[order])[:, genes]
    assert (found != plate.X[order]).nnz == 0
