"""Remedies where a file or a folder is something else than was said: each is put right and read."""

import gzip
import re
import shutil
import warnings
import zipfile
from pathlib import Path

import anndata as ad
import h5py
import numpy as np

from rankstudy.sources.readers import open_source
from rankstudy.sources.readers.zipped import unpack_member
from tests.fuzz.good_files import N_CELLS, N_GENES
from tests.unit import rds_writer
from tests.unit.advice_toy import Toy
from tests.unit.helpers import labels_text, table_text, write_h5ad
from tests.unit.test_reader_kinds import mudata
from tests.unit.test_reader_mtx_loom import folder as ten_x
from tests.unit.test_reader_mtx_loom import loom as write_loom
from tests.unit.test_reader_tenx_h5 import new

COUNTS = np.arange(6.0).reshape(2, 3)
CELLS, GENES = ["c0", "c1"], ["g0", "g1", "g2"]
H5AD = {"h5ad": {}}
TABLE = {"table": {"labels": "labels.csv"}}
IN_ZIP = {"table": {"counts": "in/counts.csv", "labels": "in/labels.csv"}}
LABELS, TEXT = labels_text(CELLS, {"kind": ["A", "B"]}), table_text(COUNTS.T, GENES, CELLS)
EXCEL, UTF16 = b"PK\x03\x04\x14\x00\x06\x00", b"\xff\xfe" + TEXT.encode("utf-16-le")
NAME = re.compile(r"\w+\.(h5ad|mtx)")
RDATA = gzip.compress(b"RDX3\nX\n")


class Kept(Toy):
    """The data set `toy` in a file that the test writes, beside a table of labels."""

    def __init__(self, name, content, **keys):
        super().__init__(batch=None)
        self.run = self.open
        self.keep(name, content, **keys)
        Path("labels.csv").write_text(LABELS)

    def keep(self, name, content, **keys):
        """Let the data set be in this file, and be read so."""
        where = Path(name)
        where.parent.mkdir(exist_ok=True)
        where.write_bytes(content() if callable(content) else content)
        return self.name(name, **keys)

    def name(self, name, **keys):
        """Let the data set be in what has this name, and be read so."""
        formats = dict.fromkeys(("h5ad", "table", "mtx", "rds", "loom", "tenx_h5"))
        return self.set(**{**formats, **keys}, source={"local_file": name})

    def open(self):
        """Read the data set to the end."""
        for part in self.load().datasets["toy"].parts.values():
            if part.is_zipped:
                unpack_member(part.downloaded, part.path, part.member)
            list(open_source(part.path, part.read).stream())


def kept(name, content, **keys):
    """Return how a file of this content is read."""
    return lambda: Kept(name, content, **keys)


def keep(name, content, **keys):
    """Return a remedy: the data set is in such a file, and is read so."""
    return lambda toy, said: toy.keep(name, content, **keys)


def h5ad():
    return Path(write_h5ad("made", COUNTS, obs={"kind": ["A", "B"]})).read_bytes()


def loom():
    return Path(write_loom(Path("made.loom"))).read_bytes()


def rds():
    return Path(rds_writer.write(Path("made.rds"), rds_writer.seurat())).read_bytes()


def mtx():
    return Path(ten_x(Path.cwd())).read_bytes()


def a_zip_of(**members):
    """Return the content of an archive of these members, by their names without the end."""

    def content():
        with zipfile.ZipFile("made.zip", "w") as archive:
            for name, (end, text) in members.items():
                archive.writestr(f"in/{name}.{end}", text() if callable(text) else text)
        return Path("made.zip").read_bytes()

    return content


TABLES = a_zip_of(counts=("csv", TEXT), labels=("csv", LABELS))


def zarr_store():
    with warnings.catch_warnings(action="ignore"):  # of formats of zarr to come
        ad.AnnData(COUNTS).write_zarr("store.zarr")
    return Kept("cells.h5ad", h5ad).name("store.zarr", **H5AD)


def zarr_store_in_an_archive():
    zarr_store()
    shutil.make_archive("store.zarr", "zip", ".", "store.zarr")
    shutil.rmtree("store.zarr")
    return Kept("cells.h5ad", h5ad).name("store.zarr.zip", **H5AD)


