"""Plant small faults in the code one by one, and see whether the tests notice: `make test-mutants`.

A sample is drawn from all faults (`mutations.py`) of the modules in AREAS. First the unit tests run as they
are, to see which test calls which function. Then each fault is planted in a copy of the repository, and the
tests that call its function run there, the shortest first, up to the first failure. Libraries are loaded once,
and each run is a fork of that process. None of the known tools does this: mutmut leaves out decorated functions
(properties, compiled ones), Cosmic Ray starts an interpreter for each fault (six seconds of imports here), and
neither draws a sample or drops a check.

What was found is kept in `.mutants/results.jsonl`. The next call goes on there, and tries again what had
survived. Faults that change nothing that matters are listed, with the reason, in `tests/mutants.md`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import itertools
import json
import multiprocessing
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.mutants.mutations import Mutant, mutants_of, sample
from tools.mutants.runs import IN_CHILD, Copy

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / ".mutants" / "results.jsonl"
EQUIVALENT = ROOT / "tests" / "mutants.md"
AREAS = (
    "core/draws", "cells/treatments/*", "spaces/encodings/*", "spaces/encodings/published/*",
    "pairs/engine/*", "cells/selection", "core/identity", "pairs/relation_matrix",
    "measures/relations/*",
    "measures/compared", "measures/neighbours/*", "measures/uncertainty/*", "measures/gates/*",
    "measures/verdict", "report/article/compared",
    "sources/readers/*", "sources/readers/rds/*",
)  # fmt: skip
# loaded once; what a library starts when it is used (threads, compilers) starts in each fork
LIBRARIES = (
    "anndata", "h5py", "hypothesis", "isal", "jinja2", "matplotlib.figure", "numba", "numpy", "pandas", "pydantic",
    "pyarrow.parquet", "requests", "scanpy", "scipy.io", "scipy.sparse", "scipy.spatial.distance", "scipy.stats",
    "sklearn", "umap", "xdist", "yaml",
)  # fmt: skip
KILLED, SURVIVED, TIMEOUT, UNTESTED = "killed", "survived", "timeout", "untested"
NO_TEST = 5  # status of pytest
LONGEST_FILE, LONGEST_FAULT = 120, 30  # seconds of computing


class Results:
    """What was found up to now: a file to which each worker adds lines, of which the last about a thing counts."""

    def __init__(self, fresh: bool):
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.open("w" if fresh else "a").close()
        self._read, self._found = 0, {}

    def all(self) -> dict[str, dict]:
        """Return what was found, by the ids of faults and the names of watched files."""
        with RESULTS.open(encoding="utf-8") as file:
            file.seek(self._read)
            for line in iter(file.readline, ""):
                found = json.loads(line)
                self._found[found["id"]] = found
            self._read = file.tell()
        return self._found

    def outcome(self, mutant: Mutant) -> str | None:
        """Return what became of a fault, None if it was not tried."""
        return self.all().get(mutant.id, {}).get("outcome")

    def watched(self, root: Path) -> dict[str, dict[str, tuple[float, list[str]]]]:
        """Return the files of tests that were watched as they are now, with their tests."""
        found = [line for line in self.all().values() if "digest" in line]
        return {line["id"]: line["tests"] for line in found if line["digest"] == digest(root / line["id"])}

    def add(self, **found: object) -> None:
        """Keep what was found."""
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")


def digest(path: Path) -> str | None:
    """Return the SHA-256 of a file, None if there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def modules(root: Path) -> list[str]:
    """Return the files of the modules in AREAS."""
    return sorted({str(path.relative_to(root)) for area in AREAS for path in (root / "rankstudy").glob(f"{area}.py")})


def all_mutants() -> list[Mutant]:
    """Return all faults of the modules in AREAS."""
    found = (mutants_of(name, (ROOT / name).read_text(encoding="utf-8")) for name in modules(ROOT))
    return list(itertools.chain.from_iterable(found))


def equivalent() -> set[str]:
    """Return the ids of the faults that are known to change nothing that matters."""
    return set(re.findall(r"^\| `([0-9a-f]{10})`", EQUIVALENT.read_text(encoding="utf-8"), re.MULTILINE))


