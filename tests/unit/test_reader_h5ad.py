"""h5ad in every layout, equal to what anndata reads; bad ones with a message that says what to do."""

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import blocks, cell_columns, open_source
from tests.unit.helpers import toy_counts, write_h5ad, write_text
from tests.unit.test_reader_table import streamed

N_CELLS, N_GENES = 11, 7
COUNTS = toy_counts(N_CELLS, N_GENES)
KIND = pd.Categorical(["x", "y", None, "x", "y", "x", "x", " z", "", "x", "y"])


def make(path, matrix=COUNTS, **more):
    obs = {"kind": KIND, "batch": [i % 3 for i in range(N_CELLS)], "text": [f"t{i}" for i in range(N_CELLS)]}
    return write_h5ad(path, matrix, obs=obs, **more)


FORMS = {
    "csr": lambda m: sp.csr_matrix(m, dtype=np.float32),
    "csr array, integers": lambda m: sp.csr_array(m.astype(np.int32)),
    "csc": lambda m: sp.csc_matrix(m, dtype=np.float64),
    "dense": lambda m: m.astype(np.float32),
    "dense, integers": lambda m: m.astype(np.int64),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("per_block", [1, 20, 1 << 22])
def test_values_whatever_the_layout(tmp_path, monkeypatch, form, per_block):
    monkeypatch.setattr(blocks, "VALUES_PER_BLOCK", per_block)
    source = open_source(make(tmp_path / "a.h5ad", form(COUNTS)), {"format": "h5ad", "counts": "X"})
    assert source.cell_names == [f"c{i}" for i in range(N_CELLS)] and source.gene_names == [
        f"g{i}" for i in range(N_GENES)
    ]
    np.testing.assert_array_equal(streamed(source), COUNTS)
    whole = ad.read_h5ad(source.path)
    for rows in ([0], [1, 2, 9], list(range(N_CELLS))):
        found = source.read(np.array(rows))
        assert sp.issparse(found) and found.format == "csr"
        expected = whole[rows].X
        np.testing.assert_array_equal(found.toarray(), expected.toarray() if sp.issparse(expected) else expected)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_counts_in_a_layer_or_in_raw(tmp_path, form):
    raw = toy_counts(N_CELLS, N_GENES + 3, seed=1)
    path = make(tmp_path / "a.h5ad", np.log1p(COUNTS), layers={"counts": form(COUNTS)}, raw=form(raw))
    layer = open_source(path, {"format": "h5ad", "counts": "layers/counts"})
    np.testing.assert_array_equal(streamed(layer), COUNTS)
    assert layer.gene_names == [f"g{i}" for i in range(N_GENES)]
    full = open_source(path, {"format": "h5ad", "counts": "raw/X"})
    assert full.gene_names == [f"r{i}" for i in range(N_GENES + 3)]
    np.testing.assert_array_equal(streamed(full), raw)
    np.testing.assert_array_equal(full.read(np.array([3, 4])).toarray(), raw[3:5])


def test_labels_are_text_and_what_is_missing_is_none(tmp_path):
    source = open_source(make(tmp_path / "a.h5ad"), {"format": "h5ad"})
    labels = cell_columns(source, ["kind", "batch", "text", "cell_name"], "0")
    assert labels.index.tolist() == source.cell_names == labels["cell_name"].tolist()
    assert labels["kind"].tolist() == ["x", "y", None, "x", "y", "x", "x", "z", None, "x", "y"]
    assert labels["batch"].tolist() == [str(i % 3) for i in range(N_CELLS)]
    assert labels["text"].tolist() == [f"t{i}" for i in range(N_CELLS)]


def test_an_index_with_a_name_of_its_own(tmp_path):
    data = ad.AnnData(
        COUNTS, obs=pd.DataFrame({"kind": "x"}, index=pd.Index([f"b{i}" for i in range(N_CELLS)], name="barcode"))
    )
    data.write_h5ad(tmp_path / "a.h5ad")
    source = open_source(str(tmp_path / "a.h5ad"), {"format": "h5ad"})
    assert source.cell_names[:2] == ["b0", "b1"]


FLAGS = [True, False, False, True, True, False, False]


@pytest.mark.parametrize("values", [FLAGS, np.array(FLAGS, int), np.array(FLAGS, float)], ids=["bool", "int", "float"])
def test_flags_of_genes(tmp_path, values):
    source = open_source(make(tmp_path / "a.h5ad", var={"hv": values}), {"format": "h5ad"})
    found = source.gene_flags("hv")
    assert found.dtype == bool and found.tolist() == FLAGS


@pytest.mark.parametrize(
    "values",
    [["a", "b"] * 3 + ["a"], [0, 1, 2, 0, 1, 2, 0], [0.5] * 7, ["True", "False"] * 3 + ["True"],
     [1.0, np.nan, 0, 0, 0, 0, 1], pd.array([True, None, False, False, True, True, True], dtype="boolean")],
    ids=["text", "integers", "fractions", "text of flags", "missing", "missing flags"],
)  # fmt: skip
def test_flags_that_are_none_are_refused(tmp_path, values):
    source = open_source(make(tmp_path / "a.h5ad", var={"hv": values}), {"format": "h5ad"})
    with pytest.raises(StudyError, match=r"genes\.column: .*a\.h5ad: var\['hv'\] is not true/false"):
        source.gene_flags("hv")


def test_missing_columns_are_named_with_the_closest(tmp_path):
    source = open_source(make(tmp_path / "a.h5ad", var={"highly": [True] * 7}), {"format": "h5ad"})
    with pytest.raises(
        StudyError,
        match=(
            r"a\.h5ad: obs: there is no column 'kin' \(did you mean 'kind'\?\); the columns are cell_name, "
            r"batch, kind"
        ),
    ):
        source.labels(["kin"])
    with pytest.raises(
        StudyError, match=r"genes\.column: .*a\.h5ad: var: there is no column 'higly' \(did you mean 'highly'\?\)"
    ):
        source.gene_flags("higly")


@pytest.mark.parametrize("counts", ["layers/count", "raw/X"])
def test_a_missing_matrix_is_refused_and_what_is_there_is_named(tmp_path, counts):
    path = make(tmp_path / "a.h5ad", layers={"counts": COUNTS, "tpm": COUNTS})
    with pytest.raises(
        StudyError,
        match=rf"h5ad\.counts: .*a\.h5ad has no '{counts}'; name a matrix that it holds: X, layers/counts, layers/tpm",
    ):
        open_source(path, {"format": "h5ad", "counts": counts})


@pytest.mark.parametrize(
    ("cells", "genes", "what"), [(["c"] * 11, None, "cells: 1 names"), (None, [*"abcdef", "a"], "genes: 1 names")]
)
@pytest.mark.filterwarnings("ignore:.*names are not unique")
def test_double_cells_and_genes_are_refused(tmp_path, cells, genes, what):
    path = make(tmp_path / "a.h5ad", cells=cells, genes=genes)
    with pytest.raises(StudyError, match=rf"a\.h5ad: {what} occur more than once"):
        open_source(path, {"format": "h5ad"})


def test_files_that_are_no_h5ad_are_refused(tmp_path):
    with pytest.raises(StudyError, match=r"gone\.h5ad: there is no such file; correct `source\.local_file`"):
        open_source(str(tmp_path / "gone.h5ad"), {"format": "h5ad"})
    with pytest.raises(StudyError, match=r"text\.h5ad: is not a readable h5ad file"):
        open_source(write_text(tmp_path / "text.h5ad", "not HDF5"), {"format": "h5ad"})
    with h5py.File(tmp_path / "other.h5ad", "w") as file:
        file["X"] = COUNTS
    with pytest.raises(StudyError, match=r"other\.h5ad"):
        open_source(str(tmp_path / "other.h5ad"), {"format": "h5ad"})
