"""Sentences about a data set, its types, its cells, its metrics, and the caveats, one by one."""

from __future__ import annotations

import pytest

from rankstudy.cells.tables import SELECTION_REPORT, SOURCE_PARTS
from rankstudy.measures.field.integration import MEASURED
from rankstudy.measures.field.tables import GEOMETRY, INTEGRATION_METRICS
from rankstudy.report.article.sentences import answer, caveats, cells, data, metrics, references, types
from rankstudy.report.article.text import Grid
from rankstudy.spaces.tables import ANALYSED_CELLS, TOKENISED
from tests.chromium.article_inputs import BASELINES, SMALL_MODELS, SPACES, Inputs
from tests.chromium.article_tables import CONTROLS
from tests.unit.article_pages import said, shown
from tests.unit.test_article_methods import setting

SOURCE = "first.source"


@pytest.fixture
def two(tmp_path):
    """Return a study of two data sets and two replicates, with models."""
    return Inputs(tmp_path / "two", spaces=(*SPACES, *SMALL_MODELS), controls=CONTROLS)


@pytest.fixture
def alone(tmp_path):
    """Return a study of one data set, replicate and space."""
    return Inputs(tmp_path / "alone", datasets=["first"], seeds=[7], spaces=["rank"])


def first(inputs):
    return inputs.study().datasets[0]


def rows(grid):
    return [[shown(cell) for cell in row] for group in grid.groups for row in group.rows]


# -- data --------------------------------------------------------------------------------------------------------------


def test_a_data_set_in_short(two):
    assert (
        said(data.short(first(two)))
        == "12 cells of 2 types in 1 batches, 5 genes; not stated, counts (whole numbers, checked)."
    )


def test_one_file_is_a_fact_and_several_are_a_table(two):
    facts, *rest = data.data(first(two)).said
    names = [name for name, _ in facts.pairs]
    assert "File" in names and names.count("Accession") == names.count("Citation") == 1 and len(rest) == 2
    two.about["datasets"]["first"]["files"] = [
        {"part": part, "member": None, "source": SOURCE} for part in ("one", "two")
    ]
    facts, files, *rest = data.data(first(two)).said
    assert "File" not in [name for name, _ in facts.pairs] and len(rest) == 2
    assert files.columns[:2] == ["File", "From"] and [row[0] for row in rows(files)] == ["one", "two"]


def test_files_of_a_combined_data_set_say_which_one_they_are_of(two):
    setting(two, "second.title", "The second")
    two.about["datasets"]["first"]["files"] = [
        {"part": "one", "member": "second", "source": SOURCE},
        {"part": "two", "member": "second", "source": SOURCE},
    ]
    files = data.files(first(two))
    assert files.columns[:3] == ["File", "Data set", "From"] and rows(files)[0][:2] == ["one", "The second"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"thin": "0.25"}, "of each selected cell, each molecule was kept with the probability 0.25"),
        ({"one_total": "1000"}, "of each selected cell, 1000 molecules were drawn"),
        ({"twin": "second"}, "of each selected cell, the second of two halves of its molecules was taken"),
        ({"change.gene": "INS", "change.factor": "2.0"}, "the count of INS was multiplied by 2.0"),
        ({"change.gene": "INS", "change.add": "3"}, "every selected cell without a molecule of INS was given 3"),
    ],
)
def test_a_treatment_of_the_counts_is_said(two, keys, words):
    assert "Treated" not in dict(data.facts(first(two)).pairs) and data.treated(first(two)) == []
    for key, value in keys.items():
        setting(two, f"first.treatment.{key}", value)
    treated = first(two)
    assert words in said(dict(data.facts(treated).pairs)["Treated"])
    assert "no counts left after their treatment" in said(data.dropped(treated))
    assert "before these were treated" in shown(data.cells(treated))
    for file in two.about["datasets"]["second"]["files"]:
        file["member"] = "first"
    assert said(data.treated(two.study().datasets[1])[0]).startswith("first: ")


