"""How long Snakemake takes to see what the full study has to do: its graph of jobs, once all data sets are indexed.

`make bench-graph` prints the numbers and writes benchmarks/graph.json. Nothing is downloaded or computed: the files that the
graph is built from are empty, but for the cell types, which are as many as published (`tests/workflow/full_size.py`).
The time is dominated by Snakemake; beside it stands that of a bare start (`snakemake --version`) in the same run.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import tempfile
import time
from pathlib import Path

from tests.workflow import full_size
from tests.workflow.harness import DRIVER, command, environment

HERE = Path(__file__).resolve().parent
REPEAT = 3


def timed(line: list[str], folder: str) -> tuple[float, float, str]:
    """Run a command and return its seconds, its seconds of processor time, and what it printed."""
    before, begin = _processor_seconds(), time.perf_counter()
    done = subprocess.run(line, cwd=folder, env=environment(), capture_output=True, text=True, check=True)
    return time.perf_counter() - begin, _processor_seconds() - before, done.stdout + done.stderr


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, print and write."""
    with tempfile.TemporaryDirectory() as folder:
        full_size.write_indexed(folder)
        line = command("-n", "--quiet", "rules", "--configfile", full_size.STUDY, directory=folder)
        runs = [timed(line, folder) for _ in range(REPEAT)]
        starts = [timed([str(DRIVER / "snakemake"), "--version"], folder) for _ in range(REPEAT)]
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
