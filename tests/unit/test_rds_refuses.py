"""RDS files that are damaged, misleading or of another kind: refused with what was found and what to do."""

import bz2
import gzip
import lzma
import struct
import tracemalloc
import zlib

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import cell_columns, open_source
from rankstudy.sources.readers.rds import bytestream, serialisation
from tests.unit import rds_writer as w
from tests.unit.helpers import run_python
from tests.unit.test_rds_as_in_r import FIXTURES
from tests.unit.test_reader_table import streamed

PACKED = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "gzip, two parts": lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]),
}


def opened(path, **options):
    return open_source(str(path), {"format": "rds", **options})


def refused(message, path, use=lambda source: source, **options):
    with pytest.raises(StudyError, match=message) as caught:
        use(opened(path, **options))
    assert str(path) in str(caught.value)


def test_what_the_writer_of_these_tests_makes_can_be_read(tmp_path):
    expected = [[1, 2, 0], [0, 0, 3]]
    for body in (w.matrix(), w.seurat()):
        source = opened(w.write(tmp_path / "a.rds", body))
        assert source.cell_names == ["c1", "c2"] and source.gene_names == ["g1", "g2", "g3"]
        np.testing.assert_array_equal(streamed(source), expected)
        np.testing.assert_array_equal(source.read(np.arange(2)).toarray(), expected)
    assert source.labels(["kind"])["kind"].tolist() == ["x", "y"]


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_every_truncation_is_refused(tmp_path, pack):
    whole = pack(w.HEADER + w.matrix())
    for end in range(len(whole)):
        (tmp_path / "a.rds").write_bytes(whole[:end])
        refused(r"a\.rds: (is damaged: .*(cut off|ends within)|is not an RDS file)", tmp_path / "a.rds")


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_every_flipped_bit_of_a_packed_file_is_refused_or_changes_nothing(tmp_path, pack):
    whole, path = pack(w.HEADER + w.matrix()), tmp_path / "a.rds"
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        path.write_bytes(changed)
        try:
            source = opened(path)
        except StudyError:
            continue
        assert source.cell_names == ["c1", "c2"]
        np.testing.assert_array_equal(streamed(source), [[1, 2, 0], [0, 0, 3]])


@pytest.mark.parametrize("pack", [bytes, *PACKED.values()], ids=["plain", *PACKED])
@pytest.mark.parametrize("more", [b"\x01", b"garbage behind the file" * 10])
def test_bytes_behind_the_object_are_refused(tmp_path, pack, more):
    path = tmp_path / "a.rds"
    path.write_bytes(pack(w.HEADER + w.matrix()) + more)
    refused(r"is damaged: ", path)
    path.write_bytes(pack(w.HEADER + w.matrix() + more))
    refused(r"is damaged: more bytes follow where the object ends", path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"i": w.integers([0, 1, 3])}, "values in rows outside 1 to 3"),
        ({"i": w.integers([0, -1, 2])}, "values in rows outside 1 to 3"),
        ({"i": w.integers([1, 1, 2])}, "a row stands twice in a column"),
        ({"p": w.integers([0, 4, 3])}, "do not fit together"),
        ({"p": w.integers([0, 2, 2])}, "do not fit together"),
        ({"p": w.integers([1, 2, 3])}, "do not fit together"),
        ({"p": w.integers([0, 3])}, "do not fit together"),
        ({"p": w.integers([0, -(2**31), 3])}, "p of the matrix should be integers, and is integer or has NA"),
        ({"x": w.numbers([1, 2])}, "do not fit together"),
        ({"i": w.integers([0, 1, 2, 0]), "x": w.numbers([1, 2, 3, 4])}, "do not fit together"),
        ({"Dim": w.integers([1, 2])}, "do not fit together"),
        ({"Dim": w.integers([4, 2])}, "3 names for 4 rows or columns"),
        ({"Dim": w.integers([-3, 2])}, "no two dimensions"),
        ({"Dim": w.integers([3])}, "no two dimensions"),
        ({"x": w.integers([1, 2, 3])}, "x of the matrix should be a vector of numbers, and is integer"),
        ({"i": w.numbers([0, 1, 2])}, "i of the matrix should be a vector of integers, and is numeric"),
        ({"i": None}, "i of the matrix should be a vector of integers, and is NULL"),
        (
            {"Dimnames": w.listed([w.NULL, w.NULL])},
            "the matrix has 3 genes and 0 names of genes; give each a name in R",
        ),
        ({"Dimnames": w.listed([w.text(["a", "b", None]), w.text(["c1", "c2"])])}, "name 3 is NA"),
        (
            {"Dimnames": w.listed([w.text(["a", "b", "b"]), w.text(["c1", "c2"])])},
            "genes: 1 names occur more than once",
        ),
        ({"Dimnames": w.listed([w.text([b"\xff", "b", "c"], encoding=8), w.text(["c1", "c2"])])}, "is not utf-8"),
        ({"Dimnames": w.listed([w.text([b"\xff", "b", "c"]), w.text(["c1", "c2"])])}, "is not ascii"),
        ({"Dimnames": w.listed([w.text([b"\xff", "b", "c"], encoding=2), w.text(["c1", "c2"])])}, "marked as bytes"),
    ],
)
def test_matrices_that_r_would_not_accept(tmp_path, changes, message):
    path = w.write(tmp_path / "a.rds", w.matrix(**changes))
    refused(message, path, lambda source: list(source.stream()))
    refused(message, path, lambda source: source.read(np.arange(2)))


