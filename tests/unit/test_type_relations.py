"""Which cell types are similar: the grouping of a data set's file as a table, and the table as a matrix."""

import pandas as pd
import pytest

from rankstudy.errors import StudyError
from rankstudy.index import CELL_TYPES
from rankstudy.pairs.result import OTHER, OWN, SIMILAR, UNKNOWN
from rankstudy.relation_matrix import relation_matrix
from rankstudy.type_relations import TYPE_RELATIONS, relate_types, relations_of

LABELS = ["beta", "alpha", "acinar", "ductal", "T cell", "NA"]
GROUPS = [["alpha", "beta"], ["ductal", "acinar"]]


def write_types(path, labels=LABELS):
    frame = pd.DataFrame({"dataset": "toy", "cell_type": labels, "slug": [x.lower() for x in labels]})
    numbers = {"n_cells": 5, "n_batches": 1, "median_counts": 1.0, "median_genes": 1.0}
    CELL_TYPES.write(frame.assign(**numbers), path.with_suffix(".parquet"), path)
    return str(path)


def related(folder, similar, labels=LABELS):
    out, tsv = str(folder / "type_relations.parquet"), str(folder / "type_relations.tsv")
    relate_types(write_types(folder / "types.tsv", labels), dataset="toy", similar=similar, output=out, tsv=tsv)
    return out


def test_types_of_a_group_are_similar_and_all_the_rest_other(tmp_path):
    path = related(tmp_path, GROUPS)
    table = TYPE_RELATIONS.read(path)
    assert len(table) == len(LABELS) * (len(LABELS) + 1) // 2
    similar = table[table["relation"] == "similar"]
    assert set(zip(similar["type_a"], similar["type_b"], strict=True)) == {("alpha", "beta"), ("acinar", "ductal")}
    assert set(table.loc[table["type_a"] == table["type_b"], "relation"]) == {"own"}
    assert table.groupby("relation")["basis"].unique().map(list).to_dict() == {
        "own": ["same label"],
        "similar": ["by hand"],
        "other": ["by hand"],
    }
    wanted = [[OWN, SIMILAR, OTHER], [SIMILAR, OWN, OTHER], [OTHER, OTHER, OWN]]
    assert relation_matrix(path, ["alpha", "beta", "T cell"]).tolist() == wanted
    assert (tmp_path / "type_relations.tsv").read_text().count("\n") == len(table) + 1


def test_without_a_grouping_all_other_types_are_other(tmp_path):
    path = related(tmp_path, [])
    assert relation_matrix(path, ["beta", "alpha"]).tolist() == [[OWN, OTHER], [OTHER, OWN]]
    assert set(TYPE_RELATIONS.read(path)["basis"]) == {"same label", "none"}


def test_what_nobody_knows_is_read_as_unknown(tmp_path):
    table = relations_of(["a", "b"], []).assign(dataset="toy", basis="none")
    table.loc[table["type_a"] != table["type_b"], "relation"] = "unknown"
    TYPE_RELATIONS.write(table[TYPE_RELATIONS.names], tmp_path / "t.parquet")
    assert relation_matrix(tmp_path / "t.parquet", ["b", "a"]).tolist() == [[OWN, UNKNOWN], [UNKNOWN, OWN]]


def test_a_group_with_an_unknown_label_is_refused_with_the_nearest_one():
    with pytest.raises(
        StudyError, match=r"similar: there is no cell type 'aplha' \(did you mean 'alpha'\?\); .*ductal"
    ):
        relations_of(LABELS, [["aplha", "beta"]])


def test_a_table_of_other_types_is_refused(tmp_path):
    with pytest.raises(StudyError, match=r"lacks the relation of the cell types \('alpha', 'delta'\)"):
        relation_matrix(related(tmp_path, []), ["alpha", "delta"])