def test_a_data_set_without_citation_has_neither_accession_nor_citation(two):
    two.about["datasets"]["first"]["citations"] = []
    names = [name for name, _ in data.facts(first(two)).pairs]
    assert "Accession" not in names and "Citation" not in names
    words = shown(caveats.citations(two.study()))
    assert "first: no citation is stated." in words and "second: Nobody N. Nothing. 2001. doi:10.1000/182 GSE1" in words


@pytest.mark.parametrize(("doi", "end"), [("10.1000/182", "2001. doi:10.1000/182"), (None, "2001.")])
def test_a_citation_links_its_doi_if_it_has_one(doi, end):
    assert said(data.citation({"text": "Nobody N. 2001.", "doi": doi})).endswith(end)


def test_an_accession_is_said_if_there_is_one(two):
    two.about["datasets"]["first"]["citations"][0]["accession"] = None
    assert said(caveats.citations(two.study()).items[0]).endswith("doi:10.1000/182")


def test_what_readers_decided_names_its_files_where_these_differ(two):
    assert list(map(said, data.read(first(two)))) == [
        "matrix: counts of 7 (three, four)", "matrix: counts of <RNA> (not SCT) (one)",
    ]  # fmt: skip
    two.change("first", SOURCE_PARTS, lambda f: f.assign(choices="whole"))
    assert list(map(said, data.read(first(two)))) == ["whole"]
    two.change("first", SOURCE_PARTS, lambda f: f.assign(choices=None))
    assert data.read(first(two)) == []


def test_cells_that_are_the_same_in_every_replicate_are_counted_of_several(two, alone):
    assert said(data.compared(first(alone))) == "12 cells of 2 types on 5 genes"
    words = said(data.compared(first(two)))
    assert words == "12 cells of 2 types on 5 genes in each replicate; 21 of the cells are the same in every replicate"


def test_batches_are_counted(two):
    assert said(data.batches(first(two))) == "1: lib1 (23 cells)"


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("local_file", "a.h5ad", "a.h5ad, given as a file"),
        ("package", "mine", "package mine, opened as the archive it is, never installed"),
        ("figshare", "123", "file 123 of figshare"),
        ("zenodo.record", "5", "a.rds of Zenodo record 5"),
        ("cellxgene.dataset", "abc", "data set abc of CELLxGENE"),
        ("url", "https://somewhere/a.h5ad", "https://somewhere/a.h5ad"),
    ],
)
def test_a_file_comes_from_one_of_six_places(two, place, value, words):
    setting(
        setting(setting(two, f"{SOURCE}.local_file", None), f"{SOURCE}.{place}", value),
        f"{SOURCE}.zenodo.file",
        "a.rds",
    )
    assert said(data.origin(two.study(), SOURCE)) == words


def test_the_hash_that_was_checked_is_said_and_the_size_if_it_is_known(two):
    assert said(data.only_file(two.study(), SOURCE)).endswith("given as a file; no hash is stated, so none was checked")
    setting(setting(two, f"{SOURCE}.md5", "abc"), f"{SOURCE}.bytes", "1234567")
    assert said(data.only_file(two.study(), SOURCE)).endswith("given as a file, 1,234,567 bytes; MD5 abc")
    assert said(data.checked(setting(two, f"{SOURCE}.sha256", "def").study(), SOURCE)) == "SHA-256 def"


def test_cells_of_each_type_and_those_without_one(two):
    found = rows(data.cells(first(two)))
    assert [row[0] for row in found] == ["alpha", "beta", "tiny", "without a cell type"]
    assert found[0][-2:] == ["12", "1: no comparison possible"] and found[1][-2:] == ["12", ""]
    assert found[2][-2:] == ["–", "3: type has fewer than min_cells = 20"] and found[3][-1] == "5: no cell type"
    two.change("first", SELECTION_REPORT, lambda f: f[f["cell_type"].notna()])
    assert [row[0] for row in rows(data.cells(first(two)))] == ["alpha", "beta", "tiny"]


