"""Labels of cells in a table of their own: joined to the cells by name, or by number."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.identity import positions_of, require_unique
from rankstudy.sources.choices import Choice
from rankstudy.sources.readers.base import as_text
from rankstudy.sources.readers.delimited import Opened, TextLayout, layout_of, readable
from rankstudy.sources.separators import Separator


class LabelsTable:
    """A text table with one row per cell.

    Parameters
    ----------
    opened
        Opens the table, as bytes.
    where, counts, key
        What the table and the counts are called, and the key that names the table's separator, for messages.
    separator
        What separates the columns; None finds it.
    by_number
        Whether the first column holds the numbers of the cells, from 1, instead of their names.
    """

    def __init__(
        self,
        opened: Opened,
        *,
        where: str,
        counts: str,
        key: str,
        separator: Separator | None = None,
        by_number: bool = False,
    ):
        self._opened, self._where, self._counts, self._by_number = opened, where, counts, by_number
        self._key, self._separator = key, separator

    @property
    def columns(self) -> list[str]:
        """The names of its columns, without that of the cells."""
        return self._layout().columns

    def of(self, columns: Sequence[str], cells: Sequence[str]) -> tuple[pd.DataFrame, list[Choice]]:
        """Return columns, one row per cell, and how the table was understood.

        Raises
        ------
        StudyError
            If a column is missing, or the rows are not those of the cells, each once.
        """
        layout = self._layout()
        at = layout.positions(columns, self._where)
        table = text_rows(self._opened, layout, self._where)
        keys = table[0].tolist()
        wanted = [str(n) for n in range(1, len(cells) + 1)] if self._by_number else list(cells)
        self._require_same(wanted, keys)
        rows = positions_of(wanted, keys, self._where)
        return as_text({name: table[at[name]].to_numpy()[rows] for name in columns}, cells), layout.choices("labels: ")

    def _layout(self) -> TextLayout:
        return layout_of(self._opened, self._where, self._key, self._separator)

    def _require_same(self, wanted: Sequence[str], keys: Sequence[str]) -> None:
        """Refuse rows that are not those of the cells, each once, and name those that have no counterpart."""
        require_unique(keys, f"{self._where}, first column")
        without, beyond = (pd.Index(a)[~pd.Index(a).isin(b)] for a, b in ((wanted, keys), (keys, wanted)))
        if len(without) or len(beyond):
            sides = [f"{len(without)} cells have no row: {listing(without, 5)}"] if len(without) else []
            sides += [f"{len(beyond)} rows are of no cell: {listing(beyond, 5)}"] if len(beyond) else []
            under = "its number, from 1" if self._by_number else "the name that it has in the counts"
            problem = f"{self._where}: {len(keys)} rows of labels for {len(wanted)} cells in {self._counts}"
            raise StudyError(
                advise(
                    f"{problem}: {'; '.join(sides)}", f"give each cell one row, under {under}, and nothing else a row"
                )
            )


def text_rows(opened: Opened, layout: TextLayout, where: str) -> pd.DataFrame:
    """Return the rows of a table as text, its columns by the number of the field.

    Raises
    ------
    StudyError
        If rows are of unequal length, or hold something beyond the last column that has a name.
    """
    with opened() as file, readable(where):
        table = pd.read_csv(file, dtype=str, keep_default_na=False, **layout.options)
    if table.shape[1] != layout.width:  # a tab separates too where spaces do
        problem = f"{where}: its rows have {layout.width} to {table.shape[1]} fields"
        raise StudyError(advise(problem, "put values that hold a tab or a space in quotes"))
    if layout.ends_empty and (table[layout.width - 1] != "").any():
        problem = f"{where}: a row has a value behind the last column that has a name"
        raise StudyError(advise(problem, "name the column", "remove the value"))
    return table
