"""Bad text files: a message that names file, place and remedy."""

import re

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import open_source
from tests.unit.helpers import labels_text, table_text, write_text, write_zip

CELLS, GENES = ["c1", "c2", "c3"], ["g1", "g2"]
COUNTS = np.array([[1, 0, 2], [0, 4, 5]])
LABELS = labels_text(CELLS, {"kind": ["x", "y", "x"]})


def table(tmp_path, text=None, labels=LABELS, name="counts.csv", **read):
    text = table_text(COUNTS, GENES, CELLS) if text is None else text
    path = write_text(tmp_path / name, text)
    return open_source(path, {"format": "table", "labels": write_text(tmp_path / "labels.csv", labels), **read})


def refused(message, function, *args, **kwargs):
    with pytest.raises(StudyError) as error:
        function(*args, **kwargs)
    assert re.search(message, str(error.value)), str(error.value)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            "kinds",
            (
                r"labels .*labels.csv: there is no column 'kinds' \(did you mean 'kind'\?\); the columns are "
                r"cell_name, kind"
            ),
        ),
        ("zzz", r"there is no column 'zzz'; the columns are"),
        ("cell", r"there is no column 'cell'"),
    ],
)
def test_a_missing_column_is_named_with_the_closest(tmp_path, wanted, message):
    refused(message, table(tmp_path).labels, [wanted])


@pytest.mark.parametrize(
    ("labels", "read", "message"),
    [
        (
            labels_text(CELLS[:2], {"kind": "xy"}),
            {},
            r"2 rows of labels for 3 cells in .*counts\.csv: 1 cells have no row: c3; give each cell",
        ),
        (
            labels_text([*CELLS, "c4"], {"kind": "xyxx"}),
            {},
            "4 rows of labels for 3 cells in .*: 1 rows are of no cell: c4; give each cell",
        ),
        (
            labels_text(["c1", "c2", "d3"], {"kind": "xyx"}),
            {},
            (
                "3 rows of labels for 3 cells in .*: 1 cells have no row: c3; 1 rows are of no cell: d3; .* the "
                "name that it has"
            ),
        ),
        (labels_text(["c1", "c2", "c2"], {"kind": "xyx"}), {}, "first column: 1 names occur more than once: c2"),
        (
            LABELS,
            {"labels_key": "cell_number"},
            "3 cells have no row: 1, 2, 3; 3 rows are of no cell: c1, c2, c3; .*under its number, from 1",
        ),
        (
            labels_text("023", {"kind": "xyx"}),
            {"labels_key": "cell_number"},
            "1 cells have no row: 1; 1 rows are of no cell: 0; ",
        ),
    ],
)
def test_labels_of_other_cells_are_refused(tmp_path, labels, read, message):
    refused(message, table(tmp_path, labels=labels, **read).labels, ["kind"])


@pytest.mark.parametrize("rows", ["genes", "cells"])
@pytest.mark.parametrize(
    ("row_names", "columns", "what"),
    [(["g1", "g1"], CELLS, "g1"), (GENES, ["c1", "c2", "c1"], "c1")],
)
def test_double_cells_and_genes_are_refused(tmp_path, rows, row_names, columns, what):
    kind = {("g1", "genes"): "genes", ("g1", "cells"): "cells", ("c1", "genes"): "cells", ("c1", "cells"): "genes"}[
        what, rows
    ]
    text = table_text(COUNTS, row_names, columns)
    refused(rf"counts\.csv: {kind}: 1 names occur more than once: {what};", table, tmp_path, text, rows=rows)


@pytest.mark.parametrize("bad", ["abc", "1 2", "1,5x", "<3", "--"])
def test_text_among_the_numbers_is_refused(tmp_path, bad):
    text = table_text(COUNTS, GENES, CELLS, separator="\t").replace("\t4", f"\t{bad}")
    source = table(tmp_path, text, name="counts.tsv")
    for read in (lambda: list(source.stream()), lambda: source.read(np.array([1]))):
        refused(rf"counts\.tsv: holds something that is not a number with .*{re.escape(bad)}", read)


@pytest.mark.parametrize(
    "text",
    [
        ",c1,c2,c3\ng1,1,0,2\ng2,0,4,5,6\n",
        ",c1,c2,c3\ng1,1,0,2,9\ng2,0,4,5,9\n",
        ",c1,c2,c3\ng1,1,0\ng2,0,4\n",
        "",
        ",c1,c2,c3\n",
    ],
    ids=["one row too long", "all rows too long", "all rows too short", "empty", "header only"],
)
def test_a_file_that_is_not_a_rectangle_is_refused(tmp_path, text):
    def read_all():
        list(table(tmp_path, text).stream())

    refused(r"counts\.csv", read_all)


def test_a_row_that_is_too_short_ends_in_values_that_are_not_numbers(tmp_path):
    (chunk,) = table(tmp_path, ",c1,c2,c3\ng1,1,0,2\ng2,0,4\n").stream()
    assert np.isnan(chunk.values[2, 1]) and np.isfinite(chunk.values).sum() == 5


def test_a_file_that_is_absent_is_named(tmp_path):
    read = {"format": "table", "labels": "labels.csv"}
    refused(r"gone\.csv: there is no such file; correct `source\.local_file`", open_source, "gone.csv", read)
    path = write_text(tmp_path / "c.csv", table_text(COUNTS, GENES, CELLS))
    refused(
        r"table\.labels: there is no file nowhere\.csv",
        open_source(path, {**read, "labels": "nowhere.csv"}).labels,
        ["kind"],
    )


def test_a_missing_member_of_the_archive_is_named_with_the_closest(tmp_path):
    path = write_zip(
        tmp_path / "d.whl", {"data/Baron_Data.csv": table_text(COUNTS, GENES, CELLS), "data/l.csv": LABELS}
    )
    read = {"format": "table", "counts": "data/Baron_data.csv", "labels": "data/l.csv"}
    refused(
        r"table\.counts: .*d\.whl has no member .* \(did you mean 'data/Baron_Data\.csv'\?\); it holds",
        open_source,
        path,
        read,
    )
    source = open_source(path, {**read, "counts": "data/Baron_Data.csv", "labels": "data/other.csv"})
    refused(r"table\.labels: .*d\.whl has no member 'data/other\.csv'", source.labels, ["kind"])


def test_an_archive_that_is_none_is_refused(tmp_path):
    path = write_text(tmp_path / "d.whl", "this is text")
    refused(
        r"d\.whl: is not a zip archive", open_source, path, {"format": "table", "counts": "x.csv", "labels": "l.csv"}
    )


def test_a_gz_that_was_cut_off_is_refused(tmp_path):
    path = write_text(
        tmp_path / "c.csv.gz",
        table_text(np.random.default_rng(0).integers(0, 9**9, (200, 3)), [f"g{i}" for i in range(200)], CELLS),
    )
    whole = (tmp_path / "c.csv.gz").read_bytes()
    (tmp_path / "c.csv.gz").write_bytes(whole[: len(whole) // 2])
    refused(r"c\.csv\.gz: is not a complete gzip file", open_source, path, {"format": "table", "labels": "l.csv"})


def test_text_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "c.csv").write_bytes(",zell\u00e4,b\ng,1,2\n".encode("latin-1"))
    refused(
        r"c\.csv: cannot be read as a table in UTF-8",
        open_source,
        str(tmp_path / "c.csv"),
        {"format": "table", "labels": "l.csv"},
    )


def test_a_text_table_has_no_flags_of_genes(tmp_path):
    refused(
        r"genes\.column: .*counts\.csv has no columns of genes; use genes\.method", table(tmp_path).gene_flags, "hv"
    )
