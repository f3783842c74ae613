"""How the tests are shared out among the workers of `make test`."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
# they use the environments of the checkout, and runs of Snakemake that many of them look at
WITH_SNAKEMAKE = (HERE / "workflow", HERE / "tooling" / "test_makefile.py")


@pytest.hookimpl(tryfirst=True)  # before the workers read the groups
def pytest_collection_modifyitems(items):
    """Keep the tests of a file on one worker, and all tests that run Snakemake on one, which starts with them."""
    items.sort(key=lambda item: not _runs_snakemake(item))
    for item in items:
        group = "snakemake" if _runs_snakemake(item) else str(item.path.relative_to(HERE))
        item.add_marker(pytest.mark.xdist_group(group))


def _runs_snakemake(item):
    return any(item.path.is_relative_to(place) for place in WITH_SNAKEMAKE)
