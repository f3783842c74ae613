"""A seeded part of the damaged files that tests/fuzz makes by the ten thousand."""

import collections

import pytest

from tests.fuzz import h5ad
from tests.fuzz.good_files import make_good_files


@pytest.fixture(scope="module")
def good_files(tmp_path_factory):
    return make_good_files(tmp_path_factory.mktemp("good"))


@pytest.mark.filterwarnings("ignore")
def test_good_files_are_read_as_another_reader_reads_them(good_files):
    for good in good_files:
        found = h5ad.ours(good.path, good)
        assert h5ad.same(found, good.theirs(good.path)), good.path.name
    assert len(good_files) == 18


def test_damaged_h5ad_files_are_refused_or_read_as_they_are():
    outcomes = h5ad.run(first=0, inputs=150, batch=150)
    assert len(outcomes) == 150
    assert not {n: what for n, what in outcomes.items() if what.startswith(h5ad.FORBIDDEN)}
    kinds = collections.Counter(what.split(":")[0] for what in outcomes.values())
    assert kinds["refused"] > 30 and kinds["same"] > 30
