"""The tables that `make plan` prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rankstudy.run.plan.amounts import Amount, count, duration, size, total
from rankstudy.run.plan.check import WITHIN, Comparison, ratio
from rankstudy.run.plan.forecast import SHARED, Forecast
from rankstudy.run.plan.jobs import Job
from rankstudy.run.plan.known import Cells
from rankstudy.run.plan.work import kind, memory


def forecast_text(found: Forecast, cores: int) -> str:
    """Return the forecast of a study: a row per data set, what they share, and the sum, with what it rests on."""
    rows = [["data set", "cells", "download", "disk", "jobs", "most memory of a job", "core time"]]
    owners = list(found.by_owner)
    rows += [_row(found, owner) for owner in owners]
    jobs = Amount(len(found.plan.jobs), all(map(found.is_complete, owners)))
    disk = total(map(found.disk, owners))
    time = total(map(found.time, owners))
    texts = [found.whole_download.text(size), disk.text(size), jobs.text(count), _most(found, found.plan.jobs)]
    rows.append(["total", "", *texts, time.text(duration)])
    return "\n".join([*table(rows), "", *_notes(found, time, cores)])


def rules_text(found: Forecast) -> str:
    """Return a row per kind of job: how many, core time, and the most memory that one asks for."""
    kinds: dict[str, list[Job]] = defaultdict(list)
    for job in found.plan.jobs:
        kinds[kind(job, found.sizes)].append(job)
    rows = [["job", "jobs", "core time", "most memory of a job"]]
    for name, jobs in kinds.items():
        most = max(memory(job, found.sizes) for job in jobs)
        rows.append([name, count(len(jobs)), found.core_seconds(jobs).text(duration), most.text(size)])
    return "\n".join(table(rows))


def check_text(found: dict[str, Comparison], jobs: int) -> str:
    """Return forecast and measured core-seconds per kind of job, and the ratio of their sums."""
    rows = [["job", "measured jobs", "forecast", "measured", "ratio"]]
    for name, each in sorted(found.items(), key=lambda item: -item[1].measured):
        rows.append([name, count(each.jobs), *_seconds(each.forecast, each.measured)])
    measured = sum(each.jobs for each in found.values())
    forecast, took = (sum(each[i] for each in found.values()) for i in (1, 2))
    rows.append(["total", count(measured), *_seconds(forecast, took)])
    verdict = "within" if 1 / WITHIN <= ratio(found) <= WITHIN else "NOT within"
    note = f"Seconds of one core, of the {measured} of {jobs} jobs that were measured. "
    return "\n".join([*table(rows), "", f"{note}The forecast is {verdict} a factor of {WITHIN:g} of what they took."])


def _seconds(forecast: float, measured: float) -> list[str]:
    return [f"{forecast:.1f} s", f"{measured:.1f} s", f"{forecast / max(measured, 1e-9):.2f}"]


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


def _row(found: Forecast, owner: str) -> list[str]:
    jobs = found.by_owner[owner]
    cells = "" if owner == SHARED else _cells(found.sizes.data[owner].cells, len(found.study.study.seeds))
    number = Amount(len(jobs), found.is_complete(owner)).text(count)
    amounts = [found.download(owner).text(size), found.disk(owner).text(size), number]
    return [owner, cells, *amounts, _most(found, jobs), found.time(owner).text(duration)]


def _most(found: Forecast, jobs: Sequence[Job]) -> str:
    asked, rule = max((memory(job, found.sizes), job.rule) for job in jobs)
    return f"{asked.text(size)} ({rule})"


def _cells(known: Cells, seeds: int) -> str:
    """Return how many cells all seeds draw together."""
    if known.n_sampled is None:
        return "unknown"
    number = count(known.n_sampled * seeds)
    return number if known.basis == "indexed" else f"<= {number}"


def _notes(found: Forecast, time: Amount, cores: int) -> Iterator[str]:
    study, costs, data = found.study, found.costs, found.sizes.data
    seeds, speed = len(study.study.seeds), costs.assumed["network_mb_per_second"]
    yield "What is here already counts as well. A file that several data sets need counts once in the total."
    yield (
        f"cells: drawn for {seeds} seed{'s' if seeds > 1 else ''}; `<=`: from `expect` in the data set's file, all "
        "types large enough."
    )
    yield f"Times: {costs.measured['what']}, measured {costs.measured['date']} on {costs.measured['machine']}."
    download = found.whole_download
    seconds = Amount(download.value / speed, download.complete).text(duration)
    on_cores = f"{duration(time.value / cores)} or longer"
    yield f"On {cores} cores: {on_cores}, and {seconds} for downloads, if these come at {speed:g} MB/s."
    built = found.plan.environments
    yield f"Environments to build: {', '.join(built) or 'none'}."
    unmeasured = sorted({kind(job, found.sizes) for job in found.plan.jobs} - costs.rules.keys())
    if unmeasured:
        yield f"Their time was not measured, and is not counted: {', '.join(unmeasured)}."
    unsized = list(found.sizes.downloads.values()).count(None)
    if unsized:
        files = f"{unsized} file{'s' if unsized > 1 else ''}"
        yield f"{files} to download of unknown size (no `bytes` in the configuration)."
    flagged = [name for name, each in data.items() if each.plan.genes.method == "flagged"]
    if flagged:
        yield (
            "How many genes are flagged stands in the file only; `genes.number` stands in for it: "
            f"{', '.join(flagged)}."
        )
    unknown = [name for name in study.datasets if not found.is_complete(name)]
    if unknown:
        yield (
            "Much of what follows their index is unknown, and not counted, where `expect` says neither cells nor cell "
            f"types: {', '.join(unknown)}. Set it, or run `snakemake results/<data set>/cell_types.tsv` first."
        )
    if any(model.is_downloaded for model in study.models.values()):
        yield "Published weights: extrapolated from the small model by operations; their speed was not measured."
