"""Sentences and tables about specification curves: what holds in the declared setting, and where it fails."""

from __future__ import annotations

import pytest

from rankstudy.measures.settings.tables import (
    CENTRED,
    CURVE_CELLS,
    CURVE_OMISSIONS,
    CURVES,
    DECIDERS,
    DEPTH,
    MEASURE,
    PANEL,
    SHARED,
    SPECIFICATIONS,
)
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, WORSE
from rankstudy.report.article.compared import Pair, answer_table, compared_with, declared
from rankstudy.report.article.sentences import answer, caveats, methods, separation, settings, statistics
from rankstudy.report.article.sentences.references import references
from rankstudy.report.tables import VARIES
from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import Page, check_numbers, loose_digits, said, shown

SPACES = ("rank", "expression", "expression-umap")
FIRST = "Rank-value encoding separates cell types better than Expression (log1p CP10K), in the declared setting"
COUNTS = "better in 12 of 24 settings [12–20], worse in 4, open in 8"
RANK = Pair("rank", "expression")


def inputs_of(folder, *datasets, seeds=(4,), spaces=SPACES, **section):
    """Return the inputs of a study whose pair has a curve in each data set."""
    return Inputs(folder, datasets or ("only",), list(seeds), spaces=spaces, curves=section)


@pytest.fixture
def one(tmp_path):
    return inputs_of(tmp_path)


@pytest.fixture
def two(tmp_path):
    return inputs_of(tmp_path, "first", "second")


def declared_as(inputs, dataset, word):
    """Give the pair of the first sentence another verdict in all settings, and counts that follow from it."""

    def changed(frame):
        return frame.assign(verdict=frame["verdict"].mask(frame["space"] == "rank", word))

    inputs.change(dataset, SPECIFICATIONS, changed)


def without_deciders(inputs, dataset, parts=(MEASURE, CENTRED, PANEL, DEPTH)):
    inputs.change(dataset, DECIDERS, lambda f: f.assign(decides=f["decides"] & ~f["part"].isin(parts)))


def test_the_first_sentence_is_of_the_declared_setting_and_then_of_all(one):
    assert said(answer.headline(one.study())) == f"{FIRST}. Over all settings: {COUNTS}."


def test_data_sets_that_agree_are_counted_each(two):
    words = said(answer.headline(two.study()))
    counted = f"{COUNTS} (Made up: first); {COUNTS} (Made up: second)"
    assert words == f"{FIRST}, in every data set of this run. Over all settings: {counted}."


def test_of_few_data_sets_that_disagree_each_has_its_counts(two):
    declared_as(two, "second", NO_DIFFERENCE)
    assert said(answer.headline(two.study())) == (
        "Whether Rank-value encoding or Expression (log1p CP10K) separates cell types better depends on the data set, "
        f"in the declared setting: better in Made up: first (over all settings {COUNTS}); no difference beyond the "
        f"interval in Made up: second (over all settings {COUNTS})."
    )


def test_a_data_set_whose_pair_had_to_be_left_out_has_no_counts(two):
    two.change("second", CURVES, lambda f: f[f["space"] != "rank"])
    words = said(answer.headline(two.study()))
    assert f"better in Made up: first (over all settings {COUNTS}); worse in Made up: second." in words


def test_of_many_data_sets_the_two_at_the_ends_are_named(tmp_path):
    names = ["a", "b", "c", "d"]
    inputs = inputs_of(tmp_path, *names)
    inputs.change("c", CURVES, lambda f: f.assign(better=f["better"] + 5))
    inputs.change("d", CURVES, lambda f: f.assign(worse=f["worse"] + 3))
    words = said(answer.headline(inputs.study()))
    assert words.endswith(
        "Over all settings: better in up to 17 of 24 settings (c) and worse in up to 7 of 24 settings (d)."
    )
    assert said(settings.what_decides(inputs.study())) == "What decides somewhere: centring."
    declared_as(inputs, "b", WORSE)
    assert "depends on the data set, in the declared setting: better in 3, worse in 1 of 4. Over all" in said(
        answer.headline(inputs.study())
    )


