"""Remedies of what is refused of text models, of lists and vectors of genes, and of the files that they come from."""

import gzip
import re

import yaml

from rankstudy.spaces.texts import transformer
from rankstudy.spaces.texts.gene_texts import read_texts
from rankstudy.spaces.texts.kept import require_accepted
from tests.unit import tiny_text_model
from tests.unit.advice_cases.configuration import loaded, study
from tests.unit.advice_toy import calling, change
from tests.unit.helpers import ROOT
from tests.unit.test_gene_texts import HGNC, archive
from tests.unit.text_toys import Letters, listed


def of_lists(**lists):
    return {"text": {"lists": lists}}


def of_genes(**vectors):
    return {"text": {"genes": vectors}}


def first_of(toy, said):
    toy.studying(text={"lists": {"a": {}, "b": {"against": "a"}}})


def under_the_other_key(toy, said):
    other = re.search("`([^`]+)`", said)[1]
    toy.studying(text={"genes": {"w": {other: "gene2vec"}}})


def source_of_genes(toy):
    """Let the vectors be of a file of the study's own that names other members than its form reads."""
    release = yaml.safe_load((ROOT / "config/gene_texts/hgnc.yaml").read_text())
    release["files"] = {"vectors": release["files"]["table"]}
    (toy.folder / "config/gene_texts").mkdir(parents=True, exist_ok=True)
    (toy.folder / "config/gene_texts/mine.yaml").write_text(yaml.safe_dump(release))


def with_other_members():
    toy = loaded(of_genes(w={"texts": "mine"}))()
    source_of_genes(toy)
    return toy


def right_members(toy, said):
    path = toy.folder / "config/gene_texts/mine.yaml"
    release = yaml.safe_load(path.read_text())
    release["files"] = {"table": release["files"]["vectors"]}
    path.write_text(yaml.safe_dump(release))


def read_members(folder, member):
    path, members, verified = archive(folder, {"table": gzip.compress(HGNC.encode())})
    members["table"]["path"] = member or members["table"]["path"]
    read_texts(path, members, verified, form="hgnc", output=str(folder / "texts.parquet"))


def model_of(folder, **how):
    target = folder / "-".join(map(str, how.values()))
    target.mkdir()
    return transformer.load(tiny_text_model.write(target, **how), {"threads": 1})


def accept(call, said):
    call.keywords["accepted"] = float(re.search(r"to ([\d.e+-]+) or more", said)[1])


def ask(folder, accepted):
    require_accepted(["a text"] * 50, 1000.0, accepted, "My service")


def read_list(folder, *, named=True, window=None, **how):
    """Read a list, unless the study does not name it."""
    if named:
        listed(folder, Letters(window), **how)


MEETS = [
    (
        loaded(of_genes(w={})),
        {
            "config.text_model: give `texts`, which a text model reads": study(**of_genes(w={"texts": "hgnc"})),
            "config.text_model: give `vectors`": study(**of_genes(w={"vectors": "random"})),
        },
    ),
    (loaded(of_lists(a={}, b={"against": "c"})), {"config.text_model: name one of `lists`": first_of}),
    (with_other_members, {"config.text_model: give …": right_members}),
    (loaded(of_genes(w={"texts": "gene2vec"})), {"config.texts: name it under `…`": under_the_other_key}),
    (
        calling(read_members, member="in/other"),
        {"spaces.texts.gene_texts: correct `files.….path`": change(member=None)},
    ),
    (
        calling(ask, accepted=0.0),
        {"spaces.texts.kept: set `text.accepted_cost` to … or more": accept},
    ),
    (
        calling(read_list, window=6, prefix="A cell:"),
        {"spaces.texts.make: shorten `text.lists.….prefix`": change(prefix="")},
    ),
    (
        calling(read_list, named=True, panel="selected", selected=(2,)),
        {
            "spaces.texts.make: leave this list out of `spaces`": change(named=False),
            "spaces.texts.make: let it have all genes (`panel: all`)": change(panel="all"),
        },
    ),
    (
        calling(model_of, modules=("Transformer", "Pooling", "Dense")),
        {
            "spaces.texts.transformer: take one of a transformer, a pooling and at most a normalisation": change(
                modules=("Transformer", "Pooling")
            )
        },
    ),
    (
        calling(model_of, pooling="max_tokens"),
        {"spaces.texts.transformer: take a model that pools in one of them": change(pooling="mean_tokens")},
    ),
]
