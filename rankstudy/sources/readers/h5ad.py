"""AnnData files (h5ad): only the rows and the columns that are needed, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.identity import require_unique
from rankstudy.sources.choices import Choice
from rankstudy.sources.readers.base import Chunk, as_text, require_columns, true_or_false
from rankstudy.sources.readers.blocks import Dense, Sparse
from rankstudy.sources.readers.features import COLUMN, as_types
from rankstudy.sources.readers.h5ad_tables import AnnotationTable
from rankstudy.sources.readers.hdf5 import Array, attribute, find, names, opened, text_attribute
from rankstudy.sources.readers.hdf5_kinds import other_kind

_MODALITY = re.compile(r"(mod/[^/]+/)?")


class H5adSource:
    """An h5ad file.

    Parameters
    ----------
    path
        The file.
    counts
        The matrix: `X`, `raw/X` or `layers/<name>`; in a MuData file after its modality, as in `mod/rna/X`.
    gene_names
        Column of `var` (of `raw/var` for `raw/X`) with the names to use; None takes the index.

    Raises
    ------
    StudyError
        If the file is damaged, or is not what the parameters say.
    """

    def __init__(self, path: str, *, counts: str = "X", gene_names: str | None = None):
        self.path, self._counts = path, counts
        self.genes_are = path
        self._within = _MODALITY.match(counts)[0]
        self._cells = f"{self._within}obs"
        self._genes = f"{self._within}{'raw/var' if counts == f'{self._within}raw/X' else 'var'}"
        with self._opened() as file:
            self._require_table(file)
            if find(file, counts) is None:
                matrices = _matrices(file, self._within)
                problem = f"h5ad.counts: {path} has no {counts!r}"
                raise StudyError(advise(problem, f"name a matrix that it holds: {listing(matrices) or '(none)'}"))
            cells, genes = AnnotationTable(file, self._cells), AnnotationTable(file, self._genes)
            self.cell_names = cells.names()
            if gene_names is not None:
                require_columns([gene_names], genes.columns, f"h5ad.gene_names: {genes.where}")
            self.gene_names = genes.names(gene_names)
            self.feature_types = as_types(genes.column(COLUMN)) if COLUMN in genes.columns else None
            self.choices = [
                Choice("matrix", counts, tuple(name for name in _matrices(file, self._within) if name != counts))
            ]
        require_unique(self.cell_names, f"{path}: cells")

    @property
    def columns(self) -> list[str]:
        """The columns of `obs`."""
        with self._opened() as file:
            return AnnotationTable(file, self._cells).columns

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of `obs`."""
        with self._opened() as file:
            obs = AnnotationTable(file, self._cells)
            self._refuse_column_of_all_modalities(file, columns)
            require_columns(columns, obs.columns, obs.where, of_cells=True)
            found = {c: obs.column(c) for c in columns}
            for c in columns:
                if obs.is_factor_of_seuratdisk(c):
                    self._note(Choice(f"labels of {c!r}", f"those in {self._cells}/__categories", ("its numbers",)))
        for name, values in found.items():
            if len(values) != len(self.cell_names):
                rows = len(self.cell_names)
                raise StudyError(
                    f"{obs.where}[{name!r}]: has {len(values):,} values for {rows:,} rows; the file is damaged"
                )
        return as_text(found, self.cell_names)

    def gene_flags(self, column: str) -> np.ndarray:
        """Return a true/false column of `var`."""
        with self._opened() as file:
            table = AnnotationTable(file, self._genes)
            require_columns([column], table.columns, f"genes.column: {table.where}")
            values = table.column(column)
        return true_or_false(values, len(self.gene_names), f"genes.column: {table.where}[{column!r}]")

    def stream(self) -> Iterator[Chunk]:
        """Yield the values, of ranges of cells or (column-wise files) of ranges of genes."""
        with self._opened() as file:
            yield from self._matrix(file).stream()

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of chosen cells."""
        with self._opened() as file:
            return self._matrix(file).read(np.asarray(rows, np.int64))

    def _require_table(self, file: h5py.File) -> None:
        """Refuse a file of another kind, and a modality that there is not."""
        modalities, has_cells = _modalities(file), isinstance(find(file, self._cells), h5py.Group)
        if self._within and modalities and not has_cells:
            problem = f"h5ad.counts: {self.path} has no {self._within!r}"
            matrices = [matrix for modality in modalities for matrix in _matrices(file, modality)]
            raise StudyError(advise(problem, f"name a matrix that it holds: {listing(matrices) or '(none)'}"))
        if not has_cells or modalities and not self._within:
            raise other_kind(file, "an h5ad file of anndata 0.7 or later")

    def _refuse_column_of_all_modalities(self, file: h5py.File, columns: Sequence[str]) -> None:
        """Say how a column gets to its modality that a MuData file has in its common table alone."""
        if not self._within:
            return
        own, common = AnnotationTable(file, self._cells), AnnotationTable(file, "obs")
        for name in columns:
            if name not in own.columns and name in common.columns:
                problem = f"{own.where}: there is no column {name!r}, but the table of all modalities has it"
                raise StudyError(advise(problem, f"in Python: mdata.push_obs([{name!r}]), then mdata.write(...)"))

    def _note(self, choice: Choice) -> None:
        if choice not in self.choices:
            self.choices.append(choice)

    def _opened(self):
        return opened(self.path, "h5ad")

    def _matrix(self, file: h5py.File) -> Sparse | Dense:
        element, where = find(file, self._counts), f"{self.path}: {self._counts}"
        shape = len(self.cell_names), len(self.gene_names)
        if isinstance(element, h5py.Dataset):
            return Dense(Array(element, where, dimensions=2), True, shape)
        kind = text_attribute(element, "encoding-type")
        if kind not in ("csr_matrix", "csc_matrix"):
            raise StudyError(f"{where}: is encoded as {kind!r}, expected 'csr_matrix', 'csc_matrix' or a dense array")
        declared = attribute(element, "shape")
        if np.shape(declared) != (2,) or tuple(declared) != shape:
            raise StudyError(
                f"{where}: says that its shape is {declared}, but the tables of cells and genes say {shape}"
            )
        return Sparse(element, where, kind == "csr_matrix", shape)


def _matrices(file: h5py.File, within: str) -> list[str]:
    layers = find(file, f"{within}layers")
    inside = [f"layers/{name}" for name in names(layers)] if isinstance(layers, h5py.Group) else []
    return [f"{within}{name}" for name in ("X", "raw/X", *inside) if find(file, f"{within}{name}") is not None]


def _modalities(file: h5py.File) -> list[str]:
    group = find(file, "mod")
    return [f"mod/{name}/" for name in names(group)] if isinstance(group, h5py.Group) else []
