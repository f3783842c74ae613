"""tGPT: the names of the few genes with the highest expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.spaces.encodings.declared import order_space
from rankstudy.spaces.steps import Steps

if TYPE_CHECKING:
    import scipy.sparse as sp

    from rankstudy.spaces.encodings.cell_counts import CellCounts

FIRST = 64


def order(cells: CellCounts) -> sp.csr_matrix:
    """Return the order of the first 64 genes: cells x genes, CSR float32."""
    from rankstudy.spaces.encodings.orders import order_vectors

    return order_vectors(cells.counts, FIRST)


SPACES = {
    "tgpt-order": order_space(
        title="tGPT, order",
        function="order",
        vocabulary="symbols",
        steps=Steps(kept="order", first=FIRST, ties="columns"),
        constants={"first": FIRST},
        meaning="the few most counted genes in order",
        methods=(
            "The order in which tGPT ([tgpt]) reads a cell: symbols of its genes, highest expression first, the first "
            "{tgpt-order.first}. Where values are equal, genes stand in the order of the data set’s genes."
        ),
    )
}
