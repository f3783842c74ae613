"""The data sets of the repository: each can be used, says its source and terms, and expects something."""

import re

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.config.dataset_model import Dataset
from rankstudy.core.errors import StudyError
from tests.unit.helpers import ROOT

FILES = sorted((ROOT / "config" / "datasets").glob("*.yaml"))
WORDED = {"not stated", ""}
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def accepted(folder, path):
    """Return the plan of a data set whose terms somebody has accepted."""
    own = folder / "config" / "datasets" / path.name
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(path.read_text().replace("accept_terms: false", "accept_terms: true"))
    return load_study({"datasets": [path.stem]}, [], ROOT).datasets[path.stem]


@every_file
def test_it_is_valid_cited_and_licensed(tmp_path, path):
    plan = accepted(tmp_path, path)
    assert plan.model.citations and all(citation.text for citation in plan.model.citations)
    assert any(citation.doi for citation in plan.model.citations)
    assert plan.model.licence not in WORDED
    assert plan.model.organism not in WORDED and plan.model.protocol not in WORDED


@every_file
def test_it_says_how_many_cells_and_genes_there_must_be_and_how_many_types(tmp_path, path):
    expected = accepted(tmp_path, path).model.expect
    assert expected.cells and expected.genes and (expected.cell_types or expected.qualifying_types)


@every_file
def test_each_of_its_files_can_be_checked_or_is_said_not_to_be(tmp_path, path):
    for source in accepted(tmp_path, path).every_source:
        known = source.bytes is not None and (source.sha256 or source.md5)
        # the size of a file of CELLxGENE is asked for
        assert known or source.unverified or source.cellxgene, source


@every_file
def test_parts_add_up_to_the_whole(tmp_path, path):
    model = accepted(tmp_path, path).model
    if model.parts is not None:
        assert sum(part.cells for part in model.parts.values()) == model.expect.cells


@every_file
def test_nobody_has_accepted_terms_for_others(path):
    assert not re.search(r"accept_terms:\s*(true|yes|on)\b", path.read_text(), re.IGNORECASE)


@every_file
def test_it_names_the_schema_that_editors_check_it_by(path):
    assert path.read_text().startswith("# yaml-language-server: $schema=../schemas/dataset.schema.json\n")


def test_data_without_stated_terms_are_downloaded_only_by_whoever_accepts_that(tmp_path):
    path = ROOT / "config" / "datasets" / "mathys_cortex.yaml"
    with pytest.raises(StudyError) as error:
        load_study({"datasets": ["mathys_cortex"]}, [], ROOT)
    said = str(error.value)
    assert "nobody states the terms of these data" in said and "accept_terms: true" in said and "local_file" in said
    assert "syn52293417" in said and said.count("\n") == 0  # once, not once per file
    assert len(accepted(tmp_path, path).parts) == 9


@pytest.mark.parametrize("name", ["luecken_pancreas", "luecken_lung"])
def test_what_takes_ranks_only_reads_the_same_file_which_is_downloaded_once(name):
    study = load_study({"datasets": [name, f"{name}_ranks"]}, [], ROOT)
    one, other = (list(dataset.downloads) for dataset in study.datasets.values())
    assert one == other and len(one) == 1 and one[0].startswith("resources/figshare/")
    assert study.datasets[name].used_as_counts and study.datasets[f"{name}_ranks"].needs == "order"
    assert study.download(one[0])["licence"] == "CC BY 4.0"
    models = [study.datasets[key].model.model_dump() for key in (name, f"{name}_ranks")]
    differing = {key for key in models[0] if models[0][key] != models[1][key]}
    assert differing == {"title", "spaces", "genes"}


def test_data_sets_that_share_a_file_agree_on_it(tmp_path):
    folder = tmp_path / "config" / "datasets"
    folder.mkdir(parents=True)
    real = yaml.safe_load((ROOT / "config" / "datasets" / "luecken_pancreas.yaml").read_text())
    for name, md5 in (("one", real["source"]["md5"]), ("two", "0" * 32)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({**real, "source": {**real["source"], "md5": md5}}))
    with pytest.raises(
        StudyError, match=r"two\.yaml: source: figshare 24539828 has another hash or size than in .*one\.yaml"
    ):
        load_study({"datasets": ["one", "two"]}, [], ROOT)


def test_the_full_study_is_valid_and_asks_each_data_set_for_what_it_can_give(tmp_path):
    study = [yaml.safe_load((ROOT / "config" / name).read_text()) for name in ("config.yaml", "study.yaml")]
    merged = study[0] | study[1]
    accepted(tmp_path, ROOT / "config" / "datasets" / "mathys_cortex.yaml")
    plan = load_study(merged, [], ROOT)
    assert plan.study.seeds == [0, 1, 2, 3, 4] and list(plan.models)[0] == "geneformer"
    assert plan.own_release.name == "v1_10m" == plan.models["geneformer"].release.name
    assert plan.tokenised == [name for name in plan.datasets if "sim" not in name and "ranks" not in name]
    sapiens = plan.datasets["tabula_sapiens_v1"]
    assert (sapiens.selection.min_cells, sapiens.selection.cells_per_type) == (500, 500)
    assert sapiens.flag_column == "highly_variable" and sapiens.parts["0"].is_zipped
    assert plan.datasets["mathys_cortex"].donors_file.endswith("individual_metadata_deidentified.tsv")


def test_donors_need_to_be_named_by_the_cells():
    real = yaml.safe_load((ROOT / "config" / "datasets" / "mathys_cortex.yaml").read_text())
    with pytest.raises(ValueError, match="donors: no column says which donor a cell is of; give `donor`"):
        Dataset.model_validate({key: value for key, value in real.items() if key != "donor"})
