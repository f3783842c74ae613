"""One real cell, gene by gene: the table behind the drawing of the rank-value encoding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.core.identity import positions_of
from rankstudy.measures.tables import EXAMPLE_CELL, SPARSITY
from rankstudy.spaces.encodings.expression import log1p_cp10k
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.genes import selected_names


def example_type(sparsity_in: str) -> str:
    """Return the cell type with the most compared cells, of equal ones the first by name."""
    return (
        SPARSITY.read(sparsity_in)["cell_type"]
        .value_counts()
        .sort_index(kind="stable")
        .sort_values(ascending=False, kind="stable")
        .index[0]
    )


def describe_example(
    shards: list[str], genes_in: str, sparsity_in: str, *, dataset: str, seed: int, output: str
) -> None:
    """Write the table `example_cell`."""
    cell_type = example_type(sparsity_in)
    cells = SPARSITY.read(sparsity_in)
    cells = cells[cells["cell_type"] == cell_type].sort_values(["zeros_selected", "cell_id"])
    cell = cells["cell_id"].iloc[len(cells) // 2]
    shard = next(data for data in map(read_counts, shards) if cell in data.obs_names)
    names = selected_names(genes_in)
    row = shard[cell]
    counts = sp.csr_matrix(row.X)[:, positions_of(names, shard.var_names.tolist(), "genes of the example")]
    values = counts.toarray().ravel()
    shifted = fractional_ranks(counts).toarray().ravel()
    n_zeros = int((values == 0).sum())
    ranks = shifted + ((n_zeros + 1) / 2 if n_zeros else 0.0)
    _, group, repeats = np.unique(values, return_inverse=True, return_counts=True)
    frame = pd.DataFrame(
        {
            "dataset": dataset,
            "seed": seed,
            "cell_id": cell,
            "cell_type": cell_type,
            "gene": names,
            "count": values,
            "expression": log1p_cp10k(counts, row.obs["n_counts"].to_numpy()).toarray().ravel(),
            "rank": ranks,
            "n_tied": repeats[group],
        }
    )
    EXAMPLE_CELL.write(frame, output)
