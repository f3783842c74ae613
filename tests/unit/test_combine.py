"""Data sets as one: what a combined plan reads, how its cells are called, which genes are left, and what is refused."""

import re

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.cells.tables import BATCHES, SOURCE_PARTS, TYPE_BATCHES
from rankstudy.config import load_study
from rankstudy.core.ensembl import without_versions
from rankstudy.core.errors import StudyError
from rankstudy.report.article.about import describe
from tests.unit.config_files import SHA, write_dataset
from tests.unit.helpers import index_outputs, read_combined, toy_counts, write_h5ad

# ids of one release and of another, in another order; each has genes that the other lacks
GENES = {
    "one": [f"ENSG{i:011d}.{i}" for i in range(1, 7)] + ["ERCC-00002"],
    "two": [f"ENSG{i:011d}.{i + 1}" for i in (5, 3, 9, 1)] + ["ERCC-00002"],
    "three": [f"ENSG{i:011d}" for i in (1, 3, 5, 7)] + ["ERCC-00002"],
}
COMMON = ["ENSG00000000001", "ENSG00000000003", "ENSG00000000005", "ERCC-00002"]
N_CELLS = 8
CELLS = [f"c{i}" for i in range(N_CELLS)]
COUNTS = {name: toy_counts(N_CELLS, len(genes), seed=len(name)) + 1 for name, genes in GENES.items()}
LANES = ["L1", "L2"] * 4
KINDS = {"one": ["T cell", "B cell"] * 4, "two": ["T", "Bc"] * 4, "three": ["T cell", "mast"] * 4}
ONE = {"title": "one", "source": {"local_file": "one.h5ad"}, "cell_type": "kind", "batch": "lane", "donor": "who"}
PLATES = {
    "title": "plates",
    "parts": {"p1": {"source": {"local_file": "two.h5ad"}}, "p2": {"source": {"local_file": "three.h5ad"}}},
    "h5ad": {},
    "keep": {"column": "fine", "values": ["yes"]},
    "cell_type": "kind",
    "batch": "part",
}
LABELS = {"T": "T cell", "Bc": "B cell", "mast": "mast cell"}
WHOLE = {
    "title": "as one",
    "combine": {"one": {"batch": "own"}, "plates": {"labels": LABELS, "batch": "own"}},
    "expect": {"cells": 24, "genes": 4, "cell_types": 3},
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in a folder with the files of both data sets and their YAML files."""
    monkeypatch.chdir(tmp_path)
    for name, genes in GENES.items():
        obs = {"kind": KINDS[name], "lane": LANES, "who": ["d1"] * N_CELLS, "fine": ["yes"] * 7 + ["no"]}
        write_h5ad(f"{name}.h5ad", sp.csr_matrix(COUNTS[name]), obs=obs, cells=CELLS, genes=genes)
    write_dataset(tmp_path, "one", ONE)
    write_dataset(tmp_path, "plates", PLATES)
    return tmp_path


def load(folder, whole=WHOLE, config=None, **changes):
    write_dataset(folder, "whole", {k: v for k, v in {**whole, **changes}.items() if v is not None})
    return load_study({"datasets": ["whole"], **(config or {})}, [], folder, demand_files=False)


def plan_of(folder, whole=WHOLE, **changes):
    return load(folder, whole, **changes).datasets["whole"]


def test_each_member_is_read_as_its_own_file_says(folder):
    plan = plan_of(folder)
    assert list(plan.parts) == ["one", "plates_p1", "plates_p2"] and plan.several_parts
    one, p1, _ = plan.parts.values()
    assert (one.path, p1.path) == ("one.h5ad", "two.h5ad") and (one.own_name, p1.own_name) == ("0", "p1")
    assert one.annotations["batch"]["column"] == "lane" and p1.annotations["batch"]["column"] == "part"
    assert one.keep is None and p1.keep == PLATES["keep"] and p1.read["id_versions"] is False
    own = load_study({"datasets": ["one"]}, [], folder, demand_files=False).datasets["one"]
    assert "id_versions" not in own.parts["0"].read and own.membership == {}


def test_cells_of_all_members_stand_side_by_side_under_common_labels(folder):
    found = read_combined(plan_of(folder), folder)
    cells = found["cells"]
    wanted = [f"whole:{part}/{c}" for part in ("one", "plates_p1", "plates_p2") for c in CELLS]
    assert cells["cell_id"].tolist() == wanted and cells["cell_id"].is_unique
    assert cells["cell_type"].tolist() == ["T cell", "B cell"] * 8 + ["T cell", "mast cell"] * 4
    assert cells["batch"].tolist() == [f"one/{lane}" for lane in LANES] + ["plates/p1"] * 8 + ["plates/p2"] * 8
    assert cells["donor"].tolist() == ["one/d1"] * 8 + [None] * 16
    assert cells["left_out"].notna().tolist() == [False] * 8 + ([False] * 7 + [True]) * 2


def test_genes_are_joined_by_ensembl_id_without_its_version_with_their_own_counts(folder):
    found = read_combined(plan_of(folder), folder)
    assert found["genes"]["gene"].tolist() == COMMON
    data = found["data"]
    assert data.var_names.tolist() == COMMON and data.n_obs == 22
    for part, name in (("one", "one"), ("plates_p1", "two"), ("plates_p2", "three")):
        at = [without_versions(GENES[name]).index(gene) for gene in COMMON]
        for i, cell in enumerate(CELLS[:7]):
            np.testing.assert_array_equal(data[f"whole:{part}/{cell}"].X.toarray()[0], COUNTS[name][i, at])


def test_it_is_said_what_each_part_loses_and_how_deep_each_type_is_in_each_batch(folder, caplog):
    caplog.set_level("INFO")
    read_combined(plan_of(folder), folder)
    parts = SOURCE_PARTS.read(index_outputs(folder)["source_parts"]).set_index("part")
    assert parts["member"].tolist() == ["one", "plates", "plates"] and parts["n_cells"].tolist() == [8, 8, 8]
    assert parts["n_genes"].tolist() == [7, 5, 5] and parts["n_lost"].tolist() == [3, 1, 1]
    lost = COUNTS["two"][:, 2].sum() / COUNTS["two"].sum()
    np.testing.assert_allclose(parts.loc["plates_p1", "share_lost"], lost)
    assert f"plates_p1: 1 of 5 genes, with {100 * lost:.2f} % of its counts, are not in all parts" in caplog.text
    depth = TYPE_BATCHES.read(index_outputs(folder)["type_batches"]).set_index(["cell_type", "batch"])
    assert depth.loc[("T cell", "one/L1"), "n_cells"] == 4 and ("T cell", "one/L2") not in depth.index
    assert depth.loc[("T cell", "one/L1"), "median_genes"] == 7


def test_a_data_set_is_one_batch_unless_its_own_are_asked_for(folder):
    found = read_combined(plan_of(folder, combine={"one": {}, "plates": {"labels": LABELS}}), folder)
    assert found["cells"]["batch"].tolist() == ["one"] * 8 + ["plates"] * 16
    assert set(BATCHES.read(index_outputs(folder)["batches"])["batch"]) == {"one", "plates"}


def test_batches_of_a_single_member_keep_their_names(folder):
    found = read_combined(plan_of(folder, combine={"one": {"batch": "own"}}, expect=None), folder)
    assert found["cells"]["batch"].tolist() == LANES and found["cells"]["donor"].tolist() == ["d1"] * 8
    assert found["genes"]["gene"].tolist() == without_versions(GENES["one"])


def test_values_are_those_of_the_member_that_allow_least_and_the_article_says_so(folder):
    assert plan_of(folder).model.values == "counts"
    write_dataset(folder, "one", {**ONE, "values": "expected_counts"})
    plan = plan_of(folder)
    assert plan.model.values == "expected_counts" and plan.parts["plates_p1"].values == "counts"
    rows = {row["key"]: row["value"] for row in describe(load(folder))["settings"]}
    assert rows["whole.values"] == "expected_counts" and rows["plates.values"] == "counts"
    named = {
        key.rpartition(".")[2]: value for key, value in rows.items() if key.startswith("whole.combine.plates.labels.")
    }
    assert named == {"Bc": "B cell", "T": "T cell", "mast": "mast cell"}
    assert rows["whole.combine.plates.batch"] == "own" and rows["plates.keep.values"] == "yes"
    write_dataset(folder, "plates", {**PLATES, "values": "normalised"})
    with pytest.raises(StudyError, match=r"more is needed than `values: normalised` gives .*leave out plates, which"):
        load(folder)
    assert plan_of(folder, spaces=["rank"], genes={"method": "all"}).model.values == "normalised"


def test_licence_and_citations_are_those_of_all_members(folder):
    citation = {"text": "Somebody 2020."}
    write_dataset(folder, "one", {**ONE, "licence": "MIT", "organism": "Homo sapiens", "citations": [citation]})
    write_dataset(folder, "plates", {**PLATES, "licence": "CC0", "organism": "Homo sapiens", "citations": [citation]})
    model = plan_of(folder).model
    assert model.licence == "MIT; CC0" and model.organism == "Homo sapiens" and len(model.citations) == 1


def test_what_a_member_downloads_is_shared_with_it(folder):
    source = {"url": "https://host/counts.h5ad", "bytes": 3}
    write_dataset(folder, "one", {**ONE, "source": source, "licence": "MIT"})
    study = load(folder, config={"datasets": ["whole", "one"], "spaces": ["rank"]})
    whole, one = study.datasets.values()
    assert list(whole.downloads) == list(one.downloads) == ["resources/one/counts.h5ad"]
    assert study.download("resources/one/counts.h5ad")["licence"] == "MIT"
    assert {plan.name for plan in study.declared} == {"one", "plates"}
    member = {"table": {"counts": "in/c.csv", "labels": "in/l.csv"}, "source": {"package": "toy==1.0", "sha256": SHA}}
    write_dataset(folder, "one", {**ONE, **member})
    assert plan_of(folder).packages == ["toy==1.0"]


def test_a_model_is_not_trained_on_cells_that_it_is_compared_on_under_another_id(folder):
    config = {"datasets": ["whole", "one"], "spaces": ["rank", "trained-here"]}
    with pytest.raises(
        StudyError, match=r"one\.yaml: spaces: cells of one are in whole and in one.*leave the spaces of models out"
    ):
        load(folder, config=config)
    with pytest.raises(StudyError, match="leave the spaces of models out"):  # its cells would be trained on
        load(folder, spaces=["rank", "untrained"], config=config)
    assert load(folder, spaces=["rank"], config=config).tokenised == ["one"]
    assert load(folder, config={**config, "spaces": ["rank", "untrained"]}).tokenised == ["whole", "one"]


def test_terms_of_members_have_to_be_accepted(folder):
    write_dataset(folder, "one", {**ONE, "source": {"url": "https://h/a.h5ad", "bytes": 1, "terms": "unstated"}})
    with pytest.raises(StudyError, match=r"one\.yaml: source: nobody states the terms"):
        load(folder)


NESTED = {"title": "nested", "combine": {"one": {}}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"combine": {"on": {}}}, r"whole\.yaml: combine: there is no data set 'on' \(did you mean 'one'\?\)"),
        ({"combine": {"whole": {}}}, r"whole\.yaml: combine\.whole: is this data set itself"),
        ({"combine": {"nested": {}}}, r"combine\.nested: is a combined data set itself; name those that it combines"),
        ({"combine": {}}, r"combine: .*at least 1 item"),
        ({"combine": {"one": {"label": {}}}}, r"combine\.one\.label: unknown key \(did you mean 'labels'\?\)"),
        (
            {"combine": {"one": {"batch": "lane"}}},
            r"combine\.one\.batch: found 'lane': input should be 'dataset' or 'own'",
        ),
        ({"combine": {"bare": {"batch": "own"}}}, r"combine\.bare\.batch: .*bare\.yaml names no `batch`; add it there"),
        (
            {"combine": {"mixed": {}}},
            r"combine\.mixed\.batch: its values are counts in some batches only.*`batch: own`",
        ),
        (
            {"combine": {"one": {}, "bare": {}}},
            r"combine: bare and one read the same cells \(one\.h5ad\); leave one of them out",
        ),
        (
            {"combine": {"plates": {}, "plates_p1": {}}},
            r"parts of plates and of plates_p1 would both be called 'plates_p1'",
        ),
        ({"cell_type": "kind"}, r"combine: each data set is read as its own file says; remove `cell_type` here"),
        ({"values": "counts", "h5ad": {}}, r"remove `h5ad`, `values` here"),
        ({"ontology": {"column": "cl_id"}}, r"ontology\.column: combined data sets have no column of ids in common"),
    ],
)
def test_errors_of_the_configuration(folder, changes, message):
    bare = {key: value for key, value in ONE.items() if key != "batch"}
    write_dataset(folder, "bare", bare)
    write_dataset(folder, "plates_p1", {**bare, "source": {"local_file": "other.h5ad"}})
    write_dataset(folder, "mixed", {**ONE, "values": "by_batch"})
    write_dataset(folder, "nested", NESTED)
    with pytest.raises(StudyError) as error:
        load(folder, **changes)
    assert re.search(message, str(error.value)), str(error.value)


def test_a_label_that_no_cell_has_is_refused_with_the_ones_that_there_are(folder):
    plan = plan_of(folder, combine={"one": {}, "plates": {"labels": {"masts": "mast cell"}}})
    message = (
        r"combine\.plates\.labels: plates has no cell type 'masts' \(did you mean 'mast'\?\); "
        r"name its cell types: Bc, T, T cell, mast"
    )
    with pytest.raises(StudyError, match=message):
        read_combined(plan, folder)


def test_members_without_a_common_gene_are_refused_with_how_they_name_theirs(folder):
    write_h5ad(
        "one.h5ad",
        sp.csr_matrix(COUNTS["one"]),
        obs={"kind": KINDS["one"], "lane": LANES, "who": LANES},
        cells=CELLS,
        genes=[f"G{i}" for i in range(7)],
    )
    with pytest.raises(StudyError, match=r"no gene in common: they begin with G0, ENSG0"):
        read_combined(plan_of(folder), folder)


def test_two_versions_of_one_id_in_a_file_are_refused(folder):
    data = ad.read_h5ad("three.h5ad")
    data.var_names = ["ENSG00000000001.1", "ENSG00000000001.2", *data.var_names[2:]]
    data.write_h5ad("three.h5ad")
    with pytest.raises(StudyError, match=r"three\.h5ad: genes, without the versions of their ids: 1 names occur more"):
        read_combined(plan_of(folder), folder)


def test_a_cell_that_one_file_has_twice_is_refused(folder):
    names = ["c0", *CELLS[:-1]]
    counts = sp.csr_matrix(COUNTS["two"])
    write_h5ad("two.h5ad", counts, obs={"kind": KINDS["two"], "fine": ["yes"] * 8}, cells=names, genes=GENES["two"])
    with pytest.raises(StudyError, match=r"two\.h5ad: cells: 1 names occur more than once: c0"):
        read_combined(plan_of(folder), folder)


def test_versions_are_taken_off_ensembl_ids_only():
    names = ["ENSG00000182378.14_PAR_Y", "ENSMUSG00000000001.5", "ENSG00000000003", "AC004.1", "ENSG1.2"]
    wanted = ["ENSG00000182378_PAR_Y", "ENSMUSG00000000001", "ENSG00000000003", "AC004.1", "ENSG1.2"]
    assert without_versions(pd.Index(names)) == wanted
