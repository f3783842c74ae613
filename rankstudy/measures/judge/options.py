"""How a second opinion is formed: defaults fixed beforehand, free of packages that compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rankstudy.measures.audit.thresholds import Thresholds


@dataclass(frozen=True)
class Options:
    """How cells are drawn and embeddings compared.

    Attributes
    ----------
    name
        What the cells are called, in tables; the draw of the cells depends on it.
    measures
        `correlation`, `cosine` or `euclidean` for embeddings that are not judged by Euclidean distance.
    twins
        Of embeddings that came twice more, made of two halves of each cell's molecules: the names of both, by the name.
    cells_per_type
        Cells drawn of each type, by seed and cell id, evenly over its batches; None takes all.
    min_cells
        Cells that a type must have to take part.
    seed
        Of the draw of cells, of controls and of resamples.
    genes, components
        Highly variable genes that expression is compared on, and principal components of it.
    neighbours
        Sizes of a cell's neighbourhood.
    cutoffs
        Bins of a measure on which pairs are counted.
    resamples, level
        Of the intervals.
    cells_per_block
        Cells on each side of a block of pairs, which bounds memory; changes no result.
    thresholds
        Of the audit.
    """

    name: str = "cells"
    measures: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    twins: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    cells_per_type: int | None = 2000
    min_cells: int = 20
    seed: int = 0
    genes: int = 2000
    components: int = 50
    neighbours: tuple[int, ...] = (15, 50)
    cutoffs: int = 100
    resamples: int = 10_000
    level: float = 0.95
    cells_per_block: int = 10_000
    thresholds: Thresholds = field(default_factory=Thresholds)
