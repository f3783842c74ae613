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

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.core.identity import require_unique
from rankstudy.sources.choices import Choice
from rankstudy.sources.kinds import require_kind
from rankstudy.sources.readers.base import Chunk
from rankstudy.sources.readers.delimited import layout_of, open_text, readable
from rankstudy.sources.readers.labels import LabelsTable
from rankstudy.sources.separators import Separator

_VALUES_PER_CHUNK = 8_000_000


class TableSource:
    """Counts as text, genes x cells or cells x genes.

    The labels are joined to the counts by cell name or, where the labels have no names, by the number of the cell,
    which must then run from 1 to the number of cells without a gap.

    Parameters
    ----------
    path
        The table, or the zip archive that holds it.
    counts, labels
        Members of the archive; without `counts`, `labels` is a path.
    rows
        What a row of the counts is.
    labels_key
        What the first column of the labels holds.
    separator, labels_separator
        What separates the columns of the counts and of the labels; None finds it
        (`rankstudy.sources.readers.delimited`).
    decimal
        What stands before the decimals of the counts; None finds it.
    """

    def __init__(
        self,
        path: str,
        *,
        labels: str,
        counts: str | None = None,
        rows: Literal["genes", "cells"] = "genes",
        labels_key: Literal["cell_name", "cell_number"] = "cell_name",
        separator: Separator | None = None,
        labels_separator: Separator | None = None,
        decimal: Literal["point", "comma"] | None = None,
    ):
        self.path, self._counts, self._labels = path, counts, labels
        self._rows_are_genes = rows == "genes"
        self.feature_types, self.genes_are = None, self._where
        if not os.path.exists(path):
            raise StudyError(advise(f"{path}: there is no such file", "correct `source.local_file`"))
        require_kind(path, "gzip", "zip")
        self._labels_table = LabelsTable(
            self._open_labels,
            where=f"labels {labels}",
            counts=self._where,
            key="table.labels_separator",
            separator=labels_separator,
            by_number=labels_key == "cell_number",
        )
        self._layout = layout_of(self._open_counts, self._where, "table.separator", separator)
        self._decimal = {"point": ".", "comma": ",", None: self._layout.decimal()}[decimal]
        self._columns = self._layout.columns
        if "" in self._columns:
            problem = f"{self._where}: column {self._columns.index('') + 2} has no name in the header"
            raise StudyError(advise(problem, "name it", "remove it"))
        self.choices = self._layout.choices()
        self.choices += [Choice("decimals", "behind a comma")] if self._decimal == "," else []
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
        return self._labels_table.columns

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of the labels file, one row per cell in the order of the counts."""
        found, choices = self._labels_table.of(columns, self.cell_names)
        self.choices += choices
        return found

    def gene_flags(self, column: str) -> np.ndarray:
        """Text tables carry no columns of genes."""
        problem = f"genes.column: {self._where} has no columns of genes"
        raise StudyError(advise(problem, "use genes.method highly_variable or all"))

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
        types = {
            0: str,
            **dict.fromkeys(use, np.float64),
            **({self._layout.width - 1: str} if self._layout.ends_empty else {}),
        }
        with self._open_counts() as file:
            try:
                reader = pd.read_csv(
                    file, usecols=None if everything else use, chunksize=size, dtype=types, low_memory=False,
                    decimal=self._decimal, **self._layout.options,
                )  # fmt: skip
                for frame in reader:
                    self._require_nothing_behind(frame)
                    yield frame[use].to_numpy(np.float64)
            except ValueError as error:
                decimal, other = ("comma", "point") if self._decimal == "," else ("point", "comma")
                problem = (
                    f"{self._where}: holds something that is not a number with a decimal {decimal} and the separator "
                    f"{self._layout.separator}: {error}"
                )
                raise StudyError(
                    advise(
                        problem,
                        "correct it in the file",
                        f"use `table.decimal: {other}`",
                        "name another separator (`table.separator`)",
                    )
                ) from error

    def _require_nothing_behind(self, frame: pd.DataFrame) -> None:
        """Refuse rows that hold more than their separator behind the last column that has a name."""
        behind = [column for column in frame.columns if column > len(self._columns)]
        if frame[behind].notna().any(axis=None):
            problem = f"{self._where}: a row has a value behind the last column that has a name"
            raise StudyError(advise(problem, "remove the value"))

    def _first_column(self) -> list[str]:
        with self._open_counts() as file, readable(self._where):
            column = pd.read_csv(file, usecols=[0], dtype=str, keep_default_na=False, **self._layout.options)
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


@contextmanager
def _open_member(archive: str, member: str, key: str) -> Iterator[IO]:
    """Open one member of a zip archive for reading; nothing is unpacked to disk."""
    require_kind(archive, "zip")
    try:
        with zipfile.ZipFile(archive) as file:
            names = file.namelist()
            if member not in names:
                problem = f"{key}: {archive} has no member {member!r}{did_you_mean(member, names)}"
                raise StudyError(advise(problem, f"it holds {listing(names, 20)}"))
            with file.open(member) as stream:
                buffered = io.BufferedReader(stream, 1 << 20)
                yield gzip.open(buffered) if buffered.peek(2)[:2] == b"\x1f\x8b" else buffered
    except zipfile.BadZipFile as error:
        raise StudyError(f"{archive}: is not a zip archive ({error})") from error
