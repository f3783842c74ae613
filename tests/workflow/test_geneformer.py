"""A study with models, from a server that answers as the hub does to the article; weights are random, genes few."""

import re
import shutil
from types import SimpleNamespace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from rankstudy.core.files import verify
from rankstudy.spaces.tokens import genes as gene_outcomes
from rankstudy.spaces.tokens.tokenising import NO_TOKENS
from tests.unit import badserver
from tests.workflow import generate, tiny_release
from tests.workflow.harness import ROOT, job_logs, leftovers, snakemake
from tests.workflow.loaded import Loaded
from tests.workflow.smk import DOWNLOADS, METRIC_RULES, MODEL_RULES, ONTOLOGY_RULES, RULES, TEXT_RULES
from tests.workflow.tiny_release import LONGEST, PATHS, REVISION, embed_one_by_one, ensembl_id, symbol

SPLEEN_TYPES = {"alpha": 34, "beta": 30, "gamma": 20}
TONSIL_TYPES = {"delta": 36, "epsilon": 32}
CELLS_PER_TYPE = 20
# of the type of which every cell is drawn; all its counts lie in genes that no dictionary has
QUIET = "cell_quiet"
TRAINED_ON = 36
SPACES = ["rank", "geneformer", "geneformer-umap", "trained-here", "untrained", "geneformer-v2"]
# both releases, side by side: version and special tokens, and how they are read
PUBLISHED = {"geneformer": ("V1", {}), "geneformer-v2": ("V2", {"pooling": "cls", "layer": 0})}
GROUPS = 3  # jobs that embed the cells of both data sets with one model
# models whose jobs a setting of `geneformer` is of: one has a layer of its own
CHANGED = {"layer": 3, "tokens_per_batch": 4}
EMBEDDED = "results/spleen/3/spaces/geneformer.h5ad"
# what a change in how a model is read does not touch
BEFORE_EMBEDDING = {
    "download_model_file",
    "read_vocabulary",
    "map_genes",
    "tokenise_shards",
    "tokenise_training_cells",
    "initialise_model",
    "train_model",
    "keep_cells",
    "encode_shards",
}


def spleen_genes():
    """Return names and true Ensembl ids (None: no dictionary has it): versions, a gene twice, unknown ones."""
    names = {f"{ensembl_id(i)}.4" if i < 100 else ensembl_id(i): ensembl_id(i) for i in range(270)}
    names[ensembl_id(7)] = ensembl_id(7)
    without_token = {ensembl_id(i): None for i in range(tiny_release.GENES, tiny_release.GENES + 10)}
    return names | without_token | {f"novel-{i}": None for i in range(10)}


def tonsil_genes():
    """Return names and true Ensembl ids: symbols, some of them in lower case, and unknown names."""
    as_written = {symbol(i): ensembl_id(i) for i in range(200)}
    return as_written | {symbol(i).lower(): ensembl_id(i) for i in range(200, 230)} | dict.fromkeys(["a", "b", "c"])


GENES = {"spleen": spleen_genes(), "tonsil": tonsil_genes()}
TYPES = {"spleen": SPLEEN_TYPES, "tonsil": TONSIL_TYPES}


def counts_of(dataset):
    """Return counts (cells x genes of the file), and the cells' types and batches."""
    names = list(GENES[dataset])
    counts, labels, batches = generate.counts_of(TYPES[dataset], seed=len(names), n_genes=len(names))
    cells = [f"cell_{i:03d}" for i in range(len(labels))]
    if dataset == "spleen":
        at = np.flatnonzero(labels == "gamma")[0]
        cells[at] = QUIET
        novel = np.array([name.startswith("novel") for name in names])
        counts[at] = np.where(novel, 1 + np.arange(len(names)) % 3, 0)
    return pd.DataFrame(counts, index=cells, columns=names), labels, batches


