"""The one exception that means: the input or the configuration is wrong, and the message says what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class StudyError(Exception):
    """An error of the input, to be shown to the user as it is, without a traceback."""


def advise(problem: str, *ways: str) -> str:
    """Return a message: what is wrong and where, then what helps.

    All that a message advises goes through here. `tests/unit/test_advice.py` finds these calls in the code; for each
    way it demands an input that meets the problem, does what the message says, and must then get through.

    Parameters
    ----------
    problem
        What is wrong: the file, the key, what was found.
    ways
        What helps, in words: each by itself is enough. Written where the message is, so that they can be found.
    """
    return f"{problem}; {', or '.join(ways)}"


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the closest known name, or an empty string."""
    match = difflib.get_close_matches(str(found), [str(k) for k in known], n=1, cutoff=0.6)
    return f" (did you mean {match[0]!r}?)" if match else ""


def listing(values: Iterable[object], most: int = 10) -> str:
    """Return at most `most` values as text for a message, and how many were left off."""
    values = [str(v) for v in values]
    shown = ", ".join(values[:most])
    return shown + (f", ... ({len(values) - most} more)" if len(values) > most else "")
