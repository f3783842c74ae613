"""GenePT's own task: do the clusters of a space agree with labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

TYPES, STATES = "cell type", "state"
_STARTS = 5
# k-means of more cells says no more
_MOST_CELLS = 5000


def clusters_of(
    vectors: np.ndarray | sp.csr_matrix, cells: pd.DataFrame, scopes: Sequence[tuple[str | None, np.ndarray]], seed: int
) -> Iterator[dict[str, object]]:
    """Yield the agreement of k-means clusters with labels, as many clusters: of types, then of states within each.

    k-means of scikit-learn, from several starts of k-means++, on vectors of one length for measures of angles;
    agreement is the adjusted Rand index (Hubert and Arabie 1985) and adjusted mutual information (Vinh et al. 2010).

    Parameters
    ----------
    vectors
        (cells, d).
    cells
        `cell_type` and `state` of each.
    scopes
        The cells of each type that are looked at, by its label; None: all.
    seed
        Of the starts.
    """
    everywhere = np.arange(len(cells))
    if len(everywhere) > _MOST_CELLS:
        everywhere = np.sort(np.random.default_rng(seed).choice(everywhere, _MOST_CELLS, replace=False))
    yield from _agreement(vectors, cells["cell_type"].to_numpy(object), everywhere, TYPES, None, seed)
    for label, at in scopes:
        known = at[cells["state"].notna().to_numpy()[at]]
        yield from _agreement(vectors, cells["state"].to_numpy(object), known, STATES, label, seed)


def _agreement(
    vectors: np.ndarray | sp.csr_matrix, labels: np.ndarray, at: np.ndarray, what: str, of: str | None, seed: int
) -> Iterator[dict[str, object]]:
    names = labels[at]
    k = len(set(names))
    if k < 2 or len(at) <= k:
        return
    given = KMeans(k, n_init=_STARTS, random_state=seed).fit_predict(vectors[at])
    scores = {"ari": adjusted_rand_score(names, given), "ami": adjusted_mutual_info_score(names, given)}
    yield {"labels": what, "cell_type": of, "k": k, "n_cells": len(at), **scores}