def write_project(folder):
    """Write both data sets with their YAML files."""
    (folder / "data").mkdir(parents=True)
    counts, labels, batches = counts_of("spleen")
    obs = pd.DataFrame({"kind": labels, "lane": batches}, index=counts.index)
    ad.AnnData(counts.to_numpy(), obs=obs, var=counts.T[[]]).write_h5ad(folder / "data" / "spleen.h5ad")
    source = {"local_file": "data/spleen.h5ad"}
    generate.write_dataset(folder, "spleen", source=source, cell_type="kind", batch="lane")
    counts, labels, batches = counts_of("tonsil")
    described = pd.DataFrame({"cell": counts.index, "type": labels, "lane": batches})
    generate.write_csv(folder / "data", counts.T.astype(int), described, "tonsil")
    source, table = {"local_file": "data/tonsil.csv.gz"}, {"labels": "data/tonsil_labels.tsv"}
    generate.write_dataset(folder, "tonsil", source=source, table=table, cell_type="type", batch="lane")


def write_study(folder, name="study.yaml", **geneformer):
    """Write the study, with changed settings of Geneformer."""
    return generate.write_study(
        folder,
        name,
        datasets=list(GENES),
        seeds=[3],
        selection={"min_cells": 15, "cells_per_type": CELLS_PER_TYPE},
        genes={"method": "all"},
        spaces=SPACES,
        geneformer={"release": "tiny", "cells_per_job": 40, "threads": 1, **geneformer},
        models={"geneformer-v2": {"model": "geneformer", "release": "tiny2", **PUBLISHED["geneformer-v2"][1]}},
        training={
            **{"layers": 2, "hidden": 16, "heads": 2, "feed_forward": 32, "max_length": 48, "epochs": 1},
            **{"cells": TRAINED_ON, "validation_cells": 8, "least_cells": 40},
        },
        pairs={"joint": [["rank", "geneformer"], ["geneformer-umap", "geneformer"]]},
    )


def publish(server, repository, revision, *, changed=None):
    """Serve a repository as the hub does, where /resolve/ sends on to a store; return its address.

    The bytes of the file `changed` are others than those of the repository, and as many.
    """
    for path in (path for paths in PATHS.values() for path in paths.values()):
        content = (repository / path).read_bytes()
        if path == changed:
            content = content[:-1] + bytes([content[-1] ^ 1])
        store = server.on(f"/store/{revision}/{path.replace('/', '-')}", badserver.serve(content))
        server.on(f"/ctheodoris/Geneformer/resolve/{revision}/{path}", badserver.redirect(f"{store}?Expires=1"))
    return server.address("/ctheodoris/Geneformer")