def test_another_declared_setting_changes_the_sentence_and_not_the_counts(tmp_path):
    study = inputs_of(tmp_path, declared={"centred": True, "reason": "we say so"}).study()
    words = said(answer.headline(study))
    assert words.startswith("Rank-value encoding separates cell types worse than") and words.endswith(f"{COUNTS}.")
    assert said(settings.declaration(study)).startswith("Declared beforehand: correlation, the mean cell subtracted,")
    assert "depth as measured, because we say so. Text" in said(statistics.settings(study)[-1])


def test_what_a_pair_lacks_of_the_declared_setting_is_what_there_is(tmp_path):
    setting = {"measure": "cosine", "panel": "shared", "reason": "we say so"}
    inputs = inputs_of(tmp_path, also=["detection"], declared=setting)
    dataset = inputs.study().datasets[0]
    assert declared(dataset, RANK) == {MEASURE: "correlation", CENTRED: False, PANEL: SHARED, DEPTH: "as measured"}
    assert declared(dataset, Pair("detection", "expression"))[MEASURE] == "cosine"
    inputs.change("only", SPECIFICATIONS, lambda f: f[f[PANEL] != SHARED])
    assert declared(inputs.study().datasets[0], RANK)[PANEL] == "selected"


def test_the_table_of_the_answer_says_where_it_is_from(two):
    two.change("second", CURVES, lambda f: f[f["space"] != "rank"])
    frame = answer_table(two.study()).set_index(["dataset", "statistic"])
    assert frame["source"].to_dict()["first", AUROC] == "specifications"
    assert frame["source"].to_dict()["second", AUROC] == "differences"
    assert frame["n_cells"].to_dict()["first", ACROSS] == 1707 and frame["n_cells"].to_dict()["second", AUROC] == 24
    curve = SPECIFICATIONS.read(two.tables["first"]["specifications"])
    setting = (curve["statistic"] == AUROC) & ~curve[CENTRED] & (curve[PANEL] == "selected")
    (row,) = curve[setting & (curve[MEASURE] == "correlation") & (curve[DEPTH] == "as measured")].to_dict("records")
    found = frame.loc["first", AUROC]
    assert (found["estimate"], found["value_against"]) == (row["estimate"], row["value_reference"])


def test_a_verdict_of_several_curves_is_that_of_all(tmp_path):
    inputs = inputs_of(tmp_path, seeds=(4, 5), replicates=2)
    assert set(answer_table(inputs.study())["verdict"]) == {BETTER}
    assert ", in every replicate of this run" in said(answer.headline(inputs.study()))

    def changed(frame):
        return frame.assign(verdict=frame["verdict"].mask(frame["seed"] == 5, WORSE))

    inputs.change("only", SPECIFICATIONS, changed)
    assert set(answer_table(inputs.study())["verdict"]) == {VARIES}


def test_curves_of_fewer_replicates_than_there_are_say_nothing_of_the_others(tmp_path):
    assert "replicate" not in said(answer.headline(inputs_of(tmp_path, seeds=(4, 5)).study()))


def test_what_decides_is_named_with_the_data_sets_where_it_does(two):
    assert said(settings.what_decides(two.study())) == "What decides: centring."
    without_deciders(two, "second")
    assert said(settings.what_decides(two.study())) == (
        "What decides: centring in Made up: first; no part alone in Made up: second."
    )
    without_deciders(two, "first")
    assert said(settings.what_decides(two.study())) == "No part of a setting decides alone."


def test_the_first_screen_explains_brackets_and_says_what_was_declared(one):
    assert said(answer.measure_of_the_pair(one.study())) == (
        "In brackets: between how many are truly better, 95% for all verdicts together. What decides: centring. "
        "Declared beforehand: correlation, not centred, the selected genes, depth as measured (why)."
    )
    assert 'href="methods.html#methods-settings"' in answer.measure_of_the_pair(one.study())


