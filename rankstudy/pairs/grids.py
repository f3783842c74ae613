"""Grids that values of pairs are counted on: fine uniform bins, and hexagons for two measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 1 << 13


def bin_counts(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Count values in BINS equal bins of [low, high]; a value outside counts in the first or the last bin."""
    index = ((values.astype(np.float64) - low) * (BINS / (high - low))).astype(np.int64)
    return np.bincount(np.clip(index, 0, BINS - 1), minlength=BINS)


def bin_edges(low: float, high: float) -> np.ndarray:
    """Return the BINS + 1 edges of the bins."""
    return np.linspace(low, high, BINS + 1)


@dataclass(frozen=True)
class HexGrid:
    """Hexagons over a rectangle: two interleaved lattices of centres; a point belongs to the nearest centre.

    Centres of the first lattice are at (i * dx, j * dy), of the second at ((i + 1/2) * dx, (j + 1/2) * dy), from the
    lower left corner; nearness is taken with y stretched so that the cells are regular hexagons when dy = sqrt(3) dx
    (Carr et al. 1987, as in matplotlib's hexbin).

    Attributes
    ----------
    x, y
        Ranges (low, high).
    nx, ny
        Steps of the lattice along x and y.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    nx: int
    ny: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Lattices x columns x rows of the counts."""
        return 2, self.nx + 2, self.ny + 2

    @property
    def step(self) -> tuple[float, float]:
        """The steps dx and dy in the units of x and y."""
        return (self.x[1] - self.x[0]) / self.nx, (self.y[1] - self.y[0]) / self.ny

    def counts(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Count points per hexagon; the array has the grid's `shape`."""
        dx, dy = self.step
        sx = np.clip((x.astype(np.float64) - self.x[0]) / dx, 0, self.nx)
        sy = np.clip((y.astype(np.float64) - self.y[0]) / dy, 0, self.ny)
        first_x, first_y = np.rint(sx), np.rint(sy)
        second_x, second_y = np.floor(sx), np.floor(sy)
        to_first = (sx - first_x) ** 2 + 3 * (sy - first_y) ** 2
        to_second = (sx - second_x - 0.5) ** 2 + 3 * (sy - second_y - 0.5) ** 2
        second = to_second < to_first
        column, row = np.where(second, second_x, first_x), np.where(second, second_y, first_y)
        flat = np.ravel_multi_index(
            (second.astype(np.int64), column.astype(np.int64), row.astype(np.int64)), self.shape
        )
        return np.bincount(flat, minlength=int(np.prod(self.shape))).reshape(self.shape)

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of each hexagon's centre, in arrays of the grid's `shape`."""
        lattice, column, row = np.indices(self.shape)
        dx, dy = self.step
        return self.x[0] + (column + lattice / 2) * dx, self.y[0] + (row + lattice / 2) * dy
