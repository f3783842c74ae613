"""What a step needs of a cell's values, and what a data set may declare of them.

Apart from the spaces, so that adding one of these makes no index anew.
"""

from __future__ import annotations

from typing import Literal

Needs = Literal["order", "proportions", "counts"]

# what a step may need of a cell's values, each with what stands before it: their order, with zeros that are zeros;
# shares of the cell's total; counts
NEEDS: tuple[Needs, ...] = ("order", "proportions", "counts")
# what a data set may declare of its values, from what gives most to what gives least; counts `by_batch` are those of
# the batches that have them
GIVES: dict[str, Needs] = {
    "counts": "counts",
    "expected_counts": "counts",
    "by_batch": "counts",
    "cpm": "proportions",
    "normalised": "order",
}
# the dispersion that finds highly variable genes is that of log1p CP10K (scanpy's flavour `seurat`)
GENE_METHODS: dict[str, Needs] = {
    "highly_variable": "proportions",
    "flagged": "order",
    "listed": "order",
    "all": "order",
}


def suffices(values: str, needs: Needs) -> bool:
    """Return whether values that a data set declares so (a key of GIVES) give what a step needs."""
    return NEEDS.index(GIVES[values]) >= NEEDS.index(needs)
