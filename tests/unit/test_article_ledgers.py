"""Sentences and tables about ledgers: which step costs most, which gains, which nothing, and whose order it is."""

from __future__ import annotations

import pytest

from rankstudy.measures.lattice.tables import LEDGER, ORDER_ORIGIN
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.measures.verdict import NO_DIFFERENCE, NOT_IN_FAMILY, WORSE
from rankstudy.report.article.compared import Pair, declared_of_ledger
from rankstudy.report.article.compared import ledgers as ledgers_of
from rankstudy.report.article.sentences import caveats, ledgers, methods, settings
from rankstudy.report.article.sentences.references import references
from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import Page, check_numbers, loose_digits, said, shown

SPACES = ("rank", "expression", "geneformer-v1-order")
LEDGERS = ("geneformer-v1-order", "cell2sentence-100", "genept-order", "scgpt-bins", "scbert-levels")
V1 = Pair("geneformer-v1-order", "expression")


def inputs_of(folder, *datasets, names=LEDGERS, curves=None, **changes):
    """Return the inputs of a study with ledgers and, unless asked for, without specification curves."""
    return Inputs(folder, datasets or ("only",), [4], spaces=SPACES, curves=curves, ledgers=names, **changes)


@pytest.fixture
def one(tmp_path):
    return inputs_of(tmp_path)


@pytest.fixture
def two(tmp_path):
    return inputs_of(tmp_path, "first", "second")


def only(inputs):
    return inputs.study().datasets[0]


def with_verdict(inputs, dataset, word, **where):
    """Give steps another verdict in all settings: those that meet the conditions."""

    def changed(frame):
        met = frame["space"].notna()
        for column, value in where.items():
            met &= frame[column] == value
        return frame.assign(verdict=frame["verdict"].mask(met, word))

    inputs.change(dataset, LEDGER, changed)


def test_over_all_ledgers_the_step_that_costs_most_is_named_with_interval_and_range(one):
    assert said(ledgers.over_ledgers(only(one))) == (
        "From Expression (log1p CP10K) to what models read, step by step: “only the first 100 genes” (cell2sentence, "
        "first 100 words) costs most AUROC: −0.052 [−0.056, −0.048], over all settings −0.083 to −0.035. “keep only "
        "the order” (cell2sentence, first 100 words) gains most: 0.020 [0.016, 0.024], over all settings 0.014 to "
        "0.033. Costs are by this statistic, in the declared setting, on these cells."
    )
    assert said(ledgers.section(only(one)).details[0]) == (
        "Not shown to make a difference, in any ledger: “keep only 5 levels”, “only the first 1,000 genes”, “only the "
        "first 2,048 genes”, “genes by their symbols”, “depth of the model’s genes alone” and “logarithm to base 2”."
    )


def test_steps_without_a_verdict_in_any_ledger_are_listed_once(one):
    words = said(ledgers.nowhere(only(one)))
    assert words.startswith("Not shown to make a difference, in any ledger: “keep only 5 levels”")
    assert words.count("“genes by their symbols”") == 1 and "“depth of the model’s genes alone”" in words
    # it costs in one ledger
    assert "“only the model’s genes”" not in words
    with_verdict(one, "only", NOT_IN_FAMILY, step="vocabulary")
    assert "“only the model’s genes”" in said(ledgers.nowhere(only(one)))
    with_verdict(one, "only", WORSE)
    assert said(ledgers.nowhere(only(one))) == "Every step makes a difference in some ledger."


def test_one_ledger_alone_is_named_at_once(tmp_path):
    assert said(ledgers.over_ledgers(only(inputs_of(tmp_path, names=["scgpt-bins"])))) == (
        "From Expression (log1p CP10K) to scGPT, bins, step by step: “keep only 51 bins” costs most AUROC: −0.012 "
        "[−0.016, −0.008], over all settings −0.023 to −0.008. No step gains any. Costs are by this statistic, in the "
        "declared setting, on these cells."
    )


