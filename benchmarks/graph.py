"""How long Snakemake takes to see what the full study has to do: its graph of jobs, once all data sets are indexed.

`make bench-graph` prints the numbers and writes benchmarks/graph.json. Nothing is downloaded or computed: it is the
plan of `make plan` (`rankstudy.run.plan.jobs`), over empty files and as many cell types as are published. The time is
dominated by Snakemake; beside it stands that of a bare start (`snakemake --version`) in the same run.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rankstudy.config import load_study
from rankstudy.run.plan.__main__ import configuration
from rankstudy.run.plan.jobs import SNAKEMAKE, dry_run, stand_in, write_index
from rankstudy.run.plan.known import known_of
from rankstudy.run.workflow import FOLDER

HERE = Path(__file__).resolve().parent
FILES = [str(FOLDER / "config" / name) for name in ("config.yaml", "study.yaml")]
QUIETLY = ["--configfile", FILES[-1], "--quiet", "rules"]
REPEAT = 3


def timed(call: Callable[[], str]) -> tuple[float, float, str]:
    """Return the seconds of a call, the seconds of processor time of what it started, and what it returned."""
    before, begin = _processor_seconds(), time.perf_counter()
    said = call()
    return time.perf_counter() - begin, _processor_seconds() - before, said


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bare_start() -> str:
    """Return what Snakemake says of its version."""
    return subprocess.run([SNAKEMAKE, "--version"], capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Measure, print and write."""
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        study = load_study(configuration(FILES, []), FILES, FOLDER, demand_terms=False)
        types = {name: known_of(dataset).types for name, dataset in study.datasets.items()}
        with stand_in(study) as folder:
            write_index(folder, dry_run(folder, QUIETLY[:2]), types)
            runs = [timed(lambda: dry_run(folder, QUIETLY)) for _ in range(REPEAT)]
        starts = [timed(bare_start) for _ in range(REPEAT)]
        os.chdir(HERE)
    found = {
        "jobs": int(re.search(r"^total +(\d+)$", runs[0][2], re.MULTILINE)[1]),
        "seconds": min(seconds for seconds, _, _ in runs),
        "processor_seconds": min(seconds for _, seconds, _ in runs),
        "processor_seconds_of_a_bare_start": min(seconds for _, seconds, _ in starts),
    }
    (HERE / "graph.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
