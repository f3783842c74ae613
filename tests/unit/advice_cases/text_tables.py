"""Remedies of what is refused of tables of counts and of labels as text, and of 10x matrices."""

import scipy.io
import yaml

from rankstudy.sources.readers import open_source
from tests.unit.advice_toy import calling, change
from tests.unit.helpers import write_h5ad, write_text
from tests.unit.test_reader_mtx_loom import folder as ten_x

CELLS = [f"c{i}" for i in range(7)]
COUNTS = ",c0,c1,c2\ng0,1,0,2\ng1,0,4,5\n"
LABELS = "cell,kind\nc0,x\nc1,y\nc2,x\n"
# more rows than those in which the separator and the decimals are found
MANY_COUNTS = "gene\tc0\tc1\tc2\n" + "".join(f"g{i}\t0\t1\t2\n" for i in range(9))
MANY_LABELS = "cell,kind,\n" + "".join(f"{cell},x,\n" for cell in CELLS[:-1])
OF_MANY = ",".join(["", *CELLS]) + "\n" + ",".join(["g", *"1234567"]) + "\n"
BEHIND = ",c0,c1,c2,\n" + "".join(f"g{i},0,1,2,\n" for i in range(9))


def read(folder, counts=COUNTS, labels=LABELS, column="kind", **keys):
    """Write a table and its labels, and read all of it."""
    keys = {"labels": write_text(folder / "labels.csv", labels), **keys}
    source = open_source(write_text(folder / "counts.csv", counts), {"format": "table", **keys})
    list(source.stream())
    source.labels([column])


def unsorted(lines):
    return lines[::-1]


def by_second_number(lines):
    return sorted(unsorted(lines), key=lambda line: int(line.split()[1]))


def read_10x(folder, order):
    """Write a 10x folder, its values in an order, and read it."""
    path = folder / "matrix.mtx"
    ten_x(folder)
    header, sizes, values = path.read_text().partition("\n6 13 34\n")
    path.write_text(header + sizes + "\n".join(order(values.splitlines())) + "\n")
    list(open_source(str(path), {"format": "mtx"}).stream())


def read_h5ad(folder):
    list(open_source("a.h5ad", {"format": "h5ad"}).stream())


def as_h5ad(call, said):
    write_h5ad("a.h5ad", scipy.io.mmread("matrix.mtx").T.tocsr(), obs={})
    call.function, call.keywords = read_h5ad, {}


def key_that_is_said(call, said):
    """Set the key in backquotes."""
    ((key, value),) = yaml.safe_load(said.split("`")[1]).items()
    call.keywords[key.removeprefix("table.")] = value


MEETS = [
    (
        calling(read, labels="cell,kind,kind\nc0,x,1\nc1,y,2\nc2,x,3\n"),
        {
            "sources.readers.delimited: rename the others": change(labels="cell,kind,number\nc0,x,1\nc1,y,2\nc2,x,3\n"),
            "sources.readers.delimited: remove the others": change(labels=LABELS),
        },
    ),
    (calling(read, labels_separator="tab"), {"sources.readers.delimited: use `…: …`": key_that_is_said}),
    (calling(read, separator="semicolon"), {"sources.readers.delimited: use `…: …`": key_that_is_said}),
    (
        calling(read, labels=LABELS.replace(",", "|")),
        {
            (
                "sources.readers.delimited: give its header and its rows equally many fields, separated by one of …"
            ): change(labels=LABELS)
        },
    ),
    (
        calling(read, labels="cell,kind\nc0,x,1,2\nc1,y,3,4\nc2,x,5,6\n"),
        {
            (
                "sources.readers.delimited: give its header and its rows equally many fields, separated by one of …"
            ): change(labels="cell,kind,a,b\nc0,x,1,2\nc1,y,3,4\nc2,x,5,6\n")
        },
    ),
    (
        calling(read, labels="cell,kind\nc0,x,\nc1,y,\nc2,x,\n"),
        {"sources.readers.delimited: remove the separator at their ends": change(labels=LABELS)},
    ),
    (
        calling(read, labels="kind,note\nc0,x,\nc1,y,\nc2,x,\n"),
        {
            "sources.readers.delimited: give the first column a name in the header": change(
                labels="cell,kind,note\nc0,x,\nc1,y,\nc2,x,\n"
            )
        },
    ),
    (
        calling(read, rows="cells", counts=",g0,,g1\nc0,1,2,3\nc1,4,5,6\nc2,7,8,9\n"),
        {
            "sources.readers.table: name it": change(counts=",g0,g2,g1\nc0,1,2,3\nc1,4,5,6\nc2,7,8,9\n"),
            "sources.readers.table: remove it": change(counts=",g0,g1\nc0,1,3\nc1,4,6\nc2,7,9\n"),
        },
    ),
    (
        calling(read, counts=BEHIND + "z,1,2,3,4\n"),
        {"sources.readers.table: remove the value": change(counts=BEHIND + "z,1,2,3,\n")},
    ),
    (
        calling(read, counts=COUNTS.replace("4", "<4")),
        {"sources.readers.table: correct it in the file": change(counts=COUNTS)},
    ),
    (
        calling(read, counts=MANY_COUNTS + "z\t1,5\t0\t2\n"),
        {"sources.readers.table: use `table.decimal: …`": key_that_is_said},
    ),
    (
        # one cell, as R writes it: all names hold spaces
        calling(read, counts="the cell\na gene,1\nthe other,2\n", labels="cell,kind\nthe cell,x\n"),
        {"sources.readers.table: name another separator (`table.separator`)": change(separator="comma")},
    ),
    (
        calling(read, labels="cell,kind\nc0,x\nc1,y\nd2,x\n"),
        {"sources.readers.labels: give each cell one row, under …, and nothing else a row": change(labels=LABELS)},
    ),
    (
        calling(read, labels="cell kind\nc0 x\ty\tz\nc1 y\nc2 x\n"),
        {
            "sources.readers.labels: put values that hold a tab or a space in quotes": change(
                labels='cell kind\nc0 "x\ty\tz"\nc1 y\nc2 x\n'
            )
        },
    ),
    (
        calling(read, counts=OF_MANY, labels=MANY_LABELS + "c6,x,y\n"),
        {
            "sources.readers.labels: name the column": change(
                labels=MANY_LABELS.replace("d,", "d,note", 1) + "c6,x,y\n"
            ),
            "sources.readers.labels: remove the value": change(labels=MANY_LABELS + "c6,x,\n"),
        },
    ),
    (
        calling(read_10x, order=unsorted),
        {
            "sources.readers.mtx: sort the lines of values by their second number": change(order=by_second_number),
            "sources.readers.mtx: write the counts as h5ad": as_h5ad,
        },
    ),
]
