"""Files and folders that are something else than their name says: what they are, and what to do."""

import gzip

import h5py
import numpy as np
import pytest

from rankstudy.config.dataset_model import Dataset
from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import open_source
from tests.fuzz.good_files import N_CELLS, N_GENES, write_by_hand
from tests.unit.helpers import write_h5ad
from tests.unit.test_reader_table import streamed


def refused(path, message, read=None):
    with pytest.raises(StudyError, match=message) as caught:
        open_source(str(path), read or {"format": "h5ad"})
    assert str(path) in str(caught.value) and len(str(caught.value).splitlines()) == 1


CONTENT = {
    "gzip": (gzip.compress(b"\x89HDF"), r"it is compressed as a whole with gzip; unpack it \(gzip -d\)"),
    "zip": (b"PK\x03\x04....", r"it is a zip archive; let its name end in \.zip, if an h5ad"),
    "xz": (b"\xfd7zXZ\x00...", r"it is compressed as a whole with xz; unpack it \(xz -d\)"),
    "page": (b"\xef\xbb\xbf \n<!DOCTYPE html><html>", r"it is a web page or another answer of a server"),
    "answer": (b'{"message": "Not found"}', r"it is a web page or another answer of a server"),
    "pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        r"it is the pointer that Git LFS leaves.*`git lfs pull`",
    ),
    "R": (b"RDX3\nX\n", r"it is an \.RData file of R; .* saveRDS"),
    "text": (b"gene\tc1\tc2\n", r"it is text that begins with 'gene\\tc1\\tc2'"),
    "nothing": (b"", r"it is empty"),
}


@pytest.mark.parametrize("content,message", CONTENT.values(), ids=CONTENT)
@pytest.mark.parametrize("read", ["h5ad", "loom"])
def test_content_that_is_no_hdf5(tmp_path, content, message, read):
    (tmp_path / "a.h5ad").write_bytes(content)
    refused(tmp_path / "a.h5ad", rf"is not a readable {read} file: {message}", {"format": read})


def test_bytes_that_nothing_is_known_of_are_explained_by_the_library(tmp_path):
    (tmp_path / "a.h5ad").write_bytes(bytes(range(128, 256)))
    refused(tmp_path / "a.h5ad", "is not a readable h5ad file: Unable to")


@pytest.mark.parametrize("mark", [".zgroup", "zarr.json"])
def test_a_zarr_store(tmp_path, mark):
    (tmp_path / "store.zarr").mkdir()
    (tmp_path / "store.zarr" / mark).write_text("{}")
    refused(
        tmp_path / "store.zarr",
        r"it is a zarr store.*anndata\.read_zarr\('.*store\.zarr'\)\.write_h5ad\('cells\.h5ad'\)",
    )


def test_folders(tmp_path):
    refused(tmp_path, "it is an empty folder; name the file itself")
    (tmp_path / "a.txt").touch()
    refused(tmp_path, r"it is a folder; name a file in it: a\.txt")
    (tmp_path / "matrix.mtx.gz").touch()
    refused(tmp_path, r"it is a folder of a 10x matrix; name its matrix\.mtx\.gz, and write `mtx: \{\}`")


@pytest.mark.parametrize("section", [{}, {"h5ad": {}}])
def test_a_zarr_store_is_explained_by_the_configuration(section):
    data = {"title": "toy", "source": {"local_file": "store.zarr"}, "cell_type": "kind", **section}
    with pytest.raises(ValueError, match=r"zarr store.*write_h5ad"):
        Dataset.model_validate(data)