def test_dropped_cells_are_counted_seed_by_seed(two, alone):
    assert said(data.dropped(first(two))) == (
        "8 of 32 cells were not selected. Of the selected ones, those that have an undefined rank correlation or no "
        "token were dropped in every space alike: seed 0, 1 cells (1: all selected genes have the same value); seed 1, "
        "1 cells (1: all selected genes have the same value)."
    )
    alone.change("first", ANALYSED_CELLS, lambda f: f.assign(used=True))
    words = said(data.dropped(first(alone)))
    assert words.endswith("All selected cells could be compared: none had an undefined rank correlation.")


def test_the_overview_names_data_sets_by_title_and_of_many_by_name_too(two, tmp_path):
    assert [row[0] for row in rows(data.overview(two.study()))] == ["Made up: first", "Made up: second"]
    assert [row[-1] for row in rows(data.overview(two.study()))] == ["counts"] * 2
    many = Inputs(tmp_path / "many", list("abcd"), [4], spaces=["rank"], values="expected_counts")
    found = rows(data.overview(many.study()))
    assert found[0][0] == "Made up: a a" and found[0][-1] == "expected counts, not whole numbers"


# -- types -------------------------------------------------------------------------------------------------------------


def test_outliers_stand_by_kind_types_before_cells(two):
    section = types.types(first(two))
    across, within = section.said[1:]
    assert said(across.caption).startswith("Different types that are most alike, in the space rank")
    assert rows(across)[0][:3] == ["alpha, beta", "66", "0.234"] and rows(within)[0][0] == "alpha"
    across, within = section.details
    assert said(within.caption) == "Cells of one type that are least alike, in the space rank."
    assert rows(across)[0][2:] == ["lib1, lib2", "0.0619"] and across.columns[-1] == "Spearman correlation"


def test_two_measures_at_once_say_what_a_line_would_mean_where_a_model_is_one(two, alone):
    assert types.joint(first(alone)) is None
    section = types.joint(first(two))
    assert said(section.said[0]).startswith("Row by row, x against y: UMAP of expression against Rank-value encoding; ")
    assert len(section.said) == 2 and "along one rising line" in section.said[1]
    two.about["datasets"]["first"]["joint"] = [["expression-umap", "rank"]]
    assert len(types.joint(first(two)).said) == 1


def test_controls_have_ranges_over_several_seeds(two, alone, tmp_path):
    assert types.controls(first(alone)) is None
    (table,) = types.controls(first(two)).said
    assert said(table.caption) == "What the controls must score and do, with ranges over seeds."
    one = Inputs(tmp_path / "one", seeds=[4], spaces=["rank"], controls=["random"])
    assert said(types.controls(first(one)).said[0].caption) == "What the controls must score and do."


# -- cells -------------------------------------------------------------------------------------------------------------


def test_longest_inputs_are_those_of_their_release(two):
    study = two.study()
    (known,) = study.about["tokens"]
    assert said(cells.longest_input(study, known)) == "of 2,048 tokens"
    assert cells.longest_input(study, "unknown") == ""
    two.about["tokens"]["other"] = "V2"
    assert said(cells.longest_input(two.study(), "other")) == "of 4,096 tokens"


def test_cells_without_tokens_are_counted_by_reason(two):
    dataset = first(two)
    (release,) = dataset.about["tokens"]
    assert said(cells.nothing_to_read(dataset, release)).startswith(
        "Not compared, since there is nothing to read: 1 cells (no gene"
    )
    two.change("first", TOKENISED, lambda f: f.assign(n_tokens=5))
    assert said(cells.nothing_to_read(first(two), release)) == "No selected cell is without tokens."


