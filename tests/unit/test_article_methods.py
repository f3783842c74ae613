"""Sentences of the methods, of the statistics and of models, one by one."""

from __future__ import annotations

import pytest

from rankstudy.report.article.sentences import methods, models, statistics
from rankstudy.spaces.models.geneformer.tables import TRAINING_CELLS, TRAINING_LOSS
from rankstudy.spaces.tables import SPACES_TABLE
from tests.chromium.article_inputs import BASELINES, SMALL_MODELS, SPACES, Inputs
from tests.chromium.article_tables import CONTROLS
from tests.unit.article_pages import said, shown

PUBLISHED = ("geneformer", "geneformer-umap")


@pytest.fixture
def alone(tmp_path):
    """Return a study of one data set, replicate and space."""
    return Inputs(tmp_path / "alone", datasets=["only"], seeds=[7], spaces=["rank"])


@pytest.fixture
def small(tmp_path):
    """Return a study with the models that need no published weights."""
    return Inputs(tmp_path / "small", spaces=(*SPACES, *SMALL_MODELS))


@pytest.fixture
def whole(tmp_path):
    """Return a study with every space of the registry."""
    spaces = (*SPACES, *BASELINES, *PUBLISHED, *SMALL_MODELS)
    return Inputs(tmp_path / "whole", spaces=spaces, controls=CONTROLS, seeds=[4], ontology={"terms": {}})


def setting(inputs, key, value):
    """Give a setting of the run another value; add it if there is none."""
    inputs.about["settings"] = [row for row in inputs.about["settings"] if row["key"] != key]
    inputs.about["settings"].append({"key": key, "value": value, "meaning": "of a test"})
    return inputs


def headings(inputs):
    return [section.heading for section in methods.sections(inputs.study())]


def test_methods_have_the_sections_that_the_run_has_use_for(alone, whole):
    few = ["Cells", "Genes", "Spaces", "Pairs", "Separation", "Relations and neighbours", "Intervals and verdicts"]
    few += ["Sparsity and ties", "Outliers", "The field’s metrics", "Replicates"]
    assert headings(alone) == few
    more = headings(whole)
    assert set(more) - set(few) == {"Tokens", "Models", "Controls", "Similar types", "Joint distribution"}
    assert [heading for heading in more if heading in few] == few


def test_methods_of_a_study_without_metrics_have_none(alone):
    alone.about["metrics"] = []
    assert not statistics.has_metrics(alone.study()) and "The field’s metrics" not in headings(alone)


def test_cells_say_the_limits_of_each_data_set(alone, small):
    assert "at least 20 usable cells take part. Of each, at most 100 cells" in said(methods.cells(alone.study()))
    setting(setting(small, "second.selection.min_cells", "33"), "second.selection.cells_per_type", None)
    words = said(methods.cells(small.study()))
    assert "at least 20 (first), 33 (second) usable cells" in words and "100 (first), all (second) cells" in words


def test_types_that_were_asked_for_are_named(small):
    assert methods.asked_types(small.study()) == []
    (words,) = methods.asked_types(setting(small, "second.selection.cell_types", "a, b").study())
    assert said(words) == "In second only these types were asked for: a, b."


def test_genes_are_said_method_by_method(small):
    setting(setting(small, "second.genes.method", "flagged"), "second.genes.column", "highly_variable")
    by_flag, most = map(said, methods.genes(small.study()))
    assert by_flag == "second: the genes that the data set itself marks, in the column highly_variable."
    assert most.startswith("first: the ") and "genes of highest normalised dispersion (Satija et al. 2015" in most
    setting(setting(small, "second.genes.method", "all"), "first.genes.method", "all")
    assert list(map(said, methods.genes(small.study()))) == ["first and second: all genes."]


def test_models_read_more_genes_than_the_other_spaces(alone, small):
    assert said(methods.which_genes(alone.study())) == "All spaces of a data set use the same genes: 5 of 7 in only."
    words = said(methods.which_genes(small.study()))
    assert words.startswith("All spaces but those of the models, which read every gene that has a token, use")
    assert words.endswith("5 of 7 in first and 5 of 7 in second.")


