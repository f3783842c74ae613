"""What 10x matrices lack and a table beside them has: labels of the cells, joined by barcode."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rankstudy.errors import StudyError
from rankstudy.readers.base import as_text, require_columns
from rankstudy.readers.table import joined_labels, label_columns


class LabelsBeside:
    """The part of a source whose file knows cells and genes by name alone.

    Parameters
    ----------
    path, section
        The file, and the section of the configuration that says how it is read.
    labels
        CSV or TSV with one row per cell, its name in the first column; None if there are no labels.
    """

    cell_names: list[str]

    def __init__(self, path: str, section: str, labels: str | None):
        self.path, self._section, self._labels = path, section, labels

    @property
    def columns(self) -> list[str]:
        """The columns of the labels."""
        return [] if self._labels is None else label_columns(self._labels)

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of the labels, one row per cell in the order of the barcodes."""
        if self._labels is None:
            require_columns(columns, [], f"{self.path} ({self._section}.labels is not set)", of_cells=True)
            return as_text({}, self.cell_names)
        return joined_labels(columns, self.cell_names, self._labels, self.path)

    def gene_flags(self, column: str) -> np.ndarray:
        """10x matrices carry no columns of genes."""
        raise StudyError(f"genes.column: {self.path} has no columns of genes; use genes.method highly_variable or all")
