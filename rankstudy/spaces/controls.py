"""Controls: spaces whose result is known beforehand, in the code of all others (`rankstudy.measures.gates.gates`).

Each is blind to something: `random` to everything, `shuffled` to which cell a vector belongs to, the one-hot spaces to
all but one label. What the study measures on them is what its statistics make of nothing, or of a label alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.seeds import generator

DIMENSIONS = 50  # as many as PCA keeps; the registry states it too


def random_vectors(cells: pd.DataFrame, *, seed: int) -> np.ndarray:
    """Return standard normal vectors that know nothing of the cells.

    Parameters
    ----------
    cells
        One row per cell; only their number is used.
    seed
        The replicate's seed.

    Returns
    -------
    Cells x DIMENSIONS, float32.
    """
    return generator(seed, "random").standard_normal((len(cells), DIMENSIONS), dtype=np.float32)


def one_hot(cells: pd.DataFrame, *, seed: int) -> sp.csr_matrix:
    """Return a vector per cell that holds one label and nothing else: the same for one label, orthogonal for two.

    Parameters
    ----------
    cells
        One row per cell, one column: the label (cell type or batch).
    seed
        Not used: there is nothing random.

    Returns
    -------
    CSR matrix, cells x labels, float32.
    """
    codes, labels = pd.factorize(cells.squeeze("columns"), sort=True)
    places = np.arange(len(codes)), codes
    return sp.csr_matrix((np.ones(len(codes), np.float32), places), shape=(len(codes), len(labels)))


def shuffled(vectors: sp.csr_matrix | np.ndarray, *, seed: int) -> sp.csr_matrix | np.ndarray:
    """Return the vectors of another space, each given to a cell drawn at random: the labels are permuted under them.

    Every vector is still there once, so that the space keeps its geometry (sparsity, hubs, distances), but no label
    says anything of a vector: whatever is still found is made by the geometry and the statistic, and not by the cells.

    Parameters
    ----------
    vectors
        Cells x dimensions.
    seed
        The replicate's seed.

    Returns
    -------
    The same rows in another order.
    """
    return vectors[generator(seed, "shuffled").permutation(vectors.shape[0])]