GROUPS = {
    "10x, Cell Ranger 3": (
        ["matrix/features/id", "matrix/barcodes"],
        r"a 10x matrix of Cell Ranger; write `tenx_h5: {}`",
    ),
    "10x, Cell Ranger 2": (
        ["hg19/genes", "hg19/barcodes", "hg19/indptr"],
        r"a 10x matrix of Cell Ranger; write `tenx_h5: {}`",
    ),
    "loom": (["row_attrs/Gene", "col_attrs/CellID"], r"a loom file; write `loom: {}`"),
    "MuData": (["mod/atac/obs/i", "mod/rna/obs/i"], r"a MuData file of atac, rna; write `h5ad: {counts: mod/rna/X}`"),
    "MuData without rna": (["mod/prot/obs/i"], r"a MuData file of prot; write `h5ad: {counts: mod/prot/X}`"),
    "h5Seurat": (
        ["assays/RNA/x", "meta.data/x"],
        r"an h5Seurat file; save its object in R: saveRDS\(SeuratDisk::LoadH5Seurat",
    ),
    "molecules": (["barcode_info/x", "umi"], r"the molecules of Cell Ranger.*filtered_feature_bc_matrix\.h5"),
    "anndata 0.6": (
        ["obs", "X"],
        r"anndata before 0\.7; write it anew in Python: anndata\.read_h5ad\('old\.h5ad'\)\.write_h5ad",
    ),
    "something": (["a", "b/c"], r"it holds a, b, which none of the formats that are read has"),
}


@pytest.mark.parametrize("elements,message", GROUPS.values(), ids=GROUPS)
def test_other_hdf5_files(tmp_path, elements, message):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in elements:
            file[name] = np.zeros(1)
    refused(tmp_path / "a.h5", rf"is not an h5ad file of anndata 0\.7 or later: .*{message}")


def test_a_loom_file_that_is_an_h5ad(tmp_path):
    path = write_h5ad(tmp_path / "a.loom", np.ones((2, 2)), obs={"kind": ["x", "y"]})
    refused(path, "is not a loom file: it is an AnnData file; write `h5ad: {}`", {"format": "loom"})


def mudata(path, values):
    """Write a MuData file: two modalities, and a table of all, behind a header of its own as mudata writes it."""
    made = path.with_suffix(".h5ad")
    write_by_hand(made, "earliest", {})
    with h5py.File(path, "w", userblock_size=512) as file, h5py.File(made) as rna:
        for part in ("obs", "var"):
            rna.copy(part, file.require_group("mod/rna"), expand_refs=True)
        file["mod/rna/layers/counts"] = values
        file.create_dataset("mod/rna/X", data=values + 1, compression="gzip")
        file["mod/prot/obs/index"] = ["p"]
        file["obs/index"], file["obs/common"] = rna["obs/index"][()], np.arange(N_CELLS)
    header = b"MuData (format-version=0.1.0;creator=muon)"
    path.write_bytes(header + path.read_bytes()[len(header) :])
    return str(path)


def test_a_modality_of_a_mudata_file(tmp_path):
    values = np.arange(N_CELLS * N_GENES).reshape(N_CELLS, N_GENES)
    path = mudata(tmp_path / "a.h5mu", values)
    for counts, expected in (("mod/rna/layers/counts", values), ("mod/rna/X", values + 1)):
        source = open_source(path, {"format": "h5ad", "counts": counts})
        np.testing.assert_array_equal(streamed(source), expected)
        assert source.cell_names[:2] == ["cell 0", "cell 1"] and source.gene_names[0] == "gene 0"
    assert source.labels(["kind"])["kind"].tolist()[:4] == ["x", "y", "z", None]
    assert str(source.choices[0]) == "matrix: mod/rna/X (not mod/rna/layers/counts)"
    with pytest.raises(StudyError, match=r"mod/rna/obs: there is no column 'common'.*mdata\.push_obs\(\['common'\]\)"):
        source.labels(["common"])
    refused(path, "it is a MuData file of prot, rna")
    refused(
        path,
        r"has no 'mod/atac/'; name a matrix that it holds: mod/rna/X, mod/rna/layers/counts",
        {"format": "h5ad", "counts": "mod/atac/X"},
    )


@pytest.mark.parametrize("name", ["a.h5ad", "a.h5mu", "a.h5", "a.loom", "a.rds"])
def test_formats_that_the_name_of_the_file_tells(name):
    data = {"title": "toy", "source": {"local_file": name}, "cell_type": "kind"}
    assert Dataset.model_validate(data).format_of_suffix
