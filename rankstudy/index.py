"""Index of a data set: one row per cell, made in one pass over the file, with all checks of what came from outside."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.errors import StudyError, listing
from rankstudy.files import verify
from rankstudy.identity import cell_ids
from rankstudy.plan import slugs
from rankstudy.progress import Progress
from rankstudy.readers import Chunk, Source, open_source
from rankstudy.readers.probe import require_survivable
from rankstudy.tables import BATCH, CELL_ID, CELL_TYPE, DATASET, Column, Table

log = logging.getLogger(__name__)

CELLS = Table(
    "cells",
    "Every cell of a data set, as found in its file.",
    (
        DATASET,
        CELL_ID,
        Column("cell_name", "text", "name of the cell in the file"),
        Column("cell_type", "text", "cell type as the data set labels it; empty where it has none", optional=True),
        Column("slug", "text", "cell type as it stands in file names", optional=True),
        BATCH,
        Column("donor", "text", "donor", optional=True),
        Column("n_counts", "number", "sum over all genes", "counts (or the unit of the values, if not counts)"),
        Column("n_genes", "integer", "genes with a value above zero", "genes"),
        Column("part", "text", "source file of the data set that holds the cell"),
        Column("row", "integer", "position of the cell in that file, from 0"),
    ),
    ("cell_id",),
    location="results/<dataset>/cells.parquet",
)

CELL_TYPES = Table(
    "cell_types",
    "The cell types of a data set.",
    (
        DATASET,
        CELL_TYPE,
        Column("slug", "text", "cell type as it stands in file names"),
        Column("n_cells", "integer", "cells with at least one count", "cells"),
        Column("n_batches", "integer", "batches that hold such a cell", "batches"),
        Column("median_counts", "number", "median of n_counts", "counts"),
        Column("median_genes", "number", "median of n_genes", "genes"),
    ),
    ("cell_type",),
    location="results/<dataset>/cell_types.parquet, .tsv",
)

GENES = Table(
    "source_genes",
    "Every gene of a data set, as found in its file.",
    (
        DATASET,
        Column("gene", "text", "name of the gene in the file"),
        Column("n_cells", "integer", "cells with a value above zero", "cells"),
        Column("n_counts", "number", "sum over all cells", "counts (or the unit of the values, if not counts)"),
        Column("flagged", "boolean", "the data set's own mark (genes.column), false if none is used"),
    ),
    ("gene",),
    location="results/<dataset>/source_genes.parquet",
)

SINGLE_BATCH = "all"
PART = "0"


def index_dataset(
    dataset: str,
    path: str,
    read: dict[str, Any],
    *,
    annotations: Mapping[str, Mapping[str, Any]],
    values: str,
    expect: Mapping[str, int | None],
    sha256_expected: str | None,
    bytes_expected: int | None,
    md5_expected: str | None = None,
    flag_column: str | None,
    cells_out: str,
    types_out: str,
    types_tsv: str,
    genes_out: str,
) -> None:
    """Read a data set once, check it, and write its cells, cell types and genes.

    Parameters
    ----------
    dataset
        Name of the data set.
    path, read
        The file and how to read it (`rankstudy.readers.open_source`).
    annotations
        For the roles `cell_type`, `batch` and `donor`: `{column, pattern, otherwise}`.
    values
        `counts`, `expected_counts` or `normalised`.
    expect
        Expected numbers of `cells`, `genes` and `cell_types`; None is not checked.
    sha256_expected, bytes_expected, md5_expected
        What the file must be; None is not checked.
    flag_column
        Column of the genes that marks the ones to use, or None.
    cells_out, types_out, types_tsv, genes_out
        Where the tables go.

    Raises
    ------
    StudyError
        For anything in the file that is not as declared.
    """
    if os.path.exists(path):
        expected = {"sha256_expected": sha256_expected, "bytes_expected": bytes_expected, "md5_expected": md5_expected}
        verify(path, **expected, what=path)
        if sha256_expected is None and md5_expected is None:
            require_survivable(path, read, sorted({role["column"] for role in annotations.values()}), flag_column)
    source = open_source(path, read)
    log.info("%s: %d cells, %d genes", path, len(source.cell_names), len(source.gene_names))
    cells = _annotated(dataset, source, annotations)
    totals, genes, of_genes = _scan(source, values, cells["batch"].to_numpy())
    cells = cells.assign(n_counts=totals, n_genes=genes, part=PART, row=np.arange(len(cells)))
    types = _summary(dataset, cells)
    _expected(dataset, expect, cells=len(cells), genes=len(source.gene_names), cell_types=len(types))
    flagged = source.gene_flags(flag_column) if flag_column else np.zeros(len(source.gene_names), bool)
    CELLS.write(cells, cells_out)
    GENES.write(
        of_genes.assign(dataset=dataset, gene=source.gene_names, flagged=flagged),
        genes_out,
    )
    CELL_TYPES.write(types, types_out, types_tsv)


def _annotated(dataset: str, source: Source, annotations: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    columns = sorted({role["column"] for role in annotations.values()})
    found = source.labels(columns)
    roles = {name: _cut(found[role["column"]], name, role) for name, role in annotations.items()}
    cell_type = roles["cell_type"]
    names = slugs(sorted(set(cell_type.dropna())))
    n = len(source.cell_names)
    batch = roles.get("batch", pd.Series([SINGLE_BATCH] * n, index=cell_type.index))
    if batch.isna().any():
        raise StudyError(
            f"batch: {int(batch.isna().sum())} cells have none, such as {listing(batch.index[batch.isna()], 5)}; give `otherwise`"
        )
    return pd.DataFrame(
        {
            "dataset": dataset,
            "cell_id": cell_ids(dataset, source.cell_names),
            "cell_name": source.cell_names,
            "cell_type": cell_type.to_numpy(),
            "slug": cell_type.map(names, na_action="ignore").to_numpy(),
            "batch": batch.to_numpy(),
            "donor": roles.get("donor", pd.Series([None] * n, index=cell_type.index, dtype=object)).to_numpy(),
        }
    )


def _cut(values: pd.Series, role: str, declared: Mapping[str, Any]) -> pd.Series:
    """Apply the pattern of an annotation to the values of its column."""
    if declared["pattern"] is None:
        return values
    pattern = re.compile(declared["pattern"])
    matches = values.map(pattern.search, na_action="ignore")
    unmatched = values.notna() & matches.isna()
    if unmatched.any() and declared["otherwise"] is None:
        raise StudyError(
            f"{role}.pattern: {declared['pattern']!r} does not match {int(unmatched.sum())} values of {declared['column']!r}, "
            f"such as {listing(values[unmatched].unique(), 5)}; correct it or give `otherwise`"
        )
    cut = matches.map(lambda m: m.group(1), na_action="ignore").astype(object)
    return cut.where(~unmatched, declared["otherwise"])


def _scan(source: Source, values: str, batches: np.ndarray) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Return the sum and the number of detected genes of each cell, and `n_cells` and `n_counts` of each gene."""
    n_cells, n_genes = len(source.cell_names), len(source.gene_names)
    totals, genes = np.zeros(n_cells), np.zeros(n_cells, np.int64)
    detected, sums = np.zeros(n_genes, np.int64), np.zeros(n_genes)
    fractional = np.zeros(n_cells, np.int64)
    progress = Progress(n_cells * n_genes, "values")
    for chunk in source.stream():
        block = chunk.values if sp.issparse(chunk.values) else np.asarray(chunk.values)
        stored = block.data if sp.issparse(block) else block
        _refuse_undefined(source, chunk, stored, block)
        # scipy sums sparse rows in the type of their values, whatever `dtype` says
        exact = block.astype(np.float64)
        totals[chunk.cells] += np.asarray(exact.sum(axis=1)).ravel()
        sums[chunk.genes] += np.asarray(exact.sum(axis=0)).ravel()
        positive = block > 0
        genes[chunk.cells] += np.asarray(positive.sum(axis=1)).ravel()
        detected[chunk.genes] += np.asarray(positive.sum(axis=0)).ravel()
        if values == "counts" and (stored != np.floor(stored)).any():
            broken = block != _floor(block)
            fractional[chunk.cells] += np.asarray(broken.sum(axis=1)).ravel()
        progress.add(block.shape[0] * block.shape[1])
    progress.close()
    if fractional.any():
        _refuse_fractions(source, fractional, batches)
    return totals, genes, pd.DataFrame({"n_cells": detected, "n_counts": sums})


