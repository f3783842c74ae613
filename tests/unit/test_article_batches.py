"""What the article says of batches that outweigh types."""

import re

import pytest

from rankstudy.measures.tables import BATCH_PAIRS
from rankstudy.report.article.batches import alike_by_batch
from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import check_numbers


@pytest.fixture
def inputs(tmp_path):
    return Inputs(tmp_path, datasets=("only",), seeds=(0,), spaces=("rank", "expression", "expression-umap"))


def text_of(inputs):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", (inputs.build() / "only.html").read_text()))


def test_types_that_are_more_alike_than_a_type_across_batches_are_named_with_the_depth_of_both_batches(
    inputs, tmp_path
):
    text = text_of(inputs)
    assert "alpha from lib1 and lib2 is less alike (median 0.400) than alpha and beta within lib1 (0.700)" in text
    assert "(genes detected in the median cell of alpha: 6,782 in lib1 and 14,600 in lib2)" in text
    assert check_numbers(inputs.article, tmp_path) > 100


def test_where_each_type_is_most_like_itself_that_is_said_with_the_case_that_comes_closest(inputs, tmp_path):
    inputs.change("only", BATCH_PAIRS, lambda f: f.assign(median=f["median"].mask(f["type_a"] != f["type_b"], 0.3)))
    text = text_of(inputs)
    assert "No two types of one batch are more alike" in text and "less alike (median" not in text
    assert (
        "alpha comes closest: its cells from lib1 and lib2 (median 0.400), against alpha and beta within lib1 (0.300)."
        in text
    )
    assert "6,782 in lib1" in text and check_numbers(inputs.article, tmp_path) > 100


def test_a_distance_is_read_the_other_way_round(inputs):
    dataset = inputs.study().datasets[0]
    found = alike_by_batch(dataset)
    assert [case["other"] for case in found] == ["beta"] and found[0]["batches"] == ("lib1", "lib2")
    assert found[0]["outweighs"]
    assert [case["outweighs"] for case in alike_by_batch(dataset, "expression-umap")] == [False]
