"""The index refuses bad input with a message that says where and what to do, and writes nothing."""

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from tests.unit.helpers import labels_text, role, run_index, table_text, toy_counts, write_h5ad, write_text

N_CELLS, N_GENES = 8, 6
CELLS = [f"c{i}" for i in range(N_CELLS)]
OBS = {"kind": ["A", "B"] * 4, "lib": [f"L{i // 4}" for i in range(N_CELLS)]}
BATCHES = {"cell_type": role("kind"), "batch": role("lib")}


def as_table(folder, counts):
    text = table_text(counts.T, [f"g{i}" for i in range(N_GENES)], CELLS)
    labels = write_text(folder / "l.csv", labels_text(CELLS, OBS))
    return write_text(folder / "c.csv", text), {"format": "table", "labels": labels}


def as_cells_by_genes(folder, counts):
    text = table_text(counts, CELLS, [f"g{i}" for i in range(N_GENES)])
    labels = write_text(folder / "l.csv", labels_text(CELLS, OBS))
    return write_text(folder / "c.csv", text), {"format": "table", "rows": "cells", "labels": labels}


def as_csr(folder, counts):
    return write_h5ad(folder / "a.h5ad", sp.csr_matrix(counts), obs=OBS), {"format": "h5ad"}


def as_dense(folder, counts):
    return write_h5ad(folder / "a.h5ad", counts, obs=OBS), {"format": "h5ad"}


FORMS = pytest.mark.parametrize("make", [as_table, as_cells_by_genes, as_csr, as_dense])


def refused(folder, path, read, message, **changes):
    with pytest.raises(StudyError, match=message):
        run_index(folder, path, read, **{"annotations": BATCHES, **changes})
    assert not list(folder.glob("*.parquet")) and not (folder / "types.tsv").exists()
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]


@FORMS
@pytest.mark.parametrize(
    ("value", "what"), [(np.nan, "not a number"), (np.inf, "not a number"), (-1.0, "negative"), (-0.5, "negative")]
)
@pytest.mark.parametrize("values", ["counts", "expected_counts", "normalised"])
def test_undefined_and_negative_values_are_named_by_cell_and_gene(tmp_path, make, value, what, values):
    counts = toy_counts(N_CELLS, N_GENES)
    counts[5, 3] = counts[6, 4] = value
    message = (
        rf"2 values are {what}.*the first in cell '(c5', gene 'g3'|c6', gene 'g4').*h5ad\.counts, rds\.layer, "
        rf"loom\.counts"
    )
    refused(tmp_path, *make(tmp_path, counts), message, values=values)


@FORMS
def test_values_that_are_not_whole_are_counted_by_batch(tmp_path, make):
    counts = toy_counts(N_CELLS, N_GENES)
    counts[4, 0], counts[4, 1], counts[6, 2] = 0.5, 1.25, 7.001
    message = (
        r"3 values are not whole numbers, in the batches L1 \(2 of 4 cells\), "
        r"but the data set declares `values: counts`"
        r".*h5ad\.counts, rds\.layer, loom\.counts.*`values: expected_counts`.*`values: cpm`.*`values: normalised`"
    )
    refused(tmp_path, *make(tmp_path, counts), message)


def test_a_missing_column_is_named_before_any_value_is_read(tmp_path):
    path, read = as_csr(tmp_path, toy_counts(N_CELLS, N_GENES))
    message = r"a\.h5ad: obs: there is no column 'knd' \(did you mean 'kind'\?\); the columns are cell_name, kind, lib"
    refused(tmp_path, path, read, message, annotations={"cell_type": role("knd")})


def test_a_batch_that_is_missing_is_refused(tmp_path):
    obs = {**OBS, "lib": ["L0", None, "L0", "", "L1", "L1", "L1", "L1"]}
    path = write_h5ad(tmp_path / "a.h5ad", toy_counts(N_CELLS, N_GENES), obs=obs)
    refused(
        tmp_path,
        path,
        {"format": "h5ad"},
        "batch: 2 cells have none, such as c1, c3; say what they shall have: `batch:",
    )


def test_a_pattern_that_does_not_match_is_refused_unless_there_is_an_alternative(tmp_path):
    path, read = as_csr(tmp_path, toy_counts(N_CELLS, N_GENES))
    annotations = {"cell_type": role("kind"), "batch": role("lib", "L(0)")}
    message = (
        r"batch\.pattern: 'L\(0\)' does not match 4 values of 'lib', such as L1; correct it, or give `batch\.otherwise`"
    )
    refused(tmp_path, path, read, message, annotations=annotations)
    annotations["batch"]["otherwise"] = "none"
    cells, *_ = run_index(tmp_path, path, read, annotations=annotations)
    assert cells["batch"].tolist() == ["0"] * 4 + ["none"] * 4


def test_a_data_set_without_any_label_is_refused(tmp_path):
    path = write_h5ad(tmp_path / "a.h5ad", toy_counts(N_CELLS, N_GENES), obs={**OBS, "kind": [""] * N_CELLS})
    refused(tmp_path, path, {"format": "h5ad"}, "cell_type: no cell that is kept has a label")


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        (
            {"cells": 9},
            (
                "data set toy: the file is not what was expected: cells: 8 found, 9 expected; correct `expect`, "
                "or give the file that was meant"
            ),
        ),
        ({"genes": 1000, "cells": 8}, "genes: 6 found, 1,000 expected"),
        ({"cell_types": 3, "cells": None}, "cell_types: 2 found, 3 expected"),
        ({"cells": 1, "genes": 2, "cell_types": 2}, "cells: 8 found, 1 expected; genes: 6 found, 2 expected;"),
    ],
)
def test_other_numbers_than_expected_are_refused(tmp_path, expect, message):
    refused(tmp_path, *as_csr(tmp_path, toy_counts(N_CELLS, N_GENES)), message, expect=expect)


def test_another_size_or_hash_is_refused(tmp_path):
    path, read = as_table(tmp_path, toy_counts(N_CELLS, N_GENES))
    refused(
        tmp_path,
        path,
        read,
        r"c\.csv: the file has \d+ bytes, expected 1; it was not used",
        verified={"matrix": {"bytes": 1}},
    )
    refused(
        tmp_path,
        path,
        read,
        rf"c\.csv: the file's sha256 is \w{{64}}, expected {'0' * 64}",
        verified={"matrix": {"sha256": "0" * 64}},
    )


def test_another_size_or_hash_of_a_file_beside_it_is_refused(tmp_path):
    path, read = as_table(tmp_path, toy_counts(N_CELLS, N_GENES))
    labels = {"matrix": {}, "labels": {"bytes": 1}}
    refused(tmp_path, path, read, r"l\.csv: the file has \d+ bytes, expected 1; it was not used", verified=labels)
    labels = {"matrix": {}, "labels": {"sha256": "0" * 64}}
    refused(tmp_path, path, read, rf"l\.csv: the file's sha256 is \w{{64}}, expected {'0' * 64}", verified=labels)


def test_a_hash_is_checked_before_the_file_is_parsed(tmp_path):
    path = write_text(tmp_path / "c.csv", "<html>not found</html>\n")
    refused(tmp_path, path, {"format": "table", "labels": "l.csv"}, "sha256", verified={"matrix": {"sha256": "0" * 64}})


def test_flags_are_refused_where_there_are_none(tmp_path):
    refused(tmp_path, *as_table(tmp_path, toy_counts(N_CELLS, N_GENES)), "genes.column", flag_column="hv")
    refused(tmp_path, *as_csr(tmp_path, toy_counts(N_CELLS, N_GENES)), "genes.column.*no column 'hv'", flag_column="hv")
