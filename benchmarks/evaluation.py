"""What the evaluation of all pairs costs, compared with all pairs: time and memory at the original study's size.

`make bench-evaluation` generates 44,500 cells in six spaces, compares all pairs as the workflow does (neighbours,
neighbours in other batches, counts at cutoffs, joint distributions), turns the result into every table of the
evaluation, each job in a process of its own, and writes benchmarks/evaluation.json. Seconds of processor time, as the
jobs use unlike many threads.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rankstudy.run.job import limit_threads

limit_threads(int(os.environ.get("BENCH_THREADS", len(os.sched_getaffinity(0)))))

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from benchmarks import generate
from rankstudy.core.files import write_anndata
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.pairs.engine.result import OTHER, OWN, SIMILAR
from rankstudy.pairs.space_files import SpaceFile, write_space
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.tables import ANALYSED_CELLS, SELECTED_GENES

HERE = Path(__file__).resolve().parent
CELLS, NEIGHBOURS, CUTOFFS, RESAMPLES = 44_500, (15, 50), 100, 10_000
SIMILAR_TYPES = 4  # in a group
JOINT = [("expression-umap", "rank"), ("expression-pca", "rank")]
JOBS = ("tables", "relations", "neighbours", "intervals", "integration", "geometry")


def generate_study(folder: Path, n_cells: int) -> None:
    """Write six spaces, the shards, the genes and the compared cells."""
    random, counts = np.random.default_rng(3), generate.counts(n_cells)
    totals = np.asarray(counts.sum(axis=1))
    expression = counts.multiply(1e4 / totals).tocsr().log1p().astype(np.float32)

    def projected(dimensions: int) -> np.ndarray:
        axes = random.normal(size=(counts.shape[1], dimensions)) / np.sqrt(counts.shape[1])
        return (expression @ axes).astype(np.float32)

    vectors = {
        "rank": ("correlation", fractional_ranks(counts)),
        "expression": ("cosine", expression),
        "expression-euclidean": ("euclidean", expression),
        "expression-pca": ("euclidean", projected(50)),
        "expression-umap": ("euclidean", generate.umap_like_space(n_cells).vectors),
        "geneformer": ("cosine", projected(256)),
    }
    for name, (metric, values) in vectors.items():
        space = SpaceData.of(values, **generate.labels(n_cells), name=name, metric=metric)
        write_space(space, str(folder / f"{name}.h5ad"), dimensions=[f"d{i}" for i in range(values.shape[1])], seed=0)
    cells = space.cells.assign(dataset="generated", seed=0, used=True, reason="used")
    ANALYSED_CELLS.write(cells[ANALYSED_CELLS.names], folder / "cells.parquet")
    _write_counts(folder, counts, totals, space.cells)
    (folder / "spaces.json").write_text(json.dumps(list(vectors)), encoding="utf-8")


def _write_counts(folder: Path, counts: sp.csr_matrix, totals: np.ndarray, cells: pd.DataFrame) -> None:
    genes = [f"d{i}" for i in range(counts.shape[1])]
    table = pd.DataFrame({"dataset": "generated", "seed": 0, "gene": genes, "selected": True, "n_cells": len(cells)})
    SELECTED_GENES.write(table.assign(mean=np.nan, dispersion=np.nan)[SELECTED_GENES.names], folder / "genes.parquet")
    (folder / "shards").mkdir()
    for slug, rows in cells.groupby("slug").indices.items():
        obs = cells.iloc[rows].set_index("cell_id")[["cell_type", "slug", "batch"]].assign(n_counts=totals[rows])
        shard = ad.AnnData(counts[rows].astype(np.float32), obs=obs, var=pd.DataFrame(index=genes))
        write_anndata(shard, str(folder / f"shards/{slug}.h5ad"))


def spaces_of(folder: Path) -> list[str]:
    """Return the files of the spaces, in their order."""
    return [str(folder / f"{name}.h5ad") for name in json.loads((folder / "spaces.json").read_text(encoding="utf-8"))]


def similar_in_groups(n_types: int) -> np.ndarray:
    """Return the relations of types of which every few are similar."""
    groups = np.arange(n_types) // SIMILAR_TYPES
    return np.where(np.eye(n_types), OWN, np.where(np.equal.outer(groups, groups), SIMILAR, OTHER)).astype(np.int32)


def part_study(folder: Path, n_cells: str) -> None:
    """Generate the cells."""
    generate_study(folder, int(n_cells))


def part_pairs(folder: Path) -> None:
    """Compare all pairs in all spaces, with everything that the evaluation needs."""
    spaces = [SpaceFile(path) for path in spaces_of(folder)]
    kept = {"neighbours": max(NEIGHBOURS), "across": max(NEIGHBOURS), "cutoffs": CUTOFFS}
    relations = similar_in_groups(len(spaces[0].layout.types))
    compare(spaces, joint=JOINT, relations=relations, **kept).save(str(folder / "pairs.h5"))


def part_tables(folder: Path) -> None:
    """Make the tables of pairs: quantiles, effect sizes, outliers, joint distributions."""
    from rankstudy.measures.separation import evaluate

    names = ["pair_summaries", "effect_sizes", "outlier_types", "outlier_cells", "joint_distribution"]
    evaluate(**_inputs(folder), outliers=10, outputs=_outputs(folder, names))


def part_relations(folder: Path) -> None:
    """Make the tables of relations at cutoffs."""
    from rankstudy.measures.relations.curves import summarise_relations

    settings = {"unit": "batches", "level": 0.95}
    summarise_relations(**_inputs(folder), **settings, outputs=_outputs(folder, ["relations", "operating_points"]))


def part_neighbours(folder: Path) -> None:
    """Make the tables of neighbours, and label transfer."""
    from rankstudy.measures.neighbours.neighbourhoods import summarise_neighbours

    names = ["neighbour_cells", "neighbourhoods", "batch_driven", "neighbour_overlap", "label_transfer"]
    settings = {"sizes": NEIGHBOURS, "unit": "batches", "level": 0.95, "seed": 0}
    summarise_neighbours(**_inputs(folder), **settings, outputs=_outputs(folder, names))


def part_intervals(folder: Path) -> None:
    """Make the tables of intervals and of differences between spaces."""
    from rankstudy.measures.uncertainty.evaluation import evaluate_uncertainty

    settings = {"neighbours": NEIGHBOURS, "resamples": RESAMPLES, "seed": 0, "level": 0.95}
    evaluate_uncertainty(**_inputs(folder), **settings, outputs=_outputs(folder, ["intervals", "differences"]))


def part_integration(folder: Path) -> None:
    """Make the table of the field's metrics."""
    from rankstudy.measures.field.integration import measure_integration

    measure_integration(**_inputs(folder), spaces_in={0: spaces_of(folder)}, **_output(folder, "integration_metrics"))


