"""First contact with an HDF5 file in a child process, so that what breaks the library ends in a message.

The library is written in C and follows what a damaged file says of itself. The child opens the file with the same
reader and reads the columns that will be needed and the first values; by then all but plain values has been walked
through. A file whose SHA-256 is stated needs none of this: it is the file that was meant.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import rankstudy
from rankstudy.core.errors import StudyError, advise
from rankstudy.sources.readers import cell_columns, open_source

log = logging.getLogger(__name__)

_HDF5_FORMATS = ("h5ad", "loom", "tenx_h5")
_SECONDS = 300
# what the child may take for a block of values and its chunks, and for each byte of the file (names are Python's texts)
_BLOCK_BYTES, _BYTES_PER_BYTE = 1 << 30, 8


def require_survivable(
    path: str,
    read: dict[str, Any],
    columns: Sequence[str],
    part_label: str,
    flag_column: str | None,
    seconds: float = _SECONDS,
) -> None:
    """Read the structure of an HDF5 file in a child process; files of other formats are left alone.

    Parameters
    ----------
    path, read
        The file and how to read it (`rankstudy.sources.readers.open_source`).
    columns, part_label, flag_column
        Columns of cells, what the column `part` holds, and a column of genes or None, that will be read.
    seconds
        How long the child may take.

    Raises
    ------
    StudyError
        What the child says of the file; or that it died, did not end, or wanted more memory than the file can be worth.
    """
    if read["format"] not in _HDF5_FORMATS:
        return
    log.info("%s: opened in a child process first, since its sha256 is not stated", path)
    what = json.dumps([path, read, list(columns), part_label, flag_column])
    environment = {**os.environ, "PYTHONPATH": str(Path(rankstudy.__file__).parent.parent)}
    command = [sys.executable, "-m", __name__, what]
    try:
        done = subprocess.run(command, env=environment, timeout=seconds, stdout=subprocess.PIPE, encoding="utf-8")
        how = f"ended with {done.returncode}" if done.returncode else None
    except subprocess.TimeoutExpired:
        how = f"did not end within {seconds:.0f} s"
    if how is not None:
        problem = f"{path}: the HDF5 library cannot read it (a process that tried {how}): the file is damaged"
        raise StudyError(advise(problem, "get it again, and state its `source.sha256`"))
    if done.stdout:
        raise StudyError(done.stdout)


def _limit_memory(path: str) -> None:
    """Let this process take a block of values and a multiple of the file at most, where the system sees to it."""
    with suppress(FileNotFoundError):  # only Linux tells what is taken, and keeps the limit
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
        now = pages * resource.getpagesize()
        most = now + _BLOCK_BYTES + _BYTES_PER_BYTE * os.path.getsize(path)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _read_structure(
    path: str, read: dict[str, Any], columns: Sequence[str], part_label: str, flag_column: str | None
) -> None:
    source = open_source(path, read)
    cell_columns(source, columns, part_label)
    if flag_column is not None:
        source.gene_flags(flag_column)
    next(source.stream(), None)


def _said_against(path: str, *about: Any) -> str:
    """Return what reading says against the file; an error that is not the file's is left to the caller to meet."""
    try:
        _read_structure(path, *about)
    except StudyError as error:
        return str(error)
    except MemoryError:
        return (
            f"{path}: its structure alone takes more memory than {os.path.getsize(path):,} bytes can be worth; "
            f"it is damaged"
        )
    except Exception:  # noqa: BLE001 - a fault of the reader ends the caller with its traceback
        return ""
    return ""


if __name__ == "__main__":
    arguments = json.loads(sys.argv[1])
    _limit_memory(arguments[0])
    sys.stdout.buffer.write(_said_against(*arguments).encode())
