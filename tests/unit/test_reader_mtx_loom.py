"""10x folders and loom files: equal to what scanpy reads, and refused where they are not what they say."""

import gzip

import h5py
import numpy as np
import pytest
import scanpy as sc
import scipy.io
import scipy.sparse as sp

from rankstudy.config.dataset_model import Dataset
from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import blocks, cell_columns, mtx, open_source
from rankstudy.sources.tenx import companions
from tests.unit.helpers import labels_text, toy_counts, write_text
from tests.unit.test_reader_table import streamed

N_CELLS, N_GENES = 13, 6
COUNTS = toy_counts(N_CELLS, N_GENES)
COUNTS[[0, 4, 12]] = 0
BARCODES = [f"ACGT-{i}" for i in range(N_CELLS)]


def folder(where, *, prefix="", zipped=False, genes="features.tsv", counts=COUNTS, field="integer"):
    """Write a 10x folder and return the path of its matrix."""
    end = ".gz" if zipped else ""
    write_text(where / f"{prefix}barcodes.tsv{end}", "\n".join(BARCODES) + "\n")
    lines = [f"ENSG{i}\tsymbol {i}\tGene Expression" for i in range(N_GENES)]
    write_text(where / f"{prefix}{genes}{end}", "\n".join(lines) + "\n")
    scipy.io.mmwrite(where / "m.mtx", sp.csc_matrix(counts.T), field=field, comment="made here")
    content = (where / "m.mtx").read_bytes()
    (where / "m.mtx").unlink()
    path = where / f"{prefix}matrix.mtx{end}"
    path.write_bytes(gzip.compress(content) if zipped else content)
    return str(path)


@pytest.mark.parametrize("per_block", [1, 5, 1 << 22])
@pytest.mark.parametrize("form", [{}, {"zipped": True, "prefix": "GSM1_"}, {"genes": "genes.tsv", "field": "real"}])
def test_a_10x_folder(tmp_path, monkeypatch, per_block, form):
    monkeypatch.setattr(mtx, "VALUES_PER_BLOCK", per_block)
    source = open_source(folder(tmp_path, **form), {"format": "mtx"})
    assert source.cell_names == BARCODES and source.gene_names == [f"ENSG{i}" for i in range(N_GENES)]
    np.testing.assert_array_equal(streamed(source), COUNTS)
    for rows in ([], [0], [1, 4, 11], range(N_CELLS)):
        np.testing.assert_array_equal(source.read(np.array(rows, int)).toarray(), COUNTS[list(rows)])
    assert cell_columns(source, ["cell_name"], "0")["cell_name"].tolist() == BARCODES


def test_cells_with_values_at_both_ends(tmp_path):
    counts = toy_counts(N_CELLS, N_GENES, seed=1)
    source = open_source(folder(tmp_path, counts=counts), {"format": "mtx"})
    assert counts[0].any() and counts[-1].any()
    np.testing.assert_array_equal(streamed(source), counts)
    np.testing.assert_array_equal(source.read(np.array([0, N_CELLS - 1])).toarray(), counts[[0, -1]])


def test_genes_without_symbols(tmp_path):
    path = folder(tmp_path)
    write_text(tmp_path / "features.tsv", "\n".join(f"ENSG{i}" for i in range(N_GENES)) + "\n")
    assert open_source(path, {"format": "mtx"}).gene_names[0] == "ENSG0"
    with pytest.raises(StudyError, match=r"features\.tsv: has one column, and no symbols; use `mtx\.gene_names: ids`"):
        open_source(path, {"format": "mtx", "gene_names": "symbols"})


def test_a_10x_folder_as_scanpy_reads_it(tmp_path):
    path = folder(tmp_path, zipped=True)
    source = open_source(path, {"format": "mtx", "gene_names": "symbols"})
    data = sc.read_10x_mtx(tmp_path)
    assert source.gene_names == data.var_names.tolist() and source.cell_names == data.obs_names.tolist()
    np.testing.assert_array_equal(streamed(source), data.X.toarray())


def test_labels_of_a_10x_folder_are_joined_by_barcode(tmp_path):
    order = np.random.default_rng(0).permutation(N_CELLS)
    text = labels_text([BARCODES[i] for i in order], {"kind": [f"k{i}" for i in order]})
    path, labels = folder(tmp_path), write_text(tmp_path / "labels.csv", text)
    source = open_source(path, {"format": "mtx", "labels": labels})
    assert source.labels(["kind"])["kind"].tolist() == [f"k{i}" for i in range(N_CELLS)]
    with pytest.raises(StudyError, match=r"mtx\.labels is not set.*there is no column 'kind'"):
        open_source(path, {"format": "mtx"}).labels(["kind"])


