"""One block: every pair of cells of two groups of cell types, in all spaces at once."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from rankstudy.errors import StudyError, did_you_mean
from rankstudy.pairs import kernels
from rankstudy.pairs.grids import BINS, HexGrid
from rankstudy.pairs.metrics import SPARSE_BELOW, SparseVectors, Vectors, prepare, raw_tile
from rankstudy.pairs.result import BETWEEN, OTHER, OWN, QUANTILES, WITHIN, BlockResult
from rankstudy.progress import Progress
from rankstudy.space import Layout, Space, same_cells
from rankstudy.threads import largest_cache, limited_threads

log = logging.getLogger(__name__)

LEAST_TILE, LARGEST_TILE = 512, 2048
HISTOGRAM_BINS = 256
MOST_BYTES = 4 << 30
MOST_VECTOR_BYTES = 1 << 30
TYPE_PAIRS_AT_ONCE = 64


@dataclass(frozen=True)
class Run:
    """What the blocks of one run share."""

    layouts: list[Layout]
    relations: np.ndarray
    joint: list[tuple[int, int]]
    grids: list[HexGrid]
    neighbours: int
    cutoffs: int

    @property
    def types(self) -> tuple[str, ...]:
        """The cell types, in the order of the cells."""
        return self.layouts[0].types

    @property
    def offsets(self) -> np.ndarray:
        """Number of the first cell of each type, and the number of cells."""
        return self.layouts[0].offsets

    def describe(self) -> str:
        """Return all of it as JSON text; blocks add up only if it is equal."""
        keys = ("name", "metric", "dimensions", "provenance", "range")
        spaces = [{key: getattr(layout, key) for key in keys} for layout in self.layouts]
        grids = [
            {"x": g.x, "y": g.y, "nx": g.nx, "ny": g.ny, "spaces": pair}
            for g, pair in zip(self.grids, self.joint, strict=True)
        ]
        first = self.layouts[0]
        about = {
            "spaces": spaces,
            "types": first.types,
            "labels": first.labels,
            "offsets": first.offsets.tolist(),
            "n_cells": int(first.offsets[-1]),
            "cells": first.digest,
            "relations": hashlib.sha256(self.relations.tobytes()).hexdigest(),
            "joint": grids,
            "neighbours": self.neighbours,
            "cutoffs": self.cutoffs,
        }
        return json.dumps(about, sort_keys=True)


@dataclass(frozen=True)
class Group:
    """Consecutive types that make the rows or the columns of a tile: cells `begin` to `end`."""

    types: range
    begin: int
    end: int

    def __len__(self) -> int:
        return self.end - self.begin


class _CellState:
    """Reductions per cell of a block in one space; see `kernels.visit_rows`."""

    def __init__(self, n: int, run: Run):
        k = run.neighbours
        self.best = np.full((n, k), -np.inf, np.float32)
        self.numbers = np.full((n, k), -1, np.int64)
        self.worst = np.full(n, -np.inf if k else np.inf, np.float32)
        self.extremes = np.full((2, n), -np.inf, np.float32)
        self.extreme_numbers = np.full((2, n), -1, np.int64)
        self.cutoffs = np.zeros((n, 6, run.cutoffs), np.int32)

    def of(self, rows: slice) -> tuple[np.ndarray, ...]:
        """Return the arrays of some of the cells, in the order of the kernel's arguments."""
        extremes = self.extremes[:, rows], self.extreme_numbers[:, rows]
        return self.best[rows], self.numbers[rows], self.worst[rows], *extremes, self.cutoffs[rows]


