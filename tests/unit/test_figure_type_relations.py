"""The figure of similar types: the order of its rows, and that every kind of table can be drawn."""

import pytest

from rankstudy.cells.ontology.relate import related
from rankstudy.cells.ontology.rule import Rule
from rankstudy.cells.ontology.terms import Ontology, tabulate
from rankstudy.cells.tables import TYPE_RELATIONS
from rankstudy.report.figures.type_relations import _square, grouped_order
from tests.unit.drawing import draw
from tests.unit.drawn_text import recorded_figures
from tests.unit.ontology_files import ALPHA, BETA, CELL, ENDOTHELIAL, MAST, SECRETORY, T_CELL, TERMS

RULE = Rule(Ontology(tabulate(TERMS, CELL, "small")), 0.4, frozenset({SECRETORY}))
TYPES = {"alpha": ALPHA, "mast": MAST, "endothelial": ENDOTHELIAL, "beta": BETA, "t": T_CELL}


def order_of(table):
    return grouped_order(_square(table, "similarity"), _square(table, "relation"))


def test_similar_types_stand_side_by_side_and_unknown_ones_last():
    order = order_of(related([*TYPES, "what", "odd"], TYPES, [], RULE))
    assert order[-2:] == ["odd", "what"] and sorted(order) == sorted([*TYPES, "what", "odd"])
    for a, b in (("alpha", "beta"), ("mast", "t")):
        assert abs(order.index(a) - order.index(b)) == 1


def test_groups_by_hand_stand_side_by_side_without_an_ontology():
    order = order_of(related("abcdef", {}, [["a", "d"], ["b", "f"], ["c"]], None))
    assert abs(order.index("a") - order.index("d")) == abs(order.index("b") - order.index("f")) == 1
    assert order[-1] == "e"


def drawn(folder, monkeypatch, types, terms, similar):
    """Draw a table of these types.

    Return which texts there are, and a function that tells whether a field is hatched.
    """
    table = related(types, terms, similar, RULE).assign(dataset="toy")[TYPE_RELATIONS.names]
    TYPE_RELATIONS.write(table, folder / "table.parquet")
    with recorded_figures(monkeypatch) as found:
        draw("type_relations", folder / "table.parquet", outputs=[folder / "a.png"])
    axes = found[0].figure.axes[0]
    order = [label.get_text() for label in axes.get_yticklabels()]
    hatched = [patch.get_path() for patch in axes.patches if patch.get_hatch()]

    def is_hatched(a, b):
        return any(path.contains_point((order.index(a) + 0.5, order.index(b) + 0.5)) for path in hatched)

    return {text for text, _ in found[0].texts}, is_hatched


def test_by_hand_alone_no_own_type_is_unknown_and_there_is_no_scale_of_an_ontology(tmp_path, monkeypatch):
    texts, is_hatched = drawn(tmp_path, monkeypatch, "abcdef", {}, [["a", "d"], ["b", "f"], ["c"]])
    assert not any(is_hatched(label, label) for label in "abcdef")
    assert is_hatched("a", "e") and is_hatched("e", "a") and not is_hatched("a", "b")
    assert {"similar, by hand", "other, by hand", "unknown"} <= texts
    assert "information of the shared ancestor" not in " ".join(" ".join(texts).split())


def test_with_terms_there_is_the_scale_and_types_without_one_are_not_unknown_to_themselves(tmp_path, monkeypatch):
    texts, is_hatched = drawn(tmp_path, monkeypatch, [*TYPES, "what"], TYPES, [])
    assert not is_hatched("what", "what") and is_hatched("what", "alpha") and not is_hatched("alpha", "mast")
    assert "information of the shared ancestor" in " ".join(" ".join(texts).split())


@pytest.mark.parametrize(
    ("types", "terms", "similar"),
    [
        (["one"], {}, []),
        (["a", "b"], {}, []),
        (["$a$", "b_{2}"], {"$a$": ALPHA, "b_{2}": BETA}, []),
        (TYPES, TYPES, [["alpha", "t"], ["mast"]]),
        ([f"type {i}" for i in range(60)], {f"type {i}": BETA for i in range(40)}, []),
    ],
)
def test_every_kind_of_table_is_drawn(tmp_path, types, terms, similar):
    table = related(types, terms, similar, RULE).assign(dataset="toy")[TYPE_RELATIONS.names]
    TYPE_RELATIONS.write(table, tmp_path / "table.parquet")
    draw("type_relations", tmp_path / "table.parquet", outputs=[tmp_path / "a.svg", tmp_path / "a.png"])
    assert (tmp_path / "a.svg").read_text().startswith("<?xml") and (tmp_path / "a.png").stat().st_size > 3000
