"""The measures of two vectors: a metric, and whether the mean cell is subtracted first."""

from __future__ import annotations

from typing import NamedTuple

from rankstudy.core.errors import StudyError, advise, listing

METRICS = ("correlation", "cosine", "euclidean")


class Measure(NamedTuple):
    """A metric, and whether the mean of all cells is subtracted from each before it is taken."""

    metric: str
    centred: bool = False

    @property
    def similarity(self) -> bool:
        """Whether a larger value means more alike."""
        return self.metric != "euclidean"

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the largest value that there can be."""
        return (-1.0, 1.0) if self.similarity else (0.0, float("inf"))

    def require(self, name: str) -> None:
        """Raise StudyError unless the space of this name can have the measure."""
        if self.metric not in METRICS:
            raise StudyError(f"space {name}: metric {self.metric!r} is none of {listing(METRICS)}")
        if self.centred and not self.similarity:
            problem = f"space {name}: Euclidean distances do not depend on the mean cell, which is to be subtracted"
            raise StudyError(advise(problem, "leave out `centred`", "choose the metric `cosine` or `correlation`"))


MEASURES = (
    *(Measure(metric, centred) for metric in ("correlation", "cosine") for centred in (False, True)),
    Measure("euclidean"),
)
