"""The minutes that jobs ask for: far enough above what they take, on small data and on the largest, and near to it."""

import json
import re
from collections import defaultdict

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.run.plan.__main__ import configuration
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.dataset_jobs import forecasts
from rankstudy.run.plan.job import Job
from rankstudy.run.plan.jobs import all_jobs
from rankstudy.run.runtimes import MINUTES, Minutes, block_units, gigabytes, model_units, reading
from tests.unit.helpers import ROOT
from tests.unit.test_forecast_jobs import READERS, RULES

COSTS = Costs.read()
PROFILE = yaml.safe_load((ROOT / "workflow/profiles/slurm/config.yaml").read_text())
# how many times what it takes a job asks for, at least and at most; a few minutes, and some per GB, are never too many
LEAST, MOST = 3, 20
FEW, SLOW_DISK = 10, 10
DEFAULT, FULL = [str(ROOT / "config/config.yaml")], [str(ROOT / f"config/{name}.yaml") for name in ("config", "study")]
STUDIES = {
    "default": (DEFAULT, []),
    "full": (FULL, []),
    "all cells of a large benchmark": (FULL, ["datasets=[luecken_immune_human]", "selection={cells_per_type: null}"]),
    "a hundred thousand cells": (FULL, ["datasets=[mathys_cortex]", "selection={cells_per_type: 2000}"]),
    "the largest model, without a GPU": (
        DEFAULT,
        ["datasets=[baron_pancreas]", "geneformer={release: v2_316m}", "spaces=[rank, geneformer]"],
    ),
}
# rules whose time goes by no size that the forecast has: the network, and what no run has measured at several sizes
UNMEASURED = {"download_file", "download_package", "download_model_file", "compare_batches"}


def jobs_of(files, settings):
    """Return the jobs of a study of which nothing is downloaded yet."""
    study = load_study(configuration(files, settings), files, ROOT, demand_terms=False, demand_files=False)
    return all_jobs(study, forecasts(study, COSTS.sizes))


@pytest.fixture(autouse=True)
def nothing_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", STUDIES)
def test_every_job_has_three_times_what_it_takes_and_not_much_more(name):
    jobs = jobs_of(*STUDIES[name])
    assert len(jobs) > 50
    for job in jobs:
        takes = COSTS.wall_seconds(job) / 60
        assert job.minutes >= LEAST * takes, (job, takes)
        # of fits, the slowest kind sets the time of all
        if job.rule not in UNMEASURED and job.costs_as in (job.rule, "fit_space umap"):
            assert job.minutes <= max(MOST * takes, FEW + SLOW_DISK * (job.reads_mb or 0) / 1000), (job, takes)


def test_a_file_of_ten_gigabytes_is_read_in_time():
    """As `benchmarks/readers.json` has it for RDS, and the default study's files for text."""
    measured = json.loads((ROOT / "benchmarks/readers.json").read_text())
    seconds = 10e9 / measured["rds_bytes"] * (measured["rds_open_seconds"] + measured["rds_read_seconds"])
    assert LEAST * 2 * seconds / 60 < reading("rds").at(10) <= 60, "every value is checked as well"
    assert reading("mtx") == reading("table") and reading("table").at(1) > 3 * reading("h5ad").at(1)


def test_a_submission_of_small_jobs_asks_for_a_quarter_of_an_hour_at_most():
    """What the scheduler is asked for is the time of all jobs of a submission, and a lost step costs as much."""
    by_rule = defaultdict(int)
    for job in jobs_of(*STUDIES["default"]):
        by_rule[job.rule] = max(by_rule[job.rule], job.minutes)
    assert by_rule.keys() >= PROFILE["groups"].keys()
    for group, size in PROFILE["group-components"].items():
        longest = max(by_rule[rule] for rule, name in PROFILE["groups"].items() if name == group)
        assert size * longest <= 15, (group, size, longest)


def test_each_rule_states_its_time_once():
    assert set(MINUTES) == set(RULES) - READERS
    own = {"train_model": "training", "embed_shards": "embedding", "compare_block": "block"}
    own |= {rule: "download(" for rule in RULES if rule.startswith("download_")} | dict.fromkeys(READERS, "reading")
    for name, body in RULES.items():
        stated = re.search(r"^ {8}runtime=(.*)$", body, re.MULTILINE)[1]
        assert stated.startswith(f"runtime_of_{own[name]}" if name in own else f'runtime("{name}")'), name


def test_time_grows_with_the_input_and_with_each_attempt():
    assert Minutes(5, 2).at(0) == 5 and Minutes(5, 2).at(1.1) == 8 and Minutes(5, 2).at(1.1, attempt=3) == 22
    assert gigabytes(2_000_000_000) == 2 and gigabytes(None) > 10


def test_a_block_goes_by_its_share_of_the_pairs_and_a_model_by_its_device():
    assert block_units(2000, 10_000, 5000, 4000, threads=2) == pytest.approx(2 * 0.5 * 4 / 2)
    assert model_units(40, threads=4) == 10 and model_units(40, threads=4, device="cuda") == 2
    assert Job("train_model", "shared", "", units=100).minutes > Job("train_model", "shared", "", units=1).minutes
