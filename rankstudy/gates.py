"""Gates: what the controls must score, checked before anything is reported.

How near to chance is near enough follows from the cells alone (`chance_error`): no value of the run enters it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import comb, sqrt

import pandas as pd

from rankstudy.errors import StudyError
from rankstudy.evaluation import EFFECT_SIZES
from rankstudy.genes import ANALYSED_CELLS
from rankstudy.tables import DATASET, SEED, SPACE, Column, Table

log = logging.getLogger(__name__)

GATES = Table(
    "gates",
    "What the controls score, and what they must. A run in which a gate does not hold stops here, and this table is not written.",
    (
        DATASET,
        SEED,
        Column("gate", "text", "what must hold"),
        SPACE,
        Column("statistic", "text", "what is looked at"),
        Column("found", "number", "its value"),
        Column("least", "number", "the least that it may be"),
        Column("most", "number", "the most that it may be"),
        Column("passed", "boolean", "whether the gate holds"),
    ),
    ("dataset", "seed", "gate", "statistic"),
    location="results/<dataset>/tables/gates.parquet, .tsv",
)

# a normal value is further away once in 1.7 million times; of any other, at most once in 25 (Chebyshev)
STANDARD_ERRORS = 5
# sums of float64 over all pairs
ROUNDING = 1e-9


@dataclass(frozen=True)
class Evidence:
    """What a gate looks at: of one replicate, rows of the tables.

    Attributes
    ----------
    effects
        Rows of `effect_sizes` of the gate's space.
    cells
        Rows of `analysed_cells` of the compared cells.
    """

    effects: pd.DataFrame
    cells: pd.DataFrame

    @property
    def auroc(self) -> float:
        """The AUROC over all types."""
        return float(self.effects.loc[self.effects["cell_type"].isna(), "auroc"].iloc[0])


Finding = tuple[str, float, float, float]


@dataclass(frozen=True)
class Gate:
    """Something that must hold for a control.

    Attributes
    ----------
    name, space
        What must hold, and for which space.
    check
        Returns statistics, each with its value and the least and the most that it may be.
    advice
        What to look at if it does not hold.
    """

    name: str
    space: str
    check: Callable[[Evidence], Iterator[Finding]]
    advice: str


def at_chance(evidence: Evidence) -> Iterator[Finding]:
    """Require that the AUROC is as near to one half as labels without meaning leave it."""
    room = STANDARD_ERRORS * chance_error(evidence.cells["slug"].value_counts().tolist())
    yield "AUROC", evidence.auroc, 0.5 - room, 0.5 + room


def perfect(evidence: Evidence) -> Iterator[Finding]:
    """Require that the AUROC is one, over all types and for each."""
    yield "AUROC", evidence.auroc, 1.0, 1.0
    yield "least AUROC of a cell type", float(evidence.effects["auroc"].min()), 1.0, 1.0


def as_composed(evidence: Evidence) -> Iterator[Finding]:
    """Require that the AUROC is what it must be if two cells are alike exactly when they are of one batch."""
    expected = batch_auroc(evidence.cells)
    yield "AUROC", evidence.auroc, expected - ROUNDING, expected + ROUNDING


GATES_OF_CONTROLS = (
    Gate(
        "random vectors are at chance",
        "random",
        at_chance,
        "a label has found its way into vectors that must know none (rankstudy/controls.py), or pairs are counted wrongly "
        "(rankstudy/pairs, rankstudy/evaluation.py)",
    ),
    Gate(
        "shuffled labels are at chance",
        "shuffled",
        at_chance,
        "the vectors were not permuted under the labels (rankstudy/controls.py), or the statistic finds types in the geometry of "
        "the vectors alone (rankstudy/evaluation.py)",
    ),
    Gate(
        "one-hot types are perfect",
        "one-hot",
        perfect,
        "vectors and labels are no longer of the same cells: look at the order of the cells in rankstudy/spaces.py and "
        "rankstudy/space_files.py, and at which pairs count as within a type (rankstudy/pairs)",
    ),
    Gate(
        "one-hot batches follow the composition",
        "one-hot-batch",
        as_composed,
        "vectors and batches are no longer of the same cells: look at the order of the cells in rankstudy/spaces.py and "
        "rankstudy/space_files.py, and at the batches in the table analysed_cells",
    ),
)


def check_gates(effects_in: str, cells_in: str, *, dataset: str, output: str, tsv: str) -> None:
    """Check every gate whose space is compared, in every replicate, and write the table `gates`.

    Parameters
    ----------
    effects_in, cells_in
        The tables `effect_sizes` and `analysed_cells` of the data set.
    dataset
        Name of the data set.
    output, tsv
        Where the table goes.

    Raises
    ------
    StudyError
        If a gate does not hold; the message names each, with what was found and what to look at.
    """
    table = found_at_gates(EFFECT_SIZES.read(effects_in), ANALYSED_CELLS.read(cells_in)).assign(dataset=dataset)
    if table.empty:
        log.warning("data set %s: no control is compared, so nothing is checked", dataset)
    else:
        log.info("%s", table.to_string(index=False))
    if not table["passed"].all():
        raise StudyError(_failure(table, dataset))
    GATES.write(table[GATES.names], output, tsv)


def found_at_gates(effects: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the table `gates`, of all replicates, but for the data set."""
    rows = []
    for seed, of_seed in effects.groupby("seed"):
        compared = cells[(cells["seed"] == seed) & cells["used"]]
        for gate in GATES_OF_CONTROLS:
            of_space = of_seed[of_seed["space"] == gate.space]
            if of_space.empty:
                continue
            for statistic, found, least, most in gate.check(Evidence(of_space, compared)):
                row = {"seed": seed, "gate": gate.name, "space": gate.space, "statistic": statistic}
                rows.append(row | {"found": found, "least": least, "most": most, "passed": least <= found <= most})
    return pd.DataFrame(rows) if rows else GATES.empty().drop(columns="dataset")


