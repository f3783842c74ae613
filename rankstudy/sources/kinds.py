"""What a file or a folder is, by its first bytes or what lies in it, where it is not what it should be: for messages.

Free of numerical packages: the configuration asks too.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from rankstudy.core.errors import StudyError, listing

_LFS = (
    "the pointer that Git LFS leaves in place of a file; fetch the file itself, with `git lfs pull` in its repository"
)
_PAGE = (
    "a web page or another answer of a server in place of the file; look at it in an editor, and get the file by an "
    "address that gives it"
)
_PACKED = "compressed as a whole with {0}; unpack it ({0} -d), and name what comes out"
_ZIP = (
    "a zip archive; an h5ad in it is read where the archive's name ends in .zip, a table where `table.counts` names it; "
    "anything else has to be unpacked"
)
_RDS = "a file of R (saveRDS); let its name end in .rds, or write `rds: {}`"
_RDATA = "an .RData file of R; in R: load(...), then saveRDS(object, 'cells.rds')"
_HDF5 = "an HDF5 file (h5ad, loom, 10x); write the section of its format: `h5ad:`, `loom:` or `tenx_h5:`"

_EXCEL = "a workbook of Excel; save its sheet as 'CSV UTF-8'"
_ARCHIVE = "an archive ({0}); unpack it, and name a file in it"
_MTX = "a matrix in the Matrix Market format; write `mtx:`, with the files of genes and barcodes beside it"
_ARROW = "a Parquet or Arrow file; write it as CSV or h5ad"
_UTF16 = "text in UTF-16; save it as UTF-8"
_PDF = "a PDF; name the file with the data"
_PICKLE = "a pickle of Python; write it as h5ad"

# by the first bytes; of two that fit, the first
_KINDS = (
    ("git-lfs", (b"version https://git-lfs",), _LFS),
    ("hdf5", (b"\x89HDF\r\n\x1a\n",), _HDF5),
    ("excel", (b"PK\x03\x04\x14\x00\x06\x00",), _EXCEL),
    ("zip", (b"PK\x03\x04",), _ZIP),
    ("gzip", (b"\x1f\x8b",), _PACKED.format("gzip")),
    ("bzip2", (b"BZh",), _PACKED.format("bzip2")),
    ("xz", (b"\xfd7zXZ\x00",), _PACKED.format("xz")),
    ("zstd", (b"\x28\xb5\x2f\xfd",), _PACKED.format("zstd")),
    ("7z", (b"7z\xbc\xaf",), _ARCHIVE.format("7z")),
    ("rdata", (b"RDX", b"RDA"), _RDATA),
    ("rds", (b"X\n\x00",), _RDS),
    ("mtx", (b"%%MatrixMarket", b"%%matrixmarket"), _MTX),
    ("arrow", (b"PAR1", b"ARROW1"), _ARROW),
    ("utf-16", (b"\xff\xfe", b"\xfe\xff"), _UTF16),
    ("pdf", (b"%PDF-",), _PDF),
    ("pickle", (b"\x80\x03", b"\x80\x04\x95", b"\x80\x05\x95"), _PICKLE),
)
_PAGES = (b"<!doctype html", b"<html", b"<?xml")
_UNPACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: zlib.decompressobj(31).decompress(data, _READ),
    "bzip2": lambda data: bz2.BZ2Decompressor().decompress(data, _READ),
    "xz": lambda data: lzma.LZMADecompressor(memlimit=1 << 27).decompress(data, _READ),
}
_ZARR = (".zgroup", ".zattrs", "zarr.json")
_READ = 4096


def what_it_is(path: str) -> str | None:
    """Return what a file or folder is and what to do with it, as "it is ..."; None if nothing is known of it."""
    try:
        found = _folder(Path(path)) if Path(path).is_dir() else _file(path)
    except OSError:
        return None
    return found and f"it is {found}"


def is_zarr(names: Iterable[str]) -> bool:
    """Return whether files of these names, or paths, make a zarr store."""
    return any(name.rpartition("/")[2] in _ZARR for name in names)


def require_kind(path: str, *right: str) -> None:
    """Refuse a file that is known to be something else; one of which nothing is known is left to its reader.

    Parameters
    ----------
    path
        The file; a folder, or one that does not exist, is left to its reader too.
    right
        What it may be (`rds`, `mtx`, `gzip`, ...). What is packed must be right inside as well.

    Raises
    ------
    StudyError
        That says what it is, and what to do.
    """
    if not Path(path).is_file():
        return
    with open(path, "rb") as file:
        begin = file.read(_READ)
    while known := _known(begin):
        name, what = known
        if name not in right:
            raise StudyError(f"{path}: it is {what}")
        begin = _inside(name, begin)


def zarr_store(path: str) -> str:
    """Return what a zarr store is and what to do with it."""
    return (
        f"a zarr store, which is not read; in Python: anndata.read_zarr({path!r}).write_h5ad('cells.h5ad'), and name that "
        "file"
    )


def _file(path: str) -> str | None:
    with open(path, "rb") as file:
        begin = file.read(_READ)
    if not begin:
        return "empty; get it again"
    known = _known(begin)
    return known[1] if known else _text(begin)


def _known(begin: bytes) -> tuple[str, str] | None:
    """Return the name of what begins so, and what it is in words; None if it is not in the list."""
    if begin[257:262] == b"ustar":
        return "tar", _ARCHIVE.format("tar")
    if begin.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGES):
        return "page", _PAGE
    return next(((name, what) for name, begins, what in _KINDS if begin.startswith(begins)), None)


def _inside(kind: str, begin: bytes) -> bytes:
    """Return the first bytes of what is packed; none if nothing is, or it is damaged, which its reader will find."""
    try:
        return _UNPACKED[kind](begin) if kind in _UNPACKED else b""
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        return b""


def _folder(path: Path) -> str:
    inside = sorted(entry.name for entry in path.iterdir())
    if is_zarr(inside):
        return zarr_store(str(path))
    matrices = [name for name in inside if name.endswith(("matrix.mtx", "matrix.mtx.gz"))]
    if matrices:
        return f"a folder of a 10x matrix; name its {matrices[0]}, and write `mtx:`"
    return f"a folder; name a file in it: {listing(inside, 10) or '(it is empty)'}"


def _text(begin: bytes) -> str | None:
    text = begin.decode("utf-8", "replace").strip("\ufeff \r\n\t")
    first = text.splitlines()[0][:60] if text else ""
    if not first.replace("\t", " ").isprintable() or "\ufffd" in first:
        return None
    return _PAGE if first[0:1] in ("<", "{", "[") else f"text that begins with {first!r}"
