"""Operating points: the least strict cutoff at which so large a share of all relations is of the cell's own type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rankstudy.measures.compared import Compared
from rankstudy.measures.relations.counts import CountedRelations
from rankstudy.measures.relations.crossing import TARGETS, Crossing, precision_of, recall_of
from rankstudy.measures.relations.errors import Errors
from rankstudy.measures.relations.tables import NEVER, NO_PAIR, REACHED
from rankstudy.measures.uncertainty.spread import interval_of_number, interval_of_share
from rankstudy.pairs.engine.result import OWN


def operating_points(
    counted: CountedRelations, compared: Compared, errors: Sequence[Errors], level: float
) -> pd.DataFrame:
    """Return where the precision of the own type reaches each of TARGETS, and the recall there; see the table."""
    rows = []
    for scope, (label, _) in enumerate(compared.scopes()):
        relations, of_scope = counted.relations[scope], errors[scope]
        own, every = relations[2 * OWN : 2 * OWN + 2].sum(axis=0), relations.sum(axis=0)
        about = {"cell_type": label, "level": level, "levels": of_scope.resampled.level}
        about["highest_precision"] = precision_of(own, every).max()
        for i, target in enumerate(TARGETS):
            crossing = Crossing.of(own, every, target)
            recall, cutoff = float(recall_of(own, crossing)), float(crossing.value(counted.cutoffs))
            freedom = of_scope.resampled.freedom
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
