"""Extracted cells and shards: the right rows under the right ids."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.cells.shards import extract_cells, read_counts, write_shard
from rankstudy.cells.tables import GENES as GENE_TABLE
from rankstudy.cells.tables import SELECTION
from rankstudy.core.errors import StudyError
from rankstudy.core.files import write_anndata
from tests.unit.helpers import labels_text, table_text, toy_counts, write_h5ad, write_text

N_CELLS, N_GENES = 14, 8
COUNTS = toy_counts(N_CELLS, N_GENES)
NAMES = [f"c{i}" for i in range(N_CELLS)]
GENES = [f"g{i}" for i in range(N_GENES)]
# the order of the selection (type, id) is not that of the file
CHOSEN = [13, 2, 7, 0, 12, 5]
SLUGS = ["a", "a", "a", "b", "b", "b"]


def selection(path, chosen=CHOSEN, parts=None, names=NAMES, counts=COUNTS):
    frame = pd.DataFrame({"row": chosen, "slug": SLUGS, "cell_id": [f"toy:{names[i]}" for i in chosen]})
    frame = frame.assign(dataset="toy", seed=0, cell_type=frame["slug"].str.upper(), batch="all", donor=None)
    frame = frame.assign(n_counts=counts.sum(axis=1)[chosen], part=["0"] * 6 if parts is None else parts)
    SELECTION.write(frame[SELECTION.names], path)
    return str(path)


def extract(path, read, chosen, part, output, *, genes=GENES, several_parts=False):
    """Extract cells over the genes of a data set."""
    table = pd.DataFrame({"gene": genes}).assign(dataset="toy", n_cells=1, n_counts=1.0, flagged=False)
    genes_in = f"{output}.genes.parquet"
    GENE_TABLE.write(table[GENE_TABLE.names], genes_in)
    extract_cells(path, read, chosen, genes_in, part=part, several_parts=several_parts, output=output)


def h5ad(folder, counts=COUNTS, cells=NAMES, name="a.h5ad"):
    path = write_h5ad(folder / name, sp.csr_matrix(counts), obs={"kind": "x"}, cells=cells)
    return path, {"format": "h5ad"}


def table(folder, counts=COUNTS, cells=NAMES, rows="genes"):
    matrix, row_names, columns = (counts.T, GENES, cells) if rows == "genes" else (counts, cells, GENES)
    path = write_text(folder / "c.csv", table_text(matrix, row_names, columns))
    labels = write_text(folder / "l.csv", labels_text(cells, {"kind": ["x"] * len(cells)}))
    return path, {"format": "table", "rows": rows, "labels": labels}


SOURCES = pytest.mark.parametrize(
    "make", [h5ad, table, lambda f, *a: table(f, *a, rows="cells")], ids=["h5ad", "genes", "cells"]
)


@SOURCES
def test_extracted_cells_are_those_of_the_file_under_their_ids(tmp_path, make):
    extract(*make(tmp_path), selection(tmp_path / "s.parquet"), "0", str(tmp_path / "0.h5ad"))
    data = ad.read_h5ad(tmp_path / "0.h5ad")
    assert sorted(data.obs_names) == sorted(f"toy:c{i}" for i in CHOSEN) and data.var_names.tolist() == GENES
    for name, row in zip(data.obs_names, data.X.toarray(), strict=True):
        np.testing.assert_array_equal(row, COUNTS[NAMES.index(name.removeprefix("toy:"))])
    assert data.X.dtype == np.float32 and list(data.obs.columns) == ["cell_type", "slug", "batch", "n_counts"]


@SOURCES
@pytest.mark.parametrize("slug", ["a", "b"])
def test_a_shard_holds_its_type_in_the_order_of_the_selection(tmp_path, make, slug):
    chosen = selection(tmp_path / "s.parquet")
    extract(*make(tmp_path), chosen, "0", str(tmp_path / "0.h5ad"))
    write_shard([str(tmp_path / "0.h5ad")], chosen, slug, str(tmp_path / f"{slug}.h5ad"))
    shard = read_counts(str(tmp_path / f"{slug}.h5ad"))
    rows = [i for i, s in zip(CHOSEN, SLUGS, strict=True) if s == slug]
    assert shard.obs_names.tolist() == [f"toy:c{i}" for i in rows]
    np.testing.assert_array_equal(shard.X.toarray(), COUNTS[rows])
    np.testing.assert_array_equal(shard.obs["n_counts"], COUNTS.sum(axis=1)[rows])
    assert (shard.obs["slug"] == slug).all()


def test_a_shard_is_put_together_from_parts_by_id(tmp_path):
    chosen = selection(tmp_path / "s.parquet", parts=["0", "1", "0", "1", "0", "1"])
    for part in "01":
        extract(*h5ad(tmp_path), chosen, part, str(tmp_path / f"{part}.h5ad"))
    write_shard([str(tmp_path / "1.h5ad"), str(tmp_path / "0.h5ad")], chosen, "a", str(tmp_path / "a.h5ad"))
    shard = read_counts(str(tmp_path / "a.h5ad"))
    assert shard.obs_names.tolist() == ["toy:c13", "toy:c2", "toy:c7"]
    np.testing.assert_array_equal(shard.X.toarray(), COUNTS[[13, 2, 7]])


def test_a_shard_without_all_its_cells_is_refused(tmp_path):
    chosen = selection(tmp_path / "s.parquet", parts=["0", "1", "0", "1", "0", "1"])
    extract(*h5ad(tmp_path), chosen, "0", str(tmp_path / "0.h5ad"))
    with pytest.raises(StudyError, match="a: 3 cells were selected, the parts hold 2"):
        write_shard([str(tmp_path / "0.h5ad")], chosen, "a", str(tmp_path / "shard.h5ad"))
    with pytest.raises(StudyError, match="no selected cell is of the type 'z'"):
        write_shard([str(tmp_path / "0.h5ad")], chosen, "z", str(tmp_path / "shard.h5ad"))
    assert not (tmp_path / "shard.h5ad").exists()


def test_a_shard_with_another_cell_in_the_place_of_one_is_refused(tmp_path):
    chosen = selection(tmp_path / "s.parquet")
    extract(*h5ad(tmp_path), chosen, "0", str(tmp_path / "0.h5ad"))
    data = ad.read_h5ad(tmp_path / "0.h5ad")
    data.obs_names = data.obs_names.str.replace("toy:c7", "toy:c8")
    write_anndata(data, tmp_path / "0.h5ad")
    with pytest.raises(StudyError, match="a: parts: 1 of 3 ids are missing, such as toy:c7"):
        write_shard([str(tmp_path / "0.h5ad")], chosen, "a", str(tmp_path / "shard.h5ad"))
    assert not (tmp_path / "shard.h5ad").exists()


def changed_value(folder, make):
    counts = COUNTS.copy()
    counts[7, 0] += 1
    return make(folder, counts)


def permuted_rows(folder, make):
    return make(folder, COUNTS[::-1], NAMES[::-1])


def fewer_cells(folder, make):
    return make(folder, COUNTS[:13], NAMES[:13])


def renamed_cells(folder, make):
    return make(folder, COUNTS, [f"d{i}" for i in range(N_CELLS)])


@SOURCES
@pytest.mark.parametrize("change", [changed_value, permuted_rows, fewer_cells, renamed_cells])
def test_a_file_that_changed_since_the_index_is_detected(tmp_path, make, change):
    chosen = selection(tmp_path / "s.parquet")
    with pytest.raises(StudyError, match=r"has changed since it was indexed"):
        extract(*change(tmp_path, make), chosen, "0", str(tmp_path / "out.h5ad"))
    assert not (tmp_path / "out.h5ad").exists()


@SOURCES
def test_cells_that_changed_places_are_detected_though_their_sums_are_equal(tmp_path, make):
    counts = np.array([np.roll([3, 2, 1, 0, 0, 0, 0, 0], i) for i in range(N_CELLS)], float)
    chosen = selection(tmp_path / "s.parquet", counts=counts)
    order = [2, 13, *[i for i in range(N_CELLS) if i not in (2, 13)]]
    with pytest.raises(StudyError, match="has changed since it was indexed"):
        extract(*make(tmp_path, counts[order], [NAMES[i] for i in order]), chosen, "0", str(tmp_path / "out.h5ad"))
