"""A change in a module of the package reruns the rules that use it and those that follow; a touch reruns nothing."""

import os
import shutil

import pytest

from rankstudy.report.figure import OF_STUDY
from tests.workflow.harness import copy_workflow, snakemake
from tests.workflow.smk import RULES, TARGETS

ASKED = ("tables", "figures")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Return a copy of the workflow, as a user who changes its code has one."""
    return copy_workflow(tmp_path_factory.mktemp("copy") / "workflow")


@pytest.fixture
def workflow(original, tmp_path):
    """Return a copy that one test may change."""
    return shutil.copytree(original, tmp_path / "workflow")


def plan(workflow, full):
    """Return what a dry run in the finished study would do now.

    Tables and figures only: the article names the commit and the command, which are others for a copy.
    """
    run = snakemake("-n", *ASKED, "--configfile", full.study, directory=full.folder, workflow=workflow)
    assert run.ok, run.tail
    return run


def expected(full, module):
    """Return the rules that must rerun when a module changes: those that say they use it, and all that follow them."""
    jobs = [job for job in full.run.jobs if job.rule not in {"write_article", *TARGETS}]
    maker = {path: job.rule for job in jobs for path in job.output}
    edges = {(maker[path], job.rule) for job in jobs for path in job.input if path in maker}
    found = {job.rule for job in jobs if module in RULES[job.rule].modules}
    while more := {after for before, after in edges if before in found} - found:
        found |= more
    return found


def append_comment(workflow, module):
    path = workflow / (module.replace(".", "/") + ".py")
    path.write_text(path.read_text() + "\n# a remark\n")


def test_a_copy_of_the_workflow_has_nothing_to_do(full, workflow):
    run = plan(workflow, full)
    assert run.nothing_to_do, run.tail


def test_a_touched_module_reruns_nothing(full, workflow):
    for path in (workflow / "rankstudy").rglob("*.py"):
        os.utime(path)
    run = plan(workflow, full)
    assert run.nothing_to_do, run.tail


@pytest.mark.parametrize(
    ("module", "reruns", "stays"),
    [
        (
            "rankstudy.measures.sparsity",
            {"measure_sparsity", "describe_example", "collect_tables", "draw_figure"},
            {
                "index_cells",
                "select_cells",
                "extract_cells",
                "write_shard",
                "encode_shards",
                "compare_block",
                "evaluate",
            },
        ),
        (
            "rankstudy.report.figures.outliers",
            {"draw_figure"},
            {"evaluate", "collect_tables"},
        ),
        (
            "rankstudy.spaces.fits",
            {"fit_space", "compare_block", "merge_blocks", "evaluate"},
            {"select_cells", "select_genes", "encode_shards", "gather_space", "measure_sparsity"},
        ),
    ],
)
def test_a_changed_module_reruns_exactly_the_rules_that_use_it_and_what_follows(full, workflow, module, reruns, stays):
    append_comment(workflow, module)
    run = plan(workflow, full)
    assert reruns <= set(run.counts) and not stays & set(run.counts), run.tail
    assert set(run.counts) - set(TARGETS) == expected(full, module), run.tail


def test_a_changed_model_reruns_nothing_in_a_study_without_it(full, workflow):
    for path in (workflow / "rankstudy/spaces/models").rglob("*.py"):
        append_comment(workflow, ".".join(path.relative_to(workflow).with_suffix("").parts))
    run = plan(workflow, full)
    assert run.nothing_to_do, run.tail


@pytest.mark.parametrize(
    ("module", "figures"), [("outliers", ["outliers"]), ("matrix", ["type_matrix", "type_relations"])]
)
def test_a_changed_figure_is_drawn_again_and_no_other(full, workflow, module, figures):
    append_comment(workflow, f"rankstudy.report.figures.{module}")
    run = plan(workflow, full)
    drawn = sorted(path for job in run.jobs for path in job.output if path.endswith(".svg"))
    datasets = [path.name for path in (full.results / "figures").iterdir() if path.name != OF_STUDY]
    assert drawn == sorted(f"results/figures/{name}/{figure}.svg" for name in datasets for figure in figures), run.tail


def test_a_changed_encoding_reruns_its_own_jobs_only(full, workflow):
    append_comment(workflow, "rankstudy.spaces.encodings.rank")
    run = plan(workflow, full)
    encoded = [job.wildcards for job in run.jobs if job.rule == "encode_shards"]
    assert len(encoded) == 4 and all("encoding=rank" in wildcards for wildcards in encoded), run.tail
    # the control whose vectors are those ranks follows, and no other fit
    fitted = [job.wildcards for job in run.jobs if job.rule == "fit_space"]
    assert len(fitted) == 4 and all("fitted=shuffled" in wildcards for wildcards in fitted), run.tail
    assert "make_control" not in run.counts and "compare_block" in run.counts, run.tail
