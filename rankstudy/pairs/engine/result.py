"""What is left of all pairs of a block: arrays that add up, none of which grows with the square of the cells."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

import h5py
import numpy as np

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import atomic
from rankstudy.pairs.engine.kernels import merge_best

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
WITHIN, BETWEEN = 0, 1
OTHER_BATCH, SAME_BATCH = 0, 1
# places in rankstudy.cells.tables.RELATIONS
OWN, SIMILAR, OTHER, UNKNOWN = 0, 1, 2, 3
# reductions that grow with the cells, and are left in the file until they are asked for
_PER_CELL = ("neighbours", "neighbour_scores", "across", "across_scores", "cutoffs")
_CELLS_PER_CHUNK = 1024


@dataclass(frozen=True)
class BlockResult:
    """Reductions over the pairs of a block, or of several blocks merged.

    S spaces, T cell types and M cells of the block, P pairs of types, J joint distributions. Types and cells are
    numbered as in the spaces. Scores are similarities, or distances with the sign turned: larger is more alike.

    Attributes
    ----------
    run
        What the blocks of one run share (JSON text): spaces, ranges, types, digest of the cells, grids.
    type_pairs
        (P, 2), numbers of the two types, the smaller first; both the same for pairs within a type.
    n
        (P,), number of pairs of cells.
    quantiles
        (S, P, len(QUANTILES)), exact, interpolated linearly between neighbouring values.
    histograms
        (S, P, 2, bins), pairs of other and of the same batch, on equal bins of the space's range.
    types
        (T,), numbers of the block's types, rising.
    distributions
        (S, T, 2, BINS), pairs within a type and pairs of one of its cells with one of another type.
    joint
        (J, 2, 2, columns, rows), pairs within and between types on the two lattices of a HexGrid.
    cells
        (M,), numbers of the block's cells, rising.
    extremes, partners
        (S, 2, M), per cell: its least alike cell of its own type and its most alike cell of another, as values (NaN if
        there is none) and as numbers (-1).
    neighbours, neighbour_scores
        (S, M, k), per cell: the k most alike cells, best first, of equal ones the lower number first; -1 where the
        block has fewer.
    across, across_scores
        The same among the cells of other batches.
    cutoffs
        (S, M, 8, bins), per cell: pairs by relation and unit, which is the batch unless others were given (2 * relation
        + same unit; relations OWN, SIMILAR, OTHER, UNKNOWN), on equal bins of the space's range.
    """

    run: str
    type_pairs: np.ndarray
    n: np.ndarray
    quantiles: np.ndarray
    histograms: np.ndarray
    types: np.ndarray
    distributions: np.ndarray
    joint: np.ndarray
    cells: np.ndarray
    extremes: np.ndarray
    partners: np.ndarray
    neighbours: np.ndarray
    neighbour_scores: np.ndarray
    across: np.ndarray
    across_scores: np.ndarray
    cutoffs: np.ndarray

    def save(self, path: str | os.PathLike) -> None:
        """Write the result as HDF5, atomically."""
        with atomic(path) as temporary, h5py.File(temporary, "w") as file:
            file.attrs["run"] = self.run
            for name in _arrays():
                value = getattr(self, name)
                packed = {"compression": "gzip", "compression_opts": 1, "shuffle": True} if value.size else {}
                if value.size and name in _PER_CELL:
                    packed["chunks"] = (1, min(value.shape[1], _CELLS_PER_CHUNK), *value.shape[2:])
                file.create_dataset(name, data=value, **packed)

    @classmethod
    def load(cls, path: str | os.PathLike) -> BlockResult:
        """Read a result that `save` wrote."""
        with h5py.File(path, "r") as file:
            return cls(run=file.attrs["run"], **{name: file[name][()] for name in _arrays()})

    @classmethod
    @contextmanager
    def opened(cls, path: str | os.PathLike) -> Iterator[BlockResult]:
        """Yield a result that `save` wrote; its large arrays stay in the file until `result.cutoffs[s]` reads them."""
        with h5py.File(path, "r") as file:
            arrays = {name: file[name] if name in _PER_CELL else file[name][()] for name in _arrays()}
            yield cls(run=file.attrs["run"], **arrays)

    @property
    def about(self) -> dict:
        """The content of `run`."""
        return json.loads(self.run)

    def require_neighbours(self, sizes: Sequence[int], of: str = "neighbours") -> None:
        """Raise StudyError unless so many are kept per cell; `of` is `neighbours`, or `across` for other batches."""
        kept, largest = getattr(self, of).shape[2], max(sizes, default=0)
        if largest > kept:
            what = "neighbours" if of == "neighbours" else "neighbours of other batches"
            problem = f"the pairs hold {kept} {what} per cell, not {largest}"
            raise StudyError(advise(problem, f"compare them with `{of}={largest}`"))

    def require_cutoffs(self) -> None:
        """Raise StudyError unless the pairs of each cell are counted by cutoff."""
        if not self.cutoffs.shape[3]:
            raise StudyError(advise("the pairs hold no counts per cell", "compare them with `cutoffs`, such as 100"))


def merge(results: Iterable[BlockResult]) -> BlockResult:
    """Add up the results of blocks, in any order.

    Raises
    ------
    StudyError
        If blocks are of different runs (other spaces, cells, genes or grids), or hold the same type pair twice.
    """
    merged = functools.reduce(_add, results)
    order = np.lexsort((merged.type_pairs[:, 1], merged.type_pairs[:, 0]))
    ordered = {"type_pairs": merged.type_pairs[order], "n": merged.n[order]}
    ordered |= {"quantiles": merged.quantiles[:, order], "histograms": merged.histograms[:, order]}
    kept = {field.name: getattr(merged, field.name) for field in fields(BlockResult) if field.name not in ordered}
    return BlockResult(**ordered, **kept)


def _add(a: BlockResult, b: BlockResult) -> BlockResult:
    if a.run != b.run:
        differs = [key for key in a.about if a.about[key] != b.about.get(key)]
        raise StudyError(f"blocks of different runs cannot be merged; they differ in {', '.join(differs)}")
    type_pairs = np.concatenate([a.type_pairs, b.type_pairs])
    if len(np.unique(type_pairs, axis=0)) < len(type_pairs):
        raise StudyError("blocks hold the same pair of cell types twice")
    similarity = np.array([space["metric"] != "euclidean" for space in a.about["spaces"]])
    cells = np.union1d(a.cells, b.cells)
    at_a, at_b = np.searchsorted(cells, a.cells), np.searchsorted(cells, b.cells)
    extremes, partners = _merged_extremes(similarity, len(cells), (a, at_a), (b, at_b))
    neighbours, scores = _merged_neighbours("neighbours", "neighbour_scores", len(cells), (a, at_a), (b, at_b))
    across, across_scores = _merged_neighbours("across", "across_scores", len(cells), (a, at_a), (b, at_b))
    types = np.union1d(a.types, b.types)
    of_a, of_b = np.searchsorted(types, a.types), np.searchsorted(types, b.types)
    return BlockResult(
        run=a.run,
        type_pairs=type_pairs,
        n=np.concatenate([a.n, b.n]),
        quantiles=np.concatenate([a.quantiles, b.quantiles], axis=1),
        histograms=np.concatenate([a.histograms, b.histograms], axis=1),
        types=types,
        distributions=_sum_at(len(types), (a.distributions, of_a), (b.distributions, of_b)),
        joint=a.joint + b.joint,
        cells=cells,
        extremes=extremes,
        partners=partners,
        neighbours=neighbours,
        neighbour_scores=scores,
        across=across,
        across_scores=across_scores,
        cutoffs=_sum_at(len(cells), (a.cutoffs, at_a), (b.cutoffs, at_b)),
    )


def _sum_at(n: int, *parts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the sum of arrays (S, some of n, ...) that stand at given places of the second axis."""
    first = parts[0][0]
    total = np.zeros((first.shape[0], n, *first.shape[2:]), first.dtype)
    for values, at in parts:
        total[:, at] += values
    return total


