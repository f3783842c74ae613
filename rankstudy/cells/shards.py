"""Shards: the raw counts of the selected cells, one AnnData file per cell type, all genes."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.tables import GENES, SELECTION
from rankstudy.cells.treatments.treated import treated
from rankstudy.core.errors import StudyError
from rankstudy.core.files import write_anndata
from rankstudy.core.identity import cell_ids, positions_of
from rankstudy.sources.readers import open_source

log = logging.getLogger(__name__)

_CHANGED = "the file has changed since it was indexed: remove results/ of this data set"

OBS = ["cell_type", "slug", "batch", "n_counts"]


def extract_cells(
    path: str,
    read: dict[str, Any],
    selection_in: str,
    genes_in: str,
    *,
    part: str,
    several_parts: bool,
    output: str,
    treatment: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> None:
    """Copy the selected cells of one source file into an AnnData file, in one pass.

    Each row must still hold the cell of its id, with the sum that the index found; anything else means that another
    cell would be read, and is an error.

    Parameters
    ----------
    path, read
        The source file and how to read it.
    selection_in, genes_in
        The tables `selection` and `source_genes`: of the genes of the file, those are kept that all parts have.
    part, several_parts
        Which of the data set's source files this is, and whether there are others.
    output
        h5ad: counts (CSR, float32), `obs` by cell id, `var` by gene name.
    treatment, seed
        What is done to the counts (`rankstudy.cells.treatments.treated`), and the replicate's seed. All genes of the
        file are treated, so that a cell's total is what is left of that of the index. Cells may have nothing left.
    """
    selection = SELECTION.read(selection_in)
    chosen = selection[selection["part"] == part].sort_values("row")
    source = open_source(path, read)
    _require_same_names(source.cell_names, chosen, part if several_parts else None, path)
    counts = source.read(chosen["row"].to_numpy())
    _require_same_cells(counts, chosen, path)
    genes = GENES.read(genes_in)["gene"].tolist()
    at = positions_of(genes, source.gene_names, f"{path}: genes")
    obs = chosen.set_index("cell_id")[OBS]
    if treatment is not None:
        names = [source.cell_names[row] for row in chosen["row"]]
        counts = treated(counts, names, source.gene_names, treatment, part=part, seed=seed)
        obs["n_counts"] = np.asarray(counts.sum(axis=1)).ravel()
    kept = counts if np.array_equal(at, np.arange(counts.shape[1])) else counts[:, at]
    write_anndata(ad.AnnData(kept.astype(np.float32), obs=obs, var=pd.DataFrame(index=genes)), output)
    log.info("%s: %d cells", path, len(chosen))


def write_shard(parts: Sequence[str], selection_in: str, slug: str, output: str) -> None:
    """Write the selected cells of one cell type as one AnnData file, rows in the order of the selection.

    Cells that have no counts after the treatment of their data set are left out; all others have some.
    """
    selection = SELECTION.read(selection_in)
    wanted = selection.loc[selection["slug"] == slug, "cell_id"].tolist()
    if not wanted:
        raise StudyError(f"no selected cell is of the type {slug!r}")
    pieces = []
    for part in parts:
        data = ad.read_h5ad(part)
        if len(chosen := data[data.obs["slug"] == slug]):
            pieces.append(chosen.copy())
    if (found := sum(map(len, pieces))) != len(wanted):
        raise StudyError(f"{slug}: {len(wanted)} cells were selected, the parts hold {found}")
    shard = ad.concat(pieces, join="inner", merge="same") if len(pieces) > 1 else pieces[0]
    at = positions_of(wanted, shard.obs_names.tolist(), f"{slug}: parts")
    at = at[shard.obs["n_counts"].to_numpy()[at] > 0]
    write_anndata(shard[at].copy(), output)


def read_counts(shard: str) -> ad.AnnData:
    """Read a shard: `X` are raw counts (CSR), `obs["n_counts"]` their sums over all genes."""
    data = ad.read_h5ad(shard)
    data.X = sp.csr_matrix(data.X)
    return data


def _require_same_names(names: Sequence[str], chosen: pd.DataFrame, part: str | None, path: str) -> None:
    rows = chosen["row"].to_numpy()
    if len(rows) and rows.max() >= len(names):
        raise StudyError(f"{path}: holds {len(names)} cells, row {rows.max()} was selected; {_CHANGED}")
    for cell_id, dataset, row in zip(chosen["cell_id"], chosen["dataset"], rows, strict=True):
        if (found := cell_ids(dataset, [names[row]], part)[0]) != cell_id:
            raise StudyError(f"{path}: row {row} holds {found}, in the index {cell_id}; {_CHANGED}")


def _require_same_cells(counts: sp.csr_matrix, chosen: pd.DataFrame, path: str) -> None:
    sums = np.asarray(counts.astype(np.float64).sum(axis=1)).ravel()
    differs = ~np.isclose(sums, chosen["n_counts"].to_numpy(), rtol=1e-6)
    if differs.any():
        raise StudyError(
            f"{path}: {int(differs.sum())} cells have another sum of counts than in the index, the first "
            f"{chosen['cell_id'].to_numpy()[differs][0]}; {_CHANGED}"
        )
