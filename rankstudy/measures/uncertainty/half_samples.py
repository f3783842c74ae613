"""Half-samples, for numbers that move by steps.

Whether most votes are for a cell's own type moves by steps, so derivatives by the weights of cells make its standard
error too small, batches left out one by one too large, and a cell sampled twice votes twice. The values in random
halves of what is independent have about the spread that the number itself has over samples of it: the jackknife that
leaves out a half (Shao and Wu 1989, Annals of Statistics 17:1176-1197), which needs no derivative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rankstudy.measures.compared import Compared
from rankstudy.measures.uncertainty.resampling import (
    CELLS,
    CELLS_IN_BATCHES,
    ResamplingUnit,
    resampling_unit,
    strata_of,
)

# of which the standard error is known to about 7 %
HALF_SAMPLES = 100


@dataclass(frozen=True)
class Halves:
    """Random halves of the compared cells.

    Attributes
    ----------
    taken
        (cells, HALF_SAMPLES), whether a half has the cell.
    resampled
        What was resampled: batches (or donors) with all their cells, or cells within batches.
    """

    taken: np.ndarray
    resampled: ResamplingUnit

    @classmethod
    def of(cls, compared: Compared, units: np.ndarray, unit: str, random: np.random.Generator) -> Halves:
        """Sample halves of the batches if they are enough, else of the cells.

        `units` is the number of each cell's batch, `unit` what they are called.
        """
        strata = strata_of(compared.types, units)
        resampled = resampling_unit(slice(None), strata, units, unit)
        if resampled.level in (CELLS, CELLS_IN_BATCHES):
            return cls(half_of_each(strata, random), resampled)
        return cls(half_of_each(np.zeros(units.max() + 1, int), random)[units], resampled)


def half_of_each(strata: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return (members, HALF_SAMPLES): whether a half has a member.

    Of an odd stratum, one more or one less by chance.
    """
    taken = np.empty((len(strata), HALF_SAMPLES), np.bool_)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        sizes = (len(members) + random.integers(2, size=HALF_SAMPLES)) // 2
        ranks = random.random((len(members), HALF_SAMPLES)).argsort(axis=0).argsort(axis=0)
        taken[members] = ranks < sizes
    return taken