def extreme_signs(similarity: np.ndarray) -> np.ndarray:
    """Return (S, 2, 1) signs that turn values into scores of which the largest is the most extreme.

    Within a type the least alike cell counts (low similarity, high distance), between types the most alike.
    """
    return np.where(similarity, 1.0, -1.0)[:, None, None] * np.array([-1.0, 1.0])[None, :, None]


def _merged_extremes(
    similarity: np.ndarray, n: int, a: tuple[BlockResult, np.ndarray], b: tuple[BlockResult, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the more extreme of two blocks' extremes per cell; of equal values, the cell of the lower number."""
    sign = extreme_signs(similarity)
    values = np.full((len(similarity), 2, n), np.nan)
    numbers = np.full((len(similarity), 2, n), -1, np.int64)
    for result, at in (a, b):
        held, held_number = values[:, :, at], numbers[:, :, at]
        held_score = np.where(held_number < 0, -np.inf, sign * held)
        score = np.where(result.partners < 0, -np.inf, sign * result.extremes)
        lower = (score == held_score) & (result.partners >= 0) & (result.partners < held_number)
        take = (score > held_score) | lower
        values[:, :, at] = np.where(take, result.extremes, held)
        numbers[:, :, at] = np.where(take, result.partners, held_number)
    return values, numbers


def _merged_neighbours(
    of: str, scores_of: str, n: int, a: tuple[BlockResult, np.ndarray], b: tuple[BlockResult, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the best of two blocks' lists of neighbours per cell, and their scores; `of` names the list."""
    (first, at_first), (other, at) = a, b
    n_spaces, _, k = getattr(first, of).shape
    numbers, scores = np.full((n_spaces, n, k), -1, np.int64), np.full((n_spaces, n, k), -np.inf, np.float32)
    numbers[:, at_first], scores[:, at_first] = getattr(first, of), getattr(first, scores_of)
    for s in range(n_spaces if k else 0):
        best, best_numbers = scores[s, at], numbers[s, at]
        merge_best(best, best_numbers, getattr(other, scores_of)[s], getattr(other, of)[s])
        scores[s, at], numbers[s, at] = best, best_numbers
    return numbers, scores


def _arrays() -> list[str]:
    return [field.name for field in fields(BlockResult) if field.name != "run"]
