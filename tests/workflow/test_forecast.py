"""The forecast has the jobs that Snakemake plans, and each job has time enough for what it has to do."""

from collections import Counter, defaultdict
from functools import cache

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.run.plan.__main__ import configuration, main
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.forecast import forecast
from rankstudy.run.plan.work import kind, work
from rankstudy.run.resources import (
    MB_PER_GB,
    READERS,
    REQUESTS,
    block_units,
    curve_units,
    gene_units,
    gigabytes,
    lattice_units,
    list_units,
    reading,
    state_units,
)
from rankstudy.spaces.registry import SPACES
from tests.workflow import generate
from tests.workflow.harness import ROOT, snakemake

# several groups of each kind, and all spaces that need no published weights
SETTINGS = {
    "spaces": [name for name, space in SPACES.items() if space.model != "geneformer"],
    "pairs": {"cells_per_block": 70, "cells_per_encoding_job": 40},
    "geneformer": {"cells_per_job": 80},
    "field_metrics": True,
}
DEFAULT, FULL = ROOT / "config" / "config.yaml", ROOT / "config" / "study.yaml"
STUDIES = {
    "default": (DEFAULT, []),
    "full": (FULL, []),
    "texts": (ROOT / "config/text.yaml", []),
    "a hundred thousand cells": (FULL, ["datasets=[mathys_cortex]", "selection={cells_per_type: 2000}"]),
    "the largest model, without a GPU": (
        DEFAULT,
        ["datasets=[baron_pancreas]", "geneformer={release: v2_316m}", "spaces=[rank, geneformer]"],
    ),
}
MOST_JOBS = 5000
# how many times what it takes a job asks for, at least and at most; a few minutes, and some per GB, are never too many
LEAST, MOST = 3, 20
FEW, SLOW_DISK = 10, 10
# rules that no study without plug-ins has
OF_PLUGINS = {"measure_metric", "collect_metrics"}
# rules whose time goes by no size that the forecast has: the network, and what no run has measured at several sizes
UNMEASURED = {"download_file", "download_package", "download_model_file", "compare_batches"}
# and what asks for its time before it is known how many cells there are
OF_CAUSES = ("find_causes", "change_genes")
UNMEASURED |= {"specify_pairs", "walk_lattice", "tell_states", *OF_CAUSES}


@pytest.fixture(scope="module")
def forecast_of(tmp_path_factory):
    """Return the forecast of a study of which nothing is downloaded yet, by its name."""

    @cache
    def of(name):
        file, settings = STUDIES[name]
        files = [str(DEFAULT), str(file)]
        with pytest.MonkeyPatch.context() as patched:
            patched.chdir(tmp_path_factory.mktemp("nothing"))
            study = load_study(configuration(files, settings), files, ROOT, demand_terms=False)
            given = ["--configfile", str(file), *(["--config", *settings] if settings else [])]
            return forecast(study, Costs.read(), given)

    return of


def inputs_gb(job, sizes):
    return sum(sizes.mb(path) or 0 for path in job.input) / MB_PER_GB


def minutes(job, sizes):
    """Return the minutes that a job on one thread asks for at its first attempt."""
    if job.rule in READERS:
        part = sizes.data[job.wildcards["dataset"]].plan.parts[job.wildcards["part"]]
        return reading(part.format).minutes.at(inputs_gb(job, sizes))
    if job.rule.startswith("download_"):
        units = gigabytes(sizes.downloads[job.output[0]])
    elif job.rule == "compare_block":
        data = sizes.data[job.wildcards["dataset"]]
        sides = data.on_sides(job.wildcards["i"], job.wildcards["j"])
        units = block_units(inputs_gb(job, sizes) * MB_PER_GB, data.cells.n_sampled, *sides, threads=1)
    elif job.rule == "specify_pairs":
        plan = sizes.data[job.wildcards["dataset"]].plan
        units = curve_units(plan.settings.cells, len(plan.curve_encodings), threads=1)
    elif job.rule == "walk_lattice":
        plan = sizes.data[job.wildcards["dataset"]].plan
        units = lattice_units(plan.settings.cells, len(plan.ledgers), threads=1)
    elif job.rule in OF_CAUSES:
        plan = sizes.data[job.wildcards["dataset"]].plan
        units = curve_units(plan.settings.cells, len(plan.cause_encodings), threads=1)
    elif job.rule == "tell_states":
        units = state_units(sizes.data[job.wildcards["dataset"]].plan)
    elif job.rule == "read_lists":
        units = list_units(sizes.data[job.wildcards["dataset"]].plan, threads=1)
    elif job.rule == "embed_genes":
        units = gene_units(sizes.data[job.wildcards["dataset"]].plan, threads=1)
    else:
        units = work(job, sizes).get("tflop", inputs_gb(job, sizes))
    return REQUESTS[job.rule].minutes.at(units)


