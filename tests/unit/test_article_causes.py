"""Sentences and tables about causes: depth, twins, ties, reconstruction, and changes of one gene."""

from __future__ import annotations

import pytest

from rankstudy.measures.causes.tables import (
    AS_MEASURED,
    DEPTH_DIFFERENCES,
    DEPTHS,
    RECONSTRUCTIONS,
    RELIABILITIES,
    TIE_RULES,
    TIES,
    TWINS,
)
from rankstudy.measures.changes.tables import ANEW, BY_RULE, COUNTERFACTUALS, MOVEMENTS, UNSEEN_CHANGE
from rankstudy.measures.verdict import NO_DIFFERENCE, WORSE
from rankstudy.report.article.looked_at import encodings, has_causes, pairs
from rankstudy.report.article.sentences import causes, caveats, changes, methods, twins
from rankstudy.report.article.sentences.references import references
from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import Page, check_numbers, loose_digits, said, shown

SPACES = ("rank", "expression", "cell2sentence-100", "geneformer-v1-order")
OTHERS = "cell2sentence, first 100 words; Geneformer V1, order"


def inputs_of(folder, *datasets, spaces=SPACES, **changed):
    return Inputs(folder, datasets or ("only",), [4], spaces=spaces, causes=True, **changed)


@pytest.fixture
def one(tmp_path):
    return inputs_of(tmp_path)


def only(inputs):
    return inputs.study().datasets[0]


def with_differences(inputs, change):
    inputs.change("only", DEPTH_DIFFERENCES, change)
    return only(inputs)


# -- depth -------------------------------------------------------------------------------------------------------------


def test_the_first_pair_is_said_at_most_and_least_depth_with_the_depths_at_which_it_is_open(one):
    assert said(causes.of_first(only(one))) == (
        "Rank-value encoding less Expression (log1p CP10K) in AUROC: 0.005 [−0.005, 0.015] as measured, −0.047 "
        "[−0.057, −0.037] with 5.0% of the molecules. Its interval contains zero at the deep end, from 100% down to "
        "50%."
    )


@pytest.mark.parametrize(
    ("open_at", "words"),
    [
        ([], "at no depth"),
        ([1.0, 0.5, 0.25, 0.1, 0.05], "at every depth"),
        ([0.1, 0.05], "at the shallow end, from 10% down to 5.0%"),
        ([0.5], "in between, at 50%"),
        ([1.0, 0.1], "in pieces, at 100% and at 10%"),
    ],
)
def test_where_it_is_open_is_said_as_it_is(one, open_at, words):
    dataset = with_differences(
        one, lambda f: f.assign(low=f["keep"].isin(open_at).map({True: -1.0, False: 0.1}), high=1)
    )
    assert said(causes.of_first(dataset)).endswith(f"Its interval contains zero {words}.")


def test_what_depth_mends_and_what_it_is_not_namedto(one):
    words = said(causes.mended(only(one)))
    assert words == (
        "What would deeper sequencing mend, beside Expression (log1p CP10K) (AUROC, as declared)? Worse at a lower "
        "depth, and no longer as measured: Rank-value encoding. Worse, and not shown to be so by less with depth: "
        "Geneformer V1, order. Cells deeper than these were not seen."
    )
    low = {1.0: -0.02}

    def shrinks(frame):
        lows = frame["keep"].map(low).fillna(-0.2).where(frame["space"] == "rank", frame["low"])
        return frame.assign(verdict=WORSE, low=lows, high=lows + 0.01)

    words = said(causes.mended(with_differences(one, shrinks)))
    assert "Worse, and by less the deeper the cells: Rank-value encoding. Worse, and not" in words
    assert f"by less with depth: {OTHERS}." in words
    dataset = with_differences(one, lambda f: f.assign(verdict=NO_DIFFERENCE))
    assert said(causes.mended(dataset)) == (
        "No encoding is worse than Expression (log1p CP10K) at any depth, so depth has nothing to mend."
    )


