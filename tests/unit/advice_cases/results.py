"""Remedies of what is refused of results: of files that are not of one run, by `make plan`, and in the article."""

import shlex
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from rankstudy.cells.ontology.relate import related
from rankstudy.cells.tables import TYPE_RELATIONS
from rankstudy.measures.field.geometry import measure_geometry
from rankstudy.measures.field.integration import measure_integration
from rankstudy.measures.field.one_metric import measure_metric
from rankstudy.measures.field.probes import neighbours_of
from rankstudy.measures.field.tables import MEASURED
from rankstudy.pairs.engine import compare
from rankstudy.pairs.relation_matrix import relation_matrix
from rankstudy.pairs.space_files import write_space
from rankstudy.report.article.numbers import Numbers
from rankstudy.run.plan import __main__ as plan
from tests.unit.advice_toy import calling, change
from tests.unit.config_files import load
from tests.unit.helpers import analysed_cells, space, write_analysed
from tests.unit.planned import plan_of
from tests.unit.test_forecast_report import EXPECT, write_run

SIZES = (30, 20)
VECTORS = np.random.default_rng(0).normal(size=(sum(SIZES), 4)).astype(np.float32)
PLACES = {"dataset": "toy", "output": "table.parquet", "tsv": "table.tsv"}


def spaces():
    return [space(VECTORS, SIZES, name=name) for name in ("one", "two")]


def write(of, path):
    write_space(of, path, dimensions=[f"d{i}" for i in range(4)], seed=0)


def made():
    """Make the files of the spaces that are not there, and return the paths of all."""
    paths = []
    for of in spaces():
        paths.append(f"{of.name}.h5ad")
        if not Path(paths[-1]).exists():
            write(of, paths[-1])
    return paths


def geometry(folder):
    measure_geometry({0: made()}, {0: []}, {0: ""}, counted=False, **PLACES)


def integration(folder):
    # the metrics themselves need scib-metrics, and come after what is refused
    row = {"metric": "ari", "value": 1.0, "k": None, "n_cells": sum(SIZES), "direction": "types", "reason": MEASURED}
    compare(spaces(), neighbours=5).save("pairs.h5")
    cells = write_analysed(folder / "cells.parquet", analysed_cells(spaces()[0].cells))
    with patch("rankstudy.measures.field.integration.score_space", lambda *found, seed: [row]):
        measure_integration({0: "pairs.h5"}, {0: cells}, {0: made()}, **PLACES)


def beside(other, of):
    """Return how spaces are measured, one of which is of an earlier run."""

    def make():
        write(other, "two.h5ad")
        return calling(of)()

    return make


def metric(folder, found):
    """Compute a metric that is what a file says."""
    Path("mine.py").write_text(f"def mine(space):\n    return {found}\n")
    measure_metric("mine", "mine.py:mine", {0: made()}, sizes=(), larger="types", dataset="toy", output="table.parquet")


def remove(*paths):
    """Return a remedy: files are removed; the rule that lacks them makes them again."""

    def mend(call, said):
        for path in paths:
            Path(path).unlink()

    return mend


def of_other_cells():
    other = spaces()[1]
    other.cells["cell_id"] += "x"
    return other


class ReadRelations:
    """Relations of types that are read, and made by their rule where they are not there or it is told to."""

    def __init__(self):
        self.forced = []
        relations(Path())
        file = pq.read_table("relations.parquet")
        pq.write_table(file.replace_schema_metadata({**file.schema.metadata, b"version": b"0"}), "relations.parquet")

    def run(self):
        for path in self.forced:
            Path(path).unlink()
        relations(Path())


def force(attempt, said):
    attempt.forced = shlex.split(said.split("`")[1])[1:]


def neighbours(folder, neighbours):
    neighbours_of(compare(spaces(), neighbours=neighbours), 0)


def relations(folder, path="relations.parquet", labels=("a", "b")):
    """Read the relations of types, from a table that is made where there is none."""
    if not Path(path).exists():
        TYPE_RELATIONS.write(related(labels, {}, [], None).assign(dataset="toy")[TYPE_RELATIONS.names], path)
    relation_matrix(path, labels)


def with_relations_of_other_types():
    relations(Path(), labels=("a", "c"))
    return calling(relations)()


class Check:
    """`make plan` beside a run, in this folder or in another."""

    def __init__(self):
        self.line = ["--check", "--config", "datasets=[toy]"]

    def run(self):
        load(Path.cwd(), expect=EXPECT)
        with patch("rankstudy.run.plan.forecast.plan", plan_of):
            plan.run(plan.arguments(self.line))


def run_the_study(folder):
    with patch("rankstudy.run.plan.forecast.plan", plan_of):
        write_run(folder, load(folder, expect=EXPECT), 1.0)


def name_the_folder(check, said):
    run_the_study(Path("elsewhere"))
    check.line += [said.split("`")[1], "elsewhere"]


def configured(folder, settings):
    assert plan.configuration([], settings) == {"seeds": [1]}


def counted(folder, column):
    """Count the rows of a table of a run."""
    tables = {"first": {"effect_sizes": "effect_sizes.parquet"}}
    pd.DataFrame({"median": [1.0], "n": [2]}).to_parquet("effect_sizes.parquet")
    Numbers(tables).derived("count", "first", "effect_sizes", column)


def column_that_is_said(call, said):
    call.keywords["column"] = said.rpartition(": ")[2].split(", ")[0]


MEETS = [
    (
        beside(of_other_cells(), geometry),
        {"measures.field.geometry: remove both and run again": remove("one.h5ad", "two.h5ad")},
    ),
    (
        beside(of_other_cells(), integration),
        {"measures.field.integration: remove it and run again": remove("two.h5ad")},
    ),
    (
        calling(neighbours, neighbours=0),
        {
            "measures.field.probes: compare them with `neighbours`, such as 89": lambda call, said: (
                call.keywords.update(neighbours=int(said.split()[-1]))
            )
        },
    ),
    (
        calling(metric, found="float('nan')"),
        {
            "measures.field.one_metric: return a finite number": change(found="len(space)"),
            "measures.field.one_metric: return a text that says why there is none": change(found="'too few cells'"),
        },
    ),
    (
        ReadRelations,
        {
            "core.tables: remove the file and run again": remove("relations.parquet"),
            "core.tables: run again with `--forcerun …`": force,
        },
    ),
    (
        with_relations_of_other_types,
        {"pairs.relation_matrix: remove the file and run again": remove("relations.parquet")},
    ),
    (
        Check,
        {
            "run.plan.check: run it first": lambda check, said: run_the_study(Path.cwd()),
            "run.plan.check: name the folder that it ran in (`--directory`)": name_the_folder,
        },
    ),
    (
        calling(configured, settings=["seeds"]),
        {"run.plan.__main__: write key=value": change(settings=["seeds=[1]"])},
    ),
    (calling(counted, column="medain"), {"report.article.numbers: name one of its columns: …": column_that_is_said}),
]
