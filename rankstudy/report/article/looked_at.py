"""The encodings of which causes were looked for, and how their vectors are compared."""

from __future__ import annotations

from typing import Any

from rankstudy.report.article.compared import Pair
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.causes import MEASURED
from rankstudy.report.curves import declared_setting


def has_causes(study: Study) -> bool:
    """Return whether causes were looked for anywhere."""
    return any(map(encodings, study.datasets))


def encodings(dataset: Dataset) -> list[str]:
    """Return the encodings of which causes were looked for, but for those that had to be left out."""
    planned = dataset.about["cause_encodings"]
    return [name for name in planned if dataset.has("depths", seed=dataset.study.first, space=name)]


def pairs(dataset: Dataset) -> list[Pair]:
    """Return these encodings with the reference, where they are compared with it; those of the study first."""
    planned = [Pair(*pair) for pair in dataset.about["cause_pairs"] if {*pair} <= {*encodings(dataset)}]
    return sorted(planned, key=lambda pair: pair.space not in dataset.spaces)


def by(dataset: Dataset, table: str, space: str) -> dict[str, Any]:
    """Return the declared measure and centring of an encoding in a table, or what it has in their place."""
    rows = dataset.rows(table, *MEASURED, seed=dataset.study.first, space=space)
    declared = {part: dataset.study.setting(f"settings.declared.{part}") for part in MEASURED}
    return {"space": space, **declared_setting(rows, declared, MEASURED)}
