"""How long a download waits, how often it tries, and when it gives up."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rankstudy.sources.download.answers import Refused, TryAgain

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long a download waits and how often it tries; seconds."""

    connect: float = 30.0
    """For a connection."""
    read: float = 60.0
    """For the next bytes: a server that sends none for so long has stalled."""
    attempts: int = 6
    """Failed attempts in a row, per address; one that brought the file on by `progress_bytes` starts the count anew."""
    progress_bytes: int = 1 << 20
    """How much further than ever before an attempt must have come to count as progress."""
    first_delay: float = 2.0
    """Wait after the first failure; it doubles from failure to failure, with jitter."""
    longest_delay: float = 300.0
    """Longest wait, also when the server asks for more (`Retry-After`)."""

    def delay(self, failures: int, asked: float | None) -> float:
        """Return how long to wait after so many failures in a row, of which the last came with a wish of the server."""
        if asked is not None:
            return min(asked, self.longest_delay)
        return min(self.first_delay * 2 ** (failures - 1), self.longest_delay) * random.uniform(0.5, 1.0)


DEFAULT = Patience()


def persist(attempt: Callable[[], T], what: str, patience: Patience, reached: Callable[[], int] = lambda: 0) -> T:
    """Return what `attempt` returns, as soon as it does not raise TryAgain.

    Parameters
    ----------
    attempt
        Called until it succeeds.
    what
        What is asked, for the log.
    patience
        Waits and number of attempts.
    reached
        How far the attempts have come, in bytes: those that bring it on are not counted.

    Raises
    ------
    Refused
        If the attempt raises it, or after too many that failed.
    """
    failures, furthest = 0, reached()
    while True:
        try:
            return attempt()
        except TryAgain as reason:
            if reached() >= furthest + patience.progress_bytes:
                failures = 0
            failures, furthest = failures + 1, max(furthest, reached())
            if failures >= patience.attempts:
                raise Refused(f"{reason}; {failures} attempts") from None
            delay = patience.delay(failures, reason.wait)
            log.warning("%s %s; next attempt in %.0f s", what, reason, delay)
            time.sleep(delay)