def compare(
    spaces: Sequence[Space],
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    *,
    joint: Sequence[tuple[str, str]] = (),
    hexagons: int = 100,
    neighbours: int = 0,
    cutoffs: int = 0,
    relations: np.ndarray | None = None,
    tile: int | None = None,
    threads: int | None = None,
) -> BlockResult:
    """Compare every cell of the types `rows` with every cell of the types `columns`, each unordered pair once.

    Parameters
    ----------
    spaces
        The same cells, in the same order, in each space; rows sorted by type.
    rows, columns
        Names of types (`slug`); None means all. Types that are not in the spaces are passed over.
    joint
        Pairs of spaces (x, y) whose joint distribution is counted.
    hexagons
        Hexagons along x of a joint distribution.
    neighbours
        The k of the most alike cells that are kept per cell; 0 keeps none.
    cutoffs
        Bins of the space's range on which each cell's pairs are counted by relation and batch; 0 counts none.
    relations
        Types x types: OWN, SIMILAR or OTHER; by default a type is its own, and all the rest are other.
    tile
        Cells on a side of a tile; whole types are kept together, so that a larger type makes a larger tile. None chooses
        it by the cache. Changes no result beyond rounding.
    threads
        Threads of BLAS and of the compiled passes; None leaves them as they are.

    Returns
    -------
    BlockResult
        Memory: the vectors of the block's cells (at most about 1 GiB of them at a time), and for each space one tile.
        It does not depend on the number of cells that the spaces hold.

    Raises
    ------
    StudyError
        If the spaces do not hold the same cells in the same order, or a pair of types is too large for memory.
    """
    run = _prepare(spaces, joint, hexagons, neighbours, cutoffs, relations)
    tiles = _tiles(run, rows, columns, default_tile(len(spaces)) if tile is None else tile)
    total = sum(_n_pairs(a, b) for a, b in tiles)
    with limited_threads(threads):
        work = _Block(spaces, run, tiles)
        progress = Progress(total, "pairs of cells")
        for a, b in tiles:
            work.add(a, b)
            progress.add(_n_pairs(a, b))
        progress.close()
        return work.result()


