"""Progress of long work as log lines: done, rate, time left."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class Progress:
    """Count units of work and log a line at most every `interval` seconds, and one at the end.

    Parameters
    ----------
    total
        Units of work in all; None if nobody knows.
    unit
        What a unit is, in the plural: "pairs", "cells".
    before
        Units that an earlier attempt has done; they count as done, but not for the rate.
    """

    def __init__(self, total: float | None, unit: str, interval: float = 10.0, before: float = 0.0):
        self.total, self.unit, self.interval, self.before = total, unit, interval, before
        self.done, self.start = before, time.monotonic()
        self.last = self.start

    def add(self, units: float) -> None:
        """Note that `units` more are done."""
        self.done += units
        if time.monotonic() - self.last >= self.interval:
            self._say()

    def close(self) -> None:
        """Log the last line."""
        self._say()

    def _say(self) -> None:
        self.last = time.monotonic()
        elapsed = max(self.last - self.start, 1e-9)
        rate = (self.done - self.before) / elapsed
        if self.total is None:
            log.info("%.4g %s, %.3g %s/s", self.done, self.unit, rate, self.unit)
            return
        left = (self.total - self.done) / rate if rate else float("inf")
        share = 100 * self.done / self.total if self.total else 100.0
        log.info(
            "%.4g of %.4g %s (%.0f %%), %.3g %s/s, %.0f s left",
            self.done,
            self.total,
            self.unit,
            share,
            rate,
            self.unit,
            left,
        )


def progress(items: Iterable[T], total: int, unit: str) -> Iterator[T]:
    """Yield the items and log how far it is; each item counts as one unit."""
    counter = Progress(total, unit)
    for item in items:
        yield item
        counter.add(1)
    counter.close()
