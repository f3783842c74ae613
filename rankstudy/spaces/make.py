"""Making spaces: encode shards, gather them, fit a space on another, or make one of the table of cells alone."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.core.errors import StudyError
from rankstudy.core.identity import positions_of
from rankstudy.core.modules import resolve
from rankstudy.core.progress import Progress
from rankstudy.pairs.space import SpaceData, require_finite
from rankstudy.pairs.space_files import cell_table, dimensions_of, made_of, read_space, write_part, write_space
from rankstudy.spaces.encodings.genes import Encoded
from rankstudy.spaces.genes import constant_rows
from rankstudy.spaces.tables import ANALYSED_CELLS, CONSTANT, ENCODED, ENCODED_CELLS, NO_GENES

log = logging.getLogger(__name__)


def encode_shards(
    shards: Sequence[str],
    genes_in: Mapping[str, str],
    *,
    genes: str,
    dataset: str,
    space: str,
    metric: str,
    metrics: Collection[str],
    function: str,
    seed: int,
    output: str,
    report_out: str,
) -> None:
    """Encode the cells of shards, one shard after the other, and write their vectors as one file.

    Parameters
    ----------
    shards
        Raw counts, one file per cell type.
    genes_in
        The files that say which genes are taken, by what they are (`rankstudy.spaces.encodings.genes`).
    genes
        `module:class` of what gives the encoding its genes.
    dataset, space, metric
        Names of the data set and of the space, and its metric.
    metrics
        Metrics of all spaces that have these vectors: by one of them, a cell may have no likeness to others.
    function
        `module:function` of the encoding.
    seed
        The replicate's seed.
    output
        h5ad, readable by `read_space`.
    report_out
        Where the table `encoded_cells` goes.
    """
    given, encode = resolve(genes)(genes_in, seed), resolve(function)
    vectors, cells, reports = [], [], []
    for path in Progress(shards, total=len(shards), unit="shards"):
        shard = read_counts(path)
        encoded = given.encode(encode, shard, path)
        vectors.append(encoded.vectors)
        cells.append(cell_table(shard))
        reports.append(_report(encoded, cells[-1], metrics))
    stacked = sp.vstack(vectors, format="csr") if sp.issparse(vectors[0]) else np.vstack(vectors)
    dimensions = given.names if stacked.shape[1] == len(given.names) else _own_dimensions(space, stacked)
    write_part(SpaceData(space, metric, stacked, pd.concat(cells)), output, dimensions=dimensions, seed=seed)
    report = pd.concat(reports, ignore_index=True).assign(dataset=dataset, seed=seed, space=space)
    ENCODED_CELLS.write(report[ENCODED_CELLS.names], report_out)


def _report(encoded: Encoded, cells: pd.DataFrame, metrics: Collection[str]) -> pd.DataFrame:
    """Return what is in the vector of each cell, and why one has no likeness to others by some of the metrics."""
    stored = sp.csr_matrix(encoded.vectors)
    n_compared = np.diff(stored.indptr)
    constant = constant_rows(stored) if "correlation" in metrics else np.zeros(len(cells), bool)
    zero = n_compared == 0 if "cosine" in metrics else np.zeros(len(cells), bool)
    return cells[["cell_id", "cell_type"]].assign(
        n_genes=encoded.n_genes,
        share_counts=encoded.share_counts,
        n_listed=encoded.n_listed,
        n_compared=n_compared,
        reason=np.select([encoded.n_genes == 0, constant | zero], [NO_GENES, CONSTANT], ENCODED),
    )


def gather_space(parts: Sequence[str], cells_in: str, *, seed: int, output: str) -> None:
    """Join the parts of a space into one file with exactly the cells to compare, sorted by type and cell id."""
    spaces = {path: read_space(path) for path in parts}
    # all cells of a part can have been dropped
    parts = [path for path in parts if len(spaces[path].cells)]
    spaces = [spaces[path] for path in parts]
    first = spaces[0]
    cells = pd.concat([space.cells for space in spaces], ignore_index=True)
    wanted = _compared_cells(cells_in)
    at = positions_of(wanted["cell_id"].tolist(), cells["cell_id"].tolist(), f"space {first.name}")
    dimensions = dimensions_of(parts[0])
    if any(dimensions_of(path) != dimensions for path in parts[1:]):
        raise StudyError(f"space {first.name}: its parts have other dimensions, or the same in another order")
    made = made_of(parts[0])
    if any(made_of(path) != made for path in parts[1:]):
        raise StudyError(f"space {first.name}: its parts were made by different models, or in different ways")
    if "hidden" in made and len(dimensions) != made["hidden"]:
        raise StudyError(
            f"space {first.name}: its vectors have {len(dimensions)} dimensions, those of its model have "
            f"{made['hidden']}; a column that is not of the embedding, such as a number of the row, would decide which "
            "cells are alike"
        )
    sparse = sp.issparse(first.vectors)
    vectors = sp.vstack([s.vectors for s in spaces], format="csr") if sparse else np.vstack([s.vectors for s in spaces])
    write_space(
        SpaceData(first.name, first.metric, vectors[at], cells.iloc[at]),
        output,
        dimensions=dimensions,
        seed=seed,
        made=made,
    )


def fit_space(
    parent_in: str,
    *,
    space: str,
    metric: str,
    function: str,
    columns: Sequence[str],
    options: dict[str, Any],
    seed: int,
    output: str,
) -> None:
    """Fit a space on the vectors of another one and write it; cells and their order are those of the parent.

    Parameters
    ----------
    parent_in
        File of the space that it is fitted on.
    space, metric
        Name and metric of the space.
    function
        `module:function`, `(vectors, seed=, **options) -> vectors`; with `columns` it takes `cells=` too.
    columns
        Columns of the cells that the function may see.
    options
        Its settings.
    seed
        The replicate's seed.
    output
        h5ad, readable by `read_space`.

    Raises
    ------
    StudyError
        If the fit loses cells, or gives values that are not finite.
    """
    parent = read_space(parent_in)
    seen = {"cells": parent.cells[list(columns)]} if columns else {}
    vectors = resolve(function)(parent.vectors, seed=seed, **seen, **options)
    vectors = vectors.astype(np.float32) if sp.issparse(vectors) else np.asarray(vectors, np.float32)
    if vectors.shape[0] != len(parent.cells):
        raise StudyError(f"space {space}: the fit on {len(parent.cells)} cells gave {vectors.shape[0]} vectors")
    require_finite(vectors, parent.cells["cell_id"], f"space {space}: the fit")
    fitted = SpaceData(space, metric, vectors, parent.cells)
    write_space(fitted, output, dimensions=_own_dimensions(space, vectors), seed=seed, made=made_of(parent_in))


def make_control(
    cells_in: str, *, space: str, metric: str, function: str, columns: Sequence[str], seed: int, output: str
) -> None:
    """Make a space of the table of cells alone and write it.

    Parameters
    ----------
    cells_in
        The table `analysed_cells` of the replicate.
    space, metric
        Name and metric of the space.
    function
        `module:function`, `(cells, seed=) -> vectors`.
    columns
        Columns of the cells that the function may see.
    seed
        The replicate's seed.
    output
        h5ad, readable by `read_space`.
    """
    cells = _compared_cells(cells_in)[["cell_id", "cell_type", "slug", "batch"]].reset_index(drop=True)
    vectors = resolve(function)(cells[list(columns)], seed=seed)
    made = SpaceData(space, metric, vectors, cells)
    write_space(made, output, dimensions=_own_dimensions(space, vectors), seed=seed)


def _compared_cells(cells_in: str) -> pd.DataFrame:
    """Return the cells that every space holds, in the order that it holds them in."""
    analysed = ANALYSED_CELLS.read(cells_in)
    return analysed[analysed["used"]].sort_values(["slug", "cell_id"])


def _own_dimensions(space: str, vectors: sp.csr_matrix | np.ndarray) -> list[str]:
    """Return names for dimensions that are not genes."""
    return [f"{space}-{i + 1}" for i in range(vectors.shape[1])]
