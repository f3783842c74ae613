"""Readers of expression matrices: one interface, whatever the file.

A source is opened with `open_source`; it knows its cells and genes, streams the values of all cells once
(`stream`), and copies those of chosen cells (`read`). Neither needs memory for the whole matrix.
"""

from __future__ import annotations

from typing import Any

from rankstudy.readers.base import Chunk, Source
from rankstudy.readers.h5ad import H5adSource
from rankstudy.readers.loom import LoomSource
from rankstudy.readers.mtx import MtxSource
from rankstudy.readers.rds import RdsSource
from rankstudy.readers.table import TableSource

__all__ = ["Chunk", "Source", "open_source"]

_SOURCES = {"table": TableSource, "h5ad": H5adSource, "rds": RdsSource, "mtx": MtxSource, "loom": LoomSource}


def open_source(path: str, read: dict[str, Any]) -> Source:
    """Open a file of expression values.

    Parameters
    ----------
    path
        The file.
    read
        `{"format": "table" | "h5ad" | "rds" | "mtx" | "loom", ...}`: how to read it, as `rankstudy.config` gives it.

    Raises
    ------
    StudyError
        If the file is not what `read` says.
    """
    options = {key: value for key, value in read.items() if key != "format"}
    return _SOURCES[read["format"]](path, **options)
