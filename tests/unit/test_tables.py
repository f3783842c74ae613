"""Tables: checked against their declaration, described in the file, the same bytes each time."""

import ast
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.core.tables import Column, Table
from rankstudy.report.docs import all_tables
from rankstudy.run.digest import modules_used
from tests.unit.helpers import ROOT

DECLARING = {
    f"rankstudy.{room}.tables"
    for room in (
        "cells",
        "cells.ontology",
        "spaces",
        "spaces.models.geneformer",
        "spaces.texts",
        "spaces.tokens",
        "measures",
        *(
            f"measures.{part}"
            for part in (
                "audit",
                "causes",
                "changes",
                "field",
                "gates",
                "lattice",
                "neighbours",
                "relations",
                "settings",
                "states",
                "uncertainty",
            )
        ),
        "report",
    )
}
LIGHT = {
    "rankstudy.core.errors",
    "rankstudy.core.files",
    "rankstudy.measures.field.metrics",
    "rankstudy.measures.verdict",
}

TABLE = Table(
    "toy",
    "A table of a test.",
    (
        Column("name", "text", "name of the row"),
        Column("note", "text", "a note", optional=True),
        Column("n", "integer", "how many", "cells"),
        Column("share", "number", "which part", "0 to 1", optional=True),
        Column("ok", "boolean", "whether it is"),
    ),
    ("name", "n"),
)
FRAME = pd.DataFrame(
    {
        "name": ["a", "b", "NA"],
        "note": ["x\ty", None, '"'],
        "n": [1, 2, 3],
        "share": [0.1234567891, np.nan, 1e-9],
        "ok": [True, False, True],
    }
)


def test_a_table_is_read_as_it_was_written_whatever_the_order_of_the_columns(tmp_path):
    TABLE.write(
        FRAME[["ok", "n", "share", "note", "name"]].set_index(pd.Index([5, 5, 9])), tmp_path / "sub" / "t.parquet"
    )
    pd.testing.assert_frame_equal(TABLE.read(tmp_path / "sub" / "t.parquet"), FRAME)


def test_the_file_tells_types_units_and_meanings(tmp_path):
    TABLE.write(FRAME, tmp_path / "t.parquet")
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert schema.metadata == {b"table": b"toy", b"meaning": b"A table of a test.", b"version": b"1"}
    assert schema.field("n").metadata == {b"meaning": b"how many", b"unit": b"cells"}
    assert [str(f.type) for f in schema] == ["string", "string", "int64", "double", "bool"]
    assert [f.nullable for f in schema] == [False, True, False, True, False]


def test_writing_again_gives_the_same_bytes(tmp_path):
    for name in "ab":
        TABLE.write(FRAME.copy(), tmp_path / f"{name}.parquet", tmp_path / f"{name}.tsv")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert (tmp_path / "a.tsv").read_bytes() == (tmp_path / "b.tsv").read_bytes()
    TABLE.write(TABLE.read(tmp_path / "a.parquet"), tmp_path / "c.parquet")
    assert (tmp_path / "c.parquet").read_bytes() == (tmp_path / "a.parquet").read_bytes()


def test_the_text_form_has_six_digits_and_can_be_read_back(tmp_path):
    TABLE.write(FRAME, tmp_path / "t.parquet", tmp_path / "t.tsv")
    lines = (tmp_path / "t.tsv").read_text().split("\n")
    assert (
        lines[0] == "name\tnote\tn\tshare\tok"
        and lines[1] == 'a\t"x\ty"\t1\t0.123457\tTrue'
        and lines[2] == "b\t\t2\t\tFalse"
    )
    back = pd.read_csv(tmp_path / "t.tsv", sep="\t", keep_default_na=False, dtype=str)
    assert back["note"].tolist() == ["x\ty", "", '"'] and back["name"].tolist() == ["a", "b", "NA"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="n"), r"table toy: columns missing: \['n'\], not declared: \[\]"),
        (lambda f: f.assign(extra=1), r"table toy: columns missing: \[\], not declared: \['extra'\]"),
        (lambda f: f.rename(columns={"ok": "okay"}), r"columns missing: \['ok'\], not declared: \['okay'\]"),
        (lambda f: f.assign(name=["a", None, "c"]), "column 'name' must not be empty, and is in 1 rows"),
        (lambda f: f.assign(n=1, name=["a", "b", "a"]), r"table toy: 1 rows repeat a key of \('name', 'n'\)"),
    ],
)
def test_a_frame_that_is_not_as_declared_is_refused(tmp_path, change, message):
    with pytest.raises(StudyError, match=message):
        TABLE.write(change(FRAME), tmp_path / "t.parquet", tmp_path / "t.tsv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "values",
    [
        {"n": [1.5, 2.0, 3.0]},
        {"n": ["1", "2", "3"]},
        {"name": [1, 2, 3]},
        {"share": ["a", "b", "c"]},
        {"ok": ["yes", "no", "no"]},
    ],
)
def test_values_of_another_type_are_refused(tmp_path, values):
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError)):
        TABLE.write(FRAME.assign(**values), tmp_path / "t.parquet")
    assert list(tmp_path.iterdir()) == []


