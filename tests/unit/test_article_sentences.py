"""Sentences of the article, one by one: one data set or several, one replicate or several, each verdict."""

from __future__ import annotations

import pytest

from rankstudy.measures.neighbours.tables import BATCH_DRIVEN_NEIGHBOURS, LABEL_TRANSFER, TRANSFERRED
from rankstudy.measures.relations.tables import OPERATING_POINTS
from rankstudy.measures.tables import BATCH_PAIRS, EFFECT_SIZES, ONE_BATCH
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, DIFFERENCES, INTERVALS, OWN_TYPE
from rankstudy.measures.verdict import (
    BETTER,
    FEWER_OF_BOTH,
    MORE_OF_BOTH,
    NO_DIFFERENCE,
    NOT_IN_FAMILY,
    NOT_RESOLVED,
    WORSE,
)
from rankstudy.measures.verdict import VERDICTS as ALL_VERDICTS
from rankstudy.report.article.compared import Pair, answer_table, first_pair, reference
from rankstudy.report.article.sentences import answer, caveats, neighbours, question, separation, verdicts
from rankstudy.report.tables import ANSWER, VARIES
from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import said, shown

SCOPES = {
    (1, 1): "",
    (1, 3): ", in every replicate of this run",
    (2, 1): ", in every data set of this run",
    (2, 3): ", in every data set and replicate of this run",
}
BESIDE = {
    BETTER: "One separates cell types better than other",
    WORSE: "One separates cell types worse than other",
    NO_DIFFERENCE: "One and other separate cell types equally well, within the interval",
    NOT_RESOLVED: "One and other separate cell types equally well, as far as the bins can tell",
    NOT_IN_FAMILY: (
        "One and other may separate cell types differently, but not surely once all comparisons are taken together"
    ),
    VARIES: "Whether One or other separates cell types better depends on the replicate",
    "a new verdict": "One beside other: a new verdict",
}


def of(inputs, verdict, datasets=(), statistic=AUROC):
    """Give the ranks another verdict, in some or all data sets."""
    for name in datasets or inputs.about["datasets"]:
        inputs.change(name, DIFFERENCES, lambda f: f.assign(verdict=f["verdict"].mask(matches(f, statistic), verdict)))
    return inputs


def matches(frame, statistic):
    return (frame["space"] == "rank") & (frame["statistic"] == statistic)


@pytest.fixture
def two(tmp_path):
    return Inputs(tmp_path, spaces=("rank", "expression", "expression-umap"), seeds=[4])


@pytest.mark.parametrize(("size", "words"), list(SCOPES.items()))
def test_a_run_of_one_of_each_has_no_every(size, words):
    assert verdicts.scope(*size) == words


@pytest.mark.parametrize(("verdict", "words"), list(BESIDE.items()))
def test_each_verdict_has_its_sentence(verdict, words):
    assert said(verdicts.beside(verdict, "One", "other")) == words


def test_labels_in_a_sentence_are_text():
    assert verdicts.beside(BETTER, "<b>", "&") == "&lt;b&gt; separates cell types better than &amp;"


def test_every_verdict_of_the_tables_has_words():
    given = {*ALL_VERDICTS, VARIES}
    assert verdicts.VERDICTS.keys() == given and verdicts.in_words("a new verdict") == "a new verdict"
    assert 'class="verdict better"' in verdicts.badge(BETTER) and 'class="verdict open"' in verdicts.badge(VARIES)


@pytest.mark.parametrize("verdict", [BETTER, WORSE, NO_DIFFERENCE, NOT_IN_FAMILY])
def test_the_headline_says_what_all_data_sets_say(two, verdict):
    words = said(answer.headline(of(two, verdict).study()))
    assert words.startswith(
        BESIDE[verdict].replace("One", "Rank-value encoding").replace("other", "Expression (log1p CP10K)")
    )
    assert words.endswith(", in every data set of this run.")


def test_the_headline_names_few_data_sets_that_disagree(two):
    words = said(answer.headline(of(two, BETTER, ["second"]).study()))
    assert words == (
        "Whether Rank-value encoding or Expression (log1p CP10K) separates cell types better depends on the data set: "
        "worse in Made up: first; better in Made up: second."
    )


