"""Neighbourhoods: of which types and batches a cell's most alike cells are, and how far two spaces agree on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from rankstudy.core.seeds import generator
from rankstudy.core.tables import OWN, Table
from rankstudy.measures.compared import BATCH_DRIVEN, N_CLASSES, Compared
from rankstudy.measures.neighbours.label_transfer import label_transfer
from rankstudy.measures.neighbours.tables import (
    BATCH_DRIVEN_NEIGHBOURS,
    COMPARED,
    LABEL_TRANSFER,
    NEIGHBOUR_CELLS,
    NEIGHBOUR_OVERLAP,
    NEIGHBOURHOODS,
)
from rankstudy.measures.replicates import write_tables
from rankstudy.measures.tables import CLASSES, ONE_BATCH
from rankstudy.measures.uncertainty.half_samples import Halves
from rankstudy.measures.uncertainty.units import units_of
from rankstudy.pairs.engine.result import BlockResult

COUNTS = [column.name for column in NEIGHBOUR_CELLS.columns[-N_CLASSES - 1 : -1]]


def summarise_neighbours(
    pairs_in: Mapping[int, str],
    cells_in: Mapping[int, str],
    *,
    dataset: str,
    sizes: Sequence[int],
    reference: str | None = None,
    unit: str,
    donors_in: str | None = None,
    level: float,
    seed: int,
    outputs: Mapping[str, str],
) -> None:
    """Turn the neighbours of each replicate into the tables of neighbourhoods, their overlap and label transfer.

    Parameters
    ----------
    pairs_in, cells_in
        For each seed, the merged pairs and the table `analysed_cells`.
    dataset
        Name of the data set.
    sizes
        The k to evaluate, each at most as many as the pairs keep.
    reference
        The space with whose neighbours those of each cell are compared one by one.
    unit, donors_in
        What the intervals of label transfer resample: `batches`, or `donors` and the table `cells`, which
        names them.
    level, seed
        Level of these intervals, and the seed of their half-samples.
    outputs
        Where each table goes, by its name, and `<name>_tsv` for its text form.
    """

    def make(result: BlockResult, cells: pd.DataFrame) -> dict[Table, pd.DataFrame]:
        compared = Compared.of(result, cells)
        counts = neighbour_cells(result, compared, sizes, reference)
        random = generator(seed, "half-samples", dataset)
        halves = Halves.of(compared, units_of(cells, donors_in), unit, random)
        return {
            NEIGHBOUR_CELLS: counts,
            NEIGHBOURHOODS: (shares := neighbourhoods(counts, compared)),
            BATCH_DRIVEN_NEIGHBOURS: batch_driven(shares, compared),
            NEIGHBOUR_OVERLAP: neighbour_overlap(result, compared, sizes),
            LABEL_TRANSFER: label_transfer(result, compared, sizes, halves, level),
        }

    write_tables(make, pairs_in, cells_in, dataset=dataset, outputs=outputs)


def neighbour_cells(
    result: BlockResult, compared: Compared, sizes: Sequence[int], reference: str | None = None
) -> pd.DataFrame:
    """Return how many of each cell's k neighbours are of each class, in each space, for each k; see the table."""
    result.require_neighbours(sizes)
    names = [space["name"] for space in result.about["spaces"]]
    others = None if reference is None else result.neighbours[names.index(reference)]
    frames = []
    for s, name in enumerate(names):
        numbers = result.neighbours[s]
        for k in sizes:
            counts = pd.DataFrame(count_classes(numbers[:, :k], compared), columns=COUNTS)
            same = np.nan if others is None else jaccard(numbers[:, :k], others[:, :k])
            frames.append(counts.assign(cell_id=compared.ids, space=name, k=k, jaccard=same))
    return pd.concat(frames, ignore_index=True)


def count_classes(numbers: np.ndarray, compared: Compared) -> np.ndarray:
    """Return (cells, N_CLASSES): neighbours of each class, from their numbers (cells, k); -1 is none."""
    cell, place = np.nonzero(numbers >= 0)
    classes = compared.class_of(cell, numbers[cell, place])
    return np.bincount(cell * N_CLASSES + classes, minlength=len(compared) * N_CLASSES).reshape(-1, N_CLASSES)


