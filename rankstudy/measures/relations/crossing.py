"""Where the precision of relations first reaches a target, and what other curves are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TARGETS = (0.5, 0.9, 0.95)


@dataclass(frozen=True)
class Crossing:
    """Where precision first reaches a target, on each of several curves over C cutoffs, the least strict first.

    Attributes
    ----------
    before, at
        (...), the last cutoff that is not precise enough and the first one that is; both 0 where the first one is, both
        -1 where none is.
    part
        (...), which part of the way between them it is reached at; 0 where they are the same.
    """

    before: np.ndarray
    at: np.ndarray
    part: np.ndarray

    @classmethod
    def of(cls, own: np.ndarray, every: np.ndarray, target: float) -> Crossing:
        """Return where own over all relations, both (..., C), is the target."""
        precision = precision_of(own, every)
        enough = precision >= target
        at = np.where(enough.any(axis=-1), enough.argmax(axis=-1), -1)
        before = np.where(at > 0, at - 1, at)
        short, over = (_at(own - target * every, place) for place in (before, at))
        part = np.divide(short, short - over, out=np.zeros(at.shape), where=at > 0)
        return cls(before, at, part)

    @property
    def reached(self) -> np.ndarray:
        """(...), whether there is such a cutoff."""
        return self.at >= 0

    def value(self, curve: np.ndarray) -> np.ndarray:
        """Return what a curve (..., C), straight between cutoffs, is there; NaN where the target is never reached."""
        before, at = _at(curve, self.before), _at(curve, self.at)
        return np.where(self.reached, before + self.part * (at - before), np.nan)


def precision_of(own: np.ndarray, every: np.ndarray) -> np.ndarray:
    """Return the share of own type among the relations at each cutoff, 0 where there are none."""
    return np.divide(own, every, out=np.zeros(own.shape), where=every > 0)


def recall_of(own: np.ndarray, crossing: Crossing) -> np.ndarray:
    """Return the share of all pairs of one type that are relations at the crossing, NaN where there are none."""
    every_pair = own[..., 0]
    return np.divide(crossing.value(own), every_pair, out=np.full(every_pair.shape, np.nan), where=every_pair > 0)


def _at(curve: np.ndarray, place: np.ndarray) -> np.ndarray:
    return np.take_along_axis(curve, np.maximum(place, 0)[..., None], axis=-1)[..., 0]
