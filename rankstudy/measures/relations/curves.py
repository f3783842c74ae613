"""Relations at a cutoff: of the cells at least so much like a cell, how many are of its type, and of its batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from rankstudy.core.tables import RELATIONS, Table
from rankstudy.measures.compared import Compared
from rankstudy.measures.relations.counts import CountedRelations
from rankstudy.measures.relations.errors import Errors, relation_errors
from rankstudy.measures.relations.points import operating_points
from rankstudy.measures.relations.tables import ANY_BATCH, OPERATING_POINTS, RELATIONS_AT_CUTOFFS
from rankstudy.measures.replicates import write_tables
from rankstudy.measures.tables import CLASSES
from rankstudy.measures.uncertainty.spread import interval_of_share
from rankstudy.measures.uncertainty.units import units_of
from rankstudy.pairs.engine.result import BlockResult


def summarise_relations(
    pairs_in: Mapping[int, str],
    cells_in: Mapping[int, str],
    *,
    dataset: str,
    unit: str,
    donors_in: str | None = None,
    level: float,
    outputs: Mapping[str, str],
) -> None:
    """Turn the counts of each replicate into the tables `relations` and `operating_points`.

    Parameters
    ----------
    pairs_in, cells_in
        For each seed, the merged pairs and the table `analysed_cells`.
    dataset
        Name of the data set.
    unit, donors_in
        What intervals take as resampled: `batches`, or `donors` and the table `cells`, which names them.
    level
        Level of the intervals.
    outputs
        Where each table goes, by its name, and `<name>_tsv` for its text form.
    """

    def make(result: BlockResult, cells: pd.DataFrame) -> dict[Table, pd.DataFrame]:
        compared, units = Compared.of(result, cells), units_of(cells, donors_in)
        curves, points = [], []
        for s in range(len(result.about["spaces"])):
            counted = CountedRelations.of(result, s, compared)
            errors = relation_errors(counted, compared, units, unit)
            curves.append(relation_curves(counted, compared, errors, level))
            points.append(operating_points(counted, compared, errors, level))
        return {RELATIONS_AT_CUTOFFS: pd.concat(curves), OPERATING_POINTS: pd.concat(points)}

    write_tables(make, pairs_in, cells_in, dataset=dataset, outputs=outputs)


def relation_curves(counted: CountedRelations, compared: Compared, errors: list[Errors], level: float) -> pd.DataFrame:
    """Return the shares of each class at each cutoff, pooled with intervals and as means over the cells.

    See the table.
    """
    expected = compared.expected()
    frames = []
    for scope, (label, rows) in enumerate(compared.scopes()):
        having, n_cells = counted.having[scope], rows.stop - rows.start
        every = counted.relations[scope].sum(axis=0)
        by_chance = expected[rows].mean(axis=0)
        for relation, batches, classes, error in _kinds(compared, errors[scope]):
            n = counted.relations[scope, classes].sum(axis=0)
            share = _divided(n, every)
            low, high = interval_of_share(share, error, errors[scope].resampled.freedom, level)
            columns = {
                "cell_type": label,
                "cutoff": counted.cutoffs,
                "relation": relation,
                "batches": batches,
                "share": share,
                "low": low,
                "high": high,
                "level": level,
                "levels": errors[scope].resampled.level,
                "share_of_cells": _divided(counted.shares[scope, classes].sum(axis=0), having),
                "n_relations": n,
                "expected": by_chance[classes].sum(),
                "n_cells": n_cells,
                "n_without": n_cells - having,
            }
            frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True).assign(space=counted.space)


def _kinds(compared: Compared, errors: Errors) -> Iterator[tuple[str, str, list[int], np.ndarray]]:
    """Yield relation and batches of the rows of a scope, the classes that they add up, and their standard errors."""
    for place, number in enumerate(compared.classes):
        yield *CLASSES[number], [number], errors.shares[place]
    for place, first in enumerate(compared.classes[::2]):
        yield RELATIONS[first // 2], ANY_BATCH, [first, first + 1], errors.together[place]


def _divided(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    return np.divide(values, by, out=np.full(values.shape, np.nan), where=by > 0)
