"""The cells of a type by donor and state, and the relabellings that the null draws from.

Donors that have one state each: the null permutes states over donors. Donors that have every state: it permutes states
within each donor (of two states: flips). What cells of one donor have in common is never taken for a state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import comb

import numpy as np
import pandas as pd

from rankstudy.measures.states.tables import BETWEEN, FEW_DONORS, MIXED, ONE_STATE, WITHIN

LEAST_BETWEEN, LEAST_WITHIN = 5, 6


@dataclass(frozen=True)
class Groups:
    """Groups of cells: those of one donor and state.

    Attributes
    ----------
    cells
        (n,), group of each cell.
    donors, states
        (groups,), donor and state of each group as numbers.
    state_names
        Their names.
    design
        `between` or `within` donors.
    """

    cells: np.ndarray
    donors: np.ndarray
    states: np.ndarray
    state_names: tuple[str, ...]
    design: str

    @property
    def n_donors(self) -> int:
        """The number of donors."""
        return int(self.donors.max()) + 1

    @property
    def n_states(self) -> int:
        """The number of states."""
        return len(self.state_names)

    @property
    def sizes(self) -> np.ndarray:
        """(groups,), cells of each."""
        return np.bincount(self.cells, minlength=len(self.donors))

    @property
    def state_of_donor(self) -> np.ndarray:
        """(donors,), the state of each donor; of those that have all, 0."""
        found = np.zeros(self.n_donors, np.int64)
        if self.design == BETWEEN:
            found[self.donors] = self.states
        return found

    def relabelled(self, most: int, random: np.random.Generator) -> np.ndarray:
        """Return (relabellings, groups): states under the null, all that there are where these are at most `most`.

        What was observed is among all; of those that are drawn it is not, unless by chance.
        """
        drawn = self._between(most, random) if self.design == BETWEEN else self._within(most, random)
        return np.array(list(drawn))

    def are_few(self, most: int) -> bool:
        """Return whether there are at most so many relabellings, of which `relabelled` gives all."""
        if self.n_states > 2:
            return False
        if self.design == WITHIN:
            return 2 ** (self.n_donors - 1) <= most
        return comb(self.n_donors, int((self.state_of_donor == 1).sum())) <= most

    def _between(self, most: int, random: np.random.Generator) -> Iterator[np.ndarray]:
        of_donor = self.state_of_donor
        second = int((of_donor == 1).sum())
        if self.are_few(most):
            for having in combinations(range(self.n_donors), second):
                yield np.isin(self.donors, having).astype(np.int64)
            return
        for _ in range(most):
            yield random.permutation(of_donor)[self.donors]

    def _within(self, most: int, random: np.random.Generator) -> Iterator[np.ndarray]:
        if self.are_few(most):
            # flipping all donors is naming the states the other way round
            for flips in product((0, 1), repeat=self.n_donors - 1):
                yield self.states ^ np.array((0, *flips))[self.donors]
            return
        for _ in range(most):
            turned = np.array([random.permutation(self.n_states) for _ in range(self.n_donors)])
            yield turned[self.donors, self.states]

    def without(self, donor: int) -> np.ndarray:
        """Return (groups,), whether a group is of another donor."""
        return self.donors != donor


def groups_of(cells: pd.DataFrame) -> tuple[Groups | None, np.ndarray, str]:
    """Return the groups of some cells, the cells that are in them, and why there are none.

    Parameters
    ----------
    cells
        `donor` and `state` of each cell, None where it has none.

    Returns
    -------
    The groups, or None; the numbers of the cells that they hold; an empty text, or the reason.
    """
    known = cells["donor"].notna() & cells["state"].notna()
    sizes = cells[known].groupby(["donor", "state"]).size()
    states = sorted(sizes.index.get_level_values("state").unique())
    if len(states) < 2:
        return None, np.zeros(0, np.int64), ONE_STATE
    of_donor = sizes.reset_index().groupby("donor")["state"].nunique()
    one, every = of_donor[of_donor == 1].index, of_donor[of_donor == len(states)].index
    if len(every) >= LEAST_WITHIN:
        design, donors = WITHIN, every
    elif len(one) == len(of_donor):
        design, donors = BETWEEN, one
        least = sizes.reset_index().groupby("state")["donor"].nunique().reindex(states).min()
        if least < LEAST_BETWEEN:
            return None, np.zeros(0, np.int64), FEW_DONORS
    else:
        return None, np.zeros(0, np.int64), MIXED if len(one) else FEW_DONORS
    return (*_numbered(cells, sizes, sorted(donors), states, design), "")


def _numbered(
    cells: pd.DataFrame, sizes: pd.Series, donors: list[str], states: list[str], design: str
) -> tuple[Groups, np.ndarray]:
    kept = sizes[sizes.index.get_level_values("donor").isin(donors)].sort_index()
    numbers = pd.Series(np.arange(len(kept)), index=kept.index)
    of_cell = numbers.reindex(pd.MultiIndex.from_frame(cells[["donor", "state"]])).to_numpy()
    held = np.flatnonzero(np.isfinite(of_cell))
    of_group = [kept.index.get_level_values(name) for name in ("donor", "state")]
    numbered = (pd.Index(names).get_indexer(values) for names, values in zip((donors, states), of_group, strict=True))
    return Groups(of_cell[held].astype(np.int64), *numbered, tuple(states), design), held
