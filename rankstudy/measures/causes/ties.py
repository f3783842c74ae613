"""What rules for ties do: a cell under one beside itself under another, and what an order of ties adds that all share.

Orders and bins tell equal counts apart by the order of the columns, by chance, or not at all. A cell that is encoded
again by other random numbers is the same cell: how far that moves it, beside the way to another cell of its type, is
noise of the rule. An order of the columns is the same in all cells: what it adds of likeness is no sight of any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numba as nb
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.progress import Progress
from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.causes.pair_means import PairMeans
from rankstudy.measures.causes.tables import BETWEEN_TYPES, CHANCE, CLAIMED, RULES, TIE_RULES, TIES, WITHIN_TYPES
from rankstudy.measures.lattice.corner import Corner
from rankstudy.measures.lattice.itinerary import shortest
from rankstudy.measures.lattice.vectors import Read
from rankstudy.measures.settings.differences import resampled_of
from rankstudy.measures.settings.draws import Drawn
from rankstudy.measures.settings.material import has_direction, not_alone
from rankstudy.measures.settings.scores import Cells, Score, scores
from rankstudy.measures.settings.setting import claimed
from rankstudy.measures.settings.tables import SELECTED
from rankstudy.measures.sparsity import tied_shares
from rankstudy.measures.uncertainty.influence import Influence, mean_of_cells
from rankstudy.measures.uncertainty.intervals import interval
from rankstudy.measures.uncertainty.resampling import resample
from rankstudy.measures.uncertainty.statistics import Statistic
from rankstudy.measures.uncertainty.tables import ACROSS, OWN_TYPE
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.spaces.steps import TIED

MEASURES = claimed(order=True)
WAY = "way"


class Ruled(NamedTuple):
    """What a number is of: an encoding with a rule for ties, by a measure and a statistic."""

    space: str
    rule: str
    measure: Measure
    statistic: str


def ties_of(looked: LookedAt, *, rules: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how far another random rule moves cells, and what each kind of rule makes of each encoding.

    Parameters
    ----------
    looked
        The cells and the encodings, of which those are taken that are orders or bins. Cells that have no direction in
        one of them under some rule are left out of all.
    rules
        Random rules, at least two. Of the statistics that are compared between kinds of rules, means are taken over at
        most as many as `looked.asked.draws`.

    Returns
    -------
    Rows of the tables `ties` and `tie_rules`, all columns but `dataset` and `seed`; none without such encodings.
    """
    corners = {name: corner for name, corner in looked.corners.items() if corner.kind in TIED}
    if not corners:
        return tuple(table.empty().drop(columns=["dataset", "seed"]) for table in (TIES, TIE_RULES))
    looked = _defined_under_all(looked, corners.values(), rules)
    read = _reader(looked)
    moved, scored = [], {}
    for name, corner in Progress(corners.items(), total=len(corners), unit="encodings"):
        by_chance = sp.vstack([_vectors(read, corner, CHANCE, draw) for draw in range(rules)], format="csr")
        shares = {
            "changed": _changed(by_chance, rules),
            "tied": tied_shares(read.counts_read(corner))[1],
        }
        for measure in MEASURES:
            pairs = PairMeans.of(by_chance, looked.cells, centred=measure.centred)
            moved += _moved(name, measure, pairs, shares, looked.cells)
        # where nothing is tied, all draws are one
        n, draws = len(looked.cells), min(rules, looked.asked.draws) if shares["changed"].any() else 1
        made = {CHANCE: [by_chance[draw * n : (draw + 1) * n] for draw in range(draws)]}
        made |= {rule: [_vectors(read, corner, rule)] for rule in RULES if rule != CHANCE and _has(corner, rule)}
        scored |= _scored(name, made, looked.cells, looked.asked.neighbours)
    published = {name: corner.ties for name, corner in corners.items()}
    return _ties(moved, looked, rules), _tie_rules(scored, published, looked)


def _defined_under_all(looked: LookedAt, corners: Iterable[Corner], rules: int) -> LookedAt:
    """Return the cells that have a direction under every rule: another rule can fill a short order with other genes."""
    read, kept = _reader(looked), np.ones(len(looked.cells), bool)
    ruled = [corner.with_level("ties", rule) for corner in corners for rule in RULES]
    for corner in shortest(ruled):
        for draw in range(rules if corner.by_chance and corner.first else 1):
            kept &= has_direction(read.vectors(corner, draw=draw)[SELECTED])
    if kept.all():
        return looked
    return looked.of_cells(not_alone(looked.cells.table["slug"], kept, "causes", "settings.also"))


def _reader(looked: LookedAt) -> Read:
    return Read(looked.material.counts, looked.genes, looked.panels)


