"""h5ad files that are damaged or malicious: the message names the file and what is wrong with it."""

import re
import subprocess
import sys
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import open_source, probe
from rankstudy.sources.readers.hdf5 import names, reading
from rankstudy.sources.readers.probe import require_survivable
from tests.fuzz.good_files import N_CELLS, N_GENES, counts, write_by_hand
from tests.unit.helpers import ROOT, role, run_index
from tests.unit.test_reader_h5ad_encodings import STORAGE, by_hand


def replace(file, name, values, **options):
    attributes = dict(file[name].attrs)
    del file[name]
    file.create_dataset(name, data=values, **options).attrs.update(attributes)


def put(name, at, value):
    def change(file):
        file[name][at] = value

    return change


def pop_values(file):
    values = file["X/data"][:-1]
    replace(file, "X/data", values)


def share_one_text(file):
    """Let all names refer to one text that is nearly as long as the file: together they would fill the memory."""
    replace(file, "obs/index", ["x" * 100_000] + [f"c{i}" for i in range(1, N_CELLS)])
    path, at = file.filename, file["obs/index"].id.get_offset()
    file.close()
    with open(path, "r+b") as raw:
        raw.seek(at)
        first = raw.read(16)
        raw.seek(at)
        raw.write(first * N_CELLS)


def huge(name, shape, dtype="f4"):
    def change(file):
        del file[name]
        file.create_dataset(
            name, shape=shape, dtype=dtype, chunks=tuple(min(n, 1024) for n in shape), compression="gzip"
        )

    return change


def swap_for(link):
    def change(file):
        del file["X"]
        file["X"] = link

    return change


def external(file):
    del file["obs/index"]
    file.create_dataset("obs/index", (N_CELLS,), "i4", external=[("/etc/passwd", 0, 4 * N_CELLS)])


def bomb(file):
    """Store a chunk that inflates to far more than it should."""
    import zlib

    replace(file, "X/data", file["X/data"][()], chunks=(50,), compression="gzip")
    file["X/data"].id.write_direct_chunk((0,), zlib.compress(b"\0" * 50_000_000))


def one_chunk_missing(file):
    values = file["X/data"][()]
    del file["X/data"]
    file.create_dataset("X/data", shape=values.shape, chunks=(10,), dtype="f4")[:20] = values[:20]


def group_for(name):
    def change(file):
        del file[name]
        file.create_group(name)

    return change


def attribute(element, name, value):
    def change(file):
        file[element].attrs[name] = value

    return change


def unnamed_number(file):
    named = h5py.enum_dtype({"x": 0, "y": 1}, "i1")
    del file["obs/kind"], file["obs/__categories"]
    file.create_dataset("obs/kind", data=np.array([5] + [0] * (N_CELLS - 1)), dtype=named)


