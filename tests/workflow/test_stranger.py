"""Somebody adds their own data with the YAML files that docs/datasets.md shows: a few lines each, no code."""

import re

import anndata as ad
import pandas as pd
import pytest
import yaml

from rankstudy.spaces.registry import SPACES
from tests.workflow import generate
from tests.workflow.harness import ROOT, job_logs, snakemake
from tests.workflow.loaded import Loaded

TYPES = {"Neuron": 24, "Astrocyte, mature": 21}
NAMES = ["my_cells", "my_table"]
# as docs/datasets.md has it: the first look at data of one's own
LIGHT = ("--configfile", ROOT / "config" / "light.yaml", "--config", f"datasets=[{', '.join(NAMES)}]")


@pytest.fixture(scope="module")
def examples():
    """Return the two YAML files of the chapter on adding a data set."""
    chapter = (ROOT / "docs" / "datasets.md").read_text().split("## Add a data set", 1)[1].split("\n## ", 1)[0]
    found = re.findall(r"^```yaml\n(.*?)^```", chapter, re.MULTILINE | re.DOTALL)
    return [text for text in found if text.startswith("title:")]  # whole files, not single lines of one


def test_the_examples_are_about_five_lines(examples):
    assert len(examples) == 2
    assert all(len(text.splitlines()) <= 6 for text in examples)


@pytest.fixture(scope="module")
def project(tmp_path_factory, examples):
    """Put files where the examples say they are, and run the tables of the light configuration on them."""
    folder = tmp_path_factory.mktemp("stranger")
    # more genes than the default study selects
    counts, labels, batches = generate.counts_of(TYPES, seed=7, n_genes=2600)
    names = [f"AAAC-{i}" for i in range(len(labels))]
    frame = pd.DataFrame(counts.astype(int), index=names, columns=generate.gene_names(2600))
    keys = [yaml.safe_load(text) for text in examples]
    for name, text in zip(NAMES, examples, strict=True):
        path = folder / "config" / "datasets" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("/data/", f"{folder}/"))

    obs = pd.DataFrame({keys[0]["cell_type"]: labels, keys[0]["batch"]: batches}, index=names)
    data = ad.AnnData(obs=obs, var=frame.T[[]])
    data.layers[keys[0]["h5ad"]["counts"].removeprefix("layers/")] = counts
    data.write_h5ad(folder / keys[0]["source"]["local_file"].removeprefix("/data/"))

    frame.T.to_csv(folder / keys[1]["source"]["local_file"].removeprefix("/data/"))
    described = pd.DataFrame({"barcode": names, keys[1]["cell_type"]: labels, keys[1]["batch"]: batches})[::-1]
    described.to_csv(folder / keys[1]["table"]["labels"].removeprefix("/data/"), sep="\t", index=False)

    run = snakemake("tables", *LIGHT, directory=folder)
    assert run.ok, run.tail
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_data_set_is_added_with_one_file_and_no_code(project, name):
    effects = pd.read_parquet(project / f"results/{name}/tables/effect_sizes.parquet")
    controls = {name for name, space in SPACES.items() if space.role == "control"}
    assert set(effects["space"]) == {"rank", "expression"} | controls
    assert set(pd.read_parquet(project / f"results/{name}/tables/gates.parquet")["space"]) == controls
    assert set(effects["cell_type"].dropna()) == set(TYPES)
    cells = pd.read_parquet(project / f"results/{name}/tables/analysed_cells.parquet")
    assert len(cells) == sum(TYPES.values()) and cells["used"].all()
    assert cells["cell_id"].str.startswith(f"{name}:AAAC-").all() and set(cells["batch"]) == {"first", "second"}


def test_the_same_cells_give_the_same_numbers_whatever_their_file(project):
    for name in ("effect_sizes", "pair_summaries", "sparsity_by_type"):
        found = [pd.read_parquet(project / f"results/{d}/tables/{name}.parquet").drop(columns="dataset") for d in NAMES]
        pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_is_compared_with_expression_in_every_setting(project, name):
    tables = project / f"results/{name}/tables"
    specified, curves = (pd.read_parquet(tables / f"{table}.parquet") for table in ("specifications", "curves"))
    for table in (specified, curves):
        assert set(zip(table["space"], table["reference"], strict=True)) == {("rank", "expression")}
    # correlation alone, by two centrings and depths, on the study's genes: those of the other panel are not there
    whole = curves[curves["statistic"].isna()].squeeze()
    assert whole["settings"] == whole[["better", "worse", "open"]].sum() == specified["claim"].sum() == 2 * 2 * 3
    assert whole["lowest"] <= specified.loc[specified["claim"], "estimate"].median() <= whole["highest"]
    omitted = pd.read_parquet(tables / "curve_omissions.parquet")
    assert set(zip(omitted["part"], omitted["what"], strict=True)) == {("panel", "shared")}


def test_the_metrics_of_the_field_are_computed_where_scib_metrics_is(project, tmp_path):
    """Of one data set: they take most of a minute each."""
    loaded = Loaded(tmp_path)
    figure = f"results/figures/{NAMES[0]}/metrics.svg"
    run = snakemake(figure, *LIGHT, "field_metrics=true", directory=project, variables=loaded.variables)
    rules = {"measure_integration", "measure_geometry", "draw_figure"}
    assert run.ok and run.counts == dict.fromkeys(rules, 1), run.tail
    assert loaded.rules == rules and loaded.not_in_digests() == {}
    found = pd.read_parquet(project / f"results/{NAMES[0]}/tables/integration_metrics.parquet")
    assert set(found["space"]) >= {"rank", "expression"} and (found["reason"] == "measured").any()
    (log,) = [log for log in job_logs(project) if log.rule == "measure_integration"]
    assert log.environment == (ROOT / "envs" / "metrics.yaml").read_text()
