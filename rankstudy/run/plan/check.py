"""The forecast beside what Snakemake measured, job by job: the files below `results/benchmarks/`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rankstudy.core.errors import StudyError, advise
from rankstudy.run.plan.forecast import Forecast
from rankstudy.run.plan.jobs import Job
from rankstudy.run.plan.work import kind

BENCHMARKS = "results/benchmarks"
WITHIN = 1.5
# when Snakemake looks at a job: every half second for 15 seconds, then every 30
_OFTEN, _OFTEN_UNTIL, _RARELY = 0.5, 15.0, 30.0


class Comparison(NamedTuple):
    """Forecast and measured core-seconds of the jobs of one rule (or kind of job) that were measured."""

    jobs: int
    forecast: float
    measured: float


def read_benchmark(path: Path) -> float:
    """Return the seconds of a core that a job took, by its benchmark file of Snakemake.

    Its `cpu_time` is that of the last time that Snakemake looked, which for long jobs lies up to half a minute before
    the end; the seconds after it count as the ones before. A job that ended before the first look counts as busy.
    """
    with open(path, newline="", encoding="utf-8") as file:
        row = list(csv.DictReader(file, delimiter="\t"))[-1]
    wall = float(row["s"])
    looked = _last_look(wall)
    cpu = 0.0 if row["cpu_time"] in ("NA", "-", "") else float(row["cpu_time"])
    return cpu * wall / looked if cpu and looked else wall


def _last_look(wall: float) -> float:
    if wall <= _OFTEN_UNTIL:
        return wall // _OFTEN * _OFTEN
    return _OFTEN_UNTIL + (wall - _OFTEN_UNTIL) // _RARELY * _RARELY


def measured_jobs(jobs: Iterable[Job], folder: Path) -> list[tuple[Job, float]]:
    """Return the jobs that have a benchmark file in the folder of a run, with what it says."""
    return [(job, read_benchmark(folder / job.benchmark)) for job in jobs if (folder / job.benchmark).exists()]


def compare(forecast: Forecast, folder: Path = Path()) -> dict[str, Comparison]:
    """Return forecast and measurement per kind of job.

    Raises
    ------
    StudyError
        If no job of the study was measured.
    """
    pairs = measured_jobs(forecast.plan.jobs, folder)
    if not pairs:
        problem = f"{folder / BENCHMARKS}: holds no measurement of a job of this study"
        raise StudyError(advise(problem, "run it first", "name the folder that it ran in (`--directory`)"))
    found: dict[str, Comparison] = {}
    for job, seconds in pairs:
        before = found.get(kind(job, forecast.sizes), Comparison(0, 0.0, 0.0))
        expected = before.forecast + forecast.core_seconds([job]).value
        found[kind(job, forecast.sizes)] = Comparison(before.jobs + 1, expected, before.measured + seconds)
    return found


def ratio(found: dict[str, Comparison]) -> float:
    """Return all forecast core-seconds over all measured ones."""
    return sum(c.forecast for c in found.values()) / max(sum(c.measured for c in found.values()), 1e-9)
