"""One block: every pair of cells of two groups of cell types, in all spaces at once."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence

import numba
import numpy as np

import rankstudy.pairs.engine.kernels as kernels
from rankstudy.core.progress import Progress
from rankstudy.core.tables import RELATIONS
from rankstudy.core.threads import limited_threads
from rankstudy.pairs.engine.grids import BINS
from rankstudy.pairs.engine.result import BETWEEN, QUANTILES, WITHIN, BlockResult, extreme_signs
from rankstudy.pairs.engine.tiles import (
    Group,
    Run,
    default_tile,
    n_pairs,
    n_pairs_of_types,
    prepare_run,
    tiles_of,
    types_of_cells,
)
from rankstudy.pairs.likeness.vectors import SPARSE_BELOW, Vectors, compare_tile, only_distances, prepare
from rankstudy.pairs.space import Layout, Space

log = logging.getLogger(__name__)

HISTOGRAM_BINS = 256
MOST_VECTOR_BYTES = 1 << 30
TYPE_PAIRS_AT_ONCE = 64


class _Best:
    """The k most alike cells of each cell of a block in each space, best first."""

    def __init__(self, n_spaces: int, n: int, k: int):
        self.scores = np.full((n_spaces, n, k), -np.inf, np.float32)
        self.numbers = np.full((n_spaces, n, k), -1, np.int64)
        self.worst = np.full((n_spaces, n), -np.inf if k else np.inf, np.float32)

    def of(self, s: int, rows: slice) -> tuple[np.ndarray, ...]:
        """Return the arrays of some of the cells in one space."""
        return self.scores[s, rows], self.numbers[s, rows], self.worst[s, rows]


class _CellState:
    """Reductions per cell of a block in each space; see `kernels.visit_rows`."""

    def __init__(self, n_spaces: int, n: int, run: Run):
        self.best = _Best(n_spaces, n, run.neighbours)
        self.across = _Best(n_spaces, n, run.across)
        self.extremes = np.full((n_spaces, 2, n), -np.inf, np.float32)
        self.extreme_numbers = np.full((n_spaces, 2, n), -1, np.int64)
        self.cutoffs = np.zeros((n_spaces, n, 2 * len(RELATIONS), run.cutoffs), np.int32)

    def of(self, s: int, rows: slice) -> tuple[np.ndarray, ...]:
        """Return the arrays of some of the cells in one space, in the order of the kernel's arguments."""
        extremes = self.extremes[s, :, rows], self.extreme_numbers[s, :, rows]
        return *self.best.of(s, rows), *self.across.of(s, rows), *extremes, self.cutoffs[s, rows]