def test_tokens_of_a_study_without_a_small_model_say_nothing_of_it(two, tmp_path):
    dataset = first(two)
    words = shown(cells.tokens(dataset, *dataset.about["tokens"]))
    assert "The small model reads the first 256." in words and "counts, which the tokeniser" not in words
    released = Inputs(tmp_path / "released", spaces=("rank", "geneformer"), values="expected_counts", seeds=[4])
    dataset = first(released)
    words = shown(cells.tokens(dataset, *dataset.about["tokens"]))
    assert "small model" not in words and "expected counts, which the tokeniser takes as they are" in words


def test_what_encodings_read_of_a_cell_is_a_table(two, tmp_path):
    assert "Encodings of published models" not in shown(cells.encoding(first(two)))
    published = ["cell2sentence-100", "geneformer-v1-order"]
    dataset = first(Inputs(tmp_path / "published", spaces=("rank", *published), seeds=[4]))
    words = shown(cells.encoding(dataset))
    assert "No selected gene is among those that are read of 1 cells in cell2sentence, first 100 words." in words
    rows = cells.what_encodings_read(dataset, published).groups[0].rows
    assert [[said(cell) for cell in row[1:]] for row in rows] == [
        ["95.4%", "1,800", "100", "19"], ["95.4%", "1,800", "100", "20"]
    ]  # fmt: skip
    assert said(cells.what_of_other_genes(dataset, published[1:])).endswith("has some of these in every one.")


def test_what_is_left_out_is_named_with_the_share_that_was_found(two):
    dataset = first(two)
    (release,) = dataset.about["tokens"]
    words = said(cells.left_out(dataset, release, ["scGPT, bins", "a<b"]))
    assert words == (
        f"Left out, since 95.9% of the counts are of genes in the vocabulary {release}, and at least 50.0% are asked "
        "for: scGPT, bins, a<b."
    )


def test_a_cell_is_described_by_its_zeros_and_ties(two):
    words = shown(cells.encoding(first(two)))
    assert "2 of its 5 selected genes are zero, and 1 have a value, and so a rank, of their own." in words
    assert "In the median cell 91.0% of all genes and" in words and "all types 12 5,000" in words
    assert "Genes and counts that reach a token of v1_dictionaries, and why others do not." in words
    assert "not found" in words and "symbol" in words


# -- metrics -----------------------------------------------------------------------------------------------------------


def test_a_study_without_metrics_has_no_section_of_them(two):
    two.about["metrics"] = []
    assert metrics.metrics(first(two)) is None and metrics.published(two.study()) is None


def test_metrics_of_plugins_alone_are_compared_with_nothing_published(two):
    two.about["metrics"] = [column for column in two.about["metrics"] if column["table"] != INTEGRATION_METRICS.name]
    section = metrics.metrics(first(two))
    assert section.said == [] and len(section.details[0].columns) == 1 + len(two.about["metrics"])
    assert metrics.published(two.study()) is None


def test_what_was_not_measured_is_a_dash(two):
    two.change("first", GEOMETRY, lambda f: f.assign(reason=f["reason"].mask(f["space"] == "rank", "one batch")))
    table = metrics.metrics(first(two)).details[0]
    assert MEASURED not in rows(table)[0] and rows(table)[0].count("–") == sum(
        column["table"] == GEOMETRY.name for column in two.about["metrics"]
    )
    assert "–" not in rows(table)[1]


def test_published_rows_stand_beside_those_of_each_data_set_and_of_controls_fitted_on_a_space(two, tmp_path):
    _, table, notes = metrics.published(two.study()).said
    assert isinstance(table, Grid)
    assert [said(group.heading) for group in table.groups[:2]] == [
        f"This study: Made up: {name}, 24 cells" for name in ("first", "second")
    ]
    assert shown(table.groups[0].rows[-1][0]) == "Shuffled labels"
    assert {group.kind for group in table.groups[2:]} == {"published"} and len(notes.items) == len(table.groups) - 2
    expected = Inputs(tmp_path / "expected", ["a"], [4], spaces=["rank"], values="expected_counts")
    _, table, _ = metrics.published(expected.study()).said
    assert said(table.groups[0].heading).endswith("24 cells (expected counts, not whole numbers)")


