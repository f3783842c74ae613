"""What of each encoding changes when the counts do: the page says what is so, and what must be so is."""

import pytest

from tests.unit.invariances import PAGE, changes, encodings, page


@pytest.fixture(scope="module")
def moved():
    return changes()


def test_the_page_says_what_is_measured():
    written = "run `PYTHONPATH=. .venv-test/bin/python -m tests.unit.invariances`"
    assert PAGE.read_text(encoding="utf-8") == page(), written


ORDERS_OF_COUNTS = ("rank", "cell2sentence-100", "cell2sentence-200", "genept-order", "bento-sc-order", "tgpt-order")


@pytest.mark.parametrize("name", ["detection", "scgpt-bins", "scgpt-bins-fixed", *ORDERS_OF_COUNTS])
def test_what_goes_by_the_order_of_the_counts_does_not_see_their_scale(moved, name):
    assert moved[name]["all counts times 3"] == 0
    # the quantiles of squares are others where they lie between two values
    assert moved[name]["counts squared"] == 0 or name.startswith("scgpt")


def test_totals_take_the_depth_out_but_not_where_there_is_none(moved):
    kept = {name for name, shares in moved.items() if shares["all counts times 3"] == 0}
    assert set(moved) - kept == {"genecompass-values"}


def test_only_what_is_drawn_sees_the_seed(moved):
    seen = {name for name, shares in moved.items() if shares["another seed"] > 0}
    assert seen == {"cell2sentence-100", "cell2sentence-200", "bento-sc-order", "scgpt-bins"}


def test_the_order_of_the_genes_decides_where_equal_counts_stand_in_it(moved):
    seen = {name for name, shares in moved.items() if shares["genes in another order"] > 0}
    assert seen == {"genept-order", "tgpt-order"}


def test_molecules_that_are_not_there_change_all(moved):
    assert all(shares["half of the molecules"] > 0 for shares in moved.values())


def test_medians_order_what_counts_do_not(moved):
    # an order by count over median has hardly a tie, that of the counts hardly a gene without
    assert moved["geneformer-v1-order"]["equal counts told apart"] < 0.1 < moved["rank"]["equal counts told apart"]
    assert moved["geneformer-v1-order"]["counts squared"] > 0.5


def test_every_encoding_over_genes_is_in_the_table():
    assert {"rank", "expression", "detection", "geneformer-v2-order", "scfoundation-values"} <= set(encodings())