def test_a_data_set_begins_with_its_curve(one):
    section = settings.section(one.study().datasets[0])
    first, table = section.said
    of_cells, _ = section.details
    words = said(first)
    assert words.startswith(
        "As declared (correlation, not centred, the selected genes, depth as measured), Rank-value encoding separates "
        "cell types better than Expression (log1p CP10K): the difference of their AUROC is 0.031 [0.011, 0.051]."
    )
    assert f"Over all settings Rank-value encoding is {COUNTS}. In brackets:" in words
    assert "changes the verdict beyond chance: centring (12 of 12 flips)." in words
    assert words.endswith("are no test, and a setting with a verdict need not differ from one without.")
    assert said(of_cells) == (
        "All settings are of the same 1,707 cells; of 1,800 drawn from 2,000, 90 below the one total of 1,234 "
        "molecules and 3 without a vector in some setting are left out."
    )
    assert shown(table.groups[0].rows[0]) == ("Rank-value encoding better 0.031 [0.011, 0.051] 12 [12–20] 4 8 centring")


def test_what_is_left_out_is_said_with_its_reason(one):
    one.change("only", CURVE_CELLS, lambda f: f.assign(total=None).astype({"total": "Int64"}))
    row = {"dataset": "only", "seed": 4, "part": "depth", "what": "one total", "reason": "no <counts>"}
    one.change("only", CURVE_OMISSIONS, lambda f: f.__class__([row]))
    assert said(settings.cells(one.study().datasets[0])) == (
        "All settings are of the same 1,707 cells; of 1,800 drawn from 2,000, 3 without a vector in some setting are "
        "left out. Left out: one total (no <counts>)."
    )


def test_nothing_that_decides_is_said_too(one):
    without_deciders(one, "only")
    section = settings.section(one.study().datasets[0])
    assert "No part of a setting decides alone." in said(section.said[0])
    assert shown(section.said[1].groups[0].rows[0]).endswith(" none")


def test_a_pair_with_another_reference_is_named_in_full_and_an_encoding_need_be_no_space(tmp_path):
    pairs = [["tgpt-order", "rank"]]
    dataset = inputs_of(tmp_path, also=["tgpt-order", "scgpt-bins"], pairs=pairs).study().datasets[0]
    names = [said(row[0]) for row in settings.table(dataset).groups[0].rows]
    assert names[0] == "Rank-value encoding" and "tGPT, order" in names and "scGPT, bins" in names
    assert names[-1] == "tGPT, order less Rank-value encoding"
    assert said(settings.table(dataset).caption).startswith("Every encoding less Expression (log1p CP10K), unless")


def test_without_the_first_pair_the_page_begins_with_another(tmp_path):
    inputs = inputs_of(tmp_path, also=["scgpt-bins"])
    inputs.change("only", CURVES, lambda f: f[f["space"] != "rank"])
    study = inputs.study()
    assert settings.curved(study) == [] and settings.has_curves(study)
    assert said(settings.section(study.datasets[0]).said[0]).startswith("As declared (correlation, not centred, the")
    assert "scGPT, bins separates" in said(settings.section(study.datasets[0]).said[0])


def test_shares_that_are_not_above_chance_are_said_to_be_none(one):
    _, table = settings.section(one.study().datasets[0]).details
    rows = table.groups[0].rows
    shares = "72.0% [71.0%, 77.0%] 72.0% [71.0%, 77.0%]"
    assert shown(rows[0]) == f"Rank-value encoding All pairs of cells centring {shares} 4 4 1 4"
    ends = dict.fromkeys(("first_order", "total", "first_order_low", "total_low", "first_order_high", "total_high"))
    one.change("only", DECIDERS, lambda f: f.assign(**ends).astype(dict.fromkeys(ends, float)))
    _, table = settings.section(one.study().datasets[0]).details
    assert shown(table.groups[0].rows[0]).count("not above chance") == 2


