"""Generated cells of the size and sparsity of the original study: for measurements of speed and memory only."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from rankstudy.pairs.engine import SpaceData
from rankstudy.spaces.encodings.rank import fractional_ranks

GENES = 2435
CELLS_PER_TYPE = 500
DENSITY = 0.18


def counts(n_cells: int, n_genes: int = GENES, *, density: float = DENSITY, seed: int = 0) -> sp.csr_matrix:
    """Return counts, cells x genes: each type has genes of its own, cells differ in depth, most values are small."""
    random = np.random.default_rng(seed)
    n_types = -(-n_cells // CELLS_PER_TYPE)
    parts = []
    for _ in range(n_types):
        n = min(CELLS_PER_TYPE, n_cells - CELLS_PER_TYPE * len(parts))
        popularity = random.gamma(0.8, 1.0, n_genes)
        probability = np.clip(density * popularity / popularity.mean(), 0, 0.95)
        depth = random.lognormal(0, 0.3, (n, 1))
        seen = random.random((n, n_genes), dtype=np.float32) < np.clip(probability * depth, 0, 0.98)
        row, column = np.nonzero(seen)
        values = 1 + random.poisson(random.exponential(2.0 * popularity[column] + 0.3)).astype(np.float32)
        parts.append(sp.csr_matrix((values, (row, column)), shape=(n, n_genes)))
    return sp.vstack(parts, format="csr")


def labels(n_cells: int, *, seed: int = 0) -> dict[str, np.ndarray]:
    """Return id, cell type (500 cells each) and one of four batches of each cell."""
    random = np.random.default_rng([seed, 1])
    number = np.arange(n_cells)
    return {
        "ids": np.char.add("cell:", np.char.zfill(number.astype(str), 7)),
        "types": np.char.add("t", np.char.zfill((number // CELLS_PER_TYPE).astype(str), 5)),
        "batches": random.integers(0, 4, n_cells).astype(str),
    }


def rank_space(n_cells: int, n_genes: int = GENES, *, density: float = DENSITY, seed: int = 0) -> SpaceData:
    """Return a rank space of generated cells."""
    ranks = fractional_ranks(counts(n_cells, n_genes, density=density, seed=seed))
    return SpaceData.of(ranks, **labels(n_cells, seed=seed), name="rank", metric="correlation")


def umap_like_space(n_cells: int, *, dimensions: int = 5, seed: int = 0) -> SpaceData:
    """Return a space of a few dimensions in which types are clouds around their own centres."""
    random = np.random.default_rng([seed, 2])
    centres = random.uniform(-15, 15, (-(-n_cells // CELLS_PER_TYPE), dimensions))
    points = centres[np.arange(n_cells) // CELLS_PER_TYPE] + random.normal(0, 1, (n_cells, dimensions))
    return SpaceData.of(points.astype(np.float32), **labels(n_cells, seed=seed), name="umap", metric="euclidean")
