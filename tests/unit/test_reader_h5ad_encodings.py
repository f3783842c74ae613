"""Columns and matrices as other programs and other versions of anndata write them."""

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.sources.readers import blocks, open_source
from tests.fuzz.good_files import N_CELLS, N_GENES, counts, write_by_hand
from tests.unit.helpers import write_h5ad
from tests.unit.test_reader_table import streamed

COUNTS = counts()
CHUNKED = {"chunks": (7,)}
STORAGE = {
    "contiguous": {},
    "chunked": CHUNKED,
    "gzip": {"compression": "gzip", **CHUNKED},
    "gzip, shuffled": {"compression": "gzip", "shuffle": True, **CHUNKED},
    "gzip, checksums": {"compression": "gzip", "shuffle": True, "fletcher32": True, **CHUNKED},
    "lzf": {"compression": "lzf", **CHUNKED},
    "one chunk": {"compression": "gzip", "chunks": True},
}
TYPES = ["f4", "f8", "f2", "i4", "u1", "u8", ">f4", ">i8", "?"]


def by_hand(path, options, *, values=COUNTS, form=sp.csr_matrix, dtype="f4", index="i4", pointer="i4"):
    """Write an h5ad without anndata, in full control of how it is stored."""
    write_by_hand(path, "earliest", {})
    matrix = form(values)
    with h5py.File(path, "r+") as file:
        attributes = {"encoding-type": f"{matrix.format}_matrix", "encoding-version": "0.1.0", "shape": matrix.shape}
        del file["X"]
        file.create_group("X").attrs.update(attributes)
        for name, kind in (("data", dtype), ("indices", index), ("indptr", pointer)):
            file["X"].create_dataset(name, data=getattr(matrix, name).astype(kind), **options)
    return open_source(str(path), {"format": "h5ad"})


@pytest.mark.parametrize("form", [sp.csr_matrix, sp.csc_matrix])
@pytest.mark.parametrize("options", STORAGE.values(), ids=STORAGE)
@pytest.mark.parametrize("per_block", [1, 10, 1 << 22])
def test_values_whatever_the_storage(tmp_path, monkeypatch, form, options, per_block):
    monkeypatch.setattr(blocks, "VALUES_PER_BLOCK", per_block)
    source = by_hand(tmp_path / "a.h5ad", options, form=form)
    np.testing.assert_array_equal(streamed(source), COUNTS)
    for rows in ([], [0], [3, 4, 17, N_CELLS - 1], range(N_CELLS)):
        rows = np.array(rows, int)
        found = source.read(rows)
        np.testing.assert_array_equal(found.toarray(), COUNTS[rows])
        assert found.shape == (len(rows), N_GENES) and found.has_sorted_indices


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("form", [sp.csr_matrix, sp.csc_matrix])
def test_values_and_pointers_of_every_type(tmp_path, form, dtype):
    source = by_hand(tmp_path / "a.h5ad", STORAGE["gzip"], form=form, dtype=dtype, index="u2", pointer=">i8")
    np.testing.assert_array_equal(streamed(source), COUNTS.astype(dtype))
    np.testing.assert_array_equal(source.read(np.array([2, 9])).toarray(), COUNTS[[2, 9]].astype(dtype))


@pytest.mark.parametrize(
    "options", [{}, {"chunks": (4, 3)}, {"chunks": (30, 1)}, {"chunks": (1, 12), "compression": "gzip"}]
)
@pytest.mark.parametrize("per_block", [1, 40, 1 << 22])
@pytest.mark.parametrize("dtype", ["f4", "?", ">i2"])
def test_dense_values_in_any_chunks(tmp_path, monkeypatch, options, per_block, dtype):
    monkeypatch.setattr(blocks, "VALUES_PER_BLOCK", per_block)
    write_by_hand(tmp_path / "a.h5ad", "earliest", {})
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:
        del file["X"]
        file.create_dataset("X", data=COUNTS.astype(dtype), **options)
    source = open_source(str(tmp_path / "a.h5ad"), {"format": "h5ad"})
    np.testing.assert_array_equal(streamed(source), COUNTS.astype(dtype))
    for rows in ([], [0], [3, 4, 17, N_CELLS - 1], range(N_CELLS)):
        rows = np.array(rows, int)
        np.testing.assert_array_equal(source.read(rows).toarray(), COUNTS[rows].astype(dtype))


