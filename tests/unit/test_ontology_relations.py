"""Which types are similar: a tree checked by hand (ontology_files), groupings, labels, suggestions."""

import itertools
import logging
import math

import pandas as pd
import pytest

from rankstudy.cells.ontology.relate import relate_types, related
from rankstudy.cells.ontology.rule import Rule
from rankstudy.cells.ontology.suggest import normalised, suggestions
from rankstudy.cells.ontology.tables import ONTOLOGY_SUGGESTIONS
from rankstudy.cells.ontology.terms import TABLES, Ontology, tabulate
from rankstudy.cells.tables import CELL_TYPES, PART_CELLS, TYPE_RELATIONS
from rankstudy.core.errors import StudyError
from tests.unit import ontology_files as small
from tests.unit.ontology_files import (
    ALPHA,
    APART,
    BETA,
    CELL,
    ENDOTHELIAL,
    EPITHELIAL,
    LEUKOCYTE,
    MAST,
    PANCREATIC,
    SECRETORY,
    T_CELL,
    TERMS,
)

THREE, FIVE = (1 - math.log(n) / math.log(10) for n in (3, 5))
ONTOLOGY = Ontology(tabulate(TERMS, CELL, "the small one"))
RULE = Rule(ONTOLOGY, 0.4, frozenset({SECRETORY}))
TYPES = {"alpha": ALPHA, "beta": BETA, "endothelial": ENDOTHELIAL, "t": T_CELL, "mast": MAST}


@pytest.mark.parametrize(
    ("a", "b", "relation", "ancestor", "similarity"),
    [
        (ALPHA, BETA, "similar", PANCREATIC, THREE),
        (ALPHA, ENDOTHELIAL, "other", EPITHELIAL, FIVE),
        (T_CELL, MAST, "similar", LEUKOCYTE, THREE),
        (ALPHA, T_CELL, "other", CELL, 0.0),
        (ALPHA, MAST, "other", CELL, 0.0),  # secretory cells both, which tells no kinship
        (ALPHA, PANCREATIC, "similar", PANCREATIC, THREE),
        (ALPHA, EPITHELIAL, "unknown", EPITHELIAL, FIVE),  # it may be an alpha cell
        (T_CELL, EPITHELIAL, "other", CELL, 0.0),
        (BETA, CELL, "unknown", CELL, 0.0),
        (ALPHA, SECRETORY, "unknown", CELL, 0.0),  # it may be an alpha cell, or any other
        (SECRETORY, SECRETORY, "similar", SECRETORY, THREE),
        (EPITHELIAL, EPITHELIAL, "similar", EPITHELIAL, FIVE),  # two labels of one term
        (ALPHA, APART, "unknown", None, None),  # not connected: nobody says that they differ
        (APART, APART, "unknown", None, None),
    ],
)
def test_the_most_informative_common_ancestor_decides(a, b, relation, ancestor, similarity):
    for pair in ((a, b), (b, a)):
        found, shared = RULE.relation(*pair)
        assert found == relation
        assert (shared or (None, None)) == (ancestor, similarity and pytest.approx(similarity))


def test_what_is_ignored_and_how_much_an_ancestor_must_say_are_settings():
    assert Rule(ONTOLOGY, 0.4, frozenset()).relation(ALPHA, MAST)[0] == "similar"
    assert Rule(ONTOLOGY, 0.3, frozenset()).relation(ALPHA, ENDOTHELIAL)[0] == "similar"
    assert Rule(ONTOLOGY, 0.6, frozenset()).relation(ALPHA, BETA)[0] == "other"


def test_an_ancestor_that_says_exactly_as_much_as_it_must_makes_types_similar():
    told = RULE.common_ancestor(ALPHA, BETA).similarity
    assert Rule(ONTOLOGY, told, frozenset()).relation(ALPHA, BETA)[0] == "similar"
    assert Rule(ONTOLOGY, math.nextafter(told, 1), frozenset()).relation(ALPHA, BETA)[0] == "other"


def relations_of(types=TYPES, terms=TYPES, similar=(), rule=RULE):
    found = related(types, terms, similar, rule)
    return {(row.type_a, row.type_b): (row.relation, row.basis) for row in found.itertuples()}


def test_each_pair_of_types_is_there_once_in_the_order_of_the_alphabet():
    found = relations_of(["t", "mast", "beta", "alpha", "endothelial"])
    assert list(found) == list(itertools.combinations_with_replacement(sorted(TYPES), 2))
    assert all(value == ("own", "same label") for (a, b), value in found.items() if a == b)
    similar = {pair for pair, value in found.items() if value == ("similar", "ontology")}
    assert similar == {("alpha", "beta"), ("mast", "t")}
    assert sum(value == ("other", "ontology") for value in found.values()) == 8


