"""CSV and TSV in every shape that people have them, equal to what pandas reads."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.sources.readers import cell_columns, open_source, table
from tests.unit.helpers import labels_text, table_text, toy_counts, write_text, write_zip

N_CELLS, N_GENES = 9, 13
COUNTS = toy_counts(N_CELLS, N_GENES)
CELLS = [f"cell {i}" for i in range(N_CELLS)]
GENES = [f"GENE-{i}" for i in range(N_GENES - 2)] + ["NA", "1"]
KINDS = ["alpha", "beta", "", " gamma ", "NA", "alpha", "a,b", "x", "y"]


def make(
    folder, *, rows="genes", suffix=".csv", corner="", label_corner="cell", archive=False, by_number=False, order=None
):
    """Write counts and labels and return what open_source takes."""
    separator = "," if suffix.startswith(".csv") else "\t"
    matrix, row_names, columns = (COUNTS.T, GENES, CELLS) if rows == "genes" else (COUNTS, CELLS, GENES)
    counts = table_text(matrix, row_names, columns, separator=separator, corner=corner)
    order = range(N_CELLS) if order is None else order
    keys = [str(i + 1) if by_number else CELLS[i] for i in order]
    kinds = [KINDS[i] if separator == "\t" or "," not in KINDS[i] else f'"{KINDS[i]}"' for i in order]
    columns = {"kind": kinds, "lib": [f"L{i % 2}" for i in order]}
    labels = labels_text(keys, columns, separator=separator, corner=label_corner)
    read = {"format": "table", "rows": rows, "labels_key": "cell_number" if by_number else "cell_name"}
    if archive:
        path = write_zip(
            folder / "data.whl", {f"in/counts{suffix}": counts, f"in/labels{suffix}": labels, "in/x.txt": ""}
        )
        return path, {**read, "counts": f"in/counts{suffix}", "labels": f"in/labels{suffix}"}
    path = write_text(folder / f"counts{suffix}", counts)
    return path, {**read, "counts": None, "labels": write_text(folder / f"labels{suffix}", labels)}


def streamed(source):
    """Put the chunks of a source together, checking that each value comes once."""
    values = np.full((len(source.cell_names), len(source.gene_names)), np.nan)
    for chunk in source.stream():
        dense = chunk.values.toarray() if sp.issparse(chunk.values) else np.asarray(chunk.values)
        assert np.isnan(values[chunk.cells, chunk.genes]).all()
        values[chunk.cells, chunk.genes] = dense
    return values


@pytest.mark.parametrize("rows", ["genes", "cells"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ".tab", ".csv.gz", ".tsv.gz"])
@pytest.mark.parametrize("corner", ["", "gene", None])
@pytest.mark.parametrize("small_chunks", [True, False])
def test_names_and_values_whatever_the_form(tmp_path, monkeypatch, rows, suffix, corner, small_chunks):
    if small_chunks:
        monkeypatch.setattr(table, "_VALUES_PER_CHUNK", 2 * N_CELLS + 1)
    path, read = make(tmp_path, rows=rows, suffix=suffix, corner=corner)
    source = open_source(path, read)
    assert source.cell_names == CELLS and source.gene_names == GENES
    np.testing.assert_array_equal(streamed(source), COUNTS)
    for chosen in ([0, 3, 4, 8], [8], list(range(N_CELLS))):
        found = source.read(np.array(chosen))
        assert sp.issparse(found) and found.format == "csr"
        np.testing.assert_array_equal(found.toarray(), COUNTS[chosen])


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_a_member_of_a_zip_archive(tmp_path, suffix):
    path, read = make(tmp_path, archive=True, suffix=suffix)
    source = open_source(path, read)
    np.testing.assert_array_equal(streamed(source), COUNTS)
    np.testing.assert_array_equal(source.read(np.array([2, 5])).toarray(), COUNTS[[2, 5]])
    assert source.labels(["lib"])["lib"].tolist() == [f"L{i % 2}" for i in range(N_CELLS)]


def test_equal_to_pandas(tmp_path):
    path, read = make(tmp_path)
    frame = pd.read_csv(path, index_col=0, keep_default_na=False)
    source = open_source(path, read)
    assert source.cell_names == frame.columns.tolist() and source.gene_names == frame.index.astype(str).tolist()
    np.testing.assert_array_equal(streamed(source), frame.to_numpy().T)


@pytest.mark.parametrize("archive", [True, False])
@pytest.mark.parametrize("label_corner", ["cell", "", None])
@pytest.mark.parametrize("by_number", [True, False])
@pytest.mark.parametrize("order", [None, [4, 0, 8, 1, 7, 2, 6, 3, 5]])
def test_labels_are_joined_by_name_or_number_in_whatever_order(tmp_path, archive, label_corner, by_number, order):
    path, read = make(tmp_path, archive=archive, label_corner=label_corner, by_number=by_number, order=order)
    labels = cell_columns(open_source(path, read), ["kind", "lib", "cell_name"], "0")
    assert labels.index.tolist() == CELLS == labels["cell_name"].tolist()
    assert labels["kind"].tolist() == [k.strip() or None for k in KINDS]
    assert labels["lib"].tolist() == [f"L{i % 2}" for i in range(N_CELLS)]


def test_quoted_names_and_windows_line_ends(tmp_path):
    path = write_text(tmp_path / "c.csv", '"","a,1","b"\r\n"g ""x""",1,2\r\n"h",0,3\r\n')
    labels = write_text(tmp_path / "l.csv", '"cell","kind"\r\n"b","K"\r\n"a,1","J"\r\n')
    source = open_source(path, {"format": "table", "labels": labels})
    assert source.cell_names == ["a,1", "b"] and source.gene_names == ['g "x"', "h"]
    np.testing.assert_array_equal(streamed(source), [[1, 0], [2, 3]])
    assert source.labels(["kind"])["kind"].tolist() == ["J", "K"]


def test_fractions_and_exponents_keep_their_digits(tmp_path):
    path = write_text(tmp_path / "c.tsv", "\ta\tb\ng\t0.1\t1e-3\nh\t123456789.25\t5E2\n")
    labels = write_text(tmp_path / "l.tsv", "cell\tkind\na\tx\nb\ty\n")
    source = open_source(path, {"format": "table", "labels": labels})
    assert streamed(source).tolist() == [[0.1, 123456789.25], [0.001, 500.0]]


def test_one_cell_one_gene(tmp_path):
    path = write_text(tmp_path / "c.csv", ",only\ng,4\n")
    labels = write_text(tmp_path / "l.csv", "cell,kind\nonly,x\n")
    source = open_source(path, {"format": "table", "labels": labels})
    assert (source.cell_names, source.gene_names) == (["only"], ["g"])
    assert streamed(source).tolist() == [[4.0]] == source.read(np.array([0])).toarray().tolist()
