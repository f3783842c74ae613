"""bento-sc: the plain order of counts, cut, of a systematic comparison of how such models are set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.spaces.encodings.declared import order_space
from rankstudy.spaces.steps import Steps

if TYPE_CHECKING:
    import scipy.sparse as sp

    from rankstudy.spaces.encodings.cell_counts import CellCounts

FIRST = 1024


def order(cells: CellCounts) -> sp.csr_matrix:
    """Return the order of the first 1,024 genes, ties at random: cells x genes, CSR float32."""
    from rankstudy.spaces.encodings.draws import uniforms_of
    from rankstudy.spaces.encodings.orders import order_vectors

    return order_vectors(cells.counts, FIRST, chance=uniforms_of(cells))


SPACES = {
    "bento-sc-order": order_space(
        title="bento-sc, order",
        function="order",
        needs="order",
        vocabulary="file",
        steps=Steps(kept="order", first=FIRST, ties="chance"),
        constants={"first": FIRST},
        meaning="the most counted genes in order, ties at random",
        methods=(
            "The order of raw counts, one of the inputs that [bento-sc] compares: highest count first, the first "
            "{bento-sc-order.first} genes. Equal counts stand in an order drawn per seed, cell and gene."
        ),
    )
}
