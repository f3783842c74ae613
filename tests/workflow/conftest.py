"""What the tests of the workflow share: generated data, and one finished run."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.workflow import generate
from tests.workflow.harness import PACKAGES_FROM, contents, snakemake
from tests.workflow.loaded import Loaded


def pytest_collection_modifyitems(items):
    """Mark every test below this folder."""
    folder = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(folder):
            item.add_marker(pytest.mark.workflow)


@pytest.fixture(scope="session", autouse=True)
def environments(tmp_path_factory):
    """Build the rules' environments, once for all runs and for the checkout itself."""
    folder = tmp_path_factory.mktemp("environments")
    # a rule of each environment; the packages come from wherever this machine takes them
    targets = (
        "shards",
        "results/models/trained-here/about.json",
        "results/baron_pancreas/tables/integration_metrics.parquet",
    )
    settings = {name: os.environ[name] for name in PACKAGES_FROM if name in os.environ}
    run = snakemake("--conda-create-envs-only", *targets, directory=folder, timeout=1800, variables=settings)
    assert run.ok, run.tail


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Folder with the files of both data sets."""
    folder = tmp_path_factory.mktemp("generated")
    generate.write_data(folder)
    return folder / "data"


@pytest.fixture
def project(tmp_path, data):
    """Return a fresh working directory with both data sets and no result."""
    return generate.new_project(tmp_path / "project", data)


@pytest.fixture(scope="session")
def full(tmp_path_factory, data):
    """Return the whole study on both data sets and two seeds, finished: its folder, its study and its run."""
    folder = generate.new_project(tmp_path_factory.mktemp("full") / "project", data)
    generate.use_ontology(folder)
    causes = {"depths": [0.5], "tie_rules": 2, "changed_cells": 6, "undetected": 2}
    study = generate.write_study(folder, ontology={"release": "tiny"}, causes=causes)
    (folder / "config/datasets/unused.yaml").write_text("this: is not a data set\n")
    before = contents(folder / "data")
    loaded = Loaded(tmp_path_factory.mktemp("loaded"))
    run = snakemake("--configfile", study, directory=folder, variables=loaded.variables)
    assert run.ok, run.tail
    return SimpleNamespace(
        folder=folder, study=study, run=run, data_before=before, results=folder / "results", loaded=loaded
    )
