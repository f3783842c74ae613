"""Remedies of what is refused of cell types in the Cell Ontology, and of the table of donors."""

from tests.unit.advice_toy import calling, change
from tests.unit.ontology_files import ALPHA, BETA, MAST, MISSING, REPLACED, T_CELL, WITHDRAWN, owl
from tests.unit.test_donors import described
from tests.unit.test_ontology_reading import converted, wheel
from tests.unit.test_ontology_reading import described as member
from tests.unit.test_ontology_relations import run as relate

TWO_IDS = [("t", T_CELL, None), ("t", MAST, None)]
NO_ID = [("t", "T cell", None)]
WHEEL = wheel({"in/cl.owl": owl()})


def terms(**found):
    return calling(relate, types=("alpha", "beta", "t"), terms=found)


def in_column(cells):
    return calling(relate, types=("alpha", "beta", "t"), terms={}, cells=cells)


def the_term_that_is_said(call, said):
    call.keywords["terms"] = {"alpha": said.split()[1]}


def types_that_are_said(call, said):
    call.keywords["similar"] = [said.rpartition(": ")[2].split(", ")]


MEETS = [
    (
        calling(converted, name="cl.whl", content=WHEEL, member=member(owl(), "cl.owl")),
        {"cells.ontology.convert: correct `member.path` of the release": change(member=member(owl()))},
    ),
    (
        calling(converted, name="cl.whl", content=WHEEL[:-50], member=member(owl())),
        {"cells.ontology.convert: fetch it again": change(content=WHEEL)},
    ),
    (
        calling(converted, name="cl.owl", content=owl()[:-50]),
        {"cells.ontology.owl: fetch the file again": change(content=owl())},
    ),
    (terms(alpha=REPLACED), {"cells.ontology.terms: write … (…)": the_term_that_is_said}),
    (terms(alpha=WITHDRAWN), {"cells.ontology.terms: choose another term, or remove the line": change(terms={})}),
    (
        terms(alpha=MISSING),
        {
            "cells.ontology.terms: correct the id": change(terms={"alpha": ALPHA}),
            # a later release, in which the term is used
            "cells.ontology.terms: take a release that has it (`ontology.release`)": change(terms={"alpha": BETA}),
        },
    ),
    (
        in_column(TWO_IDS),
        {
            "cells.ontology.labels: say which it is under `ontology.terms`": change(terms={"t": MAST}),
            "cells.ontology.labels: take the column for `cell_type`": change(
                types=(T_CELL, MAST), cells=[(T_CELL, T_CELL, None), (MAST, MAST, None)]
            ),
        },
    ),
    (
        in_column(NO_ID),
        {
            "cells.ontology.labels: name the column of ids": change(cells=[("t", T_CELL, None)]),
            "cells.ontology.labels: say under `ontology.terms` which it is": change(terms={"t": T_CELL}),
        },
    ),
    (
        calling(relate, types=("alpha", "beta"), terms={}, similar=[["alpha", "betta"]]),
        {"cells.ontology.relate: name types that are compared: …": types_that_are_said},
    ),
    (
        calling(described, expected=4),
        {
            "cells.donors: correct `expect.donors`": change(expected=3),
            "cells.donors: give the file that was meant": change(text="subject\tsex\nd1\tF\nd2\t\nd3\tM\nd4\tM\n"),
        },
    ),
]
