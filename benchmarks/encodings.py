"""Published encodings: time beside plain numpy, one cell after the other, and peak memory, in one run.

`make bench-encodings` generates 44,500 cells x 20,000 genes, chunk by chunk as the rules read shards, encodes each
chunk in every way, and beside it a few of its cells by the definitions of the tests, written in numpy over a dense row,
as the authors' own code works. It prints a table and writes benchmarks/encodings.json.
"""

from __future__ import annotations

import json
import resource
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from rankstudy.run.job import limit_threads

limit_threads(2)

import numpy as np
import scipy.sparse as sp

from benchmarks import generate
from rankstudy.spaces.encodings.cell_counts import CellCounts
from tests.unit.encoded_cells import HOMES, LOOPS, SPACES, taken

HERE = Path(__file__).resolve().parent
N_CELLS, N_GENES, DENSITY = 44_500, 20_000, 0.05
CHUNK, BESIDE = 4_000, 40  # cells of a chunk, and of these encoded with numpy too


def chunk(number: int, n_cells: int) -> CellCounts:
    """Return generated cells, those of each number others."""
    counts = generate.counts(n_cells, N_GENES, density=DENSITY, seed=number).astype(np.float64)
    return CellCounts(
        counts=counts,
        totals=np.asarray(counts.sum(axis=1)).ravel(),
        ids=[f"chunk{number}:{k}" for k in range(n_cells)],
        genes=[f"ENSG{k:011d}" for k in range(N_GENES)],
        medians=np.random.default_rng(0).lognormal(1, 0.8, N_GENES),
        seed=0,
    )


def encoder(space: str) -> Callable[[CellCounts], sp.csr_matrix]:
    """Return the function of a space."""
    return getattr(HOMES[space], SPACES[space].function)


def cell_by_cell(space: str, cells: CellCounts) -> None:
    """Encode cells one after the other; where chance decides, with a generator of the cell's own."""
    for name, row, total in zip(cells.ids, cells.counts.toarray(), cells.totals, strict=True):
        chance = np.zeros(len(row))
        if "at random" in SPACES[space].meaning:
            held = np.flatnonzero(row)
            chance[held] = np.random.default_rng([cells.seed, zlib.crc32(name.encode())]).random(len(held))
        LOOPS[space](row, total, cells.medians, chance)


def seconds(work: Callable[[], object]) -> np.ndarray:
    """Return the time that a call takes, and the processor time of all its threads."""
    begin = np.array([time.perf_counter(), time.process_time()])
    work()
    return np.array([time.perf_counter(), time.process_time()]) - begin


def main() -> None:
    """Measure, print and write."""
    few = chunk(0, 20)
    for space in SPACES:
        encoder(space)(few)
        cell_by_cell(space, few)
    ours, theirs = ({space: np.zeros(2) for space in SPACES} for _ in range(2))
    genes = []
    sizes = np.diff([*range(0, N_CELLS, CHUNK), N_CELLS]).tolist()
    for number, size in enumerate(sizes):
        cells = chunk(number, size)
        sample = taken(cells, np.arange(BESIDE) * (size // BESIDE))
        genes.append(cells.counts.nnz)
        for space in SPACES:
            ours[space] += seconds(lambda cells=cells, space=space: encoder(space)(cells))
            theirs[space] += seconds(lambda sample=sample, space=space: cell_by_cell(space, sample))
    extrapolated = N_CELLS / (BESIDE * len(sizes))
    ratios = {space: theirs[space] * extrapolated / ours[space] for space in SPACES}
    results = {
        "cells": N_CELLS,
        "genes": N_GENES,
        "genes_per_cell": sum(genes) / N_CELLS,
        "seconds": {space: ours[space][0] for space in SPACES},
        "processor_seconds": {space: ours[space][1] for space in SPACES},
        "ratio_numpy": {space: ratios[space][0] for space in SPACES},
        "processor_ratio_numpy": {space: ratios[space][1] for space in SPACES},
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    (HERE / "encodings.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for space in SPACES:
        (wall, of_processors), (faster, per_processor) = ours[space], ratios[space]
        print(f"{space:28}{wall:8.2f} s ({of_processors:.2f} of processors){faster:8.1f} ({per_processor:.1f})")
    print(f"{results['genes_per_cell']:.0f} genes per cell, peak {results['peak_bytes'] / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
