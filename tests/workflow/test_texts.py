"""Lists and vectors of genes as spaces of a study: a tiny text model and tiny texts, from files to tables."""

import hashlib
import zipfile

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import yaml

from tests.unit import tiny_text_model
from tests.workflow import generate
from tests.workflow.harness import snakemake
from tests.workflow.loaded import Loaded

LISTS = {"list": {}, "list-shuffled": {"order": "shuffled", "words": "names"}}
GENES = {"texts": {"texts": "tiny"}}
WANTED = [f"results/blood/tables/{name}.parquet" for name in ("lists", "gene_vectors")]
WANTED += [f"results/blood/0/spaces/{name}.h5ad" for name in (*LISTS, *GENES)]


def write_model(folder):
    (folder / "model").mkdir()
    tiny_text_model.write(folder / "model", window=60)
    release = {"title": "Tiny letters", "local_folder": "model", "dimensions": 16}
    path = folder / "config/text_models/tiny.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump({**release, "files": tiny_text_model.members(folder / "model")}))


def write_texts(folder):
    """Write names of all genes but ten, in an archive."""
    rows = [f"{k}\tGENE{k:03d}\tname of {k}\t\t" for k in range(10, generate.N_GENES)]
    content = "\n".join(["hgnc_id\tsymbol\tname\talias_symbol\tprev_symbol", *rows, ""]).encode()
    with zipfile.ZipFile(folder / "data/names.zip", "w") as archive:
        archive.writestr("table.tsv", content)
    digests = {"sha256": hashlib.sha256((folder / "data/names.zip").read_bytes()).hexdigest()}
    table = {"path": "table.tsv", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path = folder / "config/gene_texts/tiny.yaml"
    path.parent.mkdir(parents=True)
    source = {"local_file": "data/names.zip", **digests}
    path.write_text(
        yaml.safe_dump({"title": "Tiny names", "form": "hgnc", "source": source, "files": {"table": table}})
    )


def run(folder, *targets, variables=None):
    text = {"model": "tiny", "names_from": "tiny", "lists": LISTS, "genes": GENES}
    how = {"settings": {"replicates": 0}, "lattice": {"replicates": 0}, "pairs": {}}
    generate.write_study(folder, datasets=["blood"], seeds=[0], spaces=[*LISTS, *GENES], text=text, **how)
    return snakemake(*targets, "--configfile", "study.yaml", directory=folder, variables=variables)


@pytest.fixture(scope="module")
def studied(tmp_path_factory, data):
    folder = generate.new_project(tmp_path_factory.mktemp("texts") / "project", data)
    write_model(folder)
    write_texts(folder)
    loaded = Loaded(tmp_path_factory.mktemp("loaded"))
    done = run(folder, *WANTED, variables=loaded.variables)
    assert done.ok, done.tail
    assert loaded.not_in_digests() == {}
    return folder


def table(folder, name):
    return pd.read_parquet(folder / f"results/blood/tables/{name}.parquet")


def space(folder, name):
    return ad.read_h5ad(folder / f"results/blood/0/spaces/{name}.h5ad")


def test_every_list_is_a_space_of_the_same_cells(studied):
    cells = space(studied, "expression").obs_names.tolist()
    assert all(space(studied, name).obs_names.tolist() == cells for name in (*LISTS, *GENES))
    assert space(studied, "list").shape[1] == space(studied, "texts").shape[1] == 16


def test_what_the_window_cuts_is_counted(studied):
    lists = table(studied, "lists")
    found = lists[lists["space"] == "list"]
    # 58 pieces, less those of the prefix, and one for each letter of gene000; one gene has a longer name
    most = (58 - len("Acellwithgenesrankedbyexpression:")) // 7
    assert set(found["n_listed"]) == {most - 1, most}
    assert (found["n_cut"] == found["n_genes"] - found["n_listed"]).all() and (found["n_pieces"] <= 58).all()


def test_cells_are_sums_of_their_genes_vectors(studied):
    expression = space(studied, "expression")
    vectors = ad.read_h5ad(studied / "results/blood/0/gene_vectors/tiny/tiny.h5ad")
    by_hand = np.asarray(expression[:, vectors.obs_names].X.toarray() @ vectors.X)
    np.testing.assert_allclose(space(studied, "texts").X, by_hand, rtol=1e-5)
    report = table(studied, "gene_vectors").set_index("space").loc["texts"]
    without = {f"gene{k:03d}" for k in range(10)} | {"<i>g0</i> & co"}
    assert report["n_genes"] == len(set(expression.var_names) - without) == len(vectors)
    weights = expression.X.sum()
    assert report["share_weights"] == pytest.approx(expression[:, vectors.obs_names].X.sum() / weights, rel=1e-6)


def test_a_run_that_starts_anew_reads_no_text_again(studied):
    kept = {path: path.stat().st_mtime_ns for path in studied.glob("resources/models/tiny/vectors/*/*.npz")}
    assert kept
    before = space(studied, "list").X.tobytes()
    done = run(studied, "results/blood/0/encoded/list/0.h5ad", "--forcerun", "read_lists")
    assert done.ok, done.tail
    assert {path: path.stat().st_mtime_ns for path in studied.glob("resources/models/tiny/vectors/*/*.npz")} == kept
    assert " texts, 0 of them new" in (studied / "logs/blood/0/read_lists/list.log").read_text()
    assert space(studied, "list").X.tobytes() == before
