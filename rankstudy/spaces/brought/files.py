"""Files of vectors that were made elsewhere, read by slices: obsm of an h5ad, Parquet, CSV or TSV, npz.

Whatever the file, a row is known by an id that stands beside it; only the rows that are asked for are kept.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Protocol

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.sources.readers.base import require_columns
from rankstudy.sources.readers.blocks import Sparse
from rankstudy.sources.readers.delimited import layout_of, open_text, readable
from rankstudy.sources.readers.h5ad_tables import AnnotationTable
from rankstudy.sources.readers.hdf5 import Array, find, names, opened, text_attribute

_ROWS_AT_ONCE = 8192
_IDS = "ids"

Block = tuple[int, np.ndarray]


class Embedding(Protocol):
    """Vectors in a file.

    Attributes
    ----------
    path
        The file.
    ids
        (n,), what stands beside each row, in the order of the file.
    columns
        (d,), names of the columns.
    """

    path: str
    ids: list[str]
    columns: list[str]

    def blocks(self) -> Iterator[Block]:
        """Yield the number of the first row of a block, and its rows (rows, d), in the order of the file."""


def open_embedding(
    path: str, *, obsm: str | None = None, ids: str | None = None, array: str | None = None
) -> Embedding:
    """Open a file of vectors, which the end of its name says how to read.

    Parameters
    ----------
    path
        `.h5ad`, `.parquet`, `.npz`, or `.csv`, `.tsv` and `.txt`, packed with gzip or not.
    obsm
        Of an h5ad, the entry of `obsm`.
    ids
        Column or array that holds the ids; None takes the index (Parquet by pandas), the first column, or `ids`.
    array
        Of an npz, the array that holds the vectors; None takes the only one beside the ids.

    Raises
    ------
    StudyError
        If the file is not what its name says, or does not hold what is named.
    """
    suffix = Path(path.lower().removesuffix(".gz")).suffix
    if suffix == ".h5ad":
        return _OfH5ad(path, str(obsm))
    if suffix == ".parquet":
        return _OfParquet(path, ids)
    if suffix == ".npz":
        return _OfNpz(path, ids or _IDS, array)
    return _OfText(path, ids)


def read_rows(embedding: Embedding, rows: np.ndarray) -> np.ndarray:
    """Return the vectors (rows, d) of some rows of a file, given in increasing order, as float32."""
    found = np.empty((len(rows), len(embedding.columns)), np.float32)
    for begin, block in embedding.blocks():
        first, last = np.searchsorted(rows, [begin, begin + len(block)])
        found[first:last] = block[rows[first:last] - begin]
    return found


class _OfH5ad:
    def __init__(self, path: str, obsm: str):
        self.path, self._obsm = path, obsm
        with opened(path, "h5ad") as file:
            group = find(file, "obsm")
            held = names(group) if isinstance(group, h5py.Group) else []
            if obsm not in held:
                problem = f"{path}: obsm has no entry {obsm!r}{did_you_mean(obsm, held)}"
                raise StudyError(advise(problem, f"name one that it holds: {listing(held) or '(none)'}"))
            self.ids = AnnotationTable(file, "obs").names()
            self.columns = self._columns(file)

    def _columns(self, file: h5py.File) -> list[str]:
        element = find(file, f"obsm/{self._obsm}")
        if isinstance(element, h5py.Group) and text_attribute(element, "encoding-type") == "dataframe":
            return AnnotationTable(file, f"obsm/{self._obsm}").columns
        return [f"{self._obsm}-{i + 1}" for i in range(self._shape(element)[1])]

    def _shape(self, element: h5py.Group | h5py.Dataset) -> tuple[int, int]:
        is_matrix = isinstance(element, h5py.Dataset)
        shape = element.shape if is_matrix else tuple(map(int, element.attrs.get("shape", ())))
        if len(shape) != 2 or shape[0] != len(self.ids):
            problem = f"{self.path}: obsm[{self._obsm!r}] has the shape {shape}, and there are {len(self.ids)} cells"
            raise StudyError(advise(problem, "write one row of numbers per cell"))
        return shape

    def blocks(self) -> Iterator[Block]:
        where = f"{self.path}: obsm[{self._obsm!r}]"
        with opened(self.path, "h5ad") as file:
            element = find(file, f"obsm/{self._obsm}")
            if isinstance(element, h5py.Dataset):
                array, d = Array(element, where, dimensions=2), len(self.columns)
                for begin, end in _ranges(len(self.ids)):
                    yield begin, _numbers(array.read((begin, end), (0, d)), where)
            elif text_attribute(element, "encoding-type") == "dataframe":
                table = AnnotationTable(file, f"obsm/{self._obsm}")
                yield 0, np.column_stack([_numbers(table.column(name), f"{where}[{name!r}]") for name in self.columns])
            else:
                by_cell = text_attribute(element, "encoding-type") == "csr_matrix"
                sparse = Sparse(element, where, by_cell, self._shape(element))
                for begin, end in _ranges(len(self.ids)):
                    yield begin, sparse.read(np.arange(begin, end)).toarray()


class _OfParquet:
    def __init__(self, path: str, ids: str | None):
        self.path = path
        try:
            self._file = pq.ParquetFile(path)
        except pa.ArrowInvalid as error:
            raise StudyError(advise(f"{path}: is no readable Parquet file: {error}", "write it again")) from error
        schema = self._file.schema_arrow
        key = ids or self._index(schema)
        require_columns([key], schema.names, path)
        self.columns = [name for name in schema.names if name != key]
        self.ids = [str(value) for value in self._file.read([key]).column(key).to_pylist()]

    def _index(self, schema: pa.Schema) -> str:
        """Return the column of the ids: the index, if pandas wrote one, or the first one of text."""
        index = (schema.pandas_metadata or {}).get("index_columns", [])
        of_text = [
            field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        named = [name for name in index if isinstance(name, str)] + of_text
        if not named:
            problem = f"{self.path}: no column holds ids of cells"
            raise StudyError(advise(problem, "write them as the index or as a column of text"))
        return named[0]

    def blocks(self) -> Iterator[Block]:
        begin = 0
        for batch in self._file.iter_batches(_ROWS_AT_ONCE, columns=self.columns):
            frame = batch.select(self.columns).to_pandas()
            yield begin, np.column_stack([_numbers(frame[name].to_numpy(), f"{self.path}: {name}") for name in frame])
            begin += len(frame)


class _OfText:
    def __init__(self, path: str, ids: str | None):
        self.path = path
        self._opened = partial(open_text, path)
        self._layout = layout_of(self._opened, path, "the separator")
        header = [self._layout.corner or "", *self._layout.columns]
        if ids is not None:
            require_columns([ids], header, path)
        self._at = 0 if ids is None else header.index(ids)
        self.columns = [name for i, name in enumerate(header) if i != self._at]
        self.ids = [str(value) for chunk in self._chunks([self._at]) for value in chunk[self._at]]

    def _chunks(self, use: Sequence[int]) -> Iterator[pd.DataFrame]:
        types = {self._at: str}
        with self._opened() as file, readable(self.path):
            yield from pd.read_csv(
                file,
                usecols=list(use),
                dtype=types,
                na_filter=self._at not in use,
                chunksize=_ROWS_AT_ONCE,
                **self._layout.options,
            )

    def blocks(self) -> Iterator[Block]:
        begin, use = 0, [i for i in range(len(self.columns) + 1) if i != self._at]
        for chunk in self._chunks(use):
            yield begin, np.column_stack([_numbers(chunk[i].to_numpy(), f"{self.path}: column {i + 1}") for i in use])
            begin += len(chunk)


class _OfNpz:
    def __init__(self, path: str, ids: str, array: str | None):
        self.path = path
        try:
            with np.load(path, allow_pickle=False) as held:
                self._require(ids, list(held))
                self.ids = [str(value) for value in held[ids]]
                others = [name for name in held if name != ids]
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            problem = f"{path}: is no readable npz: {error}"
            raise StudyError(advise(problem, "write it with numpy.savez, ids as an array of text")) from error
        if array is None and len(others) != 1:
            problem = f"{path}: holds {listing(others) or 'nothing'} beside {ids}"
            raise StudyError(advise(problem, "say which array holds the vectors (`array`)"))
        self._array = array or others[0]
        self._require(self._array, others)
        with zipfile.ZipFile(path) as archive, archive.open(f"{self._array}.npy") as file:
            shape, self._in_order, self._type = _header(file)
        if len(shape) != 2 or shape[0] != len(self.ids):
            problem = f"{path}: {self._array} has the shape {shape}, and there are {len(self.ids)} ids"
            raise StudyError(advise(problem, "write one row of numbers per id"))
        self.columns = [f"{self._array}-{i + 1}" for i in range(shape[1])]

    def _require(self, name: str, held: Sequence[str]) -> None:
        if name not in held:
            problem = f"{self.path}: holds no array {name!r}{did_you_mean(name, held)}"
            raise StudyError(advise(problem, f"name one that it holds: {listing(held) or '(none)'}"))

    def blocks(self) -> Iterator[Block]:
        where, d = f"{self.path}: {self._array}", len(self.columns)
        if not self._in_order:
            with np.load(self.path, allow_pickle=False) as held:
                yield 0, _numbers(held[self._array], where)
            return
        with zipfile.ZipFile(self.path) as archive, archive.open(f"{self._array}.npy") as file:
            _header(file)
            for begin, end in _ranges(len(self.ids)):
                values = np.frombuffer(file.read((end - begin) * d * self._type.itemsize), self._type)
                yield begin, _numbers(values.reshape(end - begin, d), where)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return shape, whether rows lie one after the other, and type of an array in the format of numpy."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, by_column, dtype = read(file)
    return shape, not by_column, dtype


def _ranges(n: int) -> Iterator[tuple[int, int]]:
    return ((begin, min(begin + _ROWS_AT_ONCE, n)) for begin in range(0, n, _ROWS_AT_ONCE))


def _numbers(values: np.ndarray, where: str) -> np.ndarray:
    """Return values as they are if they are numbers; what is missing among them is NaN."""
    if values.dtype.kind in "fiu":
        return values
    try:
        return np.asarray(pd.to_numeric(pd.Series(values.ravel()), errors="raise"), float).reshape(values.shape)
    except (ValueError, TypeError) as error:
        problem = f"{where}: holds what is no number ({error})"
        raise StudyError(
            advise(problem, "leave columns of text out of the file", "name the one of the ids (`ids`)")
        ) from error
