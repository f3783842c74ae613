"""Answers to what users ask: every number is a locked one, and every locked number with a name is asked for."""

import re
from pathlib import Path

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.report import questions

TEXT = (Path(questions.__file__).parent / "questions.md.in").read_text()


def test_numbers_stand_in_the_places_of_their_names_in_the_format_that_is_asked_for():
    numbers = {"one-half": 0.5, "less": -0.01234, "many": 1662.21}
    assert questions.filled("{{one-half:.0%}} of {{many:,.0f}}, {{less}} or {{less:+.4f}}", numbers) == (
        "50% of 1,662, −0.012 or −0.0123"
    )


def test_a_name_that_no_locked_number_has_is_refused():
    with pytest.raises(StudyError, match="no locked number has the name 'nobody'; there are one"):
        questions.filled("{{nobody:.2f}}", {"one": 1.0})


def test_a_changed_number_changes_the_page():
    numbers = questions.named_numbers()
    changed = questions.filled(TEXT, {**numbers, "v1-removed-moves": 12.0})
    assert changed != questions.page() and "12 *other* entries" in " ".join(changed.split())


def test_names_are_those_that_the_text_asks_for_and_each_is_of_one_number():
    entries = re.findall(r"^  name: (\S+)$", questions.LOCKED.read_text(), re.MULTILINE)
    assert len(entries) == len(set(entries)) and set(entries) == questions.names_in(TEXT)


def test_no_measured_number_is_written_by_hand():
    answers = re.sub(r"\{\{.*?\}\}|^#.*$|`.*?`|\(https?:.*?\)", "", TEXT, flags=re.MULTILINE)
    # a threshold in a rule that is told is none
    assert re.findall(r"\d+\.\d+|\d+ ?%", answers) == ["1 %"]


def test_every_answer_says_where_to_look():
    answers = re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]
    assert len(answers) > 12 and all("*Where:*" in answer for answer in answers)