class _Block:
    """The reductions of the pairs seen so far, and what is at hand of the block's cells."""

    def __init__(self, spaces: Sequence[Space], run: Run, tiles: Sequence[tuple[Group, Group]]):
        self.spaces, self.run = spaces, run
        self.types = np.array(sorted({t for group in {g for p in tiles for g in p} for t in group.types}), np.int64)
        self.groups = {group.begin: group for pair in tiles for group in pair}
        self.cells = np.concatenate([np.arange(g.begin, g.end) for _, g in sorted(self.groups.items())])
        self.states = [_CellState(len(self.cells), run) for _ in spaces]
        largest = max((len(a) * len(b) for a, b in tiles), default=0)
        # tiles and their turned copies, used again and again: fresh memory would cost as much as a pass over it
        self.scratch = [[np.empty(largest, np.float32) for _ in spaces] for _ in range(2)]
        self.batches = {b: np.asarray(spaces[0].batches(g.begin, g.end), np.int32) for b, g in self.groups.items()}
        self.kinds = {b: _types_of_cells(run, g) for b, g in self.groups.items()}
        dimensions = sum(_bytes_per_cell(layout) for layout in run.layouts)
        self.keep = sum(len(g) for g in self.groups.values()) * dimensions <= MOST_VECTOR_BYTES
        self.kept: dict[int, list[Vectors | SparseVectors]] = {}
        self.type_pairs: list[tuple[int, int]] = []
        self.n: list[np.ndarray] = []
        self.quantiles: list[list[np.ndarray]] = [[] for _ in spaces]
        self.histograms: list[list[np.ndarray]] = [[] for _ in spaces]
        self.distributions = np.zeros((len(spaces), len(self.types), 2, BINS), np.int64)
        stripes = 2 * numba.get_num_threads()
        self.hexagons = [np.zeros((stripes, 2, *grid.shape), np.int64) for grid in run.grids]

    def add(self, a: Group, b: Group) -> None:
        """Add the pairs of two groups, or of one with itself."""
        diagonal = a.begin == b.begin
        vectors_a = self._vectors(a, drop_others=not self.keep, but=b)
        vectors_b = vectors_a if diagonal else self._vectors(b, drop_others=False, but=b)
        tiles = [scratch[: len(a) * len(b)].reshape(len(a), len(b)) for scratch in self.scratch[0]]
        turned = [scratch[: len(a) * len(b)].reshape(len(b), len(a)) for scratch in self.scratch[1]]
        tiles = [raw_tile(x, y, triangle=diagonal, out=t) for x, y, t in zip(vectors_a, vectors_b, tiles, strict=True)]
        for layout, tile, out in zip(self.run.layouts, tiles, turned, strict=True):
            kernels.clip_and_turn(tile, *map(np.float32, layout.range), out)
        pairs = [(s, t) for s in a.types for t in b.types if not diagonal or s <= t]
        self.type_pairs += [(min(p), max(p)) for p in pairs]
        self.n.append(np.array([_n_pairs_of_types(self.run, s, t) for s, t in pairs], np.int64))
        for s, tile in enumerate(tiles):
            self._count_type_pairs(s, tile, a, b, pairs)
            self._visit(s, tile, a, b, kernels.ABOVE if diagonal else kernels.FULL)
            self._visit(s, turned[s], b, a, kernels.BELOW if diagonal else kernels.FULL)
        for (x, y), grid, counts in zip(self.run.joint, self.run.grids, self.hexagons, strict=True):
            types = self.kinds[a.begin], self._starts(b), b.types.start
            steps = (*grid.step, grid.nx, grid.ny)
            kernels.count_hexagons(tiles[x], tiles[y], diagonal, *types, grid.x[0], grid.y[0], *steps, counts)

    def _starts(self, group: Group) -> np.ndarray:
        """Return where each type of a group begins in it, and its end."""
        return self.run.offsets[group.types.start : group.types.stop + 1] - group.begin

    def _vectors(self, group: Group, *, drop_others: bool, but: Group) -> list[Vectors | SparseVectors]:
        """Return the prepared vectors of a group; all are kept if they fit, else only those of the present tile."""
        if drop_others or not self.keep:
            self.kept = {begin: v for begin, v in self.kept.items() if begin in (group.begin, but.begin)}
        if group.begin not in self.kept:
            names = self.spaces[0].names(group.begin, group.end)
            self.kept[group.begin] = [
                prepare(
                    space.read(group.begin, group.end),
                    layout.metric,
                    density=layout.density,
                    origin=layout.origin,
                    names=names,
                )
                for space, layout in zip(self.spaces, self.run.layouts, strict=True)
            ]
        return self.kept[group.begin]

    def _count_type_pairs(self, s: int, tile: np.ndarray, a: Group, b: Group, pairs: list[tuple[int, int]]) -> None:
        low, high = self.run.layouts[s].range
        starts = self._starts(a), self._starts(b)
        batches = self.batches[a.begin], self.batches[b.begin]
        for first in range(0, len(pairs), TYPE_PAIRS_AT_ONCE):
            chunk = pairs[first : first + TYPE_PAIRS_AT_ONCE]
            n = np.array([_n_pairs_of_types(self.run, x, y) for x, y in chunk])
            ranks, weights = _order_statistics(n)
            counts = np.zeros((len(chunk), 2, BINS), np.int64)
            statistics = np.full(ranks.shape, np.nan)
            places = np.array([(x - a.types.start, y - b.types.start) for x, y in chunk], np.int64)
            kernels.count_type_pairs(
                tile,
                a.begin == b.begin,
                *starts,
                places,
                *batches,
                np.float32(low),
                np.float32(BINS / (high - low)),
                BINS,
                ranks,
                counts,
                statistics,
            )
            self.quantiles[s].append(statistics[:, 0::2] + weights * (statistics[:, 1::2] - statistics[:, 0::2]))
            self.histograms[s].append(counts.reshape(len(chunk), 2, HISTOGRAM_BINS, -1).sum(axis=-1))
            for (x, y), count in zip(chunk, counts.sum(axis=1), strict=True):
                for kind in {x, y}:
                    at = np.searchsorted(self.types, kind)
                    self.distributions[s, at, WITHIN if x == y else BETWEEN] += count

    def _visit(self, s: int, tile: np.ndarray, a: Group, b: Group, part: int) -> None:
        layout, run = self.run.layouts[s], self.run
        low, high = layout.range
        at = int(np.searchsorted(self.cells, a.begin))
        kernels.visit_rows(
            tile, part, b.begin, self.kinds[a.begin], self._starts(b), b.types.start, run.relations, self.batches[a.begin],
            self.batches[b.begin], np.float32(1 if layout.similarity else -1), np.float32(low), np.float32(run.cutoffs / (high - low)),
            *self.states[s].of(slice(at, at + len(a))),
        )  # fmt: skip

    def result(self) -> BlockResult:
        """Return the reductions as arrays."""
        n_pairs = len(self.type_pairs)

        def stacked(name: str) -> np.ndarray:
            arrays = [getattr(state, name) for state in self.states]
            return arrays[0][None] if len(arrays) == 1 else np.stack(arrays)

        numbers = stacked("extreme_numbers")
        signs = np.array([[[-1.0], [1.0]] if layout.similarity else [[1.0], [-1.0]] for layout in self.run.layouts])
        shape = self.run.grids[0].shape if self.run.grids else (2, 0, 0)
        type_pairs = np.array(self.type_pairs, np.int64).reshape(n_pairs, 2)
        order = np.lexsort((type_pairs[:, 1], type_pairs[:, 0]))
        no_quantiles, no_histograms = np.zeros((0, len(QUANTILES))), np.zeros((0, 2, HISTOGRAM_BINS), np.int64)
        return BlockResult(
            run=self.run.describe(),
            type_pairs=type_pairs[order],
            n=np.concatenate([np.zeros(0, np.int64), *self.n])[order],
            quantiles=np.stack([np.concatenate([no_quantiles, *q])[order] for q in self.quantiles]),
            histograms=np.stack([np.concatenate([no_histograms, *h])[order] for h in self.histograms]),
            types=self.types,
            distributions=self.distributions,
            joint=np.array([counts.sum(axis=0) for counts in self.hexagons], np.int64).reshape(
                len(self.hexagons), 2, *shape
            ),
            cells=self.cells,
            extremes=np.where(numbers < 0, np.nan, signs * stacked("extremes")),
            partners=numbers,
            neighbours=stacked("numbers"),
            neighbour_scores=stacked("best"),
            cutoffs=stacked("cutoffs"),
        )


