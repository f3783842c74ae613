"""What pip is told of the package is what the environments and the package itself say."""

import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

import rankstudy
from tests.tooling.test_locks import ROOT, lock

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ASKED = {
    "core.in": PROJECT["dependencies"],
    "torch.in": PROJECT["optional-dependencies"]["models"],
    "scib.in": PROJECT["optional-dependencies"]["metrics"],
}


@pytest.mark.parametrize("source", ASKED)
def test_what_pip_installs_is_what_the_rules_have_in_their_versions_or_older_ones(source):
    pins = lock.read_source(ROOT / "envs" / source)[2]
    asked = {lock.normalise(each.name): each.specifier for each in map(Requirement, ASKED[source])}
    assert asked.keys() == pins.keys()
    assert all(asked[name].contains(version) for name, version in pins.items())


def test_the_version_is_that_of_the_package():
    assert PROJECT["dynamic"] == ["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == rankstudy.__version__
