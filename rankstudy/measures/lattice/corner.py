"""Corners of the lattice, and the cube of a ledger: all combinations of its steps in which they can be taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, NamedTuple

from rankstudy.measures.lattice.tables import FIRST, FORM, KEPT, STEPS, TIES, TOTAL, VOCABULARY
from rankstudy.spaces.registry import FILE_GENES
from rankstudy.spaces.steps import MONOTONE, TIED

PANEL_GENES = "panel"
ALL, ITS, NONE = "all genes", "its genes", "none"
SHARED, CHANCE = "shared", "chance"
RANK = "rank"
# steps that are nothing as long as another one is not taken
AFTER = {FIRST: KEPT, TIES: KEPT, FORM: KEPT, TOTAL: VOCABULARY}


class Corner(NamedTuple):
    """One combination of steps from counts to an encoding; each column of the table `lattice`."""

    total: str = NONE
    vocabulary: str = FILE_GENES
    scaling: str = NONE
    logarithm: str = NONE
    kept: str = "value"
    first: int | None = None
    ties: str = SHARED
    form: str = RANK

    @classmethod
    def of(cls, vocabulary: str | None, steps: Mapping[str, Any]) -> Corner:
        """Return the corner of an encoding that reads the genes of a vocabulary (None: the panel) by these steps."""
        number = "" if steps["number"] is None else f"{steps['number']} "
        return cls(
            total=steps["total"],
            vocabulary=vocabulary or PANEL_GENES,
            scaling=vocabulary if steps["scaled"] else NONE,
            logarithm=steps["logarithm"],
            kept=f"{number}{steps['kept']}",
            first=steps["first"],
            ties=steps["ties"],
            form=steps["form"],
        ).plain

    @property
    def kind(self) -> str:
        """What is kept, without how many bins or levels."""
        return self.kept.split()[-1]

    @property
    def number(self) -> int:
        """How many bins, or the highest level."""
        return int(self.kept.split()[0])

    @property
    def by_chance(self) -> bool:
        """Whether chance decides anything."""
        return self.ties == CHANCE

    @property
    def plain(self) -> Corner:
        """The same corner without the levels that make no difference: equal ones are the same encoding."""
        order, monotone = self.kind == "order", self.kind in MONOTONE
        total = NONE if monotone else self.total
        apart = self.kind in TIED or total == ITS
        vocabulary = FILE_GENES if self.vocabulary == PANEL_GENES and not apart else self.vocabulary
        return Corner(
            total=ALL if total == ITS and vocabulary == FILE_GENES else total,
            vocabulary=vocabulary,
            scaling=NONE if self.kind == "presence" else self.scaling,
            logarithm=NONE if monotone else self.logarithm,
            kept=self.kept,
            first=self.first if order else None,
            ties=self.ties if order or (self.kind in TIED and self.by_chance) else SHARED,
            form=self.form if order else RANK,
        )

    @property
    def name(self) -> str:
        """Its steps but for those that leave things as they are."""
        steps = zip(STEPS, self, Corner(), strict=True)
        return ", ".join(f"{step}: {level}" for step, level, none in steps if level != none) or "counts"

    def with_level(self, step: str, level: Any) -> Corner:
        """Return the corner with another level of one step."""
        return self._replace(**{step: level}).plain


@dataclass(frozen=True)
class Cube:
    """The corners of a ledger.

    Attributes
    ----------
    start, end
        The corners that it leads from and to, with a level of each step, also of those that make no difference there.
    """

    start: Corner
    end: Corner

    @classmethod
    def between(cls, start: Corner, end: Corner) -> Cube:
        """Return the cube of two corners.

        What makes no difference at the end, as the logarithm to an order, is there as it is at the start: no step.
        """
        if end.kind in MONOTONE:
            end = end._replace(total=start.total, logarithm=start.logarithm)
        return cls(start, end)

    @property
    def steps(self) -> list[str]:
        """The steps in which the two ends differ, in their order."""
        return [step for step in STEPS if getattr(self.start, step) != getattr(self.end, step)]

    @property
    def precedence(self) -> list[tuple[str, str]]:
        """Pairs of steps of which the second can only be taken after the first."""
        steps = self.steps
        return [(first, then) for then, first in AFTER.items() if {first, then} <= set(steps) and self._waits(then)]

    def _waits(self, step: str) -> bool:
        """Whether a step is nothing where no other one is taken."""
        return self.start.with_level(step, getattr(self.end, step)) == self.start

    def corner(self, taken: Sequence[str]) -> Corner:
        """Return the corner at which these steps are taken."""
        return self.start._replace(**{step: getattr(self.end, step) for step in taken}).plain


def neighbours(corners: Sequence[Corner]) -> Iterator[tuple[str, Corner, Corner]]:
    """Yield every step between two corners: its name, the corner before and the one behind.

    Of two corners the one behind has a later level: that of the other one, once its step is taken, is the same corner.
    """
    for before, behind in permutations(corners, 2):
        for step in STEPS:
            level = getattr(behind, step)
            if level != getattr(Corner(), step) and level != getattr(before, step):
                if before.with_level(step, level) == behind:
                    yield step, before, behind
