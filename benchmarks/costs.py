"""Measure what the forecast rests on (`make measure-costs`): run two studies, and fit the constants.

Both are real runs; Snakemake's benchmark files say what each job took. The scaled study draws more cells out of one
data set of 6,000 cells (counts of real cells of the default study, thinned anew), so that seconds per unit of work can
be told from seconds to start. Writes benchmarks/costs.json.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import anndata as ad
import numpy as np
import scipy.sparse as sp
import yaml
from scipy.optimize import nnls

from rankstudy.config import StudyPlan, load_study
from rankstudy.core.files import atomic
from rankstudy.run.plan.__main__ import configuration
from rankstudy.run.plan.check import measured_jobs
from rankstudy.run.plan.costs import COSTS, Costs
from rankstudy.run.plan.forecast import forecast
from rankstudy.run.plan.sizes import Data, is_sparse
from rankstudy.run.plan.work import Work, kind, work
from rankstudy.run.workflow import FOLDER

PAIRS = FOLDER / "benchmarks" / "pairs.json"
SCALED_CELLS, CELLS_PER_TYPE = 6000, 500
DATASET = {
    "title": "Cells of the default study, thinned anew",
    "source": {"local_file": "scaled.h5ad"},
    "cell_type": "cell_type",
}
STUDY = {
    "datasets": ["scaled"],
    "seeds": [0],
    "selection": {"cells_per_type": CELLS_PER_TYPE},
    "training": {"cells": 400, "epochs": 1},
}


def main() -> None:
    """Run both studies, or take finished runs, and write the constants."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, help="keep the runs here; finished runs in it are taken as they are")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="costs-"))
    default, scaled = (folder / "default").resolve(), (folder / "scaled").resolve()
    run(default, options.cores)
    write_scaled(default, scaled)
    run(scaled, options.cores, "--configfile", "study.yaml")
    costs = fitted({default: [], scaled: ["study.yaml"]})
    with atomic(COSTS) as path:
        path.write_text(json.dumps(costs, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {COSTS}; the runs lie in {folder}")


def run(folder: Path, cores: int, *arguments: str) -> None:
    """Run a study in a folder, unless it has been; note the seconds of CPU of Snakemake and of all that it started."""
    if (folder / "run.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    snakemake = [str(FOLDER / ".venv/bin/snakemake"), "--snakefile", str(FOLDER / "Snakefile")]
    prefix = ["--conda-prefix", str(FOLDER / ".snakemake/conda"), "--cores", str(cores)]
    environment = os.environ | {"PATH": f"{FOLDER / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"}

    def call(*more: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*snakemake, *prefix, *more, *arguments], cwd=folder, env=environment, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    call("--conda-create-envs-only")
    start = call("--dry-run", "--quiet")
    begin = time.monotonic()
    noted = {"start": start, "cpu": call(), "wall": time.monotonic() - begin}
    (folder / "run.json").write_text(json.dumps(noted), encoding="utf-8")


def write_scaled(default: Path, folder: Path) -> None:
    """Write the data set and the configuration of the scaled study; downloads are those of the default one."""
    if (folder / "scaled.h5ad").exists():
        return
    (folder / "config/datasets").mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    shutil.copytree(default / "resources", folder / "resources", dirs_exist_ok=True)
    name = load(default, []).study.datasets[0]
    shards = [ad.read_h5ad(path) for path in sorted((default / f"results/{name}/0/shards").glob("*.h5ad"))]
    random = np.random.default_rng(0)
    per_type = -(-SCALED_CELLS // len(shards))
    parts, types = [], []
    for shard in shards:
        rows = sp.csr_matrix(shard.X)[random.integers(0, shard.n_obs, per_type)]
        rows.data = random.binomial(rows.data.astype(np.int64), 0.8).astype(np.float32)
        parts.append(rows)
        types += [shard.obs["cell_type"].iloc[0]] * per_type
    counts = sp.vstack(parts, format="csr")
    counts.eliminate_zeros()
    data = ad.AnnData(counts, var=shards[0].var[[]])
    data.obs_names = [f"cell{i}" for i in range(data.n_obs)]
    data.obs["cell_type"] = types
    expect = {"cells": data.n_obs, "genes": data.n_vars, "cell_types": len(shards)}
    (folder / "config/datasets/scaled.yaml").write_text(yaml.safe_dump(DATASET | {"expect": expect}), encoding="utf-8")
    data.write_h5ad(folder / "scaled.h5ad", compression="gzip")


def load(folder: Path, files: list[str]) -> StudyPlan:
    """Return the study of a run; the working directory is its folder from here on."""
    os.chdir(folder)
    paths = [str(FOLDER / "config/config.yaml"), *files]
    return load_study(configuration(paths, []), paths, FOLDER)


def fitted(runs: dict[Path, list[str]]) -> dict:
    """Return the content of costs.json, fitted on finished runs."""
    before = Costs.read()
    measured: dict[str, list[tuple[Work, float]]] = defaultdict(list)
    data: list[tuple[Path, Data]] = []
    around = 0.0
    for folder, files in runs.items():
        study = load(folder, files)
        found = forecast(study, before, ["--configfile", *files] if files else [])
        jobs = measured_jobs(found.plan.jobs, folder)
        note = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        around += note["cpu"] - note["start"] - sum(seconds for _, seconds in jobs)
        for job, seconds in jobs:
            measured[kind(job, found.sizes)].append((work(job, found.sizes), seconds))
        data += [(folder, each) for each in found.sizes.data.values()]
    number = sum(map(len, measured.values()))
    return {
        "measured": {
            "date": datetime.date.today().isoformat(),
            "machine": f"{os.cpu_count()} cores, {_processor()}, load {os.getloadavg()[2]:.1f}",
            "what": f"seconds of one core, fitted on {number} jobs of the default study and of a scaled one",
        },
        "assumed": dict(before.assumed),
        # what the jobs' own files do not hold: Snakemake itself, the shells, what passes after Snakemake's last look
        "snakemake": {"per_job": _short(max(around / number, 0.0))},
        "rules": {name: _fit(jobs, _known_rates(name)) for name, jobs in sorted(measured.items())},
        "bytes": written(data),
    }


def _known_rates(name: str) -> dict[str, float]:
    """Return what a benchmark of its own has measured better: all pairs (benchmarks/pairs.json)."""
    if name != "compare_block":
        return {}
    found = json.loads(PAIRS.read_text(encoding="utf-8"))
    pairs = found["headline_cells"] * (found["headline_cells"] - 1) / 2
    # 2,435 genes on two threads (benchmarks/generate.py)
    gflop = 2 * 2435 * pairs * 1e-9
    beside = found["headline_seconds"] - found["gemm_seconds"]
    return {"gflop": 2 * found["gemm_seconds"] / gflop, "pairs": 2 * beside / (pairs * 1e-6)}


def _fit(jobs: list[tuple[Work, float]], known: dict[str, float]) -> dict[str, float]:
    """Fit seconds = start + sum of rate x work, none negative, to the least relative error."""
    seconds = np.array([took for _, took in jobs])
    units = sorted({unit for done, _ in jobs for unit, amount in done.items() if amount} - set(known))
    fixed = [sum(rate * (done.get(unit) or 0.0) for unit, rate in known.items()) for done, _ in jobs]
    columns = [[1.0, *((done.get(unit) or 0.0) for unit in units)] for done, _ in jobs]
    weights = 1 / np.maximum(seconds, 0.1)
    solution, _ = nnls(np.array(columns) * weights[:, None], np.maximum(seconds - fixed, 0.0) * weights)
    rates = {**dict(zip(units, solution[1:], strict=True)), **known}
    return {"start": _short(solution[0]), **{unit: _short(rate) for unit, rate in rates.items() if rate > 0}}


def written(data: list[tuple[Path, Data]]) -> dict[str, float]:
    """Return the bytes of what the rules wrote, per unit."""
    folder = data[0][0]
    values = tokens = shards = dense = encoded = 0.0
    of_dense = of_encoded = cells = index = indexed = 0.0
    blocks, by_block, tables = [], [], []
    for place, each in data:
        results = place / "results"
        for seed in each.study.study.seeds:
            base = results / each.plan.name / str(seed)
            n = each.cells.n_sampled
            cells += n
            tokens += _bytes(base / "tokens")
            values += n * each.cells.genes
            shards += _bytes(base / "shards")
            for space in each.plan.spaces:
                size, number = _bytes(base / f"spaces/{space}.h5ad"), n * each.dimensions(space)
                if is_sparse(space, each.study.catalogue.spaces):
                    encoded, of_encoded = encoded + size, of_encoded + number
                else:
                    dense, of_dense = dense + size, of_dense + number
            blocks.append([each.type_pairs, n * len(each.plan.spaces)])
            by_block.append(_bytes(base / "blocks"))
        index, indexed = index + _bytes(results / each.plan.name / "cells.parquet"), indexed + each.cells.cells
        tables.append(_bytes(results / each.plan.name / "tables") + _bytes(results / "figures" / each.plan.name))
    per_block, _ = nnls(np.array(blocks), np.array(by_block))
    model = _bytes(folder / "results/models/trained-here")
    shared = [folder / "results/models", folder / "results/article", folder / "resources/models"]
    return {
        "shard_per_value": _short(shards / values),
        "encoding_per_value": _short(encoded / of_encoded),
        "dense_per_value": _short(dense / of_dense),
        "index_per_cell": _short(index / indexed),
        "tokens_per_cell": _short(tokens / cells),
        "block_per_type_pair": _short(per_block[0]),
        "block_per_cell": _short(per_block[1]),
        "tables_and_figures": _short(max(tables)),
        "own_model": _short(model),
        "shared": _short(sum(map(_bytes, shared))),
    }


def _bytes(path: Path) -> int:
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file()) if path.is_dir() else path.stat().st_size


def _short(number: float) -> float:
    return float(f"{number:.3g}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
