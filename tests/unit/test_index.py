"""The index of a data set: what it finds in a good file."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.cells.tables import PART_CELLS, SOURCE_PARTS
from rankstudy.core.cell_types import read_type_counts
from rankstudy.sources.readers import blocks, table
from tests.unit.helpers import (
    index_outputs,
    labels_text,
    role,
    run_index,
    run_scan,
    table_text,
    toy_counts,
    write_h5ad,
    write_text,
)

N_CELLS, N_GENES = 12, 9
COUNTS = toy_counts(N_CELLS, N_GENES)
COUNTS[5] = 0
COUNTS[:, 8] = 0
KINDS = ["T cell", "t-cell", "B", None, "B", "B", "T cell", "B", "NA", "B", "T cell", "x\ty"]
CELLS = [f"lib{i % 2}.cell{i}" for i in range(N_CELLS)]


def as_table(folder, counts=COUNTS):
    path = write_text(folder / "c.tsv", table_text(counts.T, [f"g{i}" for i in range(N_GENES)], CELLS, separator="\t"))
    text = labels_text(CELLS, {"kind": ["" if k is None else f'"{k}"' for k in KINDS]}, separator="\t")
    return path, {"format": "table", "rows": "genes", "labels": write_text(folder / "l.tsv", text)}


def as_h5ad(folder, counts=COUNTS, form=lambda m: sp.csr_matrix(m, dtype=np.float32), **more):
    path = write_h5ad(folder / "a.h5ad", form(counts), obs={"kind": KINDS}, cells=CELLS, **more)
    return path, {"format": "h5ad", "counts": "X"}


FORMS = {
    "table": as_table,
    "csr": as_h5ad,
    "csc": lambda folder: as_h5ad(folder, form=sp.csc_matrix),
    "dense": lambda folder: as_h5ad(folder, form=np.asarray),
}


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("small_chunks", [True, False])
def test_cells_types_and_genes_are_counted_whatever_the_file(tmp_path, monkeypatch, make, small_chunks):
    if small_chunks:
        monkeypatch.setattr(table, "_VALUES_PER_CHUNK", 2 * N_CELLS)
        monkeypatch.setattr(blocks, "VALUES_PER_BLOCK", 5 * N_GENES)
    path, read = make(tmp_path)
    cells, types, genes = run_index(
        tmp_path, path, read, annotations={"cell_type": role("kind"), "batch": role("cell_name", r"^(lib\d)")}
    )
    assert cells["cell_id"].tolist() == [f"toy:{c}" for c in CELLS] and cells["row"].tolist() == list(range(N_CELLS))
    assert cells["cell_type"].tolist() == KINDS
    assert cells["batch"].tolist() == [f"lib{i % 2}" for i in range(N_CELLS)]
    assert cells["donor"].isna().all()
    np.testing.assert_array_equal(cells["n_counts"], COUNTS.sum(axis=1))
    np.testing.assert_array_equal(cells["n_genes"], (COUNTS > 0).sum(axis=1))
    np.testing.assert_array_equal(genes["n_cells"], (COUNTS > 0).sum(axis=0))
    assert genes["gene"].tolist() == [f"g{i}" for i in range(N_GENES)] and not genes["flagged"].any()
    found = types.set_index("cell_type")
    assert found["n_cells"].to_dict() == {"B": 4, "NA": 1, "T cell": 3, "t-cell": 1, "x\ty": 1}
    assert found.loc["B", "n_batches"] == 2
    of_b = np.array([k == "B" for k in KINDS])
    assert found.loc["B", "median_counts"] == np.median(COUNTS.sum(axis=1)[of_b])
    assert found.loc["B", "median_genes"] == np.median((COUNTS > 0).sum(axis=1)[of_b])


def test_names_of_files_are_those_of_the_plan(tmp_path):
    path, read = as_h5ad(tmp_path)
    cells, types, _ = run_index(tmp_path, path, read)
    counted = read_type_counts(tmp_path / "types.tsv")
    assert [(t.cell_type, t.slug, t.n_cells) for t in counted] == list(
        types[["cell_type", "slug", "n_cells"]].itertuples(index=False, name=None)
    )
    assert types["slug"].is_unique and cells.dropna(subset="cell_type")["slug"].isin(types["slug"]).all()
    assert cells.loc[cells["cell_type"].isna(), "slug"].isna().all()


def test_without_a_batch_all_cells_are_of_one(tmp_path):
    cells, *_ = run_index(tmp_path, *as_h5ad(tmp_path))
    assert (cells["batch"] == "all").all()


def test_parts_of_a_column_are_cut_out_by_a_pattern(tmp_path):
    path, read = as_h5ad(tmp_path)
    annotations = {
        "cell_type": role("kind", r"^(\w+)"),
        "batch": role("cell_name", r"cell(1)\d$", "other"),
        "donor": role("cell_name", r"(\d)$"),
    }
    cells, *_ = run_index(tmp_path, path, read, annotations=annotations)
    assert cells["cell_type"].tolist() == ["T", "t", "B", None, "B", "B", "T", "B", "NA", "B", "T", "x"]
    assert cells["batch"].tolist() == ["other"] * 10 + ["1", "1"]
    assert cells["donor"].tolist() == [str(i % 10) for i in range(N_CELLS)]


def test_ids_of_an_ontology_are_read_with_the_other_columns(tmp_path):
    path, read = as_h5ad(tmp_path)
    annotations = {"cell_type": role("kind"), "term": role("cell_name", r"(\d)$")}
    cells = PART_CELLS.read(run_scan(tmp_path, path, read, annotations=annotations)[0])
    assert cells["term"].tolist() == [str(i % 10) for i in range(N_CELLS)]
    without = PART_CELLS.read(run_scan(tmp_path, path, read)[0])
    assert without["term"].isna().all()


def test_flags_of_genes(tmp_path):
    flags = [i % 2 == 0 for i in range(N_GENES)]
    path, read = as_h5ad(tmp_path, var={"hv": flags})
    _, _, genes = run_index(tmp_path, path, read, flag_column="hv")
    assert genes["flagged"].tolist() == flags


@pytest.mark.parametrize("make", [as_table, as_h5ad])
def test_values_that_are_not_whole_are_accepted_where_they_are_declared(tmp_path, make):
    path, read = make(tmp_path, COUNTS / 4)
    for values in ("expected_counts", "normalised"):
        cells, *_ = run_index(tmp_path, path, read, values=values)
        np.testing.assert_allclose(cells["n_counts"], COUNTS.sum(axis=1) / 4)


def test_the_right_numbers_size_and_hash_are_accepted(tmp_path):
    path, read = as_table(tmp_path)
    content = Path(path).read_bytes()
    known = {algorithm: hashlib.new(algorithm, content).hexdigest() for algorithm in ("sha256", "md5")}
    run_index(
        tmp_path, path, read, expect={"cells": N_CELLS, "genes": N_GENES, "cell_types": 5},
        cells_expected=N_CELLS, verified={"matrix": {**known, "bytes": len(content)}},
    )  # fmt: skip


def test_sums_are_exact_beyond_the_whole_numbers_of_float32(tmp_path):
    counts = np.zeros((N_CELLS, N_GENES))
    counts[:, 0], counts[:, 1] = 2**24, 1
    cells, *_ = run_index(tmp_path, *as_h5ad(tmp_path, counts))
    assert (cells["n_counts"] == 2**24 + 1).all()


def test_the_same_file_gives_the_same_bytes(tmp_path):
    path, read = as_h5ad(tmp_path)
    contents = []
    for _ in range(2):
        run_index(tmp_path, path, read)
        contents.append([(tmp_path / f"{n}.parquet").read_bytes() for n in ("cells", "types", "genes")])
    assert contents[0] == contents[1]
    assert pd.read_parquet(tmp_path / "cells.parquet").shape == (N_CELLS, 12)


def test_what_a_reader_decided_is_logged_and_reaches_the_table_of_parts(tmp_path, caplog):
    counts = toy_counts(6, 4)
    path = write_h5ad(
        tmp_path / "d.h5ad", counts / 2, obs={"kind": ["x"] * 6}, layers={"counts": counts, "cpm": counts * 3}
    )
    with caplog.at_level("INFO", logger="rankstudy.cells.scan"):
        run_index(tmp_path, path, {"format": "h5ad", "counts": "layers/counts"})
    assert f"{path}: matrix: layers/counts (not X, layers/cpm)" in caplog.messages
    parts = SOURCE_PARTS.read(index_outputs(tmp_path)["source_parts"])
    assert parts["choices"].tolist() == ["matrix: layers/counts (not X, layers/cpm)"]
