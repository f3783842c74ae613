"""What a space is compared with: by what is declared of the spaces, never by their names."""

from dataclasses import replace

import pytest

from rankstudy.measures.uncertainty.references import compared_with
from rankstudy.spaces import catalogue
from rankstudy.spaces.registry import SPACES
from tests.unit.test_config import load

VIEWS = ("expression@cosine", "expression@euclidean")
BUILT_IN = {
    name: space
    for name, space in catalogue.BUILT_IN.spaces.items()
    if space.model is None and (name in SPACES or name in VIEWS)
}
OTHERS = {"rank", "expression-pca", "expression-harmony", "expression-umap", "detection", "library-size"}


def built_in(*without):
    return {name: space for name, space in BUILT_IN.items() if name not in without}


def test_like_is_compared_with_like():
    found = compared_with("expression", BUILT_IN)
    assert set(found) == OTHERS
    assert all(BUILT_IN[other].metric == BUILT_IN[space].metric for space, other in found.items())
    assert found["rank"] == "expression" and found["detection"] == "expression@cosine"
    assert found["expression-pca"] == found["library-size"] == "expression@euclidean"


def test_where_there_is_no_such_metric_it_is_the_correlation_and_else_the_reference_as_it_is():
    found = compared_with(
        "detection", {**BUILT_IN, "detection@correlation": catalogue.BUILT_IN.spaces["detection@correlation"]}
    )
    assert found["expression-umap"] == found["rank"] == "detection@correlation"
    found = compared_with("expression", built_in(*VIEWS))
    assert set(found) == OTHERS and set(found.values()) == {"expression"}
    assert set(compared_with("rank", BUILT_IN).values()) == {"rank"}


def test_a_reference_is_not_compared_with_itself_and_controls_with_nothing():
    found = compared_with("rank", BUILT_IN)
    assert set(found) == {*OTHERS, "expression", *VIEWS} - {"rank"}
    # a view speaks for the vectors that it shares
    assert compared_with("expression@euclidean", BUILT_IN) == compared_with("expression", BUILT_IN)


def test_centred_vectors_are_compared_with_centred_ones():
    wanted = ("rank", "rank@correlation-centred", "expression", "expression@correlation-centred")
    found = compared_with("expression", {name: catalogue.BUILT_IN.spaces[name] for name in wanted})
    assert found == {"rank": "expression", "rank@correlation-centred": "expression@correlation-centred"}


def test_names_decide_nothing():
    turned = {
        name[::-1]: replace(space, parent=space.parent and space.parent[::-1]) for name, space in BUILT_IN.items()
    }
    for reference in ("expression", "rank", "detection"):
        found = compared_with(reference[::-1], turned)
        assert {a[::-1]: b[::-1] for a, b in found.items()} == compared_with(reference, BUILT_IN)


@pytest.mark.parametrize(
    ("spaces", "references", "kept"),
    [
        (["rank", "expression"], ["expression", "rank"], ["expression", "rank"]),
        (["rank"], ["expression", "rank"], ["rank"]),
        (["rank", "expression"], ["detection", "rank"], ["rank"]),
        (["detection"], ["expression", "rank"], []),
    ],
)
def test_references_that_a_data_set_does_not_have_are_left_out(tmp_path, spaces, references, kept):
    plan = load(tmp_path, config={"uncertainty": {"references": references}}, spaces=spaces).datasets["toy"]
    assert plan.references == list(plan.compared_with) == kept
    assert plan.first_reference == (kept[0] if kept else None)
    for reference, others in plan.compared_with.items():
        assert set(others) == {*plan.spaces} - {reference}


def test_by_default_it_is_expression_and_then_the_ranks(tmp_path):
    plan = load(tmp_path).datasets["toy"]
    assert plan.references == ["expression", "rank"]
    assert plan.compared_with["expression"]["rank"] == "expression"
