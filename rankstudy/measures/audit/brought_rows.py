"""What an audit looks at: an embedding as it was brought, before anything is joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from rankstudy.core.draws import keys_of_cells
from rankstudy.spaces.brought.files import Embedding

MOST_ROWS = 5000


@dataclass(frozen=True)
class Brought:
    """An embedding as it was brought.

    Attributes
    ----------
    ids
        (n,), every id of the file, in its order.
    rows
        (m,), increasing positions of the rows that are looked at closely (`rows_to_audit`).
    vectors
        (m, d), these rows.
    finite, doubled
        (n,), of every row of the file, whether all its values are numbers, and whether another row has the same ones.
    columns
        (d,), names of the columns.
    cells
        The cells of the data set, in any order: `cell_id`, `cell_type`, `batch`, and where they are known `n_counts`
        and `n_genes`.
    wanted
        Ids of the cells that are to be compared.
    keys
        Further numbers of each of `cells` by which rows may have been sorted.
    """

    ids: np.ndarray
    rows: np.ndarray
    vectors: np.ndarray
    finite: np.ndarray
    doubled: np.ndarray
    columns: Sequence[str]
    cells: pd.DataFrame
    wanted: np.ndarray
    keys: Mapping[str, np.ndarray]

    @classmethod
    def of(
        cls,
        embedding: Embedding,
        cells: pd.DataFrame,
        wanted: np.ndarray,
        *,
        ids: np.ndarray | None = None,
        keys: Mapping[str, np.ndarray] | None = None,
        seed: int,
    ) -> Brought:
        """Read an embedding once, from its first row to its last; `ids` are those of the cells if they differ."""
        ids = pd.Index(embedding.ids).to_numpy(object) if ids is None else ids
        rows, n = rows_to_audit(ids, wanted, seed), len(ids)
        vectors = np.empty((len(rows), len(embedding.columns)), np.float32)
        finite, hashes = np.ones(n, bool), np.zeros(n, np.uint64)
        for begin, block in embedding.blocks():
            values = np.ascontiguousarray(block, np.float32)
            finite[begin : begin + len(values)] = np.isfinite(values).all(axis=1)
            hashes[begin : begin + len(values)] = _hashed(values)
            first, last = np.searchsorted(rows, [begin, begin + len(values)])
            vectors[first:last] = values[rows[first:last] - begin]
        _, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        doubled = counts[inverse] > 1
        return cls(ids, rows, vectors, finite, doubled, embedding.columns, cells, wanted, keys or {})

    @cached_property
    def cell_of(self) -> np.ndarray:
        """(n,), which of `cells` each row of the file is of by its id; -1 for an id that is unknown."""
        return pd.Index(self.cells["cell_id"]).get_indexer(pd.Index(self.ids))

    def of_rows(self, column: str) -> np.ndarray:
        """Return (m,) a column of the cells that the rows are of; missing where the cell is unknown."""
        values = self.cells[column].to_numpy()
        return np.where(self.cell_of[self.rows] >= 0, values[self.cell_of[self.rows]], None)

    @cached_property
    def depths(self) -> dict[str, np.ndarray]:
        """(m,) totals and detected genes of the rows, as far as they are known."""
        known = [name for name in ("n_counts", "n_genes") if name in self.cells and self.cells[name].notna().any()]
        return {name: pd.to_numeric(pd.Series(self.of_rows(name))).to_numpy(float) for name in known}


def _hashed(values: np.ndarray) -> np.ndarray:
    """Return a number of each row of float32 values: equal rows have equal ones, others by a chance of 2 to the -64."""
    bits = (values + np.float32(0)).view(np.uint32).astype(np.uint64)
    odd = np.random.default_rng(0).integers(1 << 63, size=values.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(
        1
    )
    mixed = (bits + np.uint64(1)) * odd
    return (mixed ^ (mixed >> np.uint64(29))).sum(axis=1, dtype=np.uint64)


def rows_to_audit(ids: np.ndarray, wanted: np.ndarray, seed: int) -> np.ndarray:
    """Return the rows of a file that are looked at, increasing: drawn by seed and id, of the wanted cells first.

    Parameters
    ----------
    ids
        (n,), every id of the file.
    wanted
        Ids of the cells that are to be compared.
    seed
        Of the draw.
    """
    if len(ids) <= MOST_ROWS:
        return np.arange(len(ids))
    keys = keys_of_cells(seed, map(str, ids), "audit")
    order = np.lexsort((keys, ~pd.Index(ids).isin(wanted)))
    return np.sort(order[:MOST_ROWS])
