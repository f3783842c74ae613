"""A job of a study, and how much it has to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rankstudy.config import StudyPlan
from rankstudy.run.plan.amounts import product
from rankstudy.run.resources import MEMORY, reading
from rankstudy.run.runtimes import MB_PER_GB, MINUTES, gigabytes
from rankstudy.run.runtimes import reading as minutes_of_reading

SHARED = "shared"
DOWNLOAD = "download"  # what a file costs beside the time on the network, wherever it comes from


@dataclass(frozen=True)
class Job:
    """A job, and how much it has to do.

    Attributes
    ----------
    rule, owner
        Its rule, and its data set or SHARED.
    benchmark
        Where Snakemake writes its time, below `results/benchmarks/`.
    kind
        What its cost goes by: the rule, but for rules that do different things.
    work
        Units of work (`benchmarks/costs.json` has the seconds of each); None where unknown.
    reads_mb
        MB of its inputs; None where unknown.
    threads
        Threads that its work is spread over.
    format
        Format of the file of a data set that it reads, by which it asks for memory and time.
    units
        What the time that it asks for goes by (`rankstudy.run.runtimes`), where that is not the size of its inputs.
    """

    rule: str
    owner: str
    benchmark: str
    kind: str = ""
    work: Mapping[str, float | None] = field(default_factory=dict)
    reads_mb: float | None = 0.0
    threads: int = 1
    format: str | None = None
    units: float | None = None

    @property
    def costs_as(self) -> str:
        """The name of its cost."""
        return self.kind or self.rule

    @property
    def memory_mb(self) -> float:
        """MB that its rule asks for at the first attempt; without what depends on inputs of unknown size."""
        asked = MEMORY[self.rule] if self.format is None else reading(self.format)
        return asked.mb(self.reads_mb or 0.0)

    @property
    def minutes(self) -> int:
        """Minutes that its rule asks for at the first attempt; without what depends on inputs of unknown size."""
        asked = MINUTES[self.rule] if self.format is None else minutes_of_reading(self.format)
        return asked.at((self.reads_mb or 0.0) / MB_PER_GB if self.units is None else self.units)


def download(rule: str, owner: str, benchmark: str, number_of_bytes: int | None) -> Job:
    """Return the job that downloads a file of so many bytes."""
    return Job(rule, owner, benchmark, DOWNLOAD, megabytes(number_of_bytes), units=gigabytes(number_of_bytes))


def megabytes(number_of_bytes: int | None) -> dict[str, float | None]:
    """Return the work of moving so many bytes."""
    return {"mb": product(number_of_bytes, 1e-6)}


def tflop_per_cell(study: StudyPlan, published: bool) -> float:
    """Return the operations to embed a cell, in units of 10^12: at most, since a cell may have fewer tokens.

    Twice the parameters per token, as each is multiplied and added once, and for the study's own model what its
    attention does. The parameters of published weights are counted by the size of their file.
    """
    if published:
        longest = 2048 if study.release.model.version == "V1" else 4096
        return 2 * (study.release.model.files.weights.bytes / 4) * longest * 1e-12
    size = study.study.training
    per_token = 2 * (4 * size.hidden**2 + 2 * size.hidden * size.feed_forward) + 4 * size.max_length * size.hidden
    return size.layers * per_token * size.max_length * 1e-12


def training_tflop(study: StudyPlan) -> float:
    """Return the operations of the training: forwards and backwards is three times forwards."""
    training = study.study.training
    return 3 * training.cells * training.epochs * tflop_per_cell(study, published=False)
