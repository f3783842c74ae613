"""Encodings at every depth: how well types are separated, and whether a cell finds itself among cells as measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import anndata as ad
import numpy as np
import scipy.sparse as sp

from rankstudy.cells.treatments.one_total import at_one_total
from rankstudy.cells.treatments.thin import thin
from rankstudy.core.progress import Progress
from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.causes.own import finds_itself
from rankstudy.measures.causes.tables import LIBRARY_SIZE, ONE_HOT, ORIGINAL, SAME_MEAN, THINNED
from rankstudy.measures.settings.draws import Drawn
from rankstudy.measures.settings.material import Material, has_direction
from rankstudy.measures.settings.scores import Score, scores
from rankstudy.measures.settings.setting import claimed
from rankstudy.measures.settings.tables import AS_MEASURED, ONE_TOTAL
from rankstudy.measures.uncertainty.influence import mean_of_cells
from rankstudy.measures.uncertainty.tables import BATCH_DRIVEN
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.spaces.controls import one_hot
from rankstudy.spaces.encodings.genes import Vectors
from rankstudy.spaces.encodings.library_size import log_totals

DISTANCE = Measure("euclidean")


class Treatment(NamedTuple):
    """What is done to the counts: a name, the mean share of molecules that is kept, and how often they are drawn."""

    name: str
    keep: float
    draws: int


class At(NamedTuple):
    """What a number is of: an encoding by a measure, treated cells, and a statistic."""

    space: str
    measure: Measure
    treatment: Treatment
    statistic: str


def treatments_of(material: Material, depths: Sequence[float]) -> list[Treatment]:
    """Return what is done to the counts: nothing, thinning, one total, and thinning to the mean that one total has."""
    share = material.total / float(material.counts.obs["n_counts"].mean())
    return [
        Treatment(AS_MEASURED, 1.0, 1),
        *(Treatment(THINNED, keep, material.draws) for keep in depths),
        Treatment(SAME_MEAN, share, material.draws),
        Treatment(ONE_TOTAL, share, material.draws),
    ]


def treated(material: Material, treatment: Treatment, draw: int) -> ad.AnnData:
    """Return the counts of the cells as they are treated; `obs["n_counts"]` are their sums."""
    counts, cells = material.counts, (material.counts.obs_names.tolist(), material.counts.var_names.tolist())
    given = {"seed": material.seed, "draw": draw}
    if treatment.name == AS_MEASURED:
        return counts
    if treatment.name == ONE_TOTAL:
        return with_counts(counts, at_one_total(counts.X, *cells, total=material.total, **given).counts)
    return with_counts(counts, thin(counts.X, *cells, keep=treatment.keep, **given))


def with_counts(cells: ad.AnnData, counts: sp.csr_matrix) -> ad.AnnData:
    """Return cells with other counts, and the sums of these; a cell without any has a sum of 1, and no vector."""
    totals = np.maximum(np.asarray(counts.sum(axis=1), np.float64).ravel(), 1.0)
    return ad.AnnData(counts, obs=cells.obs.assign(n_counts=totals), var=cells.var)


def score_depths(looked: LookedAt, treatments: Sequence[Treatment]) -> tuple[dict[At, Drawn], np.ndarray]:
    """Return the statistics of every encoding and control, however cells are treated, as means over draws.

    Returns
    -------
    The statistics; and (cells,), whether every encoding has a vector of the cell, however it is treated. The
    statistics are complete only where it has one of all.
    """
    found: dict[At, Drawn] = {}
    defined = np.ones(len(looked.cells), bool)
    measured = {name: vectors for name, vectors, _ in _spaces(looked, looked.material.counts)}
    drawn = [(treatment, draw) for treatment in treatments for draw in range(treatment.draws)]
    for treatment, draw in Progress(drawn, total=len(drawn), unit="depths and draws"):
        for name, vectors, measures in _spaces(looked, treated(looked.material, treatment, draw)):
            if name in looked.encoders:
                defined &= has_direction(vectors)
            if defined.all():
                for measure, statistic, one in _scores(looked, vectors, measured[name], measures):
                    found.setdefault(At(name, measure, treatment, statistic), Drawn()).add(one)
    return found, defined


def median_totals(looked: LookedAt, treatments: Sequence[Treatment]) -> dict[Treatment, float]:
    """Return the median molecules of a cell, however it is treated (in the first draw)."""
    material = looked.material
    return {each: float(np.median(treated(material, each, 0).obs["n_counts"])) for each in treatments}


def _spaces(looked: LookedAt, counts: ad.AnnData) -> Iterator[tuple[str, Vectors, tuple[Measure, ...]]]:
    """Yield the vectors of encodings and controls, and the measures by which they are looked at."""
    for name, vectors in looked.vectors(counts):
        yield name, vectors, claimed(looked.asked.encodings[name]["order"])
    yield from controls_of(looked, counts)


def controls_of(looked: LookedAt, counts: ad.AnnData) -> Iterator[tuple[str, Vectors, tuple[Measure, ...]]]:
    """Yield what depth alone tells of cells, and what is known without any counts."""
    yield LIBRARY_SIZE, log_totals(counts.X, counts.obs["n_counts"].to_numpy()), (DISTANCE,)
    yield ONE_HOT, one_hot(looked.cells.table[["slug"]], seed=looked.asked.seed), (Measure("correlation"),)


def _scores(
    looked: LookedAt, vectors: Vectors, measured: Vectors, measures: Sequence[Measure]
) -> Iterator[tuple[Measure, str, Score]]:
    cells = looked.cells
    for measure, statistic, one in scores(vectors, measures, cells, looked.asked.neighbours, votes=True):
        if statistic != BATCH_DRIVEN:
            yield measure, statistic, one
    for measure, itself in finds_itself(vectors, measured, measures):
        yield measure, ORIGINAL, Score(mean_of_cells(itself, cells.units, cells.n_units))
