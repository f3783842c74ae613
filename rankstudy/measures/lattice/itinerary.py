"""The itinerary: which corners are walked, by which measures, and which of them one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import anndata as ad

from rankstudy.measures.lattice.corner import Corner, Cube
from rankstudy.measures.lattice.shapley import Shapley
from rankstudy.measures.lattice.tables import FORM
from rankstudy.measures.settings.material import Material
from rankstudy.measures.settings.setting import claimed
from rankstudy.measures.settings.tables import AS_MEASURED
from rankstudy.pairs.likeness.measures import Measure


@dataclass(frozen=True)
class Lattice:
    """What is walked.

    Attributes
    ----------
    named
        The corner of each encoding that declares its steps.
    cubes
        The corners of each ledger, by the encoding that it leads to and that it starts from.
    measures
        The corners of the ledgers, each with the measures that it is looked at by, in every setting.
    beside
        Further ones, looked at by correlation and as measured: encodings without a ledger, and another form of orders.
    """

    named: Mapping[str, Corner]
    cubes: Mapping[tuple[str, str], Cube]
    measures: Mapping[Corner, tuple[Measure, ...]]
    beside: Mapping[Corner, tuple[Measure, ...]]

    @classmethod
    def of(cls, encodings: Mapping[str, Mapping[str, Any]], ledgers: Sequence[Sequence[str]]) -> Lattice:
        """Return the lattice of some encodings, of which some have a ledger.

        Orders are judged by correlation alone, and so is all that stands beside them in a ledger.
        """
        named = {name: Corner.of(about["vocabulary"], about["steps"]) for name, about in encodings.items()}
        cubes = {(name, start): Cube.between(named[start], named[name]) for name, start in ledgers}
        found: dict[Corner, dict[Measure, None]] = {}
        for (name, start), cube in cubes.items():
            measures = dict.fromkeys(claimed(any(encodings[each]["order"] for each in (name, start))))
            for taken in Shapley.of(cube.steps, cube.precedence).subsets:
                found.setdefault(cube.corner(taken), {}).update(measures)
        forms = [corner.with_level(FORM, "logarithm") for corner in named.values() if corner.kind == "order"]
        beside = dict.fromkeys(corner for corner in (*named.values(), *forms) if corner not in found)
        return cls(
            named,
            cubes,
            {corner: tuple(measures) for corner, measures in found.items()},
            dict.fromkeys(beside, claimed(order=True)),
        )

    @property
    def corners(self) -> list[Corner]:
        """All of them."""
        return [*self.measures, *self.beside]

    @property
    def names(self) -> dict[Corner, list[str]]:
        """The encodings that a corner is."""
        found: dict[Corner, list[str]] = {}
        for name, corner in self.named.items():
            found.setdefault(corner, []).append(name)
        return found

    def at(self, depth: str) -> Mapping[Corner, tuple[Measure, ...]]:
        """Return the corners that are looked at in the settings of a depth, with the measures."""
        return {**self.measures, **self.beside} if depth == AS_MEASURED else self.measures


class Place(NamedTuple):
    """A corner at a depth, in one draw of ties, and the measures that it is looked at by there."""

    corner: Corner
    measures: tuple[Measure, ...]
    depth: str
    ties: int


def places_of(material: Material, lattice: Lattice) -> Iterator[tuple[ad.AnnData, list[Place]]]:
    """Yield the counts of each draw of molecules with the places there, those that read the same one after the other.

    Ties are drawn anew with the molecules.
    """
    for depth in material.depths:
        for molecules, counts in enumerate(material.at(depth)):
            yield counts, _places(material, lattice, depth, molecules)


def _places(material: Material, lattice: Lattice, depth: str, molecules: int) -> list[Place]:
    anew = range(material.draws) if depth == AS_MEASURED else [molecules]
    places = [
        Place(corner, measures, depth, ties)
        for corner, measures in lattice.at(depth).items()
        for ties in (anew if corner.by_chance else anew[:1])
    ]
    return sorted(places, key=_read_together)


def _read_together(place: Place) -> tuple[str, str, int]:
    corner = place.corner
    return corner.vocabulary, corner.scaling, place.ties if corner.by_chance else -1


def n_places(material: Material, lattice: Lattice) -> int:
    """Return how many places there are."""
    times = {depth: 1 if depth == AS_MEASURED else material.draws for depth in material.depths}
    return sum(n * len(_places(material, lattice, depth, 0)) for depth, n in times.items())


def shortest(corners: Iterable[Corner]) -> set[Corner]:
    """Return corners of which a cell has vectors only if it has those of all: of alike ones the shortest order.

    Corners that keep all genes of a vocabulary that a cell has, in whatever form, are alike.
    """
    alike: dict[object, list[Corner]] = {}
    for corner in corners:
        order = corner.vocabulary, corner.scaling, corner.ties
        key = corner if corner.kind == "levels" else corner.vocabulary if corner.first is None else order
        alike.setdefault(key, []).append(corner)
    return {min(of, key=lambda corner: corner.first or 0) for of in alike.values()}