def compare(
    spaces: Sequence[Space],
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    *,
    joint: Sequence[tuple[str, str]] = (),
    hexagons: int = 100,
    neighbours: int = 0,
    across: int = 0,
    cutoffs: int = 0,
    relations: np.ndarray | None = None,
    units: np.ndarray | None = None,
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
    across
        The k of the most alike cells of other batches that are kept per cell; 0 keeps none.
    cutoffs
        Bins of the space's range on which each cell's pairs are counted by relation and unit; 0 counts none.
    relations
        Types x types: OWN, SIMILAR, OTHER or UNKNOWN; by default a type is its own, and all the rest are other.
    units
        (cells,), number of what counts as independent, such as the donor of each cell; by default its batch.
    tile
        Cells on a side of a tile; whole types are kept together, so that a larger type makes a larger tile. None
        chooses it by the cache. Changes no result beyond rounding.
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
    run = prepare_run(spaces, joint, hexagons, neighbours, across, cutoffs, relations, units)
    tiles = tiles_of(run, rows, columns, default_tile(len(spaces)) if tile is None else tile)
    total = sum(n_pairs(a, b) for a, b in tiles)
    with limited_threads(threads):
        work = _Block(spaces, run, tiles)
        with Progress(total=total, unit="pairs of cells") as progress:
            for a, b in tiles:
                work.add(a, b)
                progress.update(n_pairs(a, b))
        return work.result()


class _Block:
    """The reductions of the pairs seen so far, and what is at hand of the block's cells."""

    def __init__(self, spaces: Sequence[Space], run: Run, tiles: Sequence[tuple[Group, Group]]):
        self.spaces, self.run = spaces, run
        self.shared = _sharing_vectors(spaces)
        self.types = np.array(sorted({t for group in {g for p in tiles for g in p} for t in group.types}), np.int64)
        self.groups = {group.begin: group for pair in tiles for group in pair}
        ranges = [np.arange(self.groups[begin].begin, self.groups[begin].end) for begin in sorted(self.groups)]
        self.cells = np.concatenate([np.zeros(0, np.int64), *ranges])
        self.state = _CellState(len(spaces), len(self.cells), run)
        largest = max((len(a) * len(b) for a, b in tiles), default=0)
        # tiles and their turned copies, used again and again: fresh memory would cost as much as a pass over it
        self.scratch = [[np.empty(largest, np.float32) for _ in spaces] for _ in range(2)]
        self.batches = {b: np.asarray(spaces[0].batches(g.begin, g.end), np.int32) for b, g in self.groups.items()}
        self.units = {b: run.units_of(g, self.batches[b]) for b, g in self.groups.items()}
        self.kinds = {b: types_of_cells(run, g) for b, g in self.groups.items()}
        per_cell = sum(_bytes_per_cell([run.layouts[s] for s in shared]) for shared in self.shared)
        self.keep = sum(len(g) for g in self.groups.values()) * per_cell <= MOST_VECTOR_BYTES
        self.kept: dict[int, list[Vectors]] = {}
        self.type_pairs: list[tuple[int, int]] = []
        self.n: list[np.ndarray] = []
        self.quantiles: list[list[np.ndarray]] = [[] for _ in spaces]
        self.histograms: list[list[np.ndarray]] = [[] for _ in spaces]
        self.distributions = np.zeros((len(spaces), len(self.types), 2, BINS), np.int64)
        stripes = 2 * numba.get_num_threads()
        # all grids have as many hexagons
        shape = run.grids[0].shape if run.grids else (0, 0, 0)
        self.hexagons = np.zeros((len(run.grids), stripes, 2, *shape), np.int64)

    def add(self, a: Group, b: Group) -> None:
        """Add the pairs of two groups, or of one with itself."""
        diagonal = a.begin == b.begin
        if not self.keep:
            self.kept = {begin: vectors for begin, vectors in self.kept.items() if begin in (a.begin, b.begin)}
        tiles = [scratch[: len(a) * len(b)].reshape(len(a), len(b)) for scratch in self.scratch[0]]
        turned = [scratch[: len(a) * len(b)].reshape(len(b), len(a)) for scratch in self.scratch[1]]
        for of_a, of_b, shared in zip(self._vectors(a), self._vectors(b), self.shared, strict=True):
            compare_tile(of_a, of_b, [tiles[s] for s in shared], [turned[s] for s in shared], triangle=diagonal)
        pairs = [(s, t) for s in a.types for t in b.types if not diagonal or s <= t]
        self.type_pairs += pairs
        self.n.append(np.array([n_pairs_of_types(self.run, s, t) for s, t in pairs], np.int64))
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

    def _vectors(self, group: Group) -> list[Vectors]:
        """Return the vectors of a group, for each of `shared`; all groups are kept if they fit, else those of two."""
        if group.begin not in self.kept:
            names = self.spaces[0].names(group.begin, group.end)
            self.kept[group.begin] = []
            for shared in self.shared:
                first, layouts = self.spaces[shared[0]], [self.run.layouts[s] for s in shared]
                self.kept[group.begin].append(
                    prepare(
                        first.read(group.begin, group.end),
                        [layout.measure for layout in layouts],
                        density=layouts[0].density,
                        mean_cell=layouts[0].mean_cell,
                        names=names,
                    )
                )
        return self.kept[group.begin]

    def _count_type_pairs(self, s: int, tile: np.ndarray, a: Group, b: Group, pairs: list[tuple[int, int]]) -> None:
        low, high = self.run.layouts[s].range
        starts = self._starts(a), self._starts(b)
        batches = self.batches[a.begin], self.batches[b.begin]
        for first in range(0, len(pairs), TYPE_PAIRS_AT_ONCE):
            chunk = pairs[first : first + TYPE_PAIRS_AT_ONCE]
            n = np.array([n_pairs_of_types(self.run, x, y) for x, y in chunk])
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
            tile, part, b.begin, self.kinds[a.begin], self._starts(b), b.types.start, run.relations,
            self.batches[a.begin], self.batches[b.begin], self.units[a.begin], self.units[b.begin],
            np.float32(1 if layout.similarity else -1), np.float32(low), np.float32(run.cutoffs / (high - low)),
            *self.state.of(s, slice(at, at + len(a))),
        )  # fmt: skip

    def result(self) -> BlockResult:
        """Return the reductions as arrays."""
        n_pairs, state = len(self.type_pairs), self.state
        numbers = state.extreme_numbers
        signs = extreme_signs(np.array([layout.similarity for layout in self.run.layouts]))
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
            joint=self.hexagons.sum(axis=1),
            cells=self.cells,
            extremes=np.where(numbers < 0, np.nan, signs * state.extremes),
            partners=numbers,
            neighbours=state.best.numbers,
            neighbour_scores=state.best.scores,
            across=state.across.numbers,
            across_scores=state.across.scores,
            cutoffs=state.cutoffs,
        )


def _sharing_vectors(spaces: Sequence[Space]) -> list[list[int]]:
    """Return the numbers of the spaces that have the same vectors."""
    shared: dict[Hashable, list[int]] = {}
    for s, space in enumerate(spaces):
        shared.setdefault(space.source, []).append(s)
    return list(shared.values())


def _bytes_per_cell(layouts: Sequence[Layout]) -> float:
    """Return about how much memory the prepared vector of a cell takes, for all spaces that share it."""
    first = layouts[0]
    if only_distances([layout.measure for layout in layouts]):
        return 8 * first.dimensions
    return 24 * first.density * first.dimensions if first.density < SPARSE_BELOW else 4 * first.dimensions


def _order_statistics(n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the order statistics around each quantile of n values (-1 for n = 0), and the weight of the upper."""
    at = np.array(QUANTILES)[None, :] * (n[:, None] - 1)
    lower = np.floor(at).astype(np.int64)
    upper = np.minimum(lower + 1, n[:, None] - 1)
    ranks = np.empty((len(n), 2 * len(QUANTILES)), np.int64)
    ranks[:, 0::2], ranks[:, 1::2] = lower, upper
    ranks[n == 0] = -1
    return ranks, at - lower
