"""Progress is logged now and then, and at the end."""

import logging

import pytest

from rankstudy.core import progress as module
from rankstudy.core.progress import Progress, progress


@pytest.fixture
def clock(monkeypatch):
    """Replace the clock by one that the test sets."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_lines_come_at_most_once_per_interval_and_at_the_end(clock, caplog):
    caplog.set_level(logging.INFO)
    counter = Progress(100, "cells", interval=10)
    for _ in range(100):
        clock[0] += 0.25
        counter.add(1)
    counter.close()
    lines = [r.getMessage() for r in caplog.records]
    assert lines == [
        "40 of 100 cells (40 %), 4 cells/s, 15 s left",
        "80 of 100 cells (80 %), 4 cells/s, 5 s left",
        "100 of 100 cells (100 %), 4 cells/s, 0 s left",
    ]


def test_items_are_passed_on_in_order(caplog):
    caplog.set_level(logging.INFO)
    assert list(progress("abc", 3, "letters")) == ["a", "b", "c"]
    assert "3 of 3 letters (100 %)" in caplog.text


def test_no_work_is_no_error(clock, caplog):
    caplog.set_level(logging.INFO)
    assert list(progress([], 0, "cells")) == []
    assert "0 of 0 cells (100 %)" in caplog.text
    Progress(5, "cells").close()
    assert "0 of 5 cells (0 %)" in caplog.text


def test_what_an_earlier_attempt_did_counts_as_done_but_not_for_the_rate(clock, caplog):
    caplog.set_level(logging.INFO)
    counter = Progress(100, "MB", interval=10, before=60)
    clock[0] += 10
    counter.add(20)
    assert caplog.messages == ["80 of 100 MB (80 %), 2 MB/s, 10 s left"]


def test_without_a_total_there_is_no_time_left(clock, caplog):
    caplog.set_level(logging.INFO)
    counter = Progress(None, "MB", interval=10)
    clock[0] += 10
    counter.add(20)
    assert caplog.messages == ["20 MB, 2 MB/s"]
