"""Tables as people have them: the separator, the header and the decimals are found in the first lines, or refused."""

import gzip

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import open_source
from tests.unit.helpers import labels_text, table_text, write_text
from tests.unit.test_reader_table import streamed

CELLS, GENES = ["c-1", "c-2", "c-3"], ["g,1", "g;2", "g 3", "g4"]
COUNTS = np.array([[1, 0, 2], [0, 4, 5], [6, 0, 0], [0, 0, 7]])
KINDS = ["B cell, naive", "T; cell", "NK\tcell"]
SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " "}


def quoted(values):
    return [f'"{value}"' for value in values]


def opened(folder, counts, labels="cell,kind\nc-1,x\nc-2,y\nc-3,z\n", name="counts.csv", **read):
    """Write a table and labels as text or bytes, and open them."""
    for file, content in ((name, counts), ("labels.txt", labels)):
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_source(str(folder / name), {"format": "table", "labels": str(folder / "labels.txt"), **read})


def told(source):
    return [str(choice) for choice in source.choices]


@pytest.mark.parametrize("name", ["counts.csv", "counts.txt", "counts.tsv", "counts.dat", "counts"])
@pytest.mark.parametrize("corner", ['""', "gene", None])
@pytest.mark.parametrize("between", SEPARATORS)
def test_the_separator_is_found_whatever_the_name(tmp_path, between, corner, name):
    counts = table_text(COUNTS, quoted(GENES), quoted(CELLS), separator=SEPARATORS[between], corner=corner)
    labels = labels_text(quoted(CELLS), {"kind": quoted(KINDS), "note": quoted("abc")}, separator=SEPARATORS[between])
    source = opened(tmp_path, counts, labels, name)
    assert source.cell_names == CELLS and source.gene_names == GENES
    np.testing.assert_array_equal(streamed(source), COUNTS.T)
    assert source.labels(["kind"])["kind"].tolist() == KINDS
    short = [] if corner is not None else ["header: one field short, as R writes it"]
    assert told(source) == [f"separator: {between}", *short, f"labels: separator: {between}"]


@pytest.mark.parametrize(
    ("counts", "between"),
    [
        ("cell type\nB cell\t4\nT cell\t5\n", "tab"),
        (",a b,c d\ng 1,1,2\n", "comma"),
        (";a,1;b,2\ng;1;2\n", "semicolon"),
        ("a,1\tb,2\ng\t1\t2\n", "tab"),
        (";a\ng;1,5\nh;2,5\n", "semicolon"),
        ("only\ng,1\n", "comma"),
        ("  a  b\ng   1  2\n", "space"),
    ],
)
def test_separators_within_names_and_numbers_mislead_nobody(tmp_path, counts, between):
    assert told(opened(tmp_path, counts))[0] == f"separator: {between}"


WRITTEN = {
    "plain": ",c-1,c-2\ng,1,2\nh,0,3\n",
    "byte-order mark": b"\xef\xbb\xbf,c-1,c-2\ng,1,2\nh,0,3\n",
    "byte-order mark before a quote": b'\xef\xbb\xbf"gene","c-1","c-2"\n"g","1","2"\n"h",0,3\n',
    "line ends of Windows": ",c-1,c-2\r\ng,1,2\r\nh,0,3\r\n",
    "no last line end": ",c-1,c-2\ng,1,2\nh,0,3",
    "a separator at all ends": ",c-1,c-2,\ng,1,2,\nh,0,3,\n",
    "a separator at the ends of rows": ",c-1,c-2\ng,1,2,\nh,0,3,\n",
    "decimals behind a comma": ";c-1;c-2\ng;1,0;2\nh;0;3,00\n",
    "decimals behind a comma, quoted": ',"c-1","c-2"\ng,"1,0","2"\nh,"0","3,0"\n',
    "decimals behind a comma and an exponent": "c-1 c-2\ng 1,0 20,0e-1\nh 0 3\n",
    "empty lines above and between": "\n\r\n,c-1,c-2\n\ng,1,2\n\nh,0,3\n",
    "packed, though not named so": gzip.compress(b",c-1,c-2\ng,1,2\nh,0,3\n"),
}


