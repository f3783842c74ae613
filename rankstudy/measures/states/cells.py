"""The compared cells with their donors and states, and what is refused of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rankstudy.cells.tables import CELLS, DONORS, PART_CELLS
from rankstudy.core.draws import keys_of_cells
from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.core.identity import positions_of
from rankstudy.measures.compared import read_compared


def cells_with_states(
    cells_in: str, index_in: str, parts_in: Sequence[str], donors_in: str | None, *, unit: str, property_: str | None
) -> pd.DataFrame:
    """Return the compared cells, in the order of the spaces, with `donor` and `state`; None where one is not known.

    Parameters
    ----------
    cells_in, index_in
        The tables `analysed_cells` of the replicate and `cells` of the data set.
    parts_in
        The tables `part_cells`, where a column of the cells says their state.
    donors_in, property_
        The table `donors`, where a property of theirs does, and the property.
    unit
        `donor`, or `batch`, which then stands for the donor.

    Raises
    ------
    StudyError
        If the donors have no such property.
    """
    cells = read_compared(cells_in)
    index = CELLS.read(index_in, ["cell_id", "donor"])
    at = positions_of(cells["cell_id"].tolist(), index["cell_id"].tolist(), f"{index_in}: compared cells")
    cells["donor"] = cells["batch"] if unit == "batch" else index["donor"].to_numpy(object)[at]
    if property_ is None:
        states = pd.concat([PART_CELLS.read(path, ["cell_id", "state"]) for path in parts_in]).set_index("cell_id")[
            "state"
        ]
        cells["state"] = states.reindex(cells["cell_id"]).to_numpy(object)
    else:
        cells["state"] = cells["donor"].map(_of_donors(donors_in, property_)).to_numpy(object)
    return cells.assign(state=cells["state"].where(cells["state"].notna(), None))


def _of_donors(path: str, name: str) -> Mapping[str, str]:
    table = DONORS.read(path)
    known = sorted(table["property"].unique())
    if name not in known:
        problem = f"states.condition: the donors have no column {name!r}{did_you_mean(name, known)}"
        raise StudyError(advise(problem, f"name one of {listing(known, 20)}"))
    of_it = table[(table["property"] == name) & table["value"].notna()]
    return dict(zip(of_it["donor"], of_it["value"], strict=True))


def design_of(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the table `state_design` without data set and seed."""
    keys = ["cell_type", "donor", "batch", "state"]
    counted = cells.groupby(keys, dropna=False, sort=True).size().rename("n_cells").reset_index()
    return counted.astype(object).where(counted.notna(), None).astype({"n_cells": int})


def require_states_within_batches(cells: pd.DataFrame) -> None:
    """Refuse batches of several donors whose cells are all of one state: what tells the batch would tell the state.

    A batch within one donor does not count: donors are the unit, and what they have in common is no state's.

    Raises
    ------
    StudyError
        With the batches, their donors and states.
    """
    known = cells[cells["donor"].notna() & cells["state"].notna()]
    of_batch = known.groupby("batch").agg(
        donors=("donor", "nunique"), states=("state", "nunique"), state=("state", "first")
    )
    confounded = of_batch[(of_batch["donors"] > 1) & (of_batch["states"] == 1)]
    if len(of_batch) < 2 or confounded.empty or known["state"].nunique() < 2:
        return
    rows = [f"{name}: {row.donors} donors, all {row.state}" for name, row in confounded.iterrows()]
    problem = (
        f"states: {len(confounded)} of {len(of_batch)} batches hold several donors of one state, so what tells the "
        f"batch would tell the state ({listing(rows, 10)})"
    )
    raise StudyError(
        advise(
            problem,
            "leave `states` out of this data set",
            "say whose batches these are, if each is of one donor (`donor`)",
        )
    )


def drawn(cells: pd.DataFrame, most: int, seed: int) -> np.ndarray:
    """Return the numbers of the cells that are looked at, increasing: at most so many, drawn by seed and id."""
    if len(cells) <= most:
        return np.arange(len(cells))
    return np.sort(np.argsort(keys_of_cells(seed, cells["cell_id"], "states"), kind="stable")[:most])
