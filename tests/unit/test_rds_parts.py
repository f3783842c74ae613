"""The parts of the RDS reader: windows of any size, encodings, numbers as text, several compressed parts."""

import gzip
import struct

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers.rds import bytestream
from rankstudy.sources.readers.rds.numbers import as_label, as_r_writes
from tests.unit import rds_writer as w
from tests.unit.test_rds_as_in_r import FIXTURES, NAMES, expected_counts, expected_labels, lines, opened
from tests.unit.test_rds_refuses import opened as opened_path
from tests.unit.test_reader_table import streamed


@pytest.mark.parametrize(("packed", "unpacked"), [(1, 1), (3, 7), (1000, 8), (50, 1000)])
@pytest.mark.parametrize("name", NAMES)
def test_windows_of_any_size_give_the_same(name, packed, unpacked, monkeypatch):
    monkeypatch.setattr(bytestream, "_PACKED_BYTES", packed)
    monkeypatch.setattr(bytestream, "_UNPACKED_BYTES", unpacked)
    found = opened(name)
    assert found.gene_names == lines(name, "genes") and found.cell_names == lines(name, "cells")
    np.testing.assert_array_equal(streamed(found), expected_counts(name))
    if not name.startswith("matrix"):
        expected = expected_labels(name)
        assert found.labels(list(expected)).to_dict("list") == expected


def test_a_file_in_several_gzip_parts(tmp_path):
    whole = gzip.decompress((FIXTURES / "matrix.rds").read_bytes())
    parts = [gzip.compress(whole[at : at + 100]) for at in range(0, len(whole), 100)]
    (tmp_path / "a.rds").write_bytes(b"".join(parts))
    np.testing.assert_array_equal(streamed(opened_path(tmp_path / "a.rds")), expected_counts("matrix"))


def header(encoding):
    return b"X\n" + struct.pack(">3I", 3, 0x040202, 0x030500) + struct.pack(">I", len(encoding)) + encoding


@pytest.mark.parametrize(
    ("encoding", "letters"),
    [
        (b"UTF-8", "g\u00e9ne".encode()),
        (b"latin1", b"g\xe9ne"),
        (b"ISO-8859-1", b"g\xe9ne"),
        (b"CP1252", b"g\xe9ne"),
        (b"German_Germany.1252", b"g\xe9ne"),
    ],
)
def test_strings_without_a_mark_are_in_the_encoding_of_the_header(tmp_path, encoding, letters):
    names = w.listed([w.text([letters, "g2", "g3"], encoding=0), w.text(["c1", "c2"])])
    path = w.write(tmp_path / "a.rds", w.matrix(Dimnames=names), header(encoding))
    assert opened_path(path).gene_names == ["g\u00e9ne", "g2", "g3"]


@pytest.mark.parametrize(("encoding", "codec"), [(b"KOI8-R", "ascii"), (b"UTF-8", "utf-8"), (b"zlib", "ascii")])
def test_letters_of_another_encoding_are_refused_not_guessed(tmp_path, encoding, codec):
    names = w.listed([w.text([b"g\xe9ne", "g2", "g3"], encoding=0), w.text(["c1", "c2"])])
    path = w.write(tmp_path / "a.rds", w.matrix(Dimnames=names), header(encoding))
    with pytest.raises(StudyError, match=f"is not {codec}"):
        opened_path(path)


# as.character of R 4.2.2
WRITTEN = {
    0.1 + 0.2: "0.3", 1e5: "1e+05", 123456.0: "123456", 1e15: "1e+15", 2.0**53: "9007199254740992", 0.0001: "1e-04",
    0.00012: "0.00012", 1 / 3: "0.333333333333333", -1.5: "-1.5", 1e-300: "1e-300", 1e300: "1e+300", 0.0: "0",
    100.5: "100.5", 1e22: "1e+22", 12345678901234.5: "12345678901234.5", 1234567.891: "1234567.891",
    float("inf"): "Inf", float("-inf"): "-Inf",
}  # fmt: skip


def test_numbers_as_r_writes_them():
    assert as_r_writes(np.array(list(WRITTEN))) == list(WRITTEN.values())
    assert as_r_writes(np.array([1, -(2**31), 5], np.int32)) == ["1", None, "5"]
    missing = np.array([0x7FF00000000007A2, 0x7FF8000000000000], np.uint64).view(np.float64)
    assert as_r_writes(missing) == [None, "NaN"] and as_label(missing) == [None, None]
    assert as_r_writes(np.array([1e5, 1e15]), 100) == ["100000", "1000000000000000"]
    assert as_label(np.array([1e5, 3.0, 0.5])) == ["100000", "3", "0.5"]
