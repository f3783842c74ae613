"""Remedies of what the job on changes of one gene refuses."""

from pathlib import Path

from rankstudy.spaces.steps import Steps
from tests.unit.changes_toys import changed
from tests.unit.curve_toys import study
from tests.unit.lattice_toys import FIRST, encoding


class Change:
    """An encoding of a small study, by steps that are not its own."""

    def __init__(self):
        self.of, self.tried = study(Path.cwd()), 0
        self.steps = Steps(kept="order", first=FIRST + 1, ties="chance")

    def run(self):
        self.tried += 1
        mine = encoding("tests.unit.lattice_toys:cut", self.steps or Steps(), "file")
        changed(self.of, str(self.tried), encodings={"mine": mine if self.steps else mine | {"steps": None}})


def correct(change, said):
    change.steps = Steps(kept="order", first=FIRST, ties="chance")


def leave_them_out(change, said):
    change.steps = None


MEETS = [
    (
        Change,
        {
            "measures.changes.movements: correct `steps` where it is declared": correct,
            "measures.changes.movements: leave `steps` out there": leave_them_out,
        },
    ),
]
