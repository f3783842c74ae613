"""CSV and TSV, plain, gzipped or inside a zip archive: counts in one file, labels of the cells in another."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.errors import StudyError, did_you_mean, listing
from rankstudy.identity import positions_of, require_unique
from rankstudy.readers.base import CELL_NAME, Chunk, as_text, require_columns

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
        threads: int = 1,
    ):
        self.path, self._counts, self._labels, self._labels_key = path, counts, labels, labels_key
        self._rows_are_genes = rows == "genes"
        if not os.path.exists(path):
            raise StudyError(f"{path}: there is no such file; correct `source.local_file`")
        self._columns = self._header()
        self._row_names = self._first_column()
        names = {"rows": self._row_names, "columns": self._columns}
        self.gene_names, self.cell_names = (
            (names["rows"], names["columns"]) if self._rows_are_genes else (names["columns"], names["rows"])
        )
        require_unique(self.gene_names, f"{self._where}: genes")
        require_unique(self.cell_names, f"{self._where}: cells")

    @property
    def _where(self) -> str:
        return f"{self.path}, {self._counts}" if self._counts else self.path

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of the labels file, one row per cell in the order of the counts."""
        with self._open_labels() as file:
            table = pd.read_csv(file, sep=_separator(self._labels), dtype=str, keep_default_na=False)
        where = f"labels {self._labels}"
        require_columns(columns, list(table.columns[1:]), where)
        keys = table.iloc[:, 0].tolist()
        if self._labels_key == "cell_number":
            wanted = [str(n) for n in range(1, len(self.cell_names) + 1)]
        else:
            wanted = self.cell_names
        if len(keys) != len(wanted):
            raise StudyError(f"{where}: {len(keys)} rows of labels for {len(wanted)} cells in {self._where}")
        at = positions_of(wanted, keys, f"{where}, first column")
        found = {c: self.cell_names if c == CELL_NAME else table[c].to_numpy()[at] for c in columns}
        return as_text(found, self.cell_names)

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
        names = ["", *self._columns]
        wanted = set(columns)
        use = [i for i, name in enumerate(names) if i and name in wanted]
        with self._open_counts() as file:
            try:
                reader = pd.read_csv(
                    file, sep=_separator(self._name), header=None, skiprows=1, usecols=use, chunksize=size,
                    dtype=np.float64, low_memory=False,
                )  # fmt: skip
                for frame in reader:
                    yield frame.to_numpy()
            except ValueError as error:
                raise StudyError(f"{self._where}: holds something that is not a number: {error}") from error

    @property
    def _name(self) -> str:
        return self._counts or self.path

    def _header(self) -> list[str]:
        with self._open_counts() as file:
            first = pd.read_csv(
                file, sep=_separator(self._name), header=None, nrows=1, dtype=str, keep_default_na=False
            )
        with self._open_counts() as file:
            second = pd.read_csv(file, sep=_separator(self._name), header=None, skiprows=1, nrows=1, dtype=str)
        names = first.iloc[0].tolist()
        # R writes tables with or without a name for the column of row names
        if second.shape[1] == len(names):
            names = names[1:]
        elif second.shape[1] != len(names) + 1:
            raise StudyError(f"{self._where}: the first row has {len(names)} fields, the second {second.shape[1]}")
        return names

    def _first_column(self) -> list[str]:
        with self._open_counts() as file:
            column = pd.read_csv(
                file,
                sep=_separator(self._name),
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
            with _open_text(self.path) as file:
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
            with _open_text(self._labels) as file:
                yield file
        else:
            raise StudyError(f"table.labels: there is no file {self._labels}")


def _separator(name: str) -> str:
    stem = name.removesuffix(".gz").lower()
    if stem.endswith((".tsv", ".txt", ".tab")):
        return "\t"
    if stem.endswith(".csv"):
        return ","
    raise StudyError(f"{name}: the name must end in .csv, .tsv, .txt or .tab (.gz may follow)")


@contextmanager
def _open_text(path: str) -> Iterator[IO]:
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") as file:
        yield file


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
