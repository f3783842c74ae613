"""Remedies of what the job of the lattice refuses."""

from pathlib import Path

import yaml

from rankstudy.spaces.steps import Steps
from tests.unit.curve_toys import study
from tests.unit.lattice_toys import ENCODINGS, FIRST, encoding, walked


class Walk:
    """The lattice of a small study with a ledger to an order, by its steps."""

    def __init__(self, first=FIRST, function="tests.unit.lattice_toys:cut"):
        folder = Path.cwd() / "lattice"
        folder.mkdir()
        self.of, self.tried = study(folder), 0
        self.function, self.first, self.ledgers, self.replicates = function, first, ["mine", "rank"], 1

    def run(self):
        self.tried += 1
        steps = Steps(kept="order", first=self.first, ties="chance")
        mine = {"mine": encoding(self.function, steps, "file")} if "mine" in self.ledgers else {}
        ledgers = [[name, "expression"] for name in self.ledgers if self.replicates]
        encodings = {name: ENCODINGS[name] for name in ("expression", "rank")} | mine
        walked(self.of, str(self.tried), encodings=encodings, ledgers=ledgers)


def correct(walk, said):
    walk.first = FIRST


def leave_it_out(walk, said):
    walk.ledgers.remove("mine")


MEETS = [
    (
        lambda: Walk(first=FIRST - 1),
        {
            "measures.lattice.walk: correct `steps` where it is declared": correct,
            "measures.lattice.walk: leave `steps` out there, and the encoding out of `lattice.ledgers`": leave_it_out,
        },
    ),
    (
        lambda: Walk(first=0, function="tests.unit.lattice_toys:nothing"),
        {
            "measures.settings.material: switch it off (`\u2026: {replicates: 0}`)": lambda walk, said: setattr(
                walk, "replicates", yaml.safe_load(said.split("`")[1])["lattice"]["replicates"]
            ),
            "measures.settings.material: leave out encodings of few genes (`\u2026`)": leave_it_out,
        },
    ),
]
