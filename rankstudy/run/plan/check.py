"""The forecast beside what Snakemake measured, job by job: the files below `results/benchmarks/`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rankstudy.core.errors import StudyError, advise
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.job import Job

BENCHMARKS = Path("results/benchmarks")
WITHIN = 1.5
# when Snakemake looks at a job: every half second for 15 seconds, then every 30
_OFTEN, _OFTEN_UNTIL, _RARELY = 0.5, 15.0, 30.0


class Measured(NamedTuple):
    """What one job took: seconds from start to end, seconds of a core, and the largest memory in MB."""

    wall_seconds: float
    core_seconds: float
    peak_mb: float | None


class Comparison(NamedTuple):
    """Forecast and measured core-seconds of the jobs of one rule (or kind of job) that were measured."""

    jobs: int
    forecast: float
    measured: float


def read_benchmark(path: Path) -> Measured:
    """Read a benchmark file of Snakemake.

    Its `cpu_time` is that of the last time that Snakemake looked, which for long jobs lies up to half a minute before
    the end; the seconds after it count as the ones before. A job that ended before the first look counts as busy.
    """
    with open(path, newline="", encoding="utf-8") as file:
        row = list(csv.DictReader(file, delimiter="\t"))[-1]
    wall = float(row["s"])
    looked = _last_look(wall)
    cpu, peak = _number(row["cpu_time"]), _number(row["max_rss"])
    return Measured(wall, wall if not cpu or not looked else cpu * wall / looked, peak)


def _last_look(wall: float) -> float:
    if wall <= _OFTEN_UNTIL:
        return wall // _OFTEN * _OFTEN
    return _OFTEN_UNTIL + (wall - _OFTEN_UNTIL) // _RARELY * _RARELY


def _number(text: str) -> float | None:
    return None if text in ("NA", "-", "") else float(text)


def measured_jobs(jobs: Iterable[Job], folder: Path = BENCHMARKS) -> list[tuple[Job, Measured]]:
    """Return the jobs that have a benchmark file, with what it says."""
    return [(job, read_benchmark(folder / job.benchmark)) for job in jobs if (folder / job.benchmark).exists()]


def compare(jobs: list[Job], costs: Costs, folder: Path = BENCHMARKS) -> dict[str, Comparison]:
    """Return forecast and measurement per kind of job.

    Raises
    ------
    StudyError
        If no job of the study was measured.
    """
    pairs = measured_jobs(jobs, folder)
    if not pairs:
        problem = f"{folder}: holds no measurement of a job of this study"
        raise StudyError(advise(problem, "run it first", "name the folder that it ran in (`--directory`)"))
    found: dict[str, Comparison] = {}
    for job, measured in pairs:
        before = found.get(job.costs_as, Comparison(0, 0.0, 0.0))
        forecast = before.forecast + costs.core_seconds(job).value
        found[job.costs_as] = Comparison(before.jobs + 1, forecast, before.measured + measured.core_seconds)
    return found


def ratio(found: dict[str, Comparison]) -> float:
    """Return all forecast core-seconds over all measured ones."""
    return sum(c.forecast for c in found.values()) / max(sum(c.measured for c in found.values()), 1e-9)
