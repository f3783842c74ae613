"""Progress of long work, as lines of the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from tqdm import tqdm

log = logging.getLogger(__name__)

_SECONDS = 10.0


class Progress(tqdm):
    """A tqdm that writes to the log: a line every ten seconds and one at the end, none for work that takes less.

    Parameters
    ----------
    items
        What to go through, each one a unit of work; None where `update` is told of the units.
    total
        Units of work in all; None if nobody knows.
    unit
        What a unit is, in the plural: "pairs", "cells".
    initial
        Units that an earlier attempt has done; they count as done, but not for the rate.
    """

    monitor_interval = 0  # no thread that looks after it

    def __init__(self, items: Iterable | None = None, *, total: float | None, unit: str, initial: float = 0):
        done = "{n_fmt}{unit}" if total is None else "{n_fmt} of {total_fmt}{unit} ({percentage:.0f} %)"
        super().__init__(
            items,
            total=total,
            unit=f" {unit}",
            unit_scale=items is None,
            initial=initial,
            bar_format=f"{done}, {{rate_noinv_fmt}}" + ("" if total is None else ", {remaining} left"),
            file=_Lines(),
            delay=_SECONDS,
            mininterval=_SECONDS,
            miniters=0,
            smoothing=0,
            position=0,
        )


class _Lines:
    """A file of which every line is one of the log."""

    def write(self, text: str) -> None:
        if line := text.strip():  # what tqdm adds makes a terminal write over the line before
            log.info("%s", line)

    def flush(self) -> None:
        """Nothing is held back."""
