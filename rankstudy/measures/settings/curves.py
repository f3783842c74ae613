"""What is said of whole curves: counts of settings, and what decides."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rankstudy.measures.settings.deciders import deciders
from rankstudy.measures.settings.tables import PARTS
from rankstudy.measures.verdict import BETTER, WORSE

_PAIR = ["space", "reference"]


def curves_of(specified: pd.DataFrame) -> pd.DataFrame:
    """Return the table `curves` of the rows of `specifications`: all statistics together, and each."""
    claims = specified[specified["claim"]]
    together = claims.assign(statistic=None).groupby(_PAIR, sort=False)
    rows = [{**_named(pair), "statistic": None, **_counts(group)} for pair, group in together]
    for (*pair, statistic), group in claims.groupby([*_PAIR, "statistic"], sort=False):
        rows.append({**_named(pair), "statistic": statistic, **_counts(group)})
    return pd.DataFrame(rows)


def _named(pair: tuple[str, str]) -> dict[str, str]:
    return dict(zip(_PAIR, pair, strict=True))


def _counts(settings: pd.DataFrame) -> dict[str, object]:
    """Return in how many of the settings the space is better or worse; all verdicts of a pair hold together."""
    n = len(settings)
    better, worse = (int((settings["verdict"] == word).sum()) for word in (BETTER, WORSE))
    return {
        "settings": n,
        "better": better,
        "worse": worse,
        "open": n - better - worse,
        "least": better,
        "most": n - worse,
        "level": settings["level"].iloc[0],
        "lowest": settings["estimate"].min(),
        "highest": settings["estimate"].max(),
    }


def deciders_of(specified: pd.DataFrame, resampled: np.ndarray, level: float) -> pd.DataFrame:
    """Return the table `deciders`; `resampled` are the differences of the rows in each resample."""
    parts = []
    for (space, reference, statistic), rows in specified[specified["claim"]].groupby([*_PAIR, "statistic"], sort=False):
        found = deciders(
            rows[list(PARTS)],
            rows["estimate"].to_numpy(),
            resampled[:, rows.index],
            float(rows["freedom"].iloc[0]),
            rows["verdict"].to_numpy(),
            level,
        )
        parts.append(found.assign(space=space, reference=reference, statistic=statistic, k=rows["k"].iloc[0]))
    return pd.concat(parts, ignore_index=True).astype({"k": "Int64"})