def try_all(mutants: list[Mutant], results: Results, jobs: int) -> None:
    """Try each fault, and keep what becomes of it."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        # the working tree may change from here on
        copies = [Copy(ROOT, Path(folder) / str(job)) for job in range(jobs)]
        root = copies[0].root
        for name in LIBRARIES:
            importlib.import_module(name)
        tests = {str(path.relative_to(root)) for path in (root / "tests" / "unit").glob("test_*.py")}
        in_workers(copies, sorted(tests - set(results.watched(root))), lambda copy, file: watch(copy, file, results))
        in_workers(copies, mutants, lambda copy, mutant: try_one(copy, mutant, results))


def in_workers(copies: list[Copy], things: list, function: Callable[[Copy, Any], None]) -> None:
    """Call a function for each of several things, in as many forks of this process as there are copies."""

    def work(copy: Copy, share: list) -> None:
        for thing in share:
            function(copy, thing)

    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=work, args=(copy, things[job :: len(copies)])) for job, copy in enumerate(copies)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        sys.exit("a worker has stopped; see above")


def watch(copy: Copy, file: str, results: Results) -> None:
    """Keep which functions the tests of a file call; those that fail as the code is are left out."""
    run, tests = copy.watched(file, modules(copy.root), LONGEST_FILE)
    if run.status not in (0, NO_TEST):
        print(f"{file}: tests that do not pass without a fault are left out:\n{run.said[-3000:]}", file=sys.stderr)
    results.add(id=file, digest=digest(copy.root / file), seconds=round(run.seconds, 2), tests=tests)
    print(f"{run.seconds:8.1f} s {file}: {len(tests)} tests", flush=True)


def try_one(copy: Copy, mutant: Mutant, results: Results) -> None:
    """Keep what becomes of a fault."""
    tests = callers_of(mutant, results.watched(copy.root).values())
    run = copy.with_fault(mutant, list(tests), 2 * sum(tests.values()) + 15)
    if run.status == IN_CHILD:
        raise RuntimeError(f"the tests could not be run:\n{run.said}")
    outcome = {0: SURVIVED, None: TIMEOUT, NO_TEST: UNTESTED}.get(run.status, KILLED) if tests else UNTESTED
    by = "".join([line for line in run.said.splitlines() if line.startswith(("FAILED", "ERROR"))][:1])[:200]
    results.add(**asdict(mutant), outcome=outcome, tests=len(tests), by=by, seconds=round(run.seconds, 2))
    print(f"{run.seconds:8.1f} s {outcome:8} {described(mutant)}", flush=True)


def callers_of(mutant: Mutant, watched: Iterable[Mapping]) -> dict[str, float]:
    """Return the tests that call the function of a fault and their seconds, the shortest first, as many as time allows.

    For constants of a module, which are in no function, these are the tests that call any function of it.
    """
    called = f"{mutant.path}:{mutant.within}"
    found = {}
    for test, (seconds, functions) in itertools.chain.from_iterable(tests.items() for tests in watched):
        if called in functions or (not mutant.within and any(name.startswith(called) for name in functions)):
            found[test] = seconds
    ordered = sorted(found.items(), key=lambda item: (item[1], item[0]))
    spent = itertools.accumulate(seconds for _, seconds in ordered)
    return {test: seconds for (test, seconds), until in zip(ordered, spent, strict=True) if until <= LONGEST_FAULT}


def described(mutant: Mutant) -> str:
    """Return a fault as one line."""
    before, after = (re.sub(r"\s+", " ", text) for text in (mutant.before, mutant.after))
    return f"{mutant.id} {mutant.path}:{mutant.line} {mutant.within}: {mutant.kind}: {before}  ->  {after}"


def main() -> None:
    """Read the command line, try the sample, and say what became of it; exit with 1 if a fault survived unexplained."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=200, help="how many faults (200)")
    parser.add_argument("--seed", type=int, default=0, help="which sample (0)")
    parser.add_argument("--only", default="", help="only faults in files whose path has this in it")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    parser.add_argument("--list", action="store_true", help="show the sample and what became of it; run nothing")
    given = parser.parse_args()
    known, results = equivalent(), Results(given.fresh)
    drawn = sample([mutant for mutant in all_mutants() if given.only in mutant.path], given.number, given.seed)
    if given.list:
        for mutant in drawn:
            print(f"{results.outcome(mutant) or '-':8} {described(mutant)}")
    else:
        waiting = [m for m in drawn if results.outcome(m) in (None, SURVIVED, UNTESTED) and m.id not in known]
        try_all(sorted(waiting, key=lambda m: results.outcome(m) is not None), results, given.jobs)
    sys.exit(report(drawn, results, known))


def report(drawn: list[Mutant], results: Results, known: set[str]) -> int:
    """Print the numbers and the survivors; return the exit status."""
    outcomes = Counter("equivalent" if mutant.id in known else results.outcome(mutant) for mutant in drawn)
    tried = sum(outcomes[name] for name in (KILLED, TIMEOUT, SURVIVED, UNTESTED))
    noticed = outcomes[KILLED] + outcomes[TIMEOUT]
    print(f"{noticed} of {tried} faults were noticed ({noticed / max(tried, 1):.0%}), {outcomes[TIMEOUT]} as endless")
    print(f"of the sample of {len(drawn)}, {outcomes['equivalent']} change nothing that matters")
    print(f"{outcomes[None]} were not tried")
    survivors = [m for m in drawn if results.outcome(m) in (SURVIVED, UNTESTED) and m.id not in known]
    for mutant in survivors:
        print(f"{results.outcome(mutant)}: {described(mutant)}")
    return int(bool(survivors))


if __name__ == "__main__":
    main()