def test_rows_out_of_order_are_put_in_order(tmp_path):
    source = opened(w.write(tmp_path / "a.rds", w.matrix(i=w.integers([1, 0, 2]))))
    np.testing.assert_array_equal(streamed(source), [[2, 1, 0], [0, 0, 3]])
    assert source.read(np.array([0])).indices.tolist() == [0, 1]


DEEP = struct.pack(">Ii", 19, 1) * 5000
MISLEADING = {
    "a vector longer than the file": (w.integers([1], length=2**31 - 1), "ends within the object"),
    "a long vector": (
        w.integers([-1, 65536, 0], length=-1),
        "the number -1 where at most 65,536 is possible|ends within",
    ),
    "text longer than the file": (w.text(["a"], length=2**31 - 1), "ends within the object"),
    "a list longer than the file": (w.listed([w.NULL], length=2**31 - 1), "ends within the object"),
    "a string longer than the file": (struct.pack(">iiII", 16, 1, 9, 2**24), "ends within the object"),
    "a string longer than any": (struct.pack(">iiII", 16, 1, 9, 2**31 - 1), "what should be a string is none"),
    "a negative length": (w.integers([], length=-2), "a vector of -2 elements"),
    "a string that is none": (struct.pack(">iiII", 16, 1, 13, 0), "what should be a string is none"),
    "nested too deeply": (DEEP, "nested more than 150 deep"),
    "nested too deeply in attributes": (
        struct.pack(">IiII", 13 | 1 << 9, 0, 2, 254) * 900,
        "attributes|nested more than",
    ),
    "a reference forwards": (struct.pack(">I", 255 | 1 << 8), "a reference to object 1 of 0"),
    "a reference to nothing": (struct.pack(">II", 255, 0), "a reference to object 0 of 0"),
    "a reference before the first": (struct.pack(">Ii", 255, -5), "a reference to object -5 of 0"),
    "an unknown type": (struct.pack(">I", 200), "an object of the unknown type 200"),
    "zeros": (bytes(10_000), "an object of the unknown type 0"),
    "attributes that are none": (struct.pack(">IiI", 13 | 1 << 9, 0, 253), "attributes that are not a list"),
    "a symbol that is NA": (struct.pack(">I", 1) + w.string(None), "a name is NA"),
    "an endless sequence": (w.altrep("compact_intseq", w.numbers([2**40, 1, 1])), "impossible numbers"),
    "a sequence of fractions": (w.altrep("compact_intseq", w.numbers([2, 1.5, 1])), "not whole"),
    "a sequence of no integers": (w.altrep("compact_intseq", w.numbers([2, 2**31 - 1, 1])), "beyond the integers of R"),
    "a sequence of NaN": (w.altrep("compact_intseq", w.numbers([float("nan"), 1, 1])), "impossible numbers"),
    "a sequence of text": (w.altrep("compact_intseq", w.text(["1"])), "not three numbers"),
    "a wrapper of what is no vector": (
        w.altrep("wrap_real", w.pairs({"x": w.NULL})),
        "a wrapped vector that holds no vector",
    ),
    "a sequence of too few numbers": (w.altrep("compact_intseq", w.numbers([2, 1])), "not three numbers"),
    "a wrapper of nothing": (w.altrep("wrap_real", w.NULL), "a wrapped vector without the vector"),
    "an unknown ALTREP class": (w.altrep("mmap_real", w.NULL), "the ALTREP class 'mmap_real', which is not read"),
}