DAMAGE = {
    "two encodings": (
        lambda f: f["X"].attrs.__setitem__("encoding-type", ["csr_matrix", "csc_matrix"]),
        "attribute 'encoding-type' of /X is not text",
    ),
    "two indices": (
        lambda f: f["obs"].attrs.__setitem__("_index", [1, 2]),
        "attribute '_index' of /obs is not text",
    ),
    "index too large": (put("X/indices", 3, N_GENES), r"X/indices: holds 12, expected 0 to 11"),
    "index below zero": (put("X/indices", 3, -1), r"X/indices: holds -1, expected 0 to 11"),
    "gene twice": (lambda f: put("X/indices", 1, f["X/indices"][0])(f), r"X: some cell holds two values for one gene"),
    "pointers fall": (put("X/indptr", 5, 0), r"X: indptr does not increase from 0"),
    "pointers from 1": (put("X/indptr", 0, 1), r"X: indptr does not increase from 0"),
    "pointers end early": (put("X/indptr", -1, 100), r"X: indptr (does not increase|ends at)"),
    "pointers of text": (
        lambda f: replace(f, "X/indptr", ["a"] * 31),
        r"X/indptr: holds object, expected whole numbers",
    ),
    "too few values": (pop_values, r"X: indptr ends at \d+, but there are \d+ data and \d+ indices"),
    "too few pointers": (
        lambda f: replace(f, "X/indptr", f["X/indptr"][:-1]),
        r"X: indptr has 30 entries; expected 31",
    ),
    "another shape": (attribute("X", "shape", (N_CELLS, N_GENES + 1)), r"X: says that its shape is \[30 13\], but"),
    "shape of text": (attribute("X", "shape", "30 x 12"), r"X: says that its shape is 30 x 12"),
    "another encoding": (
        attribute("X", "encoding-type", "coo_matrix"),
        r"X: is encoded as 'coo_matrix', expected 'csr_matrix'",
    ),
    "large attribute": (attribute("X", "encoding-type", "x" * 10_000), r"X"),
    "code too large": (put("obs/kind", 2, 3), r"obs\['kind'\]: holds the code 3, but there are 3 categories"),
    "code below -1": (put("obs/kind", 2, -2), r"obs\['kind'\]: holds the code -2"),
    "label without reference": (
        lambda f: f["obs/kind"].attrs.__delitem__("categories") or put("obs/kind", 2, 3)(f),
        r"obs\['kind'\]: holds the code 3",
    ),
    "number without a label": (unnamed_number, r"obs\['kind'\]: holds 5, which its type has no label for"),
    "codes of text": (
        lambda f: replace(f, "obs/kind", ["x"] * N_CELLS),
        r"obs\['kind'\]: holds object, expected whole numbers",
    ),
    "column too short": (
        lambda f: replace(f, "obs/kind", f["obs/kind"][:-1]),
        r"obs\['kind'\]: has 29 values for 30 rows",
    ),
    "absurd column": (huge("obs/kind", (2**40,), "i1"), r"obs\['kind'\]: only 0 of its .* chunks lie in the file"),
    "absurd names": (huge("obs/index", (2**50,), "S8"), r"obs\['index'\]: only 0 of its .* chunks lie in the file"),
    "absurd matrix": (huge("X", (2**30, 2**30)), r"X: only 0 of its .* chunks lie in the file"),
    "missing chunks": (one_chunk_missing, r"X/data: only 2 of its \d+ chunks lie in the file"),
    "bomb": (bomb, r"/X/data cannot be read, the file is damaged \(a compressed chunk is cut off, or larger"),
    "names that share a text": (share_one_text, r"obs\['index'\]: its texts have [\d,]+ bytes, more than the file"),
    "link to a file": (swap_for(h5py.ExternalLink("/etc/passwd", "/")), r"/X is a link to another file"),
    "link to nothing": (swap_for(h5py.SoftLink("/nowhere")), r"has no 'X'; name a matrix that it holds: \(none\)$"),
    "values in another file": (external, r"obs\['index'\]: keeps its values in other files"),
    "no indices": (group_for("X/indices"), r"X/indices: is missing, or is not a dataset"),
    "column of nothing": (group_for("obs/kind"), r"obs\['kind'\]: is encoded as None, which cannot be used"),
    "table of numbers": (lambda f: (f.__delitem__("var"), f.create_dataset("var", data=[1])), r"it has no table 'var'"),
    "names in a table": (
        lambda f: replace(f, "obs/index", np.zeros((N_CELLS, 2))),
        r"has the shape \(30, 2\), expected 1",
    ),
    "complex values": (
        lambda f: replace(f, "X/data", f["X/data"][()].astype("c8")),
        r"X/data: holds complex64, expected numbers",
    ),
}


@pytest.mark.parametrize("change,message", DAMAGE.values(), ids=DAMAGE)
def test_damage_is_named(tmp_path, change, message):
    path = tmp_path / "bad.h5ad"
    write_by_hand(path, "earliest", {})
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(StudyError, match=rf"bad\.h5ad.*{message}"):
        source = open_source(str(path), {"format": "h5ad"})
        source.labels(["kind"])
        list(source.stream())


def test_a_name_that_is_no_text_names_nothing(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_group(b"\xff\xfe")
        file.create_group("x")
        assert names(file) == ["x"] and len(file) == 2


@pytest.mark.parametrize("name", ["gzip", "gzip, shuffled", "gzip, checksums"])
def test_a_flipped_bit_of_compressed_values_is_found(tmp_path, name):
    path = tmp_path / "a.h5ad"
    by_hand(path, STORAGE[name])
    with h5py.File(path) as file:
        chunk = file["X/data"].id.get_chunk_info(1)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"a\.h5ad: /X/data cannot be read, the file is damaged"):
        open_source(str(path), {"format": "h5ad"}).read(np.arange(N_CELLS))


@pytest.mark.parametrize("form", [sp.csr_matrix, sp.csc_matrix])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(tmp_path, form, share):
    path = tmp_path / "a.h5ad"
    by_hand(path, STORAGE["gzip"], form=form)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(StudyError, match=r"a\.h5ad: is not a readable h5ad file"):
        open_source(str(path), {"format": "h5ad"})


def test_unknown_filters_are_named(tmp_path):
    with pytest.raises(
        StudyError, match=r"X/data: is stored as int32 with the HDF5 filters \[6\], which are not supported"
    ):
        source = by_hand(tmp_path / "a.h5ad", {"scaleoffset": 8, "chunks": (7,)}, dtype="i4", index="i4")
        list(source.stream())


