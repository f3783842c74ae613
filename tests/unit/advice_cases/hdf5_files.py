"""Remedies of what is refused of HDF5 files (h5ad, MuData, 10x), and of archives that hold one."""

import os
import zipfile
from collections import namedtuple
from unittest import mock

import h5py
import numpy as np
import yaml

from rankstudy.core.files import sha256
from rankstudy.sources.readers import open_source, zipped
from tests.fuzz.good_files import KINDS, N_CELLS, N_GENES, write_by_hand
from tests.unit.advice_toy import Toy, calling, change, named, use
from tests.unit.helpers import run_scan
from tests.unit.test_reader_kinds import mudata
from tests.unit.test_reader_tenx_h5 import new, old
from tests.unit.test_reader_zipped import encrypt

H5AD = {"format": "h5ad"}
Usage = namedtuple("Usage", "free")


def from_h5ad(folder, changes):
    """Write an h5ad, change it, and read it."""
    write_by_hand(folder / "a.h5ad", "earliest", {})
    with h5py.File(folder / "a.h5ad", "r+") as file:
        for each in changes:
            each(file)
    source = open_source("a.h5ad", H5AD)
    source.labels(["kind"])
    list(source.stream())


def changed(*changes):
    return calling(from_h5ad, changes=changes)


def then(mend):
    """Return a remedy: the file is changed once more."""
    return lambda call, said: call.keywords.update(changes=(*call.keywords["changes"], mend))


def move_matrix(file):
    with h5py.File("other.h5ad", "w") as other:
        file.copy("X", other)
    del file["X"]
    file["X"] = h5py.ExternalLink("other.h5ad", "X")


def copy_matrix_back(file):
    del file["X"]
    with h5py.File("other.h5ad") as other:
        other.copy("X", file)


def keep_names_outside(file):
    names = file["obs/index"][()].astype("S8")
    del file["obs/index"]
    file.create_dataset("obs/index", data=names, external=[("names.bin", 0, names.nbytes)])


def copy_names_back(file):
    names = file["obs/index"][()]
    del file["obs/index"]
    file["obs/index"] = names


def stored(**options):
    """Return a change: the values are stored so."""

    def change(file):
        values = file["X/data"][()].astype("i4")
        del file["X/data"]
        file.create_dataset("X/data", data=values, **options)

    return change


def from_mudata(folder, counts="mod/rna/X", pushed=()):
    """Write a MuData file, to whose RNA columns of all modalities are pushed, and read one of these."""
    path = mudata(folder / "a.h5mu", np.ones((N_CELLS, N_GENES)))
    with h5py.File(path, "r+") as file:
        for name in pushed:
            file[f"mod/rna/obs/{name}"] = file[f"obs/{name}"][()]
    source = open_source(path, {**H5AD, "counts": counts})
    source.labels(["common"] if counts == "mod/rna/X" else [])


def push_what_is_said(call, said):
    call.keywords["pushed"] = yaml.safe_load(said.split("push_obs(")[1].split(")")[0])


def from_10x(folder, write, genome=None):
    list(open_source(write(folder / "a.h5"), {"format": "tenx_h5", "genome": genome}).stream())


def of_two_genomes(path):
    return old(path, ("hg19", "mm10"))


class Archived(Toy):
    """The data set `toy` in a zip archive, in which it is encrypted or not, on a disk that has so much room."""

    def __init__(self, encrypted=False, free=1 << 30):
        super().__init__(h5ad={"member": "toy.h5ad"})
        self.encrypted, self.free = encrypted, free
        self.write()
        self.set(source={"url": "https://h/toy.zip", "bytes": os.path.getsize("toy.zip"), "local_file": "toy.zip"})

    def write(self):
        super().write()
        with zipfile.ZipFile("toy.zip", "w") as archive:
            archive.write("toy.h5ad")
        if self.encrypted:
            encrypt(self.folder / "toy.zip")

    def load(self):
        study = super().load()
        for part in study.datasets["toy"].parts.values():
            if part.is_zipped:
                with mock.patch.object(zipped.shutil, "disk_usage", lambda folder: Usage(self.free)):
                    zipped.unpack_member(part.downloaded, part.path, part.member)
        return study


def make_room(toy, said):
    toy.free = 1 << 30


def scanned(folder, damaged, stated):
    """Scan a file that may kill the HDF5 library: the tree of the chunks of a column is its own branch."""
    path = folder / "a.h5ad"
    write_by_hand(path, "earliest", {})
    with h5py.File(path, "r+") as file:
        del file["obs/kind"], file["obs/__categories"]
        file.create_dataset("obs/kind", data=np.array([kind or "" for kind in KINDS], "S1"), chunks=(3,))
    if damaged:
        content = bytearray(path.read_bytes())
        tree = content.rindex(b"TREE\x01\x00")
        content[tree + 5] = 1  # its level: what it points to are trees, no chunks
        content[tree + 48 : tree + 56] = tree.to_bytes(8, "little")
        path.write_bytes(content)
    known = {"sha256": sha256(path)} if stated else {}
    run_scan(folder, str(path), H5AD, verified={"matrix": known})


MEETS = [
    (
        changed(move_matrix),
        {"sources.readers.hdf5: copy the data into one file": then(copy_matrix_back)},
    ),
    (
        changed(keep_names_outside),
        {"sources.readers.hdf5: copy the data into one file": then(copy_names_back)},
    ),
    (
        changed(stored(scaleoffset=8, chunks=(7,))),
        {
            "sources.readers.hdf5: write the file again with gzip": then(stored(compression="gzip")),
            "sources.readers.hdf5: write it again with lzf": then(stored(compression="lzf")),
            "sources.readers.hdf5: write it without compression": then(stored()),
        },
    ),
    (
        calling(from_mudata, counts="mod/atac/X"),
        {
            "sources.readers.h5ad: name a matrix that it holds: …": lambda call, said: call.keywords.update(
                counts=named(said)[-1]
            )
        },
    ),
    (
        calling(from_mudata),
        {"sources.readers.h5ad: in Python: mdata.push_obs([…]), then mdata.write(...)": push_what_is_said},
    ),
    (
        calling(from_10x, write=of_two_genomes),
        {
            "sources.readers.tenx_h5: name one: `tenx_h5: {genome: …}`": lambda call, said: call.keywords.update(
                yaml.safe_load(said.split("`")[1])["tenx_h5"]
            )
        },
    ),
    (
        calling(from_10x, write=of_two_genomes, genome="mm9"),
        {
            "sources.readers.tenx_h5: name one that it holds: …": lambda call, said: call.keywords.update(
                genome=named(said)[-1]
            )
        },
    ),
    (calling(from_10x, write=new, genome="hg19"), {"sources.readers.tenx_h5: remove the key": change(genome=None)}),
    (
        lambda: Archived(encrypted=True),
        {
            "sources.readers.zipped: unpack it by hand, and write `source: {local_file: path/to/cells.h5ad}`, and no "
            "`h5ad.member`": use(source={"local_file": "toy.h5ad"}, h5ad={})
        },
    ),
    (lambda: Archived(free=999), {"sources.readers.zipped: make room and run again": make_room}),
    (
        calling(scanned, damaged=True, stated=False),
        {"sources.readers.probe: get it again, and state its `source.sha256`": change(damaged=False, stated=True)},
    ),
]
