"""Genes that the spaces use, and the cells that can be compared on them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.cells.tables import GENES, SELECTION
from rankstudy.core.ensembl import without_versions
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.identity import positions_of
from rankstudy.spaces.encodings.expression import log1p_cp10k
from rankstudy.spaces.tables import (
    ANALYSED_CELLS,
    BROUGHT_CELLS,
    CONSTANT,
    ENCODED,
    ENCODED_CELLS,
    HAS_TOKENS,
    IS_BROUGHT,
    NO_COUNTS_LEFT,
    SELECTED_GENES,
    TOKENISED,
)

log = logging.getLogger(__name__)


ALONE = "no other cell of its type is left"


def select_genes(
    shards: Sequence[str],
    source_genes: str,
    *,
    dataset: str,
    seed: int,
    method: str,
    number: int,
    output: str,
    listed: str | None = None,
) -> None:
    """Choose the genes of a replicate.

    Parameters
    ----------
    shards
        The replicate's shards.
    source_genes
        The table `source_genes` of the data set (for `flagged`).
    method, number
        `highly_variable` (the `number` genes of the highest normalised dispersion of log1p CP10K over the selected
        cells; Satija et al. 2015, as in scanpy), `flagged`, `listed`, or `all`.
    output
        Where the table `genes` goes.
    listed
        The list of genes (`listed_names`).

    Raises
    ------
    StudyError
        If no cell, or fewer than two genes are left.
    """
    data = _all_cells(shards)
    if data.n_obs == 0:
        problem = f"no cell of {dataset} has counts left after its treatment"
        raise StudyError(advise(problem, "leave cells more molecules (`treatment`)"))
    counts = sp.csr_matrix(data.X)
    table = pd.DataFrame({"dataset": dataset, "seed": seed, "gene": data.var_names.astype(str)})
    table = table.assign(n_cells=np.asarray((counts > 0).sum(axis=0)).ravel(), mean=np.nan, dispersion=np.nan)
    if method == "highly_variable":
        table = _highly_variable(data, table, number)
    elif method == "flagged":
        source = GENES.read(source_genes)
        table["selected"] = table["gene"].isin(source.loc[source["flagged"], "gene"])
    elif method == "listed":
        table["selected"] = np.isin(without_versions(table["gene"].tolist()), list(listed_names(listed)))
    else:
        table["selected"] = True
    chosen = table["selected"].to_numpy()
    if chosen.sum() < 2:
        problem = f"genes: method {method!r} leaves {chosen.sum()} genes of {len(chosen)}, and at least 2 are needed"
        raise StudyError(advise(problem, "set `genes: {method: highly_variable}`", "`genes: {method: all}`"))
    log.info("%d of %d genes (%s)", chosen.sum(), len(chosen), method)
    SELECTED_GENES.write(table[SELECTED_GENES.names], output)


def listed_names(path: str) -> set[str]:
    """Return the names of the genes of a list, Ensembl ids and symbols: a TSV with a column of either or both.

    Raises
    ------
    StudyError
        If it has neither.
    """
    table = pd.read_csv(path, sep="\t", comment="#", keep_default_na=False, dtype=str)
    if not {"ensembl_id", "symbols"} & set(table):
        problem = f"{path}: has neither a column ensembl_id nor a column symbols, but {listing(table.columns)}"
        raise StudyError(advise(problem, "name the columns of the list so, with tabs between them"))
    symbols = " ".join(table.get("symbols", [])).split()
    return {*table.get("ensembl_id", []), *symbols} - {""}


def keep_cells(
    shards: Sequence[str],
    selection_in: str,
    genes_in: str,
    unreadable: Mapping[str, str],
    *,
    dataset: str,
    seed: int,
    output: str,
) -> None:
    """Drop the cells that some space cannot hold, from all of them: every space holds the same cells.

    Parameters
    ----------
    shards
        The replicate's shards.
    selection_in
        The table `selection`; a cell that no shard holds had no counts left after the treatment of its data set.
    genes_in
        The table `genes` of the replicate; a cell that is constant over the selected ones has no rank correlation.
    unreadable
        Cells that a model or an encoding has nothing of: reason by cell id (`unreadable_cells`).
    output
        Where the table `analysed_cells` goes.

    Raises
    ------
    StudyError
        If fewer than two cell types have two cells left.
    """
    data = _all_cells(shards)
    at = positions_of(selected_names(genes_in), data.var_names.tolist(), f"{genes_in}: genes")
    constant = constant_rows(sp.csr_matrix(data.X)[:, at])
    dropped = {**unreadable, **dict.fromkeys(data.obs_names[constant], CONSTANT)}
    chosen = SELECTION.read(selection_in)
    held = chosen["cell_id"].isin(data.obs_names)
    dropped |= dict.fromkeys(chosen.loc[~held, "cell_id"], NO_COUNTS_LEFT)
    write_analysed(chosen, dropped, dataset, seed, output)


def write_analysed(chosen: pd.DataFrame, dropped: Mapping[str, str], dataset: str, seed: int, output: str) -> None:
    """Write the table `analysed_cells` of drawn cells, of which some are dropped: reason by cell id.

    Raises
    ------
    StudyError
        If fewer than two cell types have two cells left.
    """
    ANALYSED_CELLS.write(_analysed(chosen, dropped, dataset, seed), output)


def unreadable_cells(tokenised: Sequence[str], encoded: Sequence[str], brought: Sequence[str] = ()) -> dict[str, str]:
    """Return the cells that a model, an encoding or an embedding has nothing of, with the first reason, by id.

    Parameters
    ----------
    tokenised, encoded, brought
        Any number of files of these tables (`tokenised`, `encoded_cells`, `brought_cells`).
    """
    found: dict[str, str] = {}
    for paths, table, good in (
        (tokenised, TOKENISED, HAS_TOKENS),
        (encoded, ENCODED_CELLS, ENCODED),
        (brought, BROUGHT_CELLS, IS_BROUGHT),
    ):
        for path in paths:
            report = table.read(path)
            lost = report[report["reason"] != good]
            found = {**dict(zip(lost["cell_id"], lost["reason"], strict=True)), **found}
    return found


def _all_cells(shards: Sequence[str]) -> ad.AnnData:
    return ad.concat([read_counts(path) for path in shards], join="inner", merge="same")


def selected_names(path: str) -> list[str]:
    """Return the names of the selected genes from the table `genes`, in its order."""
    table = SELECTED_GENES.read(path)
    return table.loc[table["selected"], "gene"].tolist()


def constant_rows(values: sp.csr_matrix) -> np.ndarray:
    """Return which rows have the same value in every column (all zero, or all equal), as booleans."""
    values = sp.csr_matrix(values)
    stored = np.diff(values.indptr)
    low = values.min(axis=1).toarray().ravel()
    high = values.max(axis=1).toarray().ravel()
    return (stored == 0) | (low == high)


def _highly_variable(data: ad.AnnData, table: pd.DataFrame, number: int) -> pd.DataFrame:
    import scanpy as sc

    detected = table["n_cells"].to_numpy() > 0
    if number > detected.sum():
        problem = f"genes.number: {number} genes were asked for, {detected.sum()} are detected in the selected cells"
        raise StudyError(advise(problem, f"lower it to {detected.sum()} or less"))
    expressed = log1p_cp10k(sp.csr_matrix(data.X), data.obs["n_counts"].to_numpy())
    normalised = ad.AnnData(expressed[:, detected], var=pd.DataFrame(index=table["gene"][detected]))
    normalised.uns["log1p"] = {"base": None}
    found = sc.pp.highly_variable_genes(normalised, n_top_genes=number, flavor="seurat", inplace=False)
    table.loc[detected, "mean"] = found["means"].to_numpy()
    table.loc[detected, "dispersion"] = found["dispersions_norm"].to_numpy()
    # scanpy marks every gene that ties with the last one; the declared number is kept by the order of the genes
    order = table.assign(marked=False)
    order.loc[detected, "marked"] = found["highly_variable"].to_numpy()
    best = order[order["marked"]].sort_values("dispersion", ascending=False, kind="stable").index[:number]
    if len(best) < number:
        log.warning("%d genes were asked for, %d have a dispersion to be ordered by", number, len(best))
    return table.assign(selected=table.index.isin(best))


def _analysed(chosen: pd.DataFrame, dropped: Mapping[str, str], dataset: str, seed: int) -> pd.DataFrame:
    cells = chosen[["cell_id", "cell_type", "slug", "batch"]].assign(dataset=dataset, seed=seed)
    reason = cells["cell_id"].map(dropped).fillna("used").to_numpy(object)
    left = cells["slug"][reason == "used"].value_counts()
    alone = cells["slug"].map(left).fillna(0).to_numpy() < 2
    reason[(reason == "used") & alone] = ALONE
    cells = cells.assign(used=reason == "used", reason=reason)[ANALYSED_CELLS.names]
    for row in cells[~cells["used"]].itertuples():
        log.warning("dropped %s (%s): %s", row.cell_id, row.cell_type, row.reason)
    types = cells.loc[cells["used"], "slug"].nunique()
    if types < 2:
        reasons = set(reason) - {"used"}
        problem = (
            f"{int((~cells['used']).sum())} of {len(cells)} cells were dropped "
            f"({listing(sorted(reasons))}), and {types} cell types are left, of at least 2"
        )
        if NO_COUNTS_LEFT in reasons:
            raise StudyError(advise(problem, "leave cells more molecules (`treatment`)"))
        raise StudyError(advise(problem, "take more genes (`genes.number`, or `genes: {method: all}`)"))
    return cells
