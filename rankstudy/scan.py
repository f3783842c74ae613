"""One file of a data set: its cells and genes, found in one pass, with all checks of what came from outside."""

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
from rankstudy.progress import Progress
from rankstudy.readers import Chunk, Source, cell_columns, open_source
from rankstudy.readers.probe import require_survivable
from rankstudy.tables import BATCH, CELL_ID, DATASET, Column, Table

log = logging.getLogger(__name__)

PART_CELLS = Table(
    "part_cells",
    "Every cell of one file of a data set.",
    (
        DATASET,
        CELL_ID,
        Column("cell_name", "text", "name of the cell in the file"),
        Column(
            "left_out", "text", "why the data set's file leaves the cell out; empty where it does not", optional=True
        ),
        Column("cell_type", "text", "cell type as the data set labels it; empty where it has none", optional=True),
        BATCH,
        Column("donor", "text", "donor", optional=True),
        Column(
            "term", "text", "id in the Cell Ontology; empty where the data set names no column of them", optional=True
        ),
        Column(
            "n_counts", "number", "sum over all genes of the file", "counts (or the unit of the values, if not counts)"
        ),
        Column("n_genes", "integer", "genes with a value above zero", "genes"),
        Column("n_fractional", "integer", "values that are not whole", "values"),
        Column("part", "text", "the file that holds the cell"),
        Column("row", "integer", "position of the cell in that file, from 0"),
    ),
    ("cell_id",),
    location="results/<dataset>/index/<part>.cells.parquet",
)

PART_GENES = Table(
    "part_genes",
    "Every gene of one file of a data set.",
    (
        DATASET,
        Column(
            "gene", "text", "name of the gene in the file (in a combined data set an Ensembl id is without its version)"
        ),
        Column("n_cells", "integer", "cells with a value above zero", "cells"),
        Column("n_counts", "number", "sum over all cells", "counts (or the unit of the values, if not counts)"),
        Column("flagged", "boolean", "the data set's own mark (genes.column), false if none is used"),
    ),
    ("gene",),
    location="results/<dataset>/index/<part>.genes.parquet",
)

PART_CHOICES = Table(
    "part_choices",
    "What the reader of one file of a data set decided: where the file offers more than one thing, or may be understood "
    "in more than one way.",
    (
        DATASET,
        Column("part", "text", "the file"),
        Column("what", "text", "what was decided (matrix, feature types, separator)"),
        Column("choice", "text", "the decision in words: what was taken, and what was left"),
    ),
    ("part", "what"),
    location="results/<dataset>/index/<part>.choices.parquet",
)

SINGLE_BATCH = "all"


def scan_part(
    path: str,
    read: Mapping[str, Any],
    *,
    dataset: str,
    part: str,
    part_label: str,
    several_parts: bool,
    annotations: Mapping[str, Mapping[str, Any]],
    keep: Mapping[str, Any] | None,
    values: str,
    cells_expected: int | None,
    verified: Mapping[str, Any],
    flag_column: str | None,
    cells_out: str,
    genes_out: str,
    choices_out: str,
) -> None:
    """Read a file of a data set once, check it, and write its cells and genes, and what its reader decided.

    Parameters
    ----------
    path, read
        The file and how to read it (`rankstudy.readers.open_source`).
    dataset, part, several_parts
        Names of the data set and of the file, and whether there are others, whose cells may have the same names.
    part_label
        What the column `part` holds (`rankstudy.readers.cell_columns`): the name that the file has in the data set that
        declares it.
    annotations
        For the roles `cell_type`, `batch`, `donor` and `term`: `{column, pattern, otherwise}`.
    keep
        `{column, values}`: cells with another value are left out; None keeps all.
    values
        `counts`, `expected_counts`, `by_batch` or `normalised`.
    cells_expected
        Number of cells; None is not checked.
    verified
        `bytes`, `sha256` and `md5` that the file must have; None is not checked.
    flag_column
        Column of the genes that marks the ones to use, or None.
    cells_out, genes_out, choices_out
        Where the tables `part_cells`, `part_genes` and `part_choices` go.

    Raises
    ------
    StudyError
        For anything in the file that is not as declared.
    """
    columns = sorted({role["column"] for role in [*annotations.values(), *([keep] if keep else [])]})
    if os.path.exists(path):
        verify(path, **{f"{name}_expected": value for name, value in verified.items()}, what=path)
        if verified["sha256"] is None and verified["md5"] is None:
            require_survivable(path, dict(read), columns, flag_column)
    source = open_source(path, dict(read))
    log.info("%s: %d cells, %d genes", path, len(source.cell_names), len(source.gene_names))
    if cells_expected is not None and len(source.cell_names) != cells_expected:
        raise StudyError(
            f"data set {dataset}: {path}: {len(source.cell_names):,} cells found, {cells_expected:,} expected; correct "
            f"`parts.{part}.cells` or the file"
        )
    found = cell_columns(source, columns, part_label)
    for choice in source.choices:
        log.info("%s: %s", path, choice)
    cells = _annotated(dataset, source, found, annotations, part if several_parts else None)
    cells["left_out"] = _left_out(found, keep, path, several_parts)
    numbers, of_genes = _scan(source, values, cells["batch"].to_numpy())
    cells = cells.assign(**numbers, part=part, row=np.arange(len(cells)))
    flagged = source.gene_flags(flag_column) if flag_column else np.zeros(len(source.gene_names), bool)
    PART_CELLS.write(cells[PART_CELLS.names], cells_out)
    PART_GENES.write(
        of_genes.assign(dataset=dataset, gene=source.gene_names, flagged=flagged)[PART_GENES.names], genes_out
    )
    choices = [(dataset, part, choice.what, str(choice)) for choice in source.choices]
    PART_CHOICES.write(pd.DataFrame(choices, columns=PART_CHOICES.names), choices_out)