@pytest.mark.parametrize("name", STUDIES)
def test_every_job_has_three_times_what_it_takes_and_not_much_more(forecast_of, name):
    found = forecast_of(name)
    assert len(found.plan.jobs) > 50
    for job in found.plan.jobs:
        takes, asks = found.core_seconds([job]).value / 60, minutes(job, found.sizes)
        assert asks >= LEAST * takes, (job, takes)
        # of fits, the slowest kind sets the time of all
        if job.rule not in UNMEASURED and kind(job, found.sizes) in (job.rule, "fit_space umap"):
            assert asks <= max(MOST * takes, FEW + SLOW_DISK * inputs_gb(job, found.sizes)), (job, takes)


def test_a_submission_of_small_jobs_asks_for_a_quarter_of_an_hour_at_most(forecast_of):
    """What the scheduler is asked for is the time of all jobs of a submission, and a lost step costs as much."""
    profile = yaml.safe_load((ROOT / "workflow/profiles/slurm/config.yaml").read_text())
    found, by_rule = forecast_of("default"), defaultdict(int)
    for job in found.plan.jobs:
        by_rule[job.rule] = max(by_rule[job.rule], minutes(job, found.sizes))
    by_rule |= {rule: REQUESTS[rule].minutes.at(0) for rule in OF_PLUGINS}
    assert by_rule.keys() >= profile["groups"].keys()
    for group, size in profile["group-components"].items():
        longest = max(by_rule[rule] for rule, name in profile["groups"].items() if name == group)
        assert size * longest <= 15, (group, size, longest)


def test_the_graph_of_the_full_study_has_few_enough_jobs(forecast_of):
    found = forecast_of("full")
    types = sum(len(data.cells.sampled) for data in found.sizes.data.values())
    jobs = Counter(job.rule for job in found.plan.jobs)
    assert jobs["write_shard"] == 5 * types and jobs["write_article"] == 1 and jobs["index_cells"] == 9
    assert jobs.total() < MOST_JOBS


def test_as_many_jobs_of_each_rule_as_snakemake_plans_once_the_cells_are_indexed(project, monkeypatch):
    study = generate.write_study(project, **SETTINGS)
    index = [f"results/{name}/cell_types.tsv" for name in ("marrow", "blood")]
    done = snakemake(*index, "--configfile", study, directory=project)
    assert done.ok, done.tail
    monkeypatch.chdir(project)
    files = [str(DEFAULT), str(study)]
    plan = load_study(configuration(files, []), files, ROOT)
    found = Counter(job.rule for job in forecast(plan, Costs.read(), ["--configfile", str(study)]).plan.jobs)
    assert [found.pop("scan_part"), found.pop("index_cells")] == [2, 2]
    planned = snakemake("-n", "--configfile", study, directory=project)
    assert planned.ok, planned.tail
    assert dict(found) == {rule: n for rule, n in planned.counts.items() if rule not in ("all", "total")}


def test_what_nothing_is_known_of_is_planned_as_far_as_it_goes_and_nothing_is_left_behind(project, capsys):
    study = generate.write_study(project)
    before = sorted(project.rglob("*"))
    assert main(["--directory", str(project), "--configfile", str(study)]) == 0
    said = capsys.readouterr().out
    assert "unknown, and not counted" in said and "marrow, blood" in said and "≥" in said
    assert sorted(project.rglob("*")) == before
