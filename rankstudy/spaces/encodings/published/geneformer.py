"""Geneformer: genes in the order of their counts, each over its median in a large corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.spaces.encodings.declared import order_space
from rankstudy.spaces.steps import Steps

if TYPE_CHECKING:
    import scipy.sparse as sp

    from rankstudy.spaces.encodings.cell_counts import CellCounts
    from rankstudy.spaces.registry import SpaceSpec

FIRST_V1, FIRST_V2 = 2048, 4094


def v1_order(cells: CellCounts) -> sp.csr_matrix:
    """Return the order of count over median, first 2,048 genes: cells x genes, CSR float32."""
    return _order(cells, FIRST_V1)


def v2_order(cells: CellCounts) -> sp.csr_matrix:
    """Return the order of count over median, first 4,094 genes: cells x genes, CSR float32."""
    return _order(cells, FIRST_V2)


def _order(cells: CellCounts, most: int) -> sp.csr_matrix:
    from rankstudy.spaces.encodings.orders import order_vectors
    from rankstudy.spaces.encodings.stored import over_medians

    return order_vectors(over_medians(cells.counts, cells.medians), most)


def _space(version: str, function: str, most: int, cite: str) -> SpaceSpec:
    name = f"geneformer-{version.lower()}-order"
    return order_space(
        title=f"Geneformer {version}, order",
        function=function,
        vocabulary=f"{version.lower()}_dictionaries",
        steps=Steps(scaled=True, kept="order", first=most, ties="columns"),
        constants={"first": most},
        meaning="the order of counts over a corpus’ medians",
        methods=(
            f"The order in which the model reads a cell ([{cite}]): the count of each gene of its vocabulary over the "
            "gene’s median among the cells of the corpus that have it, descending; genes without a count are left out, "
            f"and the first {{{name}.first}} are kept. The total of a cell divides all its values alike and changes no "
            "order. The authors sort in a way that leaves the order of equal values undefined; here these stand in the "
            "order of the vocabulary."
        ),
    )


SPACES = {
    "geneformer-v1-order": _space("V1", "v1_order", FIRST_V1, "geneformer"),
    "geneformer-v2-order": _space("V2", "v2_order", FIRST_V2, "geneformer-v2"),
}