def _failure(table: pd.DataFrame, dataset: str) -> str:
    failed = table[~table["passed"]]
    advice = {gate.name: gate.advice for gate in GATES_OF_CONTROLS}
    lines = [
        f"{row.gate}: seed {row.seed}, space {row.space}: {row.statistic} is {row.found:.6g}, must be from {row.least:.6g} to "
        f"{row.most:.6g}"
        for row in failed.itertuples()
    ]
    lines += [f"look here: {gate}: {advice[gate]}" for gate in failed["gate"].unique()]
    head = f"data set {dataset}: {len(failed)} of {len(table)} gates failed, so none of its results can be trusted"
    return "\n  ".join([head, *lines])


def chance_error(sizes: Sequence[int]) -> float:
    """Return the largest standard error that the AUROC over all types can have if the labels mean nothing.

    Let x be the mid-ranks of the n(n-1)/2 = P pairs of cells, centred and over P, and L be 1 for the W pairs within a
    type and 0 for the B between types. The AUROC is 1/2 + (P / B) * mean of x within types. If labels mean nothing,
    every permutation of the cells under the vectors is equally likely, and the mean is exactly 1/2. Both x and L split
    into a part that is a sum of two effects of cells (hubs; sizes of types) and a rest, in which each cell sums to
    zero. Permutations keep the parts apart, and the variance of the sum of x * L over all permutations is

        A(x) A(L) / (n - 1)  +  E(x) E(L) / (n (n - 3) / 2)

    with A and E the sums of squares of the two parts (the permutation variance of Mantel's statistic; Mantel 1967). L is
    known from the sizes. Of x only that A(x) + E(x) <= P / 12, the variance of ranks, which ties make smaller: so the
    variance is largest if x is all hubs, or has none. Pairs that share a cell are nowhere taken to be independent.

    Parameters
    ----------
    sizes
        Cells of each type: at least two types of at least two cells.
    """
    n = sum(sizes)
    pairs = comb(n, 2)
    within = sum(comb(size, 2) for size in sizes)
    between = pairs - within
    of_sizes = sum(size * (size - 1 - 2 * within / n) ** 2 for size in sizes) / (n - 2)
    rest = within * between / pairs - of_sizes
    largest = pairs / 12 * max(of_sizes / (n - 1), rest / (n * (n - 3) / 2))
    return pairs / (between * within) * sqrt(largest)


def batch_auroc(cells: pd.DataFrame) -> float:
    """Return the AUROC over all types of a space in which cells are alike if, and only if, they are of one batch."""

    def same(*columns: str) -> int:
        return sum(comb(int(n), 2) for n in cells.groupby(list(columns)).size())

    within, of_batch, both = same("slug"), same("batch"), same("slug", "batch")
    between = comb(len(cells), 2) - within
    # both are of one batch or neither is, and then they are tied
    return 0.5 + (both / within - (of_batch - both) / between) / 2
