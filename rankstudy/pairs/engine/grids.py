"""Grids that values of pairs are counted on: fine uniform bins, and hexagons for two measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 1 << 12


def bin_edges(low: float, high: float, n_bins: int = BINS) -> np.ndarray:
    """Return the edges of equal bins of [low, high]; values outside count in the first or the last bin."""
    return np.linspace(low, high, n_bins + 1)


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

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of each hexagon's centre, in arrays of the grid's `shape`."""
        lattice, column, row = np.indices(self.shape)
        dx, dy = self.step
        return self.x[0] + (column + lattice / 2) * dx, self.y[0] + (row + lattice / 2) * dy
