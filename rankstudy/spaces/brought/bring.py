"""Embeddings that were made elsewhere become spaces: their rows are joined to the selected cells by id."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rankstudy.cells.tables import CELLS, SELECTION
from rankstudy.core.errors import StudyError, listing
from rankstudy.core.identity import cell_ids, require_unique
from rankstudy.pairs.space import SpaceData
from rankstudy.pairs.space_files import write_part
from rankstudy.spaces.brought.files import Block, Embedding, open_embedding
from rankstudy.spaces.brought.files import read_rows as rows_of
from rankstudy.spaces.tables import BROUGHT_CELLS, IS_BROUGHT, NO_LIKENESS, NOT_BROUGHT

log = logging.getLogger(__name__)


class OfParts:
    """An embedding that lies in the files of a data set's parts, one after the other, under the ids of its cells."""

    def __init__(self, parts: Mapping[str, Embedding], dataset: str):
        self._parts = list(parts.values())
        self.path = listing([part.path for part in self._parts], 3)
        self.columns = self._parts[0].columns
        several = len(parts) > 1
        self.ids = [i for name, part in parts.items() for i in cell_ids(dataset, part.ids, name if several else None)]
        for part in self._parts[1:]:
            if len(part.columns) != len(self.columns):
                of_first = f"{self._parts[0].path} has {len(self.columns)}"
                raise StudyError(f"{part.path}: its vectors have {len(part.columns)} dimensions, {of_first}")

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks of all files, numbered through."""
        before = 0
        for part in self._parts:
            for begin, block in part.blocks():
                yield before + begin, block
            before += len(part.ids)


def open_brought(files: Mapping[str, str], how: Mapping[str, Any], dataset: str) -> Embedding:
    """Open the embedding that a data set brings.

    Parameters
    ----------
    files
        One file under an empty name, or those of the data set by the names of its parts.
    how
        `obsm`, `ids` and `array` (`rankstudy.spaces.brought.files.open_embedding`).
    dataset
        Name of the data set.
    """
    opened = {name: open_embedding(path, **how) for name, path in files.items()}
    return opened[""] if "" in opened else OfParts(opened, dataset)


def known_as(ids: Sequence[str], cells: pd.DataFrame) -> np.ndarray:
    """Return the ids (n,) of the cells that rows are of: as they are, or by the cells' names if these fit better.

    `cells` are the cells of a data set, `cell_id` and `cell_name`; names that several cells have are no ids.
    """
    given = pd.Index(ids)
    named = cells.drop_duplicates("cell_name", keep=False).set_index("cell_name")["cell_id"]
    if given.isin(named.index).sum() <= given.isin(cells["cell_id"]).sum():
        return given.to_numpy(object)
    return np.where(given.isin(named.index), named.reindex(given).to_numpy(), given)


def bring_embedding(
    files: Mapping[str, str],
    cells_in: str,
    selection_in: str,
    *,
    how: Mapping[str, Any],
    made: Mapping[str, Any],
    dataset: str,
    space: str,
    metric: str,
    seed: int,
    output: str,
    report_out: str,
) -> None:
    """Write the vectors of the selected cells as a part of a space, and which of the cells have none.

    Parameters
    ----------
    files, how
        Where the embedding lies (`open_brought`).
    cells_in, selection_in
        The tables `cells` of the data set and `selection` of the replicate.
    made
        What is known of how it was made, for the space's file.
    dataset, space, metric, seed
        Names of the data set and of the space, its metric, and the replicate.
    output
        h5ad, readable by `read_space`.
    report_out
        Where the table `brought_cells` goes.

    Raises
    ------
    StudyError
        If the files are not what they should be, or an id stands in them twice.
    """
    embedding = open_brought(files, how, dataset)
    ids = known_as(embedding.ids, CELLS.read(cells_in, ["cell_id", "cell_name"]))
    selected = SELECTION.read(selection_in)
    vectors, found = vectors_of(embedding, ids, selected["cell_id"])
    lost = np.full(len(selected), NOT_BROUGHT, object)
    lost[found] = np.where(has_likeness(vectors, metric), IS_BROUGHT, NO_LIKENESS)
    log.info("%s: %d of %d selected cells have a vector", embedding.path, found.sum(), len(found))
    frame = selected.loc[found, ["cell_id", "cell_type", "slug", "batch"]].reset_index(drop=True)
    names = [f"{space}-{i + 1}" for i in range(vectors.shape[1])]
    made = {"kind": "brought", "files": sorted({Path(path).name for path in files.values()}), **made}
    write_part(SpaceData(space, metric, vectors, frame), output, dimensions=names, seed=seed, made=made)
    report = selected[["cell_id"]].assign(dataset=dataset, seed=seed, space=space, reason=lost)
    BROUGHT_CELLS.write(report[BROUGHT_CELLS.names], report_out)


def vectors_of(embedding: Embedding, ids: np.ndarray, wanted: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors (found, d) of the cells that have one, in their order, and which have one (wanted,).

    Raises
    ------
    StudyError
        If a wanted id stands in the file twice.
    """
    index = pd.Index(ids)
    require_unique(index[index.isin(wanted)].tolist(), f"{embedding.path}: ids")
    place = pd.Series(np.arange(len(index)), index=index)
    at = place[~index.duplicated()].reindex(wanted).to_numpy(float)
    found = np.isfinite(at)
    rows = at[found].astype(np.int64)
    order = np.argsort(rows)
    vectors = np.empty((len(rows), len(embedding.columns)), np.float32)
    vectors[order] = rows_of(embedding, rows[order])
    return vectors, found


def has_likeness(vectors: np.ndarray, metric: str) -> np.ndarray:
    """Return (cells,): whether a vector is like or unlike others; a constant or empty one has no angle to them."""
    if metric == "euclidean":
        return np.ones(len(vectors), bool)
    return (vectors != (vectors[:, :1] if metric == "correlation" else 0)).any(axis=1)