def test_types_without_a_term_are_unknown_and_never_other():
    found = relations_of([*TYPES, "what"], TYPES)
    assert {value for pair, value in found.items() if "what" in pair} == {
        ("own", "same label"),
        ("unknown", "unmapped"),
    }
    assert {value for (a, b), value in relations_of(terms={}, rule=None).items() if a != b} == {("unknown", "unmapped")}


def test_a_grouping_by_hand_goes_before_the_ontology():
    found = relations_of([*TYPES, "what"], similar=[["alpha", "endothelial", "what"], ["beta"]])
    assert found["alpha", "endothelial"] == found["alpha", "what"] == ("similar", "by hand")
    assert found["alpha", "beta"] == found["beta", "what"] == ("other", "by hand")
    assert found["mast", "t"] == ("similar", "ontology") and found["beta", "t"] == ("other", "ontology")
    assert found["t", "what"] == ("unknown", "unmapped")
    table = related(TYPES, TYPES, [["alpha"], ["beta"]], RULE).set_index(["type_a", "type_b"])
    assert table.loc[("alpha", "beta"), "ancestor_name"] == "pancreatic cell"  # what the ontology says stays to be seen


@pytest.mark.parametrize(
    ("labels", "same"),
    [
        (["T cells", "t_cell", "T-cell", "T", " t  Cell "], "t"),
        (["Macrophages", "macrophage", "MACROPHAGE cells"], "macrophage"),
        (["CD4+ T cells", "cd4+ t cell"], "cd4+ t"),
        (["CD8-positive, alpha-beta T cell"], "cd8 positive alpha beta t"),
        (["cell", "Cells"], "cell"),
        (["thymus"], "thymus"),
        (["β cell"], "β"),
    ],
)
def test_labels_are_compared_without_case_plural_punctuation_and_the_word_cell(labels, same):
    assert {normalised(label) for label in labels} == {same}


def test_suggestions_are_by_name_and_exact_synonym_and_each_says_why():
    found = suggestions(["T cells", "Beta_cell", "nothing like it", "thing"], ONTOLOGY, "toy")
    assert found[["cell_type", "term_id", "found_by", "text"]].values.tolist() == [
        ["Beta_cell", BETA, "synonym", "beta cell"],
        ["T cells", T_CELL, "name", "T cell"],
        ["T cells", MAST, "synonym", "T cell"],
    ]


def run(
    folder,
    types=tuple(TYPES),
    *,
    terms=None,
    by_name=False,
    similar=(),
    cells=None,
    ontology=True,
    ignored=(SECRETORY,),
):
    for name, frame in tabulate(TERMS, CELL, "small").items():
        TABLES[name].write(frame, folder / f"{name}.parquet")
    numbers = {"n_cells": 5, "n_batches": 1, "median_counts": 1.0, "median_genes": 1.0}
    rows = [{"dataset": "toy", "cell_type": label, "slug": label, **numbers} for label in types]
    CELL_TYPES.write(pd.DataFrame(rows), folder / "types.parquet")
    outputs = {
        f"{name}{end}": folder / f"{name}.{end or 'parquet'}"
        for name in ("type_relations", "ontology_suggestions")
        for end in ("", "_tsv")
    }
    relate_types(
        str(folder / "types.parquet"),
        [] if cells is None else [write_cells(folder, cells)],
        dataset="toy",
        terms=TYPES if terms is None else terms,
        by_name=by_name,
        similar=similar,
        ontology_in={name: str(folder / f"{name}.parquet") for name in TABLES} if ontology else {},
        least_similarity=0.4,
        ignored_ancestors=list(ignored),
        outputs=outputs,
    )
    found = TYPE_RELATIONS.read(outputs["type_relations"])
    return found, ONTOLOGY_SUGGESTIONS.read(outputs["ontology_suggestions"])


def write_cells(folder, cells):
    """Write an index of cells from their types, ids and reasons to be left out."""
    frame = pd.DataFrame(cells, columns=["cell_type", "term", "left_out"])
    fixed = {"dataset": "toy", "cell_name": "c", "batch": "all", "donor": None, "part": "0", "row": 0}
    numbers = {"n_counts": 1.0, "n_genes": 1, "n_fractional": 0}
    frame = frame.assign(cell_id=[f"toy:{i}" for i in range(len(frame))], **fixed, **numbers)
    PART_CELLS.write(frame.assign(state=None)[PART_CELLS.names], folder / "cells.parquet")
    return str(folder / "cells.parquet")


