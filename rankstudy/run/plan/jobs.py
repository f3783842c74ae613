"""Every job of a study, and how much each has to do.

Groups, blocks, parts, figures and models come from the same functions that the rules use (`rankstudy.core.cell_types`,
`rankstudy.config`); a test compares the number of jobs per rule with Snakemake's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from rankstudy.config import StudyPlan
from rankstudy.run.plan.dataset_jobs import DatasetForecast
from rankstudy.run.plan.job import Job
from rankstudy.run.plan.shared_jobs import shared_jobs


def all_jobs(study: StudyPlan, datasets: Mapping[str, DatasetForecast]) -> list[Job]:
    """Return all jobs of a study that are known."""
    of_data = chain.from_iterable(forecast.jobs() for forecast in datasets.values())
    return each_once([*of_data, *shared_jobs(study, datasets)])


def each_once(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs without repetitions: a download that several data sets need is one job of the study."""
    return list({job.benchmark: job for job in jobs}.values())
