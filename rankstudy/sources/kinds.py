"""What a file or a folder is, by its first bytes or what lies in it, where it is not what it should be: for messages.

Free of numerical packages: the configuration asks too.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from rankstudy.core.errors import StudyError, advise, listing


def _packed(program: str) -> str:
    return advise(f"compressed as a whole with {program}", f"unpack it ({program} -d), and name what comes out")


def _archive(kind: str) -> str:
    return advise(f"an archive ({kind})", "unpack it, and name a file in it")


_LFS = advise(
    "the pointer that Git LFS leaves in place of a file", "fetch the file itself, with `git lfs pull` in its repository"
)
_PAGE = advise(
    "a web page or another answer of a server in place of the file (an editor shows what it says)",
    "get the file by an address that gives it",
)
_ZIP = advise(
    "a zip archive",
    "let its name end in .zip, if an h5ad is in it",
    "name the counts and the labels in it (`table.counts`, `table.labels`), if they are CSV or TSV",
    "unpack it, and name what comes out",
)
_RDS = advise("a file of R (saveRDS)", "write `rds: {}` in place of another format's section")
_RDATA = advise(
    "an .RData file of R",
    "save one object of it in R: load(...), then saveRDS(object, 'cells.rds'), and name that file",
)
_HDF5 = advise(
    "an HDF5 file (h5ad, loom, 10x)",
    "write `h5ad: {}`, `loom: {}` or `tenx_h5: {}`, which it is, in place of another format's section",
)
_EXCEL = advise("a workbook of Excel", "save its sheet as 'CSV UTF-8', and name that file")
_MTX = advise(
    "a matrix in the Matrix Market format",
    "write `mtx: {}` in place of another format's section, with the files of genes and barcodes beside it",
)
_ARROW = advise("a Parquet or Arrow file", "write it as CSV, for `table:`", "write it as h5ad, and name that file")
_UTF16 = advise("text in UTF-16", "save it as UTF-8")
_PDF = advise("a PDF", "name the file with the data")
_PICKLE = advise("a pickle of Python", "write what it holds as h5ad, and name that file")
ZIPPED_ZARR = advise(
    "a zarr store in a zip archive, which is not read",
    "unpack it, convert the folder in Python, anndata.read_zarr(folder).write_h5ad('cells.h5ad'), and name that file",
)

# by the first bytes; of two that fit, the first
_KINDS = (
    ("git-lfs", (b"version https://git-lfs",), _LFS),
    ("hdf5", (b"\x89HDF\r\n\x1a\n",), _HDF5),
    ("excel", (b"PK\x03\x04\x14\x00\x06\x00",), _EXCEL),
    ("zip", (b"PK\x03\x04",), _ZIP),
    ("gzip", (b"\x1f\x8b",), _packed("gzip")),
    ("bzip2", (b"BZh",), _packed("bzip2")),
    ("xz", (b"\xfd7zXZ\x00",), _packed("xz")),
    ("zstd", (b"\x28\xb5\x2f\xfd",), _packed("zstd")),
    ("7z", (b"7z\xbc\xaf",), _archive("7z")),
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
    return advise(
        "a zarr store, which is not read",
        f"convert it in Python, anndata.read_zarr({path!r}).write_h5ad('cells.h5ad'), and name that file",
    )


def _file(path: str) -> str | None:
    with open(path, "rb") as file:
        begin = file.read(_READ)
    if not begin:
        return advise("empty", "get it again")
    known = _known(begin)
    return known[1] if known else _text(begin)


def _known(begin: bytes) -> tuple[str, str] | None:
    """Return the name of what begins so, and what it is in words; None if it is not in the list."""
    if begin[257:262] == b"ustar":
        return "tar", _archive("tar")
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
        return advise("a folder of a 10x matrix", f"name its {matrices[0]}, and write `mtx: {{}}`")
    if not inside:
        return advise("an empty folder", "name the file itself")
    return advise("a folder", f"name a file in it: {listing(inside, 10)}")


def _text(begin: bytes) -> str | None:
    text = begin.decode("utf-8", "replace").strip("\ufeff \r\n\t")
    first = text.splitlines()[0][:60] if text else ""
    if not first.replace("\t", " ").isprintable() or "\ufffd" in first:
        return None
    return _PAGE if first[0:1] in ("<", "{", "[") else f"text that begins with {first!r}"
