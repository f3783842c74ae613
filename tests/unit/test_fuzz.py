"""A seeded part of the damaged files that tests/fuzz makes by the ten thousand."""

import collections

from tests.fuzz import h5ad


def test_damaged_h5ad_files_are_refused_or_read_as_they_are():
    outcomes = h5ad.run(first=0, inputs=150, batch=150)
    assert len(outcomes) == 150
    assert not {n: what for n, what in outcomes.items() if what.startswith(h5ad.FORBIDDEN)}
    kinds = collections.Counter(what.split(":")[0] for what in outcomes.values())
    assert kinds["refused"] > 30 and kinds["same"] > 30
