"""The light configuration: the least that shows something, on whatever data somebody has."""

import typing

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.config.dataset_model import Dataset
from rankstudy.report.figure import drawings
from rankstudy.run.plan.__main__ import configuration
from rankstudy.spaces.registry import SPACES
from tests.unit import every_dataset
from tests.unit.every_dataset import FILES, datasets
from tests.unit.helpers import ROOT

LIGHT = [str(ROOT / "config" / name) for name in ("config.yaml", "light.yaml")]


def light(folder, format="h5ad", **keys):
    """Return the plan of a data set of a file on this machine, with the light configuration."""
    every_dataset.write_local_files(folder)
    [toy] = datasets(format, "local_file", "source", **keys).values()
    path = folder / "config" / "datasets" / "toy.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(toy))
    return load_study(configuration(LIGHT, ["datasets=[toy]"]), LIGHT, ROOT)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_it_downloads_nothing_and_needs_no_other_environment_than_that_of_the_core(tmp_path):
    study = light(tmp_path)
    assert not (study.models or study.tokenised or study.packages or study.release_downloads or study.ontology)
    assert not study.datasets["toy"].downloads and not study.study.field_metrics and study.study.seeds == [0]
    assert "metrics" not in drawings("dataset", study.datasets["toy"])


def test_ranks_stand_beside_expression_and_every_control(tmp_path):
    study = light(tmp_path)
    controls = [name for name, space in SPACES.items() if space.role == "control"]
    assert study.datasets["toy"].spaces == ["rank", "expression", *controls]
    # by the same metric
    assert study.datasets["toy"].compared_with["expression"] == {"rank": "expression"}
    assert "joint_distribution" in drawings("dataset", study.datasets["toy"])


@pytest.mark.parametrize("format", FILES)
@pytest.mark.parametrize("values", typing.get_args(Dataset.model_fields["values"].annotation))
def test_any_file_will_do(tmp_path, format, values):
    # what only has an order has no expression, as docs/datasets.md says
    own = {"spaces": ["rank"]} if values == "normalised" else {}
    toy = light(tmp_path, format, values=values, **own).datasets["toy"]
    # highly variable genes need more than an order, and more genes than a panel has
    assert toy.genes.method == "all" and "rank" in toy.spaces
