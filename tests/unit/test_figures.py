"""Figures as the workflow sees them: what they declare, without the packages that draw, and the code of each."""

import inspect
import re
import subprocess
import sys
from importlib import import_module
from types import SimpleNamespace

import pytest

from rankstudy.core.tables import Table
from rankstudy.measures.field.metrics import METRICS
from rankstudy.report import figure
from rankstudy.report.figure import Figure
from rankstudy.run.digest import modules_used
from tests.unit.helpers import ROOT

FIGURES = figure.modules()
PLAN = SimpleNamespace(
    joint=[("a", "b")],
    first_seed=3,
    first_reference="expression",
    main_space="rank",
    metrics=METRICS,
    relates_types=True,
    models=["trained-here"],
)
every_figure = pytest.mark.parametrize("name", FIGURES)


def declared(name):
    return import_module(FIGURES[name]).FIGURE


def test_declarations_are_read_without_the_packages_that_draw():
    code = "import sys; from rankstudy.report import figure; figure.modules(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "rankstudy.report.figures.outliers" in found.split()
    assert not {"numpy", "pandas", "pyarrow", "matplotlib", "scipy", "h5py"} & set(found.split())


@every_figure
def test_what_is_declared_is_what_is_drawn(name):
    (settings,) = declared(name).drawings(PLAN).values()
    taken = inspect.signature(import_module(FIGURES[name]).draw).parameters
    assert set(taken) == {*declared(name).reads, *settings, "outputs"}


@every_figure
def test_paths_and_caption_are_complete(name):
    drawing = figure.Drawing(FIGURES[name], declared(name).of(PLAN), declared(name).settings(PLAN))
    files = drawing.files("toy", 3).values()
    assert all(re.fullmatch(r"results/(toy|models)/[\w/-]+\.(parquet|json)", path) for path in files)
    assert not re.search("[<>{}]", drawing.caption("toy"))
    assert ("``toy``" in drawing.caption("toy")) == (declared(name).level == "dataset")


@every_figure
def test_a_figure_depends_on_few_modules_and_on_no_other_figure(name):
    used = modules_used("rankstudy.report.figure", "rankstudy.run.job", FIGURES[name])
    assert used & set(FIGURES.values()) == {FIGURES[name]}
    assert len(used) <= 15 and not any(module.startswith("rankstudy.sources.") for module in used), sorted(used)


def test_a_figure_may_be_one_of_several():
    one = Figure(
        title="T",
        caption="{dataset} {of}",
        reads={"a": Table("a", "", (), (), location="results/<dataset>/tables/a.parquet, .tsv")},
        settings=lambda plan: {"seed": plan.first_seed},
        each=lambda plan: ["rank", "a-b"],
        when=lambda plan: plan.joint,
    )
    assert one.drawings(PLAN) == {"-rank": {"seed": 3, "of": "rank"}, "-a-b": {"seed": 3, "of": "a-b"}}
    assert one.drawings(SimpleNamespace(joint=[])) == {}
    drawing = figure.Drawing("m", one, one.drawings(PLAN)["-rank"])
    assert drawing.files("toy", 3) == {"a": "results/toy/tables/a.parquet"} and drawing.caption("toy") == "toy rank"
