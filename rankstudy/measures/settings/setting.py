"""The settings of a pair of encodings: all combinations of a measure, centring, panel and depth."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from rankstudy.pairs.likeness.measures import Measure


class Setting(NamedTuple):
    """How one looks at two encodings."""

    measure: Measure
    panel: str
    depth: str


class Scored(NamedTuple):
    """What a number is of: an encoding in a setting, by a statistic."""

    space: str
    setting: Setting
    statistic: str


def claimed(order: bool) -> tuple[Measure, ...]:
    """Return the measures by which a difference is claimed: of a pair with an order, correlation alone."""
    metrics = ("correlation",) if order else ("correlation", "cosine")
    return tuple(Measure(metric, centred) for metric in metrics for centred in (False, True))


def shown(order: bool) -> tuple[Measure, ...]:
    """Return the measures that are shown beside these."""
    return (Measure("cosine"), Measure("euclidean")) if order else (Measure("euclidean"),)


def settings_of(order: bool, panels: Sequence[str], depths: Sequence[str]) -> list[Setting]:
    """Return the settings of a pair, those that carry a claim first; `order` is whether one of the two is an order."""
    return [Setting(*parts) for parts in product((*claimed(order), *shown(order)), panels, depths)]
