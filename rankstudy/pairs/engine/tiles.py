"""What the blocks of one run share, and the tiles that a block consists of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.core.threads import largest_cache
from rankstudy.pairs.engine.grids import HexGrid
from rankstudy.pairs.engine.result import OTHER, OWN, SIMILAR, UNKNOWN
from rankstudy.pairs.space import Layout, Space, same_cells

LEAST_TILE, LARGEST_TILE = 1024, 2048
MOST_BYTES = 4 << 30
# the compiled passes number the bins of the two kinds of batches in 16 bits
MOST_CUTOFFS = (1 << 15) - 1


@dataclass(frozen=True)
class Run:
    """What the blocks of one run share."""

    layouts: list[Layout]
    relations: np.ndarray
    joint: list[tuple[int, int]]
    grids: list[HexGrid]
    neighbours: int
    across: int
    cutoffs: int
    units: np.ndarray | None = None

    @property
    def types(self) -> tuple[str, ...]:
        """The cell types, in the order of the cells."""
        return self.layouts[0].types

    @property
    def offsets(self) -> np.ndarray:
        """Number of the first cell of each type, and the number of cells."""
        return self.layouts[0].offsets

    def units_of(self, group: Group, batches: np.ndarray) -> np.ndarray:
        """Return the unit of each cell of a group; these are its batches, if no others are given."""
        return batches if self.units is None else self.units[group.begin : group.end]

    def describe(self) -> str:
        """Return all of it as JSON text; blocks add up only if it is equal."""
        keys = ("name", "metric", "centred", "dimensions", "provenance", "range")
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
            "relations": self.relations.tolist(),
            "joint": grids,
            "neighbours": self.neighbours,
            "across": self.across,
            "cutoffs": self.cutoffs,
            "units": None if self.units is None else hashlib.sha256(self.units.tobytes()).hexdigest(),
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


def default_tile(n_spaces: int) -> int:
    """Return the side of a tile: its values in all spaces and their turned copies fill about half of the largest cache.

    Smaller tiles slow down BLAS and let threads wait for each other, larger ones make every pass read from memory
    (benchmarks/README.md).
    """
    side = np.sqrt(0.55 * largest_cache() / (2 * 4 * n_spaces))
    return int(np.clip(side, LEAST_TILE, LARGEST_TILE))


def prepare_run(
    spaces: Sequence[Space],
    joint: Sequence[tuple[str, str]],
    hexagons: int,
    neighbours: int,
    across: int,
    cutoffs: int,
    relations: np.ndarray | None,
    units: np.ndarray | None = None,
) -> Run:
    """Check what was asked for and return what all blocks of the run share; see `rankstudy.pairs.engine.compare`."""
    layouts = [space.layout for space in spaces]
    same_cells(layouts)
    names = [layout.name for layout in layouts]
    if len(set(names)) < len(names):
        raise StudyError(advise(f"spaces: some have the same name: {listing(names)}", "give each a `name` of its own"))
    for name in (name for pair in joint for name in pair):
        if name not in names:
            problem = f"joint: there is no space {name!r}{did_you_mean(name, names)}"
            raise StudyError(advise(problem, f"name spaces that are compared: {listing(names)}"))
    indices = [(names.index(x), names.index(y)) for x, y in joint]
    grids = [_grid(layouts[x], layouts[y], hexagons) for x, y in indices]
    n_types = len(layouts[0].types)
    if relations is None:
        relations = np.where(np.eye(n_types, dtype=bool), OWN, OTHER)
    _check_relations(np.asarray(relations), n_types)
    if min(neighbours, across, cutoffs, hexagons - 1) < 0 or cutoffs > MOST_CUTOFFS:
        raise StudyError(
            "neighbours, across and cutoffs must be 0 or more, hexagons 1 or more, "
            f"and cutoffs at most {MOST_CUTOFFS:,}: {neighbours}, {across}, {cutoffs}, {hexagons} were given"
        )
    if units is not None:
        units = np.ascontiguousarray(units, np.int32)
        if units.shape != (layouts[0].offsets[-1],):
            raise StudyError(f"units: {len(units)} for {layouts[0].offsets[-1]} cells; one of each cell is needed")
    return Run(layouts, np.asarray(relations, np.int32), indices, grids, neighbours, across, cutoffs, units)


def _check_relations(relations: np.ndarray, n_types: int) -> None:
    if relations.shape != (n_types, n_types):
        raise StudyError(f"relations: {n_types} x {n_types} are needed, one for each pair of types")
    # the compiled passes use them as indices
    if not np.isin(relations, (OWN, SIMILAR, OTHER, UNKNOWN)).all() or (relations != relations.T).any():
        raise StudyError(
            "relations: each must be OWN, SIMILAR, OTHER or UNKNOWN (0 to 3), and the same in both directions"
        )
    if ((relations == OWN) != np.eye(n_types, dtype=bool)).any():
        raise StudyError("relations: a type is OWN (0) to itself, and to no other")


def _grid(x: Layout, y: Layout, hexagons: int) -> HexGrid:
    """Return hexagons that look regular in a square figure of both ranges."""
    return HexGrid(x.range, y.range, hexagons, round(hexagons / np.sqrt(3)))


def tiles_of(
    run: Run, rows: Sequence[str] | None, columns: Sequence[str] | None, tile: int
) -> list[tuple[Group, Group]]:
    """Return the pairs of groups that together hold each unordered pair of a row's and a column's type once.

    The first group of a pair is never the later one, whichever of the two was asked for as rows: BLAS promises no equal
    bits for a product and the turned product of the same cells.
    """
    for name in (*(rows or ()), *(columns or ())):
        if name not in run.types and name in run.layouts[0].labels:
            raise StudyError(
                f"{name!r} is the label of a cell type; here it is named "
                f"{run.types[run.layouts[0].labels.index(name)]!r} (column `slug` of the cells)"
            )
    # a type whose cells were all dropped is known to the plan but not to the spaces
    in_rows, in_columns = (
        {i for i, t in enumerate(run.types) if chosen is None or t in chosen} for chosen in (rows, columns)
    )
    both = _groups(run, in_rows & in_columns, tile)
    only_rows, only_columns = _groups(run, in_rows - in_columns, tile), _groups(run, in_columns - in_rows, tile)
    pairs = [(both[i], both[j]) for i in range(len(both)) for j in range(i, len(both))]
    pairs += [(a, b) for a in only_rows for b in [*both, *only_columns]]
    pairs += [(a, b) for a in both for b in only_columns]
    pairs = [(a, b) if a.begin <= b.begin else (b, a) for a, b in pairs]
    for a, b in pairs:
        if 4 * len(run.layouts) * len(a) * len(b) > MOST_BYTES:
            names = [" to ".join(sorted({run.types[g.types[0]], run.types[g.types[-1]]})) for g in (a, b)]
            problem = f"{names[0]} and {names[1]} have {len(a):,} and {len(b):,} cells, too many for one tile"
            raise StudyError(advise(problem, "lower `selection.cells_per_type`"))
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


def n_pairs(a: Group, b: Group) -> int:
    """Return the number of unordered pairs of cells of two groups, or of one with itself."""
    return len(a) * (len(a) - 1) // 2 if a.begin == b.begin else len(a) * len(b)


def n_pairs_of_types(run: Run, s: int, t: int) -> int:
    """Return the number of unordered pairs of cells of two types, or of one with itself."""
    n_s, n_t = (int(run.offsets[i + 1] - run.offsets[i]) for i in (s, t))
    return n_s * (n_s - 1) // 2 if s == t else n_s * n_t


def types_of_cells(run: Run, group: Group) -> np.ndarray:
    """Return the type of each cell of a group."""
    sizes = np.diff(run.offsets[group.types.start : group.types.stop + 1])
    return np.repeat(np.arange(group.types.start, group.types.stop, dtype=np.int32), sizes)
