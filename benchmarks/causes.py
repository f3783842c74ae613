"""Causes: processor time and memory of the two jobs that look for them, in the default study and of 5,000 cells.

`make bench-causes` runs both jobs for the pancreas, seed 0, by Snakemake, which measures them: with the cells of the
default study, and with 5,000 cells (as `benchmarks/settings.py` makes them), each with all encodings of the default
study. It prints a table and writes benchmarks/causes.json; `ARGS=default` or `ARGS=many` takes one of the two.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.jobs import DATASETS, prepared, snakemake, used
from benchmarks.settings import of_5000_cells
from rankstudy.measures.causes.tables import CAUSE_CELLS, DEPTHS
from rankstudy.measures.changes.tables import COUNTERFACTUALS, VISIBILITY

HERE = Path(__file__).resolve().parent
BARON = DATASETS[0]
# what each job makes first
JOBS = {"find_causes": DEPTHS, "change_genes": COUNTERFACTUALS}
TARGETS = [f"results/{BARON}/0/causes/{table.name}.parquet" for table in JOBS.values()]


def measured(folder: Path, name: str) -> list[dict[str, object]]:
    """Return what both jobs took in a run."""
    of_job = folder / f"results/{BARON}/0/causes"
    about = {
        "cells": CAUSE_CELLS.read(of_job / f"{CAUSE_CELLS.name}.parquet")["cells"].item(),
        "encodings": COUNTERFACTUALS.read(of_job / f"{COUNTERFACTUALS.name}.parquet", ["space"])["space"].nunique(),
    }
    found = [{"run": name, "job": job, **about, **used(folder, job, BARON)} for job in JOBS]
    print(pd.DataFrame(found).round(2).to_string(index=False), flush=True)
    print("atlas, MB:", round((of_job / f"{VISIBILITY.name}.parquet").stat().st_size / 1e6, 1), flush=True)
    return found


def default(folder: Path) -> list[dict[str, object]]:
    """Run the jobs with the cells of the default study."""
    snakemake(folder, TARGETS)
    return measured(folder, "default study")


def many(folder: Path) -> list[dict[str, object]]:
    """Run the jobs with 5,000 cells."""
    of_5000_cells(folder, TARGETS)
    return measured(folder, "5,000 cells")


PARTS = {"default": default, "many": many}


def main(parts: list[str]) -> None:
    """Measure, print and write."""
    path = HERE / "causes.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    with tempfile.TemporaryDirectory() as temporary:
        for part in parts:
            found[part] = PARTS[part](prepared(Path(temporary), part))
    path.write_text(json.dumps(found, indent=2, default=float) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", choices=list(PARTS))
    given = parser.parse_args()
    main([given.only] if given.only else list(PARTS))
