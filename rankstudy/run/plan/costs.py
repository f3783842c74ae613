"""What a job costs: seconds to start, and seconds per unit of work, as measured (`make measure-costs`)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankstudy.run.plan.amounts import UNKNOWN, Amount, product, total
from rankstudy.run.plan.work import Work
from rankstudy.run.workflow import FOLDER

COSTS = FOLDER / "benchmarks" / "costs.json"


@dataclass(frozen=True)
class Costs:
    """The content of `benchmarks/costs.json`.

    Attributes
    ----------
    measured
        When, on which machine, from which runs.
    assumed
        What nobody measured: MB per second of the network.
    snakemake
        Seconds of Snakemake itself, per job.
    rules
        Per kind of job (`rankstudy.run.plan.work`): core-seconds at its `start` and per unit of work.
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

    def core_seconds(self, kind: str, work: Work) -> Amount:
        """Return the seconds of one core that a job takes, Snakemake around it left out."""
        cost = self.rules.get(kind)
        if cost is None:
            return UNKNOWN
        per_unit = [product(amount, cost[unit]) for unit, amount in work.items() if unit in cost]
        return total([cost["start"], *per_unit])
