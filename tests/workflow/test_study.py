"""The full study, `config/study.yaml`, on small stand-ins for its files."""

from types import SimpleNamespace

import pandas as pd
import pytest
import yaml

from rankstudy.cells.index import NO_COUNTS
from rankstudy.spaces.registry import SPACES
from tests.chromium import budget
from tests.unit import badserver
from tests.workflow import standins, tiny_release
from tests.workflow.harness import job_logs, leftovers, snakemake

# one seed instead of five (tests/workflow/test_full_run.py has several) and, since the stand-ins have few genes, fewer
# highly variable ones
SMALLER = ("--config", "seeds=[0]", 'genes={"number": 120}')
DATASETS = yaml.safe_load(standins.STUDY.read_text())["datasets"]
RANKS_ONLY = ["luecken_pancreas_ranks", "luecken_lung_ranks"]
CONTROLS = [name for name, space in SPACES.items() if space.role == "control"]
SIMULATED = ["luecken_sim1", "luecken_sim2"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return the full study on stand-ins, finished: its folder, its results, and what the server was asked."""
    folder = tmp_path_factory.mktemp("study") / "project"
    with badserver.running() as server:
        standins.write_project(folder, server)
        run = run_study(folder)
        assert run.ok, run.tail
        asked = [path for path, _ in server.asked]
    return SimpleNamespace(folder=folder, results=folder / "results", asked=asked)


def run_study(folder):
    line = ("--configfile", standins.STUDY, *SMALLER)
    return snakemake(*line, directory=folder, timeout=3000, variables={"NO_PROXY": "127.0.0.1"})


def table(study, dataset, name):
    return pd.read_parquet(study.results / dataset / "tables" / f"{name}.parquet")


@pytest.mark.study
def test_the_whole_study_runs_to_the_article_and_is_then_finished(study):
    article = (study.results / "article" / "index.html").read_text()
    for name in DATASETS:
        assert name in article
    assert leftovers(study.results) == [] and job_logs(study.folder)
    again = run_study(study.folder)
    assert again.nothing_to_do, again.tail


@pytest.mark.study
def test_every_page_keeps_to_its_budget(study, tmp_path):
    """Skipped, with the reason, where there is no Chromium."""
    budget.check_article(study.results / "article", tmp_path)


@pytest.mark.study
def test_each_file_with_an_address_was_fetched_once(study):
    fetched = [path for path in study.asked if "/ad427_data/" in path]
    assert len(fetched) == len(set(fetched)) == len(standins.MATHYS) + 1
    models = [path for path in study.asked if path.startswith(standins.MODEL_SERVER)]
    assert len(models) == len(set(models)) == len(tiny_release.PATHS["V1"])


@pytest.mark.study
def test_the_cortex_is_nine_files_and_a_table_of_donors(study):
    cells = pd.read_parquet(study.results / "mathys_cortex" / "cells.parquet")
    classes = cells.groupby("part")["cell_type"].agg(lambda types: sorted(set(types))).to_dict()
    assert len(classes) == 9 and classes["immune"] == ["Mic P2RY12", "T cells"]
    assert (cells["donor"] == cells["batch"]).all()
    donors = table(study, "mathys_cortex", "donors")
    assert set(donors["donor"]) == set(standins.SUBJECTS + standins.WITHOUT_CELLS)
    first = donors[donors["donor"] == standins.SUBJECTS[0]].set_index("property")
    assert first["value"].to_dict() == {
        "msex": "0", "age_death": "(85,90]", "pmi": "5.0", "race": "1", "Pathologic_diagnosis_of_AD": "no",
    }  # fmt: skip
    of_first = (cells["donor"] == standins.SUBJECTS[0]).sum()
    assert (first["n_cells"] == of_first).all() and (
        donors.loc[donors["donor"].isin(standins.WITHOUT_CELLS), "n_cells"] == 0
    ).all()


@pytest.mark.study
@pytest.mark.parametrize("dataset", standins.FRACTIONAL)
def test_batches_without_counts_are_flagged_and_left_out_with_a_row_that_says_so(study, dataset):
    batches = table(study, dataset, "batches").set_index("batch")["values"]
    assert set(batches.index[batches == "not whole"]) == set(standins.FRACTIONAL[dataset])
    report = table(study, dataset, "selection_report")
    assert (report["reason"] == NO_COUNTS).any()
    used = table(study, dataset, "analysed_cells")
    assert set(used["batch"]) == set(standins.BATCHES[dataset]) - set(standins.FRACTIONAL[dataset])


@pytest.mark.study
@pytest.mark.parametrize("dataset", RANKS_ONLY)
def test_ranks_take_every_batch(study, dataset):
    base = dataset.removesuffix("_ranks")
    assert set(table(study, dataset, "analysed_cells")["batch"]) == set(standins.BATCHES[base])
    assert table(study, dataset, "spaces")["space"].tolist() == ["rank", *CONTROLS]
    assert table(study, dataset, "gates")["space"].unique().tolist() == CONTROLS
    assert set(table(study, dataset, "batches")["values"]) == {"counts", "not whole"}


@pytest.mark.study
def test_models_read_what_is_human_and_has_counts(study):
    for name in DATASETS:
        spaces = set(table(study, name, "spaces")["space"])
        assert ("geneformer" in spaces) == (name not in [*RANKS_ONLY, *SIMULATED]), name


@pytest.mark.study
def test_tabula_sapiens_is_taken_as_in_the_original_study(study):
    used = table(study, "tabula_sapiens_v1", "analysed_cells")
    assert set(used["cell_type"]) == {"t cell", "nk cell", "hepatocyte"}
    genes = pd.read_parquet(study.results / "tabula_sapiens_v1" / "0" / "genes.parquet")
    assert set(genes.loc[genes["selected"], "gene"]) == set(standins.VERSIONED_IDS[: standins.FLAGGED])
    found = table(study, "tabula_sapiens_v1", "vocabularies")
    assert found.loc[found["outcome"] == "token", "n_genes"].sum() == tiny_release.GENES
