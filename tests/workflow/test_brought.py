"""Embeddings that are brought: as spaces of a study and in a second opinion, the same vectors give the same tables."""

import shutil
import subprocess

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import yaml

from rankstudy.core.files import write_anndata
from tests.workflow import generate
from tests.workflow.harness import DRIVER, ROOT, environment, snakemake

SPACES = ["rank", "expression", "expression-pca"]
TABLES = ["effect_sizes", "pair_summaries", "neighbourhoods", "label_transfer", "intervals"]
BESIDE = [f"results/blood/tables/{name}.parquet" for name in ("embedding_audit", "spaces", "differences")]
BESIDE += ["results/figures/blood/intervals.svg"]
QUIET = {
    "field_metrics": False,
    "settings": {"replicates": 0},
    "lattice": {"replicates": 0},
    "causes": {"replicates": 0},
}


def study(folder, *targets):
    return snakemake(*targets, "--configfile", "study.yaml", directory=folder)


def tables_of(folder, space):
    """Return the numbers of a space in each table, without its name."""
    found = {}
    for name in TABLES:
        table = pd.read_parquet(folder / f"{name}.parquet")
        found[name] = table[table["space"] == space].drop(columns=["space", "dataset"]).reset_index(drop=True)
    return found


def require_same(one, other, names=TABLES):
    for name in names:
        assert len(one[name]) > 0
        pd.testing.assert_frame_equal(one[name], other[name], rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def studied(tmp_path_factory, data):
    """Return a study in which PCA was computed from counts, now with these vectors brought to it."""
    folder = generate.new_project(tmp_path_factory.mktemp("brought") / "project", data)
    wanted = [f"results/blood/tables/{name}.parquet" for name in TABLES]
    generate.write_study(folder, datasets=["blood"], seeds=[0], spaces=SPACES, controls=["random"], pairs={}, **QUIET)
    run = study(folder, *wanted)
    assert run.ok, run.tail
    made = ad.read_h5ad(folder / "results/blood/0/spaces/expression-pca.h5ad")
    vectors = pd.DataFrame(np.asarray(made.X), index=[name.split(":", 1)[1] for name in made.obs_names])
    vectors.columns = [f"pc{i}" for i in vectors]
    vectors.sample(frac=1, random_state=0).to_parquet(folder / "pca.parquet")
    path = folder / "config/datasets/blood.yaml"
    path.write_text(
        yaml.safe_dump(
            {**yaml.safe_load(path.read_text()), "embeddings": {"mine": {"file": "pca.parquet", "title": "My PCA"}}}
        )
    )
    generate.write_study(
        folder, datasets=["blood"], seeds=[0], spaces=[*SPACES, "mine"], controls=["random"], pairs={}, **QUIET
    )
    return folder, wanted


def test_vectors_that_are_brought_give_the_tables_of_the_space_that_was_computed(studied):
    folder, wanted = studied
    run = study(folder, *wanted, *BESIDE)
    assert run.ok, run.tail
    tables = folder / "results/blood/tables"
    require_same(tables_of(tables, "mine"), tables_of(tables, "expression-pca"))
    audit = pd.read_parquet(tables / "embedding_audit.parquet")
    assert set(audit["outcome"]) <= {"passed", "reported", "not applicable"} and set(audit["space"]) == {"mine"}
    spaces = pd.read_parquet(tables / "spaces.parquet").set_index("space")
    assert spaces.loc["mine", ["title", "model"]].tolist() == ["My PCA", "brought"]
    # what a figure has of it
    assert (folder / "results/figures/blood/intervals.svg").is_file()


def test_an_embedding_that_fails_its_audit_stops_the_run_and_says_why(studied):
    folder, _ = studied
    frame = pd.read_parquet(folder / "pca.parquet")
    frame.insert(0, "index", np.arange(len(frame), dtype=float))
    frame.to_parquet(folder / "wrong.parquet")
    path = folder / "config/datasets/blood.yaml"
    before = path.read_text()
    path.write_text(before.replace("pca.parquet", "wrong.parquet"))
    try:
        run = study(folder, "results/blood/0/spaces/mine.h5ad")
    finally:
        path.write_text(before)
    assert not run.ok and "the column index is the row number" in run.output


def test_a_second_opinion_gives_the_tables_of_the_study(studied, tmp_path):
    folder, _ = studied
    analysed = pd.read_parquet(folder / "results/blood/0/analysed_cells.parquet")
    shards = [ad.read_h5ad(path) for path in sorted((folder / "results/blood/0/shards").glob("*.h5ad"))]
    cells = ad.concat(shards)[analysed.loc[analysed["used"], "cell_id"].tolist()].copy()
    made = ad.read_h5ad(folder / "results/blood/0/spaces/expression-pca.h5ad")
    cells.obsm["X_mine"] = np.asarray(made[cells.obs_names].X)
    write_anndata(cells, tmp_path / "blood.h5ad")
    asked = [
        "--cell-type",
        "cell_type",
        "--batch",
        "batch",
        "--obsm",
        "X_mine",
        "--all",
        "--genes",
        "120",
        "--name",
        "blood",
        "--cores",
        "2",
    ]
    command = [DRIVER / "python", "-m", "rankstudy.run.judge", tmp_path / "blood.h5ad", *asked]
    variables = environment(PYTHONPATH=str(ROOT))
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=600)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        judged = ROOT / "results/judged/blood"
        for here, there in (("x-mine", "mine"), ("expression", "expression"), ("rank", "rank")):
            one, other = tables_of(judged / "tables", here), tables_of(folder / "results/blood/tables", there)
            # a second opinion knows no types that are similar
            require_same(one, other, [name for name in TABLES if name != "neighbourhoods"])
        assert (judged / "pages/index.html").is_file() and "x-mine.html" in (judged / "pages/index.html").read_text()
    finally:
        shutil.rmtree(ROOT / "results/judged/blood", ignore_errors=True)
