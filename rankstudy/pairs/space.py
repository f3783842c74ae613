"""The cells of one space as the engine sees them: rows sorted by type, read by ranges, from memory or from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.cell_types import slugs
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.identity import require_unique
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.likeness.numbers import density_of, mean_of
from rankstudy.pairs.likeness.ranges import observed_ranges


@dataclass(frozen=True)
class Layout:
    """What all blocks of a run share about a space; small, whatever the number of cells.

    Attributes
    ----------
    name, metric
        Name, and `correlation`, `cosine` or `euclidean`.
    dimensions
        Length of a vector.
    types, labels
        Cell types in the order of the rows: names for files, and labels.
    offsets
        (types + 1,), number of the first cell of each type, and the number of cells.
    digest
        Of all cell ids in order: equal digests mean the same cells in the same order.
    mean_cell
        (dimensions,), float64, the mean of all cells.
    range
        What bins of the measure span; a few values can lie outside (`rankstudy.pairs.likeness.ranges`).
    centred
        Whether the mean cell is subtracted before the similarity is taken.
    density
        Share of the values that are stored: below 1 for CSR vectors.
    provenance
        Digest of the seed and of the names of the dimensions (genes), for a space from a file: blocks of different
        replicates or gene sets must not be added up.
    """

    name: str
    metric: str
    dimensions: int
    types: tuple[str, ...]
    labels: tuple[str, ...]
    offsets: np.ndarray
    digest: str
    mean_cell: np.ndarray
    range: tuple[float, float]
    centred: bool = False
    density: float = 1.0
    provenance: str = ""

    @property
    def measure(self) -> Measure:
        """The metric, and whether the mean cell is subtracted first."""
        return Measure(self.metric, self.centred)

    @property
    def similarity(self) -> bool:
        """Whether a larger value means more alike."""
        return self.measure.similarity


class Space(Protocol):
    """Cells with vectors, sorted by type; `begin` and `end` number them from 0."""

    @property
    def layout(self) -> Layout:
        """What is known of all cells."""

    @property
    def source(self) -> Hashable:
        """Equal for spaces that have the same vectors: these are multiplied once for all their measures."""

    def read(self, begin: int, end: int) -> sp.csr_matrix | np.ndarray:
        """Return the vectors of a range of cells."""

    def names(self, begin: int, end: int) -> np.ndarray:
        """Return the ids of a range of cells."""

    def batches(self, begin: int, end: int) -> np.ndarray:
        """Return the batches of a range of cells as integers."""


@dataclass(frozen=True)
class SpaceData:
    """A space in memory.

    Attributes
    ----------
    name
        Name of the space.
    metric
        `correlation`, `cosine` or `euclidean`.
    vectors
        Cells x dimensions, float32, CSR or dense.
    cells
        One row per cell, in the order of the vectors: `cell_id`, `cell_type`, `slug`, `batch`. To be compared, rows
        must be sorted by `slug`, then by `cell_id`; `SpaceData.of` sorts them.
    centred
        Whether the mean of all cells is to be subtracted before the similarity is taken.
    """

    name: str
    metric: str
    vectors: sp.csr_matrix | np.ndarray
    cells: pd.DataFrame
    centred: bool = False

    @classmethod
    def of(
        cls,
        vectors: sp.csr_matrix | np.ndarray,
        *,
        ids: Iterable[str],
        types: Iterable[str],
        batches: Iterable[str] | None = None,
        name: str = "space",
        metric: str = "euclidean",
        centred: bool = False,
    ) -> SpaceData:
        """Make a space of vectors and labels in any order, such as those of an AnnData object.

        Parameters
        ----------
        vectors
            Cells x dimensions, finite; dense or of any sparse format.
        ids, types, batches
            Id, cell type and batch of each cell; without batches all cells are of one.
        name, metric, centred
            Name and metric of the space, and whether its mean cell is to be subtracted first.

        Raises
        ------
        StudyError
            If there are not as many of one as of the others, an id, type or batch is missing, an id occurs twice, a
            series has the ids as its index in another order, a value is not finite, or there is no such measure.
        """
        Measure(metric, centred).require(name)
        vectors = _rows(vectors, name)
        cell_id = _labels(list(ids), range(vectors.shape[0]), f"space {name}: ids")
        require_unique(cell_id, f"space {name}: cells")
        cell_type = _labels(types, cell_id, f"space {name}: cell types")
        batch = "all" if batches is None else _labels(batches, cell_id, f"space {name}: batches")
        require_finite(vectors, cell_id, f"space {name}")
        names = slugs(sorted(set(cell_type)))
        slug = [names[label] for label in cell_type]
        cells = pd.DataFrame({"cell_id": cell_id, "cell_type": cell_type, "slug": slug, "batch": batch})
        order = cells.sort_values(["slug", "cell_id"]).index.to_numpy()
        return cls(name, metric, vectors[order], cells.iloc[order].reset_index(drop=True), centred)

    @cached_property
    def layout(self) -> Layout:
        """What is known of all cells."""
        return _layout_of(self)

    @property
    def source(self) -> Hashable:
        """Equal for spaces that have the same array of vectors."""
        return id(self.vectors)

    @cached_property
    def ranges(self) -> dict[Measure, tuple[float, float]]:
        """The range of each measure that these vectors can be compared by."""
        return observed_ranges(self.vectors, self.mean_cell, self.cells["cell_id"].tolist(), self.density)

    @cached_property
    def mean_cell(self) -> np.ndarray:
        """The mean of all cells in float64, (dimensions,), taken without a copy of them all."""
        return mean_of(self.vectors)

    @property
    def density(self) -> float:
        """Share of the values that are stored."""
        return density_of(self.vectors)

    @cached_property
    def _batch_codes(self) -> np.ndarray:
        return pd.factorize(self.cells["batch"], sort=True)[0].astype(np.int32)

    def read(self, begin: int, end: int) -> sp.csr_matrix | np.ndarray:
        """Return the vectors of a range of cells."""
        return self.vectors[begin:end]

    def names(self, begin: int, end: int) -> np.ndarray:
        """Return the ids of a range of cells."""
        return self.cells["cell_id"].to_numpy()[begin:end]

    def batches(self, begin: int, end: int) -> np.ndarray:
        """Return the batches of a range of cells as integers."""
        return self._batch_codes[begin:end]


def _rows(vectors: sp.csr_matrix | np.ndarray, name: str) -> sp.csr_matrix | np.ndarray:
    """Return vectors as CSR, each value stored once, or dense."""
    if not sp.issparse(vectors):
        vectors = np.asarray(vectors)
        if vectors.ndim != 2:
            raise StudyError(f"space {name}: vectors have {vectors.ndim} axes; they must be cells x dimensions")
        return vectors
    rows = sp.csr_matrix(vectors)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return rows


def _labels(values: Iterable[object], ids: Sequence[object], what: str) -> list[str]:
    """Return what is said of each cell as text; `ids` names the cells, in the order of their vectors."""
    if isinstance(values, pd.Series) and list(values.index) != list(ids) and set(values.index) == set(ids):
        raise StudyError(advise(f"{what}: they stand in another order than the ids", "take them by id, with .loc[ids]"))
    listed = list(values)
    if len(listed) != len(ids):
        raise StudyError(f"{what}: {len(listed)} for {len(ids)} vectors; one of each cell is needed")
    missing = pd.isna(pd.Series(listed, dtype=object)).to_numpy()
    if missing.any():
        examples = listing(np.asarray(ids)[missing], 5)
        problem = f"{what}: {missing.sum()} cells have none, such as {examples}"
        raise StudyError(advise(problem, "leave these cells out", "give them one"))
    return list(map(str, listed))


def require_finite(vectors: sp.csr_matrix | np.ndarray, ids: Sequence[str], what: str) -> None:
    """Raise StudyError, with examples, if a cell has a value that is NaN or infinite; `ids` names the rows."""
    finite = np.isfinite(vectors.data if sp.issparse(vectors) else vectors)
    if finite.all():
        return
    places = np.flatnonzero(~finite)
    rows = (
        np.searchsorted(vectors.indptr, places, side="right") - 1
        if sp.issparse(vectors)
        else places // vectors.shape[1]
    )
    cells = np.unique(rows)
    raise StudyError(
        f"{what}: {len(cells)} cells have values that are not finite (NaN or infinite), such as "
        f"{listing(np.asarray(ids)[cells], 5)}"
    )


def _layout_of(space: SpaceData) -> Layout:
    """Describe a space that lies in memory.

    Raises
    ------
    StudyError
        If there is no such measure, its cells are not sorted by type, or a value is not finite.
    """
    measure = Measure(space.metric, space.centred)
    measure.require(space.name)
    require_finite(space.vectors, space.cells["cell_id"].to_numpy(), f"space {space.name}")
    slug = space.cells["slug"].to_numpy(str)
    starts = np.flatnonzero(np.r_[True, slug[1:] != slug[:-1]]) if len(slug) else np.zeros(0, np.int64)
    types = slug[starts]
    if (types[1:] <= types[:-1]).any():
        raise StudyError(f"space {space.name}: its cells are not sorted by type")
    return Layout(
        name=space.name,
        metric=space.metric,
        dimensions=space.vectors.shape[1],
        types=tuple(map(str, types)),
        labels=tuple(map(str, space.cells["cell_type"].to_numpy()[starts])),
        offsets=np.r_[starts, len(slug)].astype(np.int64),
        digest=hashlib.sha256("\n".join(space.cells["cell_id"]).encode()).hexdigest(),
        mean_cell=space.mean_cell,
        range=space.ranges[measure],
        centred=space.centred,
        density=space.density,
    )


def same_cells(layouts: Sequence[Layout]) -> None:
    """Raise StudyError unless all spaces hold the same cells in the same order."""
    for other in layouts[1:]:
        if other.digest != layouts[0].digest or not np.array_equal(other.offsets, layouts[0].offsets):
            raise StudyError(f"spaces {layouts[0].name} and {other.name} do not hold the same cells in the same order")
