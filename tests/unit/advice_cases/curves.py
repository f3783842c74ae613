"""Remedies of what the job of specification curves refuses."""

from dataclasses import replace
from pathlib import Path

import yaml

from rankstudy.cells.shards import read_counts
from rankstudy.spaces.catalogue import BUILT_IN
from rankstudy.spaces.encodings.genes import FileGenes
from rankstudy.spaces.registry import SpaceSpec
from tests.unit.curve_toys import GENES_OF, specified, study

ABOUT = {
    name: {"function": BUILT_IN.spaces[name].function, "genes": GENES_OF[name], "order": BUILT_IN.spaces[name].order}
    for name in ("expression", "rank")
}
ABOUT["few"] = ABOUT["expression"] | {"function": f"{__name__}:of_no_gene"}


def of_no_gene(counts, totals):
    """Return vectors of an encoding that knows none of the genes."""
    return counts * 0


class Curves:
    """The curves of a small study, with an encoding beside its spaces."""

    def __init__(self):
        self.settings = {"replicates": 1, "also": ["few"]}
        self.of, self.tried = study(Path.cwd()), 0

    def run(self):
        self.tried += 1
        named = ["expression", "rank", *self.settings["also"]]
        if self.settings["replicates"]:
            genes_in = {name: {"genes": self.of.genes} for name in named}
            encodings = {name: ABOUT[name] for name in named}
            pairs = [[name, "expression"] for name in named[1:]]
            specified(self.of, str(self.tried), encodings=encodings, genes_in=genes_in, pairs=pairs)


def as_is_said(curves, said):
    curves.settings |= yaml.safe_load(said.split("`")[1])["settings"]


def leave_it_out(curves, said):
    curves.settings["also"] = []


class OfItsOwnDimensions:
    """An encoding that does not say that its vectors are not over genes."""

    def __init__(self):
        self.of = study(Path.cwd())
        self.space = SpaceSpec(title="Three genes", measure="correlation", metric="correlation", vocabulary="file")

    def run(self):
        if self.space.has_curve:
            given = FileGenes({"genes": self.of.genes}, 0)
            given.over([["g1"]], lambda cells: cells.counts[:, :3], read_counts(self.of.shards[0]), "three-genes")


def declare_them(encoding, said):
    encoding.space = replace(encoding.space, dimensions=int(said.split("`")[1].split("=")[1]))


MEETS = [
    (OfItsOwnDimensions, {"spaces.encodings.genes: say so where it is declared: `dimensions=\u2026`": declare_them}),
    (
        Curves,
        {
            "measures.settings.material: switch it off (`\u2026: {replicates: 0}`)": as_is_said,
            "measures.settings.material: leave out encodings of few genes (`\u2026`)": leave_it_out,
        },
    ),
]
