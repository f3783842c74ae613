"""Cells of several data sets as those of one: common labels, and batches and donors that stay apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing


def as_one(cells: pd.DataFrame, membership: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the cells of a combined data set under its own labels.

    Parameters
    ----------
    cells
        The tables `part_cells` of all parts together, labelled as the members' files say.
    membership
        For each part `member` (the data set), `labels` (what its cell types are called here), `batch` (`dataset`: its
        name is the batch; `own`: its batches stay) and `prefix`, which stands before its own batches and its donors.
        Empty for a data set that is not combined: then the cells are returned as they are.

    Raises
    ------
    StudyError
        If `labels` names a cell type that no cell of the member has.
    """
    if not membership:
        return cells
    named = cells.assign(member=cells["part"].map({part: how["member"] for part, how in membership.items()}))
    by_member = {how["member"]: how for how in membership.values()}
    return pd.concat(
        [_renamed(named[named["member"] == name], how) for name, how in by_member.items()], ignore_index=True
    )[cells.columns]


def _renamed(cells: pd.DataFrame, how: Mapping[str, Any]) -> pd.DataFrame:
    """Return the cells of one member under the labels of the whole."""
    labels, prefix = how["labels"], how["prefix"]
    _require_known(labels, sorted(set(cells["cell_type"].dropna())), how["member"])
    return cells.assign(
        cell_type=cells["cell_type"].map(lambda label: labels.get(label, label), na_action="ignore"),
        batch=how["member"] if how["batch"] == "dataset" else cells["batch"].map(prefix.__add__, na_action="ignore"),
        donor=cells["donor"].map(lambda donor: f"{prefix}{donor}", na_action="ignore"),
    )


def _require_known(labels: Mapping[str, str], known: list[str], member: str) -> None:
    for label in labels:
        if label not in known:
            problem = f"combine.{member}.labels: {member} has no cell type {label!r}{did_you_mean(label, known)}"
            raise StudyError(advise(problem, f"name its cell types: {listing(known, 100)}"))
