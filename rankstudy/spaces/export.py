"""Cells for models that run elsewhere, in one file: counts, tokens, and what published encodings make of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.cells.tables import SELECTION
from rankstudy.core.files import write_anndata
from rankstudy.core.identity import positions_of
from rankstudy.core.modules import resolve
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.tokens.tables import GENE_TOKENS
from rankstudy.spaces.tokens.token_files import read_tokens

log = logging.getLogger(__name__)

NO_TOKEN = -1
_VALUES = "obsm: what the encoding gives each gene, cells x genes; the genes are in uns/rankstudy/genes"
_ORDER = "obs: the genes of the encoding's order, the first one first, with spaces between them"
_TOKENS = f"obsm: the tokens that the model reads, cells x places; {NO_TOKEN} behind the last, and where there is none"


def export_cells(
    shards: Sequence[str],
    selection_in: str,
    genes_in: Mapping[str, Mapping[str, str]],
    tokens_in: Mapping[str, str],
    *,
    encodings: Mapping[str, Mapping[str, Any]],
    dataset: str,
    seed: int,
    output: str,
) -> None:
    """Write the selected cells of a replicate with all that models read of them.

    Parameters
    ----------
    shards
        The replicate's shards: raw counts over all genes.
    selection_in
        The table `selection`, for the donors.
    genes_in
        Of each encoding, the files of its genes (`rankstudy.spaces.encodings.genes`).
    tokens_in
        The files of tokens, by release.
    encodings
        Of each encoding `function`, `genes`, `order` and `vocabulary`, as declared. All its genes are encoded, not
        the selected ones alone.
    dataset, seed
        Name of the data set, and the replicate.
    output
        h5ad: `X` raw counts (CSR, float32), `obs` by cell id, `var` by gene name; what else there is, and where, is
        said in `uns["rankstudy"]`.
    """
    data = ad.concat([read_counts(path) for path in shards], merge="same")
    data = ad.AnnData(sp.csr_matrix(data.X), obs=_about_cells(data, selection_in, dataset), var=data.var)
    contents, genes = {}, {}
    for release, path in tokens_in.items():
        data.obsm[f"tokens_{release}"] = padded_tokens(path, data.obs_names.tolist())
        contents[f"tokens_{release}"] = _TOKENS
    for name, declared in encodings.items():
        given = resolve(declared["genes"])(genes_in[name], seed)
        cells = given.cells(data, name)
        vectors = sp.csr_matrix(resolve(declared["function"])(cells))
        contents[name] = _ORDER if declared["order"] else _VALUES
        if declared["order"]:
            data.obs[name] = in_order(vectors, cells)
        else:
            data.obsm[name], genes[name] = vectors, np.array(cells.genes, dtype=object)
        if "gene_tokens" in genes_in[name]:
            data.var[declared["vocabulary"]] = _known_as(genes_in[name]["gene_tokens"], data.var_names.tolist())
    data.uns["rankstudy"] = {"dataset": dataset, "seed": seed, "contents": contents, "genes": genes}
    write_anndata(data, output)
    log.info("%s, seed %d: %d cells with %s", dataset, seed, data.n_obs, ", ".join(contents) or "counts alone")


def padded_tokens(path: str, ids: Sequence[str]) -> np.ndarray:
    """Return the tokens of cells, int32, cells x places: rows of `NO_TOKEN` for cells that the file does not have."""
    found = read_tokens(path)
    rows = pd.Index(found.cells["cell_id"]).get_indexer(list(ids))
    padded = np.full((len(ids), max(found.lengths.max(initial=0), 1)), NO_TOKEN, np.int32)
    for place, row in enumerate(rows):
        if row >= 0:
            padded[place, : found.lengths[row]] = found.of(row)
    return padded


def in_order(vectors: sp.csr_matrix, cells: CellCounts) -> list[str]:
    """Return the genes of each cell's order as one text; `vectors` are those of `rankstudy.spaces.encodings.orders`."""
    names = np.array(cells.genes, dtype=object)
    texts = []
    for start, end in zip(vectors.indptr[:-1], vectors.indptr[1:], strict=True):
        by_place = np.argsort(-vectors.data[start:end], kind="stable")
        texts.append(" ".join(names[vectors.indices[start:end][by_place]]))
    return texts


def _about_cells(data: ad.AnnData, selection_in: str, dataset: str) -> pd.DataFrame:
    """Return what is known of each cell: what models ask for, by the names that they ask by."""
    chosen = SELECTION.read(selection_in)
    at = positions_of(data.obs_names.tolist(), chosen["cell_id"].tolist(), f"{selection_in}: cells")
    return pd.DataFrame(
        {
            "cell_name": data.obs_names.str.removeprefix(f"{dataset}:"),
            "cell_type": data.obs["cell_type"].astype(str).to_numpy(),
            "batch": data.obs["batch"].astype(str).to_numpy(),
            "donor": chosen["donor"].to_numpy(object)[at],
            "n_counts": data.obs["n_counts"].to_numpy(np.float64),
            "n_genes": np.asarray((data.X > 0).sum(axis=1)).ravel(),
        },
        index=data.obs_names,
    ).assign(donor=lambda cells: cells["donor"].fillna("").astype(str))


def _known_as(gene_tokens: str, names: Sequence[str]) -> np.ndarray:
    """Return what a vocabulary takes each gene for, an empty text for one that it does not know."""
    table = GENE_TOKENS.read(gene_tokens)
    at = positions_of(list(names), table["gene"].tolist(), f"{gene_tokens}: genes")
    known = table["ensembl_id"].where(table["token"].notna(), "").astype(str)
    return known.to_numpy(object)[at]