@pytest.mark.parametrize(("body", "message"), MISLEADING.values(), ids=MISLEADING)
def test_misleading_structure_costs_little_memory(tmp_path, body, message):
    path = w.write(tmp_path / "a.rds", w.listed([body]))
    tracemalloc.start()
    try:
        refused(message, path)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_a_small_file_that_unpacks_to_gigabytes_takes_little_memory(tmp_path):
    long = struct.pack(">Ii", 14, 200_000_000)
    with gzip.open(tmp_path / "a.rds", "wb", compresslevel=1) as file:
        file.write(w.HEADER + struct.pack(">Ii", 19, 1) + long)
        for _ in range(1600):
            file.write(bytes(1_000_000))
    done = run_python(
        f"""
import resource
from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import open_source
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    open_source({str(tmp_path / "a.rds")!r}, {{"format": "rds"}})
except StudyError as error:
    print(error)
assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
"""
    )
    assert not done.returncode and "holds a list of 1 objects" in done.stdout, done.stderr


def test_the_number_of_objects_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(serialisation, "MOST_OBJECTS", 100)
    refused("holds more than 100 R objects", w.write(tmp_path / "a.rds", w.listed([w.NULL] * 200)))


def test_xz_that_wants_gigabytes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bytestream, "_XZ_MEMORY", 1 << 20)
    path = tmp_path / "a.rds"
    path.write_bytes(lzma.compress(w.HEADER + w.matrix(), preset=6))
    refused("cannot be unpacked .*[Mm]emory", path)


def with_dictionary(data, bits):
    """Return xz data whose header asks for a dictionary of (2 + bits % 2) * 2**(bits // 2 + 11) bytes."""
    packed = bytearray(lzma.compress(data, preset=0))
    end = 12 + 4 * (packed[12] + 1) - 4  # of the header of the block, before its checksum
    packed[packed.index(b"\x21\x01", 12) + 2] = bits
    packed[end : end + 4] = struct.pack("<I", zlib.crc32(packed[12:end]))
    return bytes(packed)


def test_xz_as_strong_as_r_packs_is_read_and_stronger_is_not(tmp_path):
    path = tmp_path / "a.rds"
    path.write_bytes(with_dictionary(w.HEADER + w.matrix(), 28))  # 64 MiB: `saveRDS(compress = "xz")` at level 9
    assert opened(path).cell_names == ["c1", "c2"]
    path.write_bytes(with_dictionary(w.HEADER + w.matrix(), 31))
    refused("cannot be unpacked .*[Mm]emory", path)


def test_the_last_bytes_of_a_file_may_be_those_of_an_empty_string(tmp_path):
    for last in (None, ""):
        refused("holds an object of the class character", w.write(tmp_path / "a.rds", w.text(["a", last])))


@pytest.mark.parametrize(
    "table",
    [
        w.listed([w.integers([1, 2])], names=w.text(["kind"]), **{"row.names": w.text(["c1", "c2"])}),
        w.integers([1, 2], **{"class": w.text(["data.frame"]), "row.names": w.text(["c1", "c2"])}),
        w.NULL,
    ],
    ids=["a list", "numbers that say so", "nothing"],
)
def test_metadata_that_are_no_table_are_refused(tmp_path, table):
    assays = w.listed([w.s4("Assay", counts=w.matrix())], names=w.text(["RNA"]))
    body = w.s4("Seurat", assays=assays, **{"meta.data": table, "active.assay": w.text(["RNA"])})
    refused(r"meta\.data should be a data\.frame, and is ", w.write(tmp_path / "a.rds", body))


