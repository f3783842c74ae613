"""Remedies of what is refused of a data set's file and of the study, before anything is read."""

import copy

import yaml

from tests.unit.advice_toy import Toy, lay, named, use
from tests.unit.config_files import SHA

ZIP = {"source": {"local_file": "toy.h5ad"}}
URL = {"url": "https://h/toy.h5ad", "bytes": 1}
TABLE = {"source": {"local_file": "c.csv"}, "table": {"labels": "l.csv"}}
TABLE_ALONE = {"source": {"local_file": "c.csv"}, "table": {}}
LABELS = {"local_file": "l.csv"}
TWO_PARTS = {name: {"source": {"local_file": f"{name}.h5ad"}} for name in ("p1", "p2")}
MODELS = ["rank", "trained-here"]


def loaded(study=None, **changes):
    """Return how a data set with these keys, and a study with these, is loaded."""
    return lambda: Toy(**changes).studying(**(study or {})).loading()


def study(**keys):
    """Return a remedy: keys of the study are replaced."""
    return lambda toy, said: toy.studying(**keys)


def in_the_section_that_is_said(toy, said):
    """Set the keys that a message has in backquotes in the section that it names behind them."""
    keys, where = said.split("`")[1:4:2]
    # what a case states is stated for each of its ways
    section = toy.study = copy.deepcopy(toy.study)
    for name in where.split("."):
        section = section.setdefault(name, {})
    section.update(yaml.safe_load(keys))


def remove_what_is_said(toy, said):
    toy.set("whole", **dict.fromkeys(said.split("`")[1::2]))


def called(name):
    """Return how a study of the data set in `<name>.yaml` is loaded."""

    def make():
        toy = Toy().studying(datasets=[name]).loading()
        toy.datasets[name] = toy.datasets["toy"]
        return toy

    return make


def rename(toy, said):
    toy.datasets["another"] = toy.datasets["toy"]
    toy.studying(datasets=["another"])


def as_yaml(key):
    """Return a remedy: a key of the data set takes what the message writes after its colon, read as YAML."""
    return lambda toy, said: toy.set(**{key: yaml.safe_load(said.split(": ", 1)[1])})


def shared(**of_other):
    """Return how two data sets that share a package are loaded."""

    def make():
        package = {"package": "toy==1.0", "sha256": SHA, "bytes": 10, "file": None}
        sources = {"toy": package, "other": {**package, **of_other}}
        toy = Toy().studying(datasets=["toy", "other"]).loading()
        for name, source in sources.items():
            table = {"counts": "in/c.csv", "labels": "in/l.csv"}
            toy.set(name, title=name, source={k: v for k, v in source.items() if v}, cell_type="kind", table=table)
        return toy

    return make


RAW = "read raw counts (h5ad.counts, rds.layer, loom.counts, or another file) and declare `values: counts`"

PACKAGE = {"package": "toy==1", "sha256": SHA}
MATRIX = {"url": "https://h/matrix.mtx.gz", "bytes": 1}
MEMBERS = {"counts": "c.csv", "labels": "l.csv"}
CELLXGENE = {"collection": "0" * 8 + "-0000" * 3 + "-" + "0" * 12, "dataset": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}


def the_files_that_are_said(toy, said):
    """Add the key that the message shows, and its like for the barcodes."""
    features = yaml.safe_load(said.split("`")[1].replace("...", SHA))
    barcodes = {"url": features["features"]["url"].replace("features", "barcodes"), "sha256": SHA}
    toy.set(**features, barcodes=barcodes)


