"""The lattice: a corner of many cells beside the bare product of all pairs, and the jobs of the default study.

`make bench-lattice` scores two corners of 44,500 generated cells by correlation, with the three statistics and what
moves them, in turns with the bare product, each corner in a process of its own; and runs the lattices of the default
study (both data sets, seed 0) by Snakemake, which measures them. It prints both and writes benchmarks/lattice.json;
`ARGS=corners` or `ARGS=jobs` takes one of them. Time and memory of whole lattices of so many cells are not measured:
they follow from the two corners.
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

limit_threads(2)

import numpy as np
import pandas as pd
import scipy.sparse as sp

from benchmarks import generate
from benchmarks.jobs import DATASETS, prepared, snakemake, used
from benchmarks.pairs import bare_product, peak_bytes, warm
from rankstudy.measures.lattice.corner import ALL, PANEL_GENES, Corner
from rankstudy.measures.lattice.tables import LATTICE
from rankstudy.measures.lattice.vectors import ReadGenes
from rankstudy.measures.settings.scores import Cells, scores
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.spaces.encodings.cell_counts import CellCounts

HERE = Path(__file__).resolve().parent
CELLS, K, TURNS = 44_500, 15, 3
CORNERS = {
    "order of the counts": Corner(vocabulary=PANEL_GENES, kept="order"),
    "expression": Corner(total=ALL, logarithm="ln"),
}


def generated() -> tuple[CellCounts, Cells]:
    """Return generated counts, and their cells in four batches."""
    counts, of = generate.counts(CELLS).astype(np.float64), generate.labels(CELLS)
    genes = [f"g{i}" for i in range(counts.shape[1])]
    table = pd.DataFrame({"cell_id": of["ids"], "cell_type": of["types"], "slug": of["types"], "batch": of["batches"]})
    totals = np.asarray(counts.sum(axis=1)).ravel()
    cells = Cells(table, pd.factorize(table["batch"], sort=True)[0])
    medians = np.full(len(genes), np.nan)
    return CellCounts(counts, totals, of["ids"].tolist(), genes, medians, seed=0), cells


def both_times(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of a call, and those of processor time."""
    begin, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - processor


def part_corner(name: str) -> dict[str, float]:
    """Score a corner in turns with the bare product; memory is that of the first time, before there is a product."""
    warm()
    read, cells = generated()

    def score() -> None:
        values = ReadGenes(read, dict).values(CORNERS[name]).astype(np.float32)
        vectors = sp.csr_matrix((values, read.counts.indices, read.counts.indptr), read.counts.shape)
        list(scores(vectors, [Measure("correlation")], cells, K))

    times = [both_times(score)]
    peak = peak_bytes()
    multiply = bare_product(CELLS, generate.GENES)
    products = [both_times(multiply)]
    for _ in range(TURNS - 1):
        times.append(both_times(score))
        products.append(both_times(multiply))
    corner, product = np.array(times), np.array(products)
    ratios, of_processor = np.median(corner / product, axis=0)
    seconds, processor_s = np.median(corner, axis=0)
    return {
        "corner": name,
        "seconds": seconds,
        "processor_s": processor_s,
        "over_product": ratios,
        "over_product_least": (corner / product)[:, 0].min(),
        "over_product_most": (corner / product)[:, 0].max(),
        "over_product_processor": of_processor,
        "peak_gb": peak / 1e9,
    }


def corners() -> dict[str, object]:
    """Measure each corner in a process of its own, one after the other."""
    found = []
    for name in CORNERS:
        command = [sys.executable, "-m", "benchmarks.lattice", "--part", name]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ).stdout
        found.append(json.loads(output.splitlines()[-1]))
        print(found[-1], flush=True)
    mean = float(np.mean([one["seconds"] for one in found]))
    return {
        "cells": CELLS,
        "genes": generate.GENES,
        "corners": found,
        "extrapolated_minutes_of_50_corners": mean * 50 / 60,
    }


def jobs() -> dict[str, object]:
    """Run the lattices of the default study and say what they took."""
    found = []
    tables = {dataset: f"results/{dataset}/0/lattice/{LATTICE.name}.parquet" for dataset in DATASETS}
    with tempfile.TemporaryDirectory() as temporary:
        folder = prepared(Path(temporary), "default")
        snakemake(folder, list(tables.values()))
        for dataset, path in tables.items():
            table = LATTICE.read(folder / path)
            about = {"cells": table["n_cells"].max(), "corners": table["corner"].nunique(), "rows": len(table)}
            found.append({"dataset": dataset, **about, **used(folder, "walk_lattice", dataset)})
    print(pd.DataFrame(found).round(2).to_string(index=False))
    return {"jobs": found}


PARTS = {"corners": corners, "jobs": jobs}


def main(parts: list[str]) -> None:
    """Measure, print and write."""
    path = HERE / "lattice.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for part in parts:
        found |= PARTS[part]()
    path.write_text(json.dumps(found, indent=2, default=float) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", choices=list(PARTS))
    parser.add_argument("--part", help="a corner, in this process (used by this file)")
    given = parser.parse_args()
    if given.part:
        print(json.dumps(part_corner(given.part)))
    else:
        main([given.only] if given.only else list(PARTS))
