"""The one exception that means: the input or the configuration is wrong, and the message says what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class StudyError(Exception):
    """An error of the input, to be shown to the user as it is, without a traceback."""


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the closest known name, or an empty string."""
    match = difflib.get_close_matches(str(found), [str(k) for k in known], n=1, cutoff=0.6)
    return f" (did you mean {match[0]!r}?)" if match else ""


def listing(values: Iterable[object], most: int = 10) -> str:
    """Return at most `most` values as text for a message, and how many were left off."""
    values = [str(v) for v in values]
    shown = ", ".join(values[:most])
    return shown + (f", ... ({len(values) - most} more)" if len(values) > most else "")
