"""Pairs of cells by type and batch: whether a type holds together across batches, or a batch across types."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from rankstudy.measures.compared import read_compared
from rankstudy.measures.tables import BATCH_PAIRS, MOST_GROUPS
from rankstudy.pairs.engine import SpaceData, Vectors, measure
from rankstudy.pairs.space_files import read_space

log = logging.getLogger(__name__)


def compare_batches(
    spaces_in: Mapping[int, Sequence[str]], cells_in: Mapping[int, str], *, dataset: str, output: str, tsv: str
) -> None:
    """Write the table `batch_pairs`.

    For `li_two_batches` (all 293 cells of two lines, all 55,186 genes) the means of the space `rank` are 0.421 for
    GM12878 within B1, 0.745 within B2, 0.499 across, and 0.688 between GM12878 and H1 within B2: different lines of one
    batch are more alike than one line across batches.

    Parameters
    ----------
    spaces_in
        For each seed, the files of its spaces.
    cells_in
        For each seed, the table `analysed_cells`.
    dataset
        Name of the data set.
    output, tsv
        Where the table goes.
    """
    frames = []
    for seed, paths in spaces_in.items():
        if not _worth_comparing(read_compared(cells_in[seed])):
            continue
        for path in paths:
            frames.append(batch_pairs(read_space(path)).assign(dataset=dataset, seed=seed))
    together = pd.concat(frames, ignore_index=True) if frames else BATCH_PAIRS.empty()
    BATCH_PAIRS.write(together[BATCH_PAIRS.names], output, tsv)


def _worth_comparing(cells: pd.DataFrame) -> bool:
    """Tell whether there are batches to set against each other, and few enough groups for a table; say so if not."""
    n_batches, n_groups = cells["batch"].nunique(), len(cells[["cell_type", "batch"]].drop_duplicates())
    if n_batches > 1 and n_groups <= MOST_GROUPS:
        return True
    log.info("%d batches, %d groups of a type and a batch: they are not compared", n_batches, n_groups)
    return False


def batch_pairs(space: SpaceData) -> pd.DataFrame:
    """Return the rows of a space, without data set and seed.

    Memory is that of the space as a dense array, and of the pairs of two groups.
    """
    groups = {
        key: rows.to_numpy() for key, rows in space.cells.groupby(["cell_type", "batch"], sort=True).groups.items()
    }
    rows = [(*a, *b, len(values), values.mean(), np.median(values)) for a, b, values in _pairs_of(space, groups)]
    columns = ["type_a", "batch_a", "type_b", "batch_b", "n", "mean", "median"]
    return pd.DataFrame(rows, columns=columns).assign(space=space.name)


def _pairs_of(
    space: SpaceData, groups: Mapping[tuple[str, str], np.ndarray]
) -> Iterator[tuple[tuple[str, str], tuple[str, str], np.ndarray]]:
    """Yield two groups, or one twice, and the measure of each pair of their cells (float64).

    A single cell has no pair.
    """
    vectors = {
        key: Vectors.of(space.vectors[rows], space.metric, centred=space.centred, mean_cell=space.mean_cell)
        for key, rows in groups.items()
    }
    for a, b in combinations_with_replacement(groups, 2):
        values = measure(vectors[a], vectors[b]).astype(np.float64)
        values = values[np.triu_indices(len(values), 1)] if a == b else values.ravel()
        if len(values):
            yield a, b, values