def test_a_study_without_curves_has_none_of_it(tmp_path):
    study = Inputs(tmp_path, ["only"], [4], spaces=SPACES).study()
    assert settings.section(study.datasets[0]) is None and not settings.has_curves(study)
    assert "methods-settings" not in [section.key for section in methods.sections(study)]
    names = [name for _, entries in references(study) for name, _ in entries]
    assert "simonsohn" not in names and not study.has_setting("settings.declared.reason")


def test_one_question_has_one_answer_on_a_page(tmp_path):
    inputs = inputs_of(tmp_path, spaces=("rank", "expression", "expression-umap", "detection"))
    dataset = inputs.study().datasets[0]
    assert compared_with(dataset, "expression") == ["expression-umap"]
    assert "rank" in compared_with(dataset, "expression", BATCH_DRIVEN)  # of which curves make no claim
    section = separation.answer(dataset)
    assert section.heading == "Every space" and len(section.said) == 1
    table, adjusted = section.details
    rows = {said(row[0]).split(" the ")[0]: shown(row[2:]) for row in table.groups[0].rows}
    assert set(rows["Rank-value encoding"].split()) == {"–"} and "−0.012" in shown(table.groups[0].rows[2])
    assert said(table.caption) == (
        "Every space, with intervals, on all 24 cells; differences are from Expression (log1p CP10K), of spaces "
        "without a curve."
    )
    assert len(adjusted.groups[0].rows) == 1
    (group,) = answer.every_space(inputs.study()).groups
    assert len(group.rows) == 1 and said(answer.every_space(inputs.study()).caption).startswith("AUROC of each other")


def test_where_every_space_has_a_curve_nothing_else_is_compared(tmp_path):
    study = inputs_of(tmp_path, spaces=("rank", "expression")).study()
    section = separation.answer(study.datasets[0])
    (table,) = section.details
    assert shown(table.columns) == "Space AUROC" and answer.every_space(study) is None


def test_a_sceptic_reads_what_counts_are_and_that_the_measure_is_the_same(one):
    study = one.study()
    words = shown(caveats.how_sure(study))
    assert "adjusted for all its settings" in words and "are no test" in words and "Open is not equal." in words
    assert caveats.of_the_pair(study) == []
    section = {section.key: shown(section) for section in methods.sections(study)}["methods-settings"]
    for of in ("Simonsohn et al. 2020", "Steegen et al. 2016", "Westfall and Young 1993", "Sobol’ 1993", "Saltelli"):
        assert of in section
    names = [name for _, entries in references(study) for name, _ in entries]
    assert {"simonsohn", "steegen", "westfall", "sobol", "saltelli"} <= set(names)
    assert "5 draws without replacement" in section and "at most 5,000" in section and "15 cells" in section


def test_pages_look_every_number_up_and_fold_all_but_the_first_figure(tmp_path):
    also = ["tgpt-order", "scgpt-bins", "scbert-levels", "genept-order", "bento-sc-order"]
    inputs = inputs_of(tmp_path, "first", "second", also=also).with_picture().with_curves()
    article = inputs.build()
    assert check_numbers(article, inputs.folder) > 300 and loose_digits(article) == []
    page = Page((article / "first.html").read_text())
    figures = [attributes["id"] for tag, attributes in page.elements if tag == "figure"]
    assert figures[:2] == ["first-specification-curve-1", "first-specification-curve-2"]
    text = (article / "first.html").read_text()
    between = text[text.index(f'id="{figures[0]}"') : text.index(f'id="{figures[1]}"')]
    assert "<summary>More: does it depend on how one asks?</summary>" in between
    alts = [attributes["alt"] for tag, attributes in page.elements if tag == "img"]
    assert alts[0].startswith("Rank-value encoding less Expression (log1p CP10K): better in 12, worse in 4 and neither")
    index = Page((article / "index.html").read_text())
    overview = [attributes["alt"] for tag, attributes in index.elements if tag == "img"][1]
    assert "Rank-value encoding: Made up: first 12, 8 and 4 of 24 and Made up: second 12, 8 and 4 of 24." in overview
