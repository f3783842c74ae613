"""What a job costs: seconds to start, and seconds per unit of work, as measured (`make measure-costs`)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankstudy.run.plan.amounts import UNKNOWN, Amount, product, total
from rankstudy.run.plan.job import Job
from rankstudy.run.plan.sizes import Sizes

COSTS = Path(__file__).resolve().parents[3] / "benchmarks" / "costs.json"


@dataclass(frozen=True)
class Costs:
    """The content of `benchmarks/costs.json`.

    Attributes
    ----------
    measured
        When, on which machine, from which runs.
    assumed
        What nobody measured: MB per second of the network, seconds that a cluster takes to start a job.
    snakemake
        Seconds of Snakemake itself: `start`, and `per_job`.
    rules
        Per rule (or kind of job): core-seconds at its `start` and per unit of work, and `peak_mb`, the largest memory.
    bytes
        Bytes of what the rules write, per unit (`rankstudy.run.plan.sizes`).
    """

    measured: Mapping[str, Any]
    assumed: Mapping[str, float]
    snakemake: Mapping[str, float]
    rules: Mapping[str, Mapping[str, float]]
    bytes: Mapping[str, float]

    @classmethod
    def read(cls, path: str | os.PathLike = COSTS) -> Costs:
        """Read the constants."""
        return cls(**json.loads(Path(path).read_text(encoding="utf-8")))

    @property
    def sizes(self) -> Sizes:
        """The bytes that the rules write."""
        return Sizes(self.bytes)

    def core_seconds(self, job: Job) -> Amount:
        """Return the seconds of one core that a job takes, Snakemake around it left out."""
        cost = self.rules.get(job.costs_as)
        if cost is None:
            return UNKNOWN
        per_unit = [product(amount, cost[unit]) for unit, amount in job.work.items() if cost.get(unit)]
        return total([cost["start"], *per_unit])

    def wall_seconds(self, job: Job) -> float:
        """Return the seconds from the job's start to its end where it has its threads to itself."""
        seconds = self.core_seconds(job).value / job.threads
        if job.rule.startswith("download_"):
            seconds += (job.work.get("mb") or 0.0) / self.assumed["network_mb_per_second"]
        return seconds