def test_a_space_says_its_measure_where_it_starts_and_what_is_declared(whole):
    study = whole.study()
    assert said(methods.space(study, "rank")).startswith("Rank-value encoding, Spearman correlation. ")
    assert "It starts from the space expression." in said(methods.space(study, "expression-pca"))
    assert "dimensions" in said(methods.space(study, "untrained"))
    whole.about["spaces"]["rank"]["methods"] = None
    assert said(methods.space(study, "rank")) == "Rank-value encoding, Spearman correlation."
    assert len(methods.spaces(study).items) == len(study.spaces("encoding", "baseline", "model"))


def test_totals_are_those_of_a_file_where_a_data_set_has_several(small):
    study = small.study()
    assert statistics.totals_of_files(study) == ""
    small.about["datasets"]["second"]["files"] *= 2
    assert said(statistics.totals_of_files(study)).startswith(
        "Where several files are one data set (second), the total"
    )
    assert "in its own file" in said(methods.space(study, "expression"))
    assert "in its own file" not in said(methods.space(study, "rank"))


def test_umap_is_described_where_there_is_one(alone, small):
    assert methods.umap(alone.study()) == []
    (words,) = methods.umap(small.study())
    assert "15 neighbours, smallest distance 0.1, metric euclidean, initial layout spectral" in said(words)


def test_replicates(alone, small):
    assert said(methods.replicates(alone.study())) == "This run has one seed, 7; no ranges are given."
    words = said(methods.replicates(small.study()))
    assert "with 2 seeds (0, 1)" in words and words.endswith("values without a range, are of seed 0.")


def test_controls_say_what_they_are_and_what_chance_is(whole):
    study = whole.study()
    first, every, chance = statistics.controls(study)
    assert "it is known beforehand what they must score" in first and len(every.items) == len(CONTROLS)
    assert "of the space rank: " in said(statistics.control(study, "shuffled"))
    assert ", 128 dimensions: " in said(statistics.control(study, "random"))
    assert said(chance).startswith("At chance means: within 5 standard errors of one half")
    whole.about["spaces"]["random"]["methods"] = None
    assert said(statistics.control(study, "random")).endswith("128 dimensions:")


def test_intervals_say_whether_controls_are_compared(alone, whole):
    words, known = shown(statistics.intervals(alone.study())), "Controls are not among them"
    assert "Intervals of 95% come from 10,000 resamples (seed 0)" in words and known not in words
    assert known in shown(statistics.intervals(whole.study()))


def test_statistics_say_their_settings(alone):
    study = alone.study()
    assert "counted on 4,096 equal bins" in said(statistics.separation(study))
    assert "(so many: 15, 50)" in shown(statistics.neighbours(study)) and "100 cutoffs lie" in shown(
        statistics.neighbours(study)
    )
    assert said(statistics.outliers(study)).startswith("For each space, the 10 pairs of types")
    assert said(statistics.joint(study)).startswith("All pairs of cells are counted by two measures at once")
    assert "100 along the observed range" in said(statistics.joint(study))
    assert "computed by scib-metrics on the same exact neighbours" in said(statistics.metrics(study))


def test_similar_types_are_those_of_the_ontology_or_given_by_hand(alone, whole):
    study = alone.study()
    assert not statistics.relates_types(study)
    assert said(statistics.similar_types(study)).startswith("Groups that a data set’s file gives by hand go before")
    by_hand = setting(alone, "only.similar", "a, b").study()
    assert statistics.relates_types(by_hand)
    words = said(statistics.similar_types(whole.study()))
    assert statistics.relates_types(whole.study()) and words.startswith("The files of the data sets name the term")
    assert "Types are similar from" in words and "Groups that a data set’s file gives by hand" in words


# -- models ------------------------------------------------------------------------------------------------------------


def test_the_question_names_the_kinds_of_models(alone, small, whole):
    assert said(models.in_the_question(alone.study())).startswith("No model is trained or read:")
    words = said(models.in_the_question(small.study()))
    assert "a small model of the same architecture that this study trains and such a small model untrained." in words
    assert words.endswith(
        "published weights of Geneformer are not part of this run, and nothing here is a result of theirs."
    )
    words = said(models.in_the_question(whole.study()))
    assert "published weights, a small model" in words and "not part of this run" not in words


