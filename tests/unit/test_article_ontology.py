"""The article says how types are called similar, and cites the ontology, where a data set states it."""

import re

from tests.chromium.article_inputs import Inputs
from tests.unit.test_article import Page

COLOUR = "colour says how much the most telling ancestor"
TERMS = {"alpha": "CL:0000171", "beta": "CL:0000169"}


def test_with_an_ontology_its_release_rule_and_licence_are_stated_and_cited(tmp_path):
    page = Inputs(tmp_path, ontology={"terms": TERMS}).build().read_text()
    assert page.count('alt="Matrix of types that are similar') == 2
    assert "Cell Ontology, 2022-12-15" in page and "CC BY 4.0 (the ontology)" in page
    assert 'id="ref-cell-ontology"' in page and 'id="ref-resnik"' in page and 'value="0.25"' in page
    assert COLOUR in page


def test_groups_by_hand_alone_need_and_cite_no_ontology(tmp_path):
    page = Inputs(tmp_path, similar=[["alpha", "beta"]]).build().read_text()
    assert "<h3>Similar types</h3>" in page and page.count('alt="Matrix of types that are similar') == 2
    assert 'id="ref-resnik"' not in page and "2022-12-15" not in page
    assert COLOUR not in page


def test_where_nobody_states_similar_types_there_is_nothing_of_them(tmp_path):
    page = Inputs(tmp_path).build().read_text()
    assert "<h3>Similar types</h3>" not in page and "Matrix of types that are similar" not in page


def test_no_number_of_it_stands_in_the_text_itself(tmp_path):
    loose = Page(Inputs(tmp_path, ontology={"terms": TERMS}, similar=[["alpha"], ["beta"]]).build().read_text()).loose()
    assert "most telling one counts" in loose and not re.search(r"\d", loose)
