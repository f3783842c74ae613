"""Bins and hexagons against slow searches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankstudy.pairs.engine.grids import BINS, HexGrid, bin_edges
from tests.unit.helpers import bin_counts, hexagon_counts


@given(st.lists(st.floats(-1, 1, width=32), max_size=60))
def test_each_value_is_counted_once_between_the_edges_of_its_bin(values):
    counts, edges = bin_counts(np.array(values, np.float32), -1.0, 1.0), bin_edges(-1.0, 1.0)
    # bins are computed in 32 bits: a value this near to an edge may fall on either side
    near = 2e-7
    assert counts.shape == (BINS,) and counts.sum() == len(values)
    held = np.flatnonzero(counts)
    for i in held:
        inside = [v for v in values if edges[i] - near <= v <= edges[i + 1] + near]
        assert len(inside) >= counts[i]


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 37.5)])
def test_middle_of_each_bin_falls_into_it(low, high):
    edges = bin_edges(low, high)
    assert len(edges) == BINS + 1 and edges[0] == low and edges[-1] == high
    np.testing.assert_array_equal(bin_counts((edges[1:] + edges[:-1]) / 2, low, high), 1)


def test_values_at_and_beyond_the_ends_count_in_the_outer_bins():
    counts = bin_counts(np.array([-1.0, -1.5, 1.0, 1.5, 1.0 - 1e-9]), -1.0, 1.0)
    assert counts[0] == 2 and counts[-1] == 3 and counts.sum() == 5


def slow_counts(grid, x, y):
    """Count points by searching the nearest of all centres."""
    centre_x, centre_y = grid.centres()
    dx, dy = grid.step
    counts = np.zeros(grid.shape, int)
    for px, py in zip(x, y, strict=True):
        distance = ((centre_x - px) / dx) ** 2 + 3 * ((centre_y - py) / dy) ** 2
        counts[np.unravel_index(distance.argmin(), grid.shape)] += 1
    return counts


@pytest.mark.parametrize(
    "grid",
    [
        HexGrid((-1.0, 1.0), (-1.0, 1.0), 17, 10),
        HexGrid((0.0, 31.4), (-1.0, 1.0), 10, 6),
        HexGrid((0.0, 1.0), (0.0, 250.0), 1, 1),
    ],
)
def test_hexagons_equal_a_search_of_the_nearest_centre(grid):
    random = np.random.default_rng(0)
    x, y = random.uniform(*grid.x, 3000), random.uniform(*grid.y, 3000)
    counts = hexagon_counts(grid, x, y)
    assert counts.shape == grid.shape and counts.sum() == 3000
    np.testing.assert_array_equal(counts, slow_counts(grid, x, y))


def test_every_centre_within_the_range_falls_into_its_own_hexagon():
    grid = HexGrid((0.0, 8.0), (-1.0, 1.0), 16, 9)
    x, y = grid.centres()
    inside = (x <= grid.x[1]) & (y <= grid.y[1])
    np.testing.assert_array_equal(hexagon_counts(grid, x[inside], y[inside]), inside)


def test_corners_and_values_just_outside_are_counted():
    grid = HexGrid((0.0, 1.0), (0.0, 1.0), 10, 6)
    x, y = np.array([0, 1, 0, 1, -1e-7, 1 + 1e-7]), np.array([0, 0, 1, 1, 0.5, 0.5])
    assert hexagon_counts(grid, x, y).sum() == 6


def test_no_point_makes_no_count():
    grid = HexGrid((0.0, 1.0), (0.0, 1.0), 10, 6)
    assert hexagon_counts(grid, np.empty(0), np.empty(0)).sum() == 0
