"""What docs/extending.md promises: an encoding, a model with a tokenizer of its own, and a figure cost a file each.

The files are those of the page, and go through Snakemake to the article.
"""

import hashlib
import re
from contextlib import contextmanager
from types import SimpleNamespace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import yaml

from rankstudy.run.plan.__main__ import main
from tests.workflow import generate
from tests.workflow.harness import ROOT, copy_workflow, job_logs, snakemake

PAGE = (ROOT / "docs/extending.md").read_text()
FILES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL))
ENCODING, MODEL, FIGURE = "square_root.py", "bag_of_genes.py", "cells_found.py"
PER_SPACE = (
    FILES[FIGURE]
    .replace("    settings=", "    each=lambda plan: plan.spaces,\n    settings=")
    .replace("seed, outputs):", "seed, of, outputs):")
)
OVER_VOCABULARY = """
from rankstudy.spaces.registry import SpaceSpec

SPACES = {
    "whole": SpaceSpec(
        title="Counts of all genes of the bag",
        measure="cosine similarity",
        metric="cosine",
        function="shares",
        vocabulary="bag-of-genes",
    ),
}


def shares(cells):
    assert cells.counts.shape == (len(cells.ids), len(cells.genes)) and len(cells.genes) == 300
    return cells.counts.multiply(1 / cells.totals[:, None]).tocsr().astype("float32")
"""
SPACES = ["rank", "square-root", "whole", "bag-of-genes", "bag-of-few-genes"]
KNOWN = 300  # genes of the file that the vocabulary has
FEW = 8
RELEASE = "bag_of_genes_release"
SEED = 3
# environments are made of the content of their files
OWN_ENVIRONMENT = (ROOT / "envs/core.yaml").read_text() + "# an environment of its own\n"


