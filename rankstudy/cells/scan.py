"""One file of a data set: its cells and genes, found in one pass, with all checks of what came from outside."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.tables import PART_CELLS, PART_CHOICES, PART_GENES
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.files import verify
from rankstudy.core.identity import cell_ids
from rankstudy.core.progress import Progress
from rankstudy.sources.choices import Choice
from rankstudy.sources.readers import Chunk, ExpressionSource, cell_columns, open_source
from rankstudy.sources.readers.base import CELL_NAME
from rankstudy.sources.readers.probe import require_survivable

log = logging.getLogger(__name__)


SINGLE_BATCH = "all"
# relative: CPM that was rounded to whole numbers, or stored in single precision, still has one total to this precision
TOTALS_DIFFER = 1e-3


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
    missing: Sequence[str],
    values: str,
    cells_expected: int | None,
    verified: Mapping[str, Mapping[str, Any]],
    flag_column: str | None,
    cells_out: str,
    genes_out: str,
    choices_out: str,
) -> None:
    """Read a file of a data set once, check it, and write its cells and genes, and what its reader decided.

    Parameters
    ----------
    path, read
        The file and how to read it (`rankstudy.sources.readers.open_source`).
    dataset, part, several_parts
        Names of the data set and of the file, and whether there are others, whose cells may have the same names.
    part_label
        What the column `part` holds (`rankstudy.sources.readers.cell_columns`): the name that the file has in the data
        set that declares it.
    annotations
        For the roles `cell_type`, `batch`, `donor`, `state` and `term`: `{column, pattern, otherwise}`.
    keep
        `{column, values}`: cells with another value are left out; None keeps all.
    missing
        Words in columns of cells that mean that there is no value.
    values
        What the data set declares of its values: a key of `rankstudy.cells.needs.GIVES`.
    cells_expected
        Number of cells; None is not checked.
    verified
        `bytes`, `sha256` and `md5` that the file (`matrix`) must have, and those beside it by what they are in `read`;
        None is not checked.
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
    for role, known in verified.items():
        _verify(path if role == "matrix" else read[role], known)
    if os.path.exists(path) and verified["matrix"]["sha256"] is None and verified["matrix"]["md5"] is None:
        require_survivable(path, dict(read), columns, part_label, flag_column)
    source = open_source(path, dict(read))
    log.info("%s: %d cells, %d genes", path, len(source.cell_names), len(source.gene_names))
    if cells_expected is not None and len(source.cell_names) != cells_expected:
        problem = f"data set {dataset}: {path}: {len(source.cell_names):,} cells found, {cells_expected:,} expected"
        raise StudyError(advise(problem, f"correct `parts.{part}.cells`", "give the file that was meant"))
    found, choices = _without_words(cell_columns(source, columns, part_label), missing)
    choices = [*source.choices, *choices]
    for choice in choices:
        log.info("%s: %s", path, choice)
    cells = _annotated(dataset, source, found, annotations, part if several_parts else None)
    cells["left_out"] = _left_out(found, keep, path, several_parts)
    _require_batches(cells)
    numbers, of_genes = _scan(source, values, cells["batch"].to_numpy())
    cells = cells.assign(**numbers, part=part, row=np.arange(len(cells)))
    flagged = source.gene_flags(flag_column) if flag_column else np.zeros(len(source.gene_names), bool)
    PART_CELLS.write(cells[PART_CELLS.names], cells_out)
    PART_GENES.write(
        of_genes.assign(dataset=dataset, gene=source.gene_names, flagged=flagged)[PART_GENES.names], genes_out
    )
    decided = [(dataset, part, choice.what, str(choice)) for choice in choices]
    PART_CHOICES.write(pd.DataFrame(decided, columns=PART_CHOICES.names), choices_out)


def _without_words(found: pd.DataFrame, missing: Sequence[str]) -> tuple[pd.DataFrame, list[Choice]]:
    """Return columns of cells with None for words that mean that there is no value, and which these were.

    Names of cells are names, whatever they are.
    """
    described = found.columns.drop(CELL_NAME, errors="ignore")
    words = found[described].isin(list(missing)).reindex(columns=found.columns, fill_value=False)
    counted = [
        f"{n} {word} in {name}"
        for name in found.columns[words.any()]
        for word, n in found.loc[words[name], name].value_counts().items()
    ]
    choices = [Choice("missing values", listing(counted, 20))] if counted else []
    return found.mask(words, None), choices


