"""What is judged: cells with their labels, embeddings of them and, where there are any, their counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.identity import require_unique
from rankstudy.sources.readers.base import as_text, require_columns
from rankstudy.sources.readers.h5ad import H5adSource
from rankstudy.sources.readers.h5ad_tables import AnnotationTable
from rankstudy.sources.readers.hdf5 import find, opened
from rankstudy.spaces.brought.files import Block, Embedding, open_embedding

ONE_BATCH = "all cells"
# where raw counts may be, in the order in which they are looked for
COUNTS = ("X", "layers/counts", "raw/X")
AUTO, NO_COUNTS = "auto", "none"
_ROWS_AT_ONCE = 4096

Counts = Callable[[np.ndarray], sp.csr_matrix]


@dataclass(frozen=True)
class Given:
    """What is judged.

    Attributes
    ----------
    cells
        One row per cell with a label, in the order of the file: `cell_id`, `cell_type`, `batch`, `row` (position in
        the file) and, where there are counts, `n_counts` and `n_genes`.
    keys
        Further numbers of each of these cells, by which an embedding's rows may have been sorted.
    embeddings
        By name.
    counts
        Returns the counts (rows, genes) of rows of the file, in increasing order; None without counts.
    genes
        Their names.
    notes
        What was decided, and what is left out, as sentences.
    """

    cells: pd.DataFrame
    embeddings: Mapping[str, Embedding]
    keys: Mapping[str, np.ndarray] = field(default_factory=dict)
    counts: Counts | None = None
    genes: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class InMemory:
    """An embedding that lies in memory: vectors (n, d) in the order of the ids."""

    path: str
    ids: list[str]
    vectors: np.ndarray | sp.spmatrix

    @property
    def columns(self) -> list[str]:
        """Names of its columns."""
        return [f"{self.path}-{i + 1}" for i in range(self.vectors.shape[1])]

    def blocks(self) -> Iterator[Block]:
        """Yield its rows, some at once."""
        for begin in range(0, len(self.ids), _ROWS_AT_ONCE):
            block = self.vectors[begin : begin + _ROWS_AT_ONCE]
            yield begin, block.toarray() if sp.issparse(block) else np.asarray(block)


@dataclass(frozen=True)
class Matrix:
    """A matrix of values per cell and gene: its name, its genes, and how rows of it are read."""

    name: str
    genes: Sequence[str]
    read: Counts
    n_cells: int

    @cached_property
    def sums(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The sum of each cell, and how many of its genes are above zero; None if any value is no count.

        Counts are whole and not below zero; reading ends at the first cells whose values are not.
        """
        totals, detected = np.empty(self.n_cells), np.empty(self.n_cells, np.int64)
        for begin in range(0, self.n_cells, _ROWS_AT_ONCE):
            rows = np.arange(begin, min(begin + _ROWS_AT_ONCE, self.n_cells))
            values = self.read(rows)
            if not ((values.data >= 0) & (values.data == np.round(values.data))).all():
                return None
            totals[rows] = np.asarray(values.sum(axis=1, dtype=np.float64)).ravel()
            detected[rows] = np.asarray((values > 0).sum(axis=1)).ravel()
        return (totals, detected) if totals.any() else None


def given_of(
    adata: ad.AnnData,
    *,
    cell_type: str,
    batch: str | None,
    obsm: Sequence[str],
    files: Mapping[str, str] | None = None,
    counts: str = "auto",
) -> Given:
    """Return what an AnnData object gives; `files` are further embeddings, by name, `counts` as in `judge`."""
    require_columns(obsm, list(adata.obsm), "obsm")
    names = adata.obs_names.astype(str).tolist()
    found: dict[str, Embedding] = {name: InMemory(name, names, _values(adata.obsm[name])) for name in obsm}
    matrices = {"X": (adata.X, adata.var_names)} | {
        f"layers/{name}": (layer, adata.var_names) for name, layer in adata.layers.items() if name is not None
    }
    if adata.raw is not None:
        matrices["raw/X"] = (adata.raw.X, adata.raw.var_names)
    held = {
        name: Matrix(
            name, genes.astype(str).tolist(), lambda rows, values=values: sp.csr_matrix(values[rows]), len(names)
        )
        for name, (values, genes) in matrices.items()
        if values is not None
    }
    return _given(adata.obs, names, cell_type, batch, found | _opened(files), held, counts)


