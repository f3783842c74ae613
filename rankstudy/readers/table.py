"""CSV and TSV, plain, gzipped or inside a zip archive: counts in one file, labels of the cells in another."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import IO, Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.errors import StudyError, did_you_mean, listing
from rankstudy.identity import positions_of, require_unique
from rankstudy.readers.base import Choice, Chunk, as_text, require_columns

_VALUES_PER_CHUNK = 8_000_000


class TableSource:
    """Counts as text, genes x cells or cells x genes.

    The labels are joined to the counts by cell name or, where the labels have no names, by the number of the cell,
    which must then run from 1 to the number of cells without a gap.
    """

    def __init__(
        self,
        path: str,
        *,
        labels: str,
        counts: str | None = None,
        rows: Literal["genes", "cells"] = "genes",
        labels_key: Literal["cell_name", "cell_number"] = "cell_name",
    ):
        self.path, self._counts, self._labels, self._labels_key = path, counts, labels, labels_key
        self._rows_are_genes = rows == "genes"
        self.choices: list[Choice] = []
        self.feature_types, self.genes_are = None, self._where
        if not os.path.exists(path):
            raise StudyError(f"{path}: there is no such file; correct `source.local_file`")
        self._columns = _header(self._open_counts, separator(self._name), self._where)
        self._row_names = self._first_column()
        names = {"rows": self._row_names, "columns": self._columns}
        self.gene_names, self.cell_names = (
            (names["rows"], names["columns"]) if self._rows_are_genes else (names["columns"], names["rows"])
        )
        require_unique(self.cell_names, f"{self._where}: cells")

    @property
    def _where(self) -> str:
        return f"{self.path}, {self._counts}" if self._counts else self.path

    @property
    def columns(self) -> list[str]:
        """The columns of the labels file."""
        return label_columns(self._labels, self._open_labels)

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of the labels file, one row per cell in the order of the counts."""
        by_number = self._labels_key == "cell_number"
        return joined_labels(columns, self.cell_names, self._labels, self._where, self._open_labels, by_number)

    def gene_flags(self, column: str) -> np.ndarray:
        """Text tables carry no columns of genes."""
        raise StudyError(
            f"genes.column: {self._where} has no columns of genes; use genes.method highly_variable or all"
        )

    def stream(self) -> Iterator[Chunk]:
        """Yield the values in chunks of rows of the file."""
        begin = 0
        for block in self._blocks(self._columns):
            part = slice(begin, begin + len(block))
            whole = slice(0, len(self._columns))
            begin += len(block)
            yield Chunk(whole, part, block.T) if self._rows_are_genes else Chunk(part, whole, block)

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of chosen cells; only they are kept while the text is read."""
        if len(rows) == 0:
            return sp.csr_matrix((0, len(self.gene_names)))
        if self._rows_are_genes:
            names = [self._columns[i] for i in rows]
            return sp.vstack([sp.csr_matrix(b) for b in self._blocks(names)], format="csc").T.tocsr()
        wanted = np.zeros(len(self._row_names), bool)
        wanted[rows] = True
        kept, begin = [], 0
        for block in self._blocks(self._columns):
            kept.append(sp.csr_matrix(block[wanted[begin : begin + len(block)]]))
            begin += len(block)
        return sp.vstack(kept, format="csr")

    def _blocks(self, columns: Sequence[str]) -> Iterator[np.ndarray]:
        """Yield float64 blocks of whole rows of the file, restricted to some columns, in the file's order."""
        size = max(1, _VALUES_PER_CHUNK // max(1, len(columns)))
        wanted = set(columns)
        use = [i for i, name in enumerate(self._columns, 1) if name in wanted]
        # pandas refuses rows that are too long only where it reads all columns
        everything = len(use) == len(self._columns)
        types = {0: str, **dict.fromkeys(use, np.float64)}
        with self._open_counts() as file:
            try:
                reader = pd.read_csv(
                    file, sep=separator(self._name), header=None, skiprows=1, usecols=None if everything else use,
                    chunksize=size, dtype=types, low_memory=False,
                )  # fmt: skip
                for frame in reader:
                    yield frame[use].to_numpy(np.float64)
            except ValueError as error:
                raise StudyError(f"{self._where}: holds something that is not a number: {error}") from error

    @property
    def _name(self) -> str:
        return self._counts or self.path

    def _first_column(self) -> list[str]:
        with self._open_counts() as file, readable(self._where):
            column = pd.read_csv(
                file,
                sep=separator(self._name),
                header=None,
                skiprows=1,
                usecols=[0],
                dtype=str,
                keep_default_na=False,
            )
        return column.iloc[:, 0].tolist()

    @contextmanager
    def _open_counts(self) -> Iterator[IO]:
        if self._counts is None:
            with open_text(self.path) as file:
                yield file
        else:
            with _open_member(self.path, self._counts, "table.counts") as file:
                yield file

    @contextmanager
    def _open_labels(self) -> Iterator[IO]:
        if self._counts is not None:
            with _open_member(self.path, self._labels, "table.labels") as file:
                yield file
        elif os.path.exists(self._labels):
            with open_text(self._labels) as file:
                yield file
        else:
            raise StudyError(f"table.labels: there is no file {self._labels}")


Opened = Callable[[], AbstractContextManager[IO]]


def label_columns(labels: str, opened: Opened | None = None) -> list[str]:
    """Return the names of the columns of a table of labels; `opened` opens it, None opens the file `labels`."""
    return _header(opened or (lambda: open_text(labels)), separator(labels), f"labels {labels}")


def joined_labels(
    columns: Sequence[str],
    cells: Sequence[str],
    labels: str,
    counts: str,
    opened: Opened | None = None,
    by_number: bool = False,
) -> pd.DataFrame:
    """Return columns of a table of labels, one row per cell, joined by name or by the number of the cell from 1.

    Parameters
    ----------
    columns, cells
        What is wanted, of which cells.
    labels, counts
        The table's path or name, and what the cells come from, for messages.
    opened
        Opens the table; None opens the file `labels`.
    by_number
        Whether the first column holds numbers of cells instead of names.
    """
    where, between = f"labels {labels}", separator(labels)
    opened = opened or (lambda: open_text(labels))
    names = label_columns(labels, opened)
    require_columns(columns, names, where, of_cells=True)
    with opened() as file, readable(where):
        table = pd.read_csv(file, sep=between, header=None, skiprows=1, dtype=str, keep_default_na=False)
    keys = table.iloc[:, 0].tolist()
    wanted = [str(n) for n in range(1, len(cells) + 1)] if by_number else cells
    if len(keys) != len(wanted):
        raise StudyError(f"{where}: {len(keys)} rows of labels for {len(wanted)} cells in {counts}")
    at = positions_of(wanted, keys, f"{where}, first column")
    found = {c: table[names.index(c) + 1].to_numpy()[at] for c in columns}
    return as_text(found, cells)


def _header(opened: Opened, between: str, where: str) -> list[str]:
    """Return the names of the columns, without a field for the column of row names: R writes tables with and without it."""
    options = {"sep": between, "header": None, "nrows": 1, "dtype": str, "keep_default_na": False}
    with opened() as file, readable(where):
        names = pd.read_csv(file, **options).iloc[0].tolist()
    with opened() as file, readable(where):
        width = pd.read_csv(file, skiprows=1, **options).shape[1]
    if width == len(names):
        return names[1:]
    if width != len(names) + 1 or "" in names:
        raise StudyError(f"{where}: the first row has {len(names)} fields, the second {width}")
    return names


@contextmanager
def readable(where: str) -> Iterator[None]:
    """Turn what pandas says of a file that is no table into a message."""
    try:
        yield
    except ValueError as error:
        raise StudyError(f"{where}: cannot be read as a table in UTF-8: {error}") from error


def separator(name: str) -> str:
    """Return what separates the columns of a table of this name."""
    stem = name.removesuffix(".gz").lower()
    if stem.endswith((".tsv", ".txt", ".tab")):
        return "\t"
    if stem.endswith(".csv"):
        return ","
    raise StudyError(f"{name}: the name must end in .csv, .tsv, .txt or .tab (.gz may follow)")


@contextmanager
def open_text(path: str) -> Iterator[IO]:
    """Open a file of text, gzipped if its name ends in .gz, as bytes."""
    opener = gzip.open if path.endswith(".gz") else open
    try:
        with opener(path, "rb") as file:
            yield file
    except FileNotFoundError as error:
        raise StudyError(f"{path}: there is no such file") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise StudyError(f"{path}: is not a complete gzip file ({error})") from error


@contextmanager
def _open_member(archive: str, member: str, key: str) -> Iterator[IO]:
    """Open one member of a zip archive for reading; nothing is unpacked to disk."""
    try:
        with zipfile.ZipFile(archive) as file:
            names = file.namelist()
            if member not in names:
                raise StudyError(
                    f"{key}: {archive} has no member {member!r}{did_you_mean(member, names)}; it holds {listing(names, 20)}"
                )
            with file.open(member) as stream:
                yield io.BufferedReader(stream, 1 << 20)
    except zipfile.BadZipFile as error:
        raise StudyError(f"{archive}: is not a zip archive ({error})") from error
