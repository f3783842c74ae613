"""What messages advise works: each way that a message names is met by an input, followed, and must lead through."""

import pkgutil
from collections import defaultdict
from importlib import import_module

import pytest

from rankstudy.core.errors import StudyError, advise
from tests.unit import advice_cases
from tests.unit.advice_sites import unstructured, ways

WAYS = ways()
# what is to be wrong, and what to do of it, by `module: advice`
CASES = defaultdict(list)
for found in pkgutil.iter_modules(advice_cases.__path__):
    for spoilt, remedies in import_module(f"{advice_cases.__name__}.{found.name}").MEETS:
        for advice, mend in remedies.items():
            CASES[advice].append((spoilt, mend))


def refused(spoilt):
    """Return an attempt that fails, and the message."""
    attempt = spoilt()
    with pytest.raises(StudyError) as error:
        attempt.run()
    return attempt, str(error.value)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_who_does_what_a_message_says_gets_through(way, tmp_path, monkeypatch):
    assert CASES[str(way)] != [], f"no case in tests/unit/advice_cases tries what this message advises: {way}"
    monkeypatch.chdir(tmp_path)
    met = [(*refused(spoilt), mend) for spoilt, mend in CASES[str(way)]]
    meant = [(attempt, mend, said) for attempt, message, mend in met if (said := way.said_in(message))]
    assert meant, f"no case meets {way.problem!r}: {[message for _, message, _ in met]}"
    for attempt, mend, said in meant:
        mend(attempt, said)
        attempt.run()


def test_every_case_is_of_a_message_that_there_is():
    assert {advice for advice, cases in CASES.items() if cases} <= {str(way) for way in WAYS}


def test_all_that_messages_advise_is_in_the_list():
    assert unstructured() == []


def test_a_message_tells_what_is_wrong_and_each_way_out():
    assert advise("x is wrong", "do a", "do b") == "x is wrong; do a, or do b"