def _verify(path: str, known: Mapping[str, Any]) -> None:
    """Check a file against what is known of it; one that is not there is reported where it is read."""
    if os.path.exists(path):
        verify(path, **{f"{name}_expected": value for name, value in known.items()}, what=path)


def _left_out(found: pd.DataFrame, keep: Mapping[str, Any] | None, path: str, several_parts: bool) -> np.ndarray:
    """Return for each cell why it is left out, or None; of several files, each must hold one of the values at least."""
    if keep is None:
        return np.full(len(found), None, object)
    column = found[keep["column"]]
    unknown = [value for value in keep["values"] if value not in set(column)]
    none_here = several_parts and len(unknown) == len(keep["values"])
    if none_here or (unknown and not several_parts):
        problem = f"keep.values: {path}: {listing(unknown)} does not occur in {keep['column']!r}"
        raise StudyError(advise(problem, f"name values that it holds: {listing(sorted(set(column.dropna())), 10)}"))
    reasons = column.map(lambda value: f"{keep['column']} is {value}", na_action="ignore").fillna(
        f"no {keep['column']}"
    )
    return reasons.where(~column.isin(keep["values"]), None).to_numpy(object)


def _annotated(
    dataset: str,
    source: ExpressionSource,
    found: pd.DataFrame,
    annotations: Mapping[str, Mapping[str, Any]],
    part: str | None,
) -> pd.DataFrame:
    roles = {name: _cut(found[role["column"]], name, role) for name, role in annotations.items()}
    cell_type = roles["cell_type"]
    n = len(source.cell_names)
    nothing = pd.Series([None] * n, index=cell_type.index, dtype=object)
    batch = roles.get("batch", pd.Series([SINGLE_BATCH] * n, index=cell_type.index))
    return pd.DataFrame(
        {
            "dataset": dataset,
            "cell_id": cell_ids(dataset, source.cell_names, part),
            "cell_name": source.cell_names,
            "cell_type": cell_type.to_numpy(),
            "batch": batch.to_numpy(),
            "donor": roles.get("donor", nothing).to_numpy(),
            "term": roles.get("term", nothing).to_numpy(),
            "state": roles.get("state", nothing).to_numpy(),
        }
    )


def _require_batches(cells: pd.DataFrame) -> None:
    """Refuse cells without a batch, but for those that take no part: left out, or without a cell type."""
    without = cells["batch"].isna() & cells["left_out"].isna() & cells["cell_type"].notna()
    if without.any():
        problem = f"batch: {without.sum()} cells have none, such as {listing(cells.loc[without, 'cell_name'], 5)}"
        raise StudyError(
            advise(
                problem,
                "say what they shall have: `batch: {column: ..., otherwise: unknown}`",
                "leave them out: `keep` with the column of batches and the values to use",
            )
        )


def _cut(values: pd.Series, role: str, declared: Mapping[str, Any]) -> pd.Series:
    """Apply the pattern of an annotation to the values of its column; `otherwise` is for what it gives no value to."""
    if declared["pattern"] is not None:
        matches = values.map(re.compile(declared["pattern"]).search, na_action="ignore")
        _require_matches(values, matches, role, declared)
        values = matches.map(lambda m: m.group(1) or None, na_action="ignore").astype(object)
    return values if declared["otherwise"] is None else values.where(values.notna(), declared["otherwise"])


def _require_matches(values: pd.Series, matches: pd.Series, role: str, declared: Mapping[str, Any]) -> None:
    unmatched = values.notna() & matches.isna()
    if unmatched.any() and declared["otherwise"] is None:
        problem = (
            f"{role}.pattern: {declared['pattern']!r} does not match {int(unmatched.sum())} values of "
            f"{declared['column']!r}, such as {listing(values[unmatched].unique(), 5)}"
        )
        raise StudyError(advise(problem, "correct it", f"give `{role}.otherwise`, what such a value becomes"))