def write_plugins(folder):
    """Write the files of the page, those that the model consists of, and an encoding over its vocabulary."""
    for name, text in {**FILES, "whole.py": OVER_VOCABULARY}.items():
        (folder / name).write_text(text)
    (folder / "bag_of_genes_env.yaml").write_text(OWN_ENVIRONMENT)
    bag = folder / "bag"
    bag.mkdir()
    genes = generate.gene_names()[:KNOWN]
    pd.DataFrame({"ensembl_id": genes, "token": np.arange(KNOWN)}).to_csv(bag / "genes.tsv", sep="\t", index=False)
    np.save(bag / "vectors.npy", np.random.default_rng(0).normal(size=(KNOWN, 6)))
    release = yaml.safe_load(re.search(r"```yaml\n# bag_of_genes_release.yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    for file in release["files"].values():
        content = (bag / file["path"]).read_bytes()
        file.update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    (folder / "bag_of_genes_release.yaml").write_text(yaml.safe_dump(release))


def write_study(folder, **changes):
    settings = {
        "datasets": ["blood"],
        "seeds": [SEED],
        "plugins": [ENCODING, "whole.py", MODEL, FIGURE],
        "models": {"bag-of-few-genes": {"model": "bag-of-genes", "genes": FEW}},
        "spaces": SPACES,
        "pairs": {"joint": []},
    }
    return generate.write_study(folder, **{**settings, **changes})


@pytest.fixture(scope="module")
def finished(tmp_path_factory, data):
    """Return the study with all plug-ins, finished: its folder, results, configuration and run."""
    folder = generate.new_project(tmp_path_factory.mktemp("plugins") / "project", data)
    write_plugins(folder)
    study = write_study(folder)
    run = snakemake("--configfile", study, directory=folder)
    assert run.ok, run.tail
    return SimpleNamespace(folder=folder, results=folder / "results", study=study, run=run)


def counts_of(cell_ids):
    """Return the counts of cells over the genes that the vocabulary has."""
    table, _ = generate.blood()
    return table.iloc[:KNOWN][[cell.removeprefix("blood:") for cell in cell_ids]].T.to_numpy()


def space(finished, name):
    return ad.read_h5ad(finished.results / "blood" / str(SEED) / "spaces" / f"{name}.h5ad")


@pytest.mark.parametrize(("name", "genes"), [("bag-of-genes", 32), ("bag-of-few-genes", FEW)])
def test_a_model_embeds_the_tokens_of_its_own_tokenizer(finished, name, genes):
    found, vectors = space(finished, name), np.load(finished.folder / "bag/vectors.npy")
    counts = counts_of(found.obs_names)
    order = np.argsort(-counts, axis=1, kind="stable")[:, :genes]
    assert (np.take_along_axis(counts, order, axis=1) > 0).all()
    np.testing.assert_allclose(found.X, vectors[order].mean(axis=1), atol=1e-5)


def test_an_encoding_reads_the_selected_genes_or_all_of_a_vocabulary(finished):
    selected, whole = space(finished, "square-root"), space(finished, "whole")
    table, _ = generate.blood()
    cells = [cell.removeprefix("blood:") for cell in selected.obs_names]
    np.testing.assert_allclose(
        selected.X.toarray(), np.sqrt(table.loc[selected.var_names, cells].T.to_numpy()), rtol=1e-6
    )
    # over the selected genes, of which those that the vocabulary does not have are zero
    assert whole.var_names.tolist() == selected.var_names.tolist()
    known = np.isin(whole.var_names, generate.gene_names()[:KNOWN])
    assert known.any() and not known.all()
    wanted = table.loc[whole.var_names, cells] * known[:, None] / table[cells].sum()
    np.testing.assert_allclose(whole.X.toarray(), wanted.T.to_numpy(), rtol=1e-5)
    report = pd.read_parquet(finished.results / "blood/tables/encoded_cells.parquet").set_index(["space", "cell_id"])
    listed = report.loc["whole", "n_listed"].loc[whole.obs_names]
    assert listed.tolist() == (counts_of(whole.obs_names) > 0).sum(axis=1).tolist()
    assert set(report.index.get_level_values("space")) == {"rank", "square-root", "whole"}
    assert set(pd.read_parquet(finished.results / "blood/tables/vocabularies.parquet")["tokens"]) == {RELEASE}


def test_the_jobs_of_a_model_run_in_the_environment_beside_it(finished):
    own = {log.rule for log in job_logs(finished.folder) if log.environment == OWN_ENVIRONMENT}
    assert own == {"read_vocabulary", "tokenise_shards", "check_model", "embed_shards"}


def test_everything_is_in_tables_figures_and_article(finished):
    tables = finished.results / "blood/tables"
    spaces = pd.read_parquet(tables / "spaces.parquet").set_index("space")
    assert spaces.index.tolist() == SPACES
    assert spaces.loc[["bag-of-genes", "bag-of-few-genes"], "title"].tolist() == ["Bag of genes, 2026"] * 2
    assert set(pd.read_parquet(tables / "effect_sizes.parquet")["space"]) == set(SPACES)
    assert set(pd.read_parquet(tables / "tokenised.parquet")["tokens"]) == {RELEASE}
    assert (finished.results / "figures/blood/cells_found.svg").exists()
    article = "".join(page.read_text() for page in sorted((finished.results / "article").glob("**/*.html")))
    shown = (
        "Square root of the counts",
        "Counts of all genes of the bag",
        "Bag of genes: the mean of the",
        "Cells found",
    )
    assert [text for text in shown if text not in article] == []


def test_nothing_is_left_to_do_and_a_file_may_lie_elsewhere(finished):
    run = snakemake("-n", "--configfile", finished.study, directory=finished.folder)
    assert run.nothing_to_do, run.tail


@contextmanager
def changed(path, text):
    """Let a file have another text for a while."""
    before = path.read_text()
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)


def test_a_model_asks_for_the_memory_that_it_declares(finished):
    path = finished.folder / MODEL
    more = path.read_text().replace("settings=", "memory=7000,\n        settings=")
    with changed(path, more):
        run = snakemake("-n", "tables", "--configfile", finished.study, directory=finished.folder)
    asked = re.findall(r"^rule embed_shards:\n(?:    .*\n)*?.*mem_mb=(\d+)", run.output, re.MULTILINE)
    assert len(asked) == 2 and all(7000 < int(mb) < 8000 for mb in asked), run.tail


@pytest.mark.parametrize(
    ("file", "first", "stays"),
    [
        (ENCODING, {"encode_shards": 1}, {"tokenise_shards", "embed_shards", "draw_figure-cells_found"}),
        (MODEL, {"read_vocabulary": 1}, {"select_cells", "write_shard", "draw_figure-cells_found"}),
        (FIGURE, {"draw_figure": 1}, {"encode_shards", "embed_shards", "compare_block"}),
    ],
)
def test_a_changed_file_reruns_its_own_jobs_and_what_follows_them(finished, file, first, stays):
    path = finished.folder / file
    with changed(path, path.read_text() + "\n# a remark\n"):
        run = snakemake("-n", "tables", "figures", "--configfile", finished.study, directory=finished.folder)
    assert run.ok and run.counts.items() >= first.items(), run.tail
    named = {
        f"{job.rule}-{value}" for job in run.jobs for value in (each.partition("=")[2] for each in job.wildcards)
    } | set(run.counts)
    assert not stays & named, run.tail


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import not_there\n", r"there is no module 'not_there' here.*import it inside the functions"),
        ("x = 1\n\nx.y\n", r"cannot be executed: AttributeError: .*\(line 3\); correct the file"),
        ("def f(:\n", r"cannot be executed: SyntaxError"),
        ("raise SystemExit\n", r"cannot be executed: SystemExit"),
        ("SPACES = [1]\n", r"SPACES is no dictionary of SpaceSpec"),
    ],
)
def test_a_broken_file_is_a_message_and_no_traceback(project, text, message):
    (project / ENCODING).write_text(text)
    study = write_study(project, plugins=[ENCODING], models={}, spaces=["rank"])
    run = snakemake("-n", "--configfile", study, directory=project)
    assert not run.ok and re.search(f"{ENCODING}: {message}", run.output.replace("\n", " ")), run.tail
    assert "Traceback" not in run.output, run.tail