def _has(corner: Corner, rule: str) -> bool:
    """Return whether an encoding can have a rule: equal counts are in one bin, whatever the order of the columns."""
    return corner.with_level("ties", rule).ties == rule


def _vectors(read: Read, corner: Corner, rule: str, draw: int = 0) -> sp.csr_matrix:
    return read.vectors(corner.with_level("ties", rule), draw=draw)[SELECTED]


def _moved(
    space: str, measure: Measure, pairs: PairMeans, shares: Mapping[str, np.ndarray], cells: Cells
) -> Iterator[tuple[dict[str, object], Statistic]]:
    """Yield the rows of an encoding by a measure, over all cells and of each type, each with the statistic `way`."""
    own, within, between = 1 - pairs.apart, pairs.own / pairs.partners[0], pairs.other / pairs.partners[1]
    everybody = np.arange(len(cells))
    parts = [(None, everybody, _way_of_all(pairs))]
    for kind, begin in enumerate(cells.starts[:-1]):
        label, members = cells.table["cell_type"].iloc[begin], everybody[begin : cells.starts[kind + 1]]
        parts.append((label, members, _way_of_type(pairs, kind, members)))
    for label, members, way in parts:
        row = {
            "space": space,
            "cell_type": label,
            "measure": measure.metric,
            "centred": measure.centred,
            "own": own[members].mean(),
            "within": within[members].mean(),
            "between": between[members].mean(),
            **{name: of[members].mean() for name, of in shares.items()},
            "n_cells": len(members),
        }
        yield row, Statistic(WAY, space, label, None, members, way)


def _way_of_all(pairs: PairMeans) -> Influence:
    """Return the way of the mean cell, whose type counts by its cells."""
    n, left = pairs.sizes.sum(axis=1), pairs.sizes.sum(axis=1, keepdims=True) - pairs.sizes
    each, without = pairs.within_each()
    within = float(n @ each / n.sum())
    of_pairs = 2 * (pairs.own / pairs.partners[0] - each[pairs.types])
    of_cells = (each[pairs.types] - within + of_pairs) / n.sum()
    # a type of which a unit leaves one cell at most has no pairs there
    weights = np.where(np.isfinite(without), left, 0.0)
    left_within = (weights * np.nan_to_num(without)).sum(axis=0) / np.maximum(weights.sum(axis=0), 1)
    return _way(mean_of_cells(pairs.apart, pairs.units, pairs.sizes.shape[1]), Influence(within, of_cells, left_within))


def _way_of_type(pairs: PairMeans, kind: int, members: np.ndarray) -> Influence:
    each, without = pairs.within_each()
    of_cells = 2 * (pairs.own[members] / pairs.partners[0][members] - each[kind]) / len(members)
    # units without a cell of the type have no part in it
    left = np.where(pairs.sizes[kind] > 0, without[kind], np.nan)
    apart = mean_of_cells(pairs.apart[members], pairs.units[members], pairs.sizes.shape[1])
    return _way(apart, Influence(each[kind], of_cells, left))


def _way(apart: Influence, within: Influence) -> Influence:
    """Return apart / (apart + 1 - within), a share, of which the way is the odds; to first order (delta method)."""
    e, f = apart.estimate, 1 - within.estimate
    whole = e + f if e + f > 0 else 1.0
    of_cells = (f * apart.of_cells + e * within.of_cells) / whole**2
    left = apart.without + 1 - within.without
    without = np.divide(apart.without, left, out=np.where(np.isfinite(left), 0.0, np.nan), where=left > 0)
    return Influence(e / whole, of_cells, without)


def _odds(shares: np.ndarray) -> np.ndarray:
    return shares / (1 - shares)


def _ties(moved: Sequence[tuple[dict[str, object], Statistic]], looked: LookedAt, rules: int) -> pd.DataFrame:
    asked, rows = looked.asked, []
    found = resample(
        [statistic for _, statistic in moved],
        looked.cells.types,
        looked.cells.units,
        unit=asked.unit,
        resamples=asked.resamples,
        random=asked.random,
    )
    for i, (row, statistic) in enumerate(moved):
        low, high = interval(_odds(found.values[:, i]), found.freedom[i], asked.level)
        way = _odds(statistic.influence.estimate)
        rows.append({**row, "rules": rules, "way": way, "low": low, "high": high, "levels": found.levels[i]})
    return pd.DataFrame(rows).assign(level=asked.level)