def number(value):
    return struct.pack(">i", value)


# a call f(x) among the constants of byte code: attributes where there are any, tag, function, and what follows it
CALL = w.NULL + number(0) + w.NULL + number(254) + w.NULL
BYTECODE = {
    "a call": number(6) + CALL,
    "a call with attributes": number(240) + w.pairs({"srcref": w.NULL}) + CALL,
    "a list with attributes": number(239) + w.pairs({"x": w.integers([1])}) + CALL,
    "a call that is named": number(244) + number(0) + number(6) + CALL,
    "a named call with attributes": number(244) + number(0) + number(240) + w.pairs({"srcref": w.NULL}) + CALL,
    "what was named before": number(243) + number(0),
    "byte code": number(21) + w.integers([12, 3]) + number(1) + number(6) + CALL,
    "a number": number(14) + w.numbers([2.5]),
    "a call of another call": number(6) + w.NULL + number(6) + CALL + number(254) + w.NULL,
    "two calls, one after the other": number(6) + w.NULL + number(0) + w.NULL + number(6) + CALL,
}


@pytest.mark.parametrize("constant", BYTECODE.values(), ids=BYTECODE)
def test_byte_code_is_walked_through_to_its_last_byte(tmp_path, constant):
    code = struct.pack(">I", 21) + number(3) + w.integers([12, 16, 0]) + number(2) + constant + number(254) + w.NULL
    slots = {"i": w.integers([0, 1, 2]), "before": code, "p": w.integers([0, 2, 3]), "Dim": w.integers([3, 2])}
    names = w.listed([w.text(["g1", "g2", "g3"]), w.text(["c1", "c2"])])
    source = opened(w.write(tmp_path / "a.rds", w.s4("dgCMatrix", **slots, Dimnames=names, x=w.numbers([1, 2, 3]))))
    np.testing.assert_array_equal(streamed(source), [[1, 2, 0], [0, 0, 3]])


def test_other_files_are_refused_with_what_to_do(tmp_path):
    refused(r"gone\.rds: there is no such file; correct `source\.local_file`", tmp_path / "gone.rds")
    path = tmp_path / "a.rds"
    for data, message in (
        (b"", "is damaged: ends within the object, after 0 unpacked bytes"),
        (b"PK\x03\x04 an archive", "it is a zip archive"),
        (b"quite another", "is not an RDS file"),
        (gzip.compress(b"RDX3\nX\n"), r"it is an \.RData file of R; save one object of it in R: load"),
        (b"version https://git-lfs.github.com/spec/v1\n", "`git lfs pull`"),
        (b"\x28\xb5\x2f\xfd....", "is packed with zstd; save it again in R"),
        (b"B\n" + bytes(20), "is an RDS file in R's text or native form; save it again in R"),
        (
            w.HEADER.replace(struct.pack(">I", 3), struct.pack(">I", 4), 1),
            "version 4 of R's format; versions 2 and 3 are read",
        ),
    ):
        path.write_bytes(data)
        refused(message, path)
    refused("is an RDS file in R's text or native form", FIXTURES / "refused_text.rds")
    refused("holds an object of the class numeric, not Seurat", FIXTURES / "refused_dense.rds")
    refused("holds an object of the class dgTMatrix", FIXTURES / "refused_triplets.rds")
    refused(r"class is seurat; update it in R: saveRDS\(UpdateSeuratObject", w.write(path, w.s4("seurat")))
    objects = [w.matrix(), w.seurat()]
    refused(r"holds a list of 2 objects; save the one that is meant in R", w.write(path, w.listed(objects)))
    named = w.listed(objects, names=w.text(["healthy", "sick"]))
    refused(r"holds a list of 2 objects \(healthy, sick\); save the one", w.write(path, named))
    twice = w.seurat(meta={"kind": w.listed([]), "b": w.NULL}).replace(w.string("b"), w.string("kind"))
    refused(r"meta\.data: the name 'kind' stands twice; rename one of the two in R", w.write(path, twice))


