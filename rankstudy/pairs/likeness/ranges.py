"""The range of a measure: what its bins span, from the pairs of at most a few thousand of the cells."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from rankstudy.pairs.likeness.measures import MEASURES, Measure
from rankstudy.pairs.likeness.numbers import CellNumbers
from rankstudy.pairs.likeness.vectors import ready

MOST_CELLS = 2000


def observed_ranges(
    vectors: sp.csr_matrix | np.ndarray, mean_cell: np.ndarray, ids: Sequence[str], density: float
) -> dict[Measure, tuple[float, float]]:
    """Return the range of each measure: the least and the largest value of the pairs of at most `MOST_CELLS` cells.

    Which cells depends on their ids alone, not on their order. Cells that do not have a measure are left out of it;
    where there is no pair, the range is that of all possible values, or of distances up to 1.

    Parameters
    ----------
    vectors
        Cells x dimensions, CSR or dense.
    mean_cell
        (dimensions,), the mean of all cells.
    ids
        Ids of the cells.
    density
        Share of the values that are stored.
    """
    chosen = _drawn(ids)
    rows = vectors[chosen]
    numbers = CellNumbers.of(rows, mean_cell)
    of = ready(rows, MEASURES, numbers, density)
    base, tile, turned = (np.empty((len(chosen), len(chosen)), np.float32) for _ in range(3))
    of.base.multiply(of.base, base, triangle=len(chosen) > 0)
    above = np.triu(np.ones(base.shape, bool), 1)
    ranges = {}
    for k, measure in enumerate(MEASURES):
        of.finish(k, of, base, tile, turned)
        defined = numbers.defined(measure)
        ranges[measure] = _range_of(tile[above & defined & defined[:, None]], measure)
    return ranges


def _drawn(ids: Sequence[str]) -> np.ndarray:
    """Return the numbers of at most `MOST_CELLS` cells, in order: those whose ids have the lowest digests."""
    if len(ids) <= MOST_CELLS:
        return np.arange(len(ids))
    digests = [hashlib.blake2b(cell.encode(), digest_size=8).digest() for cell in ids]
    return np.sort(np.argsort(digests, kind="stable")[:MOST_CELLS])


def _range_of(values: np.ndarray, measure: Measure) -> tuple[float, float]:
    """Return the least and the largest value, rounded outward to four digits of what lies between them."""
    least, most = measure.limits
    if not len(values):
        return least, min(most, 1.0)
    low, high = float(values.min()), float(values.max())
    scale = 1.0 if measure.similarity else high or 1.0
    if high - low <= 1e-6 * scale:
        # values that only rounding tells apart must share a bin: not at the border of one, at .4 of the range
        low, high = low - 0.4 * scale, low + 0.6 * scale
    per_digit = 10.0 ** (3 - math.floor(math.log10(high - low)))
    # what rounding moves across a round number must not add a digit: such values count in the outer bins
    low, high = math.floor(low * per_digit + 1e-3), math.ceil(high * per_digit - 1e-3)
    return max(low / per_digit, least), min(high / per_digit, most)