def test_the_headline_counts_many_data_sets_that_disagree(tmp_path):
    names = ["one", "two", "three", "four", "five"]
    inputs = Inputs(tmp_path, names, [4], spaces=("rank", "expression"))
    words = said(answer.headline(of(inputs, NO_DIFFERENCE, names[3:]).study()))
    assert words.endswith("depends on the data set: worse in 3, no difference beyond the interval in 2 of 5.")


def test_the_headline_of_a_study_without_a_pair(tmp_path):
    words = said(answer.headline(Inputs(tmp_path, spaces=["rank"]).study()))
    assert words.startswith("By Rank-value encoding, a pair of cells of one type is more alike") and "0.961" in words
    assert words.endswith("this run compares it with no other space.")


def test_a_pair_of_two_measures_is_said_to_be_one(two):
    study = two.study()
    assert said(answer.measure_of_the_pair(study)).startswith("Like with like: Spearman correlation and Pearson")
    assert not any("and in the measure" in words for words in caveats.caveats(study))
    two.about["spaces"]["rank"]["metric"] = "cosine"
    study = two.study()
    assert "is one of the encoding and of the measure" in said(answer.measure_of_the_pair(study))
    assert any("differ in the encoding and in the measure" in words for words in caveats.caveats(study))


def test_the_pair_is_found_by_role_and_by_one_measure_where_there_is_one(tmp_path, two):
    dataset = two.study().datasets[0]
    assert first_pair(dataset) == Pair("rank", "expression") and reference(dataset) == "expression"
    assert set(answer_table(two.study())["against"]) == {"expression"}
    alike = Inputs(tmp_path / "alike", spaces=("rank", "expression", "expression@cosine"), seeds=[4])
    assert set(answer_table(alike.study())["against"]) == {"expression"}
    words = said(answer.headline(alike.study()))
    assert words.startswith("Rank-value encoding separates cell types worse than Expression")
    rows = separation.beside_reference(alike.study().datasets[0], "expression").groups[0].rows
    assert [said(row[-1]) for row in rows] == ["correlation", "–", "–"]


def test_the_answer_is_a_table(two):
    table = answer_table(two.study())
    assert list(table.columns) == ANSWER.names and len(table) == 6
    assert set(table["statistic"]) == {AUROC, OWN_TYPE, ACROSS} and set(table["k"].dropna()) == {15}
    assert set(table["verdict"]) == {WORSE} and set(table["value"]) == {0.8383}


def test_cards_give_the_data_sets_at_the_ends(two):
    two.change("second", DIFFERENCES, lambda f: f.assign(estimate=0.02, high=0.03))
    cards = answer.cards(two.study())
    assert [card.name for card in cards] == ["All pairs of cells", "Nearest cells", "Nearest cells of other batches"]
    assert [said(row[0]) for row in cards[0].rows] == [
        f"Made up: {name}: 0.838 against 0.838" for name in ("first", "second")
    ]
    assert [row[1].text for row in cards[0].rows] == ["−0.012", "0.020"]
    assert "15 nearest cells" in said(cards[1].question)


def test_a_study_without_a_pair_has_neither_cards_nor_tables(tmp_path):
    study = Inputs(tmp_path, spaces=["rank"]).study()
    assert answer.cards(study) == []
    assert answer.everywhere(study) is None and answer.every_space(study) is None


def test_every_space_stands_beside_the_reference(two):
    (group,) = answer.every_space(two.study()).groups
    assert [said(row[0]).split(" the ")[0] for row in group.rows][0] == "Rank-value encoding"
    assert [said(row[1]) for row in group.rows] == ["−0.012"] * 2  # not the reference itself


def test_a_data_set_has_its_first_sentence(two):
    dataset = two.study().datasets[0]
    assert said(answer.of_dataset(dataset)).endswith("the difference of their AUROC is −0.012 [−0.032, −0.001].")
    assert [said(item) for item in separation.answer(dataset).said][2] == (
        "Resampled for the intervals: cells within batches. That is: few &lt;batches&gt;.".replace("&lt;", "<").replace(
            "&gt;", ">"
        )
    )


def test_an_interval_that_leaves_nothing_out_has_no_note(two):
    two.change("first", INTERVALS, lambda f: f.assign(note=None))
    words = said(separation.drawn_anew(two.study().datasets[0]))
    assert words == "Resampled for the intervals: cells within batches."


