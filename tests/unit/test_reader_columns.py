"""Columns of cells in every format: those of the file go before the words `part` and `cell_name`."""

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse as sp

from rankstudy.cells.tables import PART_CELLS, PART_CHOICES
from rankstudy.core.errors import StudyError
from tests.unit import rds_writer as w
from tests.unit.helpers import labels_text, put_together, role, run_scan, table_text, write_h5ad, write_text

CELLS, GENES = ["c1", "c2"], ["g1", "g2", "g3"]
COUNTS = np.array([[1, 2, 0], [0, 0, 3]])


def as_h5ad(folder, columns):
    return write_h5ad(folder / "a.h5ad", sp.csr_matrix(COUNTS), obs=columns, cells=CELLS, genes=GENES), {
        "format": "h5ad"
    }


def as_loom(folder, columns):
    with h5py.File(folder / "a.loom", "w") as file:
        file["matrix"] = COUNTS.T
        file["row_attrs/Gene"] = GENES
        for name, values in {"CellID": CELLS, **columns}.items():
            file[f"col_attrs/{name}"] = values
    return str(folder / "a.loom"), {"format": "loom"}


def as_table(folder, columns):
    labels = write_text(folder / "labels.csv", labels_text(CELLS, columns))
    counts = write_text(folder / "a.csv", table_text(COUNTS.T, GENES, CELLS))
    return counts, {"format": "table", "labels": labels}


def as_mtx(folder, columns):
    scipy.io.mmwrite(folder / "matrix.mtx", sp.csc_matrix(COUNTS.T), field="integer")
    write_text(folder / "barcodes.tsv", "\n".join(CELLS) + "\n")
    write_text(folder / "features.tsv", "".join(f"{gene}\t{gene}\tGene Expression\n" for gene in GENES))
    labels = write_text(folder / "labels.csv", labels_text(CELLS, columns))
    return str(folder / "matrix.mtx"), {"format": "mtx", "labels": labels}


def as_rds(folder, columns):
    return w.write(folder / "a.rds", w.seurat(meta={n: w.text(v) for n, v in columns.items()})), {"format": "rds"}


WRITERS = {"h5ad": as_h5ad, "loom": as_loom, "table": as_table, "mtx": as_mtx, "rds": as_rds}
KINDS = {"kind": ["x", "y"]}
OWN = {"part": ["tissue 1", "tissue 2"], "cell_name": ["one", "two"]}


@pytest.fixture(autouse=True)
def without_a_child_process(monkeypatch):
    monkeypatch.setattr("rankstudy.cells.scan.require_survivable", lambda *_: None)


@pytest.fixture(params=WRITERS.values(), ids=WRITERS)
def written(request, tmp_path):
    return lambda columns: request.param(tmp_path, {**KINDS, **columns})


def scanned(folder, file, **changes):
    annotations = {"cell_type": role("kind"), "batch": role("part"), "donor": role("cell_name")}
    cells, _, choices = run_scan(folder, *file, part="one", **{"annotations": annotations, **changes})
    return PART_CELLS.read(cells), set(PART_CHOICES.read(choices)["choice"])


def test_the_words_mean_the_part_and_the_name_where_no_column_is_called_so(tmp_path, written):
    cells, choices = scanned(tmp_path, written({}))
    assert cells["batch"].tolist() == ["one", "one"] and cells["donor"].tolist() == CELLS
    assert not any("column" in choice for choice in choices)


def test_columns_of_the_file_go_before_the_words_and_it_is_told(tmp_path, written):
    cells, choices = scanned(tmp_path, written(OWN))
    assert cells["batch"].tolist() == OWN["part"] and cells["donor"].tolist() == OWN["cell_name"]
    assert cells["cell_name"].tolist() == CELLS and cells["part"].tolist() == ["one", "one"]
    assert choices >= {
        "column part: the file's own column (not the name of the part)",
        "column cell_name: the file's own column (not the cell's own name)",
    }


def test_cells_are_kept_by_the_file_s_own_column(tmp_path, written):
    cells, _ = scanned(tmp_path, written(OWN), keep={"column": "part", "values": ["tissue 2"]})
    assert cells["left_out"].tolist() == ["part is tissue 1", None]


def test_nothing_is_told_of_columns_that_are_not_asked_for(tmp_path, written):
    _, choices = scanned(tmp_path, written(OWN), annotations={"cell_type": role("kind")})
    assert not any("column" in choice for choice in choices)


def test_what_a_message_offers_as_a_column_of_cells_can_be_read(tmp_path, written):
    with pytest.raises(
        StudyError, match=r"no column 'cel_name' \(did you mean 'cell_name'\?\); the columns are cell_name,"
    ):
        scanned(tmp_path, written({}), annotations={"cell_type": role("cel_name")})


@pytest.mark.parametrize("key", ["cell_names", "gene_names"])
def test_the_names_in_a_loom_file_come_from_its_own_attributes_alone(tmp_path, key):
    path, read = as_loom(tmp_path, KINDS)
    with pytest.raises(StudyError, match=rf"loom\.{key}: .*no column 'cell_name'; the columns are (?!cell_name)"):
        run_scan(tmp_path, path, {**read, key: "cell_name"})


def test_names_of_genes_are_not_those_of_cells(tmp_path):
    path, read = as_h5ad(tmp_path, KINDS)
    with pytest.raises(StudyError, match=r"h5ad\.gene_names: .*no column 'cell_name'; the columns are \(none\)"):
        run_scan(tmp_path, path, {**read, "gene_names": "cell_name"})


@pytest.mark.parametrize("of_two,message", [(OWN, None), ({}, "one have a column part of their own, two have none")])
def test_a_column_of_some_parts_alone_is_refused(tmp_path, of_two, message):
    runs = []
    for part, columns in (("one", OWN), ("two", of_two)):
        (tmp_path / part).mkdir()
        file = as_h5ad(tmp_path / part, {**KINDS, **columns})
        annotations = {"cell_type": role("kind"), "batch": role("part")}
        runs.append(run_scan(tmp_path, *file, part=part, several_parts=True, annotations=annotations))
    if message:
        with pytest.raises(StudyError, match=rf"data set toy: {message}.*rename the column in the files that have it"):
            put_together(tmp_path, runs)
    else:
        assert put_together(tmp_path, runs)[0]["batch"].tolist() == OWN["part"] * 2
