"""Figures as the workflow sees them: what they declare, without the packages that draw, and the code of each."""

import inspect
import re
import subprocess
import sys
from importlib import import_module
from types import SimpleNamespace

import pytest

from rankstudy.config.settings_model import Settings
from rankstudy.core.tables import Table
from rankstudy.measures.field.metrics import METRICS
from rankstudy.report import figure
from rankstudy.report.figure import Figure
from rankstudy.run.digest import modules_used
from tests.unit.helpers import ROOT

FIGURES = figure.modules()
DATASET = SimpleNamespace(
    joint=[("a", "b")],
    first_seed=3,
    first_reference="expression",
    references=["expression"],
    main_space="rank",
    metrics=METRICS,
    relates_types=True,
    model=SimpleNamespace(title="A toy"),
    spaces=["rank", "expression"],
    curves=[("rank", "expression")],
    ledgers=[("rank", "expression")],
    orders_by_medians=["rank"],
    cause_encodings=["rank", "expression"],
    cause_pairs=[("rank", "expression")],
    settings=Settings(),
    catalogue=SimpleNamespace(
        spaces={
            "expression": SimpleNamespace(role="baseline", title="Expression", text=None),
            "rank": SimpleNamespace(role="encoding", title="Ranks", text="list", varies=None),
        }
    ),
)
STUDY = SimpleNamespace(
    own_models={"trained": "trained-here"},
    datasets={"toy": DATASET, "other": DATASET},
    study=SimpleNamespace(seeds=(3, 4), settings=Settings()),
)
PLANS = {"dataset": DATASET, "study": STUDY}
MOST_MODULES = 18
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
    module = import_module(FIGURES[name])
    (settings,) = declared(name).drawings(PLANS[declared(name).level]).values()
    given = {*declared(name).reads, *settings}
    assert set(inspect.signature(module.draw).parameters) == given | {"outputs"}
    if hasattr(module, "finding"):
        assert set(inspect.signature(module.finding).parameters) == given


@every_figure
def test_paths_and_caption_are_complete(name):
    plan = PLANS[declared(name).level]
    drawing = figure.Drawing(FIGURES[name], declared(name).of(plan), declared(name).settings(plan))
    paths = [path for paths in drawing.files(["toy"], 3).values() for path in paths]
    assert all(re.fullmatch(r"results/(toy|models)/[\w/-]+\.(parquet|json)", path) for path in paths)
    assert not re.search("[<>{}]", drawing.caption("toy"))
    assert ("``toy``" in drawing.caption("toy")) == (declared(name).level == "dataset")


@every_figure
def test_a_figure_depends_on_few_modules_and_on_no_other_figure(name):
    used = modules_used("rankstudy.report.figure", "rankstudy.run.job", FIGURES[name])
    assert used & set(FIGURES.values()) == {FIGURES[name]}
    assert len(used) <= MOST_MODULES and not any(module.startswith("rankstudy.sources.") for module in used), sorted(
        used
    )


def test_a_figure_may_be_one_of_several():
    one = Figure(
        title="T",
        caption="{dataset} {of}",
        reads={"a": Table("a", "", (), (), location="results/<dataset>/tables/a.parquet, .tsv")},
        among=lambda plan: {"a": ["b", "c"]},
        settings=lambda plan: {"seed": plan.first_seed},
        each=lambda plan: ["rank", "a-b"],
        when=lambda plan: plan.joint,
    )
    assert one.drawings(DATASET) == {
        "-rank": {"seed": 3, "of": "rank"},
        "-a-b": {"seed": 3, "of": "a-b"},
    }
    assert one.drawings(SimpleNamespace(joint=[])) == {}
    drawing = figure.Drawing("m", one, one.drawings(DATASET)["-rank"])
    assert drawing.caption("toy") == "toy rank"
    assert drawing.files(["toy", "b"], 3) == {"a": [f"results/{name}/tables/a.parquet" for name in ("toy", "b")]}
    of_some = drawing._replace(among=one.among(DATASET))
    assert of_some.files(["toy", "b", "c"], 3) == {"a": [f"results/{name}/tables/a.parquet" for name in ("b", "c")]}
