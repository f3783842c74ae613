"""Which column of the cells says something of them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, field_validator

from rankstudy.core.errors import advise
from rankstudy.core.strict import Strict


class Labels(Strict):
    """A column of cells, or a part of it cut out by a pattern."""

    column: str
    """Column of the labels file (CSV, TSV), of `obs` (h5ad), of `col_attrs` (loom) or of `meta.data` (Seurat);
    `cell_name` is the cell's own name and `part` that of the part, unless there is a column of that name."""
    pattern: str | None = None
    """Regular expression with one group, searched in the value; the group is taken."""
    otherwise: str | None = None
    """What a cell has for whose value is missing or not matched by the pattern. Without it, a value that is not matched
    is an error, and so is a missing batch of a cell that takes part."""

    @field_validator("pattern")
    @classmethod
    def _one_group(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                groups = re.compile(value).groups
            except re.error as error:
                raise ValueError(f"is not a regular expression: {error}") from error
            if groups != 1:
                raise ValueError(
                    advise(f"has {groups} groups", "put what is wanted in exactly one group, as in '_(B[0-9])$'")
                )
        return value


def _column_name(value: object) -> object:
    return value if isinstance(value, dict | Labels | None) else {"column": value}


ColumnOrLabels = Annotated[Labels, BeforeValidator(_column_name, json_schema_input_type=str | Labels)]
