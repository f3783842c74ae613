"""The engine on an AnnData object, outside the workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from rankstudy.encodings.rank import fractional_ranks
from rankstudy.pairs.space import SpaceData

if TYPE_CHECKING:
    import anndata


def rank_space(
    adata: anndata.AnnData,
    *,
    cell_type: str,
    batch: str | None = None,
    layer: str | None = None,
    genes: str | None = None,
) -> SpaceData:
    """Return the rank space of an AnnData object: the fractional ranks of each cell's genes, compared by correlation.

    Parameters
    ----------
    adata
        Cells x genes; any values whose order within a cell is meaningful.
    cell_type, batch
        Columns of `obs`; without a batch all cells are of one.
    layer
        The layer to use instead of `X`.
    genes
        True/false column of `var`, such as `highly_variable`; without it all genes are used.
    """
    values = adata.X if layer is None else adata.layers[layer]
    if genes is not None:
        values = values[:, np.asarray(adata.var[genes], bool)]
    batches = None if batch is None else adata.obs[batch]
    ids, types = adata.obs_names, adata.obs[cell_type]
    return SpaceData.of(
        fractional_ranks(sp.csr_matrix(values)),
        ids=ids,
        types=types,
        batches=batches,
        name="rank",
        metric="correlation",
    )
