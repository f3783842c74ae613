"""The terms of an ontology as tables, checked, and what is asked of them: ancestors, and how much a term says."""

from __future__ import annotations

import logging
import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import pandas as pd

from rankstudy.cells.ontology.tables import ONTOLOGY_PARENTS, ONTOLOGY_SYNONYMS, ONTOLOGY_TERMS
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.tables import Table

log = logging.getLogger(__name__)

PREFIX = "CL"
TERM_ID = re.compile(rf"{PREFIX}:\d{{7}}")


TABLES = {"terms": ONTOLOGY_TERMS, "parents": ONTOLOGY_PARENTS, "synonyms": ONTOLOGY_SYNONYMS}


@dataclass(frozen=True)
class Term:
    """A term as a file states it; `parents` may lie in other ontologies."""

    id: str
    name: str | None = None
    parents: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    deprecated: bool = False
    replaced_by: str | None = None


def tabulate(terms: Iterable[Term], root: str, where: str) -> dict[str, pd.DataFrame]:
    """Return the tables of TABLES, by name, after checking that the terms are a hierarchy below the root.

    Parents that are not terms of the Cell Ontology, or are withdrawn, are left out, counted and logged.

    Raises
    ------
    StudyError
        If there is no term, an id occurs twice, the root is missing, or a term is above itself.
    """
    by_id = _each_once(terms, where)
    live = {term.id: term for term in by_id.values() if not term.deprecated}
    if root not in live:
        raise StudyError(
            f"{where}: has {len(live):,} terms in use, but not the root {root}; is it the Cell Ontology, and whole?"
        )
    parents = {id: sorted({p for p in term.parents if p in live}) for id, term in live.items()}
    _log_left_out(live, by_id, where)
    ancestors = _ancestors(parents, where)
    n_terms = Counter(ancestor for found in ancestors.values() for ancestor in found)
    rows = [
        {
            "term_id": term.id,
            "name": term.name,
            "deprecated": term.deprecated,
            "replaced_by": term.replaced_by,
            "n_terms": n_terms[term.id],
            "information": information(n_terms[term.id], n_terms[root]) if root in ancestors.get(term.id, ()) else None,
        }
        for term in sorted(by_id.values(), key=lambda term: term.id)
    ]
    if apart := [row["term_id"] for row in rows if not row["deprecated"] and row["information"] is None]:
        log.warning("%s: %d terms are not below %s: %s", where, len(apart), root, listing(apart))
    return {
        "terms": pd.DataFrame(rows),
        "parents": _pairs(parents, ONTOLOGY_PARENTS),
        "synonyms": _pairs({id: sorted(set(term.synonyms)) for id, term in live.items()}, ONTOLOGY_SYNONYMS),
    }


def information(n_terms: int, n_all: int) -> float:
    """Return how much a term says, from the terms at or below it and all terms: 1 - ln(n_terms) / ln(n_all).

    The intrinsic information content of Seco, Veale and Hayes (ECAI 2004): a term is the more specific, the fewer
    terms are below it. It needs no corpus, and does not depend on how many levels an author put in between.
    """
    return 1.0 - math.log(n_terms) / math.log(n_all) if n_all > 1 else 0.0


def _each_once(terms: Iterable[Term], where: str) -> dict[str, Term]:
    by_id: dict[str, Term] = {}
    for term in terms:
        if term.id in by_id:
            raise StudyError(f"{where}: {term.id} is defined twice; the file is damaged")
        by_id[term.id] = term
    if not by_id:
        raise StudyError(f"{where}: holds no term {PREFIX}:...; is it the Cell Ontology (cl.owl, cl-basic.obo)?")
    return by_id


def _log_left_out(live: Mapping[str, Term], by_id: Mapping[str, Term], where: str) -> None:
    outside = [parent for term in live.values() for parent in term.parents if parent not in live]
    missing = [parent for parent in outside if parent.startswith(f"{PREFIX}:")]
    log.info(
        "%s: %d terms in use, %d withdrawn; %d parents in other ontologies left out",
        *(where, len(live), len(by_id) - len(live), len(outside) - len(missing)),
    )
    if missing:
        log.warning("%s: %d parents are unknown or withdrawn: %s", where, len(missing), listing(sorted(set(missing))))


def _ancestors(parents: Mapping[str, Iterable[str]], where: str) -> dict[str, frozenset[str]]:
    """Return the ancestors of each term, itself included."""
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError as error:
        raise StudyError(
            f"{where}: terms are kinds of themselves: {' -> '.join(error.args[1][:10])}; the file is damaged"
        ) from None
    found: dict[str, frozenset[str]] = {}
    for id in order:
        found[id] = frozenset([id]).union(*(found[parent] for parent in parents[id]))
    return found


def _pairs(values: Mapping[str, Iterable[str]], table: Table) -> pd.DataFrame:
    pairs = [(id, value) for id in sorted(values) for value in values[id]]
    return pd.DataFrame(pairs, columns=table.names)


class Ontology:
    """A release, read from its tables.

    Attributes
    ----------
    names, information
        Name and information of each term in use; information only of terms below the root.
    synonyms
        Exact synonyms of each term that has any.
    deprecated
        The withdrawn ids, with the term to use instead (or None).
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]):
        terms = tables["terms"].astype(object).where(tables["terms"].notna(), None)
        live = terms[~terms["deprecated"].astype(bool)]
        withdrawn = terms[terms["deprecated"].astype(bool)]
        self.names: dict[str, str | None] = dict(zip(live["term_id"], live["name"], strict=True))
        below = live[live["information"].notna()]
        self.information: dict[str, float] = dict(zip(below["term_id"], below["information"], strict=True))
        self.deprecated: dict[str, str | None] = dict(zip(withdrawn["term_id"], withdrawn["replaced_by"], strict=True))
        self.synonyms: dict[str, list[str]] = tables["synonyms"].groupby("term_id")["synonym"].agg(list).to_dict()
        parents = tables["parents"].groupby("term_id")["parent_id"].agg(list).to_dict()
        self._ancestors = _ancestors({id: parents.get(id, []) for id in self.names}, "ontology")

    @classmethod
    def read(cls, paths: Mapping[str, str | os.PathLike]) -> Ontology:
        """Read the tables `terms`, `parents` and `synonyms` of a release."""
        return cls({name: table.read(paths[name]) for name, table in TABLES.items()})

    def ancestors(self, term: str) -> frozenset[str]:
        """Return the ancestors of a term in use, itself included."""
        return self._ancestors[term]

    def require(self, term: str, where: str) -> None:
        """Raise StudyError, naming what to write instead, unless the id is one of a term in use."""
        if term in self.deprecated:
            instead = self.deprecated[term]
            problem = f"{where}: {term} is withdrawn in this release of the Cell Ontology"
            if instead:
                raise StudyError(advise(problem, f"write {instead} ({self.names.get(instead)})"))
            raise StudyError(advise(f"{problem}, which names no other", "choose another term, or remove the line"))
        if term not in self.names:
            problem = f"{where}: there is no term {term} in this release of the Cell Ontology"
            raise StudyError(advise(problem, "correct the id", "take a release that has it (`ontology.release`)"))
