"""Words that mean that there is no value: the same ones in every format, told, and the data set's to say."""

import h5py
import numpy as np
import pytest

from rankstudy.cells.tables import SOURCE_PARTS
from rankstudy.config.dataset_model import Dataset
from rankstudy.core.errors import StudyError
from tests.unit import rds_writer as w
from tests.unit.config_files import load
from tests.unit.helpers import index_outputs, labels_text, role, run_index, table_text, write_h5ad, write_text

COUNTS = np.array([[1.0, 2, 0], [0, 0, 3]])
CELLS, GENES = ["c1", "c2"], ["g1", "g2", "g3"]
WORDS = Dataset.model_fields["missing"].default


def as_table(folder, kinds):
    path = write_text(folder / "c.csv", table_text(COUNTS, CELLS, GENES))
    labels = write_text(folder / "l.csv", labels_text(CELLS, {"kind": kinds}))
    return path, {"format": "table", "rows": "cells", "labels": labels}


def as_mtx(folder, kinds):
    write_text(folder / "features.tsv", "".join(f"{gene}\t{gene}\n" for gene in GENES))
    write_text(folder / "barcodes.tsv", "".join(f"{cell}\n" for cell in CELLS))
    values = "1 1 1\n2 1 2\n3 2 3\n"
    path = write_text(folder / "matrix.mtx", f"%%MatrixMarket matrix coordinate integer general\n3 2 3\n{values}")
    return path, {"format": "mtx", "labels": write_text(folder / "l.csv", labels_text(CELLS, {"kind": kinds}))}


def as_h5ad(folder, kinds):
    return write_h5ad(folder / "a.h5ad", COUNTS, obs={"kind": kinds}, cells=CELLS, genes=GENES), {"format": "h5ad"}


def as_loom(folder, kinds):
    with h5py.File(folder / "a.loom", "w") as file:
        file["matrix"], file["row_attrs/Gene"] = COUNTS.T, GENES
        file["col_attrs/CellID"], file["col_attrs/kind"] = CELLS, kinds
    return str(folder / "a.loom"), {"format": "loom"}


def as_rds(folder, kinds):
    return w.write(folder / "a.rds", w.seurat(meta={"kind": w.text(kinds)})), {"format": "rds"}


FORMATS = {"table": as_table, "mtx": as_mtx, "h5ad": as_h5ad, "loom": as_loom, "rds": as_rds}


def indexed(folder, write, kinds, **settings):
    return run_index(folder, *write(folder, kinds), **settings)[0]["cell_type"].tolist()


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("word", ["NA", "nan", "NaN", "None", "<NA>"])
def test_words_for_no_value_are_no_cell_type_in_any_format(tmp_path, write, word):
    assert indexed(tmp_path, write, [word, "x"], missing=WORDS) == [None, "x"]
    choices = SOURCE_PARTS.read(index_outputs(tmp_path)["source_parts"])["choices"].tolist()
    assert choices[0].endswith(f"missing values: 1 {word} in kind")


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_the_data_set_says_which_words_these_are(tmp_path, write):
    assert indexed(tmp_path, write, ["NA", "x"], missing=[]) == ["NA", "x"]
    assert indexed(tmp_path, write, ["NA", "unassigned"], missing=["unassigned"]) == ["NA", None]


def test_names_of_cells_are_names(tmp_path):
    path = write_h5ad(tmp_path / "a.h5ad", COUNTS, obs={"kind": ["x", "x"]}, cells=["NA", "c2"], genes=GENES)
    annotations = {"cell_type": role("cell_name")}
    cells, *_ = run_index(tmp_path, path, {"format": "h5ad"}, annotations=annotations, missing=WORDS)
    assert cells["cell_type"].tolist() == ["NA", "c2"]


def test_a_batch_without_a_value_is_found_whatever_stands_for_it(tmp_path):
    path = write_h5ad(
        tmp_path / "a.h5ad", COUNTS, obs={"kind": ["x", "x"], "lib": ["NA", "1"]}, cells=CELLS, genes=GENES
    )
    annotations = {"cell_type": role("kind"), "batch": role("lib")}
    with pytest.raises(StudyError, match=r"batch: 1 cells have none, such as c1"):
        run_index(tmp_path, path, {"format": "h5ad"}, annotations=annotations, missing=WORDS)


def test_what_is_kept_cannot_mean_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = {"keep": {"column": "doublet", "values": ["None", "no"]}}
    with pytest.raises(StudyError, match=r"keep\.values: None means that there is no value; write `missing: \[\]`"):
        load(tmp_path, **kept)
    assert load(tmp_path, **kept, missing=[]).datasets["toy"].keep["values"] == ["None", "no"]
    assert load(tmp_path).datasets["toy"].parts["0"].missing == WORDS
