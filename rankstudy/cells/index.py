"""Index of a data set: one row per cell, put together from its files, with the checks that need all of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rankstudy.cells.members import as_one
from rankstudy.cells.needs import Needs
from rankstudy.cells.tables import (
    BATCHES,
    CELL_TYPES,
    CELLS,
    GENES,
    PART_CELLS,
    PART_CHOICES,
    PART_GENES,
    SOURCE_PARTS,
    TYPE_BATCHES,
)
from rankstudy.core.cell_types import slugs
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.identity import require_unique
from rankstudy.sources.choices import OWN_COLUMN

log = logging.getLogger(__name__)


NO_COUNTS = "its batch has values that are not whole, so no raw counts"


def index_cells(
    cells_in: Sequence[str],
    genes_in: Sequence[str],
    choices_in: Sequence[str],
    *,
    dataset: str,
    values: str,
    needs: Needs,
    expect: Mapping[str, int | None],
    membership: Mapping[str, Mapping[str, Any]],
    outputs: Mapping[str, str],
) -> None:
    """Put the parts of a data set together, check the whole, and write its cells, cell types, batches, genes and parts.

    Parameters
    ----------
    cells_in, genes_in, choices_in
        The tables `part_cells`, `part_genes` and `part_choices`, one of each per file.
    dataset
        Name of the data set.
    values
        What the data set declares of its values: a key of `rankstudy.cells.needs.GIVES`.
    needs
        The most that any step of the study on these data needs: more than the order, and cells of batches without
        counts are left out.
    expect
        Expected numbers of `cells`, `genes` and `cell_types`; None is not checked.
    membership
        Of a combined data set, how each part takes part in it (`rankstudy.cells.members.as_one`); else empty.
    outputs
        Where the tables go: `cells`, `genes`, and with `<name>_tsv` `types`, `batches`, `source_parts`, `type_batches`.

    Raises
    ------
    StudyError
        If the data set is not what was expected, or its parts have no gene in common.
    """
    cells = as_one(PART_CELLS.read_all(cells_in), membership)
    require_unique(cells["cell_id"], f"data set {dataset}: cells")
    genes_of_parts = [PART_GENES.read(path) for path in genes_in]
    genes = _common_genes(genes_of_parts, dataset)
    parts = _parts(dataset, cells, genes_of_parts, genes, membership)
    choices = PART_CHOICES.read_all(choices_in)
    _require_columns_of_all(dataset, parts, choices)
    parts["choices"] = parts["part"].map(_in_words(choices))
    _expected(dataset, expect, cells=len(cells), genes=len(genes), cell_types=_labelled(cells)["cell_type"].nunique())
    batches = _batches(cells)
    if values == "by_batch" and needs != "order":
        _leave_out_fractions(dataset, cells, batches)
    names = slugs(sorted(set(cells["cell_type"].dropna())))
    cells["slug"] = cells["cell_type"].map(names, na_action="ignore")
    types = _summary(dataset, cells)
    CELLS.write(cells[CELLS.names], outputs["cells"])
    CELL_TYPES.write(types, outputs["types"], outputs["types_tsv"])
    BATCHES.write(batches, outputs["batches"], outputs["batches_tsv"])
    GENES.write(genes[GENES.names], outputs["genes"])
    SOURCE_PARTS.write(parts, outputs["source_parts"], outputs["source_parts_tsv"])
    TYPE_BATCHES.write(_type_batches(cells), outputs["type_batches"], outputs["type_batches_tsv"])


def _common_genes(parts: Sequence[pd.DataFrame], dataset: str) -> pd.DataFrame:
    """Return the genes that all parts have, in the order of the first, with their sums over the parts."""
    common = parts[0].set_index("gene")
    for part in parts[1:]:
        other = part.set_index("gene")
        common = common.loc[common.index.isin(other.index)]
        other = other.loc[common.index]
        common = common.assign(
            n_cells=common["n_cells"] + other["n_cells"],
            n_counts=common["n_counts"] + other["n_counts"],
            flagged=common["flagged"] & other["flagged"],
        )
    if common.empty:
        problem = (
            f"data set {dataset}: its parts have no gene in common: they begin with "
            f"{listing([part['gene'].iloc[0] for part in parts])}"
        )
        raise StudyError(advise(problem, "name their genes alike, by Ensembl ids or by symbols (h5ad.gene_names)"))
    return common.reset_index()


def _parts(
    dataset: str,
    cells: pd.DataFrame,
    genes_of_parts: Sequence[pd.DataFrame],
    genes: pd.DataFrame,
    membership: Mapping[str, Mapping[str, Any]],
) -> pd.DataFrame:
    """Return the table `source_parts` without its choices, and say in the log which part loses how many genes."""
    n_cells = cells.groupby("part", sort=False).size()
    rows = []
    for part, found in zip(n_cells.index, genes_of_parts, strict=True):
        lost = ~found["gene"].isin(genes["gene"])
        share = found.loc[lost, "n_counts"].sum() / max(found["n_counts"].sum(), 1e-300)
        if len(n_cells) > 1:
            log.info(
                "%s: %d of %d genes, with %.2f %% of its counts, are not in all parts",
                part,
                lost.sum(),
                len(lost),
                100 * share,
            )
        rows.append(
            (dataset, part, membership.get(part, {}).get("member"), n_cells[part], len(lost), lost.sum(), share)
        )
    return pd.DataFrame(rows, columns=[name for name in SOURCE_PARTS.names if name != "choices"])


def _require_columns_of_all(dataset: str, parts: pd.DataFrame, choices: pd.DataFrame) -> None:
    """Refuse a column whose name means something else in files of the same data set that have no such column."""
    for _, files in parts.groupby("member", dropna=False)["part"]:
        own = choices[choices["part"].isin(files) & choices["what"].str.startswith(OWN_COLUMN.format(""))]
        for what, having in own.groupby("what")["part"]:
            lacking = sorted(set(files) - set(having))
            if lacking:
                problem = (
                    f"data set {dataset}: {listing(sorted(having))} have a {what} of their own, {listing(lacking)} "
                    "have none, where the word means the part or the cell's name"
                )
                raise StudyError(advise(problem, "rename the column in the files that have it"))


def _in_words(choices: pd.DataFrame) -> dict[str, str]:
    """Return the choices of each part as one text."""
    return choices.groupby("part")["choice"].agg("; ".join).to_dict()


def _type_batches(cells: pd.DataFrame) -> pd.DataFrame:
    kept = _labelled(cells)
    groups = kept[kept["n_counts"] > 0].groupby(["dataset", "cell_type", "batch"], sort=True)
    return groups.agg(
        n_cells=("cell_id", "size"), median_counts=("n_counts", "median"), median_genes=("n_genes", "median")
    ).reset_index()


def _batches(cells: pd.DataFrame) -> pd.DataFrame:
    grouped = cells.assign(broken=cells["n_fractional"] > 0).groupby(["dataset", "batch"], sort=True)
    table = grouped.agg(n_cells=("cell_id", "size"), n_fractional=("broken", "sum")).reset_index()
    return table.assign(values=np.where(table["n_fractional"] > 0, "not whole", "counts"))


def _labelled(cells: pd.DataFrame) -> pd.DataFrame:
    return cells[cells["cell_type"].notna() & cells["left_out"].isna()]


def _leave_out_fractions(dataset: str, cells: pd.DataFrame, batches: pd.DataFrame) -> None:
    """Mark the cells of batches whose values are not all whole as left out."""
    fractional = batches.loc[batches["n_fractional"] > 0, "batch"]
    if len(fractional) == len(batches):
        raise StudyError(
            advise(
                f"values: no batch of {dataset} has raw counts (all values whole): {listing(fractional, 20)}",
                "name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)",
                "compare ranks only: `spaces: [rank]` and `genes: {method: all}`",
            )
        )
    if fractional.empty:
        return
    without = cells["batch"].isin(fractional) & cells["left_out"].isna()
    cells.loc[without, "left_out"] = NO_COUNTS
    log.warning("%d cells are left out: batches %s have no raw counts", without.sum(), listing(fractional, 20))


def _summary(dataset: str, cells: pd.DataFrame) -> pd.DataFrame:
    labelled = _labelled(cells)
    if labelled.empty:
        raise StudyError(advise("cell_type: no cell that is kept has a label", "name a column that holds labels"))
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
        problem = f"data set {dataset}: the file is not what was expected: {'; '.join(wrong)}"
        raise StudyError(advise(problem, "correct `expect`", "give the file that was meant"))
