"""All pairs of cells, exactly, in every space at once, reduced on the spot: pairs are never stored.

`compare` takes the spaces of some cells and two groups of cell types (a block) and returns a `BlockResult`: exact
quantiles and histograms per pair of types, distributions within and between types, joint distributions of two measures,
and per cell its extremes, its nearest neighbours and counts of its pairs by relation. Results of the blocks of a study
add up with `merge`.

In a notebook, on an AnnData object with raw counts:

>>> from rankstudy import pairs
>>> space = pairs.rank_space(adata, cell_type="cell_type", batch="donor")  # doctest: +SKIP
>>> result = pairs.compare([space], neighbours=15)  # doctest: +SKIP
"""

from rankstudy.pairs.block import compare
from rankstudy.pairs.metrics import Vectors, measure
from rankstudy.pairs.notebook import rank_space
from rankstudy.pairs.result import BlockResult, merge
from rankstudy.pairs.space import Layout, Space, SpaceData

__all__ = ["BlockResult", "Layout", "Space", "SpaceData", "Vectors", "compare", "measure", "merge", "rank_space"]
