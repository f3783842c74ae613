"""What happens around every rule's script: log, isolation, threads, provenance and a readable end.

Nothing heavy is imported here: this runs before the environment's own packages are.
"""

from __future__ import annotations

import logging
import os
import platform
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rankstudy.core.errors import StudyError

ROOT = Path(__file__).resolve().parents[2]
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
# BLAS and OpenMP take turns on the same cores: one that spins while it waits takes them from the other
_WAIT_ASLEEP = {"OPENBLAS_THREAD_TIMEOUT": "4", "OMP_WAIT_POLICY": "passive"}

log = logging.getLogger("rankstudy")


@contextmanager
def start(snakemake) -> Iterator[None]:
    """Run the body of a rule's script.

    Everything that the process and its children print goes to the rule's log, at the level of file descriptors; only
    the reason of a failure is printed to the console as well. Packages of the environment that runs Snakemake are
    taken off `sys.path` (Snakemake appends them), so that a package missing from the rule's environment is an error.

    Parameters
    ----------
    snakemake
        The object that Snakemake gives to a script.
    """
    console = _redirect_to(snakemake.log[0])
    # Snakemake ends jobs with this signal: leave through the `finally` clauses, so that no temporary file stays
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    _isolate()
    limit_threads(snakemake.threads)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    log.info("rule %s %s", snakemake.rule, dict(snakemake.wildcards.items()))
    log.info("python %s in %s, %d threads", platform.python_version(), sys.prefix, snakemake.threads)
    begin = time.monotonic()
    try:
        yield
    except BaseException as error:  # noqa: BLE001 - whatever ends the script is reported
        _report(error, snakemake, console)
        sys.exit(1)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    log.info("done in %.1f s, peak memory %.0f MB", time.monotonic() - begin, peak / 1024)


def _redirect_to(path: str) -> int:
    """Send descriptors 1 and 2 to the log file and return a copy of the old 2."""
    sys.stdout.flush()
    sys.stderr.flush()
    console = os.dup(2)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for descriptor in (1, 2):
        os.dup2(target, descriptor)
    os.close(target)
    return console


def _isolate() -> None:
    """Keep on sys.path only the job's own environment and the project's root, where this package lies."""
    prefix, base = Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()

    def belongs(entry: str) -> bool:
        path = Path(entry).resolve()
        standard_library = path.is_relative_to(base) and not {"site-packages", "dist-packages"} & set(path.parts)
        return path == ROOT or path.is_relative_to(prefix) or standard_library

    sys.path[:] = [entry for entry in sys.path if belongs(entry)]


def limit_threads(threads: int) -> None:
    """Let BLAS, OpenMP and numba use so many threads; to be called before any of them is loaded."""
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, str(threads)), **_WAIT_ASLEEP)


def _report(error: BaseException, snakemake, console: int) -> None:
    """Write the traceback to the log, and to the console one line for wrong input, the last line for a bug."""
    if isinstance(error, StudyError):
        log.error("%s", error)
        text = str(error)
    else:
        log.error("%s", "".join(traceback.format_exception(error)))
        text = f"{type(error).__name__}: {error} (traceback in {snakemake.log[0]})"
    where = ", ".join(f"{k}={v}" for k, v in snakemake.wildcards.items())
    os.write(console, f"\nerror in {snakemake.rule}{f' ({where})' if where else ''}: {text}\n".encode())
