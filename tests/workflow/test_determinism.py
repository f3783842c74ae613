"""The same study made elsewhere, after being killed, or cut into other pieces: the same numbers."""

import random
import signal
import time

import pytest

from tests.workflow import generate
from tests.workflow.harness import assert_same_tables, contents, interrupt, leftovers, snakemake

TARGETS = ("tables", "figures")
# rule to kill, and its first log
KILLED = {
    "index_cells": "logs/blood/index_cells.log",
    "encode_shards": "logs/blood/3/encode_shards/rank/0.log",
    "compare_block": "logs/blood/5/compare_block/0-0.log",
}
STOPPED = "logs/blood/collect_tables.log"


@pytest.fixture(scope="session")
def resumed(tmp_path_factory, data):
    """Return a folder in which the study of one data set was killed at three rules and stopped once, then finished."""
    folder = generate.new_project(tmp_path_factory.mktemp("resumed") / "project", data)
    study = generate.write_study(folder, datasets=["blood"])
    line = (*TARGETS, "--configfile", study)
    delays = random.Random(0)
    for name, log in KILLED.items():
        killed = interrupt(*line, directory=folder, when=appears(folder / log, delays.random()), how=signal.SIGKILL)
        assert killed.returncode == -signal.SIGKILL, f"{name}: {killed.tail}"
        locked = snakemake(*line, directory=folder)
        assert not locked.ok and "--unlock" in locked.output, f"{name}: {locked.tail}"
        unlocked = snakemake("--unlock", "--configfile", study, directory=folder)
        assert unlocked.ok, f"{name}: {unlocked.tail}"
    stopped = interrupt(*line, directory=folder, when=appears(folder / STOPPED, 0.3), how=signal.SIGTERM)
    assert stopped.returncode != 0, stopped.tail
    finished = snakemake(*line, directory=folder)
    assert finished.ok, finished.tail
    return folder


def appears(path, delay):
    """Return a function that tells whether the file has been there for so many seconds."""
    seen = []

    def asked():
        if path.exists() and not seen:
            seen.append(time.monotonic())
        return bool(seen) and time.monotonic() - seen[0] >= delay

    return asked


@pytest.mark.long
def test_a_killed_run_ends_with_the_same_tables_as_an_undisturbed_one(full, resumed):
    assert_same_tables(resumed / "results/blood/tables", full.results / "blood/tables")


@pytest.mark.long
@pytest.mark.parametrize("folder", ["blood/tables", "figures/blood"])
def test_the_same_seeds_in_two_directories_give_the_same_bytes(full, resumed, folder):
    found, wanted = contents(resumed / "results" / folder), contents(full.results / folder)
    assert sorted(found) == sorted(wanted)
    assert [name for name in wanted if found[name] != wanted[name]] == []


@pytest.mark.long
def test_a_killed_run_leaves_no_temporary_file(resumed):
    assert leftovers(resumed / "results") == []


@pytest.mark.long
def test_threads_and_sizes_of_blocks_and_jobs_change_no_result(full, project):
    cut = {**generate.PAIRS, "cells_per_block": 40, "cells_per_encoding_job": 30, "threads": 1}
    study = generate.write_study(project, datasets=["blood"], seeds=[3], pairs=cut)
    run = snakemake("tables", "--configfile", study, directory=project)
    assert run.ok, run.tail
    blocks = {path.stem for path in (project / "results/blood/3/blocks").iterdir()}
    assert len(blocks) > len(list((full.results / "blood/3/blocks").iterdir()))
    # vectors of zeros and ones have many equally near cells: which of them are neighbours is a matter of the last bits
    same = {"rtol": 1e-5, "atol": 1e-5, "seeds": [3], "without": ["detection", "one-hot", "one-hot-batch"]}
    assert_same_tables(project / "results/blood/tables", full.results / "blood/tables", **same)