def test_what_an_object_lacks_is_named_with_what_it_has(tmp_path):
    path = FIXTURES / "seurat4.rds"
    refused(
        r"rds\.assay: there is no assay 'RNAs' \(did you mean 'RNA'\?\); name one that the object has: RNA, OTHER",
        path,
        assay="RNAs",
    )
    refused(
        r"rds\.layer: assay 'RNA' \(Assay\) has no layer 'raw' that is not empty; name one that it has: counts, data",
        path,
        layer="raw",
    )
    refused(
        r"rds\.layer: assay 'RNA' \(Assay5\) has no layer 'raw' that is not empty; name one that it has: counts, data",
        FIXTURES / "seurat5.rds",
        layer="raw",
    )
    refused(
        r"rds\.layer: there is no assay 'raw'; name one that the experiment has: counts, logcounts",
        FIXTURES / "sce.rds",
        layer="raw",
    )
    refused(
        r"has no layer 'scale\.data' that is not empty; name one that it has: counts, data", path, layer="scale.data"
    )
    dense = w.seurat(counts=w.numbers([1, 2, 0, 0, 0, 3]))
    refused(r"RNA@counts is numeric, not a dgCMatrix; convert it in R", w.write(tmp_path / "a.rds", dense))
    refused(
        r"meta\.data: there is no column 'kin' \(did you mean 'kind'\?\); the columns are cell_name, orig\.ident",
        path,
        lambda s: s.labels(["kin"]),
    )
    refused(r"meta\.data\$when is Date; make it text in R: as\.character", path, lambda s: s.labels(["when"]))
    refused(
        r"genes\.column: .*meta\.features: there is no column 'flags' \(did you mean 'flag'\?\)",
        path,
        lambda s: s.gene_flags("flags"),
    )
    refused(
        r"there is no column 'kind'; the columns are cell_name", FIXTURES / "matrix.rds", lambda s: s.labels(["kind"])
    )
    assert cell_columns(opened(FIXTURES / "matrix.rds"), ["cell_name"], "0")["cell_name"].tolist()[0] == "AAAC001-1"


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (w.integers([1, 3], levels=w.text(["x", "y"]), **{"class": w.text(["factor"])}), "codes outside 1 to 2"),
        (w.integers([1, 0], levels=w.text(["x", "y"]), **{"class": w.text(["factor"])}), "codes outside 1 to 2"),
        (w.integers([1, 7], kind=10), "logical with values other than"),
        (w.text(["a"]), "1 values for 2 rows"),
        (w.listed([w.NULL, w.NULL]), "is list; make it text in R"),
        (w.NULL, "should be a vector of numbers, and is NULL"),
    ],
)
def test_columns_that_are_none(tmp_path, column, message):
    path = w.write(tmp_path / "a.rds", w.seurat(meta={"wrong": column}))
    refused(rf"meta\.data\$wrong.* {message}|wrong.*{message}", path, lambda source: source.labels(["wrong"]))


def test_cells_that_the_metadata_lack_are_refused(tmp_path):
    other = w.matrix(Dimnames=w.listed([w.text(["g1", "g2", "g3"]), w.text(["c1", "c9"])]))
    path = w.write(tmp_path / "a.rds", w.seurat(counts=other))
    with pytest.raises(StudyError, match=r"rows of meta\.data: 1 of 2 ids are missing, such as c9"):
        opened(path).labels(["kind"])


def test_rows_that_do_not_rise_are_an_error_of_the_caller(tmp_path):
    with pytest.raises(ValueError, match="rows must be increasing"):
        opened(FIXTURES / "matrix.rds").read(np.array([2, 1]))


@pytest.mark.slow
def test_thousands_of_damaged_files():
    """The quick part of tests/fuzz/rds.py, with its limits of time and memory (100,000 inputs: see there)."""
    done = run_python(
        "import sys; sys.argv = ['rds', '--inputs', '3000', '--seed', '0']; from tests.fuzz import rds; rds.main()"
    )
    assert not done.returncode and '"refused as damaged"' in done.stdout and "wrong" not in done.stdout, done.stderr
