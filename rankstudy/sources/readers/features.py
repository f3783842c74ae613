"""Features that are no genes: 10x counts antibodies, guides and tags among the genes, and states what each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.sources.choices import Choice
from rankstudy.sources.readers.base import Chunk, ExpressionSource

EXPRESSION = ("Gene Expression",)
# how scanpy and muon call the column of the genes that says what each feature is
COLUMN = "feature_types"


def as_types(values: np.ndarray) -> list[str]:
    """Return a column of types as text; a feature of which none is stated has the type ''."""
    return ["" if value is None or value != value else str(value) for value in values]


def of_types(source: ExpressionSource, wanted: Sequence[str] | None) -> ExpressionSource:
    """Return a source without its features of other types, and add to its choices which were taken.

    Parameters
    ----------
    source
        What states the type of each feature (`feature_types`); one that states none is returned as it is.
    wanted
        The types to take; None takes all features.

    Raises
    ------
    StudyError
        If no feature is of a type that is wanted, or the types are not those of the features.
    """
    if source.feature_types is None:
        return source
    if len(source.feature_types) != len(source.gene_names):
        raise StudyError(
            f"{source.path}: states the types of {len(source.feature_types):,} features, but has "
            f"{len(source.gene_names):,}; the file is damaged"
        )
    found = Counter(source.feature_types)
    taken = found if wanted is None else {name: n for name, n in found.items() if name in wanted}
    if not taken:
        problem = f"{source.path}: no feature is of the type {listing(wanted)}; there are {listing(_counted(found), 5)}"
        raise StudyError(advise(problem, "name the types to read in `feature_types`", "`feature_types: null` for all"))
    left = {name: n for name, n in found.items() if name not in taken}
    source.choices.append(Choice("features", listing(_counted(taken), 5), tuple(_counted(left))))
    return _SomeFeatures(source, pd.Series(source.feature_types).isin(list(taken)).to_numpy()) if left else source


def _counted(types: dict[str, int]) -> list[str]:
    return [f"{n} {name or 'without a type'}" for name, n in types.items()]


class _SomeFeatures:
    """A source with some of the genes of another: those where `kept` (one boolean per gene) is true."""

    feature_types = None

    def __init__(self, source: ExpressionSource, kept: np.ndarray):
        self._source, self._kept = source, kept
        self._before = np.concatenate([[0], np.cumsum(kept)])
        self.path, self.genes_are, self.choices = source.path, source.genes_are, source.choices
        self.cell_names = source.cell_names
        self.gene_names = [name for name, keep in zip(source.gene_names, kept, strict=True) if keep]

    @property
    def columns(self) -> list[str]:
        """The names of the columns that describe cells."""
        return self._source.columns

    def labels(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns that describe cells."""
        return self._source.labels(columns)

    def gene_flags(self, column: str) -> np.ndarray:
        """Return a true/false column of the genes that are kept."""
        return self._source.gene_flags(column)[self._kept]

    def stream(self) -> Iterator[Chunk]:
        """Yield every value of the genes that are kept once."""
        for chunk in self._source.stream():
            genes = slice(int(self._before[chunk.genes.start]), int(self._before[chunk.genes.stop]))
            yield Chunk(chunk.cells, genes, chunk.values[:, self._kept[chunk.genes]])

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of the cells at these rows, of the genes that are kept."""
        return self._source.read(rows)[:, self._kept]
