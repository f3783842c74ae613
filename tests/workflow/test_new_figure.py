"""A figure costs a file: that of docs/extending.md is drawn, for each data set or for each of its spaces."""

import re

import pytest

from tests.workflow import generate
from tests.workflow.harness import ROOT, copy_workflow, snakemake

PATH, PER_DATASET = re.search(
    r"```python\n# (rankstudy/report/figures/\w+\.py)\n(.*?)```", (ROOT / "docs/extending.md").read_text(), re.DOTALL
).groups()
PER_SPACE = PER_DATASET.replace("    settings=", "    each=lambda plan: plan.spaces,\n    settings=").replace(
    "seed, outputs):", "seed, of, outputs):"
)


@pytest.fixture
def workflow(tmp_path):
    return copy_workflow(tmp_path / "workflow")


@pytest.mark.parametrize(
    ("text", "files"),
    [(PER_DATASET, ["cells_found"]), (PER_SPACE, ["cells_found-expression", "cells_found-rank"])],
    ids=["data set", "space"],
)
def test_it_is_drawn_and_wanted_wherever_figures_are(workflow, project, text, files):
    (workflow / PATH).write_text(text)
    study = generate.write_study(project, datasets=["blood"], seeds=[3], spaces=["rank", "expression"], controls=[])
    settings = ("--configfile", study)
    for target in ("figures", "all"):
        planned = snakemake("-n", target, *settings, directory=project, workflow=workflow)
        outputs = {path for job in planned.jobs if job.rule == "draw_figure" for path in job.output}
        assert {f"results/figures/blood/{name}.svg" for name in files} <= outputs, planned.tail
    paths = [f"results/figures/blood/{name}.svg" for name in files]
    run = snakemake(*paths, *settings, directory=project, workflow=workflow)
    assert run.ok, run.tail
    assert run.counts["draw_figure"] == len(files) and "select_cells" not in run.counts, run.tail
    drawn = sorted(path.name for path in (project / "results/figures/blood").iterdir())
    assert drawn == sorted(f"{name}.{kind}" for name in files for kind in ("svg", "png"))


def test_a_figure_that_is_not_of_a_data_set_is_refused_with_those_that_are(project):
    study = generate.write_study(project, datasets=["blood"])
    run = snakemake("-n", "results/figures/blood/metrics.svg", "--configfile", study, directory=project)
    assert not run.ok
    assert "No rule to produce results/figures/blood/metrics.svg" in run.output, run.tail