MATRIX_DAMAGE = {
    "another header": (lambda t: t.replace("coordinate", "array"), r"begins with .*, expected '%%matrixmarket"),
    "cut off": (
        lambda t: t[: t.rstrip().rindex("\n") + 1],
        r"holds 33 values and states 34; it is cut off",
    ),
    "one value too many": (
        lambda t: t.rstrip() + f"\n6 {N_CELLS - 1} 3\n",
        r"holds 35 values and states 34; it is damaged",
    ),
    "gene 0": (lambda t: t.rstrip().rsplit("\n", 1)[0] + "\n0 12 1\n", r"a gene or cell number that is out of range"),
    "not sorted": (lambda t: t.rstrip().rsplit("\n", 1)[0] + "\n1 2 1\n", r"are not sorted by cell"),
    "text": (lambda t: t.rstrip().rsplit("\n", 1)[0] + "\n1 12 x\n", r"matrix\.mtx: cannot be read as a table"),
    "other size": (lambda t: t.replace(f"{N_GENES} {N_CELLS}", f"{N_GENES} 99"), r"states 6 genes x 99 cells, but"),
}


@pytest.mark.parametrize("change,message", MATRIX_DAMAGE.values(), ids=MATRIX_DAMAGE)
def test_a_damaged_10x_matrix_is_refused(tmp_path, change, message):
    path = tmp_path / "matrix.mtx"
    folder(tmp_path)
    path.write_text(change(path.read_text()))
    with pytest.raises(StudyError, match=message):
        list(open_source(str(path), {"format": "mtx"}).stream())


def test_files_that_belong_to_a_matrix(tmp_path):
    path = folder(tmp_path, prefix="GSM1_")
    beside = {"features": f"{tmp_path}/GSM1_features.tsv", "barcodes": f"{tmp_path}/GSM1_barcodes.tsv"}
    assert companions(path) == beside
    write_text(tmp_path / "GSM1_genes.tsv", "x")
    with pytest.raises(
        StudyError, match=r"GSM1_features\.tsv and .*GSM1_genes\.tsv: only one can belong to the matrix"
    ):
        companions(path)
    with pytest.raises(StudyError, match=r"counts\.mtx: is not named as a 10x matrix is"):
        companions("counts.mtx")
    with pytest.raises(StudyError, match=r"features\.tsv\.gz: there is no such file"):
        open_source(str(tmp_path / "matrix.mtx"), {"format": "mtx"})


def loom(path, **options):
    with h5py.File(path, "w") as file:
        file.create_dataset("matrix", data=COUNTS.T, **options)
        file.create_dataset("layers/spliced", data=COUNTS.T + 1, **options)
        file["col_attrs/CellID"] = BARCODES
        file["col_attrs/Clusters"] = np.arange(N_CELLS) % 2
        file["row_attrs/Gene"] = [f"symbol {i}" for i in range(N_GENES)]
        file["row_attrs/Accession"] = [f"ENSG{i}" for i in range(N_GENES)]
        file["row_attrs/marked"] = np.arange(N_GENES) % 2
    return str(path)


@pytest.mark.parametrize("options", [{}, {"chunks": (4, 4), "compression": "gzip"}])
@pytest.mark.parametrize("per_block", [1, 30, 1 << 22])
def test_a_loom_file(tmp_path, monkeypatch, options, per_block):
    monkeypatch.setattr(blocks, "VALUES_PER_BLOCK", per_block)
    source = open_source(loom(tmp_path / "a.loom", **options), {"format": "loom", "gene_names": "Accession"})
    assert source.cell_names == BARCODES and source.gene_names == [f"ENSG{i}" for i in range(N_GENES)]
    np.testing.assert_array_equal(streamed(source), COUNTS)
    for rows in ([], [0], [1, 4, 11], range(N_CELLS)):
        np.testing.assert_array_equal(source.read(np.array(rows, int)).toarray(), COUNTS[list(rows)])
    assert source.labels(["Clusters"])["Clusters"].tolist() == [str(i % 2) for i in range(N_CELLS)]
    assert source.gene_flags("marked").tolist() == [False, True] * 3
    layer = open_source(source.path, {"format": "loom", "counts": "layers/spliced"})
    np.testing.assert_array_equal(streamed(layer), COUNTS + 1)


def test_a_loom_file_that_lacks_something(tmp_path):
    path = loom(tmp_path / "a.loom")
    with pytest.raises(
        StudyError, match=r"loom\.gene_names: .*row_attrs: there is no column 'Gen' \(did you mean 'Gene'\?\)"
    ):
        open_source(path, {"format": "loom", "gene_names": "Gen"})
    with pytest.raises(StudyError, match=r"loom\.counts: .*has no 'layers/x'"):
        list(open_source(path, {"format": "loom", "counts": "layers/x"}).stream())
    with h5py.File(path, "r+") as file:
        del file["matrix"]
        file["matrix"] = COUNTS
    with pytest.raises(
        StudyError, match=r"matrix: has the shape \(13, 6\), but the tables of cells and genes say \(6, 13\)"
    ):
        list(open_source(path, {"format": "loom"}).stream())


@pytest.mark.parametrize(
    "section", [{"mtx": {"gene_names": "symbols"}}, {"loom": {}}, {"h5ad": {"gene_names": "ensemblid"}}]
)
def test_the_configuration_knows_every_format(section):
    data = {"title": "toy", "source": {"local_file": "x"}, "cell_type": "kind", **section}
    assert Dataset.model_validate(data)