def _scored(space: str, made: Mapping[str, Sequence[sp.csr_matrix]], cells: Cells, k: int) -> dict[Ruled, Drawn]:
    """Return the statistics of an encoding with each rule, means over draws of chance."""
    found: dict[Ruled, Drawn] = {}
    for rule, draws in made.items():
        for vectors in draws:
            for measure, statistic, score in scores(vectors, MEASURES, cells, k):
                if statistic in CLAIMED:
                    found.setdefault(Ruled(space, rule, measure, statistic), Drawn()).add(score)
            for measure in MEASURES:
                pairs = PairMeans.of(vectors, cells, centred=measure.centred)
                for statistic, likeness in ((WITHIN_TYPES, pairs.within()), (BETWEEN_TYPES, pairs.between())):
                    score = Score(_as_share(likeness))
                    found.setdefault(Ruled(space, rule, measure, statistic), Drawn()).add(score)
    return found


def _as_share(likeness: Influence) -> Influence:
    """Return a correlation as a share of the way from -1 to 1: what is resampled lies between 0 and 1."""
    return Influence((1 + likeness.estimate) / 2, likeness.of_cells / 2, (1 + likeness.without) / 2)


def _tie_rules(scored: Mapping[Ruled, Drawn], published: Mapping[str, str], looked: LookedAt) -> pd.DataFrame:
    asked, keys = looked.asked, list(scored)
    found, drawn = resampled_of(
        scored, looked.cells, k=asked.neighbours, unit=asked.unit, resamples=asked.resamples, random=asked.random
    )
    by_chance = np.array([keys.index(key._replace(rule=CHANCE)) for key in keys])
    # of chance itself the number, of the other rules the difference from it
    weights = sp.eye_array(len(keys), format="lil")
    for i in np.flatnonzero(by_chance != np.arange(len(keys))):
        weights[i, by_chance[i]] = -1
    weights = weights.tocsr()
    estimates = np.array([statistic.influence.estimate for statistic in found.statistics])
    moved, differences = found.values @ weights.T, weights @ estimates
    drawn_of = zip(drawn.numbers_of(weights), drawn.errors_of(weights), strict=True)
    rows = []
    for i, (key, (number, error)) in enumerate(zip(keys, drawn_of, strict=True)):
        ends = interval(moved[:, i], found.freedom[i], asked.level)
        row = _row(key, estimates[i], differences[i], ends, asked.neighbours)
        rows.append({**row, "published": published[key.space] == key.rule, "draws": number, "levels": found.levels[i]})
        rows[-1]["draws_error"] = error * (2 if key.statistic in (WITHIN_TYPES, BETWEEN_TYPES) else 1)
    return pd.DataFrame(rows).assign(level=asked.level, n_cells=len(looked.cells)).astype({"k": "Int64"})


def _row(key: Ruled, value: float, difference: float, ends: tuple[float, float], k: int) -> dict[str, object]:
    """Return what a number is of, the number, and its difference from chance, likeness as it was before `_as_share`."""
    likeness, by_chance = key.statistic in (WITHIN_TYPES, BETWEEN_TYPES), key.rule == CHANCE
    stretch = 2 if likeness else 1
    return {
        "space": key.space,
        "rule": key.rule,
        "measure": key.measure.metric,
        "centred": key.measure.centred,
        "statistic": key.statistic,
        "k": k if key.statistic in (OWN_TYPE, ACROSS) else None,
        "value": 2 * value - 1 if likeness else value,
        "estimate": None if by_chance else stretch * difference,
        "low": None if by_chance else stretch * ends[0],
        "high": None if by_chance else stretch * ends[1],
    }


def _changed(vectors: sp.csr_matrix, rules: int) -> np.ndarray:
    """Return (cells,), the share of the values of a vector that another rule changes, mean over pairs of rules."""
    changed = np.empty(vectors.shape[0] // rules)
    _count_changed(vectors.indptr.astype(np.int64), vectors.indices, vectors.data, rules, vectors.shape[1], changed)
    return changed


@nb.njit(parallel=True, cache=True)
def _count_changed(indptr, indices, data, n_rules, dimensions, changed):  # pragma: no cover - compiled
    for cell in nb.prange(len(changed)):
        values = np.zeros((n_rules, dimensions), np.float32)
        for rule in range(n_rules):
            row = rule * len(changed) + cell
            for k in range(indptr[row], indptr[row + 1]):
                values[rule, indices[k]] = data[k]
        total = 0.0
        for one in range(n_rules):
            for other in range(one):
                differ, stored = 0, 0
                for gene in range(dimensions):
                    stored += values[one, gene] != 0 or values[other, gene] != 0
                    differ += values[one, gene] != values[other, gene]
                total += differ / max(stored, 1)
        changed[cell] = total / (n_rules * (n_rules - 1) / 2)
