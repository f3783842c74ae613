"""`make verify`: the key numbers of the default study beside those that are locked in `tests/locked_numbers.yaml`.

    PYTHONPATH=. .venv-test/bin/python -m tools.verify [--write] [RUN]

RUN is the folder that holds `results`, by default this one. What moved by more than its tolerance, or is not there, is
printed with its address, in the grammar of the numbers of the article (`rankstudy.report.article.numbers`), and the
exit status is 1. `--write` takes the numbers of the run in place of the locked ones; tolerances and reasons stay.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import yaml

from rankstudy.core.errors import StudyError
from rankstudy.core.files import atomic
from rankstudy.report.article.numbers import Numbers

LOCKED = Path(__file__).resolve().parents[1] / "tests" / "locked_numbers.yaml"
_FUNCTION = re.compile(r"(\w+)\((\w+)\)")
Value = bool | int | float | str


@dataclass(frozen=True, kw_only=True)
class Locked:
    """A number that later changes of the code keep, or name.

    Attributes
    ----------
    file, column, where
        The table, by its path in a run; the column, or a function of one (`median(tied_selected)`); and what the row
        must have in other columns, None where it must be empty.
    value
        The number, or the word; None where none is written yet.
    tolerance
        The most that a number may differ from it.
    why
        Why it matters, and what the tolerance is for.
    name
        What `docs/questions.md` calls it; empty where it does not stand there.
    """

    file: str
    column: str
    where: Mapping[str, Value | None] = field(default_factory=dict)
    value: Value | None = None
    tolerance: float = 0.0
    why: str
    name: str = ""

    def address(self, numbers: Numbers) -> str:
        """Return where it stands, as the article writes it."""
        return numbers.title(self.file, self.column, self.where)

    def found(self, numbers: Numbers) -> Value | None:
        """Return the value of a run, None where there is none."""
        try:
            if of := _FUNCTION.fullmatch(self.column):
                return numbers.derived(of[1], "", self.file, of[2], **self.where).raw
            return numbers.value("", self.file, self.column, **self.where).raw
        except (StudyError, OSError):
            return None

    def holds(self, found: Value | None) -> bool:
        """Tell whether a value is the locked one, within the tolerance."""
        if isinstance(self.value, int | float) and isinstance(found, int | float):
            return abs(found - self.value) <= self.tolerance
        return found is not None and found == self.value


def read(path: str | os.PathLike) -> list[Locked]:
    """Return the locked numbers of a file."""
    return [Locked(**entry) for entry in yaml.safe_load(Path(path).read_text(encoding="utf-8"))]


def write(locked: Sequence[Locked], path: str | os.PathLike) -> None:
    """Write locked numbers, under the remarks at the head of the file."""
    head = [line for line in Path(path).read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    known = [{key: value for key, value in asdict(each).items() if key != "name" or value} for each in locked]
    entries = [yaml.safe_dump([each], sort_keys=False, default_flow_style=None, width=100) for each in known]
    with atomic(path) as temporary:
        temporary.write_text("\n".join([*head, "", *entries]), encoding="utf-8")


def moved_text(moved: Sequence[tuple[str, Locked, Value | None]]) -> str:
    """Return the table of what moved: where it stands, what was locked, what was found, and the tolerance."""
    rows = [("locked", "found", "tolerance", "address")]
    rows += [(_text(each.value), _text(found), _text(each.tolerance), where) for where, each, found in moved]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:3]]
    return "\n".join("  ".join((*map(str.rjust, row[:3], widths), row[3])) for row in rows)


def _text(value: Value | None) -> str:
    return "none" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def main(line: Sequence[str] | None = None, path: str | os.PathLike = LOCKED) -> int:
    """Compare, print what moved, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make verify", description="Compare the key numbers with the locked ones.")
    parser.add_argument("--write", action="store_true", help="lock the numbers of this run")
    parser.add_argument("run", nargs="?", default=".", help="folder that holds `results` (default: this one)")
    options = parser.parse_args(line)
    locked = read(path)
    numbers = Numbers({"": {each.file: Path(options.run, each.file) for each in locked}})
    found = [(each, each.found(numbers)) for each in locked]
    moved = [(each.address(numbers), each, value) for each, value in found if not each.holds(value)]
    print(f"{len(locked) - len(moved)} of {len(locked)} numbers are as locked")
    if moved:
        print(moved_text(moved))
    if not options.write:
        return int(bool(moved))
    write([each if value is None else replace(each, value=value) for each, value in found], path)
    return int(any(value is None for _, value in found))


if __name__ == "__main__":
    sys.exit(main())
