"""What every reader offers, and the checks that all share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.sources.choices import OWN_COLUMN, Choice

CELL_NAME, PART = "cell_name", "part"
# what these words mean as columns of cells, where a file has no column of that name
_WORDS = {CELL_NAME: "the cell's own name", PART: "the name of the part"}


@dataclass(frozen=True)
class Chunk:
    """Values of a range of cells and a range of genes: `values` is (cells x genes), dense or CSR."""

    cells: slice
    genes: slice
    values: np.ndarray | sp.csr_matrix


class ExpressionSource(Protocol):
    """An opened file of expression values, cells x genes, whatever its orientation on disk.

    `choices` are those that the reader has made so far: reading labels can add some. `feature_types` says what each of
    the genes is where the file does, `genes_are` what names them, for messages.
    """

    path: str
    cell_names: list[str]
    gene_names: list[str]
    choices: list[Choice]
    feature_types: list[str] | None
    genes_are: str

    @property
    def columns(self) -> list[str]:
        """The names of the file's own columns that describe cells."""

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return some of these columns, as text (missing: None), one row per cell in the file's order."""

    def gene_flags(self, column: str) -> np.ndarray:
        """Return a true/false column of the genes."""

    def stream(self) -> Iterator[Chunk]:
        """Yield every value of the matrix once."""

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of the cells at these rows (increasing), cells x genes."""


def cell_columns(source: ExpressionSource, columns: Sequence[str], part: str) -> pd.DataFrame:
    """Return columns that describe cells, as text (missing: None), one row per cell in the file's order.

    `cell_name` is the cell's own name and `part` that of the part, unless the file has a column of that name: then it
    is that column, and a choice of the source says so.

    Raises
    ------
    StudyError
        If there is no such column.
    """
    words = {CELL_NAME: source.cell_names, PART: [part] * len(source.cell_names)}
    own = set(source.columns) if set(columns) & set(words) else set()
    meant = {name: words[name] for name in columns if name in words and name not in own}
    for name in sorted(set(columns) & set(words) & own):
        source.choices.append(Choice(OWN_COLUMN.format(name), "the file's own column", (_WORDS[name],)))
    found = source.labels([name for name in columns if name not in meant])
    return pd.concat([found, as_text(meant, source.cell_names)], axis=1)[list(columns)]


def as_text(columns: Mapping[str, Sequence[object]], cells: Sequence[str]) -> pd.DataFrame:
    """Return columns as text, one row per cell; missing values and empty text become None."""
    frame = pd.DataFrame(
        {name: pd.Series(list(values), dtype="string").str.strip() for name, values in columns.items()}
    )
    return frame.astype(object).where(frame.notna() & (frame != ""), None).set_axis(cells, axis=0)


def require_columns(wanted: Sequence[str], available: Sequence[str], where: str, *, of_cells: bool = False) -> None:
    """Raise StudyError if a column is missing, with the closest name and the list of columns."""
    offered = [CELL_NAME, *available] if of_cells else list(available)
    for name in wanted:
        if name not in available:
            problem = f"{where}: there is no column {name!r}{did_you_mean(name, offered)}"
            raise StudyError(advise(problem, f"the columns are {listing(offered, 30) or '(none)'}"))


def true_or_false(values: np.ndarray, n: int, where: str) -> np.ndarray:
    """Return a column of `n` genes as booleans; anything but true, false, 1 and 0 is an error."""
    if len(values) != n:
        raise StudyError(f"{where}: has {len(values):,} values for {n:,} genes; the file is damaged")
    found = pd.unique(pd.Series(values))
    if not set(found) <= {0, 1}:
        raise StudyError(f"{where} is not true/false: {listing(found, 5)}")
    return np.asarray(values).astype(bool)