def neighbourhoods(counts: pd.DataFrame, compared: Compared) -> pd.DataFrame:
    """Return the mean shares of each class, over all cells and over each type's, from the table of the cells."""
    expected = compared.expected()
    rows = []
    for (space, k), group in counts.groupby(["space", "k"], sort=False):
        numbers = group[COUNTS].to_numpy()
        shares = numbers / np.maximum(numbers.sum(axis=1, keepdims=True), 1)
        for label, cells in compared.scopes():
            mean, by_chance = shares[cells].mean(axis=0), expected[cells].mean(axis=0)
            keys = {"space": space, "k": k, "cell_type": label, "n_cells": cells.stop - cells.start}
            for number in compared.classes:
                relation, batches = CLASSES[number]
                values = {"share": mean[number], "expected": by_chance[number]}
                rows.append({**keys, "relation": relation, "batches": batches, **values})
    return pd.DataFrame(rows)


def batch_driven(shares: pd.DataFrame, compared: Compared) -> pd.DataFrame:
    """Return the shares of the batch-driven neighbours, and of all other types, from those of all classes.

    Where all cells are of one batch, it says that instead of a share of batch-driven ones.
    """
    driven = {CLASSES[number] for number in BATCH_DRIVEN}
    others = shares[shares["relation"] != OWN]
    is_driven = [kind in driven for kind in zip(others["relation"], others["batches"], strict=True)]
    parts = others.assign(
        other_types=others["share"],
        expected_other_types=others["expected"],
        **{column: others[column].where(is_driven, 0.0) for column in ("share", "expected")},
    )
    keys, numbers = ["space", "k", "cell_type", "n_cells"], ["share", "expected", "other_types", "expected_other_types"]
    found = parts.groupby(keys, sort=False, dropna=False, as_index=False)[numbers].sum()
    if compared.n_batches == 1:
        return found.assign(share=np.nan, expected=np.nan, reason=ONE_BATCH)
    return found.assign(reason=COMPARED)


def neighbour_overlap(result: BlockResult, compared: Compared, sizes: Sequence[int]) -> pd.DataFrame:
    """Return mean and quartiles of the cells' Jaccard index of two spaces, over all cells and over each type's."""
    result.require_neighbours(sizes)
    names = [space["name"] for space in result.about["spaces"]]
    neighbours = [result.neighbours[s] for s in range(len(names))]
    frames = [NEIGHBOUR_OVERLAP.empty().drop(columns=["dataset", "seed"])]
    for k in sizes:
        expected = jaccard_by_chance(len(compared) - 1, k)
        for a, b in combinations(range(len(names)), 2):
            of_cell = jaccard(neighbours[a][:, :k], neighbours[b][:, :k])
            rows = [
                {"cell_type": label, "jaccard": of_cell[cells].mean(), "n_cells": cells.stop - cells.start}
                | dict(zip(("q25", "median", "q75"), np.quantile(of_cell[cells], (0.25, 0.5, 0.75)), strict=True))
                for label, cells in compared.scopes()
            ]
            keys = {"space_a": names[a], "space_b": names[b], "k": k, "expected": expected}
            frames.append(pd.DataFrame(rows).assign(**keys))
    return pd.concat(frames[1:] or frames, ignore_index=True)


def jaccard(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return (cells,): the Jaccard index of two neighbourhoods of each cell (cells, k); places of -1 are empty."""
    # a cell stands once in a neighbourhood: in both together, one that both have stands beside itself once sorted
    both = np.sort(np.concatenate([a, b], axis=1), axis=1)
    shared = ((both[:, 1:] == both[:, :-1]) & (both[:, 1:] >= 0)).sum(axis=1)
    either = (both >= 0).sum(axis=1) - shared
    return np.divide(shared, either, out=np.zeros(len(both)), where=either > 0)


def jaccard_by_chance(n: int, k: int) -> float:
    """Return the mean Jaccard index of two random sets of k out of n: their intersection is hypergeometric."""
    from scipy.stats import hypergeom  # half a second that a job which only draws this table need not wait

    k = min(k, n)
    if k == 0:
        return 0.0
    shared = np.arange(max(0, 2 * k - n), k + 1)
    return float(hypergeom.pmf(shared, n, k, k) @ (shared / (2 * k - shared)))