def test_at_one_total_depth_cannot_help(one):
    assert said(causes.one_total(only(one))) == (
        "With all cells at one total of 1,881 molecules, depth cannot help (library size alone: 0.550): Rank-value "
        "encoding and Expression (log1p CP10K) separate types with an AUROC of 0.912 and 0.923; thinned to the same "
        "mean, with totals as unequal as they were, of 0.912 and 0.923."
    )
    one.change("only", DEPTHS, lambda f: f[f["treatment"] == AS_MEASURED])
    assert causes.one_total(only(one)) == ""


def test_the_table_of_depths_has_controls_and_marks_what_is_decided(one):
    table = causes.depth_table(only(one))
    assert [said(f"{head}") for head in table.columns] == [
        "Encoding", "100%", "50%", "25%", "10%", "5.0%", "One total", "Same mean",
    ]  # fmt: skip
    (group,) = table.groups
    assert shown(group.rows[0]) == (
        "Rank-value encoding 0.960 0.924 0.888 worse 0.840 worse 0.804 worse 0.912 worse 0.912 worse"
    )
    assert shown(group.rows[-1]).startswith("one-hot types (control) 0.999 0.999") and len(group.rows) == 6


def test_the_declared_measure_is_that_of_the_numbers(tmp_path):
    declared = {"declared": {"centred": True, "reason": "we say so"}, "replicates": 0}
    inputs = inputs_of(tmp_path, curves=declared)
    assert shown(causes.depth_table(only(inputs)).groups[0].rows[0]).startswith("Rank-value encoding 0.940")
    inputs.change("only", DEPTHS, lambda f: f[~f["centred"]])
    assert shown(causes.depth_table(only(inputs)).groups[0].rows[0]).startswith("Rank-value encoding 0.960")


# -- twins, ties, reconstruction ---------------------------------------------------------------------------------------


def test_twins_name_the_ends_and_that_they_bound_nothing(one):
    words = said(twins.twins(only(one)))
    assert "its twin is the nearest of 97% (Rank-value encoding) to 76% (Geneformer V1, order) of the cells." in words
    assert words.endswith("bound nothing: one-hot types find them by chance (0.13%) and tell all types.")
    assert shown(twins.twin_table(only(one)).groups[0].rows[0]) == ("Rank-value encoding 0.970 0.600 0.500 0.904")
    one.change("only", TWINS, lambda f: f[f["space"] == "rank"])
    assert "the nearest of 97% (Rank-value encoding) of the cells." in said(twins.twins(only(one)))


def test_full_depth_is_said_only_where_quarters_predict_halves(one):
    words = said(twins.full_depth(only(one)))
    assert "follows: 0.63 (Rank-value encoding); 0.61 (Expression (log1p CP10K)); 0.56 (Geneformer V1, order)." in words
    assert words.endswith("nothing is said of full depth: cell2sentence, first 100 words.")
    one.change("only", RELIABILITIES, lambda f: f.assign(holds=False, full=None, full_low=None, full_high=None))
    words = said(twins.full_depth(only(one)))
    assert words.startswith("Quarters do not predict halves") and "follows" not in words


def test_ties_are_said_beside_likeness_within_the_type_and_shared_ones_are_no_sight(one):
    words, table = twins.ties(only(one))
    assert said(words) == (
        "Under 10 random rules for ties a cell moves at most 7.5% of the way to a cell of its type (Geneformer V1, "
        "order; likeness with itself 0.970, within the type 0.600). Ties in the order of the list of genes, the same "
        "in all cells, change the likeness of different types, beside ties at random, by 0.006 [0.001, 0.011] "
        "(Expression (log1p CP10K)): no sight of the cell."
    )
    assert shown(table.groups[0].rows[1]) == "Expression (log1p CP10K) 0.990 0.600 0.400 2.5% 7.0% 95%"
    one.change("only", TIE_RULES, lambda f: f.assign(published=False))
    assert "no sight" not in said(twins.ties(only(one))[0])
    one.change("only", TIES, lambda f: f.iloc[:0])
    assert twins.ties(only(one)) == []


