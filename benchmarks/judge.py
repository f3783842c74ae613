"""How long a second opinion takes, and how much memory: `make bench-judge`.

100,000 generated cells of 30 types and 10 batches with an embedding of 512 dimensions, without counts: at most 2,000
cells of each type by default, then all (`--all`). Prints seconds, peak memory and the pairs of cells that were
compared.
"""

from __future__ import annotations

import os

THREADS = os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("NUMBA_NUM_THREADS", THREADS)

import argparse
import resource
import tempfile
import time
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

from rankstudy.measures.judge.files import judge_file

CELLS, DIMENSIONS, TYPES, BATCHES = 100_000, 512, 30, 10


def generated(path: Path) -> None:
    """Write cells of types and batches with vectors that know both, and of which a tenth is depth."""
    random = np.random.default_rng(0)
    types, batches = random.integers(TYPES, size=CELLS), random.integers(BATCHES, size=CELLS)
    centres, shifts = random.normal(0, 0.2, (TYPES, DIMENSIONS)), random.normal(0, 0.05, (BATCHES, DIMENSIONS))
    vectors = random.normal(size=(CELLS, DIMENSIONS)).astype(np.float32)
    vectors += (centres[types] + shifts[batches]).astype(np.float32)
    obs = pd.DataFrame({"cell_type": [f"type {t:02d}" for t in types], "batch": [f"batch {b}" for b in batches]})
    obs.index = [f"cell {i:06d}" for i in range(CELLS)]
    ad.AnnData(obs=obs, obsm={"X_made": vectors}).write_h5ad(path)


def main() -> None:
    """Judge the generated embedding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="all cells of each type")
    every = parser.parse_args().all
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.h5ad"
        generated(path)
        given = {"cell_type": "cell_type", "batch": "batch", "obsm": ["X_made"], "counts": "none"}
        options = {"name": "made", "neighbours": [15, 50], "thresholds": {}, "cells_per_type": None if every else 2000}
        begin = time.monotonic()
        judge_file(str(path), {}, given=given, options=options, output=str(Path(folder) / "tables"))
        seconds = time.monotonic() - begin
        n = pd.read_parquet(Path(folder) / "tables" / "intervals.parquet")["n_cells"].max()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{n:,} of {CELLS:,} cells, {n * (n - 1) / 2:,.0f} pairs in 3 spaces: {seconds:.0f} s, {peak:.2f} GB")


if __name__ == "__main__":
    main()
