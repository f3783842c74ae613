"""The term of each cell type of a data set: from its configuration, or from a column of its cells."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from rankstudy.cells.ontology.terms import TERM_ID, Ontology
from rankstudy.cells.tables import PART_CELLS
from rankstudy.core.errors import StudyError, advise, listing

log = logging.getLogger(__name__)

# what a column of ids holds where its authors could not say (CELLxGENE)
_NONE = {"unknown", "na", "nan"}


def terms_of_types(
    types: Sequence[str],
    cells_in: Sequence[str],
    terms: Mapping[str, str],
    ontology: Ontology,
    dataset: str,
    *,
    by_name: bool = False,
) -> dict[str, str]:
    """Return the term of each cell type that has one, after checking that the ontology uses it.

    Parameters
    ----------
    types
        The labels.
    cells_in
        The tables `part_cells` whose column `term` says it; none without such a column.
    terms
        Terms that the data set's file gives, by label; they go before the column.
    ontology
        The release.
    dataset
        Name of the data set, for messages.
    by_name
        Whether labels are names of terms; what the file or the column says goes before.

    Raises
    ------
    StudyError
        If an id is none, unknown or withdrawn, or a label has several in the column.
    """
    of_column = _in_column(cells_in, set(types) - set(terms), dataset)
    for where, found in (("ontology.terms", terms), ("ontology.column", of_column)):
        for label, term in found.items():
            ontology.require(term, f"data set {dataset}: {where}: {label}")
    of_names = _named(set(types) - set(terms) - set(of_column), ontology) if by_name else {}
    found = {**of_names, **of_column, **terms}
    for label, term in sorted(found.items()):
        log.info("%s: %s (%s)", label, term, ontology.names[term])
    return found


def _named(types: set[str], ontology: Ontology) -> dict[str, str]:
    """Return the term of each type whose label is its name, and that of no other term."""
    terms = defaultdict(list)
    for term, name in ontology.names.items():
        if name:
            terms[name.casefold()].append(term)
    return {label: found[0] for label in types if len(found := terms.get(label.strip().casefold(), [])) == 1}


def _in_column(cells_in: Sequence[str], types: set[str], dataset: str) -> dict[str, str]:
    if not cells_in:
        return {}
    cells = PART_CELLS.read_all(cells_in)
    cells = cells[cells["cell_type"].isin(types) & cells["left_out"].isna() & cells["term"].notna()]
    cells = cells[~cells["term"].str.lower().isin(_NONE)]
    found = {}
    for label, of_label in cells.groupby("cell_type")["term"]:
        ids = sorted(set(of_label))
        if len(ids) > 1:
            problem = (
                f"data set {dataset}: ontology.column: the cell type {label!r} has {len(ids)} ids ({listing(ids, 5)})"
            )
            raise StudyError(
                advise(problem, "say which it is under `ontology.terms`", "take the column for `cell_type`")
            )
        if not TERM_ID.fullmatch(ids[0]):
            problem = (
                f"data set {dataset}: ontology.column: {label!r} has {ids[0]!r}, which is no id such as CL:0000169"
            )
            raise StudyError(advise(problem, "name the column of ids", "say under `ontology.terms` which it is"))
        found[label] = ids[0]
    return found
