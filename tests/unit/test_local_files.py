"""Files of this machine that the configuration names must be there before a run begins."""

import pytest
import yaml

from rankstudy.config.dataset_model import BESIDE, Dataset
from rankstudy.config.local_files import sources
from rankstudy.config.ontology import OntologyRelease
from rankstudy.config.release import Release
from rankstudy.config.study_model import Study
from rankstudy.core.errors import StudyError
from tests.unit.config_files import H5AD, SHA, load, write_dataset
from tests.unit.helpers import ROOT
from tests.unit.schema_keys import keys_of


def source(path):
    return {"source": {"local_file": path}}


MATRIX = {"title": "10x", **source("in/matrix.mtx.gz"), "mtx": {"labels": "in/l.tsv"}, "cell_type": "a"}
TABLE = {"title": "text", **source("in/c.csv"), "table": {"labels": "in/l.tsv"}, "cell_type": "a"}
DONORS = {"donor": "who", "donors": {"key": "who", "source": {"local_file": "in/donors.csv"}}}
SMALL = {"spaces": ["rank"]}
# of each: the data set, the key that is said to name the file, the file
NAMED = {
    "the data": (H5AD, "source.local_file", "toy.h5ad"),
    "one of several": (
        {**H5AD, "source": None, "parts": {"left": source("in/a.h5ad"), "right": source("in/b.h5ad")}},
        "parts.right.source.local_file",
        "in/b.h5ad",
    ),
    "a table": (TABLE, "source.local_file", "in/c.csv"),
    "labels by path": (TABLE, "table.labels", "in/l.tsv"),
    "labels as a source": (
        {**TABLE, "table": {}, "labels": {"local_file": "in/l.tsv"}},
        "labels.local_file",
        "in/l.tsv",
    ),
    "labels of a part": (
        {
            **TABLE,
            "table": {},
            "source": None,
            "parts": {"p": {**source("in/c.csv"), "labels": {"local_file": "in/l.tsv"}}},
        },
        "parts.p.labels.local_file",
        "in/l.tsv",
    ),
    "labels of a 10x matrix": (MATRIX, "mtx.labels", "in/l.tsv"),
    "genes beside a 10x matrix": (MATRIX, "source.local_file", "in/features.tsv.gz"),
    "cells beside a 10x matrix": (MATRIX, "source.local_file", "in/barcodes.tsv.gz"),
    "donors": ({**H5AD, **DONORS}, "donors.source.local_file", "in/donors.csv"),
    "a local copy of a download": (
        {**H5AD, "source": {"url": "https://host/x.h5ad", "bytes": 1, "local_file": "in/x.h5ad"}},
        "source.local_file",
        "in/x.h5ad",
    ),
}
FILES = sorted({path for _, _, path in NAMED.values()} | {"in/a.h5ad", "in/matrix.mtx.gz"})


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    """Work in a folder in which every file is there."""
    folder = tmp_path / "work"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    monkeypatch.chdir(folder)
    return folder


def refused(folder, dataset=H5AD, **changes):
    with pytest.raises(StudyError) as error:
        load(folder, dataset, demand_files=True, **{"config": SMALL, **changes})
    return str(error.value)


@pytest.mark.parametrize(("dataset", "key", "path"), NAMED.values(), ids=NAMED)
def test_a_file_that_is_not_there_is_an_error_of_the_configuration(tmp_path, work, dataset, key, path):
    assert load(tmp_path, dataset, config=SMALL, demand_files=True)
    (work / path).unlink()
    said = refused(tmp_path, dataset)
    assert said.startswith(f"{tmp_path}/config/datasets/toy.yaml: {key}: {work / path} does not exist"), said
    assert (
        said.count("\n") == 0
        and f"(relative paths start at the working directory, {work}); write where it lies on this machine" in said
    )
    assert load(tmp_path, dataset, config=SMALL, demand_files=False)


def test_every_source_of_every_schema_is_found():
    of_part = {"source", *BESIDE}
    known = {
        Dataset: {*of_part, *(f"parts.*.{key}" for key in of_part), "donors.source"},
        Release: {"package"},
        OntologyRelease: {"source"},
        Study: set(),
    }
    for schema, places in known.items():
        paths = {key for key in keys_of(schema) if key.rpartition(".")[2].startswith("local_")}
        assert paths == {f"{place}.local_file" for place in places} | ({"local_folder"} & {*schema.model_fields})
    model = Dataset.model_validate({**H5AD, **DONORS, "labels": {"local_file": "x"}})
    assert [key for key, _ in sources(model)] == ["source", "labels", "donors.source"]


