"""The study through a real SLURM, killed in three ways on its way, ends with the results of a local run."""

import re
import signal
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace

import pytest

from tests.slurm.announced import submissions
from tests.workflow import generate
from tests.workflow.harness import ENVIRONMENTS, ROOT, contents, execute, files_below, interrupt, snakemake
from tests.workflow.smk import TARGETS

PROFILE = ROOT / "workflow" / "profiles" / "slurm"
TIMEOUT = 3600
SPACES = ["rank", "expression", "expression-pca", "expression-umap"]
# what runs when the driver and the controller are killed, and the rule that is given too little memory at first
DRIVER_DIES_IN, CONTROLLER_DIES_IN, STARVED = "encode_shards", "figures-blood", "fit_space"
OUTAGE = 5  # seconds without a controller; after 10 the plugin takes no answer for an answer, and waits for ever
COSTS = 15  # minutes that a lost step may cost: the limit of its group, by which alone it ends
LITTLE_MB = 200  # for Snakemake, and not for the rule's script beside it
SETTINGS = (
    *("--workflow-profile", PROFILE),
    *("--slurm-init-seconds-before-status-checks", 1, "--latency-wait", 30),
    *("--set-resources", f"{STARVED}:mem_mb={LITTLE_MB} * attempt ** 2", f"{STARVED}:gpu=1"),
)


def new_project(folder, data):
    """Make a working directory with a study of one data set, two seeds and no model."""
    project = generate.new_project(folder, data)
    return project, generate.write_study(project, datasets=["blood"], spaces=SPACES)


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Folder with the files of the data sets."""
    folder = tmp_path_factory.mktemp("generated")
    generate.write_data(folder)
    return folder / "data"


@pytest.fixture(scope="session")
def local(tmp_path_factory, data):
    """Return the study as this machine runs it by itself."""
    folder, study = new_project(tmp_path_factory.mktemp("local") / "project", data)
    run = snakemake("--configfile", study, directory=folder, timeout=TIMEOUT)
    assert run.ok, run.tail
    return SimpleNamespace(folder=folder, run=run)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory, data, node):
    """Return the study as SLURM ran it: its folder, both runs of the driver, and SLURM's jobs."""
    folder, study = new_project(tmp_path_factory.mktemp("cluster") / "project", data)
    line = (*SETTINGS, "--configfile", study)
    known = set(node.jobs())
    killed = interrupt(
        *line,
        directory=folder,
        when=lambda: node.runs(DRIVER_DIES_IN),
        how=signal.SIGKILL,
        timeout=TIMEOUT,
    )
    orphans = {number for number, job in node.jobs().items() if number not in known and job.state == "RUNNING"}
    name = re.search(r"SLURM run ID: (\S+)", killed.output)[1]
    # as docs/cluster.md says
    assert execute(["scancel", "--name", name], cwd=folder).ok
    locked = snakemake(*line, directory=folder)
    assert snakemake("--unlock", "--configfile", study, directory=folder).ok
    ended = Event()
    with ThreadPoolExecutor(1) as aside:
        outage = aside.submit(node.lose_a_step, CONTROLLER_DIES_IN, OUTAGE, ended)
        try:
            finished = snakemake(*line, directory=folder, timeout=TIMEOUT)
        finally:
            ended.set()
    assert finished.ok, finished.tail
    waited = outage.result(timeout=TIMEOUT)
    jobs = {number: job for number, job in node.jobs().items() if number not in known}
    runs = SimpleNamespace(killed=killed, finished=finished, locked=locked, orphans=orphans, waited=waited)
    return SimpleNamespace(folder=folder, study=study, runs=runs, jobs=jobs)


@pytest.fixture(scope="session")
def submitted(cluster):
    """Return all submissions of both runs of the driver."""
    return [one for run in (cluster.runs.killed, cluster.runs.finished) for one in submissions(run.output)]


def rules_of(run):
    """Return the rules of the jobs that a run submitted."""
    return {job.rule for one in submissions(run.output) for job in one.jobs}


def test_every_rule_ran_through_slurm(cluster, local, submitted):
    completed = {number for number, job in cluster.jobs.items() if job.state == "COMPLETED"}
    rules = {job.rule for one in submitted if one.slurm_id in completed for job in one.jobs}
    assert rules == {job.rule for job in local.run.jobs} - set(TARGETS)
    assert len(rules) > 20


def test_slurm_knew_what_each_rule_asks_for(cluster, submitted):
    unannounced = cluster.jobs.keys() - {one.slurm_id for one in submitted}
    assert all(cluster.jobs[number].state == "CANCELLED" for number in unannounced), (
        "the killed driver had no time for more"
    )
    for one in submitted:
        job = cluster.jobs[one.slurm_id]
        assert (job.memory_mb, job.minutes, job.threads) == one.needed, (one, job)
    sizes = {(job.memory_mb, job.minutes, job.threads) for job in cluster.jobs.values()}
    assert len(sizes) > 5, "the rules' own requests, not one size for all"


