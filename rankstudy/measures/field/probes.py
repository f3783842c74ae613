"""What the metrics of spaces share: how a value that does not exist is said, sampled cells, and their neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.seeds import generator
from rankstudy.measures.field.tables import MOST_CELLS
from rankstudy.pairs.engine import compare
from rankstudy.pairs.engine.result import BlockResult
from rankstudy.pairs.likeness.vectors import points
from rankstudy.pairs.space import SpaceData

# a value and MEASURED, or None and why there is no value
Value = tuple[float | None, str]


def probed_cells(n: int, seed: int) -> np.ndarray:
    """Return at most MOST_CELLS of n cells, sampled evenly, in order: the same for every probe of a replicate."""
    if n <= MOST_CELLS:
        return np.arange(n)
    return np.sort(generator(seed, "probes").choice(n, MOST_CELLS, replace=False))


def sampled(space: SpaceData, cells: np.ndarray) -> SpaceData:
    """Return a space with some of its cells."""
    return SpaceData(space.name, space.metric, space.vectors[cells], space.cells.iloc[cells].reset_index(drop=True))


def as_points(space: SpaceData) -> np.ndarray:
    """Return the vectors for Euclidean distances: unit vectors where the metric is a similarity."""
    return points(space.vectors, space.metric, names=space.cells["cell_id"].to_numpy())


def neighbours_of(result: BlockResult, s: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each cell and its neighbours, nearest first, as numbers and as distances: (cells, k + 1) each."""
    numbers, scores = np.asarray(result.neighbours[s]), np.asarray(result.neighbour_scores[s], np.float64)
    found = int((numbers >= 0).all(axis=0).sum())  # of few cells there are fewer neighbours
    if not found:
        raise StudyError(advise("the pairs hold no neighbours", "compare them with `neighbours`, such as 89"))
    similarity = result.about["spaces"][s]["metric"] != "euclidean"
    distances = np.sqrt(2 - 2 * np.clip(scores[:, :found], -1, 1)) if similarity else -scores[:, :found]
    itself = np.arange(len(numbers))[:, None]
    return np.hstack([itself, numbers[:, :found]]), np.hstack([np.zeros(itself.shape), distances])


def neighbours_within(
    space: SpaceData, cells: np.ndarray, numbers: np.ndarray, distances: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return some cells and their neighbours among themselves, as `neighbours_of` does, at most k with the cell itself.

    Those of all cells are there already; within a sample they are found anew, by the exact engine.
    """
    if len(cells) < len(numbers):
        numbers, distances = neighbours_of(compare([sampled(space, cells)], neighbours=k - 1), 0)
    return numbers[:, :k], distances[:, :k]


def by_seed(seeds: Sequence[int], files: Sequence[str]) -> dict[int, list[str]]:
    """Return the files of each seed from those of all seeds in turn, equally many each."""
    each, left = divmod(len(files), len(seeds))
    if left:
        raise ValueError(f"{len(files)} files for {len(seeds)} seeds")
    return {seed: list(files[i * each : (i + 1) * each]) for i, seed in enumerate(seeds)}
