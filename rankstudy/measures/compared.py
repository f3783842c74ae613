"""The cells that a merged result compares: their types, batches and relations, in the order of its arrays."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rankstudy.core.errors import StudyError
from rankstudy.core.tables import RELATIONS
from rankstudy.measures.tables import CLASSES
from rankstudy.pairs.engine.result import OTHER, OWN, SAME_BATCH, SIMILAR, UNKNOWN, BlockResult
from rankstudy.spaces.tables import ANALYSED_CELLS

N_CLASSES = len(CLASSES)
# any type but its own, in its own batch: what draws such cells near may be the batch rather than the biology
BATCH_DRIVEN = [2 * relation + SAME_BATCH for relation in (SIMILAR, OTHER, UNKNOWN)]


def read_compared(path: str | os.PathLike) -> pd.DataFrame:
    """Return the compared cells of the table `analysed_cells`, in the order of the spaces."""
    cells = ANALYSED_CELLS.read(path)
    return cells[cells["used"]].sort_values(["slug", "cell_id"], ignore_index=True)


def labels_of(result: BlockResult, cells: pd.DataFrame) -> np.ndarray:
    """Return the label of each type, after checking that the table of cells is the one that was compared."""
    about = result.about
    digest = hashlib.sha256("\n".join(cells["cell_id"]).encode()).hexdigest()
    if digest != about["cells"] or sorted(cells["slug"].unique()) != about["types"]:
        raise StudyError(
            f"the pairs are of {about['n_cells']} cells and {len(about['types'])} types, the table of cells holds "
            f"others: {len(cells)} cells and {cells['slug'].nunique()} types"
        )
    return np.array(about["labels"], dtype=object)


@dataclass(frozen=True)
class Compared:
    """The N compared cells of T types, and how these are related.

    A pair of cells is of one of the CLASSES, numbered `2 * relation + same batch`.

    Attributes
    ----------
    ids
        (N,), cell ids.
    labels
        (T,), labels of the types.
    offsets
        (T + 1,), number of the first cell of each type, and N.
    types, batches
        (N,), type and batch of each cell as integers.
    batch_names
        The batches' names, by their number.
    relations
        (T, T), OWN, SIMILAR, OTHER or UNKNOWN.
    """

    ids: np.ndarray
    labels: np.ndarray
    offsets: np.ndarray
    types: np.ndarray
    batches: np.ndarray
    batch_names: np.ndarray
    relations: np.ndarray

    @classmethod
    def of(cls, result: BlockResult, cells: pd.DataFrame) -> Compared:
        """Bring a merged result and the table of its cells together; raise StudyError if they are not of each other."""
        labels, about = labels_of(result, cells), result.about
        offsets = np.array(about["offsets"])
        batches, names = pd.factorize(cells["batch"], sort=True)
        types = np.repeat(np.arange(len(labels)), np.diff(offsets))
        relations = np.array(about["relations"])
        return cls(cells["cell_id"].to_numpy(), labels, offsets, types, batches, names.to_numpy(), relations)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_batches(self) -> int:
        """The number of batches."""
        return len(self.batch_names)

    @property
    def classes(self) -> list[int]:
        """The classes whose relation occurs between any two of the types."""
        return [2 * relation + same for relation in np.unique(self.relations) for same in (0, 1)]

    def scopes(self) -> Iterator[tuple[str | None, slice]]:
        """Yield what tables summarise over: all cells (None), then the cells of each type."""
        yield None, slice(0, len(self))
        for label, begin, end in zip(self.labels, self.offsets, self.offsets[1:], strict=False):
            yield label, slice(int(begin), int(end))

    def class_of(self, cells: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return the class of each pair of a cell and another one, given by their numbers."""
        same = self.batches[cells] == self.batches[others]
        return 2 * self.relations[self.types[cells], self.types[others]] + same

    def sizes(self) -> np.ndarray:
        """Return (T, batches): the number of cells of each type in each batch."""
        cells = np.bincount(self.types * self.n_batches + self.batches, minlength=len(self.labels) * self.n_batches)
        return cells.reshape(len(self.labels), self.n_batches)

    def composition(self) -> np.ndarray:
        """Return (N, N_CLASSES): how many of all other cells are of each class.

        Over their number it is what a cell's relations or neighbours would be if they were drawn at random.
        """
        sizes = self.sizes()
        counts = np.empty((len(self), N_CLASSES), np.int64)
        for relation in range(len(RELATIONS)):
            by_type = (self.relations == relation).astype(np.int64) @ sizes
            same = by_type[self.types, self.batches]
            counts[:, 2 * relation + 1] = same
            counts[:, 2 * relation] = by_type.sum(axis=1)[self.types] - same
        counts[:, 2 * OWN + SAME_BATCH] -= 1  # a cell is no relation of its own
        return counts

    def expected(self) -> np.ndarray:
        """Return (N, N_CLASSES): the shares of the classes among all other cells."""
        return self.composition() / max(len(self) - 1, 1)
