"""One member of a zip archive, unpacked with every size checked."""

import zipfile

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import zipped
from rankstudy.sources.readers.zipped import unpack_member


def archive(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return str(path)


def encrypt(path):
    """Let an archive say of its first member that it is encrypted."""
    content = bytearray(path.read_bytes())
    for at in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[at] |= 1
    path.write_bytes(content)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_only_h5ad_is_taken_or_the_one_that_is_named(tmp_path, compression):
    content = bytes(range(256)) * 20_000
    path = archive(tmp_path / "a.zip", {"readme.txt": b"x", "TS.h5ad": content, "__MACOSX/TS.h5ad": b"y"}, compression)
    unpack_member(path, tmp_path / "out" / "a.h5ad")
    assert (tmp_path / "out" / "a.h5ad").read_bytes() == content
    unpack_member(path, tmp_path / "b", "readme.txt")
    assert (tmp_path / "b").read_bytes() == b"x"


def test_names_in_the_archive_do_not_say_where_it_goes(tmp_path):
    path = archive(tmp_path / "a.zip", {"../../evil.h5ad": b"x"})
    unpack_member(path, tmp_path / "in" / "a.h5ad")
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["a.h5ad", "a.zip"]
    assert not (tmp_path.parent / "evil.h5ad").exists()


def test_members_that_are_not_there_or_not_alone(tmp_path):
    path = archive(tmp_path / "a.zip", {"a.h5ad": b"x", "b.h5ad": b"y"})
    with pytest.raises(
        StudyError, match=r"h5ad\.member: .*holds 2 h5ad files \(a\.h5ad, b\.h5ad\); name the one to read"
    ):
        unpack_member(path, tmp_path / "out")
    with pytest.raises(StudyError, match=r"h5ad\.member: .*has no member 'c\.h5ad' \(did you mean '[ab]\.h5ad'\?\)"):
        unpack_member(path, tmp_path / "out", "c.h5ad")
    with pytest.raises(StudyError, match=r"gone\.zip: there is no such file"):
        unpack_member(str(tmp_path / "gone.zip"), tmp_path / "out")
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(StudyError, match=r"text\.zip: is not a readable zip archive"):
        unpack_member(str(tmp_path / "text.zip"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_zarr_store_in_an_archive_says_what_to_do(tmp_path):
    path = archive(tmp_path / "a.zarr.zip", {".zattrs": b"{}", "X/.zarray": b"{}"})
    with pytest.raises(StudyError, match=r"a\.zarr\.zip: it is a zarr store.*write_h5ad\('cells\.h5ad'\)"):
        unpack_member(path, tmp_path / "out")
    unpack_member(archive(tmp_path / "m.zip", {"m.h5mu": b"x"}), tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"x"


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_flipped_bit_is_found_and_nothing_is_left(tmp_path, at):
    path = archive(tmp_path / "a.zip", {"a.h5ad": bytes(range(256)) * 20_000}, zipfile.ZIP_STORED)
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[int(len(content) * at)] ^= 1
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(StudyError, match=r"a\.zip: is not a readable zip archive \(Bad CRC-32"):
        unpack_member(path, tmp_path / "out.h5ad")
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize(("claimed", "refused"), [(1032 * 7, False), (1032 * 7 + 1, True)])
def test_nothing_is_packed_more_tightly_than_deflate_can(tmp_path, claimed, refused):
    info = zipfile.ZipInfo("a.h5ad")
    info.file_size, info.compress_size = claimed, 7
    if refused:
        with pytest.raises(StudyError, match="claims 7,225 bytes in 7 compressed ones, which cannot be"):
            zipped._refuse_absurd(info, "a.zip", tmp_path / "out")
    else:
        zipped._refuse_absurd(info, "a.zip", tmp_path / "out")


@pytest.mark.parametrize("stated", [999, 1001])
def test_a_member_of_another_size_than_stated_is_refused(tmp_path, stated):
    content = bytes(range(250)) * 4
    path = archive(tmp_path / "a.zip", {"a.h5ad": content})
    raw = (tmp_path / "a.zip").read_bytes()
    assert raw.count(len(content).to_bytes(4, "little")) == 2  # before the member, and in the list at the end
    (tmp_path / "a.zip").write_bytes(raw.replace(len(content).to_bytes(4, "little"), stated.to_bytes(4, "little")))
    with pytest.raises(StudyError, match=r"a\.zip.*(has 1,000 bytes instead of 1,001|Bad CRC-32)"):
        unpack_member(path, tmp_path / "out.h5ad")
    assert not (tmp_path / "out.h5ad").exists()


def test_a_member_with_a_password_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", {"a.h5ad": b"x" * 100})
    encrypt(tmp_path / "a.zip")
    with pytest.raises(StudyError, match="is encrypted; unpack it by hand, and write `source:"):
        unpack_member(path, tmp_path / "out.h5ad")


def test_sizes_that_cannot_be_are_refused_before_anything_is_written(tmp_path, monkeypatch):
    path = archive(tmp_path / "a.zip", {"a.h5ad": b"\0" * 1000})
    claimed = zipfile.ZipFile.infolist

    def lie(self):
        infos = claimed(self)
        for info in infos:
            info.file_size = 2**40
        return infos

    with (
        monkeypatch.context() as patch,
        pytest.raises(StudyError, match=r"claims 1,099,511,627,776 bytes .* cannot be"),
    ):
        patch.setattr(zipfile.ZipFile, "infolist", lie)
        unpack_member(path, tmp_path / "out.h5ad")
    monkeypatch.setattr(zipped.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 999}))
    with pytest.raises(StudyError, match=r"needs 1,000 bytes, but .* has 999 free; make room"):
        unpack_member(path, tmp_path / "out.h5ad")
    assert not (tmp_path / "out.h5ad").exists()
