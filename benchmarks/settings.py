"""Specification curves: processor time and memory of the job, on real cells, and one setting beside plain numpy.

`make bench-settings` runs the jobs of the default study (both data sets, seed 0) and one of 5,000 cells of the pancreas
(all 1,895 cells of Baron's first donor, each three times, with nine tenths of its molecules drawn anew), by Snakemake,
which measures them; and beside it one setting of these 5,000 cells as numpy and scikit-learn would do it, without
anything that an interval needs. It prints a table and writes benchmarks/settings.json. What is downloaded is kept in
resources/.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rankstudy.run.job import limit_threads

limit_threads(2)

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.metrics import roc_auc_score

from benchmarks.jobs import DATASETS, prepared, snakemake, used
from rankstudy.cells.shards import read_counts
from rankstudy.cells.tables import SELECTION
from rankstudy.cells.treatments.thin import thin
from rankstudy.core.files import write_anndata
from rankstudy.measures.settings.scores import Cells, scores
from rankstudy.measures.settings.tables import CURVE_CELLS, SPECIFICATIONS
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.space_files import read_space

HERE = Path(__file__).resolve().parent
K = 15
TIMES, KEEP = 3, 0.9
ALL_OF_BARON = ["datasets=[baron_pancreas]", "selection={cells_per_type: 10000}"]


def specifications(dataset: str) -> str:
    """Return the path of the table that the job of a data set makes."""
    return f"results/{dataset}/0/settings/specifications.parquet"


def repeat_cells(shard: Path) -> None:
    """Write a shard with each cell several times, molecules of each drawn anew."""
    data = read_counts(str(shard))
    ids, genes = data.obs_names.tolist(), data.var_names.tolist()
    parts = []
    for draw in range(TIMES):
        counts = thin(sp.csr_matrix(data.X, dtype=np.float64), ids, genes, keep=KEEP, seed=0, draw=draw)
        obs = data.obs.assign(n_counts=np.asarray(counts.sum(axis=1)).ravel())
        obs.index = [f"{cell}/{draw}" for cell in ids]
        parts.append(ad.AnnData(counts.astype(np.float32), obs=obs, var=data.var))
    write_anndata(ad.concat(parts, merge="same"), shard)


def repeat_selection(path: Path) -> None:
    """Write the table of the selected cells with each cell as often as its shard has it.

    It stays as old as it was: Snakemake would draw the cells again for a newer one.
    """
    table, before = SELECTION.read(path), path.stat()
    repeated = [table.assign(cell_id=[f"{cell}/{draw}" for cell in table["cell_id"]]) for draw in range(TIMES)]
    SELECTION.write(pd.concat(repeated, ignore_index=True), path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def of_5000_cells(folder: Path, targets: Sequence[str]) -> None:
    """Make the shards of Baron's cells, repeat the cells, and make what is wanted of them."""
    snakemake(folder, ["results/baron_pancreas/0/genes.parquet"], ALL_OF_BARON)
    for shard in sorted(folder.glob("results/baron_pancreas/0/shards/*.h5ad")):
        repeat_cells(shard)
    repeat_selection(folder / "results/baron_pancreas/0/selection.parquet")
    snakemake(folder, targets, ALL_OF_BARON)


def _measured(folder: Path, name: str, dataset: str) -> dict[str, object]:
    of_job = folder / f"results/{dataset}/0/settings"
    table = SPECIFICATIONS.read(of_job / "specifications.parquet")
    return {
        "run": name,
        "dataset": dataset,
        "cells": CURVE_CELLS.read(of_job / "curve_cells.parquet")["cells"].item(),
        "pairs": len(table[["space", "reference"]].drop_duplicates()),
        "rows": len(table),
        **used(folder, "specify_pairs", dataset),
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
    with tempfile.TemporaryDirectory() as temporary:
        default, many = (prepared(Path(temporary), name) for name in ("default", "many"))
        snakemake(default, [specifications(dataset) for dataset in DATASETS])
        jobs = [_measured(default, "default study", dataset) for dataset in DATASETS]
        of_5000_cells(many, [specifications(DATASETS[0])])
        jobs.append(_measured(many, "5,000 cells", DATASETS[0]))
        one = beside_plain(many)
    print(pd.DataFrame(jobs).round(2).to_string(index=False))
    print("one setting of 5,000 cells:", {name: round(value, 2) for name, value in one.items()})
    found = json.dumps({"jobs": jobs, "one_setting": one}, indent=2, default=float)
    (HERE / "settings.json").write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