def default_tile(n_spaces: int) -> int:
    """Return the side of a tile: its values in all spaces and their turned copies fill about half of the largest cache.

    Smaller tiles slow down BLAS, larger ones make every pass read from memory (benchmarks/README.md).
    """
    side = np.sqrt(0.55 * largest_cache() / (2 * 4 * n_spaces))
    return int(np.clip(side, LEAST_TILE, LARGEST_TILE))


def _prepare(
    spaces: Sequence[Space],
    joint: Sequence[tuple[str, str]],
    hexagons: int,
    neighbours: int,
    cutoffs: int,
    relations: np.ndarray | None,
) -> Run:
    layouts = [space.layout for space in spaces]
    same_cells(layouts)
    names = [layout.name for layout in layouts]
    for name in (name for pair in joint for name in pair):
        if name not in names:
            raise StudyError(f"joint: there is no space {name!r}{did_you_mean(name, names)}")
    indices = [(names.index(x), names.index(y)) for x, y in joint]
    grids = [_grid(layouts[x], layouts[y], hexagons) for x, y in indices]
    n_types = len(layouts[0].types)
    if relations is None:
        relations = np.where(np.eye(n_types, dtype=bool), OWN, OTHER)
    if np.shape(relations) != (n_types, n_types):
        raise StudyError(f"relations: {n_types} x {n_types} are needed, one for each pair of types")
    return Run(layouts, np.asarray(relations, np.int32), indices, grids, neighbours, cutoffs)