@pytest.mark.parametrize("content", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("name", ["counts.csv", "counts.csv.gz"])
def test_the_same_table_however_it_is_written(tmp_path, content, name):
    source = opened(tmp_path, content, name=name)
    assert (source.cell_names, source.gene_names) == (["c-1", "c-2"], ["g", "h"])
    np.testing.assert_array_equal(streamed(source), [[1, 0], [2, 3]])
    np.testing.assert_array_equal(source.read(np.array([1])).toarray(), [[2, 3]])


@pytest.mark.parametrize("content", list(WRITTEN.values())[:5], ids=list(WRITTEN)[:5])
def test_labels_are_understood_by_the_same_rule(tmp_path, content):
    labels = content.replace(*((b"g,", b"c-1,") if isinstance(content, bytes) else ("g,", "c-1,")))
    labels = labels.replace(*((b"h,", b"c-2,") if isinstance(labels, bytes) else ("h,", "c-2,")))
    labels = labels.replace(*((b'"g"', b'"c-1"'))).replace(b'"h"', b'"c-2"') if isinstance(labels, bytes) else labels
    found = opened(tmp_path, ",c-1,c-2\ng,1,2\n", labels).labels(["c-1", "c-2"])
    assert found["c-1"].tolist() == ["1", "0"] and found["c-2"].tolist() == ["2", "3"]


REFUSED = {
    "one column": (
        "cell\nc-1\nc-2\n",
        r"its header is one column with the separator tab, comma, semicolon, space: 'cell'",
    ),
    "another separator": (
        ";a;b\ng;1;2\n",
        r"its header is one column with the separator tab: ';a;b'; use `table\.separator: semicolon`",
        "tab",
    ),
    "two and three": (",a,b\ng,1,2,3\n", r"the first row has 3 fields, the second 4, and a column has no name"),
    "three and five": ("gene,a,b\ng,1,2,3,4\n", r"with the separator comma the first row has 3 fields, the second 5"),
    "nothing": ("", r"has no row below its first line"),
    "a header only": (",a,b\n", r"has no row below its first line"),
    "an empty end of rows": (
        "gene,a,b\ng,1,2,\n",
        r"one field more than the header, and it is empty; remove the separator",
    ),
    "a column without a name": (",a,,c\ng,1,2,3\n", r"column 3 has no name in the header"),
    "a value behind the last": (
        ",a,b,\n" + "g,1,2,\n" * 1 + "".join(f"h{i},1,2,\n" for i in range(9)) + "z,1,2,9\n",
        r"a row has a value behind the last column",
    ),
    "thousands": (
        "\ta\tb\ng\t1,234\t2\n",
        r"not a number with a decimal point and the separator tab: .*1,234",
    ),
    "a comma beyond the first rows": (
        "\ta\n" + "".join(f"g{i}\t1\n" for i in range(9)) + "z\t1,5\n",
        r"not a number .*1,5.*, or use `table\.decimal: comma`",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_understood_is_refused_with_the_key(tmp_path, case):
    text, message, *separator = case
    with pytest.raises(StudyError, match=rf"counts\.csv: .*{message}"):
        list(opened(tmp_path, text, **dict(zip(["separator"], separator, strict=False))).stream())


def test_keys_settle_what_is_in_doubt(tmp_path):
    thousand = opened(tmp_path, "\ta\tb\ng\t1,234\t2\n", decimal="comma")
    assert streamed(thousand).tolist() == [[1.234], [2.0]]
    point = opened(tmp_path, ";a\ng;1,5\n", separator="comma")
    assert point.cell_names == [";a"] and point.gene_names == ["g;1"] and streamed(point).tolist() == [[5.0]]
    labels = "a,b;c\nc-1,1;x\n"
    source = opened(tmp_path, ",c-1\ng,1\n", labels, labels_separator="comma")
    assert source.labels(["b;c"])["b;c"].tolist() == ["1;x"]
    with pytest.raises(StudyError, match=r"labels\.txt.*separated by one of tab, comma, semicolon, space"):
        opened(tmp_path, ",c-1\ng,1\n", "one\ntwo\n").labels(["kind"])


def test_a_column_of_labels_that_stands_twice_is_refused_only_if_it_is_wanted(tmp_path):
    source = opened(tmp_path, ",c-1\ng,1\n", "cell,kind,lib,kind\nc-1,x,L,y\n")
    assert source.labels(["lib"])["lib"].tolist() == ["L"]
    with pytest.raises(StudyError, match=r"labels\.txt: the column 'kind' stands 2 times; rename the others"):
        source.labels(["kind"])


def test_labels_of_a_10x_matrix_by_the_same_rule(tmp_path):
    write_text(tmp_path / "features.tsv", "g1\tA\n")
    write_text(tmp_path / "barcodes.tsv", "c1\nc2\n")
    write_text(tmp_path / "matrix.mtx", "%%MatrixMarket matrix coordinate integer general\n1 2 1\n1 1 4\n")
    labels = write_text(tmp_path / "labels.csv", "\ufeffcell;kind\r\nc2;K\r\nc1;J\r\n")
    source = open_source(str(tmp_path / "matrix.mtx"), {"format": "mtx", "labels": labels})
    assert source.labels(["kind"])["kind"].tolist() == ["J", "K"] and told(source) == ["labels: separator: semicolon"]
    source = open_source(source.path, {"format": "mtx", "labels": labels, "labels_separator": "tab"})
    with pytest.raises(
        StudyError, match=r"one column with the separator tab: .*use `mtx\.labels_separator: semicolon`"
    ):
        source.labels(["kind"])
