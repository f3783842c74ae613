"""The article says how types are called similar, and cites the ontology, where a data set states it."""

from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import loose_digits

TERMS = {"alpha": "CL:0000171", "beta": "CL:0000169"}
DRAWN = "results/figures/first/type_relations.svg"


def test_with_an_ontology_its_release_rule_and_licence_are_stated_and_cited(tmp_path):
    article = Inputs(tmp_path, ontology={"terms": TERMS}).build()
    methods = (article / "methods.html").read_text()
    assert "Cell Ontology, 2022-12-15" in methods and "CC BY 4.0 (the ontology)" in methods
    assert 'id="ref-cell-ontology"' in methods and 'id="ref-resnik"' in methods and 'value="0.25"' in methods
    assert "the most informative one counts" in methods and DRAWN in (article / "first.html").read_text()
    assert loose_digits(article) == []


def test_groups_by_hand_alone_need_and_cite_no_ontology(tmp_path):
    article = Inputs(tmp_path, similar=[["alpha", "beta"]]).build()
    methods = (article / "methods.html").read_text()
    assert "<h2>Similar types</h2>" in methods and DRAWN in (article / "first.html").read_text()
    assert 'id="ref-resnik"' not in methods and "2022-12-15" not in methods


def test_where_nobody_states_similar_types_there_is_nothing_of_them(tmp_path):
    article = Inputs(tmp_path).build()
    assert "<h2>Similar types</h2>" not in (article / "methods.html").read_text()
    assert DRAWN not in (article / "first.html").read_text()
