"""All pairs of cells, exactly, in every space at once, reduced on the spot: pairs are never stored.

`compare` takes the spaces of some cells and two groups of cell types (a block) and returns a `BlockResult`: exact
quantiles per type pair, distributions within and between types, joint distributions of two measures, and the most
extreme pairs of each cell. Results of the blocks of a study add up with `merge`.
"""

from rankstudy.pairs.block import compare
from rankstudy.pairs.metrics import Vectors, measure
from rankstudy.pairs.result import BlockResult, merge

__all__ = ["BlockResult", "Vectors", "compare", "measure", "merge"]
