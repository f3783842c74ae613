"""Cell ids, and the only way in which two things about cells are brought together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rankstudy.core.errors import StudyError, advise, listing


def cell_ids(dataset: str, names: Sequence[str], part: str | None = None) -> list[str]:
    """Return `<dataset>:<original name>` for each name; `<dataset>:<part>/<name>` where there are several parts."""
    prefix = f"{dataset}:" if part is None else f"{dataset}:{part}/"
    return [f"{prefix}{name}" for name in names]


def require_unique(values: Sequence[str], what: str) -> None:
    """Raise StudyError, with examples, if a value occurs more than once."""
    index = pd.Index(values)
    if not index.is_unique:
        repeated = index[index.duplicated()].unique()
        problem = f"{what}: {len(repeated)} names occur more than once: {listing(repeated, 5)}"
        raise StudyError(advise(problem, "make them unique in the file (nothing here is joined by position)"))


def positions_of(wanted: Sequence[str], available: Sequence[str], what: str) -> np.ndarray:
    """Return where each wanted id stands in `available` (integers, in the order of `wanted`).

    Raises
    ------
    StudyError
        If `available` has an id twice, or lacks a wanted one.
    """
    require_unique(available, what)
    index = pd.Index(available)
    found = index.get_indexer(pd.Index(wanted))
    if (found < 0).any():
        missing = pd.Index(wanted)[found < 0]
        raise StudyError(f"{what}: {len(missing)} of {len(wanted)} ids are missing, such as {listing(missing, 5)}")
    return found


def join_by_id(left: pd.DataFrame, right: pd.DataFrame, on: str, what: str) -> pd.DataFrame:
    """Return `left` with the columns of `right` added, row by row of `left`, matched by the id column `on`.

    Each id of `left` must stand in `right` exactly once; a column that both have is an error.
    """
    shared = sorted((set(left.columns) & set(right.columns)) - {on})
    if shared:
        raise StudyError(f"{what}: both tables have the columns {listing(shared)}")
    require_unique(left[on], f"{what}, left table")
    at = positions_of(left[on].tolist(), right[on].tolist(), what)
    added = right.drop(columns=on).iloc[at].set_axis(left.index, axis=0)
    return pd.concat([left, added], axis=1)
