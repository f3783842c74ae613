"""The tests of this folder need the SLURM that `make test-slurm` starts; every other call of pytest passes them by."""

import os
from pathlib import Path

import pytest

from tests.slurm.node import Node

FOLDER = "SLURM_TEST_NODE"  # set by make test-slurm: where its SLURM lies

if FOLDER not in os.environ:
    collect_ignore_glob = ["test_*.py"]


def pytest_collection_modifyitems(items):
    """Mark every test below this folder."""
    folder = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(folder):
            item.add_marker(pytest.mark.slurm)


@pytest.fixture(scope="session")
def node():
    """Return the running SLURM of one node."""
    return Node(Path(os.environ[FOLDER]))
