"""Joint distributions of several pairs of measures at once: each has a grid of its own."""

import numpy as np

from rankstudy.measures.separation import joint_distributions
from rankstudy.pairs.engine import compare
from tests.unit.helpers import space


def test_grids_of_different_ranges_stand_side_by_side():
    random, sizes = np.random.default_rng(0), (6, 7)
    kinds = {"one": "correlation", "two": "euclidean", "three": "euclidean"}
    spaces = [space(random.random((13, 4)).astype(np.float32), sizes, metric, name) for name, metric in kinds.items()]
    pairs = [("two", "one"), ("two", "three"), ("one", "three")]
    together = compare(spaces, ["a", "b"], ["a", "b"], joint=pairs, hexagons=20)
    assert len({(*about["x"], *about["y"]) for about in together.about["joint"]}) == 3
    found = joint_distributions(together).groupby(["space_x", "space_y"], sort=False)
    assert found["n"].sum().tolist() == [13 * 12 // 2] * 3
    for pair, rows in found:
        alone = joint_distributions(compare(spaces, ["a", "b"], ["a", "b"], joint=[pair], hexagons=20))
        assert rows.reset_index(drop=True).equals(alone)
