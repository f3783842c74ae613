"""Encodings of whose genes a data set has too few: an error that says so, or left out and named in the article."""

import hashlib

import pandas as pd
import pytest
import yaml

from tests.workflow import generate
from tests.workflow.harness import snakemake

ENCODINGS = """
from rankstudy.spaces.registry import SpaceSpec


def space(title, vocabulary):
    return SpaceSpec(
        title=title, measure="cosine similarity", metric="cosine", function="counts", vocabulary=vocabulary
    )


SPACES = {
    "known": space("Counts of known genes", "known.yaml"),
    "strange": space("Counts of strangers", "strange.yaml"),
    "beside": space("Strangers with a curve alone", "strange.yaml"),
}


def read_vocabulary(files, version):
    import io

    import pandas as pd

    from rankstudy.spaces.tokens.vocabulary import Found

    return Found(pd.read_csv(io.BytesIO(files["genes"]), sep="\\t"))


def counts(cells):
    return cells.counts.astype("float32")
"""
SPACES = ["rank", "rank@cosine", "expression", "known", "strange", "strange@correlation-centred"]


COMPARED = ["rank", "rank@cosine", "expression", "known"]


def write_release(folder, name, genes):
    """Write a release of a vocabulary; it brings names of its own, so none of Geneformer's are fetched."""
    path = folder / name / "genes.tsv"
    path.parent.mkdir()
    pd.DataFrame({"ensembl_id": genes, "token": range(len(genes))}).to_csv(path, sep="\t", index=False)
    content = path.read_bytes()
    file = {"path": "genes.tsv", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    release = {"title": name, "local_folder": name, "files": {"genes": file, "names": file}}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(release))


@pytest.fixture
def study(project):
    (project / "mine.py").write_text(ENCODINGS)
    write_release(project, "known", generate.gene_names()[:300])
    write_release(project, "strange", ["Gapdh", "Actb", generate.gene_names()[0]])
    settings = {"datasets": ["blood"], "seeds": [3], "plugins": ["mine.py"], "spaces": SPACES, "pairs": {"joint": []}}
    return generate.write_study(project, **settings, settings={"also": ["beside"], "pairs": [["beside", "rank"]]})


def test_what_too_few_genes_are_known_of_is_an_error_or_is_left_out_and_named(project, study):
    run = snakemake("--configfile", study, directory=project)
    assert not run.ok
    log = (project / "logs/blood/map_genes/strange.log").read_text()
    assert "data set blood: vocabulary strange, which strange, beside read: " in log and "leave these spaces out" in log
    skipping = ("--configfile", study, "--config", "on_missing=skip")
    run = snakemake(*skipping, directory=project)
    assert run.ok, run.tail
    tables = project / "results/blood/tables"
    assert pd.read_parquet(tables / "spaces.parquet")["space"].tolist() == COMPARED
    assert set(pd.read_parquet(tables / "effect_sizes.parquet")["space"]) == set(COMPARED)
    assert set(pd.read_parquet(tables / "encoded_cells.parquet")["space"]) == {"rank", "expression", "known"}
    specified = pd.read_parquet(tables / "specifications.parquet")
    assert set(zip(specified["space"], specified["reference"], strict=True)) == {
        (name, "expression") for name in ("rank", "known")
    }
    page = (project / "results/article/blood.html").read_text()
    assert "Left out, since" in page and "Counts of strangers, correlation, centred" in page
    assert "Strangers with a curve alone" in page
    assert snakemake("-n", *skipping, directory=project).nothing_to_do