# -- caveats -----------------------------------------------------------------------------------------------------------


def test_caveats_are_of_what_the_run_has(tmp_path, two):
    nothing = Inputs(tmp_path / "nothing", datasets=["first"], seeds=[4], spaces=["expression"])
    words = shown(caveats.caveats(nothing.study()))
    for absent in ("differ in the encoding and in the measure", "Sparsity and ties", "The models read", "untrained"):
        assert absent not in words
    assert caveats.of_models(nothing.study()) == [] and caveats.of_encodings(nothing.study()) == []
    words = shown(caveats.caveats(two.study()))
    assert "Sparsity and ties are described beside the separation" in words and "The models read all genes" in words


@pytest.mark.parametrize(
    ("space", "words"),
    [
        (
            "geneformer",
            "Whether cells of these data sets were part of the corpus that Geneformer V1-10M was trained on",
        ),
        ("trained-here", "The model trained here says whether this architecture learns anything"),
        ("untrained", "An untrained model is not a model without information"),
    ],
)
def test_each_kind_of_model_has_its_caveat(tmp_path, space, words):
    found = caveats.of_models(Inputs(tmp_path, seeds=[4], spaces=("rank", space)).study())
    assert len(found) == 2 and said(found[1]).startswith(words)


def test_spaces_that_correct_for_batches_are_named(two, tmp_path):
    assert said(caveats.batches(two.study())) == "Batches are spread over the draw and are not corrected for."
    corrected = Inputs(tmp_path / "corrected", seeds=[4], spaces=(*SPACES, *BASELINES)).study()
    assert said(caveats.batches(corrected)).endswith("are not corrected for, but in PCA + Harmony.")


def test_how_sure_speaks_of_better_and_worse_where_anything_is_compared(two, alone):
    assert "with all spaces taken together (Holm)" in shown(caveats.how_sure(two.study()))
    words = shown(caveats.how_sure(alone.study()))
    assert "Holm" not in words and words.startswith("Brackets are intervals of 95% from 10,000 resamples")


def test_the_command_names_what_lies_elsewhere(two):
    two.about["elsewhere"] = []
    facts = dict(caveats.reproducibility(two.study()).pairs)
    assert said(facts["Command"]).endswith(", in the workflow’s folder") and said(f"{facts['Seeds']}") == "0, 1"
    two.about["elsewhere"] = ["mine.yaml"]
    words = said(dict(caveats.reproducibility(two.study()).pairs)["Command"])
    assert "is named by its name alone (mine.yaml): put it there" in words


def test_versions_and_settings_are_tables(two, alone):
    assert "Models run in envs/models.yaml" in said(caveats.same_bytes(two.study()))
    assert "Models run in" not in said(caveats.same_bytes(alone.study()))
    assert ["snakemake", "9.27.1"] in rows(caveats.versions(two.study()))
    found = {row[0]: row[1] for row in rows(caveats.settings(two.study()))}
    assert found["seeds"] == "0, 1" and not any(key.startswith("version.") for key in found)
    assert "not set" in found.values()


# -- what other sections leave out -------------------------------------------------------------------------------------


def test_references_are_those_that_the_run_has_use_for(alone, two, tmp_path):
    few, more = (str(references.references(inputs.study())) for inputs in (alone, two))
    assert "PyTorch" not in few and "PyTorch" in more and "Resnik" not in more
    assert "Resnik" in str(references.references(Inputs(tmp_path / "o", seeds=[4], ontology={"terms": {}}).study()))


def test_a_data_set_that_is_not_compared_has_no_row_in_the_answer(two):
    two.about["datasets"]["second"]["spaces"] = ["expression"]
    assert len(rows(answer.everywhere(two.study()))) == 1
