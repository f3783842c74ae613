"""What a file or a folder is, by its first bytes or what lies in it, where it is not what it should be: for messages.

Free of numerical packages: the configuration asks too.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rankstudy.errors import listing

_LFS = (
    "the pointer that Git LFS leaves in place of a file; fetch the file itself, with `git lfs pull` in its repository"
)
_PAGE = (
    "a web page or another answer of a server in place of the file; look at it in an editor, and get the file by an "
    "address that gives it"
)
_PACKED = "compressed as a whole with {0}; unpack it ({0} -d), and name what comes out"
_ZIP = "a zip archive; an h5ad in it is read where the archive's name ends in .zip, anything else has to be unpacked"
_RDS = "a file of R (saveRDS); let its name end in .rds, or write `rds: {}`"
_RDATA = "an .RData file of R; in R: load(...), then saveRDS(object, 'cells.rds')"
_HDF5 = "an HDF5 file (h5ad, loom, 10x); write the section of its format: `h5ad:`, `loom:` or `tenx_h5:`"

_BEGINNINGS = {
    b"version https://git-lfs": _LFS,
    b"\x89HDF\r\n\x1a\n": _HDF5,
    b"PK\x03\x04": _ZIP,
    b"\x1f\x8b": _PACKED.format("gzip"),
    b"BZh": _PACKED.format("bzip2"),
    b"\xfd7zXZ\x00": _PACKED.format("xz"),
    b"\x28\xb5\x2f\xfd": _PACKED.format("zstd"),
    b"RDX": _RDATA,
    b"RDA": _RDATA,
    b"X\n\x00": _RDS,
}
_ZARR = (".zgroup", ".zattrs", "zarr.json")
_READ = 512


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
    known = next((what for beginning, what in _BEGINNINGS.items() if begin.startswith(beginning)), None)
    return known or _text(begin)


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
