"""What a study will take: its jobs, and for each what it asks for, how long it takes, and what it writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rankstudy.config import StudyPlan
from rankstudy.run.plan.amounts import UNKNOWN, Amount, product, total
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.jobs import Job, Plan, plan
from rankstudy.run.plan.known import known_of
from rankstudy.run.plan.sizes import MB, Data, Sizes
from rankstudy.run.plan.work import kind, work

SHARED = "shared"


@dataclass(frozen=True)
class Forecast:
    """A study, what is known of its data, its jobs, and what such jobs cost."""

    study: StudyPlan
    sizes: Sizes
    costs: Costs
    plan: Plan

    @cached_property
    def by_owner(self) -> dict[str, list[Job]]:
        """The jobs of each data set, and those that belong to none (SHARED)."""
        found: dict[str, list[Job]] = {name: [] for name in (*self.study.datasets, SHARED)}
        for job in self.plan.jobs:
            found[self._owner(job)].append(job)
        return found

    def _owner(self, job: Job) -> str:
        named = job.wildcards.get("dataset", job.wildcards.get("folder"))
        if named in self.study.datasets:
            return named
        needing = (name for name in self.study.datasets if set(job.output) & self.sizes.of_dataset(name).keys())
        return next(needing, SHARED)

    def is_complete(self, owner: str) -> bool:
        """Whether all jobs of a data set, or those that belong to none, are known."""
        return owner == SHARED or self.sizes.data[owner].cells.sampled is not None

    def core_seconds(self, jobs: Iterable[Job]) -> Amount:
        """Return the seconds of one core that jobs take, Snakemake around them left out."""
        return total(self.costs.core_seconds(kind(job, self.sizes), work(job, self.sizes)) for job in jobs)

    def time(self, owner: str) -> Amount:
        """Return the seconds of one core of a data set, with those of Snakemake around its jobs."""
        jobs = self.by_owner[owner]
        around = Amount(len(jobs) * self.costs.snakemake["per_job"], self.is_complete(owner))
        return total([self.core_seconds(jobs), around])

    def download(self, owner: str) -> Amount:
        """Return the MB to download for a data set, what others need as well included; or what none needs alone."""
        sizes = self.sizes
        of_data = {path: size for name in self.study.datasets for path, size in sizes.of_dataset(name).items()}
        rest = {path: size for path, size in sizes.downloads.items() if path not in of_data}
        return _megabytes((rest if owner == SHARED else sizes.of_dataset(owner)).values())

    @property
    def whole_download(self) -> Amount:
        """MB to download for the study, each file once."""
        return _megabytes(self.sizes.downloads.values())

    def disk(self, owner: str) -> Amount:
        """Return the MB that the jobs of a data set write, or those that belong to none."""
        small = self.costs.bytes["shared" if owner == SHARED else "tables_and_figures"] * MB
        written = [self.sizes.mb(path) for job in self.by_owner[owner] for path in job.output]
        return total([small, *written, *([] if self.is_complete(owner) else [UNKNOWN])])


def _megabytes(sizes: Iterable[int | None]) -> Amount:
    return total(product(size, MB) for size in sizes)


def forecast(study: StudyPlan, costs: Costs, arguments: Sequence[str]) -> Forecast:
    """Return the forecast of a study, with what is known of its data in the working directory.

    Parameters
    ----------
    study
        The study.
    costs
        What jobs cost.
    arguments
        What Snakemake is told of the study's configuration; paths are absolute.

    Raises
    ------
    StudyError
        If an index lacks a cell type that the configuration names, or Snakemake cannot plan the study.
    """
    data = {name: Data(study, dataset, known_of(dataset)) for name, dataset in study.datasets.items()}
    types = {name: each.cells.types for name, each in data.items() if each.cells.sampled is not None}
    return Forecast(study, Sizes(study, data, costs.bytes), costs, plan(study, types, arguments))