@pytest.mark.parametrize("form", [sp.csr_matrix, sp.csc_matrix])
def test_genes_of_a_cell_in_any_order(tmp_path, form):
    matrix = form(COUNTS)
    for begin, end in zip(matrix.indptr, matrix.indptr[1:], strict=False):
        for part in (matrix.indices, matrix.data):
            part[begin:end] = part[begin:end][::-1].copy()
    source = by_hand(tmp_path / "a.h5ad", {}, values=matrix, form=lambda m: m)
    np.testing.assert_array_equal(streamed(source), COUNTS)
    found = source.read(np.arange(5, 25))
    np.testing.assert_array_equal(found.toarray(), COUNTS[5:25])
    assert (np.diff(found.indices)[found.indptr[1] :][:1] != 0).all() and blocks._increasing(found)


def test_each_chunk_is_inflated_once_however_scattered_the_cells(tmp_path, monkeypatch):
    from rankstudy.sources.readers import hdf5

    source = by_hand(tmp_path / "a.h5ad", STORAGE["gzip"])
    monkeypatch.setattr(blocks, "_VALUES_AT_ONCE", 1)
    inflated = []
    monkeypatch.setitem(hdf5._UNDO, hdf5._DEFLATE, lambda *a: inflated.append(a) or hdf5._inflate(*a))
    source.read(np.arange(0, N_CELLS, 2))
    stored = int((COUNTS > 0).sum())
    assert 0 < len(inflated) <= 2 * -(-stored // 7) + -(-(N_CELLS + 1) // 7)


def test_categories_of_anndata_0_7(tmp_path):
    write_by_hand(tmp_path / "a.h5ad", "earliest", {})
    source = open_source(str(tmp_path / "a.h5ad"), {"format": "h5ad"})
    assert source.labels(["kind"])["kind"].tolist() == [None if i == 3 else "xyz"[i % 3] for i in range(N_CELLS)]
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:  # without the group, by reference alone
        file["elsewhere"] = file["obs/__categories/kind"]
        del file["obs/__categories"]
    assert source.labels(["kind"])["kind"].tolist()[:5] == ["x", "y", "z", None, "y"]


@pytest.fixture
def by_hand_file(tmp_path):
    path = tmp_path / "a.h5ad"
    write_by_hand(path, "earliest", {})
    return path


def test_factors_of_seuratdisk_have_their_labels_by_name_alone(by_hand_file):
    r_missing = np.iinfo("i4").min
    with h5py.File(by_hand_file, "r+") as file:
        file["obs/type"] = np.array([r_missing if i == 3 else i % 2 for i in range(N_CELLS)], "i4")
        file["obs/__categories/type"] = ["beta", "alpha"]
        file["var/id"] = np.arange(N_GENES, dtype="i4")
        file["var/__categories/id"] = [f"ENSG{i}" for i in range(N_GENES)]
    source = open_source(str(by_hand_file), {"format": "h5ad", "gene_names": "id"})
    expected = [None if i == 3 else ["beta", "alpha"][i % 2] for i in range(N_CELLS)]
    for _ in range(2):
        assert source.labels(["type"])["type"].tolist() == expected
    assert [str(choice) for choice in source.choices] == [
        "matrix: X",
        "labels of 'type': those in obs/__categories (not its numbers)",
    ]
    assert source.gene_names == [f"ENSG{i}" for i in range(N_GENES)]


def test_numbers_whose_type_names_them(by_hand_file):
    kinds = h5py.enum_dtype({"alpha": 0, "beta": 7}, "u1")
    logical = h5py.enum_dtype({"FALSE": 0, "TRUE": 1, "NA": 2}, "u1")  # as hdf5r writes R's logical values
    with h5py.File(by_hand_file, "r+") as file:
        file.create_dataset("obs/type", data=np.array([7, 0] * 15, "u1").astype(kinds), dtype=kinds, **STORAGE["gzip"])
        file.create_dataset("obs/passed", data=np.array([0, 1, 2] * 10), dtype=logical)
        file.create_dataset("var/used", data=np.array([0, 1] * 6), dtype=logical)
    source = open_source(str(by_hand_file), {"format": "h5ad"})
    labels = source.labels(["type", "passed"])
    assert labels["type"].tolist() == ["beta", "alpha"] * 15
    assert labels["passed"].tolist() == ["False", "True", None] * 10
    assert source.gene_flags("used").tolist() == [False, True] * 6


COLUMNS = {
    "text": (["a", "", " b ", "\u00e9"], ["a", None, "b", "\u00e9"]),
    "missing text": (pd.array(["a", None, "b", "c"], dtype="string"), ["a", None, "b", "c"]),
    "integers": ([1, 2, 3, -4], ["1", "2", "3", "-4"]),
    "missing integers": (pd.array([1, None, 3, 4], dtype="Int64"), ["1", None, "3", "4"]),
    "numbers": ([1.5, np.nan, 3, 4], ["1.5", None, "3.0", "4.0"]),
    "flags": ([True, False, True, True], ["True", "False", "True", "True"]),
    "missing flags": (pd.array([True, None, False, True], dtype="boolean"), ["True", None, "False", "True"]),
    "categories": (pd.Categorical(["b", None, "a", "b"]), ["b", None, "a", "b"]),
    "categories of numbers": (pd.Categorical([3, 1, None, 3]), ["3", "1", None, "3"]),
}


@pytest.mark.parametrize("values,expected", COLUMNS.values(), ids=COLUMNS)
@pytest.mark.parametrize("compression", [None, "gzip", "lzf"])
@pytest.mark.filterwarnings("ignore")
def test_labels_in_every_encoding(tmp_path, values, expected, compression):
    obs = pd.DataFrame({"column": pd.Series(values).to_numpy() if isinstance(values, list) else values})
    data = ad.AnnData(np.ones((4, 2), "f4"), obs=obs.set_axis([f"c{i}" for i in range(4)]))
    with ad.settings.override(allow_write_nullable_strings=True):
        data.write_h5ad(tmp_path / "a.h5ad", compression=compression)
    source = open_source(str(tmp_path / "a.h5ad"), {"format": "h5ad"})
    assert source.labels(["column"])["column"].tolist() == expected


def test_many_names_packed_by_lzf(tmp_path):
    names = [f"cell {i} of a long and boring name, {'x' * (i % 300)}" for i in range(3000)]
    data = ad.AnnData(np.ones((3000, 1), "f4"), obs=pd.DataFrame({"fixed": ["a"] * 3000}, index=names))
    data.write_h5ad(tmp_path / "a.h5ad", compression="lzf")
    assert open_source(str(tmp_path / "a.h5ad"), {"format": "h5ad"}).cell_names == names


def test_only_the_columns_that_are_asked_for_are_read(tmp_path, monkeypatch):
    from rankstudy.sources.readers import hdf5

    path = write_h5ad(tmp_path / "a.h5ad", COUNTS, obs={"kind": ["x"] * N_CELLS, "other": ["y"] * N_CELLS})
    source = open_source(path, {"format": "h5ad"})
    touched, find = [], hdf5.find
    monkeypatch.setattr("rankstudy.sources.readers.elements.find", lambda g, n: touched.append(n) or find(g, n))
    source.labels(["kind"])
    assert "kind" in touched and "other" not in touched and "X" not in touched


def test_names_of_genes_from_a_column(tmp_path):
    ids = [f"ENSG{i:03d}" for i in range(N_GENES)]
    path = write_h5ad(tmp_path / "a.h5ad", COUNTS, obs={"kind": ["x"] * N_CELLS}, var={"ensembl": pd.Categorical(ids)})
    source = open_source(path, {"format": "h5ad", "gene_names": "ensembl"})
    assert source.gene_names == ids and source.read(np.array([0])).shape == (1, N_GENES)
