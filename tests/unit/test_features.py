"""Features that are no genes are left out, told, and taken only if their type is named."""

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.cells.tables import SOURCE_PARTS
from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import blocks, cell_columns, mtx, open_source
from tests.unit import rds_writer as w
from tests.unit.helpers import index_outputs, labels_text, run_index, toy_counts, write_h5ad, write_text
from tests.unit.test_reader_mtx_loom import COUNTS as LOOM_COUNTS
from tests.unit.test_reader_mtx_loom import folder, loom
from tests.unit.test_reader_table import streamed

COUNTS = toy_counts(13, 6)
GENE = "Gene Expression"
TYPES = [GENE, "Antibody Capture", GENE, GENE, "CRISPR Guide Capture", GENE]
GENES = np.array([0, 2, 3, 5])
# the antibody has the symbol of the first gene, as it often does
SYMBOLS = ["CD4", "CD4", "b", "c", "guide", "d"]


def tenx(where, types=TYPES, **form):
    """Write a 10x folder whose features are of these types (None: none are stated)."""
    path = folder(where, counts=COUNTS, **form)
    lines = [f"id{i}\t{s}" if types is None else f"id{i}\t{s}\t{types[i]}" for i, s in enumerate(SYMBOLS)]
    write_text(where / "features.tsv", "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("per_block", [1, 5, 1 << 22])
def test_antibodies_and_guides_are_no_genes(tmp_path, monkeypatch, per_block):
    monkeypatch.setattr(mtx, "VALUES_PER_BLOCK", per_block)
    source = open_source(tenx(tmp_path), {"format": "mtx", "gene_names": "symbols"})
    assert source.gene_names == ["CD4", "b", "c", "d"]
    np.testing.assert_array_equal(streamed(source), COUNTS[:, GENES])
    np.testing.assert_array_equal(source.read(np.array([0, 5, 12])).toarray(), COUNTS[[0, 5, 12]][:, GENES])
    assert [str(choice) for choice in source.choices] == [
        "features: 4 Gene Expression (not 1 Antibody Capture, 1 CRISPR Guide Capture)"
    ]


def test_types_that_are_named_are_taken_and_null_takes_all(tmp_path):
    path = tenx(tmp_path)
    antibodies = open_source(path, {"format": "mtx", "feature_types": ["Antibody Capture"]})
    np.testing.assert_array_equal(streamed(antibodies), COUNTS[:, [1]])
    everything = open_source(path, {"format": "mtx", "feature_types": None})
    np.testing.assert_array_equal(streamed(everything), COUNTS)
    assert str(everything.choices[0]) == "features: 4 Gene Expression, 1 Antibody Capture, 1 CRISPR Guide Capture"
    with pytest.raises(StudyError, match=r"features\.tsv \(mtx\.gene_names: symbols\): genes: 1 names occur .*: CD4"):
        open_source(path, {"format": "mtx", "feature_types": None, "gene_names": "symbols"})


def test_a_file_without_a_wanted_type_names_those_that_it_has(tmp_path):
    with pytest.raises(
        StudyError, match=r"matrix\.mtx: no feature is of the type Gene Expression; there are 6 Peaks; "
    ):
        open_source(tenx(tmp_path, ["Peaks"] * 6), {"format": "mtx"})


def test_a_file_that_states_no_types_is_read_as_it_is(tmp_path):
    source = open_source(tenx(tmp_path, None), {"format": "mtx"})
    assert source.choices == []
    np.testing.assert_array_equal(streamed(source), COUNTS)


def test_totals_are_of_genes_alone_and_the_table_of_parts_says_so(tmp_path):
    path = tenx(tmp_path)
    barcodes = [f"ACGT-{i}" for i in range(13)]
    labels = write_text(tmp_path / "labels.csv", labels_text(barcodes, {"kind": ["x"] * 13}))
    cells, _, genes = run_index(tmp_path, path, {"format": "mtx", "labels": labels})
    assert cells["n_counts"].tolist() == COUNTS[:, GENES].sum(axis=1).tolist()
    assert genes["gene"].tolist() == [f"id{i}" for i in GENES]
    parts = SOURCE_PARTS.read(index_outputs(tmp_path)["source_parts"])
    assert parts.loc[0, "choices"].startswith("features: 4 Gene Expression (not 1 Antibody Capture")
    assert parts.loc[0, "n_genes"] == 4


def experiment(types):
    """Return a SingleCellExperiment of `rds_writer.matrix()` whose `rowData` has a column `Type`."""
    assays = w.listed([w.matrix()], names=w.text(["counts"]))
    row_data = w.s4("DFrame", listData=w.listed([w.text(types)], names=w.text(["Type"])))
    cells = w.s4("DFrame", rownames=w.text(["c1", "c2"]), listData=w.listed([]))
    return w.s4(
        "SummarizedExperiment",
        assays=w.s4("SimpleAssays", data=w.s4("SimpleList", listData=assays)),
        colData=cells,
        NAMES=w.text(["g1", "g2", "g3"]),
        elementMetadata=row_data,
    )


def test_row_data_of_an_experiment_state_types_too(tmp_path):
    path = w.write(tmp_path / "a.rds", experiment(["Gene Expression", None, "Gene Expression"]))
    source = open_source(path, {"format": "rds"})
    assert source.gene_names == ["g1", "g3"]
    np.testing.assert_array_equal(streamed(source), [[1, 0], [0, 3]])
    assert str(source.choices[1]) == "features: 2 Gene Expression (not 1 without a type)"


@pytest.mark.parametrize("form", [sp.csr_matrix, sp.csc_matrix, np.asarray])
def test_anndata_s_column_of_types(tmp_path, monkeypatch, form):
    monkeypatch.setattr(blocks, "VALUES_PER_BLOCK", 20)
    path = write_h5ad(
        tmp_path / "a.h5ad", form(COUNTS), obs={"kind": ["x"] * 13}, genes=[f"g{i}" for i in range(6)],
        var={"feature_types": pd.Categorical(TYPES), "marked": [True] * 3 + [False] * 3},
    )  # fmt: skip
    source = open_source(path, {"format": "h5ad"})
    assert source.gene_names == ["g0", "g2", "g3", "g5"]
    np.testing.assert_array_equal(streamed(source), COUNTS[:, GENES])
    np.testing.assert_array_equal(source.read(np.array([0, 12])).toarray(), COUNTS[[0, 12]][:, GENES])
    assert source.gene_flags("marked").tolist() == [True, True, False, False]
    assert "features: 4 Gene Expression (not 1 Antibody Capture, 1 CRISPR Guide Capture)" in map(str, source.choices)
    assert cell_columns(source, ["kind", "part"], "0").iloc[0].tolist() == ["x", "0"]


def test_loom_s_row_attribute_of_types(tmp_path):
    path = loom(tmp_path / "a.loom")
    with h5py.File(path, "r+") as file:
        file["row_attrs/feature_types"] = TYPES
    source = open_source(path, {"format": "loom"})
    np.testing.assert_array_equal(streamed(source), LOOM_COUNTS[:, GENES])
    with h5py.File(path, "r+") as file:
        del file["row_attrs/feature_types"]
        file["row_attrs/feature_types"] = TYPES[:-1]
    with pytest.raises(StudyError, match=r"a\.loom: states the types of 5 features, but has 6; the file is damaged"):
        open_source(path, {"format": "loom"})
