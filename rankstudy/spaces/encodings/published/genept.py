"""GenePT-s: a text of the genes' names, highest expression first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.spaces.encodings.declared import order_space
from rankstudy.spaces.steps import Steps

if TYPE_CHECKING:
    import scipy.sparse as sp

    from rankstudy.spaces.encodings.cell_counts import CellCounts

FIRST = 1000


def order(cells: CellCounts) -> sp.csr_matrix:
    """Return the order of the first 1,000 genes: cells x genes, CSR float32."""
    from rankstudy.spaces.encodings.orders import order_vectors

    return order_vectors(cells.counts, FIRST)


SPACES = {
    "genept-order": order_space(
        title="GenePT-s, order",
        function="order",
        vocabulary="symbols",
        steps=Steps(kept="order", first=FIRST, ties="columns"),
        constants={"first": FIRST},
        meaning="the most counted genes in order",
        methods=(
            "The order in which GenePT-s ([genept]) names a cell’s genes to a text model: highest expression first, "
            "genes without a count left out, the first {genept-order.first}. Normalisation and logarithm do not change "
            "the order and are left out. The authors sort in a way that leaves the order of equal values undefined; "
            "here these stand in the order of the data set’s genes. No text model is involved."
        ),
    )
}
