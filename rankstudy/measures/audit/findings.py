"""What a check of the audit says."""

from __future__ import annotations

from typing import NamedTuple

from rankstudy.measures.audit.tables import FAILED, NOT_APPLICABLE, PASSED, REPORTED


class Finding(NamedTuple):
    """The outcome of a check: a row of the table `embedding_audit`."""

    check: str
    subject: str
    outcome: str
    value: float | None
    threshold: float | None
    note: str


def at_most(check: str, value: float, threshold: float, words: str, remedy: str) -> Finding:
    """Return that a share fails above a threshold, is reported above 0, and passes at 0."""
    outcome = FAILED if value > threshold else REPORTED if value > 0 else PASSED
    return Finding(check, "", outcome, value, threshold, f"{words}; {remedy}" if outcome == FAILED else words)


def beside_the_point(check: str, why: str) -> Finding:
    """Return that a check says nothing of this embedding."""
    return Finding(check, "", NOT_APPLICABLE, None, None, why)