def _scan(source: ExpressionSource, values: str, batches: np.ndarray) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Return `n_counts`, `n_genes` and `n_fractional` of each cell, and `n_cells` and `n_counts` of each gene."""
    n_cells, n_genes = len(source.cell_names), len(source.gene_names)
    totals, genes = np.zeros(n_cells), np.zeros(n_cells, np.int64)
    detected, sums = np.zeros(n_genes, np.int64), np.zeros(n_genes)
    fractional = np.zeros(n_cells, np.int64)
    progress = Progress(total=n_cells * n_genes, unit="values")
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
        progress.update(block.shape[0] * block.shape[1])
    progress.close()
    if values == "counts" and fractional.any():
        _refuse_fractions(source, fractional, batches)
    if values == "cpm":
        _require_one_total(source, totals, batches)
    numbers = {"n_counts": totals, "n_genes": genes, "n_fractional": fractional}
    return numbers, pd.DataFrame({"n_cells": detected, "n_counts": sums})


def _floor(block):
    return block.floor() if sp.issparse(block) else np.floor(block)


def _refuse_undefined(source: ExpressionSource, chunk: Chunk, stored: np.ndarray, block) -> None:
    for what, wrong in (
        ("not a number (NaN or infinite)", lambda v: ~np.isfinite(v)),
        ("negative", lambda v: v < 0),
    ):
        if not wrong(stored).any():
            continue
        places = sp.coo_matrix(block)  # row by row, and never dense: a chunk may be all cells of a few genes
        bad = np.flatnonzero(wrong(places.data))
        cell, gene = chunk.cells.start + places.row[bad[0]], chunk.genes.start + places.col[bad[0]]
        problem = (
            f"{source.path}: {len(bad)} values are {what}, the first in cell {source.cell_names[cell]!r}, "
            f"gene {source.gene_names[gene]!r} ({places.data[bad[0]]}), and expression must be numbers of at least zero"
        )
        raise StudyError(
            advise(
                problem, "name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)", "mend the file"
            )
        )


def _require_one_total(source: ExpressionSource, totals: np.ndarray, batches: np.ndarray) -> None:
    """Refuse cells whose values have another sum than those of the other cells of the file; cells without any pass."""
    counted = totals > 0
    usual = np.median(totals[counted]) if counted.any() else 0.0
    differ = counted & ~np.isclose(totals, usual, rtol=TOTALS_DIFFER, atol=0)
    if differ.any():
        worst = totals[np.abs(totals - usual).argmax()]
        problem = (
            f"{source.path}: {differ.sum()} cells have another total than the median of {usual:,.6g} (the farthest has "
            f"{worst:,.6g}), in the batches {_by_batch(differ, batches)}, but the data set declares `values: cpm`: "
            "the same total for every cell"
        )
        raise StudyError(
            advise(
                problem,
                "name the matrix that was scaled, with all its genes and without a logarithm (h5ad.counts, rds.layer, "
                "loom.counts)",
                "declare `values: counts` if these are counts",
                "`values: normalised` (only the order is used)",
            )
        )


def _by_batch(broken: np.ndarray, batches: np.ndarray) -> str:
    """Return in words how many cells of which batches something is wrong with."""
    cells = pd.DataFrame({"batch": batches, "broken": broken}).fillna({"batch": "(none)"})
    sizes = cells.groupby("batch")["broken"].agg(["sum", "size"])
    return listing([f"{batch} ({n['sum']} of {n['size']} cells)" for batch, n in sizes[sizes["sum"] > 0].iterrows()], 5)


def _refuse_fractions(source: ExpressionSource, fractional: np.ndarray, batches: np.ndarray) -> None:
    problem = (
        f"{source.path}: {int(fractional.sum())} values are not whole numbers, in the batches "
        f"{_by_batch(fractional > 0, batches)}, but the data set declares `values: counts`"
    )
    raise StudyError(
        advise(
            problem,
            "name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)",
            "declare `values: expected_counts` (RSEM and the like)",
            "`values: cpm` (CPM, TPM: every cell has the same total)",
            "`values: by_batch` (these batches are left out of whatever needs counts)",
            "`values: normalised` (only the order is used)",
        )
    )