def test_tokens_say_the_release_and_its_commit_if_there_is_one(small):
    setting(small, "release.revision", None)
    first, second = map(said, models.tokens(small.study()))
    assert "commit" not in first and "An input holds at most 2,048 tokens" in second
    first, _ = models.tokens(setting(small, "release.revision", "abc").study())
    assert ", commit abc)" in said(first)


@pytest.mark.parametrize(
    ("spaces", "there", "absent"),
    [
        (("geneformer",), ["used as they are"], ["in small", "masked-language modelling", "untrained model"]),
        (("trained-here",), ["in small", "masked-language modelling"], ["used as they are", "untrained model"]),
        (("untrained",), ["in small", "has random weights. It shows"], ["used as they are", "masked-language"]),
        (
            ("trained-here", "untrained"),
            ["has random weights, those that the training starts from. It shows", "masked-language modelling"],
            ["used as they are"],
        ),
    ],
)
def test_models_are_described_by_their_kind(tmp_path, spaces, there, absent):
    words = shown(models.models(Inputs(tmp_path, spaces=("rank", *spaces)).study()))
    assert all(each in words for each in there) and not any(each in words for each in absent)


def test_a_model_of_a_plugin_is_described_where_it_is_declared(whole):
    whole.about["models"]["geneformer"]["methods"] = "Read at <length> [scib]."
    words = shown(models.models(whole.study()))
    assert words.startswith("Read at <length> scib-metrics.") and "used as they are" not in words


def test_what_training_gave(small, whole, alone):
    assert models.trained_here(alone.study()) is None
    section = models.trained_here(small.study())
    words = shown(section)
    assert "6 cells were drawn to train on and 2 to measure the loss on. No replicate compares any" in words
    assert section.folded and section.details[0].groups[0].rows[0][1].raw == 3
    change = TRAINING_CELLS.read(small.tables[""]["training_cells"])
    TRAINING_CELLS.write(change.assign(evaluated=change["cell_id"] == "first:t0"), small.tables[""]["training_cells"])
    assert said(models.overlap(small.study())).startswith("1 of those trained on are compared as well, since too few")


def test_a_data_set_that_nothing_was_drawn_from_is_left_out_of_the_drawn_cells(small):
    path = small.tables[""]["training_cells"]
    frame = TRAINING_CELLS.read(path)
    TRAINING_CELLS.write(frame[frame["dataset"] == "second"], path)
    assert [said(row[0]) for row in models.cells_drawn(small.study()).groups[0].rows] == ["second"]


@pytest.mark.parametrize(("end", "better"), [(8.3, True), (8.4449, False), (9.0, False)])
def test_a_model_has_learnt_if_its_loss_is_below_that_of_the_frequencies(small, end, better):
    path = small.tables[""]["training_loss"]
    frame = TRAINING_LOSS.read(path)
    TRAINING_LOSS.write(frame.assign(validation_loss=[8.5, end]), path)
    words = said(models.learnt(small.study()))
    assert words.startswith("On cells that it was not trained on, the loss went from 8.500 to ")
    assert ("predicts masked genes better than" in words) == better
    assert ("that has hardly learnt" in words) != better


@pytest.mark.parametrize(
    ("pooling", "layer", "words"),
    [
        ("cell", -1, "The mean over the gene tokens of a cell in the output of the second-to-last block, the layer"),
        ("cell", 0, "The mean over the gene tokens of a cell in the output of the last block: 128 dimensions."),
        ("cls", -1, "The token <cls> of a cell in the output of the second-to-last block, the layer"),
        (None, None, "128 dimensions."),
    ],
)
def test_an_embedding_is_an_output_of_a_model(small, pooling, layer, words):
    def change(frame):
        here = frame["space"] == "untrained"
        return frame.assign(
            pooling=frame["pooling"].mask(here, pooling), layer=frame["layer"].mask(here, layer).astype("Int64")
        )

    small.change("first", SPACES_TABLE, change)
    assert said(models.embedding(small.study(), "untrained")).startswith(words)


def test_software_of_models_is_named_if_there_are_any(alone, small):
    assert models.software(alone.study()) == ""
    assert said(models.software(small.study())).startswith("Models run in envs/models.yaml, which adds PyTorch")
