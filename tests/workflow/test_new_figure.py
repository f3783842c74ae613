"""A figure costs a file: one that is put into the package is drawn, for each data set or for each of its spaces."""

import pytest

from tests.workflow import generate
from tests.workflow.harness import copy_workflow, snakemake

PER_DATASET = '''"""How many cells there are of each type."""

from rankstudy.cells.tables import CELL_TYPES
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import figure

FIGURE = Figure(
    title="Thrown away",
    caption="Cells of ``{dataset}``, first seed {seed}.",
    reads={"types": CELL_TYPES},
    settings=lambda plan: {"seed": plan.first_seed},
)


def draw(types, *, seed, outputs):
    with figure(2.0, outputs=outputs) as drawing:
        drawing.subplots().plot(types["n_cells"])
'''
PER_SPACE = PER_DATASET.replace(
    '    settings=lambda plan: {"seed": plan.first_seed},\n',
    '    settings=lambda plan: {"seed": plan.first_seed},\n    each=lambda plan: plan.spaces,\n',
).replace("seed, outputs):", "seed, of, outputs):")


@pytest.fixture
def workflow(tmp_path):
    return copy_workflow(tmp_path / "workflow")


@pytest.mark.parametrize(
    ("text", "files"),
    [(PER_DATASET, ["thrown_away"]), (PER_SPACE, ["thrown_away-expression", "thrown_away-rank"])],
    ids=["data set", "space"],
)
def test_it_is_drawn_and_wanted_wherever_figures_are(workflow, project, text, files):
    (workflow / "rankstudy/report/figures/thrown_away.py").write_text(text)
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
