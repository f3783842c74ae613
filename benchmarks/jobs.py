"""Jobs of a study as Snakemake runs them, and what it measured of them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from rankstudy.run.workflow import FOLDER

DATASETS = ("baron_pancreas", "li_cell_lines")


def prepared(parent: Path, name: str) -> Path:
    """Return a folder for a run, with the downloads of this one."""
    folder = parent / name
    folder.mkdir()
    (folder / "resources").symlink_to(FOLDER / "resources")
    return folder


def snakemake(folder: Path, targets: Sequence[str], changes: Sequence[str] = ()) -> None:
    """Make targets of one seed in a folder, with the environments of this one."""
    prefix = ["--conda-prefix", str(FOLDER / ".snakemake" / "conda"), "--quiet", "rules"]
    subprocess.run(
        [FOLDER / ".venv/bin/snakemake", "--snakefile", FOLDER / "Snakefile", "--directory", folder, "--cores", "2"]
        + [*prefix, "--config", "seeds=[0]", *changes, "--", *targets],
        check=True,
        cwd=FOLDER,
    )


def used(folder: Path, rule: str, dataset: str) -> dict[str, float]:
    """Return what the job of a rule took for a data set: minutes, seconds of processor time, memory."""
    measured = pd.read_csv(folder / f"results/benchmarks/{dataset}/0/{rule}.tsv", sep="\t").iloc[0]
    return {
        "minutes": measured["s"] / 60,
        "processor_s": measured["cpu_time"],
        "peak_gb": measured["max_rss"] / 1024,
    }
