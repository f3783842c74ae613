"""Selection: which cells take part, spread over batches, sampled with the replicate's seed."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd

from rankstudy.cells.tables import CELL_TYPES, CELLS, SELECTION, SELECTION_REPORT
from rankstudy.core.cell_types import TypeCount, qualifying
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.seeds import generator

log = logging.getLogger(__name__)


def select_cells(
    cells_in: str,
    types_in: str,
    *,
    dataset: str,
    seed: int,
    min_cells: int,
    cells_per_type: int | None,
    cell_types: list[str] | None,
    types_expected: int | None = None,
    selection_out: str,
    report_out: str,
) -> None:
    """Sample cells of each cell type and say what was left out and why.

    Of each type with at least `min_cells` usable cells, at most `cells_per_type` are sampled without replacement, as
    evenly over its batches as they allow. A type's sample depends on the seed, the data set's and the type's name only.

    Raises
    ------
    StudyError
        If fewer than two types are left: there is nothing to compare. If not as many as `types_expected` are (None is
        not checked).
    """
    cells = CELLS.read(cells_in)
    summary = CELL_TYPES.read(types_in)
    counts = [TypeCount(r.cell_type, r.slug, r.n_cells) for r in summary.itertuples()]
    types = qualifying(counts, min_cells, cell_types)
    if len(types) < 2:
        largest = summary.sort_values("n_cells", ascending=False)
        sizes = [f"{r.cell_type} {r.n_cells}" for r in largest.itertuples()]
        problem = (
            f"selection: {len(types)} cell types of {dataset} have at least min_cells = {min_cells} cells, and at "
            f"least 2 are needed (largest types: {listing(sizes, 5)})"
        )
        raise StudyError(advise(problem, "lower `selection.min_cells`"))
    if types_expected is not None and len(types) != types_expected:
        problem = (
            f"data set {dataset}: {len(types)} cell types with at least min_cells = {min_cells} cells found, "
            f"{types_expected} expected"
        )
        raise StudyError(advise(problem, "correct `expect.qualifying_types`", "give the file that was meant"))
    outcome = _outcome(cells, {t.cell_type for t in types}, min_cells, cell_types)
    for t in types:
        eligible = np.flatnonzero((outcome == "selected") & (cells["cell_type"] == t.cell_type))
        sampled = sample_cells(cells.iloc[eligible], cells_per_type, generator(seed, dataset, t.cell_type))
        outcome[np.setdiff1d(eligible, eligible[sampled])] = f"not drawn: more than cells_per_type = {cells_per_type}"
    cells = cells.assign(seed=seed, reason=outcome)
    chosen = cells[cells["reason"] == "selected"].sort_values(["slug", "cell_id"])
    log.info(
        "%s, seed %d: %d of %d cells, %d of %d types",
        dataset,
        seed,
        len(chosen),
        len(cells),
        len(types),
        len(counts),
    )
    SELECTION.write(chosen[SELECTION.names], selection_out)
    SELECTION_REPORT.write(_report(cells), report_out)


def sample_cells(cells: pd.DataFrame, number: int | None, random: np.random.Generator) -> np.ndarray:
    """Return positions (increasing) of `number` cells, spread over the batches as evenly as these allow.

    Independent of the order of the rows: cells are sampled from each batch in the order of their ids.
    """
    if number is None or len(cells) <= number:
        return np.arange(len(cells))
    ordered = cells.reset_index(drop=True).sort_values("cell_id")
    batches = {batch: group.index.to_numpy() for batch, group in ordered.groupby("batch", sort=True)}
    sizes = np.array([len(members) for members in batches.values()])
    quotas = even_quotas(sizes, number, random)
    sampled = [
        random.choice(members, quota, replace=False) for members, quota in zip(batches.values(), quotas, strict=True)
    ]
    return np.sort(np.concatenate(sampled))


def even_quotas(sizes: np.ndarray, number: int, random: np.random.Generator) -> np.ndarray:
    """Return how many to take of each batch: as equal as possible, none above its size, `number` in all.

    What cannot be divided evenly goes to batches sampled at random.
    """
    quotas = np.zeros(len(sizes), np.int64)
    while (left := number - quotas.sum()) > 0:
        open_batches = np.flatnonzero(quotas < sizes)
        if left < len(open_batches):
            quotas[random.choice(open_batches, left, replace=False)] += 1
        else:
            room = sizes[open_batches] - quotas[open_batches]
            quotas[open_batches] += np.minimum(room, left // len(open_batches))
    return quotas


def _outcome(cells: pd.DataFrame, types: set[str], min_cells: int, only: list[str] | None) -> np.ndarray:
    """Return for each cell why it is left out, or `selected`."""
    named = cells["cell_type"].isin(only) if only is not None else cells["cell_type"].notna()
    reasons = np.select(
        [
            cells["left_out"].notna(),
            cells["cell_type"].isna(),
            cells["n_counts"] <= 0,
            ~named,
            ~cells["cell_type"].isin(types),
        ],
        [
            cells["left_out"],
            "no cell type",
            "no counts",
            "not in selection.cell_types",
            f"type has fewer than min_cells = {min_cells}",
        ],
        default="selected",
    )
    return reasons.astype(object)


def _report(cells: pd.DataFrame) -> pd.DataFrame:
    grouped = cells.groupby(["dataset", "seed", "cell_type", "reason"], dropna=False, sort=True)
    report = grouped.agg(n_cells=("cell_id", "size"), n_batches=("batch", "nunique")).reset_index()
    report["selected"] = report["reason"] == "selected"
    return report[SELECTION_REPORT.names]
