"""What the probes of spaces share: how a value that does not exist is said, and the cells that they are computed on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rankstudy.core.seeds import generator
from rankstudy.measures.field.tables import MOST_CELLS

# a value and MEASURED, or None and why there is no value
Value = tuple[float | None, str]


def probed_cells(n: int, seed: int) -> np.ndarray:
    """Return at most MOST_CELLS of n cells, sampled evenly, in order: the same for every probe of a replicate."""
    if n <= MOST_CELLS:
        return np.arange(n)
    return np.sort(generator(seed, "probes").choice(n, MOST_CELLS, replace=False))


def by_seed(seeds: Sequence[int], files: Sequence[str]) -> dict[int, list[str]]:
    """Return the files of each seed from those of all seeds in turn, equally many each."""
    each, left = divmod(len(files), len(seeds))
    if left:
        raise ValueError(f"{len(files)} files for {len(seeds)} seeds")
    return {seed: list(files[i * each : (i + 1) * each]) for i, seed in enumerate(seeds)}
