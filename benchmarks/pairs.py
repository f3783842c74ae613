"""All pairs of cells: speed, memory and error of `rankstudy.pairs.engine` beside its floor and its peers, in one run.

`make bench-pairs` prints a table and writes benchmarks/pairs.json. What is quoted are ratios measured in the same run:
absolute seconds are those of this machine, on this day.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rankstudy.run.job import limit_threads

limit_threads(int(os.environ.get("BENCH_THREADS", len(os.sched_getaffinity(0)))))

import numpy as np
import scipy.sparse as sp

from benchmarks import generate
from rankstudy.pairs.engine import SpaceData, Vectors, compare
from rankstudy.pairs.engine.tiles import default_tile
from rankstudy.pairs.likeness.measures import MEASURES, Measure
from rankstudy.pairs.likeness.vectors import measure, points, prepare
from rankstudy.pairs.space_files import SpaceFile, write_space
from rankstudy.spaces.encodings.rank import fractional_ranks

HERE = Path(__file__).resolve().parent
HEADLINE = 44_500
ALL = {"neighbours": 30, "cutoffs": 100}
JOINT = {"joint": [("umap", "rank")]}


def seconds(work: Callable[[], object], repeat: int = 1) -> float:
    """Return the shortest of `repeat` times that a call takes."""
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def child(part: str, *arguments: object, threads: int | None = None, cpu: int | None = None) -> subprocess.Popen:
    """Start one part of this file as a process of its own, so that its memory and threads are its own."""
    environment = {**os.environ, **({} if threads is None else {"BENCH_THREADS": str(threads)})}
    pin = (lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None else None
    command = [sys.executable, __file__, "--part", part, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, preexec_fn=pin)


def answer(process: subprocess.Popen) -> dict:
    """Wait for a part and return what it measured."""
    output, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"a part of the benchmark failed: {process.args}")
    return json.loads(output.splitlines()[-1])


def warm() -> None:
    """Compile and load every pass, so that no time holds it."""
    compare([generate.rank_space(600), generate.umap_like_space(600)], **ALL, **JOINT)
    compare([generate.rank_space(600), generate.umap_like_space(600, dimensions=30)], **ALL)


def bare_product(n_cells: int, n_genes: int) -> Callable[[], None]:
    """Return what makes the bare float32 products of the upper triangle, tile by tile, and nothing else."""
    random = np.random.default_rng(0)
    vectors = random.standard_normal((n_cells, n_genes), dtype=np.float32)
    tile = default_tile(1)
    out = np.empty((tile, tile), np.float32)
    begins = range(0, n_cells, tile)

    def multiply() -> None:
        for i in begins:
            for j in range(i, n_cells, tile):
                a, b = vectors[i : i + tile], vectors[j : j + tile]
                np.matmul(a, b.T, out=out[: len(a), : len(b)])

    np.matmul(vectors[:tile], vectors[:tile].T)
    return multiply


def gemm_floor(n_cells: int, n_genes: int) -> float:
    """Return the seconds of the bare product."""
    return seconds(bare_product(n_cells, n_genes))


def part_headline(path: str, umap: str) -> dict:
    """All pairs of the headline workload out of a file: ranks with all reductions, between two bare products."""
    warm()
    before = gemm_floor(HEADLINE, generate.GENES)
    taken = seconds(lambda: compare([SpaceFile(path)], **ALL))
    after = gemm_floor(HEADLINE, generate.GENES)
    return {"seconds": taken, "gemm": (before + after) / 2}


def part_memory(path: str, first: str, last: str) -> dict:
    """Peak memory of one block job out of a file: everything from the start of the process on."""
    file = SpaceFile(path)
    types = file.layout.types
    chosen = types[int(first) : int(last)]
    taken = seconds(lambda: compare([file], chosen, chosen, **ALL))
    return {"seconds": taken, "peak_bytes": peak_bytes()}


def peak_bytes() -> int:
    """Return the largest memory of this process since it was started (what it had as a fork does not count)."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024


def part_run(n_cells: str) -> dict:
    """Ranks with all reductions, for the comparison of one process on two cores with two on one each."""
    warm()
    space = generate.rank_space(int(n_cells))
    return {"seconds": seconds(lambda: compare([space], **ALL), 2)}