def _floor(block):
    return block.floor() if sp.issparse(block) else np.floor(block)


def _refuse_undefined(source: Source, chunk: Chunk, stored: np.ndarray, block) -> None:
    for what, wrong in (
        ("not a number (NaN or infinite)", lambda v: ~np.isfinite(v)),
        ("negative", lambda v: v < 0),
    ):
        if not wrong(stored).any():
            continue
        places = sp.coo_matrix(block)  # row by row, and never dense: a chunk may be all cells of a few genes
        bad = np.flatnonzero(wrong(places.data))
        cell, gene = chunk.cells.start + places.row[bad[0]], chunk.genes.start + places.col[bad[0]]
        raise StudyError(
            f"{source.path}: {len(bad)} values are {what}, the first in cell {source.cell_names[cell]!r}, "
            f"gene {source.gene_names[gene]!r} ({places.data[bad[0]]}); "
            "expression must be numbers of at least zero: name the matrix with the raw counts (h5ad.counts, rds.layer, table.counts) or mend the file"
        )


def _refuse_fractions(source: Source, fractional: np.ndarray, batches: np.ndarray) -> None:
    cells = pd.DataFrame({"batch": batches, "broken": fractional > 0}).groupby("batch")["broken"].agg(["sum", "size"])
    worst = [f"{batch} ({row['sum']} of {row['size']} cells)" for batch, row in cells[cells["sum"] > 0].iterrows()]
    raise StudyError(
        f"{source.path}: {int(fractional.sum())} values are not whole numbers, in the batches {listing(worst, 5)}, but the data set "
        "declares `values: counts`; name the matrix with the raw counts (h5ad.counts, rds.layer, table.counts), or declare "
        "`values: expected_counts` (RSEM and the like) or `values: normalised` (only the order is used)"
    )


def _summary(dataset: str, cells: pd.DataFrame) -> pd.DataFrame:
    labelled = cells[cells["cell_type"].notna()]
    if labelled.empty:
        raise StudyError("cell_type: no cell has a label")
    usable = labelled.assign(usable=labelled["n_counts"] > 0)
    rows = []
    for (cell_type, slug), group in usable.groupby(["cell_type", "slug"], sort=True):
        kept = group[group["usable"]]
        rows.append(
            {
                "dataset": dataset,
                "cell_type": cell_type,
                "slug": slug,
                "n_cells": len(kept),
                "n_batches": kept["batch"].nunique(),
                "median_counts": group["n_counts"].median(),
                "median_genes": group["n_genes"].median(),
            }
        )
    return pd.DataFrame(rows)


def _expected(dataset: str, expect: Mapping[str, int | None], **found: int) -> None:
    wrong = [
        f"{what}: {found[what]:,} found, {n:,} expected"
        for what, n in expect.items()
        if n is not None and found[what] != n
    ]
    if wrong:
        raise StudyError(
            f"data set {dataset}: the file is not what was expected: {'; '.join(wrong)}; correct `expect` or the file"
        )