def part_geometry(folder: Path) -> None:
    """Make the table of the probes of geometry."""
    from rankstudy.measures.field.geometry import measure_geometry

    measure_geometry(
        {0: spaces_of(folder)},
        {0: sorted(map(str, (folder / "shards").glob("*.h5ad")))},
        {0: str(folder / "genes.parquet")},
        counted=True,
        dataset="generated",
        **_output(folder, "geometry"),
    )


def _inputs(folder: Path) -> dict:
    files = {"pairs_in": {0: str(folder / "pairs.h5")}, "cells_in": {0: str(folder / "cells.parquet")}}
    return {**files, "dataset": "generated"}


def _outputs(folder: Path, names: list[str]) -> dict[str, str]:
    return {name: str(folder / f"{name}.parquet") for name in names}


def _output(folder: Path, name: str) -> dict[str, str]:
    return {"output": str(folder / f"{name}.parquet"), "tsv": str(folder / f"{name}.tsv")}


def measured(part: str, *arguments: object) -> dict[str, float]:
    """Run one part in a process of its own; return its seconds, its seconds of processor time, and its peak memory."""
    threads = len(os.sched_getaffinity(0)) if part in ("study", "pairs") else 1
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.evaluation", "--part", part, *map(str, arguments)]
    output = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"BENCH_THREADS": str(threads)}
    )
    after, taken = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begin
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": taken, "cpu_seconds": cpu, "peak_bytes": json.loads(output.stdout.splitlines()[-1])}


def peak_bytes() -> int:
    """Return the largest memory that this process had."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024


def main(n_cells: int, folder: Path) -> None:
    """Run every part, print a table, and write benchmarks/evaluation.json."""
    for small in (1500, n_cells):  # the first compiles and caches every pass
        place = folder / str(small)
        place.mkdir(parents=True)
        measured("study", place, small)
        found = {part: measured(part, place) for part in ("pairs", *JOBS)}
    stage = {key: sum(found[job][key] for job in JOBS) for key in ("seconds", "cpu_seconds")}
    results = {
        "cells": n_cells,
        "spaces": len(spaces_of(place)),
        "evaluation_over_pairs": stage["cpu_seconds"] / found["pairs"]["cpu_seconds"],
        "evaluation_over_pairs_wall": stage["seconds"] / found["pairs"]["seconds"],
        "evaluation_peak_bytes": max(found[job]["peak_bytes"] for job in JOBS),
        "pairs_peak_bytes": found["pairs"]["peak_bytes"],
        **{
            f"{part}_{key}": value for part, each in found.items() for key, value in each.items() if key != "peak_bytes"
        },
        **{f"{part}_peak_bytes": found[part]["peak_bytes"] for part in JOBS},
        "machine": {"cores": os.cpu_count(), "python": sys.version.split()[0], "numpy": np.__version__},
    }
    for key, value in results.items():
        print(f"{key:32} {value if not isinstance(value, float) else format(value, '.4g')}", flush=True)
    (HERE / "evaluation.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cells", type=int, default=CELLS)
    parser.add_argument("--part", nargs="+", help="one part in a process of its own (used by this file)")
    options = parser.parse_args()
    if options.part:
        name, place, *more = options.part
        globals()[f"part_{name}"](Path(place), *more)
        print(peak_bytes())
    else:
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
            main(options.cells, Path(name))
