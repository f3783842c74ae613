"""States within a type, as a data set's YAML file names them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from rankstudy.config.labels_model import Labels
from rankstudy.core.strict import Strict


class OfDonors(Strict):
    """A property of the donors."""

    donors: str
    """Column of the table of `donors`."""


def _column_name(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class States(Strict):
    """A state that cells of one type can be in, such as a disease or a stimulation; how well spaces tell it."""

    condition: Annotated[
        Labels | OfDonors, BeforeValidator(_column_name, json_schema_input_type=str | Labels | OfDonors)
    ]
    """The state of each cell: a column of the cells, `{column, pattern, otherwise}`, or `{donors: COLUMN}`, one of the
    table of `donors`."""
    within: Literal["cell_type", "nothing"] = "cell_type"
    """Cells are compared within each cell type, or all together."""
    unit: Literal["donor", "batch"] = "donor"
    """What counts as independent, and has the state: the donor, or the batch."""
    neighbours: int = Field(15, ge=1)
    """Nearest cells of other donors that vote on a cell's state."""
    cells: int = Field(2000, ge=20)
    """Cells of a type that are compared, at most; drawn by seed and cell id."""
    relabellings: int = Field(2000, ge=100)
    """Relabellings of the null; where there are fewer, all of them."""
