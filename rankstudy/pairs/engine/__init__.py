"""All pairs of cells, exactly, in every space at once, reduced on the spot: pairs are never stored.

`compare` takes the spaces of some cells and two groups of cell types (a block) and returns a `BlockResult`: exact
quantiles and histograms per pair of types, distributions within and between types, joint distributions of two measures,
and per cell its extremes, its nearest neighbours and counts of its pairs by relation. Results of the blocks of a study
add up with `merge`.

In a notebook, on an AnnData object with counts (`docs/pairs.md`):

    from rankstudy.pairs import engine
    from rankstudy.spaces.encodings.rank import fractional_ranks

    space = engine.SpaceData.of(
        fractional_ranks(adata.X), ids=adata.obs_names, types=adata.obs["cell_type"], metric="correlation"
    )
    result = engine.compare([space], neighbours=15)
"""

from rankstudy.pairs.engine.block import compare
from rankstudy.pairs.engine.result import BlockResult, merge
from rankstudy.pairs.likeness.vectors import Vectors, measure
from rankstudy.pairs.space import Layout, Space, SpaceData

__all__ = ["BlockResult", "Layout", "Space", "SpaceData", "Vectors", "compare", "measure", "merge"]
