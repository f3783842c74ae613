"""The tables that `make plan` prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rankstudy.config import StudyPlan
from rankstudy.run.plan import sizes
from rankstudy.run.plan.amounts import UNKNOWN, Amount, count, duration, size, total
from rankstudy.run.plan.check import WITHIN, Comparison, ratio
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.dataset_jobs import DatasetForecast, forecasts
from rankstudy.run.plan.graph import makespan
from rankstudy.run.plan.job import SHARED, Job
from rankstudy.run.plan.jobs import all_jobs, each_once
from rankstudy.run.plan.shared_jobs import shared_jobs


class Machines(NamedTuple):
    """Where the study may run: so many cores of one machine, or so many jobs at a time on a cluster."""

    cores: int
    jobs: int


class Share(NamedTuple):
    """A data set, what all share, or the whole study."""

    name: str
    cells: str
    download: Amount
    disk: Amount
    jobs: list[Job]
    complete: bool


def forecast_text(study: StudyPlan, costs: Costs, machines: Machines) -> str:
    """Return the forecast of a study: a row per data set, what they share, and the sum, with what it rests on."""
    data = forecasts(study, costs.sizes)
    shares = list(_shares(study, data, costs))
    whole = Share(
        "total",
        "",
        total([*(share.download for share in shares), -sizes.downloaded_once(study)]),
        total([*(share.disk for share in shares), -sizes.downloaded_once(study)]),
        each_once(job for share in shares for job in share.jobs),
        all(share.complete for share in shares),
    )
    rows = [["data set", "cells", "download", "disk", "jobs", "most memory of a job", "core time"]]
    rows[0] += [f"on {machines.cores} cores", f"{machines.jobs} jobs"]
    for share in shares[:-1]:
        # a data set alone needs what all share as well
        alone = share._replace(jobs=[*share.jobs, *shares[-1].jobs])
        rows.append(_row(share, costs) + _wall_times(alone, costs, machines))
    rows.append(_row(shares[-1], costs) + ["", ""])
    rows.append(_row(whole, costs) + _wall_times(whole, costs, machines))
    return "\n".join([*table(rows), "", *_notes(study, data, costs)])


def rules_text(study: StudyPlan, costs: Costs) -> str:
    """Return a row per kind of job: how many, core time, the longest one, memory asked for and memory measured."""
    data = forecasts(study, costs.sizes)
    kinds: dict[str, list[Job]] = defaultdict(list)
    for job in all_jobs(study, data):
        kinds[job.costs_as].append(job)
    rows = [["job", "jobs", "core time", "longest", "memory asked for", "memory measured"]]
    for kind, jobs in kinds.items():
        times = [costs.core_seconds(job) for job in jobs]
        peak = costs.rules.get(kind, {}).get("peak_mb")
        longest = max(times, key=lambda time: time.value)
        memory = size(max(job.memory_mb for job in jobs))
        measured = "not measured" if peak is None else size(peak)
        rows.append([kind, count(len(jobs)), total(times).text(duration), longest.text(duration), memory, measured])
    return "\n".join(table(rows))


def check_text(found: dict[str, Comparison], jobs: int) -> str:
    """Return forecast and measured core-seconds per kind of job, and the ratio of their sums."""
    rows = [["job", "measured jobs", "forecast", "measured", "ratio"]]
    for kind, each in sorted(found.items(), key=lambda item: -item[1].measured):
        quotient = f"{each.forecast / max(each.measured, 1e-9):.2f}"
        rows.append([kind, count(each.jobs), f"{each.forecast:.1f} s", f"{each.measured:.1f} s", quotient])
    measured = sum(each.jobs for each in found.values())
    forecast, took = (sum(each[i] for each in found.values()) for i in (1, 2))
    rows.append(["total", count(measured), f"{forecast:.1f} s", f"{took:.1f} s", f"{ratio(found):.2f}"])
    verdict = "within" if 1 / WITHIN <= ratio(found) <= WITHIN else "NOT within"
    return "\n".join(
        [
            *table(rows),
            "",
            f"Seconds of one core, of the {measured} of {jobs} jobs that were measured. The forecast is {verdict} a factor of "
            f"{WITHIN:g} of what they took.",
        ]
    )


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = "-" * len(lines[0])
    return [lines[0].rstrip(), rule, *(line.rstrip() for line in lines[1:])]


def _shares(study: StudyPlan, data: dict[str, DatasetForecast], costs: Costs) -> Iterator[Share]:
    for name, each in data.items():
        known = each.cells.drawn is not None
        yield Share(name, _cells(each), sizes.download(each), costs.sizes.disk(each), list(each.jobs()), known)
    downloads = sizes.shared_download(study)
    disk = total([downloads, costs.bytes["shared"] * sizes.MB])
    yield Share(SHARED, "", downloads, disk, list(shared_jobs(study, data)), True)


def _row(share: Share, costs: Costs) -> list[str]:
    work = _core_time(share, costs)
    most = max(share.jobs, key=lambda job: job.memory_mb)
    guessed = not share.complete or most.reads_mb is None
    memory = f"{Amount(most.memory_mb, not guessed).text(size)} ({most.costs_as})"
    jobs = Amount(len(share.jobs), share.complete).text(count)
    texts = [share.download.text(size), share.disk.text(size), jobs, memory, work.text(duration)]
    return [share.name, share.cells, *texts]


def _core_time(share: Share, costs: Costs) -> Amount:
    snakemake = len(share.jobs) * costs.snakemake["per_job"]
    return total([*map(costs.core_seconds, share.jobs), snakemake, *([] if share.complete else [UNKNOWN])])


def _wall_times(share: Share, costs: Costs, machines: Machines) -> list[str]:
    """Return the time on a machine of its own, and on a cluster that never lets a job wait."""
    complete = _core_time(share, costs).complete
    own, start = costs.snakemake["per_job"], costs.snakemake["start"]
    cluster_start = costs.assumed["seconds_to_start_a_cluster_job"]
    here = makespan(
        share.jobs,
        lambda job: own + costs.wall_seconds(job),
        machines.cores,
        slots=lambda job: min(job.threads, machines.cores),
    )
    there = makespan(share.jobs, lambda job: cluster_start + costs.wall_seconds(job), machines.jobs)
    return [Amount(start + time, complete).text(duration) for time in (here, there)]


def _cells(data: DatasetForecast) -> str:
    """Return how many cells all seeds draw together."""
    known = data.cells
    if known.n_drawn is None:
        return "unknown"
    number = count(known.n_drawn * len(data.study.study.seeds))
    return number if known.basis == "indexed" else f"<= {number}"


def _notes(study: StudyPlan, data: dict[str, DatasetForecast], costs: Costs) -> Iterator[str]:
    seeds = len(study.study.seeds)
    yield "Times of a data set: as if it were alone, with what all data sets share. A file that several need counts once in the total."
    yield f"cells: drawn for {seeds} seed{'s' if seeds > 1 else ''}; `<=`: from `expect` in the data set's file, all types large enough."
    yield f"Times: {costs.measured['what']}, measured {costs.measured['date']} on {costs.measured['machine']}."
    yield (
        f"Assumed: downloads at {costs.assumed['network_mb_per_second']:g} MB/s, "
        f"{costs.assumed['seconds_to_start_a_cluster_job']:g} s for a cluster to start a job, each job a submission, no waiting in the queue."
    )
    unsized = sizes.of_unknown_size(study)
    if unsized:
        yield f"{unsized} file{'s' if unsized > 1 else ''} to download of unknown size (no `bytes` in the configuration)."
    flagged = [name for name, each in data.items() if each.plan.genes.method == "flagged"]
    if flagged:
        yield f"How many genes are flagged stands in the file only; `genes.number` stands in for it: {', '.join(flagged)}."
    unknown = [name for name, each in data.items() if each.cells.drawn is None]
    if unknown:
        yield (
            "What follows their index is unknown, and not counted, where `expect` says neither cells nor cell types: "
            f"{', '.join(unknown)}. Set it, or run `snakemake results/<data set>/cell_types.tsv` first."
        )
    if "published" in study.models:
        yield "Published weights: extrapolated from the small model by operations; their speed was not measured."
