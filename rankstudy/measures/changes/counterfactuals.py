"""The tables `counterfactuals` and `blind_bands`: which changes are seen, and how far a count may go unseen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rankstudy.measures.changes.drawn import Drawn
from rankstudy.measures.changes.estimates import Resampling
from rankstudy.measures.changes.groups import Group
from rankstudy.measures.changes.outcomes import Bands, Outcomes
from rankstudy.measures.changes.tables import QUANTILES


def counterfactuals_of(
    found: Outcomes, by: str, drawn: Drawn, groups: Sequence[Group], resampling: Resampling
) -> pd.DataFrame:
    """Return a row for each group of changes, but for the names of data set, replicate and space.

    Parameters
    ----------
    found, by
        What the changes do, and how that is known.
    drawn, groups
        The changes; groups of those in `found`.
    resampling
        The cells, and how they are resampled.
    """
    rows, statistics = [], []
    for group in groups:
        cell, displaced = drawn.cell[found.which[group.at]], found.displaced[group.at]
        changes = np.bincount(cell, minlength=len(found.entries))
        shares = np.bincount(cell, found.blind[group.at], len(changes)) / np.maximum(changes, 1)
        statistics.append(resampling.ratio(shares, (changes > 0).astype(float)))
        median, high = np.quantile(displaced, [0.5, 0.95])
        rows.append(
            {
                **group.key,
                "by": by,
                "n_changes": len(group.at),
                "n_cells": int((changes > 0).sum()),
                "draws": found.draws,
                "blind": statistics[-1].influence.estimate,
                "unread": 1 - found.read[group.at].mean(),
                "displaced": displaced.mean(dtype=np.float64),
                "displaced_median": median,
                "displaced_q95": high,
                "entries": found.entries[changes > 0].mean(),
            }
        )
    ends = resampling.intervals(statistics)
    return pd.DataFrame([row | of for row, of in zip(rows, ends, strict=True)])


def bands_of(bands: Bands, drawn: Drawn, groups: Sequence[Group]) -> pd.DataFrame:
    """Return the quantiles of the bands of each group of removals (`Drawn.removals`), one for each gene of a cell."""
    rows = []
    for group in groups:
        fall, rise = bands.fall[group.at], bands.rise[group.at]
        # quantiles between a number and infinity are infinite
        of_rise = np.quantile(rise, QUANTILES, method="higher")
        rows.append(
            {
                "cell_type": group.cell_type,
                "position": group.position,
                "n": len(group.at),
                "n_cells": len(np.unique(drawn.cell[drawn.removals[group.at]])),
                "gone": bands.gone[group.at].mean(),
                "endless": np.isinf(rise).mean(),
                **{f"fall_q{100 * q:02.0f}": of for q, of in zip(QUANTILES, np.quantile(fall, QUANTILES), strict=True)},
                **{
                    f"rise_q{100 * q:02.0f}": of if np.isfinite(of) else np.nan
                    for q, of in zip(QUANTILES, of_rise, strict=True)
                },
            }
        )
    return pd.DataFrame(rows)
