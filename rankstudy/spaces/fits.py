"""Spaces that are fitted on another one: PCA and UMAP of expression, Harmony of the components.

Fits amplify rounding, so they run on one thread, whatever the job has: the same seed gives the same coordinates on
the same machine.
"""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.threads import limited_threads

log = logging.getLogger(__name__)


def principal_components(vectors: sp.csr_matrix | np.ndarray, *, components: int, seed: int) -> np.ndarray:
    """Return the coordinates of each cell on the first principal components (scikit-learn, ARPACK).

    Parameters
    ----------
    vectors
        Cells x genes.
    components
        Components to keep; at most one less than the smaller side of `vectors`.
    seed
        Seed of the solver's start vector.

    Returns
    -------
    Cells x components.
    """
    from sklearn.decomposition import PCA

    possible = min(vectors.shape) - 1
    if components > possible:
        log.warning(
            "pca.components: %d asked for, %d are possible with %d cells x %d genes",
            components,
            possible,
            *vectors.shape,
        )
    dense = _dense(vectors).astype(np.float64)
    with limited_threads(1):
        return PCA(min(components, possible), svd_solver="arpack", random_state=seed).fit_transform(dense)


def harmony(vectors: np.ndarray, *, cells: pd.DataFrame, seed: int) -> np.ndarray:
    """Return components corrected for batches by Harmony (Korsunsky et al. 2019; the defaults of harmonypy).

    Parameters
    ----------
    vectors
        Cells x components.
    cells
        One row per cell, with its `batch`. Cells of one batch are returned as they are: there is nothing to correct.
    seed
        Seed of the clusters that the correction starts from.

    Returns
    -------
    Cells x components.
    """
    if cells["batch"].nunique() < 2:
        log.warning("all cells are of one batch: Harmony has nothing to correct")
        return vectors
    from harmonypy import run_harmony

    # its own default, but for fewer than 15 cells, of which it makes no cluster and stops
    clusters = max(1, round(min(len(cells) / 30, 100)))
    fitted = run_harmony(vectors, cells, "batch", nclust=clusters, random_state=seed, ncores=1, verbose=False)
    return fitted.Z_corr


def umap_coordinates(vectors: sp.csr_matrix | np.ndarray, *, components: int, seed: int) -> np.ndarray:
    """Return the UMAP coordinates of each cell (McInnes et al. 2018).

    By the defaults of umap-learn: Euclidean, 15 neighbours.

    Parameters
    ----------
    vectors
        Cells x dimensions.
    components
        Dimensions to make; at most two less than there are cells, whose graph has no more eigenvectors to start from.
    seed
        Seed of the layout.

    Returns
    -------
    Cells x components.
    """
    import umap

    possible = vectors.shape[0] - 2
    if components > possible:
        log.warning(
            "umap.components: %d asked for, %d are possible with %d cells", components, possible, vectors.shape[0]
        )
    estimator = umap.UMAP(n_components=min(components, possible), random_state=seed, n_jobs=1)
    with limited_threads(1):
        return estimator.fit_transform(_dense(vectors))


def _dense(vectors: sp.csr_matrix | np.ndarray) -> np.ndarray:
    return vectors.toarray() if sp.issparse(vectors) else np.asarray(vectors)
