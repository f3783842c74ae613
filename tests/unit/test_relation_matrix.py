"""The table of which cell types are similar, as the matrix that counts relations."""

import pandas as pd
import pytest

from rankstudy.cells.ontology.relate import related
from rankstudy.cells.tables import TYPE_RELATIONS
from rankstudy.core.errors import StudyError
from rankstudy.pairs.engine.result import OTHER, OWN, SIMILAR, UNKNOWN
from rankstudy.pairs.relation_matrix import relation_matrix

LABELS = ["beta", "alpha", "acinar", "ductal", "T cell", "NA"]
GROUPS = [["alpha", "beta"], ["ductal", "acinar"], ["T cell"]]


@pytest.fixture
def table(tmp_path):
    """Return the path of the table of a grouping by hand; of one type nobody knows anything."""
    path = tmp_path / "type_relations.parquet"
    TYPE_RELATIONS.write(related(LABELS, {}, GROUPS, None).assign(dataset="toy")[TYPE_RELATIONS.names], path)
    return path


def test_the_matrix_has_the_types_in_the_order_that_is_asked_for(table):
    wanted = [[OWN, SIMILAR, OTHER], [SIMILAR, OWN, OTHER], [OTHER, OTHER, OWN]]
    assert relation_matrix(table, ["alpha", "beta", "T cell"]).tolist() == wanted
    assert relation_matrix(table, ["T cell", "NA"]).tolist() == [[OWN, UNKNOWN], [UNKNOWN, OWN]]


def test_every_pair_of_types_stands_in_the_table_once(table):
    found = pd.read_parquet(table)
    assert len(found) == len(LABELS) * (len(LABELS) + 1) // 2 and (found["type_a"] <= found["type_b"]).all()


def test_a_table_of_other_types_is_refused(table):
    with pytest.raises(StudyError, match=r"lacks the relation of the cell types \('alpha', 'delta'\)"):
        relation_matrix(table, ["alpha", "delta"])