@pytest.mark.parametrize("place", ["plugins", "package"])
def test_a_figure_may_be_one_for_each_space(project, tmp_path, place):
    workflow = copy_workflow(tmp_path / "workflow")
    (project if place == "plugins" else workflow / "rankstudy/report/figures").joinpath(FIGURE).write_text(PER_SPACE)
    plugins = [FIGURE] if place == "plugins" else []
    study = write_study(project, plugins=plugins, models={}, spaces=["rank", "expression"])
    paths = [f"results/figures/blood/cells_found-{name}.svg" for name in ("expression", "rank")]
    run = snakemake(*paths, "--configfile", study, directory=project, workflow=workflow)
    assert run.ok, run.tail
    assert run.counts["draw_figure"] == 2 and "select_cells" not in run.counts, run.tail


def test_a_figure_that_is_not_of_a_data_set_is_refused_with_those_that_are(project):
    study = generate.write_study(project, datasets=["blood"])
    run = snakemake("-n", "results/figures/blood/metrics.svg", "--configfile", study, directory=project)
    assert not run.ok
    assert "No rule to produce results/figures/blood/metrics.svg" in run.output, run.tail


def test_the_forecast_reads_a_file_outside_of_the_working_directory(project, monkeypatch, capsys):
    beside = project.parent / ENCODING
    beside.write_text(FILES[ENCODING])
    study = write_study(project, plugins=[f"../{ENCODING}"], models={}, spaces=["rank", "square-root"])
    monkeypatch.chdir(project)
    main(["--configfile", str(study)])
    assert "blood" in capsys.readouterr().out


def test_an_encoding_that_declares_its_steps_joins_a_ledger_unless_they_are_wrong(project):
    (project / "first_500.py").write_text(FILES["first_500.py"])
    given = {"plugins": ["first_500.py"], "lattice": {"ledgers": ["first-500"]}, "models": {}}
    study = write_study(project, spaces=["rank", "expression"], **given)
    path = "results/blood/tables/ledger.parquet"
    run = snakemake(path, "--configfile", study, directory=project)
    assert run.ok, run.tail
    ledger = pd.read_parquet(project / path)
    assert set(ledger["space"]) == {"first-500"} and set(ledger["reference"]) == {"expression"}
    assert ledger["step"].unique().tolist() == ["kept", "first", "ties"]
    (project / "first_500.py").write_text(FILES["first_500.py"].replace("first=500", "first=50"))
    run = snakemake(path, "--configfile", study, directory=project)
    assert not run.ok
    assert "first-500: its declared steps (kept: order, first: 50, ties: columns) do not make its vectors" in run.tail
