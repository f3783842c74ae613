"""Names of data sets: each has a folder of its own below results/."""

import shutil

import pytest

from rankstudy.config import load_study
from rankstudy.config.checks import _KEYS_OF_THE_STUDY
from rankstudy.config.study_model import Study
from rankstudy.core.errors import StudyError
from rankstudy.report.article.about import describe
from rankstudy.report.article.page_names import page_names
from rankstudy.report.article.run import run_table
from rankstudy.report.figure import OF_STUDY
from rankstudy.run.provenance import command
from tests.unit.config_files import H5AD, load, write_dataset
from tests.unit.helpers import ROOT


@pytest.mark.parametrize("name", ["models", "article", "figures", "benchmarks"])
def test_a_data_set_must_not_have_the_name_of_a_shared_folder(name):
    with pytest.raises(
        StudyError, match=rf"a data set cannot be called '{name}': results/{name} holds .*config/datasets/{name}\.yaml"
    ):
        load_study({"datasets": ["baron_pancreas", name]}, [], ROOT)


def test_a_data_set_must_not_have_the_name_of_the_folder_of_figures_of_the_study():
    place = rf"results/figures/{OF_STUDY} holds .*config/datasets/{OF_STUDY}\.yaml"
    with pytest.raises(StudyError, match=rf"a data set cannot be called '{OF_STUDY}': {place}"):
        load_study({"datasets": ["baron_pancreas", OF_STUDY]}, [], ROOT)


@pytest.mark.parametrize("name", [page.removesuffix(".html") for page in page_names([])])
def test_a_data_set_must_not_have_the_name_of_a_page_of_the_article(name):
    place = rf"results/article/{name}\.html holds .*config/datasets/{name}\.yaml"
    with pytest.raises(StudyError, match=rf"a data set cannot be called '{name}': {place}"):
        load_study({"datasets": ["baron_pancreas", name]}, [], ROOT)


@pytest.mark.parametrize("name", _KEYS_OF_THE_STUDY)
def test_a_data_set_must_not_have_a_name_under_which_the_article_has_settings_of_the_study(tmp_path, name):
    write_dataset(tmp_path, name, H5AD)
    with pytest.raises(
        StudyError, match=rf"a data set cannot be called '{name}': .*; give .*{name}\.yaml another name"
    ):
        load_study({"datasets": [name]}, [], tmp_path, demand_files=False)
    with pytest.raises(StudyError, match=f"a data set cannot be called '{name}'"):
        load(tmp_path, {"title": "both", "combine": {name: {}}})


def test_no_other_name_of_a_setting_is_one_of_a_data_set(tmp_path):
    """Of data sets that are called as the sections of the study are, each setting has a key of its own."""
    sections = [key for key, field in Study.model_fields.items() if hasattr(field.annotation, "model_fields")]
    free = [*sorted({*sections, "tokens", "gates", "command", "bins"} - {*_KEYS_OF_THE_STUDY}), "toy"]
    for name in free:
        write_dataset(tmp_path, name, {**H5AD, "ontology": {}})
    study = {"datasets": free, "spaces": ["rank", "trained-here"], "controls": ["random"]}
    shutil.copytree(ROOT / "config/ontology", tmp_path / "config/ontology")
    about = describe(load_study(study, [], tmp_path, demand_files=False))
    about |= {**command([], {}, tmp_path), "commit": "f", "snakemake": "9", "pinned": {}}
    keys = run_table(about)["key"]
    assert len(free) > 8 and keys.is_unique
