"""What 10x matrices lack and a table beside them has: labels of the cells, joined by barcode."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from rankstudy.core.errors import StudyError, advise
from rankstudy.sources.choices import Choice
from rankstudy.sources.readers.base import as_text, require_columns
from rankstudy.sources.readers.delimited import open_text
from rankstudy.sources.readers.labels import LabelsTable
from rankstudy.sources.separators import Separator


class LabelsBeside:
    """The part of a source whose file knows cells and genes by name alone.

    Parameters
    ----------
    path, section
        The file, and the section of the configuration that says how it is read.
    labels
        Text table with one row per cell, its name in the first column; None if there are no labels.
    separator
        What separates the columns of the labels; None finds it.
    """

    cell_names: list[str]
    choices: list[Choice]

    def __init__(self, path: str, section: str, labels: str | None, separator: Separator | None):
        self.path, self._section = path, section
        self._table = labels and LabelsTable(
            partial(open_text, labels),
            where=f"labels {labels}",
            counts=path,
            key=f"{section}.labels_separator",
            separator=separator,
        )

    @property
    def columns(self) -> list[str]:
        """The columns of the labels."""
        return self._table.columns if self._table else []

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of the labels, one row per cell in the order of the barcodes."""
        if not self._table:
            require_columns(columns, [], f"{self.path} ({self._section}.labels is not set)", of_cells=True)
            return as_text({}, self.cell_names)
        found, choices = self._table.of(columns, self.cell_names)
        self.choices += choices
        return found

    def gene_flags(self, column: str) -> np.ndarray:
        """10x matrices carry no columns of genes."""
        problem = f"genes.column: {self.path} has no columns of genes"
        raise StudyError(advise(problem, "use genes.method highly_variable or all"))