def test_types_below_chance_are_named(two):
    dataset = two.study().datasets[0]
    assert list(separation.below_chance(dataset)) == []
    two.change("first", EFFECT_SIZES, lambda f: f.assign(auroc=f["auroc"].mask(f["cell_type"] == "beta", 0.4)))
    (words,) = separation.below_chance(two.study().datasets[0])
    assert said(words) == "Cells of beta (0.400) are more often less like each other than like cells of other types."
    # within the error of binning, nothing is said
    two.change("first", EFFECT_SIZES, lambda f: f.assign(auroc_error=0.2))
    assert list(separation.below_chance(two.study().datasets[0])) == []


def test_the_weakest_type_is_named(two):
    two.change("first", EFFECT_SIZES, lambda f: f.assign(auroc=f["auroc"].mask(f["cell_type"] == "beta", 0.7)))
    words = said(separation.weakest(two.study().datasets[0]))
    assert words == "In the space rank, beta is separated least (AUROC 0.700)."


@pytest.mark.parametrize("verdict", [BETTER, FEWER_OF_BOTH, MORE_OF_BOTH])
def test_batch_driven_neighbours_stand_beside_all_others_of_another_type(two, verdict):
    section = neighbours.neighbours(of(two, verdict, statistic=BATCH_DRIVEN).study().datasets[0])
    assert "17.7% are of another type in the space rank, and 7.17% of another type and" in said(section.said[0])
    assert any(said(item).startswith(f"{verdicts.VERDICTS[verdict]}:") for item in section.said[2].items)


def test_one_batch_says_nothing_about_batches(two):
    two.change("first", BATCH_DRIVEN_NEIGHBOURS, lambda f: f.assign(reason=ONE_BATCH))
    section = neighbours.neighbours(two.study().datasets[0])
    assert section.said == ["All cells are of one batch, so nothing can be said about batches."]


def test_label_transfer_says_what_is_left_out(two):
    dataset = two.study().datasets[0]
    words = said(neighbours.transfer(dataset).said[0])
    assert "the 15 nearest cells of the other batches would give 81.8% of its cells their own type" in words
    assert words.endswith("Left out are 3 cells of types that occur in one batch only; 20 are left.")
    two.change("first", LABEL_TRANSFER, lambda f: f.assign(n_left_out=0))
    words = said(neighbours.transfer(two.study().datasets[0]).said[0])
    assert words.endswith("Every cell has its type in another batch too.")


def test_nothing_to_transfer_says_why(two):
    two.change("first", LABEL_TRANSFER, lambda f: f.assign(reason=f["reason"].mask(f["reason"] == TRANSFERRED, "one")))
    section = neighbours.transfer(two.study().datasets[0])
    assert [said(item) for item in section.said] == ["Nothing to transfer: one."] and not section.details


def test_cutoffs_that_are_reached_and_those_that_are_not(two):
    words = said(neighbours.at_cutoffs(two.study().datasets[0]))
    assert "50% of all pairs from 0.424 on, where 31.3% [29.3%, 32.3%] of the pairs of one type are left" in words
    assert "90% of all pairs from 0.424 on, where 31.3% of the pairs" in words
    assert "95% of all pairs at no cutoff (" in words
    assert OPERATING_POINTS.name in two.tables["first"]


def test_ranges_and_one_replicate(tmp_path, two):
    assert "There is one replicate" in said(caveats.dependence(two.study()))
    several = Inputs(tmp_path / "several", spaces=("rank", "expression"), seeds=[0, 1]).study()
    assert "A range over seeds is not an interval" in said(caveats.dependence(several))
    span = several.datasets[0].span("effect_sizes", "auroc", space="rank", cell_type=None, style="probability")
    assert said(span) == "0.961 to 0.964"


def test_a_title_is_text_in_the_headline(tmp_path):
    inputs = Inputs(tmp_path, spaces=("rank", "expression"), seeds=[4], title='<i>"A"</i>')
    page = of(inputs, BETTER, ["second"]).build() / "index.html"
    assert "better in <i>" not in page.read_text() and '<i>"A"' not in page.read_text()
    assert "&lt;i&gt;" in page.read_text()


def test_the_question_names_who_replaces_expression_by_order(two):
    for words in map(said, (question.asked(two.study()), question.long(two.study()))):
        assert words.startswith("Geneformer, cell2sentence and GenePT replace a cell’s expression")
    assert said(question.long(two.study())).endswith("on the same cells and with the same statistics.")