def given_in(
    path: str,
    *,
    cell_type: str,
    batch: str | None,
    obsm: Sequence[str],
    files: Mapping[str, str] | None = None,
    counts: str = "auto",
) -> Given:
    """Return what an h5ad gives, of which only what is needed is read, by slices."""
    found = {name: open_embedding(path, obsm=name) for name in obsm}
    with opened(path, "h5ad") as file:
        table = AnnotationTable(file, "obs")
        obs, names = pd.DataFrame({name: table.column(name) for name in table.columns}), table.names()
        where = [*COUNTS, counts] if counts != NO_COUNTS else []
        present = [name for name in dict.fromkeys(where) if name != AUTO and find(file, name) is not None]
    sources = {name: H5adSource(path, counts=name) for name in present}
    held = {name: Matrix(name, of.gene_names, of.read, len(names)) for name, of in sources.items()}
    return _given(obs, names, cell_type, batch, found | _opened(files), held, counts)


def _opened(files: Mapping[str, str] | None) -> dict[str, Embedding]:
    return {name: open_embedding(path) for name, path in (files or {}).items()}


def _given(
    obs: pd.DataFrame,
    names: Sequence[str],
    cell_type: str,
    batch: str | None,
    embeddings: Mapping[str, Embedding],
    matrices: Mapping[str, Matrix],
    counts: str,
) -> Given:
    """Put together what is judged, and say what is left out."""
    require_unique(names, "cells")
    require_columns([cell_type, *([] if batch is None else [batch])], list(obs.columns), "obs", of_cells=False)
    if not embeddings:
        raise StudyError(advise("there is no embedding to judge", "name entries of `obsm`", "name files"))
    labels = as_text({name: obs[name] for name in {cell_type, batch} - {None}}, list(names))
    cells = pd.DataFrame({"cell_id": list(names), "row": np.arange(len(names))})
    cells["cell_type"] = labels[cell_type].to_numpy()
    cells["batch"] = ONE_BATCH if batch is None else labels[batch].to_numpy()
    matrix, notes = _counts_among(matrices, counts)
    if matrix is not None:
        cells["n_counts"], cells["n_genes"] = matrix.sums
        usable = cells["n_counts"] > 0
    else:
        usable = pd.Series(True, cells.index)
    kept = cells["cell_type"].notna() & cells["batch"].notna() & usable
    if not kept.all():
        notes.append(
            f"{int((~kept).sum())} of {len(cells)} cells have no label, no batch or no counts, and are left out."
        )
    numbers = [name for name in obs if pd.api.types.is_numeric_dtype(obs[name]) and obs[name].notna().all()]
    keys = {name: obs[name].to_numpy(float)[kept.to_numpy()] for name in numbers if name not in (cell_type, batch)}
    cells = cells[kept].reset_index(drop=True)
    if matrix is None:
        return Given(cells, embeddings, keys, notes=notes)
    return Given(cells, embeddings, keys, matrix.read, list(matrix.genes), notes)


def _counts_among(matrices: Mapping[str, Matrix], counts: str) -> tuple[Matrix | None, list[str]]:
    """Return the matrix of counts, if there is one, and what was decided."""
    without = "what needs counts is left out: expression, its neighbourhoods, depth"
    if counts == NO_COUNTS:
        return None, [f"No counts are used; {without}."]
    if counts != AUTO:
        require_columns([counts], list(matrices), "counts")
        if matrices[counts].sums is None:
            problem = f"counts: {counts} holds no counts: whole numbers, none below zero"
            raise StudyError(advise(problem, "name another matrix", "judge without counts (`none`)"))
        return matrices[counts], [f"Counts are those of {counts}."]
    for name in COUNTS:
        if name in matrices and matrices[name].sums is not None:
            return matrices[name], [
                f"Counts are those of {name}, the first of {listing(COUNTS)} that holds whole numbers."
            ]
    return None, [f"None of {listing(COUNTS)} holds counts; {without}."]


def _values(entry: object) -> np.ndarray | sp.spmatrix:
    return entry.to_numpy() if isinstance(entry, pd.DataFrame) else entry
