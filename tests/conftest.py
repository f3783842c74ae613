"""How `make test` shares the tests out among its workers."""

import pytest
from xdist.scheduler import LoadScopeScheduling

# they use the environments of the checkout, and runs of Snakemake that many of them look at
WITH_SNAKEMAKE = ("tests/workflow/", "tests/tooling/test_makefile.py")


class OneWorkerForSnakemake(LoadScopeScheduling):
    """Keeps the tests of a file on one worker, and all tests that run Snakemake on one."""

    def _split_scope(self, nodeid):
        return "snakemake" if runs_snakemake(nodeid) else nodeid.split("::", 1)[0]


def runs_snakemake(nodeid):
    return nodeid.startswith(WITH_SNAKEMAKE)


def pytest_xdist_make_scheduler(config, log):
    return OneWorkerForSnakemake(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Begin with the tests that run Snakemake: one worker needs all its time for them."""
    items.sort(key=lambda item: not runs_snakemake(item.nodeid))
