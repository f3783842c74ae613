"""Gates: what the controls must score, checked before anything is reported.

How near to chance is near enough follows from the cells alone (`rankstudy.measures.gates.chance`): no value of the run
enters it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
import pandas as pd

from rankstudy.core.errors import StudyError
from rankstudy.measures.gates.chance import auroc_error, neighbour_error
from rankstudy.measures.gates.tables import GATES
from rankstudy.measures.neighbours.tables import NEIGHBOURHOODS
from rankstudy.measures.tables import EFFECT_SIZES
from rankstudy.spaces.tables import ANALYSED_CELLS

log = logging.getLogger(__name__)


# a normal value is further away once in 1.7 million times; of any other, at most once in 25 (Chebyshev)
STANDARD_ERRORS = 5
# sums of float64 over all pairs
ROUNDING = 1e-9


@dataclass(frozen=True)
class Evidence:
    """What a gate looks at: of one replicate, rows of the tables.

    Attributes
    ----------
    effects, neighbours
        Rows of `effect_sizes` and `neighbourhoods` of the gate's space.
    cells
        Rows of `analysed_cells` of the compared cells.
    """

    effects: pd.DataFrame
    neighbours: pd.DataFrame
    cells: pd.DataFrame

    @property
    def auroc(self) -> float:
        """The AUROC over all types."""
        return float(self.effects.loc[self.effects["cell_type"].isna(), "auroc"].iloc[0])

    @property
    def of_type(self) -> np.ndarray:
        """For each cell, how many others are of its type."""
        return self._as_many("slug") - 1

    @property
    def of_batch(self) -> np.ndarray:
        """For each cell, how many others are of its batch."""
        return self._as_many("batch") - 1

    @property
    def of_batch_only(self) -> np.ndarray:
        """For each cell, how many others are of its batch and of another type."""
        return self._as_many("batch") - self._as_many("slug", "batch")

    def _as_many(self, *columns: str) -> np.ndarray:
        return self.cells.groupby(list(columns))["cell_id"].transform("size").to_numpy()

    def found_neighbours(self) -> Iterator[FoundNeighbours]:
        """Yield, for each size of a neighbourhood that the cells allow, the mean shares over all cells.

        Of a size above their number, a neighbourhood holds all other cells: several such sizes are one.
        """
        rows = self.neighbours[self.neighbours["cell_type"].isna()]
        sizes = rows["k"].clip(upper=len(self.cells) - 1)
        for k in sizes.unique():
            of_size = rows[rows["k"] == rows.loc[sizes == k, "k"].iloc[0]]
            own, same = of_size["relation"] == "own", of_size["batches"] == "same"
            shares = (of_size.loc[chosen, "share"].sum() for chosen in (own, same, ~own & same))
            yield FoundNeighbours(int(k), *map(float, shares))


@dataclass(frozen=True)
class FoundNeighbours:
    """Shares of a class among the neighbours of a cell, means over the cells.

    Attributes
    ----------
    k
        Neighbours of a cell.
    own_type, same_batch, batch_driven
        Of its type; of its batch; of its batch, but not of its type.
    """

    k: int
    own_type: float
    same_batch: float
    batch_driven: float


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
    """Require AUROC and neighbours as near to chance as labels without meaning leave them."""
    room = STANDARD_ERRORS * auroc_error(evidence.of_type)
    yield "AUROC", evidence.auroc, 0.5 - room, 0.5 + room
    for found in evidence.found_neighbours():
        for words, share, partners in (
            ("of own type", found.own_type, evidence.of_type),
            ("of another type and the same batch", found.batch_driven, evidence.of_batch_only),
        ):
            expected = partners.mean() / (len(partners) - 1)
            room = STANDARD_ERRORS * neighbour_error(partners, found.k) + ROUNDING
            yield f"share {words} among {found.k} neighbours", share, expected - room, expected + room


def perfect(evidence: Evidence) -> Iterator[Finding]:
    """Require that the AUROC is one, over all types and for each, and that neighbours are of the type."""
    yield "AUROC", evidence.auroc, 1.0, 1.0
    yield "least AUROC of a cell type", float(evidence.effects["auroc"].min()), 1.0, 1.0
    for found in evidence.found_neighbours():
        expected = _first_neighbours(evidence.of_type, found.k)
        yield f"share of own type among {found.k} neighbours", found.own_type, expected - ROUNDING, expected + ROUNDING


def batch_driven(evidence: Evidence) -> Iterator[Finding]:
    """Require what there must be if two cells are alike exactly when they are of one batch.

    Which cells of its batch are the neighbours of a cell is open, as all are equally near: only their batch is known.
    """
    expected = batch_auroc(evidence.cells)
    yield "AUROC", evidence.auroc, expected - ROUNDING, expected + ROUNDING
    for found in evidence.found_neighbours():
        expected = _first_neighbours(evidence.of_batch, found.k)
        yield (
            f"share of same batch among {found.k} neighbours",
            found.same_batch,
            expected - ROUNDING,
            expected + ROUNDING,
        )


def _first_neighbours(partners: np.ndarray, k: int) -> float:
    """Return the share of related cells among k neighbours if those come first: one, or less with fewer than k."""
    return float(np.minimum(partners, k).mean() / k)


GATES_OF_CONTROLS = (
    Gate(
        "random vectors are at chance",
        "random",
        at_chance,
        "a label has found its way into vectors that must know none (rankstudy/spaces/controls.py), or pairs are "
        "counted wrongly (rankstudy/pairs/engine, rankstudy/measures/separation.py)",
    ),
    Gate(
        "shuffled labels are at chance",
        "shuffled",
        at_chance,
        "the vectors were not permuted under the labels (rankstudy/spaces/controls.py), or the statistic finds types "
        "in the geometry of the vectors alone (rankstudy/measures/separation.py)",
    ),
    Gate(
        "one-hot types are perfect",
        "one-hot",
        perfect,
        "vectors and labels are no longer of the same cells: look at the order of the cells in "
        "rankstudy/spaces/make.py and rankstudy/pairs/space_files.py, and at which pairs count as within a type "
        "(rankstudy/pairs/engine)",
    ),
    Gate(
        "one-hot batches are all that counts",
        "one-hot-batch",
        batch_driven,
        "vectors and batches are no longer of the same cells: look at the order of the cells in "
        "rankstudy/spaces/make.py and rankstudy/pairs/space_files.py, and at the batches in the table analysed_cells",
    ),
)


def check_gates(effects_in: str, neighbourhoods_in: str, cells_in: str, *, dataset: str, output: str, tsv: str) -> None:
    """Check every gate whose space is compared, in every replicate, and write the table `gates`.

    Parameters
    ----------
    effects_in, neighbourhoods_in, cells_in
        The tables `effect_sizes`, `neighbourhoods` and `analysed_cells` of the data set.
    dataset
        Name of the data set.
    output, tsv
        Where the table goes.

    Raises
    ------
    StudyError
        If a gate does not hold; the message names each, with what was found and what to look at.
    """
    tables = EFFECT_SIZES.read(effects_in), NEIGHBOURHOODS.read(neighbourhoods_in), ANALYSED_CELLS.read(cells_in)
    table = found_at_gates(*tables).assign(dataset=dataset)
    if table.empty:
        log.warning("data set %s: no control is compared, so nothing is checked", dataset)
    else:
        log.info("%s", table.to_string(index=False))
    if not table["passed"].all():
        raise StudyError(_failure(table, dataset))
    GATES.write(table[GATES.names], output, tsv)


def found_at_gates(effects: pd.DataFrame, neighbours: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the table `gates`, of all replicates, but for the data set."""
    rows = []
    for seed in effects["seed"].unique():
        compared = cells[(cells["seed"] == seed) & cells["used"]]
        for gate in GATES_OF_CONTROLS:
            found = (t[(t["seed"] == seed) & (t["space"] == gate.space)] for t in (effects, neighbours))
            evidence = Evidence(*found, compared)
            if evidence.effects.empty:
                continue
            for statistic, value, least, most in gate.check(evidence):
                row = {"seed": seed, "gate": gate.name, "space": gate.space, "statistic": statistic}
                rows.append(row | {"found": value, "least": least, "most": most, "passed": least <= value <= most})
    return pd.DataFrame(rows) if rows else GATES.empty().drop(columns="dataset")


def _failure(table: pd.DataFrame, dataset: str) -> str:
    failed = table[~table["passed"]]
    advice = {gate.name: gate.advice for gate in GATES_OF_CONTROLS}
    lines = [
        f"{row.gate}: seed {row.seed}, space {row.space}: {row.statistic} is {row.found:.6g}, must be from "
        f"{row.least:.6g} to {row.most:.6g}"
        for row in failed.itertuples()
    ]
    lines += [f"look here: {gate}: {advice[gate]}" for gate in failed["gate"].unique()]
    head = f"data set {dataset}: {len(failed)} of {len(table)} gates failed, so none of its results can be trusted"
    return "\n  ".join([head, *lines])


def batch_auroc(cells: pd.DataFrame) -> float:
    """Return the AUROC over all types of a space in which cells are alike if, and only if, they are of one batch."""

    def same(*columns: str) -> int:
        return sum(comb(int(n), 2) for n in cells.groupby(list(columns)).size())

    within, of_batch, both = same("slug"), same("batch"), same("slug", "batch")
    between = comb(len(cells), 2) - within
    # both are of one batch or neither is, and then they are tied
    return 0.5 + (both / within - (of_batch - both) / between) / 2
