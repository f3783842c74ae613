"""What counts as independent among the compared cells: their batches, or the donors that a data set names."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rankstudy.cells.tables import CELLS
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.identity import positions_of


def units_of(cells: pd.DataFrame, donors_in: str | None = None) -> np.ndarray:
    """Return (cells,): the number of each cell's batch, or of its donor.

    Parameters
    ----------
    cells
        The compared cells.
    donors_in
        The table `cells`, which says the donor of each cell; a cell without one has its batch in its place. None where
        batches are what counts.
    """
    names = cells["batch"] if donors_in is None else _donors(cells, donors_in)
    return pd.factorize(names, sort=True)[0]


def require_units(units: np.ndarray, n_cells: int) -> None:
    """Raise StudyError unless each cell has the number of a batch or donor; pandas numbers what is missing -1."""
    if len(units) != n_cells:
        raise StudyError(
            f"batches: {len(units)} numbers for {n_cells} cells; one of each cell, in their order, is needed"
        )
    missing = int((np.asarray(units) < 0).sum())
    if missing:
        raise StudyError(advise(f"batches: {missing} cells have none", "leave these cells out", "give them one"))


def require_level(level: float) -> None:
    """Raise StudyError unless a level of intervals is a share."""
    if not 0 < level < 1:
        raise StudyError(f"level: {level} is not between 0 and 1; 0.95, say, makes intervals of 95 %")


def _donors(cells: pd.DataFrame, path: str) -> np.ndarray:
    table = CELLS.read(path, ["cell_id", "donor"])
    at = positions_of(cells["cell_id"].tolist(), table["cell_id"].tolist(), f"{path}: cells that are compared")
    donors = table["donor"].to_numpy()[at]
    return np.where(pd.isna(donors), cells["batch"], donors)
