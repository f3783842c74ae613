"""The forecast counts the jobs that Snakemake plans, and knows which rule waits for which."""

import re
from collections import Counter

from rankstudy.config import load_study
from rankstudy.run.plan.__main__ import configuration
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.dataset_jobs import forecasts
from rankstudy.run.plan.graph import AFTER
from rankstudy.run.plan.jobs import all_jobs
from rankstudy.spaces.registry import SPACES
from tests.workflow import generate
from tests.workflow.harness import ROOT, snakemake

# several groups of each kind, and all spaces that need no published weights
SETTINGS = {
    "spaces": [name for name, space in SPACES.items() if space.model != "published"],
    "pairs": {"cells_per_block": 70, "cells_per_encoding_job": 40},
    "geneformer": {"cells_per_job": 80},
    "field_metrics": True,
}
INDEXED = {"scan_part", "index_cells"}


def forecast(study, project, monkeypatch):
    monkeypatch.chdir(project)
    files = [str(ROOT / "config/config.yaml"), str(study)]
    plan = load_study(configuration(files, []), files, ROOT)
    return Counter(job.rule for job in all_jobs(plan, forecasts(plan, Costs.read().sizes)))


def test_as_many_jobs_of_each_rule_and_the_same_graph_once_the_cells_are_indexed(project, monkeypatch):
    study = generate.write_study(project, **SETTINGS)
    index = [f"results/{name}/cell_types.tsv" for name in ("marrow", "blood")]
    done = snakemake(*index, "--configfile", study, directory=project)
    assert done.ok, done.tail
    found = forecast(study, project, monkeypatch)
    assert {rule: found.pop(rule) for rule in INDEXED} == {"scan_part": 2, "index_cells": 2}

    planned = snakemake("-n", "--configfile", study, directory=project)
    assert planned.ok, planned.tail
    assert dict(found) == {rule: n for rule, n in planned.counts.items() if rule not in ("all", "total")}

    graph = snakemake("-n", "--rulegraph", "--configfile", study, directory=project)
    assert graph.ok, graph.tail
    names = dict(re.findall(r'(\d+)\[label = "(\w+)"', graph.output))
    # what is done already stands in the graph as well
    edges = {(names[a], names[b]) for a, b in re.findall(r"(\d+) -> (\d+)", graph.output)}
    edges = {edge for edge in edges if set(edge) <= set(found)}
    edges.discard(("fit_space", "fit_space"))  # a fit on a fit is one stage
    expected = {(a, b) for b, rules in AFTER.items() for a in rules if {a, b} <= set(found)}
    # the wheel is that of the dictionaries here: the cells lie on this machine
    assert edges <= expected and {before for before, _ in expected - edges} <= {"download_package"}