def test_reconstruction_is_one_sentence_with_the_ends(one):
    (words,) = twins.reconstruction(only(one))
    assert said(words) == (
        "Read back from the place in the order alone, learnt on other cells, expression has in the median cell an R² "
        "of 0.80 in Rank-value encoding (by the gene’s mean alone: 0.60) to 0.71 in Geneformer V1, order (by the "
        "gene’s mean alone: 0.51)."
    )
    one.change("only", RECONSTRUCTIONS, lambda f: f.assign(r2_mean=None))
    assert "(by the gene’s mean alone: not known)" in said(twins.reconstruction(only(one))[0])
    one.change("only", RECONSTRUCTIONS, lambda f: f.iloc[:0])
    assert twins.reconstruction(only(one)) == []


# -- changes of one gene -----------------------------------------------------------------------------------------------


def test_a_doubled_gene_is_said_with_who_sees_it_and_what_else_moves(one):
    assert said(changes.doubled(only(one), changes.changed(only(one)))) == (
        "A doubled gene leaves the encoding as it was in 84% (Geneformer V1, order) to 60% (Rank-value encoding) of "
        "the cases; most other entries move in cell2sentence, first 100 words: 11.4 on average."
    )
    one.change("only", COUNTERFACTUALS, lambda f: f[f["space"] == "rank"])
    words = said(changes.doubled(only(one), changes.changed(only(one))))
    assert "as it was in 60% (Rank-value encoding) of the cases" in words


def test_one_cell_is_told_with_those_that_do_not_see_it_first(one):
    assert said(changes.one_cell(only(one))) == (
        "One cell, of type alpha: the count of INS rises from 40 to 80. It is not seen by cell2sentence, first 100 "
        "words; Expression (log1p CP10K); Rank-value encoding, and seen by Geneformer V1, order."
    )
    one.change("only", UNSEEN_CHANGE, lambda f: f.assign(seen=True))
    assert "It is seen by cell2sentence" in said(changes.one_cell(only(one)))
    one.change("only", UNSEEN_CHANGE, lambda f: f.iloc[:0])
    assert changes.one_cell(only(one)) == ""


def test_movement_is_in_units_of_the_distance_of_twins(one):
    named = changes.changed(only(one))
    words = said(changes.movement(only(one), named))
    assert (
        "with its highest gene removed, moves by 0.00400 of it in Geneformer V1, order (a distance of 0.00120)" in words
    )
    assert "to 0.00100 of it in Rank-value encoding (a distance of 0.000300)." in words
    assert words.endswith("A likeness close to one says nothing without that distance.")
    one.change("only", MOVEMENTS, lambda f: f.iloc[:0])
    assert changes.movement(only(one), named) == ""
    assert shown(changes.moved_table(only(one), named).groups[0].rows[0]).endswith("0 –")


def test_encodings_without_a_rule_are_said_to_be_encoded_anew(one):
    assert changes.anew(only(one), ["rank"]) == []
    one.change("only", COUNTERFACTUALS, lambda f: f.assign(by=f["by"].mask(f["space"] == "rank", ANEW)))
    (words,) = changes.anew(only(one), ["rank", "expression"])
    assert said(words).endswith("since no rule is known: Rank-value encoding (200 cells).") and BY_RULE != ANEW


def test_tables_of_changes_have_every_change(one):
    named = changes.changed(only(one))
    for table, before in ((changes.blind_table(only(one), named), 2), (changes.moved_table(only(one), named), 1)):
        assert [said(head) for head in table.columns[before : before + 7]] == [
            "×0",
            "×0.5",
            "×2",
            "×5",
            "×10",
            "+1",
            "+3",
        ]
    first = changes.blind_table(only(one), named).groups[0].rows[0]
    assert shown(first).startswith("Rank-value encoding 2.0% 60% [58%, 62%]") and len(first) == 9
    one.change("only", COUNTERFACTUALS, lambda f: f[f["change"] != "+3"])
    assert shown(changes.blind_table(only(one), named).groups[0].rows[0]).endswith("–")


