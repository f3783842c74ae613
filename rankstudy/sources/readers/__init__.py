"""Readers of expression matrices: one interface, whatever the file.

A source is opened with `open_source`; it knows its cells and genes, streams the values of all cells once
(`stream`), and copies those of chosen cells (`read`). Neither needs memory for the whole matrix.
"""

from __future__ import annotations

from typing import Any

from rankstudy.core.ensembl import without_versions
from rankstudy.core.identity import require_unique
from rankstudy.sources.readers.base import Chunk, ExpressionSource, cell_columns
from rankstudy.sources.readers.features import EXPRESSION, of_types
from rankstudy.sources.readers.h5ad import H5adSource
from rankstudy.sources.readers.loom import LoomSource
from rankstudy.sources.readers.mtx import MtxSource
from rankstudy.sources.readers.rds import RdsSource
from rankstudy.sources.readers.table import TableSource
from rankstudy.sources.readers.tenx_h5 import TenxH5Source

__all__ = ["Chunk", "ExpressionSource", "cell_columns", "open_source"]

_SOURCES = {
    "table": TableSource,
    "h5ad": H5adSource,
    "rds": RdsSource,
    "mtx": MtxSource,
    "tenx_h5": TenxH5Source,
    "loom": LoomSource,
}

_OF_ALL = ("format", "id_versions", "feature_types")


def open_source(path: str, read: dict[str, Any]) -> ExpressionSource:
    """Open a file of expression values.

    Parameters
    ----------
    path
        The file.
    read
        `{"format": "table" | "h5ad" | "rds" | "mtx" | "tenx_h5" | "loom", ...}`: how to read it, as `rankstudy.config`
        gives it. With `id_versions: False`, genes that are named by Ensembl ids are so without the versions of these.
        With `feature_types`, where the file states what its features are, these are taken instead of `Gene Expression`;
        None takes all.

    Raises
    ------
    StudyError
        If the file is not what `read` says, or two of its genes have one name, as it is or without
        the version of an id.
    """
    options = {key: value for key, value in read.items() if key not in _OF_ALL}
    source = of_types(_SOURCES[read["format"]](path, **options), read.get("feature_types", EXPRESSION))
    require_unique(source.gene_names, f"{source.genes_are}: genes")
    if not read.get("id_versions", True):
        source.gene_names = without_versions(source.gene_names)
        require_unique(source.gene_names, f"{path}: genes, without the versions of their ids")
    return source
