"""Random numbers: one generator per purpose, a function of the replicate's seed and of names, of nothing else."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, *names: str) -> np.random.Generator:
    """Return the generator of one purpose.

    Streams of different names are independent, so that adding a cell type or a data set changes no draw of another.
    """
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])