def test_where_nothing_costs_that_is_said(one):
    with_verdict(one, "only", NO_DIFFERENCE)
    words = said(ledgers.over_ledgers(only(one)))
    assert "step by step: no step costs AUROC beyond its interval. No step gains any. Costs are by" in words
    assert said(ledgers.everywhere(one.study()).said[0]).startswith(
        "No step to what models read costs AUROC beyond its interval. In the median cell"
    )


def test_a_data_set_says_whose_order_it_is(one):
    one.change("only", ORDER_ORIGIN, lambda f: f.assign(by_medians=f["by_medians"].mask(f["among"].isna(), 0.4)))
    section = ledgers.section(only(one))
    words = said(section.said[1])
    assert words.startswith(
        "Whose order is Geneformer V1, order? In the median cell 40% of the pairs of detected genes (40% to 40% in "
        "nine of ten cells) have equal counts, and only the corpus’s medians put them in order; "
    )
    assert "Among the first 100 genes it is " in words and section.figures == 2 and len(section.said) == 2


def test_without_an_order_by_medians_nobody_asks_whose_it_is(tmp_path):
    inputs = inputs_of(tmp_path, names=["scgpt-bins"])
    assert ledgers.section(only(inputs)).said[1] == "" and ledgers.equal_counts(inputs.study()) == []


def test_of_the_encodings_with_a_ledger_those_are_asked_whose_order_divides_by_medians(tmp_path):
    inputs = inputs_of(tmp_path, names=["rank", "genecompass-order", *LEDGERS])
    assert inputs.divided == {"only": ["genecompass-order", "geneformer-v1-order"]}
    section = ledgers.section(only(inputs))
    assert said(section.said[1]).startswith("Whose order is GeneCompass") and len(section.said) == 2
    assert said(section.details[1]).startswith("Whose order is Geneformer V1, order?") and len(section.details) == 3


def test_the_table_has_every_step_of_every_ledger_by_three_statistics(one):
    *_, grid = ledgers.section(only(one)).details
    headings = [said(group.heading) for group in grid.groups]
    assert headings[:2] == [
        "Expression (log1p CP10K) (AUROC 0.962) to cell2sentence, first 100 words (0.922)",
        "Expression (log1p CP10K) (AUROC 0.962) to Geneformer V1, order (0.937)",
    ]
    assert [len(group.rows) for group in grid.groups] == [4, 5, 4, 4, 3]
    assert shown(grid.groups[1].rows[1]) == (
        "divide by the corpus’s medians costs −0.031 [−0.035, −0.027] costs −0.022 [−0.026, −0.018] costs −0.025 "
        "[−0.029, −0.021] −0.050 to −0.021"
    )
    assert shown(grid.groups[1].rows[2]).startswith("keep only the order gains 0.020")
    assert shown(grid.groups[1].rows[0]).startswith("only the model’s genes no difference −0.003")


def test_a_statistic_that_a_data_set_lacks_has_no_number(one):
    one.change("only", LEDGER, lambda f: f[f["statistic"] == AUROC])
    *_, grid = ledgers.section(only(one)).details
    assert shown(grid.groups[0].rows[0]).count("–") == 2


def test_another_declared_setting_changes_the_numbers(tmp_path):
    declared = {"declared": {"centred": True, "reason": "we say so"}, "replicates": 0}
    inputs = inputs_of(tmp_path, curves=declared)
    assert declared_of_ledger(only(inputs), V1)["centred"]
    assert "costs most AUROC: −0.083" in said(ledgers.over_ledgers(only(inputs)))
    inputs.change("only", LEDGER, lambda f: f[~f["centred"]])
    assert not declared_of_ledger(only(inputs), V1)["centred"]


def test_an_encoding_that_had_to_be_left_out_has_no_ledger(one):
    one.change("only", LEDGER, lambda f: f[~f["space"].isin(["cell2sentence-100", "scgpt-bins"])])
    one.change("only", ORDER_ORIGIN, lambda f: f.iloc[:0])
    dataset = only(one)
    assert [pair.space for pair in ledgers_of(dataset)] == ["geneformer-v1-order", "genept-order", "scbert-levels"]
    assert "“divide by the corpus’s medians” (Geneformer V1, order) costs most" in said(ledgers.over_ledgers(dataset))
    assert ledgers.section(dataset).said[1] == ""


