"""10x HDF5 files: equal to what scanpy reads, with labels beside them, and refused where they are not what they say."""

import h5py
import numpy as np
import pytest
import scanpy as sc
import scipy.sparse as sp

from rankstudy.config.dataset_model import Dataset
from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import blocks, cell_columns, open_source
from rankstudy.sources.readers.probe import require_survivable
from tests.unit.helpers import labels_text, role, run_index, toy_counts, write_text
from tests.unit.test_features import GENES, SYMBOLS, TYPES
from tests.unit.test_reader_table import streamed

N_CELLS, N_GENES = 13, 6
COUNTS = toy_counts(N_CELLS, N_GENES)
COUNTS[4] = 0
BARCODES = [f"ACGT-{i}" for i in range(N_CELLS)]
IDS = [f"ENSG{i}" for i in range(N_GENES)]
OPTIONS = {"chunks": True, "compression": "gzip", "shuffle": True}


def put(group, name, values):
    values = np.array(values, "S") if isinstance(values[0], str) else np.asarray(values)
    group.create_dataset(name, data=values, **OPTIONS)


def put_matrix(group, counts):
    matrix = sp.csr_matrix(counts)
    put(group, "barcodes", BARCODES)
    for name, values in (("data", matrix.data.astype("i4")), ("indices", matrix.indices.astype("i8"))):
        put(group, name, values)
    put(group, "indptr", matrix.indptr.astype("i8"))
    put(group, "shape", np.array(counts.shape[::-1], "i4"))


def new(path, *, types=None, genomes=("GRCh38",) * N_GENES):
    """Write a file as Cell Ranger 3 and later do."""
    with h5py.File(path, "w") as file:
        put_matrix(file.create_group("matrix"), COUNTS)
        put(file, "matrix/features/id", IDS)
        put(file, "matrix/features/name", SYMBOLS if types else [f"S{i}" for i in range(N_GENES)])
        put(file, "matrix/features/feature_type", types or ["Gene Expression"] * N_GENES)
        put(file, "matrix/features/genome", list(genomes))
        put(file, "matrix/features/_all_tag_keys", ["genome"])
    return str(path)


def old(path, genomes=("hg19",)):
    """Write a file as Cell Ranger 2 does: a group for each genome, here with more counts each."""
    with h5py.File(path, "w") as file:
        for more, genome in enumerate(genomes):
            group = file.create_group(genome)
            put_matrix(group, COUNTS + more)
            put(group, "genes", IDS)
            put(group, "gene_names", [f"S{i}" for i in range(N_GENES)])
    return str(path)


@pytest.mark.parametrize("write", [old, new])
@pytest.mark.parametrize("names", ["ids", "symbols"])
@pytest.mark.parametrize("per_block", [1, 20, 1 << 22])
def test_a_file_of_every_version(tmp_path, monkeypatch, write, names, per_block):
    monkeypatch.setattr(blocks, "VALUES_PER_BLOCK", per_block)
    source = open_source(write(tmp_path / "a.h5"), {"format": "tenx_h5", "gene_names": names})
    assert source.cell_names == BARCODES
    assert source.gene_names == (IDS if names == "ids" else [f"S{i}" for i in range(N_GENES)])
    np.testing.assert_array_equal(streamed(source), COUNTS)
    for rows in ([], [0], [1, 4, 11], range(N_CELLS)):
        np.testing.assert_array_equal(source.read(np.array(rows, int)).toarray(), COUNTS[list(rows)])


@pytest.mark.parametrize("write", [old, new])
def test_a_file_as_scanpy_reads_it(tmp_path, write):
    source = open_source(write(tmp_path / "a.h5"), {"format": "tenx_h5", "gene_names": "symbols"})
    data = sc.read_10x_h5(source.path)
    assert source.gene_names == data.var_names.tolist() and source.cell_names == data.obs_names.tolist()
    np.testing.assert_array_equal(streamed(source), data.X.toarray())


def test_antibodies_are_no_genes(tmp_path):
    source = open_source(new(tmp_path / "a.h5", types=TYPES), {"format": "tenx_h5", "gene_names": "symbols"})
    assert source.gene_names == ["CD4", "b", "c", "d"]
    np.testing.assert_array_equal(streamed(source), COUNTS[:, GENES])
    assert [str(choice) for choice in source.choices] == [
        "genome: GRCh38",
        "features: 4 Gene Expression (not 1 Antibody Capture, 1 CRISPR Guide Capture)",
    ]
    with pytest.raises(StudyError, match=r"a\.h5 \(tenx_h5\.gene_names: symbols\): genes: 1 names occur .*: CD4"):
        open_source(source.path, {"format": "tenx_h5", "gene_names": "symbols", "feature_types": None})


