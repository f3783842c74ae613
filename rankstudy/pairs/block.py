"""One block: every pair of cells of two groups of cell types, in all spaces at once."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rankstudy.errors import StudyError
from rankstudy.pairs.grids import BINS, HexGrid, bin_counts
from rankstudy.pairs.metrics import Vectors, bounds, measure
from rankstudy.pairs.result import BETWEEN, QUANTILES, WITHIN, BlockResult
from rankstudy.progress import Progress
from rankstudy.spaces import SpaceData

log = logging.getLogger(__name__)

MOST_BYTES = 8 << 30


@dataclass(frozen=True)
class _Run:
    """What the blocks of one run share."""

    spaces: list[SpaceData]
    types: list[str]
    codes: np.ndarray
    origins: list[np.ndarray | None]
    ranges: list[tuple[float, float]]
    joint: list[tuple[int, int]]
    grids: list[HexGrid]

    def describe(self) -> str:
        cells = hashlib.sha256("\n".join(self.spaces[0].cells["cell_id"]).encode()).hexdigest()
        spaces = [
            {"name": s.name, "metric": s.metric, "dimensions": int(s.vectors.shape[1]), "range": list(r)}
            for s, r in zip(self.spaces, self.ranges, strict=True)
        ]
        grids = [
            {"x": g.x, "y": g.y, "nx": g.nx, "ny": g.ny, "spaces": p}
            for g, p in zip(self.grids, self.joint, strict=True)
        ]
        about = {
            "spaces": spaces,
            "types": self.types,
            "n_cells": len(self.codes),
            "cells": cells,
            "joint": grids,
        }
        return json.dumps(about, sort_keys=True)


def compare(
    spaces: Sequence[SpaceData],
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    *,
    joint: Sequence[tuple[str, str]] = (),
    hexagons: int = 100,
) -> BlockResult:
    """Compare every cell of the types `rows` with every cell of the types `columns`, each unordered pair once.

    Parameters
    ----------
    spaces
        The same cells, in the same order, in each space; rows sorted by type.
    rows, columns
        Names of types (`slug`); None means all. Of two types that stand in both, each pair is taken once.
    joint
        Pairs of spaces (x, y) whose joint distribution is counted.
    hexagons
        Hexagons along x of a joint distribution.

    Returns
    -------
    BlockResult
        Memory: two dense groups of vectors and, for each space, the values of one pair of types.

    Raises
    ------
    StudyError
        If the spaces do not hold the same cells in the same order, or a pair of types is too large for memory.
    """
    run = _prepare(spaces, joint, hexagons)
    pairs = _type_pairs(run.types, rows, columns)
    members = [np.flatnonzero(run.codes == t) for t in range(len(run.types))]
    total = sum(_n_pairs(members, a, b) for a, b in pairs)
    gathered = _Accumulator(run)
    progress = Progress(total, "pairs of cells")
    prepared_a: tuple[int, list[Vectors]] | None = None
    for a, b in pairs:
        if prepared_a is None or prepared_a[0] != a:
            prepared_a = a, _vectors(run, members[a])
        of_a = prepared_a[1]
        of_b = of_a if a == b else _vectors(run, members[b])
        needed = 4 * len(run.spaces) * len(members[a]) * len(members[b])
        if needed > MOST_BYTES:
            raise StudyError(
                f"{run.types[a]} and {run.types[b]} have {len(members[a])} and {len(members[b])} cells; their exact quantiles need "
                f"{needed / 2**30:.0f} GiB: lower selection.cells_per_type"
            )
        values = [measure(x, y) for x, y in zip(of_a, of_b, strict=True)]
        gathered.add(a, b, members[a], members[b], values)
        progress.add(_n_pairs(members, a, b))
    progress.close()
    return gathered.result()


class _Accumulator:
    """Reductions of the pairs seen so far."""

    def __init__(self, run: _Run):
        self.run = run
        n_spaces, n_types, n_cells = len(run.spaces), len(run.types), len(run.codes)
        self.type_pairs: list[tuple[int, int]] = []
        self.n: list[int] = []
        self.quantiles: list[list[np.ndarray]] = []
        self.distributions = np.zeros((n_spaces, n_types, 2, BINS), np.int64)
        shape = run.grids[0].shape if run.grids else (2, 0, 0)
        self.joint = np.zeros((len(run.grids), 2, *shape), np.int64)
        self.extremes = np.full((n_spaces, 2, n_cells), np.nan)
        self.partners = np.full((n_spaces, 2, n_cells), -1, np.int64)

    def add(self, a: int, b: int, cells_a: np.ndarray, cells_b: np.ndarray, values: list[np.ndarray]) -> None:
        """Add the pairs of two types, or of one type with itself: `values` per space, (cells of a) x (cells of b)."""
        upper = np.triu_indices(len(cells_a), 1) if a == b else None
        flat = [v[upper] if a == b else v.ravel() for v in values]
        self.type_pairs.append((a, b))
        self.n.append(flat[0].size)
        missing = np.full(len(QUANTILES), np.nan)
        self.quantiles.append([np.quantile(v.astype(np.float64), QUANTILES) if v.size else missing for v in flat])
        relation = WITHIN if a == b else BETWEEN
        for s, v in enumerate(flat):
            counts = bin_counts(v, *self.run.ranges[s])
            for t in {a, b}:
                self.distributions[s, t, relation] += counts
        for j, (x, y) in enumerate(self.run.joint):
            self.joint[j, relation] += self.run.grids[j].counts(flat[x], flat[y])
        for s, v in enumerate(values):
            self._note_extremes(s, relation, cells_a, cells_b, v)
            if a != b:
                self._note_extremes(s, relation, cells_b, cells_a, v.T)

    def _note_extremes(self, s: int, relation: int, cells: np.ndarray, others: np.ndarray, values: np.ndarray) -> None:
        if len(others) < (2 if relation == WITHIN else 1):
            return
        similarity = self.run.spaces[s].metric != "euclidean"
        score = values.astype(np.float64) if similarity == (relation == BETWEEN) else -values.astype(np.float64)
        if relation == WITHIN:
            np.fill_diagonal(score, -np.inf)
        # argmax takes the first of equal values: the cell of the lowest number
        best = score.argmax(axis=1)
        found, partner = values[np.arange(len(cells)), best].astype(np.float64), others[best]
        held, held_partner = self.extremes[s, relation, cells], self.partners[s, relation, cells]
        sign = 1.0 if similarity == (relation == BETWEEN) else -1.0
        better = (held_partner < 0) | (sign * found > sign * held) | ((found == held) & (partner < held_partner))
        self.extremes[s, relation, cells] = np.where(better, found, held)
        self.partners[s, relation, cells] = np.where(better, partner, held_partner)

    def result(self) -> BlockResult:
        """Return the reductions as arrays."""
        pairs = np.array(self.type_pairs, np.int64).reshape(-1, 2)
        quantiles = np.array(self.quantiles, np.float64).reshape(len(pairs), len(self.run.spaces), len(QUANTILES))
        return BlockResult(
            run=self.run.describe(),
            type_pairs=pairs,
            n=np.array(self.n, np.int64),
            quantiles=quantiles.transpose(1, 0, 2),
            distributions=self.distributions,
            joint=self.joint,
            extremes=self.extremes,
            partners=self.partners,
        )


def _prepare(spaces: Sequence[SpaceData], joint: Sequence[tuple[str, str]], hexagons: int) -> _Run:
    first = spaces[0].cells
    for other in spaces[1:]:
        if other.cells["cell_id"].tolist() != first["cell_id"].tolist():
            raise StudyError(f"spaces {spaces[0].name} and {other.name} do not hold the same cells in the same order")
    types = sorted(first["slug"].unique())
    codes = pd.Categorical(first["slug"], categories=types).codes.astype(np.int64)
    if (np.diff(codes) < 0).any():
        raise StudyError(f"space {spaces[0].name}: its cells are not sorted by type")
    limits = [bounds(s.vectors, s.metric) for s in spaces]
    ranges = [(low, high) for _, low, high in limits]
    names = [s.name for s in spaces]
    indices = [(names.index(x), names.index(y)) for x, y in joint]
    grids = [_grid(spaces[y], ranges[x], ranges[y], hexagons) for x, y in indices]
    return _Run(list(spaces), types, codes, [origin for origin, _, _ in limits], ranges, indices, grids)


def _grid(y: SpaceData, x_range: tuple[float, float], y_range: tuple[float, float], hexagons: int) -> HexGrid:
    """Return hexagons that look regular when a figure shows the occupied part: of a similarity, about half its range."""
    share = 1.0 if y.metric == "euclidean" else 0.5
    return HexGrid(x_range, y_range, hexagons, round(hexagons / np.sqrt(3) / share))


def _type_pairs(types: list[str], rows: Sequence[str] | None, columns: Sequence[str] | None) -> list[tuple[int, int]]:
    number = {name: i for i, name in enumerate(types)}
    # a type whose cells were all dropped is known to the plan but not to the spaces
    chosen_rows = [number[n] for n in (types if rows is None else rows) if n in number]
    chosen_columns = [number[n] for n in (types if columns is None else columns) if n in number]
    return sorted({(min(a, b), max(a, b)) for a in chosen_rows for b in chosen_columns})


def _n_pairs(members: list[np.ndarray], a: int, b: int) -> int:
    n = len(members[a])
    return n * (n - 1) // 2 if a == b else n * len(members[b])


def _vectors(run: _Run, cells: np.ndarray) -> list[Vectors]:
    names = run.spaces[0].cells["cell_id"].to_numpy()[cells]
    return [
        Vectors.of(space.vectors[cells], space.metric, origin=origin, names=names)
        for space, origin in zip(run.spaces, run.origins, strict=True)
    ]
