"""First contact with an HDF5 file in a child process, so that what crashes or hangs the HDF5 library ends in a message.

The library is written in C and follows what a damaged file says of itself. The child opens the file with the same
reader and reads the columns that will be needed and the first values; by then all but plain values has been walked
through. A file whose SHA-256 is stated needs none of this: it is the file that was meant.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import rankstudy
from rankstudy.errors import StudyError
from rankstudy.readers import cell_columns, open_source

log = logging.getLogger(__name__)

_HDF5_FORMATS = ("h5ad", "loom", "tenx_h5")
_SECONDS = 300


def require_survivable(
    path: str, read: dict[str, Any], columns: Sequence[str], flag_column: str | None, seconds: float = _SECONDS
) -> None:
    """Read the structure of an HDF5 file in a child process; files of other formats are left alone.

    Parameters
    ----------
    path, read
        The file and how to read it (`rankstudy.readers.open_source`).
    columns, flag_column
        Columns of cells, and a column of genes or None, that will be read.
    seconds
        How long the child may take.

    Raises
    ------
    StudyError
        If the child dies or does not end. What it says of a file that it can read is left to the caller to find.
    """
    if read["format"] not in _HDF5_FORMATS:
        return
    log.info("%s: opened in a child process first, since its sha256 is not stated", path)
    what = json.dumps([path, read, list(columns), flag_column])
    environment = {**os.environ, "PYTHONPATH": str(Path(rankstudy.__file__).parent.parent)}
    try:
        done = subprocess.run([sys.executable, "-m", __name__, what], env=environment, timeout=seconds)
        how = f"ended with {done.returncode}" if done.returncode else None
    except subprocess.TimeoutExpired:
        how = f"did not end within {seconds:.0f} s"
    if how is not None:
        raise StudyError(
            f"{path}: the HDF5 library cannot read it (a process that tried {how}): the file is damaged; get it again, and "
            "state its `source.sha256`"
        )


def _read_structure(path: str, read: dict[str, Any], columns: Sequence[str], flag_column: str | None) -> None:
    source = open_source(path, read)
    cell_columns(source, columns, part="")
    if flag_column is not None:
        source.gene_flags(flag_column)
    next(source.stream(), None)


if __name__ == "__main__":
    with suppress(Exception):  # the caller meets the same error, and reports it
        _read_structure(*json.loads(sys.argv[1]))