def test_one_genome_of_several(tmp_path):
    path = old(tmp_path / "a.h5", ("hg19", "mm10"))
    with pytest.raises(StudyError, match=r"a matrix for each of hg19, mm10; name one: `tenx_h5: \{genome: hg19\}`"):
        open_source(path, {"format": "tenx_h5"})
    with pytest.raises(
        StudyError,
        match=r"tenx_h5\.genome: .* has no 'mm1' \(did you mean 'mm10'\?\); name one that it holds: hg19, mm10",
    ):
        open_source(path, {"format": "tenx_h5", "genome": "mm1"})
    source = open_source(path, {"format": "tenx_h5", "genome": "mm10"})
    np.testing.assert_array_equal(streamed(source), COUNTS + 1)
    assert str(source.choices[0]) == "genome: mm10 (not hg19)"


def test_a_matrix_of_several_genomes_is_read_whole(tmp_path):
    path = new(tmp_path / "a.h5", genomes=["hg19"] * 3 + ["mm10"] * 3)
    source = open_source(path, {"format": "tenx_h5"})
    assert str(source.choices[0]) == "genome: hg19, mm10" and len(source.gene_names) == N_GENES
    with pytest.raises(StudyError, match=r"tenx_h5\.genome: .*one matrix for all genomes; remove the key"):
        open_source(path, {"format": "tenx_h5", "genome": "hg19"})


def test_labels_are_joined_by_barcode(tmp_path):
    order = np.random.default_rng(0).permutation(N_CELLS)
    text = labels_text([BARCODES[i] for i in order], {"kind": [f"k{i}" for i in order]})
    read = {"format": "tenx_h5", "labels": write_text(tmp_path / "labels.csv", text)}
    path = new(tmp_path / "a.h5", types=TYPES)
    require_survivable(path, read, ["kind"], "", None)
    cells, types, genes = run_index(
        tmp_path, path, read, annotations={"cell_type": role("kind"), "batch": role("part")}
    )
    assert cells["cell_type"].tolist() == [f"k{i}" for i in range(N_CELLS)] and set(cells["batch"]) == {"0"}
    assert cells["n_counts"].tolist() == COUNTS[:, GENES].sum(axis=1).tolist()
    with pytest.raises(
        StudyError, match=r"tenx_h5\.labels is not set.*there is no column 'kind'; the columns are cell_name"
    ):
        cell_columns(open_source(path, {"format": "tenx_h5"}), ["kind"], "0")


DAMAGE = {
    "another shape": (
        "shape",
        np.array([N_GENES, 1]),
        r"matrix: says that its shape is \[6, 1\], but there are 6 features",
    ),
    "a feature too few": (
        "features/id",
        IDS[:-1],
        r"states the types of 6 features, but has 5",
    ),
    "a type too few": ("features/feature_type", ["Gene Expression"] * 5, r"states the types of 5 features, but has 6"),
    "a barcode twice": ("barcodes", ["x"] * N_CELLS, r"cells: 1 names occur more than once"),
    "an index beyond": ("indices", np.full(int((COUNTS > 0).sum()), 99), r"matrix/indices: holds 99, expected 0 to 5"),
    "no pointers": ("indptr", np.zeros((2, 2)), r"matrix/indptr: has the shape \(2, 2\), expected 1 dimensions"),
    "no ids": ("features/id", np.zeros((2, 2)), r"matrix/features/id: has the shape \(2, 2\), expected 1 dimensions"),
}


@pytest.mark.parametrize("name,values,message", DAMAGE.values(), ids=DAMAGE)
def test_damage_is_named(tmp_path, name, values, message):
    path = new(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        del file["matrix"][name]
        put(file["matrix"], name, values)
    with pytest.raises(StudyError, match=rf"a\.h5: {message}"):
        list(open_source(path, {"format": "tenx_h5"}).stream())


def test_other_files_say_what_they_are(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_group("obs")
    with pytest.raises(StudyError, match=r"a\.h5: is not a 10x HDF5 file: it is an AnnData file; write `h5ad: \{\}`"):
        open_source(str(tmp_path / "a.h5"), {"format": "tenx_h5"})


def test_the_name_of_the_file_tells_the_format():
    data = {"title": "toy", "source": {"local_file": "filtered_feature_bc_matrix.h5"}, "cell_type": "cell_name"}
    assert Dataset.model_validate(data).format_of_suffix == "tenx_h5"
