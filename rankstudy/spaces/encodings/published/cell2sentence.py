"""cell2sentence: a cell is the sentence of its genes' names, highest count first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.spaces.encodings.declared import order_space
from rankstudy.spaces.steps import Steps

if TYPE_CHECKING:
    import scipy.sparse as sp

    from rankstudy.spaces.encodings.cell_counts import CellCounts
    from rankstudy.spaces.registry import SpaceSpec


def first_100(cells: CellCounts) -> sp.csr_matrix:
    """Return the order of the first 100 words, ties at random: cells x genes, CSR float32."""
    return _first(cells, 100)


def first_200(cells: CellCounts) -> sp.csr_matrix:
    """Return the order of the first 200 words, ties at random: cells x genes, CSR float32."""
    return _first(cells, 200)


def _first(cells: CellCounts, most: int) -> sp.csr_matrix:
    from rankstudy.spaces.encodings.draws import uniforms_of
    from rankstudy.spaces.encodings.orders import order_vectors

    return order_vectors(cells.counts, most, chance=uniforms_of(cells))


def _space(most: int, use: str) -> SpaceSpec:
    return order_space(
        title=f"cell2sentence, first {most} words",
        function=f"first_{most}",
        vocabulary="symbols",
        steps=Steps(kept="order", first=most, ties="chance"),
        constants={"first": most},
        meaning="the most counted genes in order, ties at random",
        methods=(
            f"The first {{cell2sentence-{most}.first}} words of a cell’s sentence ([cell2sentence]), as many as its "
            f"prompts take in {use}: the symbols of the genes in upper case, counts of equal symbols summed, highest "
            "count first. Normalisation and logarithm do not change the order and are left out. The authors put genes "
            "of equal counts in a seeded random order; here it is drawn per seed, cell and gene."
        ),
    )


SPACES = {"cell2sentence-100": _space(100, "training"), "cell2sentence-200": _space(200, "inference")}