def bench_ranks() -> dict:
    """Fractional ranks from CSR beside scipy on the same values."""
    from scipy.stats import rankdata

    values = generate.counts(8000)
    dense = values.toarray()
    ours = seconds(lambda: fractional_ranks(values), 5)
    peer = seconds(lambda: rankdata(dense, axis=1))
    return {"rank_seconds": ours, "rank_scipy_ratio": peer / ours}


def bench_headline(folder: Path) -> dict:
    """Measure the original study's workload against the bare product, and its peak memory."""
    path, umap = folder / "rank.h5ad", folder / "umap.h5ad"
    _write(generate.rank_space(HEADLINE), path)
    _write(generate.umap_like_space(HEADLINE), umap)
    measured = answer(child("headline", path, umap))
    whole = answer(child("memory", path, 0, HEADLINE // generate.CELLS_PER_TYPE))
    return {
        "headline_cells": HEADLINE,
        "headline_seconds": measured["seconds"],
        "gemm_seconds": measured["gemm"],
        "gemm_ratio": measured["seconds"] / measured["gemm"],
        "peak_bytes": whole["peak_bytes"],
    }


def bench_bounded_memory(folder: Path) -> dict:
    """Measure the same block (5,000 cells) out of 44,500 and out of 500,000 cells."""
    large = folder / "large.h5ad"
    n = 500_000
    # the vectors of one part of the cells stand for all: the block reads only its own rows
    part = generate.rank_space(25_000)
    vectors = sp.vstack([part.vectors] * (n // 25_000), format="csr")
    _write(SpaceData.of(vectors, **generate.labels(n), name="rank", metric="correlation"), large)
    del vectors
    small = answer(child("memory", folder / "rank.h5ad", 0, 10))
    of_large = answer(child("memory", large, 0, 10))
    large.unlink()
    return {"peak_bytes_block_of_44500": small["peak_bytes"], "peak_bytes_block_of_500000": of_large["peak_bytes"]}


def bench_peers(ours_per_pair: float) -> dict:
    """Measure scipy, pandas and scikit-learn per pair, each at a size that it can do; and neighbours.

    Ours is the headline workload with all reductions, ranks included; the peers give the bare matrix or the neighbours.
    """
    import pandas as pd
    from pynndescent import NNDescent
    from scipy.stats import spearmanr
    from sklearn.neighbors import NearestNeighbors

    def ratio(n: int, taken: float) -> float:
        return taken / (n * (n - 1) / 2) / ours_per_pair

    dense = generate.counts(4000).toarray()
    found = {"ours_ns_per_pair": 1e9 * ours_per_pair}
    found["scipy_ratio"] = ratio(4000, seconds(lambda: spearmanr(dense, axis=1)))
    found["pandas_ratio"] = ratio(1000, seconds(lambda: pd.DataFrame(dense[:1000].T).corr(method="spearman")))
    ranks = points(generate.rank_space(4000).vectors, "correlation")
    brute = NearestNeighbors(n_neighbors=31, metric="correlation", algorithm="brute", n_jobs=-1)
    found["sklearn_ratio"] = ratio(4000, seconds(lambda: brute.fit(ranks).kneighbors(ranks)))
    eight = generate.rank_space(8000)
    ranks = points(eight.vectors, "correlation")
    NNDescent(ranks[:500], metric="cosine", n_neighbors=31, random_state=0)
    kept: dict = {}
    peer = seconds(lambda: kept.update(index=NNDescent(ranks, metric="cosine", n_neighbors=31, random_state=0)))
    exact = seconds(lambda: kept.update(exact=compare([eight], neighbours=30)), 2)
    found["pynndescent_ratio"] = peer / exact
    found["pynndescent_recall"] = _recall(kept["index"].neighbor_graph[0][:, 1:], kept["exact"].neighbours[0])
    return found


def _recall(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found, exact, strict=True)]))


def bench_growth() -> dict:
    """Time against the number of cells and of genes: exponents of a power law fitted to the measured times."""
    cells = [5_000, 10_000, 20_000, HEADLINE]
    by_cells = []
    for n in cells:
        space = generate.rank_space(n)
        by_cells.append(seconds(lambda space=space: compare([space], **ALL), 2 if n < HEADLINE else 1))
    genes = [1_200, 2_400, 4_800, 9_600]
    by_genes = []
    for n in genes:
        space = generate.rank_space(6_000, n)
        by_genes.append(seconds(lambda space=space: compare([space]), 2))
    return {
        "cells": cells,
        "seconds_by_cells": by_cells,
        "exponent_cells": float(np.polyfit(np.log(cells), np.log(by_cells), 1)[0]),
        "genes": genes,
        "seconds_by_genes": by_genes,
        "linear_in_genes_r2": float(np.corrcoef(genes, by_genes)[0, 1] ** 2),
    }


def bench_joint() -> dict:
    """Measure what a second measure costs (five dimensions, Euclidean) with its joint histogram, on top of ranks."""
    rank, umap = generate.rank_space(20_000), generate.umap_like_space(20_000)
    alone = seconds(lambda: compare([rank], **ALL), 2)
    with_joint = seconds(lambda: compare([rank, umap], **ALL, **JOINT), 2)
    return {"joint_cost": with_joint / alone - 1}


def bench_shared() -> dict:
    """Measure all measures of the same ranks, centred or not, in one sweep against one by one, in processor time."""
    rank = generate.rank_space(10_000)
    spaces = [SpaceData(f"{of}", of.metric, rank.vectors, rank.cells, of.centred) for of in MEASURES]
    apart = [processor_seconds(lambda space=space: compare([space], **ALL)) for space in spaces]
    together = processor_seconds(lambda: compare(spaces, **ALL))
    return {
        "shared_measures": len(spaces),
        "shared_over_apart": together / sum(apart),
        "shared_over_one": together / apart[0],
    }


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor time of a call, of the better of two: what others do on the machine counts less."""
    times = []
    for _ in range(2):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)


def bench_error() -> dict:
    """Error of a million correlations against float64."""
    space = generate.rank_space(1_500)
    vectors = Vectors.of(space.vectors, "correlation")
    found = measure(vectors, vectors)[:1000, 500:].astype(np.float64)
    dense = space.vectors.toarray().astype(np.float64)
    dense -= dense.mean(axis=1, keepdims=True)
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    error = np.abs(found - dense[:1000] @ dense[500:1500].T)
    return {"error_pairs": error.size, "max_error": float(error.max()), "mean_error": float(error.mean())}


def bench_many_genes() -> dict:
    """Measure sparse against dense tiles at 20,000 genes, by density, both by this package."""
    found = {}
    for density in (0.02, 0.05, 0.08, 0.10, 0.15):
        ranks = fractional_ranks(generate.counts(2000, 20_000, density=density))
        share = ranks.nnz / np.prod(ranks.shape)
        times = []
        for stays_sparse in (0.0, 1.0):
            halves = (ranks[:1000], ranks[1000:])
            a, b = (prepare(part, [Measure("correlation")], density=stays_sparse) for part in halves)
            times.append(seconds(lambda a=a, b=b: measure(a, b), 3))
        found[f"sparse_over_dense_at_{share:.3f}"] = times[0] / times[1]
    return found


def bench_two_processes() -> dict:
    """Two processes on one core each, beside one process on two cores doing the same work twice."""
    together = answer(child("run", 10_000, threads=2))
    apart = [child("run", 10_000, threads=1, cpu=cpu) for cpu in sorted(os.sched_getaffinity(0))[:2]]
    slowest = max(answer(process)["seconds"] for process in apart)
    return {"two_processes_ratio": slowest / (2 * together["seconds"])}


def _write(space, path: Path) -> None:
    write_space(space, str(path), dimensions=[f"g{i}" for i in range(space.vectors.shape[1])], seed=0)


def main() -> None:
    """Run every benchmark, print a table, and write benchmarks/pairs.json."""
    results: dict = {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        parts = [bench_ranks, lambda: bench_headline(folder), lambda: bench_bounded_memory(folder)]
        parts += [lambda: bench_peers(results["headline_seconds"] / (HEADLINE * (HEADLINE - 1) / 2))]
        parts += [bench_growth, bench_joint, bench_shared, bench_error, bench_many_genes, bench_two_processes]
        warm()
        for part in parts:
            found = part()
            results.update(found)
            for key, value in found.items():
                print(f"{key:32} {value if not isinstance(value, float) else format(value, '.4g')}", flush=True)
    results["machine"] = {"cores": os.cpu_count(), "python": sys.version.split()[0], "numpy": np.__version__}
    (HERE / "pairs.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", nargs="+", help="one part in a process of its own (used by this file)")
    chosen = parser.parse_args().part
    if chosen:
        print(json.dumps(globals()[f"part_{chosen[0]}"](*chosen[1:])))
    else:
        main()
