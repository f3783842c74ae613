"""Every pair of a few thousand cells in memory at once, measure by measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.likeness.numbers import density_of, mean_of
from rankstudy.pairs.likeness.vectors import common_dimensions, prepare


class EveryPair(NamedTuple):
    """A measure of every pair of cells.

    Attributes
    ----------
    measure
        The measure.
    above, below
        (cells, cells), float32: what holds is above the diagonal of the first and below that of the second.
    """

    measure: Measure
    above: np.ndarray
    below: np.ndarray


def every_pair(
    rows: sp.csr_matrix | np.ndarray, measures: Sequence[Measure], *, names: np.ndarray | None = None
) -> Iterator[EveryPair]:
    """Yield each measure of all pairs of cells; what is yielded is written over by the next.

    Parameters
    ----------
    rows
        Vectors, cells x dimensions, CSR or dense. Their mean is what centred measures subtract.
    measures
        At least one similarity.
    names
        Cell ids, for the message when a measure is undefined.

    Raises
    ------
    StudyError
        If a cell has no likeness to others by one of the measures.
    """
    common = common_dimensions(rows)
    vectors = prepare(rows, measures, density=density_of(rows), common=common, mean_cell=mean_of(rows), names=names)
    base, above, below = (np.empty((len(vectors), len(vectors)), np.float32) for _ in range(3))
    vectors.base.multiply(vectors.base, base, triangle=True)
    for k, measure in enumerate(measures):
        vectors.finish(k, vectors, base, above, below)
        yield EveryPair(measure, above, below)