def test_what_was_meant_is_guessed(tmp_path, work):
    assert "(did you mean 'toy.h5ad'?)" in refused(tmp_path, source={"local_file": "toyy.h5ad"})
    assert f"does not exist, nor does {work}/nowhere (" in refused(tmp_path, source={"local_file": "nowhere/toy.h5ad"})
    said = refused(tmp_path, source={"local_file": "/nowhere/toy.h5ad"})
    assert "/nowhere/toy.h5ad does not exist" in said and "relative" not in said


def test_a_folder_is_no_file_and_a_tilde_no_folder(tmp_path, work):
    (work / "kept.h5ad").mkdir()
    said = refused(tmp_path, source={"local_file": "kept.h5ad"})
    assert f"source.local_file: {work}/kept.h5ad: it is an empty folder; name the file itself" in said
    said = refused(tmp_path, source={"local_file": "~/toy.h5ad"})
    assert f"{work}/~/toy.h5ad does not exist, nor does {work}/~ (`~` is not replaced by a folder); " in said


def test_a_download_that_is_replaced_by_a_file_can_be_taken_after_all(tmp_path):
    source = {"url": "https://host/x.h5ad", "bytes": 1, "local_file": "gone.h5ad"}
    assert refused(tmp_path, source=source).endswith(", or remove `local_file`, and `url` is taken")
    del source["local_file"]
    assert load(tmp_path, source=source, config=SMALL, demand_files=True)


def test_every_missing_file_is_listed(tmp_path, work):
    (work / "toy.h5ad").unlink()
    (work / "in/donors.csv").unlink()
    assert refused(tmp_path, {**H5AD, **DONORS}).count("does not exist") == 2


def test_files_of_a_member_of_a_combined_data_set(tmp_path, work):
    write_dataset(tmp_path, "one", H5AD)
    write_dataset(tmp_path, "two", {**H5AD, "source": {"local_file": "gone.h5ad"}})
    both = {"title": "both", "combine": {"one": {}, "two": {}}}
    said = refused(tmp_path, both)
    assert said.startswith(f"{tmp_path}/config/datasets/two.yaml: source.local_file: {work}/gone.h5ad does not exist")


def write_release(folder, **changes):
    release = yaml.safe_load((ROOT / "config/geneformer/v1_10m.yaml").read_text())
    path = folder / "config/geneformer/mine.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({k: v for k, v in {**release, **changes}.items() if v is not None}))


def of_release(space):
    return {"spaces": [space], "geneformer": {"release": "mine"}}


def test_the_folder_of_a_model_and_what_is_needed_of_it(tmp_path, work):
    write_dataset(tmp_path, "toy", H5AD)
    write_release(tmp_path, local_folder="gf")
    assert load(tmp_path, config={**SMALL, "geneformer": {"release": "mine"}}, demand_files=True)
    said = refused(tmp_path, config=of_release("untrained"))
    assert said.startswith(f"{tmp_path}/config/geneformer/mine.yaml: local_folder: {work}/gf does not exist")
    (work / "gf").mkdir()
    said = refused(tmp_path, config=of_release("untrained"))
    assert (
        f"{work}/gf/geneformer/gene_dictionaries_30m/token_dictionary_gc30M.pkl does not exist" in said
        and "safetensors" not in said
    )
    said = refused(tmp_path, config=of_release("geneformer"))
    assert f"{work}/gf/Geneformer-V1-10M/model.safetensors does not exist" in said


def test_the_package_of_a_model_that_lies_on_this_machine(tmp_path, work):
    write_dataset(tmp_path, "toy", H5AD)
    package = {"package": "toy==1.0", "sha256": SHA, "local_file": "gone.whl"}
    write_release(tmp_path, repository=None, revision=None, package=package)
    said = refused(tmp_path, config=of_release("untrained"))
    assert f"mine.yaml: package.local_file: {work}/gone.whl does not exist" in said


def test_the_file_of_the_ontology(tmp_path, work):
    path = tmp_path / "config/ontology/mine.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump({"title": "Mine", "source": {"local_file": "gone.obo", "sha256": SHA}}))
    config = {**SMALL, "ontology": {"release": "mine"}}
    assert load(tmp_path, config=config, demand_files=True)
    said = refused(tmp_path, config=config, ontology={})
    assert said.startswith(f"{path}: source.local_file: {work}/gone.obo does not exist")
