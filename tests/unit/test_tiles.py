"""How a block is cut into tiles: none larger than asked for, each pair of types in one, as many as a cache takes."""

import numpy as np
import pytest

from rankstudy.pairs.engine import tiles
from rankstudy.pairs.engine.tiles import (
    LARGEST_TILE,
    LEAST_TILE,
    default_tile,
    n_pairs,
    n_pairs_of_types,
    prepare_run,
    tiles_of,
)
from tests.unit.helpers import space

SIZES = (4, 6, 3, 7, 11, 2)


def run_of(sizes=SIZES):
    return prepare_run([space(np.eye(sum(sizes), dtype=np.float32), sizes)], [], 10, 0, 0, 0, None)


def groups(tile, rows=None, columns=None):
    """Return the types of the groups of rows of all tiles, in order."""
    found = tiles_of(run_of(), rows, columns, tile)
    return list(dict.fromkeys(tuple(a.types) for a, _ in found))


def test_types_share_a_group_as_long_as_they_fit():
    # 4 + 6 fit exactly into 10, 3 + 7 as well; the type of 11 is larger than a tile
    assert groups(10) == [(0, 1), (2, 3), (4,), (5,)]
    assert groups(9) == [(0,), (1, 2), (3,), (4,), (5,)]
    assert groups(13) == [(0, 1, 2), (3,), (4, 5)]


def test_only_consecutive_types_share_a_group():
    assert groups(1000, ["a", "c", "d"], ["a", "c", "d"]) == [(0,), (2, 3)]


@pytest.mark.parametrize("tile", [1, 9, 10, 13, 1000])
@pytest.mark.parametrize(("rows", "columns"), [(None, None), ("ace", "bcf"), ("ab", "cdef"), ("abcdef", "b")])
def test_each_pair_of_types_is_in_one_tile(tile, rows, columns):
    chosen = [
        list(range(6)) if names is None else sorted("abcdef".index(name) for name in names) for names in (rows, columns)
    ]
    wanted = {tuple(sorted((a, b))) for a in chosen[0] for b in chosen[1]}
    found, cells = [], 0
    for a, b in tiles_of(run_of(), rows, columns, tile):
        found += [tuple(sorted((s, t))) for s in a.types for t in b.types if a.begin != b.begin or s <= t]
        cells += n_pairs(a, b)
    assert sorted(found) == sorted(wanted)
    assert cells == sum(n_pairs_of_types(run_of(), s, t) for s, t in found)


def test_pairs_of_types_are_counted():
    run = run_of()
    assert [n_pairs_of_types(run, 0, t) for t in range(6)] == [6, 24, 12, 28, 44, 8]
    assert n_pairs_of_types(run, 5, 5) == 1


@pytest.mark.parametrize(("cache", "n_spaces"), [(32 << 20, 1), (32 << 20, 2), (60 << 20, 3), (128 << 20, 7)])
def test_the_tiles_of_all_spaces_and_their_turned_copies_fill_about_half_of_the_cache(monkeypatch, cache, n_spaces):
    monkeypatch.setattr(tiles, "largest_cache", lambda: cache)
    side = default_tile(n_spaces)
    assert LEAST_TILE < side < LARGEST_TILE
    values = 2 * n_spaces * side**2  # of 4 bytes
    assert 0.5 < 4 * values / cache < 0.6


def test_tiles_are_neither_tiny_nor_huge_whatever_the_cache(monkeypatch):
    for cache, side in ((1 << 10, LEAST_TILE), (1 << 40, LARGEST_TILE)):
        monkeypatch.setattr(tiles, "largest_cache", lambda cache=cache: cache)
        assert default_tile(3) == side
