"""Scattered cells out of a large h5ad file, beside `anndata.read_h5ad(backed="r")[rows].to_memory()`.

The file holds 500,000 generated cells of 50 types in random order and 20,000 genes, 100 to 300 values in each cell; 500
cells of each type are read, with their types. Each reading is a process of its own; the results must be equal.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

N_CELLS, N_GENES, N_TYPES, PER_TYPE = 500_000, 20_000, 50, 500
REPEATS = 3
LAYOUTS = ("gzip", "plain", "csc")
SIDES = ("ours", "peer")


def measure(folder: Path) -> dict:
    """Return times, ratios and peaks of memory; raises if the two readers find different values."""
    _child("generate", folder, threads=1)
    results: dict = {}
    for layout in LAYOUTS:
        best = _best_of_each(folder, layout, os.cpu_count() or 1)
        stem = "h5ad" if layout == "gzip" else f"h5ad_{layout}"
        results[f"{stem}_ratio"] = best["peer"]["seconds"] / best["ours"]["seconds"]
        results[f"{stem}_peak_bytes"] = best["ours"]["peak_bytes"]
        results[f"{stem}_peer_peak_bytes"] = best["peer"]["peak_bytes"]
        results[f"{stem}_seconds"] = best["ours"]["seconds"]
        results[f"{stem}_peer_seconds"] = best["peer"]["seconds"]
    alone = _best_of_each(folder, "gzip", 1)
    results["h5ad_one_thread_ratio"] = alone["peer"]["seconds"] / alone["ours"]["seconds"]
    return results


def _best_of_each(folder: Path, layout: str, threads: int) -> dict[str, dict]:
    """Read in turns; return the shortest time and the largest memory of each side."""
    found: dict[str, list[dict]] = {side: [] for side in SIDES}
    for _ in range(REPEATS):
        for side in SIDES:
            found[side].append(_child(side, folder, layout, threads=threads))
    if len({one["digest"] for side in SIDES for one in found[side]}) != 1:
        raise RuntimeError(f"{layout}: the readers found different values")
    return {
        side: {
            "seconds": min(one["seconds"] for one in found[side]),
            "peak_bytes": max(one["peak_bytes"] for one in found[side]),
        }
        for side in SIDES
    }


def _child(part: str, *arguments: object, threads: int) -> dict:
    command = [sys.executable, "-m", "benchmarks.readers.h5ad", part, *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def generate(folder: str) -> dict:
    """Write the file in every layout, and the rows to read."""
    import anndata as ad
    import numpy as np
    import pandas as pd
    import scipy.sparse as sp

    random = np.random.default_rng(0)
    lengths = random.integers(100, 301, N_CELLS)
    pointers = np.concatenate([[0], np.cumsum(lengths)])
    place = np.arange(pointers[-1]) - np.repeat(pointers[:-1], lengths) + random.random(pointers[-1], np.float32)
    genes = np.minimum(place / np.repeat(lengths, lengths) * N_GENES, N_GENES - 1).astype(np.int32)
    values = (1 + random.poisson(0.7, len(genes))).astype(np.float32)
    counts = sp.csr_matrix((values, genes, pointers), shape=(N_CELLS, N_GENES))
    counts.sum_duplicates()
    types = random.permutation(np.arange(N_CELLS) % N_TYPES)
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical([f"type {t}" for t in types]),
            "batch": pd.Categorical([f"b{i % 4}" for i in range(N_CELLS)]),
            "score": random.random(N_CELLS),
        },
        index=[f"cell {i}" for i in range(N_CELLS)],
    )
    data = ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=[f"gene {i}" for i in range(N_GENES)]))
    data.write_h5ad(Path(folder) / "gzip.h5ad", compression="gzip")
    data.write_h5ad(Path(folder) / "plain.h5ad")
    data.X = counts.tocsc()
    data.write_h5ad(Path(folder) / "csc.h5ad", compression="gzip")
    chosen = [random.choice(np.flatnonzero(types == t), PER_TYPE, replace=False) for t in range(N_TYPES)]
    np.save(Path(folder) / "rows.npy", np.sort(np.concatenate(chosen)))
    return {}


def ours(path: Path, rows):
    """Read with the project's reader."""
    from rankstudy.sources.readers import open_source

    begin = time.perf_counter()
    source = open_source(str(path), {"format": "h5ad"})
    values, types = source.read(rows), source.labels(["cell_type"])["cell_type"].to_numpy()[rows]
    return time.perf_counter() - begin, values, types


def peer(path: Path, rows):
    """Read with anndata."""
    import anndata as ad

    begin = time.perf_counter()
    data = ad.read_h5ad(path, backed="r")[rows].to_memory()
    return time.perf_counter() - begin, data.X, data.obs["cell_type"].astype(str).to_numpy()


def read(side: str, folder: str, layout: str) -> dict:
    """Read the rows and say how long it took, how much memory, and what was found."""
    import numpy as np

    seconds, values, types = {"ours": ours, "peer": peer}[side](
        Path(folder) / f"{layout}.h5ad", np.load(Path(folder) / "rows.npy")
    )
    peak = next(
        line.split()[1]
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        if "VmHWM" in line
    )
    values = values.tocsr()
    values.sum_duplicates()
    parts = [values.data.astype(np.float64), values.indices.astype(np.int64), values.indptr.astype(np.int64)]
    digest = hashlib.sha256(b"".join(part.tobytes() for part in parts) + "\n".join(types).encode())
    return {"seconds": seconds, "peak_bytes": int(peak) * 1024, "digest": digest.hexdigest()}


if __name__ == "__main__":
    part, *arguments = sys.argv[1:]
    print(json.dumps(generate(*arguments) if part == "generate" else read(part, *arguments)))
