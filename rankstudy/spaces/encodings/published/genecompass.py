"""GeneCompass: an order by count over median, and beside each gene the logarithm of that value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.spaces.encodings.declared import order_space, value_space
from rankstudy.spaces.steps import Steps

if TYPE_CHECKING:
    import numpy as np
    import scipy.sparse as sp

    from rankstudy.spaces.encodings.cell_counts import CellCounts

FIRST = 2048


def order(cells: CellCounts) -> sp.csr_matrix:
    """Return the order of count over median, first 2,048 genes: cells x genes, CSR float32."""
    from rankstudy.spaces.encodings.orders import order_vectors

    return order_vectors(_over_medians(cells), FIRST)


def values(cells: CellCounts) -> sp.csr_matrix:
    """Return log2(1 + count / median) of the first 2,048 genes of that order: cells x genes, CSR float32."""
    import numpy as np

    return _logarithms(cells, np.ones(len(cells.totals)))


def values_cp10k(cells: CellCounts) -> sp.csr_matrix:
    """Return log2(1 + CP10K / median) of the same genes, totals over all genes: cells x genes, CSR float32."""
    from rankstudy.spaces.encodings.expression import TARGET

    return _logarithms(cells, TARGET / cells.totals)


def _logarithms(cells: CellCounts, factors: np.ndarray) -> sp.csr_matrix:
    """Return the logarithms of one plus values, each times the factor of its cell, which changes no order."""
    import numpy as np

    from rankstudy.spaces.encodings.sorting import first_of_rows
    from rankstudy.spaces.encodings.stored import with_values

    over = _over_medians(cells)
    places, offsets = first_of_rows(over.indptr, over.data, FIRST)
    kept = np.zeros(over.nnz, np.float32)
    kept[places] = np.log2(1 + over.data[places] * np.repeat(factors, np.diff(offsets)))
    return with_values(over, kept)


def _over_medians(cells: CellCounts) -> sp.csr_matrix:
    """Return the counts, each over the median of its gene, where there is one."""
    import numpy as np

    from rankstudy.spaces.encodings.stored import over_medians

    return over_medians(cells.counts, np.where(np.isnan(cells.medians), 1.0, cells.medians))


_STANDS_IN = (
    "Its medians and its vocabulary are not published; those of Geneformer’s first version ([geneformer]) stand in for "
    "both, so this is its formula and not its input."
)

SPACES = {
    "genecompass-order": order_space(
        title="GeneCompass, order (V1 medians)",
        function="order",
        vocabulary="v1_dictionaries",
        steps=Steps(scaled=True, kept="order", first=FIRST, ties="columns"),
        constants={"first": FIRST},
        meaning="the order of counts over another corpus’ medians",
        methods=(
            "The order of [genecompass]: each count over the gene’s median, descending, genes without a count left "
            f"out, the first {{genecompass-order.first}}. {_STANDS_IN} With them it is that model’s own order."
        ),
    ),
    "genecompass-values": value_space(
        title="GeneCompass, values (V1 medians)",
        function="values",
        needs="counts",
        vocabulary="v1_dictionaries",
        constants={"first": FIRST},
        meaning="counts over another corpus’ medians",
        methods=(
            "The values of [genecompass]: each count over the gene’s median, and the logarithm to base two of one plus "
            "the result, of the first {genecompass-values.first} genes in descending order. The published code leaves "
            f"the step out that brings cells to one total; so does this. {_STANDS_IN}"
        ),
    ),
    "genecompass-values-cp10k": value_space(
        title="GeneCompass, values at CP10K (V1 medians)",
        function="values_cp10k",
        vocabulary="v1_dictionaries",
        constants={"first": FIRST},
        meaning="counts over another corpus’ medians, at one total",
        methods=(
            "The values of [genecompass] with the step that its published code leaves out: counts are divided by the "
            "cell’s total over all genes, multiplied by {target_counts} and divided by the gene’s median; the "
            "logarithm to base two of one plus the result, of the first {genecompass-values-cp10k.first} genes in "
            f"descending order. {_STANDS_IN}"
        ),
    ),
}