def test_a_column_with_gaps_gives_no_names(tmp_path):
    write_by_hand(tmp_path / "a.h5ad", "earliest", {})
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:
        file["var/id"] = [np.nan] * N_GENES
    with pytest.raises(StudyError, match=r"var\['id'\]: 12 rows have no name there"):
        open_source(str(tmp_path / "a.h5ad"), {"format": "h5ad", "gene_names": "id"})
    with pytest.raises(StudyError, match=r"h5ad\.gene_names: .*there is no column 'idd' \(did you mean 'id'\?\)"):
        open_source(str(tmp_path / "a.h5ad"), {"format": "h5ad", "gene_names": "idd"})


def test_values_in_column_chunks_are_refused_without_a_dense_matrix(tmp_path):
    values = counts()
    values[7, 3] = -1
    path = tmp_path / "a.h5ad"
    by_hand(path, {}, values=values, form=sp.csc_matrix)
    with pytest.raises(StudyError, match=r"1 values are negative, the first in cell 'cell 7', gene 'gene 3' \(-1\.0\)"):
        run_index(tmp_path, str(path), {"format": "h5ad"}, annotations={"cell_type": role("kind")})


@pytest.mark.parametrize("flag_column", ["marked", None])
def test_the_first_process_reads_all_that_will_be_read(monkeypatch, flag_column):
    asked = []
    source = SimpleNamespace(gene_flags=asked.append, stream=lambda: iter(lambda: asked.append("values"), 0))
    monkeypatch.setattr(probe, "open_source", lambda path, read: source)
    monkeypatch.setattr(probe, "cell_columns", lambda source, columns, part: asked.append(columns))
    probe._read_structure("a.h5ad", {}, ["kind"], "", flag_column)
    assert asked == [["kind"], *([flag_column] if flag_column else []), "values"]


@pytest.mark.parametrize(
    ("error", "said"), [(OSError("one\ntwo"), "one"), (OSError(), "OSError"), (KeyError("x"), "'x'")]
)
def test_of_what_the_library_says_there_is_always_one_line(error, said):
    with pytest.raises(StudyError) as caught, reading("a.h5ad", "X"):
        raise error
    assert str(caught.value) == f"a.h5ad: X cannot be read, the file is damaged ({said})"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StudyError("a.h5ad: is cut off"), "a.h5ad: is cut off"),
        (MemoryError(), "its structure alone takes more memory than 4 bytes can be worth"),
        (AssertionError("a fault of the reader"), "^$"),
    ],
)
def test_the_first_process_tells_what_is_wrong_with_the_file(tmp_path, monkeypatch, error, said):
    (tmp_path / "a.h5ad").write_bytes(b"HDF5")

    def fail(*_):
        raise error

    monkeypatch.setattr(probe, "_read_structure", fail)
    assert re.search(said, probe._said_against(str(tmp_path / "a.h5ad"), {}, [], "", None))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps the limit")
def test_an_attribute_that_claims_four_gigabytes_takes_none_of_them(tmp_path):
    path = tmp_path / "a.h5ad"
    write_by_hand(path, "earliest", {})
    with h5py.File(path, "r+") as file:
        file["obs"].attrs["_index"] = "n" * 54321
    length = (54321).to_bytes(4, "little")  # with the attribute, and with its text
    assert path.read_bytes().count(length) == 2
    path.write_bytes(path.read_bytes().replace(length, b"\xff\xff\xff\xff"))
    script = f"""
import resource
from rankstudy.core.errors import StudyError
from rankstudy.sources.readers.probe import require_survivable
try:
    require_survivable({str(path)!r}, {{"format": "h5ad", "counts": "X", "gene_names": None}}, [], "", None)
except StudyError as error:
    print(error)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    message, kilobytes = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "attribute '_index' of /obs cannot be read, the file is damaged" in message
    assert int(kilobytes) < 1 << 20


def test_what_kills_or_hangs_the_library_is_an_error_of_the_first_process(tmp_path, monkeypatch):
    path = tmp_path / "a.h5ad"
    write_by_hand(path, "earliest", {})
    read = {"format": "h5ad", "counts": "X", "gene_names": None}
    require_survivable(str(path), read, ["kind"], "", "marked")
    with pytest.raises(StudyError, match=r"a\.h5ad: the HDF5 library cannot read it .*did not end within 0 s"):
        require_survivable(str(path), read, ["kind"], "", None, seconds=0.01)
    killer = tmp_path / "killer"
    killer.write_text("#!/bin/sh\nkill -SEGV $$\n")
    killer.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(killer))
    with pytest.raises(StudyError, match=r"the HDF5 library cannot read it .*ended with -11\): the file is damaged"):
        require_survivable(str(path), read, ["kind"], "", None)
    require_survivable(str(path), {"format": "table"}, ["kind"], "", None)
