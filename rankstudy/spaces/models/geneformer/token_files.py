"""Files of tokens: one row per cell by id, and what the tokens are, so that no model can read another one's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import atomic
from rankstudy.core.identity import positions_of, require_unique
from rankstudy.spaces.models.geneformer.vocabulary import CLS, EOS, VERSIONS

CELL_COLUMNS = ["cell_id", "cell_type", "slug", "batch"]
_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string(), nullable=False) for name in CELL_COLUMNS),
        pa.field("expressed", pa.int64(), nullable=False),
        pa.field("tokens", pa.list_(pa.int32()), nullable=False),
    ]
)
_ABOUT = b"tokens"


@dataclass(frozen=True)
class TokenisedCells:
    """Tokens of cells.

    Attributes
    ----------
    cells
        One row per cell: `cell_id`, `cell_type`, `slug`, `batch`, and `expressed`, the genes of the vocabulary with a
        count before the cut to the longest input.
    tokens
        int32, those of all cells one after the other.
    offsets
        (cells + 1,), where each cell's begin.
    about
        Identity of the vocabulary and `max_length`.
    """

    cells: pd.DataFrame
    tokens: np.ndarray
    offsets: np.ndarray
    about: dict[str, Any]

    @property
    def lengths(self) -> np.ndarray:
        """Number of tokens of each cell."""
        return np.diff(self.offsets)

    def of(self, row: int) -> np.ndarray:
        """Return the tokens of one cell."""
        return self.tokens[self.offsets[row] : self.offsets[row + 1]]

    def take(self, rows: np.ndarray) -> TokenisedCells:
        """Return some of the cells, in the order of `rows`."""
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        at = np.repeat(self.offsets[:-1][rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
        return TokenisedCells(self.cells.iloc[rows].reset_index(drop=True), self.tokens[at], offsets, self.about)

    def by_id(self, ids: Iterable[str], what: str) -> TokenisedCells:
        """Return the cells with these ids, in their order; raise StudyError if one is missing."""
        return self.take(positions_of(list(ids), self.cells["cell_id"].tolist(), what))


class TokenWriter:
    """Write a file of tokens piece by piece; `write` once per shard."""

    def __init__(self, path: str | os.PathLike, about: Mapping[str, Any]):
        self._about, self._atomic = dict(about), atomic(path)

    def __enter__(self) -> TokenWriter:
        temporary = self._atomic.__enter__()
        schema = _SCHEMA.with_metadata({_ABOUT: json.dumps(self._about, sort_keys=True).encode()})
        self._file = pq.ParquetWriter(temporary, schema, compression="zstd")
        return self

    def __exit__(self, *error) -> bool | None:
        self._file.close()
        return self._atomic.__exit__(*error)

    def write(self, cells: pd.DataFrame, tokens: np.ndarray, offsets: np.ndarray, expressed: np.ndarray) -> None:
        """Add cells with their tokens."""
        lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(tokens, pa.int32()))
        columns = [pa.array(cells[name].astype(str), pa.string()) for name in CELL_COLUMNS]
        arrays = [*columns, pa.array(expressed, pa.int64()), lists]
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._file.schema))


def read_tokens(path: str | os.PathLike, slugs: Iterable[str] | None = None) -> TokenisedCells:
    """Read a file of tokens, or the cells of some types of it.

    Raises
    ------
    StudyError
        If it is not one, a cell id occurs twice, a token is not of its vocabulary, or the special tokens are not where
        the version has them.
    """
    metadata = pq.read_schema(path).metadata or {}
    if _ABOUT not in metadata:
        raise StudyError(f"{path}: is not a file of tokens")
    about = json.loads(metadata[_ABOUT])
    filters = None if slugs is None else [("slug", "in", list(slugs))]
    table = pq.read_table(path, filters=filters).combine_chunks()
    cells = table.drop_columns(["tokens"]).to_pandas()
    require_unique(cells["cell_id"], f"{path}: cells")
    column = table.column("tokens")
    lists = column.chunk(0) if column.num_chunks else pa.array([], pa.list_(pa.int32()))
    offsets = lists.offsets.to_numpy().astype(np.int64) if len(lists) else np.zeros(1, np.int64)
    found = TokenisedCells(
        cells, lists.values.to_numpy()[offsets[0] : offsets[-1]].astype(np.int32), offsets - offsets[0], about
    )
    require_form(found, str(path))
    return found


def require_form(cells: TokenisedCells, what: str) -> None:
    """Raise StudyError unless the tokens are of their vocabulary and between `<cls>` and `<eos>` where it has them."""
    version, tokens = VERSIONS[cells.about["version"]], cells.tokens
    outside = tokens[(tokens < 0) | (tokens >= cells.about["size"])]
    if len(outside):
        raise StudyError(
            f"{what}: holds the token {outside[0]}, its vocabulary (Geneformer {version.name}) has "
            f"{cells.about['size']}"
        )
    if not version.frames:
        return
    filled = cells.lengths > 0
    first, last = cells.offsets[:-1][filled], cells.offsets[1:][filled] - 1
    wrong = (tokens[first] != CLS) | (tokens[last] != EOS)
    if wrong.any():
        cells_lack = (
            f"{int(wrong.sum())} cells do not begin with <cls> and end with <eos>, which Geneformer "
            f"{version.name} needs"
        )
        problem = f"{what}: {cells_lack}: their first and last genes would be taken for special tokens"
        raise StudyError(advise(problem, "tokenise them again for this version"))


def fitted(cells: TokenisedCells, max_length: int) -> TokenisedCells:
    """Return the cells cut to a shorter longest input; `<eos>` stays at the end where the version has it."""
    lengths = np.minimum(cells.lengths, max_length)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    at = np.repeat(cells.offsets[:-1] - offsets[:-1], lengths) + np.arange(offsets[-1])
    tokens = cells.tokens[at]
    if VERSIONS[cells.about["version"]].frames:
        tokens[offsets[1:][lengths > 0] - 1] = EOS
    return TokenisedCells(cells.cells, tokens, offsets, {**cells.about, "max_length": max_length})
