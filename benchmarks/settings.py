"""Specification curves: processor time and memory of the job, on real cells, and one setting beside plain numpy.

`make bench-settings` runs the jobs of the default study (both data sets, seed 0) and one of 5,000 cells of the pancreas
(Baron: all cells of each type are selected, and 5,000 of them drawn), by Snakemake, which measures them; and beside it
one setting of these 5,000 cells as numpy and scikit-learn would do it, without anything that an interval needs. It
prints a table and writes benchmarks/settings.json. What is downloaded is kept in resources/.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path

from rankstudy.run.job import limit_threads

limit_threads(2)

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.metrics import roc_auc_score

from rankstudy.measures.settings.scores import Cells, scores
from rankstudy.measures.settings.tables import CURVE_CELLS, SPECIFICATIONS
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.space_files import read_space
from rankstudy.run.workflow import FOLDER

HERE = Path(__file__).resolve().parent
K = 15
# of each run, what differs from the default study
RUNS = {
    "default study": ["seeds=[0]"],
    "5,000 cells": ["seeds=[0]", "datasets=[baron_pancreas]", "selection={cells_per_type: 10000}"],
}


def run(name: str, folder: Path) -> list[dict[str, object]]:
    """Run the jobs of the curves in a folder and return what Snakemake measured of each."""
    datasets = ["baron_pancreas"] if "5,000" in name else ["baron_pancreas", "li_cell_lines"]
    targets = [f"results/{dataset}/0/settings/specifications.parquet" for dataset in datasets]
    (folder / "resources").symlink_to(FOLDER / "resources")
    prefix = ["--conda-prefix", str(FOLDER / ".snakemake" / "conda"), "--quiet", "rules"]
    subprocess.run(
        [FOLDER / ".venv/bin/snakemake", "--snakefile", FOLDER / "Snakefile", "--directory", folder, "--cores", "2"]
        + [*prefix, "--config", *RUNS[name], "--", *targets],
        check=True,
        cwd=FOLDER,
    )
    return [_measured(folder, name, dataset) for dataset in datasets]


def _measured(folder: Path, name: str, dataset: str) -> dict[str, object]:
    used = pd.read_csv(folder / f"results/benchmarks/{dataset}/0/specify_pairs.tsv", sep="\t").iloc[0]
    of_job = folder / f"results/{dataset}/0/settings"
    table = SPECIFICATIONS.read(of_job / "specifications.parquet")
    return {
        "run": name,
        "dataset": dataset,
        "cells": CURVE_CELLS.read(of_job / "curve_cells.parquet")["cells"].item(),
        "pairs": len(table[["space", "reference"]].drop_duplicates()),
        "rows": len(table),
        "minutes": used["s"] / 60,
        "processor_s": used["cpu_time"],
        "peak_gb": used["max_rss"] / 1024,
    }


def plain(vectors: sp.csr_matrix, types: np.ndarray) -> tuple[float, float]:
    """Return AUROC and own-type neighbours by correlation, as numpy and scikit-learn have them."""
    alike = np.corrcoef(vectors.toarray())
    above = np.triu_indices(len(types), 1)
    auroc = roc_auc_score(types[above[0]] == types[above[1]], alike[above])
    np.fill_diagonal(alike, -np.inf)
    nearest = np.argpartition(-alike, K, axis=1)[:, :K]
    return float(auroc), float((types[nearest] == types[:, None]).mean())


def beside_plain(folder: Path) -> dict[str, float]:
    """Time one setting both ways, on 5,000 cells, and return the ratio; raise if they do not agree."""
    space = read_space(str(folder / "results/baron_pancreas/0/spaces/rank.h5ad"))
    chosen = np.sort(np.random.default_rng(0).permutation(len(space.cells))[:5000])
    table = space.cells.iloc[chosen].reset_index(drop=True)
    cells = Cells(table, pd.factorize(table["batch"], sort=True)[0])
    vectors, measures = space.vectors[chosen], [Measure("correlation")]
    list(scores(vectors[::50], measures, Cells(table[::50].reset_index(drop=True), cells.units[::50]), K))  # compile
    begin = time.perf_counter()
    ours = {name: score.influence.estimate for _, name, score in scores(vectors, measures, cells, K)}
    between = time.perf_counter()
    theirs = plain(vectors, cells.types)
    end = time.perf_counter()
    np.testing.assert_allclose(list(ours.values())[:2], theirs, atol=1e-4)
    return {"ours_s": between - begin, "plain_s": end - between, "plain_over_ours": (end - between) / (between - begin)}


def main() -> None:
    """Measure, print and write."""
    jobs: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as temporary:
        for number, name in enumerate(RUNS):
            folder = Path(temporary) / str(number)
            folder.mkdir()
            jobs += run(name, folder)
        one = beside_plain(folder)
    print(pd.DataFrame(jobs).round(2).to_string(index=False))
    print("one setting of 5,000 cells:", {name: round(value, 2) for name, value in one.items()})
    (HERE / "settings.json").write_text(json.dumps({"jobs": jobs, "one_setting": one}, indent=2, default=float) + "\n")


if __name__ == "__main__":
    main()