def test_the_first_page_names_the_costliest_step_and_the_share_of_each_of_few_data_sets(two):
    with_verdict(two, "second", NO_DIFFERENCE, step="first")
    section = ledgers.everywhere(two.study())
    words = said(section.said[0])
    shares = "42% (Made up: first) and 42% (Made up: second)"
    assert words == (
        "The step to what models read that costs most AUROC is “only the first 100 genes”, to cell2sentence, first 100 "
        "words: −0.052 [−0.056, −0.048] (Made up: first); “divide by the corpus’s medians”, to Geneformer V1, order: "
        f"−0.031 [−0.035, −0.027] (Made up: second). In the median cell {shares} "
        "of the pairs of detected genes have equal counts: only the corpus’s medians put them in the order of "
        "Geneformer V1, order."
    )
    assert 'href="first.html#ledger"' in section.said[0]


def test_of_many_data_sets_the_first_page_names_the_ends(tmp_path):
    names = ["a", "b", "c", "d"]
    inputs = inputs_of(tmp_path, *names)
    inputs.change("b", ORDER_ORIGIN, lambda f: f.assign(by_medians=0.03))
    inputs.change("c", ORDER_ORIGIN, lambda f: f.assign(by_medians=0.61))
    inputs.change("d", LEDGER, lambda f: f.assign(estimate=2 * f["estimate"]))
    words = said(ledgers.everywhere(inputs.study()).said[0])
    assert "is “only the first 100 genes”, to cell2sentence, first 100 words: −0.104 [−0.056, −0.048] (d). In" in words
    assert "In the median cell 3.0% (b) to 61% (c) of the pairs" in words


def test_the_methods_define_what_is_counted_and_cite_where_it_is_from(one):
    study = one.study()
    words = {section.key: shown(section) for section in methods.sections(study)}["methods-ledgers"]
    for of in ("Shapley 1953", "Faigle and Kern 1992", "Westfall and Young 1993", "precedence", "turned round"):
        assert of in words
    assert "Every corner (6 in only) is scored in the settings" in words
    names = [name for _, entries in references(study) for name, _ in entries]
    assert {"shapley", "faigle", "westfall"} <= set(names) and "simonsohn" not in names
    assert study.has_setting("lattice.ledgers") and study.has_setting("settings.cells")
    assert "Points of a statistic are not information" in shown(caveats.caveats(study))


def test_a_study_without_ledgers_has_none_of_it(tmp_path):
    study = inputs_of(tmp_path, names=()).study()
    assert not ledgers.has_ledgers(study) and ledgers.everywhere(study) is None
    assert ledgers.section(study.datasets[0]) is None and not settings.has_curves(study)
    assert "methods-ledgers" not in [section.key for section in methods.sections(study)]
    names = [name for _, entries in references(study) for name, _ in entries]
    assert not {"shapley", "faigle", "westfall"} & set(names)
    assert not study.has_setting("lattice.replicates") and "not information" not in shown(caveats.caveats(study))


def test_pages_look_every_number_up_and_show_two_figures_of_it(tmp_path):
    inputs = inputs_of(tmp_path, "first", "second", curves={}).with_picture().with_ledgers()
    article = inputs.build()
    assert check_numbers(article, inputs.folder) > 400 and loose_digits(article) == []
    text = (article / "first.html").read_text()
    figures = [attributes["id"] for tag, attributes in Page(text).elements if tag == "figure"]
    assert {"first-ledger-1", "first-order-origin-geneformer-v1-order"} <= set(figures)
    assert text.index('id="answer"') < text.index('id="ledger"') < text.index('id="separation"')
    between = text[text.index('id="first-ledger-1"') : text.index('id="first-order-origin')]
    assert "<summary>Tables" not in between
    alt = next(a["alt"] for tag, a in Page(text).elements if tag == "img" and "step by step" in a.get("alt", ""))
    assert "costs, the most first: only the first 100 genes −0.052 [−0.056, −0.048]" in alt
