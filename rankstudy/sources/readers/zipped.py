"""One member of a zip archive as a file of its own, where a format needs to be read at any place (h5ad)."""

from __future__ import annotations

import logging
import os
import shutil
import zipfile
import zlib
from pathlib import Path

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.core.files import atomic
from rankstudy.core.progress import Progress
from rankstudy.sources.kinds import ZIPPED_ZARR, is_zarr

log = logging.getLogger(__name__)

_DEFLATE_AT_MOST = 1032  # times: no deflate stream says more in fewer bytes
_AT_ONCE = 1 << 20


def unpack_member(path: str, output: str | os.PathLike, member: str | None = None) -> None:
    """Write one member of a zip archive to a file; where it goes is decided here, never by a name in the archive.

    Parameters
    ----------
    path
        The archive.
    output
        The file to write.
    member
        Name of the member; None takes the only h5ad (or h5mu).

    Raises
    ------
    StudyError
        If there is no such member, if it is encrypted or damaged (size, CRC), if it claims to be larger than its
        bytes in the archive can be, or if the disk has no room for it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            chosen = _chosen(archive, path, member)
            _refuse_absurd(chosen, path, output)
            log.info("%s: unpacking %s, %d bytes", path, chosen.filename, chosen.file_size)
            with archive.open(chosen) as source, atomic(output) as temporary, open(temporary, "wb") as target:
                _copy(source, target, chosen, path)
    except FileNotFoundError as error:
        raise StudyError(advise(f"{path}: there is no such file", "correct `source.local_file`")) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise StudyError(f"{path}: is not a readable zip archive ({error})") from error


def _chosen(archive: zipfile.ZipFile, path: str, member: str | None) -> zipfile.ZipInfo:
    members = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    if member is None:
        tables = [name for name in members if name.endswith((".h5ad", ".h5mu")) and not name.startswith("__MACOSX/")]
        if not tables and is_zarr(members):
            raise StudyError(f"{path}: it is {ZIPPED_ZARR}")
        if len(tables) != 1:
            problem = f"h5ad.member: {path} holds {len(tables)} h5ad files ({listing(members, 20)})"
            raise StudyError(advise(problem, "name the one to read"))
        member = tables[0]
    if member not in members:
        problem = f"h5ad.member: {path} has no member {member!r}{did_you_mean(member, members)}"
        raise StudyError(advise(problem, f"it holds {listing(members, 20)}"))
    return members[member]


def _refuse_absurd(info: zipfile.ZipInfo, path: str, output: str | os.PathLike) -> None:
    where = f"{path}, {info.filename}"
    if info.flag_bits & 1:
        raise StudyError(
            advise(
                f"{where}: is encrypted",
                "unpack it by hand, and write `source: {local_file: path/to/cells.h5ad}`, and no `h5ad.member`",
            )
        )
    if info.file_size > _DEFLATE_AT_MOST * info.compress_size:
        raise StudyError(
            f"{where}: claims {info.file_size:,} bytes in {info.compress_size:,} compressed ones, which "
            f"cannot be; not unpacked"
        )
    folder = Path(output).parent
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if info.file_size > free:
        problem = f"{where}: needs {info.file_size:,} bytes, but {folder} has {free:,} free"
        raise StudyError(advise(problem, "make room and run again"))


def _copy(source, target, info: zipfile.ZipInfo, path: str) -> None:
    """Copy; zipfile stops at the stated size and compares the CRC at the end."""
    written = 0
    with Progress(total=info.file_size, unit="bytes") as progress:
        while block := source.read(_AT_ONCE):
            written += target.write(block)
            progress.update(len(block))
    if written != info.file_size:
        raise StudyError(
            f"{path}, {info.filename}: has {written:,} bytes instead of {info.file_size:,}; the archive is damaged"
        )
