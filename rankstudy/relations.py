"""Relations at a cutoff: of the cells that are at least so much like a cell, how many are of its type, and of its batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rankstudy.compared import CLASSES, N_CLASSES, Compared
from rankstudy.pairs.grids import bin_edges
from rankstudy.pairs.result import OWN, BlockResult
from rankstudy.replicates import write_tables
from rankstudy.tables import DATASET, SEED, SPACE, Column, Table

TARGETS = (0.5, 0.9, 0.95)
_UNIT = "the space's measure"
SCOPE = Column("cell_type", "text", "cell type of the cells; empty for all cells together", optional=True)
RELATION = Column(
    "relation", "text", "`own`: the cell's own type; `similar`, `other`, `unknown`: what table type_relations says"
)
BATCHES = Column("batches", "text", "`same`: of the cell's own batch; `other`: of another one")

RELATIONS_AT_CUTOFFS = Table(
    "relations",
    "The relations of a cell are all cells that are at least as much like it as a cutoff: which shares of them are of its own, a "
    "similar or another type, and of its own or another batch. Relations that no two types have are left out.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        Column(
            "cutoff",
            "number",
            "least likeness of a relation: at or above it for a similarity, below it for a distance",
            _UNIT,
        ),
        RELATION,
        BATCHES,
        Column(
            "share",
            "number",
            "share of this class among a cell's relations, mean over the cells that have any (each cell weighs the same); empty "
            "where no cell has",
            optional=True,
        ),
        Column(
            "n_relations", "integer", "relations of this class, summed over the cells", "pairs, seen from each cell"
        ),
        Column(
            "expected", "number", "the share if labels were random: that among all other cells, mean over the cells"
        ),
        Column("n_cells", "integer", "cells", "cells"),
        Column("n_without", "integer", "cells that have no relation left", "cells"),
    ),
    ("dataset", "seed", "space", "cell_type", "cutoff", "relation", "batches"),
    location="results/<dataset>/tables/relations.parquet",
)

REACHED, NEVER, NO_PAIR = "reached", "never reached", "no pair of cells of one type"

OPERATING_POINTS = Table(
    "operating_points",
    "The least strict cutoff at which so large a share of all relations (pooled over the cells: each relation weighs the same) "
    "is of the cell's own type.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        Column("target", "number", "precision to reach"),
        Column("cutoff", "number", "the cutoff, to the distance of two of them", _UNIT, optional=True),
        Column("precision", "number", "share of own type among the relations there", optional=True),
        Column("recall", "number", "share of all pairs of one type that are relations there", optional=True),
        Column("n_relations", "integer", "relations there", "pairs, seen from each cell", optional=True),
        Column("highest_precision", "number", "highest precision at any cutoff"),
        Column("reason", "text", f"`{REACHED}`, `{NEVER}` or `{NO_PAIR}`"),
    ),
    ("dataset", "seed", "space", "cell_type", "target"),
    location="results/<dataset>/tables/operating_points.parquet, .tsv",
)


def summarise_relations(
    pairs_in: Mapping[int, str], cells_in: Mapping[int, str], *, dataset: str, outputs: Mapping[str, str]
) -> None:
    """Turn the counts of each replicate into the tables `relations` and `operating_points`.

    Parameters
    ----------
    pairs_in, cells_in
        For each seed, the merged pairs and the table `analysed_cells`.
    dataset
        Name of the data set.
    outputs
        Where each table goes, by its name, and `<name>_tsv` for its text form.
    """

    def make(result: BlockResult, cells: pd.DataFrame) -> dict[Table, pd.DataFrame]:
        compared = Compared.of(result, cells)
        counted = [CountedRelations.of(result, s, compared) for s in range(len(result.about["spaces"]))]
        return {
            RELATIONS_AT_CUTOFFS: pd.concat([relation_curves(space, compared) for space in counted]),
            OPERATING_POINTS: pd.concat([operating_points(space, compared) for space in counted]),
        }

    write_tables(make, pairs_in, cells_in, dataset=dataset, outputs=outputs)


class CountedRelations:
    """Relations of one space at each of C cutoffs, the least strict first, summed over the cells of each scope.

    Scopes are those of `Compared.scopes`: all cells, then each type.

    Attributes
    ----------
    space
        Name of the space.
    cutoffs
        (C,), their values.
    shares
        (scopes, N_CLASSES, C), sums of the cells' shares.
    relations
        (scopes, N_CLASSES, C), numbers of relations.
    having
        (scopes, C), cells that have a relation.
    """

    def __init__(self, space: str, cutoffs: np.ndarray, shares: np.ndarray, relations: np.ndarray, having: np.ndarray):
        self.space, self.cutoffs = space, cutoffs
        # types part the cells: the scope of all cells is their sum
        self.shares, self.relations, self.having = (
            np.concatenate([array.sum(axis=0, keepdims=True), array]) for array in (shares, relations, having)
        )

    @classmethod
    def of(cls, result: BlockResult, s: int, compared: Compared) -> CountedRelations:
        """Sum the counts of a space over the cells of each type, one type at a time: memory does not grow with all cells."""
        space, n_bins = result.about["spaces"][s], result.about["cutoffs"]
        similarity = space["metric"] != "euclidean"
        shape = (len(compared.labels), N_CLASSES, n_bins)
        shares, relations = np.zeros(shape), np.zeros(shape, np.int64)
        having = np.zeros((shape[0], n_bins), np.int64)
        for t, (begin, end) in enumerate(zip(compared.offsets, compared.offsets[1:], strict=False)):
            counts = at_least_as_alike(result.cutoffs[s, begin:end], similarity)
            n = counts.sum(axis=1, keepdims=True)
            shares[t] = np.divide(counts, n, out=np.zeros(counts.shape), where=n > 0).sum(axis=0)
            relations[t] = counts.sum(axis=0)
            having[t] = (n[:, 0] > 0).sum(axis=0)
        return cls(space["name"], cutoffs_of(space["range"], n_bins, similarity), shares, relations, having)


def cutoffs_of(limits: Sequence[float], n_bins: int, similarity: bool) -> np.ndarray:
    """Return the cutoffs that bins of a range make, the least strict first."""
    edges = bin_edges(*limits, n_bins)
    return edges[:-1] if similarity else edges[:0:-1]


def at_least_as_alike(counts: np.ndarray, similarity: bool) -> np.ndarray:
    """Return, from counts in bins (last axis), those at least as alike as each of `cutoffs_of`."""
    return np.cumsum(counts[..., ::-1] if similarity else counts, axis=-1, dtype=np.int64)[..., ::-1]


def relation_curves(counted: CountedRelations, compared: Compared) -> pd.DataFrame:
    """Return the shares of each class at each cutoff: means over the cells, and pooled numbers; see the table."""
    expected = compared.expected()
    frames = []
    for scope, (label, rows) in enumerate(compared.scopes()):
        having, n_cells = counted.having[scope], rows.stop - rows.start
        for number in compared.classes:
            relation, batches = CLASSES[number]
            shares = counted.shares[scope, number]
            columns = {
                "cell_type": label,
                "cutoff": counted.cutoffs,
                "relation": relation,
                "batches": batches,
                "share": np.divide(shares, having, out=np.full(shares.shape, np.nan), where=having > 0),
                "n_relations": counted.relations[scope, number],
                "expected": expected[rows, number].mean(),
                "n_cells": n_cells,
                "n_without": n_cells - having,
            }
            frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True).assign(space=counted.space)


def operating_points(counted: CountedRelations, compared: Compared) -> pd.DataFrame:
    """Return where the precision of the own type reaches each of TARGETS, and the recall there; see the table."""
    rows = []
    for scope, (label, _) in enumerate(compared.scopes()):
        own = counted.relations[scope, 2 * OWN : 2 * OWN + 2].sum(axis=0)
        every = counted.relations[scope].sum(axis=0)
        for target in TARGETS:
            rows.append({"cell_type": label, "target": target, **_operating_point(own, every, target, counted.cutoffs)})
    whole = pd.DataFrame(rows).astype({"n_relations": "Int64"})
    return whole.assign(space=counted.space)


def _operating_point(own: np.ndarray, every: np.ndarray, target: float, cutoffs: np.ndarray) -> dict[str, object]:
    """Return the first cutoff whose relations are precise enough, from own and all relations at each, least strict first."""
    precision = np.divide(own, every, out=np.zeros(len(own)), where=every > 0)
    found = {"cutoff": np.nan, "precision": np.nan, "recall": np.nan, "n_relations": np.nan}
    enough = np.flatnonzero(precision >= target)
    if len(enough):
        at = enough[0]
        found = {"cutoff": cutoffs[at], "precision": precision[at], "recall": own[at] / own[0]}
        found["n_relations"] = int(every[at])
    reason = REACHED if len(enough) else NEVER if own[0] else NO_PAIR
    return {**found, "highest_precision": precision.max(), "reason": reason}
