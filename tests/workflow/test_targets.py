"""What can be asked for, beside the whole study: targets, single files, dry runs, other files of settings."""

import re

import pytest

from tests.workflow import generate
from tests.workflow.harness import DRIVER, ROOT, execute, snakemake


def test_bare_dry_run_in_the_checkout():
    run = execute([DRIVER / "snakemake", "-n"], cwd=ROOT)
    assert run.ok, run.tail


def test_the_default_study_can_be_planned_from_an_empty_folder(tmp_path):
    run = snakemake("-n", directory=tmp_path)
    assert run.ok, run.tail
    assert run.counts["index_cells"] == 2 and run.counts["download_package"] == 3 and run.counts["all"] == 1
    assert not [path for path in tmp_path.iterdir() if path.name != ".snakemake"]


def test_the_published_weights_can_be_planned_with_the_settings_that_the_documentation_shows(tmp_path):
    page = (ROOT / "docs" / "models.md").read_text()
    settings = re.search(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL).group(1)
    (tmp_path / "published.yaml").write_text(settings)
    run = snakemake("-n", "--configfile", tmp_path / "published.yaml", directory=tmp_path)
    assert run.ok, run.tail
    # the weights follow, once the cells are indexed
    asked = {name for job in run.jobs if job.rule == "download_model_file" for name in job.output}
    assert any(name.endswith("token_dictionary_gc30M.pkl") for name in asked) and len(asked) == 8, run.tail


@pytest.mark.parametrize(
    ("target", "needed", "not_needed"),
    [
        ("shards", {"index_cells"}, {"evaluate", "draw_figure"}),
        ("tables", {"evaluate", "collect_tables"}, {"draw_figure"}),
        ("figures", {"evaluate", "draw_figure"}, set()),
        ("results/figures/blood/encoding.svg", {"draw_figure", "describe_example"}, {"evaluate", "fit_space"}),
    ],
)
def test_target_plans_what_it_needs(project, target, needed, not_needed):
    study = generate.write_study(project)
    run = snakemake("-n", target, "--configfile", study, directory=project)
    assert run.ok, run.tail
    assert needed <= set(run.counts) and not not_needed & set(run.counts), run.tail


@pytest.mark.parametrize(("replicates", "jobs"), [(0, 0), (1, 1), (5, 2)])
def test_as_many_replicates_as_are_asked_for_have_specification_curves(project, replicates, jobs):
    study = generate.write_study(project, datasets=["blood"], settings={"also": [], "replicates": replicates})
    run = snakemake("-n", "tables", "--configfile", study, directory=project)
    assert run.ok, run.tail
    assert run.counts.get("specify_pairs", 0) == jobs and run.counts.get("collect_settings", 0) == min(jobs, 1)


def test_settings_of_the_command_line_win(project):
    study = generate.write_study(project)
    line = ("-n", "tables", "--configfile", study, "--config", "datasets=[blood]", "seeds=[9]")
    run = snakemake(*line, directory=project)
    assert run.ok, run.tail
    assert run.counts["index_cells"] == 1
    wildcards = {text for job in run.jobs for text in job.wildcards}
    assert {text for text in wildcards if text.startswith(("seed=", "dataset="))} == {"seed=9", "dataset=blood"}


def test_one_figure_of_one_data_set_is_made_and_nothing_else(project):
    # the cheapest figure: it needs no pairs of cells
    study = generate.write_study(project, seeds=[3], spaces=["rank"])
    run = snakemake("results/figures/blood/encoding.svg", "--configfile", study, directory=project)
    assert run.ok, run.tail
    assert {path.name for path in (project / "results/figures/blood").iterdir()} == {"encoding.svg", "encoding.png"}
    assert not (project / "results/marrow").exists()