def _left_out(found: pd.DataFrame, keep: Mapping[str, Any] | None, path: str, several_parts: bool) -> np.ndarray:
    """Return for each cell why it is left out, or None; of several files, each must hold one of the values at least."""
    if keep is None:
        return np.full(len(found), None, object)
    column = found[keep["column"]]
    unknown = [value for value in keep["values"] if value not in set(column)]
    holds = f"{keep['column']!r}; it holds {listing(sorted(set(column.dropna())), 10)}"
    if len(unknown) == len(keep["values"]) and several_parts:
        raise StudyError(f"keep.values: {path}: none of {listing(unknown)} occurs in {holds}")
    if unknown and not several_parts:
        raise StudyError(f"keep.values: {path}: {listing(unknown)} does not occur in {holds}")
    reasons = column.map(lambda value: f"{keep['column']} is {value}", na_action="ignore").fillna(
        f"no {keep['column']}"
    )
    return reasons.where(~column.isin(keep["values"]), None).to_numpy(object)


def _annotated(
    dataset: str,
    source: Source,
    found: pd.DataFrame,
    annotations: Mapping[str, Mapping[str, Any]],
    part: str | None,
) -> pd.DataFrame:
    roles = {name: _cut(found[role["column"]], name, role) for name, role in annotations.items()}
    cell_type = roles["cell_type"]
    n = len(source.cell_names)
    nothing = pd.Series([None] * n, index=cell_type.index, dtype=object)
    batch = roles.get("batch", pd.Series([SINGLE_BATCH] * n, index=cell_type.index))
    if batch.isna().any():
        raise StudyError(
            f"batch: {int(batch.isna().sum())} cells have none, such as {listing(batch.index[batch.isna()], 5)}; give `otherwise`"
        )
    return pd.DataFrame(
        {
            "dataset": dataset,
            "cell_id": cell_ids(dataset, source.cell_names, part),
            "cell_name": source.cell_names,
            "cell_type": cell_type.to_numpy(),
            "batch": batch.to_numpy(),
            "donor": roles.get("donor", nothing).to_numpy(),
            "term": roles.get("term", nothing).to_numpy(),
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


def _scan(source: Source, values: str, batches: np.ndarray) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Return `n_counts`, `n_genes` and `n_fractional` of each cell, and `n_cells` and `n_counts` of each gene."""
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
        if (stored != np.floor(stored)).any():
            broken = block != _floor(block)
            fractional[chunk.cells] += np.asarray(broken.sum(axis=1)).ravel()
        progress.add(block.shape[0] * block.shape[1])
    progress.close()
    if values == "counts" and fractional.any():
        _refuse_fractions(source, fractional, batches)
    numbers = {"n_counts": totals, "n_genes": genes, "n_fractional": fractional}
    return numbers, pd.DataFrame({"n_cells": detected, "n_counts": sums})


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
        "`values: expected_counts` (RSEM and the like), `values: by_batch` (these batches are left out of whatever needs counts) or "
        "`values: normalised` (only the order is used)"
    )
