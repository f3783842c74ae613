"""Progress is logged now and then, and at the end of long work."""

import logging
import time

import pytest
import tqdm.std

from rankstudy.core.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """Replace the clock by one that the test sets."""
    now = [time.time()]
    monkeypatch.setattr(tqdm.std, "time", lambda: now[0])
    return now


def test_lines_come_at_most_once_per_interval_and_at_the_end(clock, caplog):
    caplog.set_level(logging.INFO)
    with Progress(total=100_000, unit="cells") as progress:
        for _ in range(100):
            clock[0] += 0.25
            progress.update(1000)
    assert caplog.messages == [
        "40.0k of 100k cells (40 %), 4.00k cells/s, 00:15 left",
        "80.0k of 100k cells (80 %), 4.00k cells/s, 00:05 left",
        "100k of 100k cells (100 %), 4.00k cells/s, 00:00 left",
    ]


def test_items_are_passed_on_in_order_and_counted(clock, caplog):
    caplog.set_level(logging.INFO)
    passed = []
    for letter in Progress("abc", total=3, unit="letters"):
        passed.append(letter)
        clock[0] += 8
    assert passed == ["a", "b", "c"]
    assert caplog.messages == [
        "2 of 3 letters (67 %),  0.12 letters/s, 00:08 left",
        "3 of 3 letters (100 %),  0.12 letters/s, 00:00 left",
    ]


def test_quick_work_and_none_at_all_leave_no_line(clock, caplog):
    caplog.set_level(logging.INFO)
    assert list(Progress([], total=0, unit="cells")) == []
    with Progress(total=5, unit="cells") as progress:
        clock[0] += 9
        progress.update(5)
    assert not caplog.messages


def test_what_an_earlier_attempt_did_counts_as_done_but_not_for_the_rate(clock, caplog):
    caplog.set_level(logging.INFO)
    progress = Progress(total=100e6, unit="bytes", initial=60e6)
    clock[0] += 10
    progress.update(20e6)
    assert caplog.messages == ["80.0M of 100M bytes (80 %), 2.00M bytes/s, 00:10 left"]


def test_without_a_total_there_is_no_time_left(clock, caplog):
    caplog.set_level(logging.INFO)
    progress = Progress(total=None, unit="bytes")
    clock[0] += 10
    progress.update(20e6)
    assert caplog.messages == ["20.0M bytes, 2.00M bytes/s"]
