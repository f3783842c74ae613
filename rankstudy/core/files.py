"""Writing and checking files: nothing half-written is ever seen under its final name."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rankstudy.core.errors import StudyError

if TYPE_CHECKING:
    import anndata


@contextmanager
def atomic(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; rename it to `path` if the block succeeds, remove it if not.

    The temporary name keeps the suffix of the final one, since some writers choose their format by it. What a killed
    process left of an earlier attempt is removed: no two processes write one path.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.stem)}.????????{path.suffix}"):
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def find_file(name: str, workflow: str | os.PathLike) -> str:
    """Return the path of a configuration file: in the working directory if it is there, else with the workflow."""
    return name if Path(name).exists() else str(Path(workflow) / name)


def sha256(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    return digests(path, ["sha256"])["sha256"]


def digests(path: str | os.PathLike, algorithms: Iterable[str]) -> dict[str, str]:
    """Return the digests of a file ("sha256", "md5") as hexadecimal digits, in one pass over it."""
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            for each in hashes.values():
                each.update(chunk)
    return {name: each.hexdigest() for name, each in hashes.items()}


def verify(
    path: str | os.PathLike,
    *,
    sha256_expected: str | None,
    bytes_expected: int | None,
    md5_expected: str | None = None,
    what: str,
) -> None:
    """Raise StudyError when a file's size, SHA-256 or MD5 is not the expected one; None means not checked."""
    size = Path(path).stat().st_size
    if bytes_expected is not None and size != bytes_expected:
        raise StudyError(f"{what}: the file has {size:,} bytes, expected {bytes_expected:,}; it was not used")
    expected = {"sha256": sha256_expected, "md5": md5_expected}
    expected = {name: value for name, value in expected.items() if value is not None}
    for name, found in digests(path, expected).items() if expected else ():
        if found != expected[name]:
            raise StudyError(f"{what}: the file's {name} is {found}, expected {expected[name]}; it was not used")


def write_json(value: object, path: str | os.PathLike) -> None:
    """Write a value as JSON, keys sorted, atomically."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def write_anndata(data: anndata.AnnData, path: str | os.PathLike) -> None:
    """Write an AnnData file, atomically."""
    with atomic(path) as temporary:
        data.write_h5ad(temporary)
