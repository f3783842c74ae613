"""Operating points: the least strict cutoff at which so large a share of all relations is of the cell's own type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.compared import SCOPE, Compared
from rankstudy.measures.relations.counts import CountedRelations
from rankstudy.measures.uncertainty.spread import interval_of_number, interval_of_share
from rankstudy.measures.uncertainty.units import LEVEL, LEVELS
from rankstudy.pairs.engine.result import OWN

if TYPE_CHECKING:
    from rankstudy.measures.uncertainty.relation_errors import Errors

TARGETS = (0.5, 0.9, 0.95)
REACHED, NEVER, NO_PAIR = "reached", "never reached", "no pair of cells of one type"
_UNIT = "the space's measure"

OPERATING_POINTS = Table(
    "operating_points",
    "The least strict cutoff at which so large a share of all relations (pooled over the cells: each relation weighs the same) "
    "is of the cell's own type; between two cutoffs, numbers of relations are taken as on a straight line.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        Column("target", "number", "precision to reach"),
        Column("cutoff", "number", "the cutoff", _UNIT, optional=True),
        Column("cutoff_low", "number", "lower end of its interval", _UNIT, optional=True),
        Column("cutoff_high", "number", "upper end of its interval", _UNIT, optional=True),
        Column(
            "precision",
            "number",
            "share of own type among the relations there: the target, or more where all pairs together have more",
            optional=True,
        ),
        Column("recall", "number", "share of all pairs of one type that are relations there", optional=True),
        Column("recall_low", "number", "lower end of its interval", optional=True),
        Column("recall_high", "number", "upper end of its interval", optional=True),
        LEVEL,
        LEVELS,
        Column("n_relations", "integer", "relations there", "pairs, seen from each cell", optional=True),
        Column("highest_precision", "number", "highest precision at any cutoff"),
        Column("reason", "text", f"`{REACHED}`, `{NEVER}` or `{NO_PAIR}`"),
    ),
    ("dataset", "seed", "space", "cell_type", "target"),
    location="results/<dataset>/tables/operating_points.parquet, .tsv",
)


@dataclass(frozen=True)
class Crossing:
    """Where precision first reaches a target, on each of several curves over C cutoffs, the least strict first.

    Attributes
    ----------
    before, at
        (...), the last cutoff that is not precise enough and the first one that is; both 0 where the first one is, both
        -1 where none is.
    part
        (...), which part of the way between them it is reached at; 0 where they are the same.
    """

    before: np.ndarray
    at: np.ndarray
    part: np.ndarray

    @classmethod
    def of(cls, own: np.ndarray, every: np.ndarray, target: float) -> Crossing:
        """Return where own over all relations, both (..., C), is the target."""
        precision = precision_of(own, every)
        enough = precision >= target
        at = np.where(enough.any(axis=-1), enough.argmax(axis=-1), -1)
        before = np.where(at > 0, at - 1, at)
        short, over = (_at(own - target * every, place) for place in (before, at))
        part = np.divide(short, short - over, out=np.zeros(at.shape), where=at > 0)
        return cls(before, at, part)

    @property
    def reached(self) -> np.ndarray:
        """(...), whether there is such a cutoff."""
        return self.at >= 0

    def value(self, curve: np.ndarray) -> np.ndarray:
        """Return what a curve (..., C), straight between cutoffs, is there; NaN where the target is never reached."""
        before, at = _at(curve, self.before), _at(curve, self.at)
        return np.where(self.reached, before + self.part * (at - before), np.nan)


def precision_of(own: np.ndarray, every: np.ndarray) -> np.ndarray:
    """Return the share of own type among the relations at each cutoff, 0 where there are none."""
    return np.divide(own, every, out=np.zeros(own.shape), where=every > 0)


def recall_of(own: np.ndarray, crossing: Crossing) -> np.ndarray:
    """Return the share of all pairs of one type that are relations at the crossing, NaN where there are none."""
    every_pair = own[..., 0]
    return np.divide(crossing.value(own), every_pair, out=np.full(every_pair.shape, np.nan), where=every_pair > 0)


def _at(curve: np.ndarray, place: np.ndarray) -> np.ndarray:
    return np.take_along_axis(curve, np.maximum(place, 0)[..., None], axis=-1)[..., 0]


def operating_points(
    counted: CountedRelations, compared: Compared, errors: Sequence[Errors], level: float
) -> pd.DataFrame:
    """Return where the precision of the own type reaches each of TARGETS, and the recall there; see the table."""
    rows = []
    for scope, (label, _) in enumerate(compared.scopes()):
        relations, of_scope = counted.relations[scope], errors[scope]
        own, every = relations[2 * OWN : 2 * OWN + 2].sum(axis=0), relations.sum(axis=0)
        about = {"cell_type": label, "level": level, "levels": of_scope.drawn.level}
        about["highest_precision"] = precision_of(own, every).max()
        for i, target in enumerate(TARGETS):
            crossing = Crossing.of(own, every, target)
            recall, cutoff = float(recall_of(own, crossing)), float(crossing.value(counted.cutoffs))
            freedom = of_scope.drawn.freedom
            ends = interval_of_number(cutoff, of_scope.cutoffs[i], freedom, level)
            recalls = interval_of_share(recall, of_scope.recalls[i], freedom, level)
            row = {"target": target, "cutoff": cutoff, "cutoff_low": ends[0], "cutoff_high": ends[1]}
            row |= {"recall": recall, "recall_low": float(recalls[0]), "recall_high": float(recalls[1])}
            row |= {"precision": np.nan, "n_relations": np.nan, "reason": NEVER if own[0] else NO_PAIR}
            if crossing.reached:
                n = float(crossing.value(every))
                row |= {"precision": crossing.value(own) / n, "n_relations": round(n), "reason": REACHED}
            rows.append({**about, **row})
    whole = pd.DataFrame(rows).astype({"n_relations": "Int64"})
    return whole.assign(space=counted.space)
