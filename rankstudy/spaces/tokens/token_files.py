"""Files of tokens: one row per cell by id, and what the tokens are, so that no model can read another one's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import atomic
from rankstudy.core.identity import positions_of, require_unique
from rankstudy.spaces.tokens.vocabulary import Vocabulary

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
        count.
    tokens
        int32, those of all cells one after the other.
    offsets
        (cells + 1,), where each cell's begin.
    about
        Identity of the vocabulary.
    """

    cells: pd.DataFrame
    tokens: np.ndarray
    offsets: np.ndarray
    about: dict[str, Any]

    @classmethod
    def made(cls, cells: pd.DataFrame, tokens: Sequence[int], offsets: Sequence[int], vocabulary: Vocabulary) -> Self:
        """Return what a tokenizer made of cells.

        Raises
        ------
        StudyError
            If they are no whole numbers, or not of so many cells, or a token is not of the vocabulary.
        """
        where = f"tokenizer of {vocabulary.identity['version']}"
        made = cls(cells, _whole(tokens, np.int32, where), _whole(offsets, np.int64, where), vocabulary.identity)
        bounds = [made.offsets[0], made.offsets[-1]] if len(made.offsets) == len(cells) + 1 else []
        if bounds != [0, len(made.tokens)] or (made.lengths < 0).any():
            sizes = f"{len(made.tokens)} tokens and {len(made.offsets)} offsets of {len(cells)} cells"
            raise StudyError(f"{where}: gave {sizes}; the tokens of cell i must lie between offsets i and i + 1")
        made.require_tokens_of_the_vocabulary(where)
        return made

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

    def require_tokens_of_the_vocabulary(self, what: str) -> None:
        """Raise StudyError unless every token is one of the vocabulary's."""
        outside = self.tokens[(self.tokens < 0) | (self.tokens >= self.about["size"])]
        if len(outside):
            vocabulary = f"its vocabulary ({self.about['version']}) has {self.about['size']}"
            raise StudyError(f"{what}: holds the token {outside[0]}, {vocabulary}")


def _whole(values: Sequence[int], kind: type[np.integer], where: str) -> np.ndarray:
    """Return numbers as integers; those that would become others are refused."""
    found = np.asarray(values)
    with np.errstate(invalid="ignore"):
        whole = found.astype(kind)
    if found.ndim != 1 or not np.array_equal(whole, found):
        raise StudyError(f"{where}: gave tokens or offsets that are not whole numbers, one after the other")
    return whole


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

    def write(self, of: TokenisedCells) -> None:
        """Add cells with their tokens."""
        lists = pa.ListArray.from_arrays(pa.array(of.offsets, pa.int32()), pa.array(of.tokens, pa.int32()))
        columns = [pa.array(of.cells[name].astype(str), pa.string()) for name in CELL_COLUMNS]
        arrays = [*columns, pa.array(of.cells["expressed"], pa.int64()), lists]
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._file.schema))


def read_tokens(path: str | os.PathLike, slugs: Iterable[str] | None = None) -> TokenisedCells:
    """Read a file of tokens, or the cells of some types of it.

    Raises
    ------
    StudyError
        If it is not one, a cell id occurs twice, or a token is not of its vocabulary.
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
    found.require_tokens_of_the_vocabulary(str(path))
    return found


def require_same_vocabulary(tokens: Mapping[str, Any], model: Mapping[str, Any], what: str) -> None:
    """Raise StudyError unless tokens were made with the vocabulary of the model.

    Tokens of one vocabulary can all be valid numbers of another, which would embed them without an error and wrongly:
    those of Geneformer V2 are, for V1.
    """
    files = sorted(key for key in tokens.keys() & model.keys() if key.endswith("_sha256"))
    different = [key for key in ("version", "size", *files) if tokens.get(key) != model.get(key)]
    if different:
        pairs = [f"{key}: {tokens.get(key)}, the model's {model.get(key)}" for key in different]
        versions = f"the tokens are of version {tokens.get('version')}, the model of {model.get('version')}"
        problem = f"{what}: {versions} ({'; '.join(pairs)})"
        raise StudyError(advise(problem, "tokenise the cells with the dictionaries of the model"))
