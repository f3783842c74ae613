"""Which cell types are similar: by the Cell Ontology, by a grouping made by hand, or not known."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations_with_replacement

import pandas as pd

from rankstudy.cells.ontology.labels import terms_of_types
from rankstudy.cells.ontology.rule import Rule
from rankstudy.cells.ontology.suggest import suggestions
from rankstudy.cells.ontology.tables import ONTOLOGY_SUGGESTIONS
from rankstudy.cells.ontology.terms import Ontology
from rankstudy.cells.tables import BY_HAND, BY_ONTOLOGY, CELL_TYPES, SAME_LABEL, TYPE_RELATIONS, UNMAPPED
from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.core.tables import OTHER, OWN, SIMILAR, UNKNOWN

log = logging.getLogger(__name__)


def relate_types(
    types_in: str,
    cells_in: Sequence[str],
    *,
    dataset: str,
    terms: Mapping[str, str],
    by_name: bool,
    similar: Sequence[Sequence[str]],
    ontology_in: Mapping[str, str],
    least_similarity: float,
    ignored_ancestors: Sequence[str],
    outputs: Mapping[str, str | os.PathLike],
) -> None:
    """Write the relation of each pair of cell types, and suggestions for types without a term.

    Parameters
    ----------
    types_in, cells_in
        The table `cell_types`, and the tables `part_cells` where the data set names a column of ids, else none.
    dataset
        Name of the data set.
    terms
        Ids that the data set's file gives to labels.
    by_name
        Whether labels are names of terms.
    similar
        Groups of labels, by hand; they go before the ontology.
    ontology_in
        Tables of the release (`terms`, `parents`, `synonyms`); empty without an ontology.
    least_similarity, ignored_ancestors
        See `Rule`.
    outputs
        Where `type_relations`, `ontology_suggestions` and their texts (`<name>_tsv`) go.

    Raises
    ------
    StudyError
        If a label that the configuration names does not exist, or an id is unknown, withdrawn or ambiguous.
    """
    types = CELL_TYPES.read(types_in)["cell_type"].tolist()
    _require_labels(terms, types, f"data set {dataset}: ontology.terms")
    _require_labels([label for group in similar for label in group], types, f"data set {dataset}: similar")
    rule, found, suggested = None, {}, ONTOLOGY_SUGGESTIONS.empty()
    if ontology_in:
        ontology = Ontology.read(ontology_in)
        rule = Rule(ontology, least_similarity, _known(ignored_ancestors, ontology))
        found = terms_of_types(types, cells_in, terms, ontology, dataset, by_name=by_name)
        suggested = suggestions(set(types) - found.keys(), ontology, dataset)
    relations = related(types, found, similar, rule).assign(dataset=dataset)
    _report(relations, found, suggested, asked=rule is not None)
    for table, frame in ((TYPE_RELATIONS, relations), (ONTOLOGY_SUGGESTIONS, suggested)):
        table.write(frame[table.names], outputs[table.name], outputs[f"{table.name}_tsv"])


def related(
    types: Iterable[str], terms: Mapping[str, str], similar: Sequence[Sequence[str]], rule: Rule | None
) -> pd.DataFrame:
    """Return the relation of each unordered pair of types: the columns of `type_relations` but for the data set.

    Parameters
    ----------
    types
        Labels, each once.
    terms
        The term of each type that has one.
    similar
        Groups of labels, by hand.
    rule
        Needed if any type has a term.
    """
    group_of = {label: number for number, group in enumerate(similar) for label in group}
    rows = []
    for a, b in combinations_with_replacement(sorted(types), 2):
        shared = None
        relation, basis = UNKNOWN, UNMAPPED
        if a in terms and b in terms:
            (relation, shared), basis = rule.relation(terms[a], terms[b]), BY_ONTOLOGY
        if a == b:
            relation, basis = OWN, SAME_LABEL
        elif a in group_of and b in group_of:
            relation, basis = SIMILAR if group_of[a] == group_of[b] else OTHER, BY_HAND
        ancestor, similarity = shared or (None, None)
        rows.append((a, b, relation, basis, similarity, ancestor, rule.ontology.names[ancestor] if ancestor else None))
    found = pd.DataFrame(rows, columns=TYPE_RELATIONS.names[1:])
    return found.astype({"similarity": "float64"})


def _require_labels(named: Iterable[str], types: Sequence[str], where: str) -> None:
    for label in named:
        if label not in types:
            problem = f"{where}: there is no cell type {label!r}{did_you_mean(label, types)}"
            raise StudyError(advise(problem, f"name types that are compared: {listing(sorted(types), 60)}"))


def _known(ignored: Sequence[str], ontology: Ontology) -> frozenset[str]:
    if missing := [term for term in ignored if term not in ontology.names]:
        log.warning("ontology.ignored_ancestors: not in use in this release: %s", listing(missing, 30))
    return frozenset(ignored)


def _report(relations: pd.DataFrame, terms: Mapping[str, str], suggested: pd.DataFrame, *, asked: bool) -> None:
    """Say in the log how many pairs are of which relation, which labels have no term, and what they may mean."""
    log.info("pairs of types: %s", listing(f"{n} {name}" for name, n in relations["relation"].value_counts().items()))
    if not asked:
        log.info("no ontology is used; `ontology: {}` in the data set's file asks for terms that the labels may mean")
        return
    if unmapped := sorted(set(relations["type_a"]) - set(terms)):
        log.warning("%d cell types have no term of the Cell Ontology: %s", len(unmapped), listing(unmapped, 60))
    for row in suggested.itertuples():
        what = f"{row.term_id} ({row.name}, by {row.found_by} {row.text!r})"
        log.info("suggested, not applied: %s: %s", row.cell_type, what)