def convert(toy, said):
    """Run the Python that a message holds."""
    eval(re.search(r"anndata\..*\)", said)[0], {"anndata": ad, "folder": "store.zarr"})
    toy.name("cells.h5ad")


def unpack_and_convert(toy, said):
    shutil.unpack_archive("store.zarr.zip")
    convert(toy, said)


def folder(*files):
    """Return how a folder is read that has files of these names, with the content of an h5ad."""

    def make():
        toy = Kept("cells.h5ad", h5ad)
        Path("folder").mkdir()
        for name in files:
            shutil.copy("cells.h5ad", f"folder/{name}")
        return toy.name("folder", **H5AD)

    return make


def folder_of_10x():
    toy = Kept("cells.h5ad", h5ad)
    Path("folder").mkdir()
    ten_x(Path("folder"))
    return toy.name("folder", **H5AD)


def in_the_folder(**keys):
    """Return a remedy: the first file that the message names is read."""
    return lambda toy, said: toy.name(f"folder/{NAME.search(said)[0]}", **keys)


TRIED = [
    (
        kept("cells.h5ad", b"version https://git-lfs.github.com/spec/v1\n"),
        {"fetch the file itself, with `git lfs pull` in its repository": keep("cells.h5ad", h5ad)},
    ),
    (
        kept("cells.csv", b"<!doctype html>", **TABLE),
        {"get the file by an address that gives it": keep("cells.csv", TEXT.encode(), **TABLE)},
    ),
    (
        kept("cells.h5ad", a_zip_of(cells=("h5ad", h5ad))),
        {
            "let its name end in .zip, if an h5ad is in it": lambda toy, said: toy.keep(
                "cells.h5ad.zip", Path("cells.h5ad").read_bytes()
            )
        },
    ),
    (
        kept("cells.h5ad", TABLES),
        {
            "name the counts and the labels in it (`table.counts`, `table.labels`), if they are CSV or TSV": keep(
                "cells.zip", TABLES, **IN_ZIP
            )
        },
    ),
    (
        kept("cells.rds", a_zip_of(cells=("rds", rds))),
        {"unpack it, and name what comes out": keep("in/cells.rds", rds)},
    ),
    (
        kept("cells.csv", rds, **TABLE),
        {"write `rds: {}` in place of another format's section": lambda toy, said: toy.name("cells.csv", rds={})},
    ),
    (
        kept("cells.rds", RDATA),
        {
            "save one object of it in R: load(...), then saveRDS(object, 'cells.rds'), and name that file": keep(
                "cells.rds", rds
            )
        },
    ),
    *(
        (
            kept(f"{section}.csv", content, **TABLE),
            {
                "write `h5ad: {}`, `loom: {}` or `tenx_h5: {}`, which it is, in place of another format's "
                "section": lambda toy, said, section=section: toy.name(f"{section}.csv", **{section: {}})
            },
        )
        for content, section in ((h5ad, "h5ad"), (loom, "loom"))
    ),
    (
        kept("cells.csv", EXCEL, **TABLE),
        {
            "save its sheet as 'CSV UTF-8', and name that file": keep(
                "sheet.csv", b"\xef\xbb\xbf" + TEXT.encode(), **TABLE
            )
        },
    ),
    (
        kept("matrix.mtx", mtx, **H5AD),
        {
            "write `mtx: {}` in place of another format's section, with the files of genes and barcodes beside "
            "it": lambda toy, said: toy.name("matrix.mtx", mtx={})
        },
    ),
    (
        kept("cells.h5ad", b"PAR1"),
        {
            "write it as CSV, for `table:`": keep("cells.csv", TEXT.encode(), **TABLE),
            "write it as h5ad, and name that file": keep("other.h5ad", h5ad),
        },
    ),
    (
        kept("cells.csv", UTF16, **TABLE),
        {"save it as UTF-8": keep("cells.csv", TEXT.encode(), **TABLE)},
    ),
    (kept("cells.h5ad", b"%PDF-1.4"), {"name the file with the data": keep("other.h5ad", h5ad)}),
    (
        kept("cells.h5ad", b"\x80\x03"),
        {"write what it holds as h5ad, and name that file": keep("other.h5ad", h5ad)},
    ),
    (
        kept("cells.h5ad.gz", lambda: gzip.compress(h5ad()), **H5AD),
        {"unpack it (… -d), and name what comes out": keep("cells.h5ad", h5ad)},
    ),
    (
        kept("cells.h5ad", b"7z\xbc\xaf"),
        {"unpack it, and name a file in it": keep("in/cells.h5ad", h5ad)},
    ),
    (
        zarr_store,
        {
            "convert it in Python, anndata.read_zarr(…).write_h5ad('cells.h5ad'), and name that file": convert,
        },
    ),
    (
        zarr_store_in_an_archive,
        {
            "unpack it, convert the folder in Python, anndata.read_zarr(folder).write_h5ad('cells.h5ad'), and name "
            "that file": unpack_and_convert
        },
    ),
    (kept("cells.h5ad", b""), {"get it again": keep("cells.h5ad", h5ad)}),
    (folder_of_10x, {"name its …, and write `mtx: {}`": in_the_folder(mtx={})}),
    (folder(), {"name the file itself": lambda toy, said: toy.name("cells.h5ad")}),
    (folder("one.h5ad", "two.h5ad"), {"name a file in it: …": in_the_folder()}),
]


