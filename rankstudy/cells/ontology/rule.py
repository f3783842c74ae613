"""When two terms of an ontology are similar: by their most informative common ancestor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rankstudy.cells.ontology.terms import Ontology
from rankstudy.core.tables import OTHER, SIMILAR, UNKNOWN


class CommonAncestor(NamedTuple):
    """The most informative common ancestor of two terms, and its information."""

    ancestor: str
    similarity: float


@dataclass(frozen=True)
class Rule:
    """When two terms are similar.

    Of the ancestors that both have (`is_a`, the terms themselves included), the one with the most information counts
    (Resnik, IJCAI 1995, with the intrinsic information of Seco et al. 2004:
    `rankstudy.cells.ontology.terms.information`). Terms are similar if it says at least `least_similarity`, or if they
    are one term. Otherwise, where one of them is an ancestor of the other, it is too broad to tell: what it names may
    be the other type, and the relation is unknown.

    Attributes
    ----------
    ontology
        The release.
    least_similarity
        Information from which on a common ancestor makes types similar, above 0 and at most 1.
    ignored
        Ancestors that do not count, since they tell no kinship (`secretory cell`, `stem cell`).
    """

    ontology: Ontology
    least_similarity: float
    ignored: frozenset[str]

    def common_ancestor(self, a: str, b: str) -> CommonAncestor | None:
        """Return the most informative common ancestor, None if there is none.

        Among equals the one with the first id.
        """
        information = self.ontology.information
        common = self.ontology.ancestors(a) & self.ontology.ancestors(b)
        common = [term for term in common if term in information and (term not in self.ignored or a == b)]
        if not common:
            return None
        best = min(common, key=lambda term: (-information[term], term))
        return CommonAncestor(best, information[best])

    def relation(self, a: str, b: str) -> tuple[str, CommonAncestor | None]:
        """Return `similar`, `other` or `unknown`, and the ancestor that decided it."""
        shared = self.common_ancestor(a, b)
        if shared is None:
            return UNKNOWN, None
        if a == b or shared.similarity >= self.least_similarity:
            return SIMILAR, shared
        contained = a in self.ontology.ancestors(b) or b in self.ontology.ancestors(a)
        return (UNKNOWN if contained else OTHER), shared