def _grid(x: Layout, y: Layout, hexagons: int) -> HexGrid:
    """Return hexagons that look regular when a figure shows the occupied part: of a similarity, about half its range."""
    share = 0.5 if y.similarity else 1.0
    return HexGrid(x.range, y.range, hexagons, round(hexagons / np.sqrt(3) / share))


def _tiles(run: Run, rows: Sequence[str] | None, columns: Sequence[str] | None, tile: int) -> list[tuple[Group, Group]]:
    """Return the pairs of groups that together hold each unordered pair of a row's and a column's type once."""
    # a type whose cells were all dropped is known to the plan but not to the spaces
    in_rows, in_columns = (
        {i for i, t in enumerate(run.types) if chosen is None or t in chosen} for chosen in (rows, columns)
    )
    both = _groups(run, in_rows & in_columns, tile)
    only_rows, only_columns = _groups(run, in_rows - in_columns, tile), _groups(run, in_columns - in_rows, tile)
    pairs = [(both[i], both[j]) for i in range(len(both)) for j in range(i, len(both))]
    pairs += [(a, b) for a in only_rows for b in [*both, *only_columns]]
    pairs += [(a, b) for a in both for b in only_columns]
    for a, b in pairs:
        if 4 * len(run.layouts) * len(a) * len(b) > MOST_BYTES:
            names = [" to ".join(sorted({run.types[g.types[0]], run.types[g.types[-1]]})) for g in (a, b)]
            raise StudyError(
                f"{names[0]} and {names[1]} have {len(a):,} and {len(b):,} cells, too many for one tile: "
                "lower selection.cells_per_type"
            )
    return pairs


def _groups(run: Run, types: set[int], tile: int) -> list[Group]:
    """Pack consecutive types into groups of at most `tile` cells; a larger type is a group of its own."""
    groups: list[Group] = []
    for t in sorted(types):
        begin, end = int(run.offsets[t]), int(run.offsets[t + 1])
        last = groups[-1] if groups else None
        if last is not None and last.types.stop == t and end - last.begin <= tile:
            groups[-1] = Group(range(last.types.start, t + 1), last.begin, end)
        else:
            groups.append(Group(range(t, t + 1), begin, end))
    return groups


def _bytes_per_cell(layout: Layout) -> float:
    """Return about how much memory the prepared vector of a cell takes."""
    if not layout.similarity:
        return 8 * layout.dimensions
    return 24 * layout.density * layout.dimensions if layout.density < SPARSE_BELOW else 4 * layout.dimensions


def _n_pairs(a: Group, b: Group) -> int:
    return len(a) * (len(a) - 1) // 2 if a.begin == b.begin else len(a) * len(b)


def _n_pairs_of_types(run: Run, s: int, t: int) -> int:
    n_s, n_t = (int(run.offsets[i + 1] - run.offsets[i]) for i in (s, t))
    return n_s * (n_s - 1) // 2 if s == t else n_s * n_t


def _order_statistics(n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the order statistics below and above each quantile of n values (-1 for n = 0), and the weight of the upper."""
    at = np.array(QUANTILES)[None, :] * (n[:, None] - 1)
    lower = np.floor(at).astype(np.int64)
    upper = np.minimum(lower + 1, n[:, None] - 1)
    ranks = np.empty((len(n), 2 * len(QUANTILES)), np.int64)
    ranks[:, 0::2], ranks[:, 1::2] = lower, upper
    ranks[n == 0] = -1
    return ranks, at - lower


def _types_of_cells(run: Run, group: Group) -> np.ndarray:
    sizes = np.diff(run.offsets[group.types.start : group.types.stop + 1])
    return np.repeat(np.arange(group.types.start, group.types.stop, dtype=np.int32), sizes)
