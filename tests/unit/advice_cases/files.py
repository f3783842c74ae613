"""Remedies of what readers refuse of a file, each met by opening a small one."""

import shutil

import numpy as np

from rankstudy.core.identity import require_unique
from rankstudy.sources.readers import open_source
from rankstudy.sources.readers.zipped import unpack_member
from tests.unit.advice_toy import Toy, calling, change, named, use
from tests.unit.helpers import ROOT, labels_text, table_text, write_h5ad, write_text, write_zip
from tests.unit.test_reader_mtx_loom import folder as ten_x
from tests.unit.test_reader_mtx_loom import loom

COUNTS = np.arange(12.0).reshape(4, 3)
CELLS, GENES = [f"c{i}" for i in range(4)], ["g0", "g1", "g2"]
H5AD = {"format": "h5ad"}
TABLE = {"format": "table", "labels": "l.csv"}


def from_h5ad(folder, path="a.h5ad", read=H5AD, column="kind"):
    write_h5ad(folder / "a.h5ad", COUNTS, obs={"kind": ["A"] * 4}, layers={"raw": COUNTS})
    open_source(path, read).labels([column])


def from_table(folder, path="c.csv", read=TABLE, flag=None):
    write_text(folder / "c.csv", table_text(COUNTS.T, GENES, CELLS))
    write_text(folder / "l.csv", labels_text(CELLS, {"kind": ["A"] * 4}))
    members = {"in/c.csv": table_text(COUNTS.T, GENES, CELLS), "in/l.csv": labels_text(CELLS, {"kind": CELLS})}
    write_zip(folder / "c.zip", members)
    source = open_source(path, read)
    list(source.stream())
    if flag:
        source.gene_flags(flag)


def of_zip(folder, path="a.zip", member=None):
    write_zip(folder / "a.zip", {"one.h5ad": "1", "two.h5ad": "2"})
    unpack_member(path, "out.h5ad", member)


def from_rds(folder, path):
    shutil.copy(ROOT / "tests/fixtures/rds/matrix.rds", folder / "a.rds")
    open_source(path, {"format": "rds"})


def types(wanted):
    toy = Toy(feature_types=wanted)
    toy.var = {"feature_types": ["Peaks"] * len(toy.genes)}
    return toy


def column_that_is_said(call, said):
    call.keywords["column"] = said.split(", ")[-1]


def counts_that_are_said(call, said):
    call.keywords["read"] = {**H5AD, "counts": named(said)[-1]}


def from_loom(folder, counts):
    path = loom(folder / "a.loom")
    list(open_source(str(path), {"format": "loom", "counts": counts}).stream())


def from_10x(folder, gene_names="ids", flag=None):
    path = ten_x(folder)
    write_text(folder / "features.tsv", "".join(f"ENSG{i}\n" for i in range(6)))
    source = open_source(path, {"format": "mtx", "gene_names": gene_names})
    if flag:
        source.gene_flags(flag)


def member_that_is_said(call, said):
    call.keywords["read"] = {"format": "table", "counts": said.split()[2].strip(","), "labels": "in/l.csv"}


MEETS = [
    (
        calling(from_table, path="c.zip", read={"format": "table", "counts": "in/d.csv", "labels": "in/l.csv"}),
        {"sources.readers.table: it holds …": member_that_is_said},
    ),
    (
        calling(from_rds, path="b.rds"),
        {"sources.readers.rds.source: correct `source.local_file`": change(path="a.rds")},
    ),
    (
        calling(from_loom, counts="layers/x"),
        {
            "sources.readers.loom: it holds …": lambda call, said: call.keywords.update(
                counts=said.split()[2].strip(",")
            )
        },
    ),
    (
        calling(from_10x, gene_names="symbols"),
        {"sources.readers.mtx: use `mtx.gene_names: ids`": change(gene_names="ids")},
    ),
    (
        calling(from_10x, flag="x"),
        {"sources.readers.beside: use genes.method highly_variable or all": change(flag=None)},
    ),
    (calling(from_h5ad, column="kin"), {"sources.readers.base: the columns are …": column_that_is_said}),
    (
        calling(from_h5ad, read={**H5AD, "counts": "layers/x"}),
        {"sources.readers.h5ad: name a matrix that it holds: …": counts_that_are_said},
    ),
    (calling(from_h5ad, path="b.h5ad"), {"sources.readers.hdf5: correct `source.local_file`": change(path="a.h5ad")}),
    (calling(from_table, path="d.csv"), {"sources.readers.table: correct `source.local_file`": change(path="c.csv")}),
    (
        calling(from_table, flag="x"),
        {"sources.readers.table: use genes.method highly_variable or all": change(flag=None)},
    ),
    (
        lambda: types(["Gene Expression"]),
        {
            "sources.readers.features: name the types to read in `feature_types`": use(feature_types=["Peaks"]),
            "sources.readers.features: `feature_types: null` for all": lambda toy, said: toy.datasets["toy"].update(
                feature_types=None
            ),
        },
    ),
    (calling(of_zip), {"sources.readers.zipped: name the one to read": change(member="two.h5ad")}),
    (
        calling(of_zip, member="three.h5ad"),
        {"sources.readers.zipped: it holds …": lambda call, said: call.keywords.update(member=said.split(", ")[-1])},
    ),
    (
        calling(of_zip, path="b.zip", member="one.h5ad"),
        {"sources.readers.zipped: correct `source.local_file`": change(path="a.zip")},
    ),
    (
        calling(lambda folder, names: require_unique(names, "cells"), names=["a", "a"]),
        {"core.identity: make them unique in the file (nothing here is joined by position)": change(names=["a", "b"])},
    ),
]
