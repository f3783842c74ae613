"""Nothing half-written is ever seen, and files are what they should be."""

import hashlib
import os
import stat

import pytest

from rankstudy.core.errors import StudyError, did_you_mean, listing
from rankstudy.core.files import atomic, digests, sha256, verify, write_json


def test_a_file_appears_under_its_name_when_it_is_complete(tmp_path):
    path = tmp_path / "new" / "folder" / "a.h5ad"
    with atomic(path) as temporary:
        assert temporary.parent == path.parent and temporary.suffix == ".h5ad" and not path.exists()
        temporary.write_text("done")
    assert path.read_text() == "done" and os.listdir(path.parent) == ["a.h5ad"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_nothing_and_the_old_file_as_it_was(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    for target in (path, tmp_path / "new.txt"):
        with pytest.raises(error), atomic(target) as temporary:
            temporary.write_text("half")
            raise error
    assert os.listdir(tmp_path) == ["a.txt"] and path.read_text() == "old"


def test_an_existing_file_is_replaced_only_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with atomic(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_permissions_follow_the_umask(tmp_path, mask):
    previous = os.umask(mask)
    try:
        with atomic(tmp_path / "a.txt") as temporary:
            temporary.write_text("x")
        assert os.umask(mask) == mask
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o666 & ~mask


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    with atomic(tmp_path / "a.txt") as first, atomic(tmp_path / "a.txt") as second:
        assert first != second
        first.write_text("1")
        second.write_text("2")
    assert (tmp_path / "a.txt").read_text() == "1" and os.listdir(tmp_path) == ["a.txt"]


def test_verify_accepts_the_file_and_refuses_any_other(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 1234)
    digest = hashlib.sha256(b"x" * 1234).hexdigest()
    assert sha256(path) == digest
    verify(path, sha256_expected=digest, bytes_expected=1234, what="a")
    verify(path, sha256_expected=None, bytes_expected=None, what="a")
    with pytest.raises(StudyError, match="^the thing: the file has 1,234 bytes, expected 99; it was not used$"):
        verify(path, sha256_expected=digest, bytes_expected=99, what="the thing")
    with pytest.raises(
        StudyError, match=f"^the thing: the file's sha256 is {digest}, expected {'0' * 64}; it was not used$"
    ):
        verify(path, sha256_expected="0" * 64, bytes_expected=1234, what="the thing")


def test_verify_checks_an_md5_where_there_is_one(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 3_000_000)
    found = digests(path, ["md5", "sha256"])
    assert found == {name: hashlib.new(name, b"x" * 3_000_000).hexdigest() for name in ("md5", "sha256")}
    verify(path, sha256_expected=None, bytes_expected=None, md5_expected=found["md5"], what="a")
    with pytest.raises(StudyError, match=f"a: the file's md5 is {found['md5']}, expected {'0' * 32}; it was not used"):
        verify(path, sha256_expected=found["sha256"], bytes_expected=None, md5_expected="0" * 32, what="a")


def test_json_is_the_same_whatever_the_order_of_the_keys(tmp_path):
    write_json({"b": 1, "a": [2]}, tmp_path / "1.json")
    write_json({"a": [2], "b": 1}, tmp_path / "2.json")
    assert (
        (tmp_path / "1.json").read_text()
        == (tmp_path / "2.json").read_text()
        == '{\n  "a": [\n    2\n  ],\n  "b": 1\n}\n'
    )


def test_json_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write_json({"a": object()}, tmp_path / "1.json")
    assert os.listdir(tmp_path) == []


def test_suggestions_and_lists_of_messages():
    assert did_you_mean("celltype", ["cell_type", "batch"]) == " (did you mean 'cell_type'?)"
    assert did_you_mean("xyz", ["cell_type"]) == "" == did_you_mean("a", [])
    assert listing([1, 2]) == "1, 2" and listing([]) == ""
    assert listing(range(5), 3) == "0, 1, 2, ... (2 more)" and listing(range(3), 3) == "0, 1, 2"
