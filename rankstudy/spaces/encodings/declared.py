"""What published orders and published values have in common as spaces."""

from __future__ import annotations

from typing import Any

from rankstudy.spaces.registry import SpaceSpec

_AS_A_VECTOR = (
    "As a vector a gene has its rank, and the genes that are not in the order share the mean of the ranks that are "
    "left ([kendall]), which is subtracted. All genes that the model reads are ranked, then the selected ones are kept."
)


def order_space(*, methods: str, **others: Any) -> SpaceSpec:
    """Return the declaration of an order: judged by correlation, which does not depend on where its ranks begin."""
    words = f"{methods} {_AS_A_VECTOR}"
    return SpaceSpec(measure="correlation of ranks", metric="correlation", order=True, methods=words, **others)


def value_space(**others: Any) -> SpaceSpec:
    """Return the declaration of values or levels."""
    return SpaceSpec(measure="Pearson correlation", metric="correlation", **others)
