"""Answers to what users of rank-based models ask (`docs/questions.md`), with the locked numbers of the default study.

The text stands in `questions.md.in`; `{{name}}` stands for the locked number of that name
(`tests/locked_numbers.yaml`), `{{name:.1%}}` for it in a format of Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import fill

import yaml

from rankstudy.core.errors import StudyError, listing
from rankstudy.run.workflow import FOLDER

LOCKED = FOLDER / "tests" / "locked_numbers.yaml"
_TEXT = Path(__file__).resolve().parent / "questions.md.in"
_PLACE = re.compile(r"\{\{([\w-]+)(?::([^}]*))?\}\}")
_PLAIN = ".3f"
_WIDTH = 120
# what begins a line of its own
_KEPT = re.compile(r" (?=\*But:|\*Where:|`snakemake)")


def page() -> str:
    """Return the page, its numbers looked up, in lines of the usual width."""
    return wrapped(filled(_TEXT.read_text(encoding="utf-8"), named_numbers()))


def wrapped(text: str) -> str:
    """Return a text whose paragraphs are broken anew: numbers are narrower than their names."""
    return "\n\n".join(block if block.startswith("#") else _broken(block) for block in text.split("\n\n")) + "\n"


def _broken(block: str) -> str:
    parts = _KEPT.split(" ".join(block.split()))
    return "\n".join(fill(part, _WIDTH, break_on_hyphens=False, break_long_words=False) for part in parts)


def named_numbers() -> dict[str, float]:
    """Return the locked numbers that have a name, by their names."""
    entries = yaml.safe_load(LOCKED.read_text(encoding="utf-8"))
    return {entry["name"]: entry["value"] for entry in entries if "name" in entry}


def filled(text: str, numbers: Mapping[str, float]) -> str:
    """Return a text with a number in the place of each name.

    Raises
    ------
    StudyError
        If there is no number of a name.
    """

    def number(place: re.Match) -> str:
        name, written = place[1], place[2] or _PLAIN
        if name not in numbers:
            raise StudyError(f"{_TEXT.name}: no locked number has the name {name!r}; there are {listing(numbers, 30)}")
        return format(numbers[name], written).replace("-", "\N{MINUS SIGN}")

    return _PLACE.sub(number, text)


def names_in(text: str) -> set[str]:
    """Return the names of the numbers that a text asks for."""
    return {place[1] for place in _PLACE.finditer(text)}
