"""10x matrices: `matrix.mtx`, `features.tsv` (or `genes.tsv`) and `barcodes.tsv`, each plain or gzipped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.identity import require_unique
from rankstudy.sources.choices import Choice
from rankstudy.sources.kinds import require_kind
from rankstudy.sources.readers.base import Chunk
from rankstudy.sources.readers.beside import LabelsBeside
from rankstudy.sources.readers.delimited import open_text, readable
from rankstudy.sources.separators import Separator
from rankstudy.sources.tenx import companions

VALUES_PER_BLOCK = 1 << 22
_HEADER = "%%matrixmarket matrix coordinate {} general"


class MtxSource(LabelsBeside):
    """A 10x matrix, genes x cells, read as text in blocks of whole cells.

    Parameters
    ----------
    path
        `[prefix]matrix.mtx[.gz]`; files that are not given lie beside it and have the same prefix.
    gene_names
        Which column of the genes is their name: `ids` (the first) or `symbols` (the second).
    labels
        CSV or TSV with one row per cell, its name in the first column; None if there are no labels.
    labels_separator
        What separates the columns of the labels; None finds it.
    features, barcodes
        The files of genes and of barcodes; None for the one beside the matrix.
    """

    def __init__(
        self,
        path: str,
        *,
        gene_names: Literal["ids", "symbols"] = "ids",
        labels: str | None = None,
        labels_separator: Separator | None = None,
        features: str | None = None,
        barcodes: str | None = None,
    ):
        super().__init__(path, "mtx", labels, labels_separator)
        require_kind(path, "gzip", "mtx")
        self.choices: list[Choice] = []
        if features is None or barcodes is None:
            beside = companions(path)
            features, barcodes = features or beside["features"], barcodes or beside["barcodes"]
        table, number = _table(features), 0 if gene_names == "ids" else 1
        if table.shape[1] <= number:
            raise StudyError(advise(f"{features}: has one column, and no symbols", "use `mtx.gene_names: ids`"))
        self.gene_names, self.genes_are = table[number].tolist(), f"{features} (mtx.gene_names: {gene_names})"
        self.feature_types = table[2].tolist() if table.shape[1] > 2 else None
        self.cell_names = _table(barcodes)[0].tolist()
        require_unique(self.cell_names, f"{barcodes}: cells")

    def stream(self) -> Iterator[Chunk]:
        """Yield the values in ranges of cells."""
        genes = slice(0, len(self.gene_names))
        for begin, block in self._blocks():
            yield Chunk(slice(begin, begin + block.shape[0]), genes, block)

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of chosen cells; only they are kept while the text is read."""
        wanted = np.zeros(len(self.cell_names), bool)
        wanted[rows] = True
        return sp.vstack([b[wanted[at : at + b.shape[0]]] for at, b in self._blocks()], format="csr")

    def _blocks(self) -> Iterator[tuple[int, sp.csr_matrix]]:
        """Yield the first cell of a block of cells and their values; together all cells."""
        n_cells, done, found, waiting = len(self.cell_names), 0, 0, []
        with open_text(self.path) as file, readable(self.path):
            kind, stored = self._header(file)
            types = {0: np.int64, 1: np.int64, 2: kind}
            for part in pd.read_csv(file, sep=r"\s+", header=None, dtype=types, chunksize=VALUES_PER_BLOCK):
                gene, cell, value = (part[i].to_numpy() for i in range(3))
                self._check(gene, cell, done)
                found += len(part)
                waiting.append((gene - 1, cell - 1, value))
                if cell[-1] - 1 > done:  # the last cell may go on in the next part
                    end = int(cell[-1]) - 1
                    block, waiting = self._block(waiting, done, end)
                    yield done, block
                    done = end
            if found != stored:
                what = "cut off" if found < stored else "damaged"
                raise StudyError(f"{self.path}: holds {found:,} values and states {stored:,}; it is {what}")
        yield done, self._block(waiting, done, n_cells)[0]

    def _header(self, file) -> tuple[type, int]:
        """Read up to the first value; return the type of the values and how many there are."""
        first = file.readline(200).decode().strip().lower()
        types = {_HEADER.format("integer"): np.int64, _HEADER.format("real"): np.float64}
        if first not in types:
            raise StudyError(f"{self.path}: begins with {first[:60]!r}, expected {' or '.join(map(repr, types))}")
        line = file.readline()
        while line.startswith(b"%"):
            line = file.readline()
        genes, cells, stored = (int(number) for number in line.split())
        if (genes, cells) != (len(self.gene_names), len(self.cell_names)):
            expected = f"{len(self.gene_names)} genes and {len(self.cell_names)} barcodes"
            raise StudyError(
                f"{self.path}: states {genes} genes x {cells} cells, but the files beside it have {expected}"
            )
        return types[first], stored

    def _check(self, gene: np.ndarray, cell: np.ndarray, done: int) -> None:
        if gene.min() < 1 or gene.max() > len(self.gene_names) or cell.min() < 1 or cell.max() > len(self.cell_names):
            raise StudyError(f"{self.path}: holds a gene or cell number that is out of range; the file is damaged")
        if (np.diff(cell) < 0).any() or cell[0] <= done:
            problem = f"{self.path}: its values are not sorted by cell, as 10x writes them"
            raise StudyError(
                advise(problem, "sort the lines of values by their second number", "write the counts as h5ad")
            )

    def _block(self, parts: list[tuple[np.ndarray, ...]], begin: int, end: int) -> tuple[sp.csr_matrix, list]:
        """Return the values of the cells begin..end, and what is left for later ones."""
        gene, cell, value = (
            (np.concatenate(column) for column in zip(*parts, strict=True)) if parts else [np.zeros(0, int)] * 3
        )
        cut = int(np.searchsorted(cell, end))
        shape = end - begin, len(self.gene_names)
        block = sp.csr_matrix((value[:cut], (cell[:cut] - begin, gene[:cut])), shape=shape)
        if block.nnz != cut:
            raise StudyError(
                f"{self.path}: some cell holds two values for one gene; which one is right cannot be known"
            )
        return block, [(gene[cut:], cell[cut:], value[cut:])]


def _table(path: str) -> pd.DataFrame:
    with open_text(path) as file, readable(path):
        return pd.read_csv(file, sep="\t", header=None, dtype=str, keep_default_na=False, quoting=3)
