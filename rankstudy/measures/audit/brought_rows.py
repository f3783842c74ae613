"""What an audit looks at: an embedding as it was brought, before anything is joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from rankstudy.core.draws import keys_of_cells

MOST_ROWS = 5000


@dataclass(frozen=True)
class Brought:
    """An embedding as it was brought.

    Attributes
    ----------
    ids
        (n,), every id of the file, in its order.
    rows
        (m,), increasing positions of the rows that are looked at (`rows_to_audit`).
    vectors
        (m, d), these rows.
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
    columns: Sequence[str]
    cells: pd.DataFrame
    wanted: np.ndarray
    keys: Mapping[str, np.ndarray]

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