def run_study(folder, *arguments, study, **variables):
    variables["NO_PROXY"] = "127.0.0.1"
    return snakemake(*arguments, "--configfile", study, directory=folder, variables=variables)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return the whole study with models, finished: folder, results, repository, server and what it was asked."""
    folder = tmp_path_factory.mktemp("models") / "project"
    repository = tmp_path_factory.mktemp("repository")
    write_project(folder)
    tiny_release.write_repository(repository)
    study = write_study(folder)
    with badserver.running() as server:
        address = publish(server, repository, REVISION)
        for name, version in (("tiny", "V1"), ("tiny2", "V2")):
            tiny_release.write_release(
                folder, name, repository, version, version, repository=address, revision=REVISION
            )
        loaded = Loaded(tmp_path_factory.mktemp("loaded"))
        run = run_study(folder, study=study, **loaded.variables)
        assert run.ok, run.tail
        asked = [path for path, _ in server.asked]
        yield SimpleNamespace(
            folder=folder, results=folder / "results", study=study, repository=repository, server=server, asked=asked,
            loaded=loaded,
        )  # fmt: skip


@pytest.fixture
def copy(models, tmp_path):
    """Return a copy of the finished study that one test may change."""
    return shutil.copytree(models.folder, tmp_path / "project")


def expected_vectors(dataset, cell_ids, repository, version, **how):
    """Return what the model makes of cells, in the order of their ids, by the data and the published rules."""
    counts, _, _ = counts_of(dataset)
    counts = counts.loc[[cell.removeprefix(f"{dataset}:") for cell in cell_ids]]
    known = counts[[name for name, gene in GENES[dataset].items() if gene]]
    per_gene = known.T.groupby([GENES[dataset][name] for name in known.columns]).sum().T
    return embed_one_by_one(per_gene, counts.sum(axis=1), repository, version, **how)


def assert_embedded(path, dataset, repository, version, **how):
    space = ad.read_h5ad(path)
    expected = expected_vectors(dataset, space.obs_names, repository, version, **how)
    np.testing.assert_allclose(space.X, expected, rtol=0, atol=1e-5)
    assert np.abs(expected - expected[::-1]).max() > 0.1  # cells in another order would be seen


def table(models, dataset, name):
    return pd.read_parquet(models.results / dataset / "tables" / f"{name}.parquet")


def test_every_rule_ran_in_its_environment(models):
    logs = job_logs(models.folder)
    # without expression there is no curve, and no ledger; causes are not asked for
    assert {log.rule for log in logs} == set(RULES) - DOWNLOADS - ONTOLOGY_RULES - METRIC_RULES - TEXT_RULES - {
        "audit_embedding",
        "bring_embedding",
        "change_genes",
        "collect_audits",
        "collect_causes",
        "collect_changes",
        "collect_lattice",
        "collect_settings",
        "collect_states",
        "describe_donors",
        "export_cells",
        "find_causes",
        "make_control",
        "map_symbols",
        "specify_pairs",
        "tell_states",
        "view_space",
        "walk_lattice",
    }
    for log in logs:
        assert log.environment == (ROOT / "envs" / RULES[log.rule].environment).read_text(), log.name
    assert leftovers(models.results) == []


def test_every_module_that_a_job_loads_is_in_its_digest(models):
    assert MODEL_RULES - {"map_symbols"} <= models.loaded.rules
    assert models.loaded.not_in_digests() == {}


def test_torch_is_in_the_environment_of_few_rules():
    needing = {rule.name for rule in RULES.values() if rule.environment == "models.yaml"}
    assert needing == {"initialise_model", "train_model", "check_model", "embed_shards", "embed_genes", "read_lists"}


def test_the_files_of_the_release_are_fetched_once_each_verified_and_described(models):
    resolved = [path for path in models.asked if "/resolve/" in path]
    assert sorted(resolved) == sorted(
        f"/ctheodoris/Geneformer/resolve/{REVISION}/{path}" for paths in PATHS.values() for path in paths.values()
    )
    folder = models.folder / "resources" / "models" / "tiny"
    for path in PATHS["V1"].values():
        assert (folder / "files" / path).read_bytes() == (models.repository / path).read_bytes()
        manifest = pd.read_json(folder / "manifests" / f"{path}.json", typ="series")
        verify(folder / "files" / path, sha256_expected=manifest["sha256"], bytes_expected=manifest["bytes"], what=path)
        assert manifest["address"].endswith(f"/resolve/{REVISION}/{path}") and manifest["version"] == REVISION


@pytest.mark.parametrize("space", PUBLISHED)
@pytest.mark.parametrize("dataset", GENES)
def test_embeddings_are_those_of_the_model_read_one_cell_at_a_time(models, dataset, space):
    version, how = PUBLISHED[space]
    path = models.results / dataset / "3" / "spaces" / f"{space}.h5ad"
    assert_embedded(path, dataset, models.repository, version, **how)


def test_some_cells_were_longer_than_the_model_reads(models):
    tokenised = table(models, "spleen", "tokenised")
    assert (tokenised.groupby("tokens")["n_tokens"].max() > LONGEST).all()


@pytest.mark.parametrize("dataset", GENES)
def test_the_tables_say_what_each_space_is(models, dataset):
    spaces = table(models, dataset, "spaces").set_index("space")
    assert spaces.index.tolist() == SPACES
    of_models = spaces.drop(["rank", "geneformer-v2"])
    of_v2 = spaces.loc["geneformer-v2", ["title", "vocabulary", "pooling", "layer", "model"]].tolist()
    assert of_v2 == ["Tiny Geneformer V2", "V2", "cls", 0, "published"]
    assert spaces.loc["rank", ["model", "layer", "pooling"]].isna().all()
    assert (of_models["layer"] == -1).all() and (of_models["pooling"] == "cell").all()
    assert (of_models["vocabulary"] == "V1").all()
    assert of_models["model"].tolist() == ["published", "published", "trained", "untrained"]
    assert spaces.loc["geneformer", ["title", "max_length", "dimensions"]].tolist() == [
        "Tiny Geneformer V1",
        LONGEST,
        16,
    ]
    assert spaces.loc["geneformer-umap", ["title", "parent"]].tolist() == ["UMAP of Tiny Geneformer V1", "geneformer"]
    trained = f"Geneformer architecture, trained here on {TRAINED_ON} cells"
    found = spaces.loc["trained-here", ["title", "max_length", "trained_on", "trained_on_evaluated"]].tolist()
    assert found == [trained, 48, TRAINED_ON, 0]
    assert spaces.loc["untrained", "title"] == "Geneformer architecture, untrained"


def test_the_model_is_trained_on_cells_that_are_not_compared(models):
    trained = pd.read_parquet(models.results / "models" / "training_cells.parquet")
    assert trained["role"].value_counts().to_dict() == {"training": TRAINED_ON, "validation": 8}
    compared = {cell for dataset in GENES for cell in table(models, dataset, "analysed_cells")["cell_id"]}
    assert not compared & set(trained["cell_id"])


def test_a_cell_without_tokens_is_dropped_from_every_space_and_listed(models):
    cells = table(models, "spleen", "analysed_cells")
    dropped = cells[~cells["used"]]
    assert dropped["cell_id"].tolist() == [f"spleen:{QUIET}"] and dropped["reason"].tolist() == [NO_TOKENS]
    for space in SPACES:
        held = ad.read_h5ad(models.results / "spleen" / "3" / "spaces" / f"{space}.h5ad").obs_names
        assert set(held) == set(cells.loc[cells["used"], "cell_id"]), space


def test_genes_are_reported_by_how_they_were_found(models):
    found = {}
    for dataset in GENES:
        identity = table(models, dataset, "vocabularies")
        assert set(identity["tokens"]) == set(table(models, dataset, "tokenised")["tokens"]) == {"tiny", "tiny2"}
        rows = identity[identity["tokens"] == "tiny"].itertuples()
        found[dataset] = {
            row.found_by if row.outcome == gene_outcomes.TOKEN else row.outcome: row.n_genes for row in rows
        }
    assert found["spleen"] == {
        gene_outcomes.STRIPPED: 100,
        gene_outcomes.ENSEMBL: 171,
        gene_outcomes.NO_TOKEN: 10,
        gene_outcomes.UNKNOWN: 10,
    }
    assert found["tonsil"] == {gene_outcomes.SYMBOL: 200, gene_outcomes.ALIAS: 30, gene_outcomes.UNKNOWN: 3}


def test_models_are_compared_like_every_other_space(models):
    for dataset in GENES:
        for name in ("pair_summaries", "effect_sizes"):
            assert set(table(models, dataset, name)["space"]) == set(SPACES)
    assert (models.results / "article" / "index.html").stat().st_size > 0


def test_a_second_run_has_nothing_to_do(models):
    run = run_study(models.folder, study=models.study)
    assert run.nothing_to_do, run.tail


def test_a_run_that_lacks_one_part_of_a_space_makes_that_part_only(copy):
    part = copy / "results/spleen/3/encoded/geneformer/1.h5ad"
    before = {path: path.read_bytes() for path in (part, copy / EMBEDDED)}
    for path in before:
        path.unlink()
    run = run_study(copy, EMBEDDED, study=copy / "study.yaml")
    assert run.ok and run.counts == {"embed_shards": 1, "gather_space": 1}, run.tail
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(("key", "value"), [("layer", 0), ("tokens_per_batch", 1000)])
def test_reading_a_model_otherwise_trains_and_tokenises_nothing(models, copy, key, value):
    run = run_study(copy, "-n", "tables", study=write_study(copy, "other.yaml", **{key: value}))
    assert run.ok and run.counts["embed_shards"] == CHANGED[key] * GROUPS, run.tail
    assert not BEFORE_EMBEDDING & set(run.counts), run.tail


def test_a_change_of_the_embedding_is_none_of_the_training():
    assert "rankstudy.spaces.models.geneformer.embedding" in RULES["embed_shards"].modules
    assert "rankstudy.spaces.models.geneformer.embedding" not in RULES["train_model"].modules


@pytest.mark.long
def test_a_local_folder_of_the_same_layout_gives_the_same_embeddings_and_downloads_nothing(models, copy):
    tiny_release.write_release(copy, "by_hand", models.repository, "V1", "V1", local_folder=str(models.repository))
    before = ad.read_h5ad(copy / EMBEDDED)
    run = run_study(copy, EMBEDDED, study=write_study(copy, "local.yaml", release="by_hand"))
    assert run.ok and "download_model_file" not in run.counts and run.counts["embed_shards"] == 2, run.tail
    found = ad.read_h5ad(copy / EMBEDDED)
    assert found.obs_names.tolist() == before.obs_names.tolist() and (found.X == before.X).all()


def without_embeddings(folder):
    """Remove what was made of the published model, and its files."""
    for name in ("resources/models", "results/models/geneformer", "results/spleen/3/encoded/geneformer"):
        shutil.rmtree(folder / name)
    (folder / EMBEDDED).unlink()


def test_other_weights_than_the_pinned_ones_stop_the_run_before_a_cell_is_embedded(models, copy):
    without_embeddings(copy)
    revision = "f" * 40
    weights = PATHS["V1"]["weights"]
    address = publish(models.server, models.repository, revision, changed=weights)
    tiny_release.write_release(copy, "tiny", models.repository, "V1", "V1", repository=address, revision=revision)
    run = run_study(copy, EMBEDDED, "--keep-going", study=copy / "study.yaml")
    assert run.returncode == 1 and "Traceback" not in run.output, run.tail
    said = error_of(run, "download_model_file")
    assert "has another file: its sha256 is " in said and "local_folder" in said and "tiny.yaml" in said
    assert not (copy / "resources/models/tiny/files" / weights).exists()
    assert not (copy / "results/spleen/3/encoded/geneformer").exists() and not (copy / EMBEDDED).exists()


def test_a_model_of_another_version_than_its_dictionaries_is_refused_before_a_cell_is_embedded(models, copy):
    without_embeddings(copy)
    of_model = {role: "V1" if role in ("config", "weights") else "V2" for role in PATHS["V1"]}
    tiny_release.write_release(copy, "mixed", models.repository, of_model, "V2", local_folder=str(models.repository))
    run = run_study(copy, EMBEDDED, study=write_study(copy, "mixed.yaml", release="mixed"))
    assert run.returncode == 1 and "Traceback" not in run.output, run.tail
    assert "the model has 302 tokens, the dictionary of Geneformer V2 304" in error_of(run, "check_model")
    assert not (copy / "results/spleen/3/encoded/geneformer").exists()


def error_of(run, rule):
    """Return what the failed job of a rule printed: one line, and those below it that are indented."""
    said = re.findall(rf"^error in {rule}\b.*\n(?: +\S.*\n)*", run.output, re.MULTILINE)
    assert len(said) == 1, run.tail
    return said[0]