# -- pages -------------------------------------------------------------------------------------------------------------


def test_values_that_are_no_counts_have_no_causes_and_that_is_said_beside_one_that_has(tmp_path):
    inputs = inputs_of(tmp_path, "first", "second")
    study = inputs.study()
    assert [causes.section(dataset).figures for dataset in study.datasets] == [1, 1]
    study.about["datasets"]["second"]["cause_encodings"] = []
    second = inputs.study().datasets[1]
    assert said(causes.section(second).said[0]).endswith("these values are no whole counts.")
    assert changes.section(second) is None and len(causes.section(second).said) == 1


def test_the_first_page_says_what_least_depth_decides(one):
    words = said(causes.everywhere(one.study()).said[0])
    assert words == (
        "With 5.0% of the molecules Rank-value encoding separates types worse than Expression (log1p CP10K): −0.047 "
        "[−0.057, −0.037]; as measured by 0.005 [−0.005, 0.015] (Made up: only)."
    )
    with_differences(one, lambda f: f.assign(verdict=WORSE))
    assert causes.everywhere(one.study()) is None
    with_differences(one, lambda f: f.assign(verdict=NO_DIFFERENCE))
    assert causes.everywhere(one.study()) is None


def test_an_encoding_alone_is_compared_with_nothing(tmp_path):
    dataset = only(inputs_of(tmp_path, spaces=("rank",)))
    assert pairs(dataset) == [] and encodings(dataset) == ["rank"]
    section = causes.section(dataset)
    assert said(section.said[0]) == "No encoding is compared with another one by depth." and section.details[0] == ""
    assert "Rank-value encoding separate types" in said(causes.one_total(dataset))


def test_the_methods_define_what_is_done_and_cite_where_it_is_from(one):
    study = one.study()
    words = {section.key: shown(section) for section in methods.sections(study)}
    for of in (
        "Gerard 2020",
        "Neufeld et al. 2024",
        "Spearman 1910",
        "Brown 1910",
        "Westfall and Young 1993",
        "nested",
    ):
        assert of in words["methods-causes"]
    assert "In 200 cells each detected gene" in words["methods-changes"]
    names = [name for _, entries in references(study) for name, _ in entries]
    assert {"gerard", "neufeld", "spearman-brown", "brown", "westfall"} <= set(names)
    assert study.has_setting("causes.depths") and study.has_setting("settings.cells")
    found = shown(caveats.caveats(study))
    assert "is no knock-out" in found and "not tested in this run" not in found


def test_a_study_without_causes_has_none_of_it(tmp_path):
    study = Inputs(tmp_path, ("only",), [4], spaces=SPACES).study()
    assert not has_causes(study) and causes.everywhere(study) is None
    assert causes.section(study.datasets[0]) is None and changes.section(study.datasets[0]) is None
    assert not {"methods-causes", "methods-changes"} & {section.key for section in methods.sections(study)}
    names = [name for _, entries in references(study) for name, _ in entries]
    assert not {"gerard", "spearman-brown", "westfall"} & set(names)
    assert not study.has_setting("causes.depths") and "knock-out" not in shown(caveats.caveats(study))


def test_pages_look_every_number_up_and_show_one_figure_of_causes(tmp_path):
    inputs = inputs_of(tmp_path, "first", "second").with_picture().with_causes()
    article = inputs.build()
    assert check_numbers(article, inputs.folder) > 400 and loose_digits(article) == []
    text = (article / "first.html").read_text()
    figures = [attributes["id"] for tag, attributes in Page(text).elements if tag == "figure"]
    wanted = ["depth-curves", "encoding-depth", "blind-bands-1", "displacement", "unseen-change"]
    assert {f"first-{name}" for name in wanted} <= set(figures)
    assert text.index('id="causes"') < text.index('id="changes"') < text.index('id="separation"')
    alts = [attributes.get("alt", "") for tag, attributes in Page(text).elements if tag == "img"]
    assert any("open at the deep end, from 100% down to 50%" in alt for alt in alts)
