"""Random numbers of a gene in a cell: a function of the seed, the cell's id and the gene's name, of nothing else.

Names become 64-bit keys (BLAKE2b); the key of a cell and that of a gene are mixed by the finaliser of SplitMix64
(Steele, Lea, Flood 2014). So neither the order of cells or genes nor the chunks in which they come change a draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

import numba as nb
import numpy as np

# a stream of SplitMix64 adds it to its state before each number
STEP = np.uint64(0x9E3779B97F4A7C15)


def keys_of_cells(seed: int, ids: Iterable[str], *purpose: str) -> np.ndarray:
    """Return a key for each cell, uint64; those of different seeds and purposes have nothing to do with each other."""
    return _keys("\0".join([str(seed), *purpose, name]) for name in ids)


def keys_of_genes(genes: Sequence[str]) -> np.ndarray:
    """Return a key for each gene, uint64."""
    return _kept_keys(tuple(genes))


def uniforms(cells: np.ndarray, genes: np.ndarray, indptr: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Return a uniform number of each stored place of a CSR matrix.

    Parameters
    ----------
    cells, genes
        The keys of its rows and columns.
    indptr, indices
        Its structure.

    Returns
    -------
    float64 in [0, 1), in the order of `indices`.
    """
    drawn = np.empty(len(indices))
    _draw(cells, genes, indptr, indices, drawn)
    return drawn


def _keys(names: Iterable[str]) -> np.ndarray:
    digests = b"".join(blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.frombuffer(digests, "<u8").astype(np.uint64)


@lru_cache(maxsize=8)
def _kept_keys(genes: tuple[str, ...]) -> np.ndarray:
    # every chunk of cells has the same genes
    return _keys(genes)


@nb.njit(inline="always")
def mixed(state):  # pragma: no cover - compiled
    """Return the number that SplitMix64 makes of a state."""
    z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@nb.njit(parallel=True, cache=True)
def _draw(cells, genes, indptr, indices, drawn):  # pragma: no cover - compiled
    for row in nb.prange(len(cells)):
        for k in range(indptr[row], indptr[row + 1]):
            drawn[k] = (mixed(cells[row] ^ genes[indices[k]]) >> np.uint64(11)) * 2.0**-53