def test_small_jobs_share_submissions(submitted, local):
    sizes = defaultdict(int)
    for one in submitted:
        sizes[one.group] = max(sizes[one.group], len(one.jobs))
    types, seeds = 3, 2
    assert sizes["shards-blood-3"] == sizes["shards-blood-5"] == types
    assert sizes["gather-blood-rank"] == seeds
    # the one of how types are related needs no cells: it may be drawn before the driver dies
    figures = len([*(local.folder / "results/figures/blood").glob("*.svg")])
    assert figures - sizes["figures-blood"] in (0, 1)


def test_jobs_ran_in_the_environments_of_their_rules(cluster):
    logs = [name for name in files_below(cluster.folder / "logs") if not name.startswith("slurm/")]
    for name in logs:
        prefix = re.search(r"python [\d.]+ in (.+), \d+ threads", (cluster.folder / "logs" / name).read_text())[1]
        assert prefix.startswith(str(ENVIRONMENTS)), name
    assert len(logs) > 30


def test_one_line_asks_for_a_gpu(cluster, submitted):
    asked = {one.slurm_id for one in submitted if one.jobs[0].rule == STARVED}
    assert asked == {number for number, job in cluster.jobs.items() if job.gpus == 1}


def test_a_job_without_enough_memory_is_killed_and_gets_more(cluster, submitted):
    starved = [one for one in submitted if one.jobs[0].rule == STARVED]
    first = [one for one in starved if one.jobs[0].memory_mb == LITTLE_MB]
    done = [one for one in starved if cluster.jobs[one.slurm_id].state == "COMPLETED"]
    assert len(first) == len(done) == 4  # two spaces, two seeds
    assert {cluster.jobs[one.slurm_id].state for one in first} == {"FAILED"}
    assert all(one.jobs[0].memory_mb >= 4 * LITTLE_MB for one in done)
    for one in first:
        assert "exceeded memory limit" in one.log.read_text()


def test_jobs_outlive_their_driver_until_they_are_cancelled(cluster):
    assert cluster.runs.killed.returncode == -signal.SIGKILL
    assert cluster.runs.orphans
    assert {cluster.jobs[number].state for number in cluster.runs.orphans} == {"CANCELLED"}
    assert "--unlock" in cluster.runs.locked.output


def test_a_rerun_does_only_what_was_not_done(cluster):
    before, after = rules_of(cluster.runs.killed), rules_of(cluster.runs.finished)
    assert {"index_cells", "extract_cells", "write_shard"} <= before
    assert not {"index_cells", "extract_cells", "write_shard"} & after
    assert DRIVER_DIES_IN in after


def test_the_run_survives_a_killed_controller(cluster, node):
    log = node.log("slurmctld")
    assert log.count("started on cluster") == 2
    assert int(re.search(r"Recovered information about (\d+) jobs", log)[1]) > 0
    assert cluster.runs.finished.ok


def test_a_step_that_the_killed_controller_forgot_costs_minutes(cluster, submitted):
    """Its group waits for it until its limit, is submitted again with more time, and ends."""
    waited = cluster.jobs[cluster.runs.waited]
    assert waited.state == "TIMEOUT" and 1 < waited.minutes <= COSTS
    jobs = {one.slurm_id: [job.rule for job in one.jobs] for one in submitted}
    again = [
        number
        for number, rules in jobs.items()
        if number > waited.id and rules == jobs[waited.id] and CONTROLLER_DIES_IN in cluster.jobs[number].what
    ]
    assert [cluster.jobs[number].state for number in again] == ["COMPLETED"]
    assert cluster.jobs[again[0]].minutes == 2 * waited.minutes


@pytest.mark.parametrize("folder", ["blood/tables", "figures/blood"])
def test_results_are_those_of_a_local_run_byte_by_byte(cluster, local, folder):
    found, wanted = contents(cluster.folder / "results" / folder), contents(local.folder / "results" / folder)
    assert wanted and sorted(found) == sorted(wanted)
    assert [name for name in wanted if found[name] != wanted[name]] == []


def test_nothing_is_left_to_do_on_the_cluster_or_beside_it(cluster):
    for settings in ((), ("--workflow-profile", PROFILE)):
        run = snakemake("-n", *settings, "--configfile", cluster.study, directory=cluster.folder)
        assert run.nothing_to_do, run.tail


def test_slurm_listens_on_loopback_only(node):
    assert node.listeners() == {"0100007F"}


def test_a_second_slurm_is_refused(node, tmp_path):
    run = execute([ROOT / "tests/slurm/single_node.sh", "start", tmp_path], cwd=tmp_path)
    assert not run.ok and "exists" in run.output
