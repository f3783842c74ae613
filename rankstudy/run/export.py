"""`make export`: write the cells of data sets for models that run elsewhere (docs/models.md)."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rankstudy.config import load_study
from rankstudy.config.study_plan import StudyPlan
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.files import find_file
from rankstudy.run.plan.__main__ import configuration
from rankstudy.run.workflow import FOLDER


def targets(study: StudyPlan, datasets: Sequence[str], seeds: Sequence[int]) -> list[str]:
    """Return the files to make: of these data sets and replicates, of all of the study and of its first if none.

    Raises
    ------
    StudyError
        If a data set or a replicate is not in the study.
    """
    for name in datasets:
        if name not in study.datasets:
            problem = f"make export: {name} is no data set of this study, which has {listing(study.datasets)}"
            raise StudyError(advise(problem, "name one of these", "give settings that have it: --configfile FILE"))
    for seed in seeds:
        if seed not in study.study.seeds:
            problem = f"make export: the study has no seed {seed}, but {listing(map(str, study.study.seeds))}"
            raise StudyError(advise(problem, "name one of these", "add it to `seeds`"))
    return [
        f"results/{name}/{seed}/export/cells.h5ad"
        for name in datasets or study.datasets
        for seed in seeds or study.study.seeds[:1]
    ]


def main(line: Sequence[str] | None = None) -> int:
    """Run Snakemake for what the command line names, and return its exit status; wrong input is one message."""
    parser = argparse.ArgumentParser(prog="make export", description=__doc__)
    parser.add_argument("datasets", nargs="*", help="data sets of the study (default: all)")
    parser.add_argument("--seed", type=int, action="append", default=[], help="replicate (default: the first)")
    parser.add_argument("--configfile", action="append", default=[], help="laid over config/config.yaml")
    parser.add_argument("--cores", default="all")
    given = parser.parse_args(line)
    own = [os.path.abspath(file) for file in given.configfile]
    try:
        files = [find_file("config/config.yaml", FOLDER), *own]
        asked = targets(load_study(configuration(files, []), files, FOLDER), given.datasets, given.seed)
    except (StudyError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    settings = ["--configfile", *own] if own else []
    command = [Path(sys.executable).with_name("snakemake"), "--cores", given.cores, *settings, "--", *asked]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
