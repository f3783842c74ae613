"""Sparsity and ties: how much of a cell has no order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.core.identity import positions_of
from rankstudy.measures.tables import SPARSITY, SPARSITY_BY_TYPE
from rankstudy.spaces.genes import selected_names
from rankstudy.spaces.tables import ANALYSED_CELLS


def measure_sparsity(
    shards: Sequence[str], genes_in: str, cells_in: str, *, dataset: str, seed: int, output: str
) -> None:
    """Write the table `sparsity` for the compared cells of a replicate."""
    names = selected_names(genes_in)
    analysed = ANALYSED_CELLS.read(cells_in)
    used = set(analysed.loc[analysed["used"], "cell_id"])
    frames = []
    for path in shards:
        shard = read_counts(path)
        shard = shard[[cell in used for cell in shard.obs_names]]
        counts = sp.csr_matrix(shard.X)
        selected = counts[:, positions_of(names, shard.var_names.tolist(), f"{path}: genes")]
        tied_selected, tied_detected = tied_shares(selected)
        frames.append(
            pd.DataFrame(
                {
                    "dataset": dataset,
                    "seed": seed,
                    "cell_id": shard.obs_names.astype(str),
                    "cell_type": shard.obs["cell_type"].astype(str).to_numpy(),
                    "n_counts": shard.obs["n_counts"].to_numpy(float),
                    "zeros_all": zero_shares(counts),
                    "zeros_selected": zero_shares(selected),
                    "tied_selected": tied_selected,
                    "tied_detected": tied_detected,
                }
            )
        )
    SPARSITY.write(pd.concat(frames, ignore_index=True), output)


def zero_shares(counts: sp.csr_matrix) -> np.ndarray:
    """Return the share of zeros of each row."""
    return 1.0 - np.asarray((counts > 0).sum(axis=1)).ravel() / counts.shape[1]


def tied_shares(counts: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each row, the share of columns that are tied with another: of all, and of those above zero.

    A row without a value above zero has the share 0 among them.
    """
    of_all, of_detected = np.zeros(counts.shape[0]), np.zeros(counts.shape[0])
    for i in range(counts.shape[0]):
        values = counts.data[counts.indptr[i] : counts.indptr[i + 1]]
        values = values[values > 0]
        repeats = np.unique(values, return_counts=True)[1]
        tied = repeats[repeats > 1].sum()
        zeros = counts.shape[1] - len(values)
        of_all[i] = (tied + (zeros if zeros > 1 else 0)) / counts.shape[1]
        of_detected[i] = tied / len(values) if len(values) else 0.0
    return of_all, of_detected


def by_type(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the medians of the table `sparsity` per type and over all cells."""
    measures = [c.name for c in SPARSITY.columns[4:]]
    keys = ["dataset", "seed"]
    every = cells.assign(cell_type=None)
    frames = []
    for frame in (every, cells):
        grouped = frame.groupby([*keys, "cell_type"], dropna=False, sort=True)
        frames.append(grouped[measures].median().assign(n_cells=grouped.size()).reset_index())
    return pd.concat(frames, ignore_index=True)[SPARSITY_BY_TYPE.names]
