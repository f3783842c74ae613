"""How far two measurements of the same cells agree on what sets these apart from others of their type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rankstudy.measures.uncertainty.influence import Influence, sums_by

# What quarters predict for halves holds where its interval lies within so much: written down before any result.
TOLERANCE = 0.05


@dataclass(frozen=True)
class Deviations:
    """What cells and their twins have beside the mean of their type, as sums over genes.

    A correlation r = xy / sqrt(xx yy) over all of them moves by r (xy / XY - xx / 2 XX - yy / 2 YY) with the weight of
    a cell that has xy, xx and yy, of the sums XY, XX and YY. Without a batch or donor the means of the types move too.

    Attributes
    ----------
    first, second
        (cells, genes), less the mean of the type.
    types, units, n_units
        (cells,), numbers of the type and of the batch or donor of each; how many of these there are.
    """

    first: np.ndarray
    second: np.ndarray
    types: np.ndarray
    units: np.ndarray
    n_units: int

    @classmethod
    def of(
        cls, first: np.ndarray, second: np.ndarray, types: np.ndarray, units: np.ndarray, n_units: int
    ) -> Deviations:
        """Take vectors and types of cells."""
        less = (vectors - _means(vectors, types)[types] for vectors in (first, second))
        return cls(*less, types, units, n_units)

    @cached_property
    def products(self) -> np.ndarray:
        """(cells, 3), the sums over genes of xy, xx and yy."""
        pairs = (self.first, self.second), (self.first, self.first), (self.second, self.second)
        return np.stack([np.einsum("cg,cg->c", a, b, dtype=np.float64) for a, b in pairs], axis=1)

    @cached_property
    def without(self) -> np.ndarray:
        """(units, types, 3), the sums of the products without each unit, about the means that the types then have."""
        n_types = int(self.types.max()) + 1
        groups = self.units * n_types + self.types
        n_groups = self.n_units * n_types
        of_groups = sums_by(groups, self.products, n_groups).reshape(self.n_units, n_types, 3)
        gone = np.bincount(groups, minlength=n_groups).reshape(self.n_units, n_types)
        x, y = (sums_by(groups, vectors, n_groups) for vectors in (self.first, self.second))
        moved = np.stack([np.einsum("gd,gd->g", a, b) for a, b in ((x, y), (x, x), (y, y))], axis=1)
        left = np.bincount(self.types) - gone
        per_left = np.divide(1.0, left, out=np.zeros(left.shape), where=left > 0)
        return of_groups.sum(axis=0) - of_groups - moved.reshape(of_groups.shape) * per_left[:, :, None]

    def correlation(self, kind: int | None) -> Influence | None:
        """Return the correlation over cells and genes, of all types or one, mapped from [-1, 1] to [0, 1].

        None where the cells of a type are all alike.
        """
        chosen = np.ones(len(self.types), bool) if kind is None else self.types == kind
        products = self.products[chosen]
        sums, less = products.sum(axis=0), self.without.sum(axis=1) if kind is None else self.without[:, kind]
        if sums[1:].min() <= 1e-9 * len(products):
            return None
        r = _correlation(sums)
        of_cells = r * (products[:, 0] / sums[0] - (products[:, 1:] / sums[1:]).sum(axis=1) / 2)
        part = np.bincount(self.units[chosen], minlength=self.n_units) > 0
        with np.errstate(invalid="ignore", divide="ignore"):
            without = np.where(part, _correlation(less), np.nan)
        return Influence((1 + r) / 2, of_cells / 2, (1 + without) / 2)


def predicted(reliability: np.ndarray | float) -> np.ndarray | float:
    """Return what twice as many molecules should have.

    Of parallel measurements with errors that have nothing to do with each other (Spearman 1910, Br. J. Psychol.
    3:271-295; Brown 1910, Br. J. Psychol. 3:296-322).
    """
    return 2 * reliability / (1 + reliability)


def _means(vectors: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Return the mean vector of each type."""
    sums = sums_by(types, vectors, int(types.max()) + 1)
    return (sums / np.bincount(types)[:, None]).astype(vectors.dtype)


def _correlation(sums: np.ndarray) -> np.ndarray:
    """Return xy / sqrt(xx yy) of (..., 3) sums."""
    return sums[..., 0] / np.sqrt(sums[..., 1] * sums[..., 2])
