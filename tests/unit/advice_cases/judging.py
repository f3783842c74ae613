"""Remedies of what is refused of second opinions and of states."""

import pandas as pd

from rankstudy.cells.tables import DONORS
from rankstudy.measures.judge.judge import judge
from rankstudy.measures.states.cells import _of_donors, require_states_within_batches
from rankstudy.run.judge import arguments, configuration
from tests.unit.advice_toy import Toy, calling, change, use
from tests.unit.test_judge import FEW, cells_with_embeddings

APART = pd.DataFrame(
    [("x", "d1", "ill"), ("x", "d2", "ill"), ("y", "d3", "well"), ("y", "d4", "ill")],
    columns=["batch", "donor", "state"],
)


def judged(folder, **asked):
    """Judge embeddings of a few cells."""
    adata = cells_with_embeddings()
    adata.layers["half"] = adata.X * 0.5
    judge(adata, batch="batch", **{**FEW, "cell_type": "cell_type", "obsm": ["X_good"], "counts": "none", **asked})


def of_embedding(call, said):
    call.keywords["measures"] = {said.rpartition(": ")[2].split(", ")[0]: "cosine"}


def twins_of_what_is_there(call, said):
    one, other = said.rpartition(": ")[2].split(", ")[:2]
    call.keywords["twins"] = {"X_good": (one, other)}


def command(folder, line):
    """Read the command line of `make judge`, beside a file of cells."""
    (folder / "cells.h5ad").touch()
    (folder / "mine.csv").touch()
    configuration(arguments(line.split()))


def asked(line):
    return calling(command, line=f"{line} --cell-type kind")


def line(words):
    return change(line=f"{words} --cell-type kind")


def of_donors(folder, name):
    """Read a property of donors."""
    table = pd.DataFrame([("toy", "d1", "ill", "yes", 3)], columns=["dataset", "donor", "property", "value", "n_cells"])
    DONORS.write(table[DONORS.names], folder / "donors.parquet")
    return _of_donors(folder / "donors.parquet", name)


def the_property_that_is_said(call, said):
    call.keywords["name"] = said.removeprefix("name one of ").split(", ")[0]


def within_batches(folder, cells):
    """Look whether batches tell states."""
    if cells is not None:
        require_states_within_batches(cells)


STATES = {"condition": "lane"}


MEETS = [
    (
        calling(judged, obsm=[]),
        {
            "measures.judge.given: name entries of `obsm`": change(obsm=["X_deep"]),
            "measures.judge.given: name files": lambda call, said: call.keywords.update(files=written()),
        },
    ),
    (
        calling(judged, counts="layers/half"),
        {
            "measures.judge.given: name another matrix": change(counts="X"),
            "measures.judge.given: judge without counts (`none`)": change(counts="none"),
        },
    ),
    (
        calling(judged, min_cells=100),
        {
            "measures.judge.spaces: name another column of labels": change(cell_type="half", min_cells=70),
            "measures.judge.spaces: lower `min_cells`": change(min_cells=5),
        },
    ),
    (
        calling(judged, measures={"X_bad": "cosine"}),
        {"measures.judge.spaces: name those that are judged: …": of_embedding},
    ),
    (
        calling(judged, obsm=["X_good", "X_deep"], twins={"X_good": ("X_bad", "X_bad")}),
        {"measures.judge.spaces: name those that are judged: …": twins_of_what_is_there},
    ),
    (asked("cell.h5ad --obsm X"), {"run.judge: write where the file lies": line("cells.h5ad --obsm X")}),
    (
        asked("cells.h5ad"),
        {
            "run.judge: name entries of obsm (`--obsm X_scGPT`)": line("cells.h5ad --obsm X_scGPT"),
            "run.judge: files (`--embedding NAME=FILE`)": line("cells.h5ad --embedding mine=mine.csv"),
        },
    ),
    (
        asked("cells.h5ad --obsm X --measure X=angle"),
        {"run.judge: write correlation, cosine or euclidean": line("cells.h5ad --obsm X --measure X=cosine")},
    ),
    (
        asked("cells.h5ad --embedding mine.csv"),
        {"run.judge: write NAME=VALUE": line("cells.h5ad --embedding mine=mine.csv")},
    ),
    (
        lambda: Toy(states={**STATES, "unit": "donor"}).loading(),
        {"config.dataset_model: give `…`, that column of the cells": use(donor="lane")},
    ),
    (
        lambda: Toy(states={"condition": {"donors": "ill"}, "unit": "batch"}).loading(),
        {
            "config.dataset_model: give `donors`": use(
                donor="lane",
                donors={"source": {"local_file": "donors.csv"}, "key": "lane"},
                states={"condition": {"donors": "ill"}},
            ),
            "config.dataset_model: name a column of the cells": use(states={**STATES, "unit": "batch"}),
        },
    ),
    (calling(of_donors, name="il"), {"measures.states.cells: name one of …": the_property_that_is_said}),
    (
        calling(within_batches, cells=APART),
        {
            "measures.states.cells: leave `states` out of this data set": change(cells=None),
            "measures.states.cells: say whose batches these are, if each is of one donor (`donor`)": change(
                cells=APART.assign(donor=APART["batch"])
            ),
        },
    ),
]


def written():
    """Return files of embeddings by name, one, written into the working folder."""
    adata = cells_with_embeddings()
    pd.DataFrame(adata.obsm["X_good"], index=adata.obs_names).to_csv("mine.csv")
    return {"mine": "mine.csv"}