MEETS = [
    (
        loaded(source=PACKAGE, h5ad={}),
        {
            "config.checks: name the member of the counts and that of the labels (`table.counts`, `table.labels`)": use(
                h5ad=None, table=MEMBERS
            ),
            "config.checks: unpack the file and give its path (`local_file`)": use(source={"local_file": "toy.h5ad"}),
        },
    ),
    (
        loaded(source={"cellxgene": CELLXGENE}, loom={}),
        {"config.checks: write `h5ad: {}` in place of `…`": use(loom=None, h5ad={})},
    ),
    (
        loaded(**TABLE_ALONE, labels=PACKAGE),
        {
            "config.checks: give `local_file`": use(labels=LABELS),
            "config.checks: one of `url`, `figshare` and `zenodo`": use(labels={"url": "https://h/l.csv", "bytes": 1}),
        },
    ),
    (
        loaded(source=MATRIX, mtx={}),
        {
            "config.checks: say where they are, as `…: { url: …, sha256: ... }`": the_files_that_are_said,
            "config.checks: download the folder and give the path of its matrix (`local_file`)": use(
                source={"local_file": "matrix.mtx.gz"}
            ),
        },
    ),
    (loaded(features=LABELS), {"config.checks: remove it": use(features=None)}),
    (
        loaded(values="normalised"),
        {
            f"config.checks: {RAW}": use(values="counts", h5ad={"counts": "layers/counts"}),
            "config.checks: set … in this file": lay,
        },
    ),
    (
        loaded(values="expected_counts", treatment={"thin": 0.5}),
        {
            "config.checks: remove `treatment`": use(treatment=None),
            "config.checks: read raw counts and declare `values: counts`": use(values="counts"),
        },
    ),
    (
        loaded(treatment={"thin": 0.5, "twin": "first"}),
        {"config.treatment_model: give one of `thin`, `one_total`, `twin` and `change`": use(treatment={"thin": 0.5})},
    ),
    (
        loaded(treatment={"change": {"gene": "INS", "factor": 2, "add": 1}}),
        {
            "config.treatment_model: give `factor` alone": use(treatment={"change": {"gene": "INS", "factor": 2}}),
            "config.treatment_model: give `add` alone": use(treatment={"change": {"gene": "INS", "add": 1}}),
        },
    ),
    (loaded(values="cpm"), {"config.checks: set … in this file": lay, f"config.checks: {RAW}": use(values="counts")}),
    (
        loaded(source=None, parts={"a": {"source": URL}, "b": {"source": {**URL, "bytes": 2}}}),
        {
            "config.checks: give each a `file` of its own": lambda toy, said: toy.datasets["toy"]["parts"]["b"][
                "source"
            ].update(file="b.h5ad")
        },
    ),
    (
        loaded(source={**URL, "terms": "unstated"}),
        {
            "config.checks: set `accept_terms: true` here if you may use them": use(
                source={**URL, "terms": "unstated", "accept_terms": True}
            ),
            "config.checks: set `local_file` to its path if you have the file already": use(
                source={**URL, "terms": "unstated", "local_file": "toy.h5ad"}
            ),
        },
    ),
    (loaded(labels=LABELS), {"config.checks: remove `…`": use(labels=None)}),
    (
        loaded(**TABLE, labels=LABELS),
        {
            "config.checks: give `….labels` alone (…)": use(labels=None),
            "config.checks: give `…` alone (a source)": use(table={}),
        },
    ),
    (
        loaded(source={"local_file": "a.zip"}, table={"counts": "c.csv"}, labels=LABELS),
        {
            "config.checks: give `table.labels`, the member that holds them, in place of `…`": use(
                table={"counts": "c.csv", "labels": "l.csv"}, labels=None
            )
        },
    ),
    (
        loaded(source={**URL, "file": "toy.h5ad"}, h5ad={"member": "toy.h5ad"}),
        {
            "config.checks: remove `member`": use(h5ad={}),
            "config.checks: give the archive a name that does (`source.file`)": use(
                source={**URL, "file": "toy.h5ad.zip"}
            ),
        },
    ),
    (
        loaded({"geneformer": {"release": "v1_dictionaries"}}, spaces=["rank", "geneformer"]),
        {
            "config.checks: set `release: v1_10m` in `…` (downloads 41 MB)": in_the_section_that_is_said,
            "config.checks: leave these spaces out": use(spaces=["rank"]),
        },
    ),
    (
        loaded({"models": {"more": {"model": "geneformer"}}}, spaces=["rank", "more"]),
        {
            "config.checks: set `release: v1_10m` in `…` (downloads 41 MB)": in_the_section_that_is_said,
            "config.checks: leave these spaces out": use(spaces=["rank"]),
        },
    ),
    (
        loaded({"geneformer": {"pooling": "cls"}}, spaces=MODELS),
        {"config.checks: set `pooling: cell` in `…`": in_the_section_that_is_said},
    ),
    (
        loaded({"models": {"more": {"model": "geneformer", "pooling": "cls", "release": "v1_10m"}}}, spaces=["more"]),
        {"config.checks: set `pooling: cell` in `…`": in_the_section_that_is_said},
    ),
    (
        shared(bytes=11),
        {"config.checks: make them the same": use("other", source={"package": "toy==1.0", "sha256": SHA, "bytes": 10})},
    ),
    (loaded(similar=[["a"], ["a"]]), {"config.common_models: name each once": use(similar=[["a"], ["b"]])}),
    (
        loaded(genes={"method": "flagged"}),
        {
            "config.common_models: give `column`, the true/false column of the genes": use(
                genes={"method": "flagged", "column": "x"}
            )
        },
    ),
    (
        loaded(spaces=["rnk"]),
        {
            "config.common_models: name spaces that there are: …": lambda toy, said: toy.set(spaces=named(said)[:3]),
            "config.common_models: name an encoding with another measure, such as expression@cosine or "
            "rank@cosine-centred": lambda toy, said: toy.set(spaces=["expression@cosine", "rank@cosine-centred"]),
        },
    ),
    (
        loaded(cell_type=None),
        {"config.dataset_model: write `cell_type:` (the column of the labels that holds it)": use(cell_type="kind")},
    ),
    (
        loaded(keep={"column": "lane", "values": ["None", "L1"]}),
        {"config.dataset_model: write `missing: []`, or other words that mean so": lay},
    ),
    (loaded(h5ad={}, rds={}), {"config.dataset_model: keep the one that the file is": use(rds=None)}),
    (
        loaded(parts=TWO_PARTS),
        {
            "config.dataset_model: give `source` alone": use(parts=None),
            "config.dataset_model: give `parts` alone, with a `source` each": use(source=None),
        },
    ),
    (
        loaded(donors={"source": LABELS, "key": "id"}),
        {"config.dataset_model: give `donor`, that column of the cells": use(donor="who")},
    ),
    (
        loaded(source=None, parts={"a": {"source": LABELS}}, labels=LABELS, table={}),
        {
            "config.dataset_model: give those of each part under the part (`parts.<name>.…`)": use(
                labels=None, parts={"a": {"source": LABELS, "labels": LABELS}}
            )
        },
    ),
    (
        loaded(source={"local_file": "matrix.mtx.gz"}),
        {
            "config.dataset_model: add `table:` (CSV, TSV) with its keys": use(
                source=LABELS, table={"labels": "l.csv"}
            ),
            **{
                f"config.dataset_model: `{name}: {{}}`{note}": lay
                for name, note in (
                    ("h5ad", ""),
                    ("rds", ""),
                    ("mtx", " (10x folder)"),
                    ("tenx_h5", " (10x HDF5)"),
                    ("loom", ""),
                )
            },
        },
    ),
    (
        loaded(batch={"column": "lane", "pattern": "_B[0-9]$"}),
        {
            "config.labels_model: put what is wanted in exactly one group, as in '_(B[0-9])$'": use(
                batch={"column": "lane", "pattern": "_(B[0-9])$"}
            )
        },
    ),
    (loaded(titles="x"), {"config.explain: the keys here are …": use(titles=None)}),
    (
        loaded(title=None),
        {"config.explain: write `…:` (…)": lambda toy, said: toy.set(**{said.split("`")[1].strip(":"): "toy"})},
    ),
    (loaded(title=5), {"config.explain: put it in quotes: '…'": as_yaml("title")}),
    (loaded(batch=7), {"config.explain: put it in quotes: '…'": as_yaml("batch")}),
    (loaded(cell_type=True), {"config.explain: put the word in quotes: 'yes' or 'no'": use(cell_type="yes")}),
    (loaded({"seeds": [True]}), {"core.strict: write the number": study(seeds=[1])}),
    (loaded(spaces="rank"), {"config.explain: put it in brackets: […]": as_yaml("spaces")}),
    (
        loaded(selection=20),
        {
            "config.explain: write its keys below it, indented: …": lambda toy, said: toy.set(
                selection={named(said)[0]: 20}
            )
        },
    ),
    (
        loaded({"datasets": ["tyo"]}),
        {
            "config.find: write that file": lambda toy, said: toy.set("tyo", **toy.datasets["toy"]),
            "config.find: name one of the …s …": lambda toy, said: toy.studying(datasets=[said.split()[-1]]),
        },
    ),
    (
        called("Models"),
        {
            (
                "config.common_models: rename it: a lower-case letter, then at most 99 lower-case letters, "
                "digits and _, such as cells_2"
            ): rename
        },
    ),
    (
        loaded(source={"local_file": "run{1}/toy.h5ad"}),
        {
            "core.strict: rename the file or folder": use(source={"local_file": "run1/toy.h5ad"}),
            "core.strict: make a link without braces to it, and name that": use(source={"local_file": "link.h5ad"}),
        },
    ),
    (called("models"), {"config.study_model: give config/datasets/….yaml another name": rename}),
    (called("release"), {"config.checks: give … another name": rename}),
    (
        loaded({"controls": ["one-hat"]}),
        {"config.study_model: name controls that there are: …": lambda toy, said: toy.studying(controls=named(said))},
    ),
    (
        loaded({"controls": ["detection"]}),
        {"config.study_model: name it in `spaces`": study(controls=[], spaces=["rank", "detection"])},
    ),
    (
        loaded({"training": {"hidden": 130, "heads": 4}}),
        {
            "config.study_model: set `hidden: …`": lambda toy, said: toy.studying(
                training={**yaml.safe_load(said.split("`")[1]), "heads": 4}
            )
        },
    ),
]
