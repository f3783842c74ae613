"""How a table is written, where only some of its rows say so."""

import io

from rankstudy.sources.readers import open_source
from rankstudy.sources.readers.delimited import layout_of
from tests.unit.helpers import write_text


def layout(text):
    return layout_of(lambda: io.BytesIO(text.encode()), "a.csv", "table.separator")


def test_a_value_missing_at_the_end_of_some_rows_is_no_separator_there():
    found = layout("kind,note\nc1,x,good\nc2,y,\nc3,x,\n")
    assert (found.corner, found.columns, found.ends_empty) == (None, ["kind", "note"], False)
    found = layout("cell,kind,note\nc1,x,good\nc2,y,\n")
    assert (found.corner, found.columns, found.ends_empty) == ("cell", ["kind", "note"], False)
    found = layout("cell,kind,note\nc1,x,\nc2,y,\n")  # a column without a value
    assert (found.columns, found.ends_empty) == (["kind", "note"], False)
    found = layout("cell,kind,\nc1,x,\nc2,y,\n")
    assert (found.columns, found.ends_empty) == (["kind"], True)


def test_decimals_behind_a_comma_are_told_among_the_choices(tmp_path):
    labels = write_text(tmp_path / "labels.csv", "cell,kind\nc1,x\nc2,y\n")
    for values, told in (("1,5;2,25", True), ("1.5;2.25", False), ("1;2", False)):
        path = write_text(tmp_path / "counts.csv", f"gene;c1;c2\ng1;{values}\ng2;0;1\n")
        source = open_source(path, {"format": "table", "labels": labels, "rows": "genes"})
        assert ("decimals: behind a comma" in map(str, source.choices)) == told


def test_labels_whose_rows_end_in_a_separator(tmp_path):
    labels = write_text(tmp_path / "labels.csv", "cell,kind,\nc1,x,\nc2,y,\n")
    path = write_text(tmp_path / "counts.csv", "gene,c1,c2\ng1,1,2\ng2,0,1\n")
    source = open_source(path, {"format": "table", "labels": labels, "rows": "genes"})
    assert source.labels(["kind"])["kind"].tolist() == ["x", "y"]