def test_a_data_set_without_a_pair_says_how_its_types_are_separated(tmp_path):
    study = Inputs(tmp_path, datasets=["only"], spaces=["rank"], seeds=[4]).study()
    words = said(answer.of_dataset(study.datasets[0]))
    assert words.endswith("with probability 0.973; nothing is compared with it.")
    section = separation.answer(study.datasets[0])
    assert len(section.said) == 1 and not section.details and answer.measure_of_the_pair(study) == ""


def test_a_statistic_that_a_data_set_lacks_is_a_dash(two):
    two.change("first", DIFFERENCES, lambda f: f[f["statistic"] != ACROSS])
    (group,) = answer.everywhere(two.study()).groups
    assert [shown(row[-1]) for row in group.rows] == ["–", "worse −0.012 [−0.032, −0.001]"]


def test_p_values_stand_beside_each_difference(two):
    (table,) = separation.answer(two.study().datasets[0]).details
    assert shown(table.groups[0].rows[0]) == "Rank-value encoding −0.012 [−0.032, −0.001] 0.012 0.032 worse"


@pytest.mark.parametrize(("seeds", "ranges"), [([4], False), ([0, 1], True)])
def test_values_over_several_seeds_have_ranges(tmp_path, seeds, ranges):
    dataset = Inputs(tmp_path, datasets=["only"], spaces=("rank", "expression"), seeds=seeds).study().datasets[0]
    section = separation.separation(dataset)
    assert said(section.said[0]).endswith("each measured in every space.") and len(section.details) == 2
    for table in section.details:
        assert ("the range over the seeds" in said(table.caption)) == ranges
        assert (" to " in shown(table.groups[0].rows[0])) == ranges
    assert [shown(row[0]) for row in section.details[1].groups[0].rows] == ["alpha", "beta"]


def test_the_table_of_cutoffs_says_where_none_is_reached(two):
    (table,) = neighbours.cutoffs(two.study().datasets[0]).details
    assert shown(table.columns) == "Space 50%: cutoff recall 90%: cutoff recall 95%: cutoff recall"
    row = shown(table.groups[0].rows[0])
    assert row.startswith("Rank-value encoding 0.424 [0.414, 0.434] 31.3% [29.3%, 32.3%] 0.424 31.3% never –")


def test_the_case_in_which_the_batch_outweighs_the_type_is_named_or_the_one_that_comes_closest(two):
    heading, cases = neighbours.outweighed(two.study().datasets[0])
    assert said(heading) == "Here the batch outweighs the type, in the space rank:"
    assert said(cases.items[0]).startswith("alpha from lib1 and lib2 is less alike (median 0.400) than alpha and beta")
    # of a type beside others only
    two.change("first", BATCH_PAIRS, lambda f: f.assign(type_a=f["type_a"].mask(f["median"] == 0.7, "gamma")))
    assert neighbours.outweighed(two.study().datasets[0]) == []
    two.change("second", BATCH_PAIRS, lambda f: f.assign(median=f["median"].mask(f["median"] == 0.7, 0.3)))
    (words,) = map(said, neighbours.outweighed(two.study().datasets[1]))
    assert words.startswith("No two types of one batch are more alike, by median in the space rank, than one type is")
    assert "alpha comes closest: its cells from lib1 and lib2 (median 0.400), against alpha and beta within" in words


def test_neighbours_that_are_compared_with_nothing_have_no_verdict(tmp_path):
    dataset = Inputs(tmp_path, datasets=["only"], spaces=["rank"], seeds=[4]).study().datasets[0]
    words = shown([neighbours.neighbours(dataset), neighbours.transfer(dataset)])
    assert "ompared with" not in words and "Of the 15 nearest cells of a cell" in words


def test_a_space_without_intervals_has_a_dash_for_them(two):
    two.change("first", INTERVALS, lambda f: f[(f["space"] != "expression-umap") | (f["statistic"] != OWN_TYPE)])
    rows = neighbours.of_types_and_batches(two.study().datasets[0]).groups[0].rows
    assert [shown(row[1]) for row in rows] == ["0.838 [0.818, 0.859]", "0.838 [0.818, 0.859]", "–"]