def test_not_a_number_is_a_missing_value(tmp_path):
    TABLE.write(FRAME, tmp_path / "t.parquet")
    assert pq.read_table(tmp_path / "t.parquet")["share"].null_count == 1
    strict = Table("strict", "-", (Column("share", "number", "-"),), ("share",))
    with pytest.raises(StudyError, match="column 'share' must not be empty, and is in 1 rows"):
        strict.write(FRAME[["share"]], tmp_path / "s.parquet")


def test_another_table_is_refused_by_its_columns(tmp_path):
    other = Table("other", "-", TABLE.columns[:2], ("name",))
    other.write(FRAME[["name", "note"]], tmp_path / "o.parquet")
    with pytest.raises(StudyError, match=r"o\.parquet: is not a table of toy: it has the columns name, note"):
        TABLE.read(tmp_path / "o.parquet")


@pytest.mark.parametrize(("metadata", "found"), [({"version": "2"}, "2"), ({"version": ""}, ""), ({}, "none")])
def test_a_file_of_another_version_is_refused_and_says_which(tmp_path, metadata, found):
    file = tmp_path / "t.parquet"
    TABLE.write(FRAME, file)
    pq.write_table(pq.read_table(file).replace_schema_metadata(metadata), file)
    message = rf"t\.parquet: table toy: version 1 is expected, found is {found}; remove the file and run again, or "
    with pytest.raises(StudyError, match=message + rf"run again with `--forcerun {file}`"):
        TABLE.read(file)
    with pytest.raises(StudyError, match="version 1 is expected"):
        TABLE.read(file, ["name"])


def test_a_version_that_is_raised_refuses_what_was_written_before(tmp_path):
    TABLE.write(FRAME, tmp_path / "t.parquet")
    raised = replace(TABLE, version=2)
    with pytest.raises(StudyError, match="version 2 is expected, found is 1"):
        raised.read(tmp_path / "t.parquet")
    raised.write(FRAME, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(raised.read(tmp_path / "t.parquet"), FRAME)


def test_columns_can_be_read_alone(tmp_path):
    TABLE.write(FRAME, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(TABLE.read(tmp_path / "t.parquet", ["name", "n"]), FRAME[["name", "n"]])


def test_tables_are_declared_in_the_module_tables_of_their_room_and_nowhere_else():
    found = {
        name
        for path in (ROOT / "rankstudy").rglob("*.py")
        for name in [".".join(path.relative_to(ROOT).with_suffix("").parts)]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Table"
    }
    assert found == DECLARING


@pytest.mark.parametrize("module", sorted(DECLARING))
def test_declaring_tables_loads_nothing_that_computes(module):
    code = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()).isdisjoint({"numpy", "pandas", "pyarrow", "scipy", "anndata", "numba"})
    assert all(name.endswith(".tables") or name in LIGHT for name in modules_used(module))


def test_several_files_are_read_as_one(tmp_path):
    for i in range(2):
        TABLE.write(FRAME.assign(n=FRAME["n"] + 10 * i), tmp_path / f"{i}.parquet")
    assert TABLE.read_all([tmp_path / "0.parquet", tmp_path / "1.parquet"])["n"].tolist() == [1, 2, 3, 11, 12, 13]


def test_an_empty_table_can_be_written_and_read(tmp_path):
    TABLE.write(TABLE.empty(), tmp_path / "t.parquet")
    assert (
        TABLE.read(tmp_path / "t.parquet").columns.tolist() == TABLE.names
        and len(TABLE.read(tmp_path / "t.parquet")) == 0
    )


@pytest.mark.parametrize("table", all_tables(), ids=lambda t: t.name)
def test_every_declared_table_is_complete(table):
    assert table.meaning.endswith(".") and table.location.startswith(("results/", "resources/"))
    assert set(table.key) <= set(table.names) and len(set(table.names)) == len(table.names)
    assert all(column.meaning and column.type in ("text", "integer", "number", "boolean") for column in table.columns)