def test_suggestions_are_written_and_logged_and_not_applied(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    found, suggested = run(tmp_path, ["alpha", "beta", "Mast cells", "odd"], terms={"alpha": ALPHA, "beta": BETA})
    assert suggested[["cell_type", "term_id", "name"]].values.tolist() == [["Mast cells", MAST, "mast cell"]]
    of_mast = found[(found["type_a"] == "Mast cells") | (found["type_b"] == "Mast cells")]
    assert set(of_mast["relation"]) == {"own", "unknown"} and of_mast["ancestor_id"].isna().all()
    assert "2 cell types have no term of the Cell Ontology: Mast cells, odd" in caplog.text
    assert "suggested, not applied: Mast cells: CL:0000008 (mast cell, by name 'mast cell')" in caplog.text
    assert "5 unknown" in caplog.text


def test_labels_that_are_names_take_their_terms_where_the_data_set_says_so(tmp_path):
    labels = ["mast CELL", "T cell", "t_cell", "beta cell"]  # neither another spelling nor a synonym is a name
    found, suggested = run(tmp_path, labels, terms={}, by_name=True)
    known = found[(found["relation"] != "unknown") & (found["type_a"] != found["type_b"])]
    assert known[["type_a", "type_b", "relation"]].values.tolist() == [["T cell", "mast CELL", "similar"]]
    assert set(suggested["cell_type"]) == {"t_cell", "beta cell"}


def test_what_the_file_and_the_column_say_goes_before_the_name(tmp_path):
    cells = [("T cell", BETA, None)]
    found, _ = run(
        tmp_path, ["T cell", "mast cell", "alpha"], terms={"alpha": ALPHA, "mast cell": BETA}, by_name=True, cells=cells
    )
    assert set(found["relation"]) == {"own", "similar"}


def test_without_an_ontology_the_hand_alone_says_what_is_similar(tmp_path):
    found, suggested = run(tmp_path, ["a", "b", "c"], terms={}, similar=[["a", "b"]], ontology=False)
    assert found["relation"].tolist() == ["own", "similar", "unknown", "own", "unknown", "own"]
    assert found["similarity"].isna().all() and suggested.empty
    assert (tmp_path / "type_relations._tsv").read_text().startswith("dataset\ttype_a\ttype_b\trelation\tbasis\t")


def test_ids_from_a_column_of_the_cells(tmp_path):
    cells = [
        ("alpha", ALPHA, None),
        ("alpha", ALPHA, None),
        ("beta", BETA, None),
        ("beta", None, None),
        ("t", "unknown", None),
        ("t", MAST, "donor is d9"),
        ("mast", "no id", None),
        (None, T_CELL, None),
    ]
    found, _ = run(
        tmp_path, ["alpha", "beta", "t", "mast"], terms={"mast": MAST}, cells=cells
    )  # the file goes before the column
    relations = found.set_index(["type_a", "type_b"])["relation"]
    assert relations["alpha", "beta"] == "similar" and relations["alpha", "mast"] == "other"
    assert relations["alpha", "t"] == relations["mast", "t"] == "unknown"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"terms": {"alfa": ALPHA}},
            r"data set toy: ontology\.terms: there is no cell type 'alfa' \(did you mean 'alpha'\?\); "
            r"name types that are compared:",
        ),
        (
            {"similar": [["alpha", "betta"]]},
            r"data set toy: similar: there is no cell type 'betta' \(did you mean 'beta'",
        ),
        ({"terms": {"alpha": small.REPLACED}}, r"ontology\.terms: alpha: CL:0000010 is withdrawn .*; write CL:0000004"),
        ({"terms": {"alpha": small.MISSING}}, r"ontology\.terms: alpha: there is no term CL:0009999"),
        (
            {"terms": {}, "cells": [("t", small.MERGED, None)]},
            r"ontology\.column: t: CL:0000012 is withdrawn .*; write CL:0000003",
        ),
        (
            {"terms": {}, "cells": [("t", "T cell", None)]},
            r"ontology\.column: 't' has 'T cell', which is no id such as",
        ),
        (
            {"terms": {}, "cells": [("t", T_CELL, None), ("t", MAST, None)]},
            r"ontology\.column: the cell type 't' has 2 ids \(CL:0000007, CL:0000008\); say which it is",
        ),
    ],
)
def test_labels_and_ids_that_do_not_exist_are_errors(tmp_path, settings, message):
    with pytest.raises(StudyError, match=message):
        run(tmp_path, **settings)
    assert not (tmp_path / "type_relations.parquet").exists()


def test_ignored_ancestors_that_the_release_does_not_use_are_reported(tmp_path, caplog):
    run(tmp_path, ignored=[small.MISSING, small.WITHDRAWN, SECRETORY])
    assert "not in use in this release: CL:0009999, CL:0000011" in caplog.text
