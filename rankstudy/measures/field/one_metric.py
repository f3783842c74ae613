"""A metric that one function computes, of a plug-in or of this package: for each space and seed of a data set.

The function gets the same at most MOST_CELLS cells that the probes of geometry see, so that what it takes does not grow
with the data set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from numbers import Real

import numpy as np
import pandas as pd

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.modules import resolve
from rankstudy.core.progress import Progress
from rankstudy.measures.field.probes import Value, as_points, neighbours_of, probed_cells, sampled
from rankstudy.measures.field.tables import MEASURED, METRIC_VALUES
from rankstudy.pairs.engine import compare
from rankstudy.pairs.space import SpaceData
from rankstudy.pairs.space_files import read_space


class SampledSpace:
    """Some cells of a space, evenly sampled, as the function of a metric gets them.

    Attributes
    ----------
    name
        Name of the space.
    seed
        Seed of the replicate, for whatever is random.
    """

    def __init__(self, space: SpaceData, seed: int) -> None:
        self.name, self.seed = space.name, seed
        self._space = sampled(space, probed_cells(len(space.cells), seed))

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self._space.cells)

    @cached_property
    def points(self) -> np.ndarray:
        """Cells x dimensions, for Euclidean distances: unit vectors where the space has a similarity."""
        return as_points(self._space)

    @cached_property
    def types(self) -> np.ndarray:
        """(cells,), numbers of their types, from 0."""
        return pd.factorize(self._space.cells["slug"], sort=True)[0]

    @cached_property
    def batches(self) -> np.ndarray:
        """(cells,), numbers of their batches, from 0."""
        return pd.factorize(self._space.cells["batch"], sort=True)[0]

    def nearest(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of each cell's k nearest others, nearest first, and their distances: (cells, k) each.

        They are exact; of few cells there are fewer.
        """
        numbers, distances = neighbours_of(compare([self._space], neighbours=k), 0)
        return numbers[:, 1:], distances[:, 1:]


def measure_metric(
    metric: str,
    function: str,
    spaces_in: Mapping[int, Sequence[str]],
    *,
    sizes: Iterable[int],
    larger: str,
    dataset: str,
    output: str,
) -> None:
    """Compute a metric of every space of each replicate, and write its rows of the table `metrics`.

    Parameters
    ----------
    metric
        Name of the metric.
    function
        What computes it, as `module:name` or `file:name`.
    spaces_in
        For each seed, the files of the spaces.
    sizes
        Sizes of the neighbourhoods; without, the function is not given any.
    larger
        What a larger value means, as the table has it.
    dataset
        Name of the data set.
    output
        Where the table goes.

    Raises
    ------
    StudyError
        If the function returns neither a finite number nor a text.
    """
    compute = resolve(function)
    rows = []
    for seed, paths in spaces_in.items():
        for path in Progress(paths, total=len(paths), unit="spaces"):
            space = SampledSpace(read_space(path), seed)
            about = {"seed": seed, "space": space.name, "n_cells": len(space)}
            for k, given in _arguments(sizes):
                value, reason = _checked(compute(space, **given), f"{function}: space {space.name}")
                rows.append({**about, "k": k, "value": value, "reason": reason})
    frame = pd.DataFrame(rows).assign(dataset=dataset, metric=metric, direction=larger).astype({"value": float})
    METRIC_VALUES.write(frame[METRIC_VALUES.names], output)


def _arguments(sizes: Iterable[int]) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield k as the table has it, and as the function gets it."""
    yield from ((k, {"k": k}) for k in sizes) if sizes else [(0, {})]


def _checked(found: object, where: str) -> Value:
    """Return what a function has found; a text says why there is no value."""
    if isinstance(found, str):
        return None, found
    if not isinstance(found, Real) or not np.isfinite(found):
        what = found if isinstance(found, Real) else f"of the type {type(found).__name__}"
        problem = f"{where}: the metric is {what}"
        raise StudyError(advise(problem, "return a finite number", "return a text that says why there is none"))
    return float(found), MEASURED


def collect_metrics(tables_in: Iterable[str], output: str, tsv: str) -> None:
    """Put the rows of all metrics together in the table `metrics`."""
    METRIC_VALUES.write(METRIC_VALUES.read_all(tables_in), output, tsv)
