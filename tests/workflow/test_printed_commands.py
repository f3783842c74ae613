"""Printed commands reproduce what they stand under, from the workflow's folder, whatever the study was given by."""

import json
import re
import shlex
import shutil

import pytest
import yaml

from tests.workflow import generate
from tests.workflow.harness import copy_workflow, dry_runs

SPOKEN = """
import json, sys
print("ABOUT " + json.dumps(about_of_run(None)), file=sys.stderr)
"""
SETTINGS = (
    "--config",
    "datasets=[blood]",
    "seeds=[5, 7]",
    "spaces=[rank]",
    "field_metrics=no",
    "selection={cell_types: ['alpha', \"NA\"]}",
)
FIGURE = "results/figures/blood/encoding.svg"


@pytest.fixture(scope="module")
def clone(tmp_path_factory, data):
    """Return a copy of the workflow with a data set of its own, that says what the article will."""
    folder = copy_workflow(tmp_path_factory.mktemp("clone") / "rank-study")
    shutil.copytree(data, folder / "data")
    generate.write_dataset(folder, "blood", **generate.blood_keys())
    generate.write_study(folder, "my study.yaml", datasets=["blood"], seeds=[3], spaces=["rank"], pairs={"joint": []})
    with (folder / "Snakefile").open("a") as file:
        file.write(SPOKEN)
    return folder


def about(run):
    """Return what the article of a run would be told."""
    assert run.ok, run.tail
    return json.loads(re.search(r"^ABOUT (.*)$", run.output, re.MULTILINE)[1])


def arguments(command):
    """Return the words of a printed command after `snakemake`, without what cannot be given twice."""
    first, *words = shlex.split(command)
    assert first == "snakemake"
    return [word for word in words if word not in ("--cores", "all")]


def elsewhere(clone):
    """Make a working directory and a file of settings that lie outside of the clone."""
    other = clone.parent / "other-run"
    shutil.copytree(clone / "data", other / "data")
    generate.write_dataset(other, "blood", **generate.blood_keys(title="Of another folder"))
    settings = clone.parent / "kept" / "mine.yaml"
    settings.parent.mkdir()
    settings.write_text(yaml.safe_dump({"controls": [], "selection": {"min_cells": 7}}))
    return other, settings


def ways(clone):
    """Return the arguments of runs, by what the study is given by."""
    other, settings = elsewhere(clone)
    return {
        "--config": SETTINGS,
        "--configfile": ("--configfile", clone / "my study.yaml"),
        "both": ("--configfile", "my study.yaml", *SETTINGS),
        "--directory": ("--directory", other, "--configfile", "my study.yaml", settings, *SETTINGS),
    }


def test_every_command_runs_the_same_study_again(clone):
    given = ways(clone)
    said = dict(zip(given, map(about, dry_runs(given.values(), cwd=clone, workflow=clone)), strict=True))
    assert {way: found["elsewhere"] for way, found in said.items() if found["elsewhere"]} == {
        "--directory": ["other-run", "mine.yaml"]
    }
    # as the article says: put it there
    (clone / "other-run").symlink_to(clone.parent / "other-run")
    shutil.copy(clone.parent / "kept" / "mine.yaml", clone)
    printed = [arguments(found["command"]) for found in said.values()]
    drawn = [[FIGURE, *shlex.split(found["options"])] for found in said.values()]
    again = dry_runs([*printed, *drawn], cwd=clone, workflow=clone)
    for run, found in zip(again, 2 * list(said.values()), strict=True):
        assert about(run) | {"elsewhere": found["elsewhere"]} == found, run.tail
    for run in again[: len(said)]:
        assert run.counts["write_article"] == 1, run.tail
    for run in again[len(said) :]:
        assert set(run.counts) > {"draw_figure"} and "write_article" not in run.counts, run.tail
    assert len({json.dumps(found["settings"]) for found in said.values()}) == len(said)
