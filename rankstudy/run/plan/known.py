"""What is known of the cells of a data set, before its download or after its index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rankstudy.config import DatasetPlan
from rankstudy.core.cell_types import TypeCount, read_type_counts
from rankstudy.run.plan.amounts import product

MILLION = 1e6


@dataclass(frozen=True)
class Cells:
    """Cells and genes of a data set; None where nothing is known.

    Attributes
    ----------
    basis
        `indexed`: read from the index of an earlier run; `expected`: from `expect` in the data set's YAML file, every
        type as large as the average; `unknown`: neither says it.
    cells, genes
        Of the whole data set.
    types
        The cell types, as an index has them.
    sampled
        Cells that one seed draws of each type, by the name of its files.
    selected_genes
        Genes that the spaces use. How many a file flags is known only to the file: `genes.number` stands in for it.
    """

    basis: Literal["indexed", "expected", "unknown"]
    cells: int | None
    genes: int | None
    types: Sequence[TypeCount] | None
    sampled: dict[str, int] | None
    selected_genes: int | None

    @property
    def n_sampled(self) -> int | None:
        """Cells that one seed draws."""
        return None if self.sampled is None else sum(self.sampled.values())

    def values(self, cells: float | None) -> float | None:
        """Return the millions of values of so many cells, over all genes."""
        return product(cells, self.genes, 1 / MILLION)


def known_of(plan: DatasetPlan) -> Cells:
    """Return what is known of a data set in the working directory.

    Raises
    ------
    StudyError
        If the data set is indexed and lacks a cell type that the configuration names.
    """
    index = Path(f"results/{plan.name}/cell_types.tsv")
    expect = plan.model.expect
    if index.exists():
        types = read_type_counts(index)
        cells = sum(t.n_cells for t in types) if expect.cells is None else expect.cells
        return Cells("indexed", cells, expect.genes, types, plan.sampled(types), _selected_genes(plan))
    types = _expected_types(plan)
    sampled = None if types is None else plan.sampled(types)
    basis = "unknown" if sampled is None else "expected"
    return Cells(basis, expect.cells, expect.genes, types, sampled, _selected_genes(plan))


def _expected_types(plan: DatasetPlan) -> Sequence[TypeCount] | None:
    """Return the types that `expect` promises, all of the average size, but large enough to take part.

    Where it says how many are large enough, these alone.
    """
    expect, selection = plan.model.expect, plan.selection
    number = expect.qualifying_types or expect.cell_types
    if number is None and selection.cell_types:
        number = len(selection.cell_types)
    if number is None or (expect.cells is None and selection.cells_per_type is None):
        return None
    size = selection.cells_per_type if expect.cells is None else expect.cells // number
    labels = selection.cell_types or [f"type {i}" for i in range(number)]
    return [TypeCount(label, f"type-{i}", max(size, selection.min_cells)) for i, label in enumerate(labels)]


def _selected_genes(plan: DatasetPlan) -> int | None:
    if plan.genes.method in ("all", "listed"):  # at most
        return plan.model.expect.genes
    return min(plan.genes.number, plan.model.expect.genes or plan.genes.number)