def a_file_of(write):
    """Return the content of a file that a function writes to a path."""

    def content():
        write(Path("made.h5"))
        return Path("made.h5").read_bytes()

    return content


def molecules(path):
    with h5py.File(path, "w") as file:
        file["barcode_info/x"] = [0]


def h5seurat(path):
    with h5py.File(path, "w") as file:
        file["assays/RNA/x"], file["meta.data/x"] = [0], [0]


def anndata_before_groups(path):
    with h5py.File(path, "w") as file:
        file["X"] = COUNTS
        for name, index in (("obs", CELLS), ("var", GENES)):
            file[name] = np.array([(name.encode(),) for name in index], dtype=[("index", "S2")])


def with_old_anndata(toy, said):
    """Run the Python that a message holds, for a file of this name."""
    shutil.copy("cells.h5ad", "old.h5ad")
    with warnings.catch_warnings(action="ignore"):  # of old formats
        eval(re.search(r"anndata\..*\)", said)[0], {"anndata": ad})


TENX = a_file_of(new)
INSIDE = [
    (
        kept("cells.h5ad", a_file_of(lambda path: mudata(path, np.ones((N_CELLS, N_GENES)))), **H5AD),
        {"write `h5ad: {counts: mod/…/X}`": lambda toy, said: toy.lay(said)},
    ),
    (
        kept("cells.h5ad", TENX, **H5AD),
        {
            "write `tenx_h5: {}` in place of another format's section": lambda toy, said: toy.name(
                "cells.h5ad", tenx_h5={}
            )
        },
    ),
    (
        kept("cells.h5ad", loom, **H5AD),
        {"write `loom: {}` in place of another format's section": lambda toy, said: toy.name("cells.h5ad", loom={})},
    ),
    (
        kept("cells.loom", h5ad, loom={}),
        {"write `h5ad: {}` in place of another format's section": lambda toy, said: toy.name("cells.loom", h5ad={})},
    ),
    (
        kept("cells.h5ad", a_file_of(h5seurat)),
        {
            "save its object in R: saveRDS(SeuratDisk::LoadH5Seurat('cells.h5seurat'), 'cells.rds'), and name that "
            "file": keep("cells.rds", rds)
        },
    ),
    (
        kept("molecule_info.h5", a_file_of(molecules)),
        {"take its filtered_feature_bc_matrix.h5": keep("filtered_feature_bc_matrix.h5", TENX)},
    ),
    (
        kept("cells.h5ad", a_file_of(anndata_before_groups)),
        {
            "write it anew in Python: anndata.read_h5ad('old.h5ad').write_h5ad('cells.h5ad'), and name that "
            "file": with_old_anndata
        },
    ),
]
MEETS = [
    (spoilt, {f"{module}: {way}": mend for way, mend in ways.items()})
    for module, cases in (("sources.kinds", TRIED), ("sources.readers.hdf5_kinds", INSIDE))
    for spoilt, ways in cases
]
