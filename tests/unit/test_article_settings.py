"""The article says everything that was set: each key of each schema stands in the table `run` and on the page."""

import re

import pandas as pd
import pytest
import yaml

from rankstudy.cells.tables import SOURCE_PARTS
from rankstudy.config.dataset_model import BESIDE, Dataset
from rankstudy.config.formats_model import FORMATS
from rankstudy.config.ontology import OntologyRelease
from rankstudy.config.release import Release
from rankstudy.config.study_model import Study
from rankstudy.report.article.about import describe
from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import Page, check_numbers, words_of
from tests.unit.config_files import SHA, load, write_dataset
from tests.unit.schema_keys import leaves_of

MD5, UUID = "b" * 32, "01234567-89ab-cdef-0123-456789abcdef"
KNOWN = {"bytes": 17, "sha256": SHA, "md5": MD5}
TERMS = {"terms": "unstated", "accept_terms": True, "terms_note": "Nobody says."}
SOURCES = [
    {"url": ["https://host/x.h5ad?token=secret", "https://mirror/x.h5ad"], **KNOWN, **TERMS, "file": "kept.h5ad"},
    {"figshare": 23, "file": "kept.h5ad", "unverified": True},
    {"zenodo": {"record": 29, "file": "kept.h5ad"}},
    {"cellxgene": {"collection": UUID, "dataset": UUID, "version": UUID}},
    {"package": "toy==1.0", "sha256": SHA},
    {"local_file": "/secret/place/kept.h5ad"},
]
LABELS = {"column": "a column", "pattern": "(.)", "otherwise": "nothing"}
SAID = {
    "title": "A title",
    "keep": {"column": "kept", "values": ["yes", "maybe"]},
    "cell_type": {**LABELS, "column": "kind"},
    "batch": {**LABELS, "column": "lane"},
    "donor": {**LABELS, "column": "who"},
    "ontology": {"column": "ids", "by_name": True, "terms": {"alpha": "CL:0000171"}},
    "similar": [["alpha", "beta"], ["gamma"]],
    "values": "expected_counts",
    "organism": "Mus musculus",
    "protocol": "Drop-seq",
    "expect": {"cells": 31, "genes": 37, "cell_types": 41, "qualifying_types": 43, "donors": 47},
    "licence": "CC0",
    "spaces": ["rank", "trained-here", "geneformer"],
    "selection": {"min_cells": 53, "cells_per_type": 59, "cell_types": ["alpha", "beta"]},
    "genes": {"method": "flagged", "number": 61, "column": "chosen"},
}
# what is said of each format, beside its defaults
OPTIONS = {
    "table": {
        "counts": "in/c.csv",
        "rows": "cells",
        "labels": "in/l.csv",
        "labels_key": "cell_number",
        "separator": "tab",
        "labels_separator": "comma",
        "decimal": "comma",
    },
    "h5ad": {"counts": "layers/raw", "gene_names": "ids"},
    "rds": {"assay": "RNA", "layer": "raw"},
    "mtx": {"gene_names": "symbols", "labels": "/secret/place/l.tsv", "labels_separator": "semicolon"},
    "tenx_h5": {
        "gene_names": "symbols",
        "genome": "GRCh38",
        "labels": "/secret/place/l.tsv",
        "labels_separator": "space",
    },
    "loom": {"counts": "layers/raw", "cell_names": "c", "gene_names": "g"},
}
FILE = {"path": "in/file", "bytes": 67, "sha256": SHA}
FILES = dict.fromkeys(("tokens", "medians", "names", "mapping"), FILE) | {
    "config": {**FILE, "path": "m/config.json"},
    "weights": {**FILE, "path": "m/model.safetensors"},
}
RELEASE = {"title": "A release", "version": "V2", "files": FILES, "licence": "MIT"}
ONTOLOGY = {"title": "An ontology", "root": "CL:0000001", "licence": "CC BY"}
MODELS = {"geneformer": {"release": "mine", "pooling": "cls"}, "ontology": {"release": "mine"}}

SMALL = {"datasets": ["first"], "seeds": [0], "spaces": ["rank", "expression"]}

# what is in no row, and why: it changes no number ...
OF_JOBS = {
    *("pairs.cells_per_block", "pairs.cells_per_encoding_job", "pairs.threads"),
    *("geneformer.cells_per_job", "geneformer.tokens_per_batch"),
}
# ... or it is quoted elsewhere on the page, or says only that somebody may use the data
WORDS = {"citations", "terms_note", "accept_terms"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def write(folder, kind, content):
    path = folder / "config" / kind / "mine.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))


TREATMENTS = [
    {"thin": 0.5},
    {"one_total": 1000},
    {"twin": "first"},
    {"change": {"gene": "INS", "factor": 2.0}},
    {"change": {"gene": "INS", "add": 3}},
]


STATES = {"within": "nothing", "unit": "donor", "neighbours": 7, "cells": 77, "relabellings": 777}


def studies(folder):
    """Yield what was configured, by key, and the rows of the article, of studies that together say everything."""
    for stated in SOURCES:
        source = {**stated, "local_file": "/secret/place/kept.h5ad"}  # any source may have it, and be of any file
        member = {"member": {**FILE, "path": "x.obo"}} if "package" in source else {}
        of_ontology = {"local_file": "/secret/place/x.obo", "sha256": SHA, "unverified": False}
        write(folder, "ontology", {**ONTOLOGY, "source": {**source, **of_ontology}, **member})
        of_models = {**RELEASE, "package": source}
        files = {"source": source, **dict.fromkeys(BESIDE, source)}
        for dataset in (files, {"parts": {"p": {**files, "cells": 71}}}):
            yield study(folder, {**SAID, **dataset, "mtx": {}, "donors": {"key": "who", "source": source}}, of_models)
    for name, options in OPTIONS.items():
        of_models = {**RELEASE, "local_folder": "/secret/place/gf"}
        ending = {"mtx": "matrix.mtx", "h5ad": "x.h5ad"}.get(name, f"x.{name}")
        yield study(folder, {**SAID, "source": {"local_file": f"/secret/place/{ending}"}, name: options}, of_models)
    of_models = {**RELEASE, "repository": "https://host/gf", "revision": "c" * 40}
    zipped = {"source": {"local_file": "/secret/place/x.h5ad.zip"}, "h5ad": {"member": "in/x.h5ad"}}
    yield study(folder, {**SAID, **zipped}, of_models)
    for treatment in TREATMENTS:
        treated = {"source": {"local_file": "/secret/place/x.h5ad"}, "values": "counts", "treatment": treatment}
        yield study(folder, {**SAID, **treated}, of_models)
    h5ad = {"source": {"local_file": "/secret/place/x.h5ad"}}
    embeddings = {
        "mine": {"file": "/secret/place/v.npz", "ids": "names", "array": "v", "title": "Mine", "measure": "cosine"},
        "theirs": {"obsm": "X_theirs"},
    }
    donors = {"key": "who", "source": {"local_file": "/secret/place/d.csv"}}
    for condition in ({"donors": "ill"}, {"column": "c", "pattern": "^(.)", "otherwise": "x"}):
        more = {"embeddings": embeddings, "states": {**STATES, "condition": condition}, "donors": donors}
        yield study(folder, {**SAID, **h5ad, **more}, of_models)
    write_dataset(folder, "member", {"title": "Of another", "source": SOURCES[-1], "cell_type": "t", "batch": "b"})
    combined = {"title": "Combined", "combine": {"member": {"labels": {"t": "alpha"}, "batch": "own"}}, "ontology": {}}
    yield study(folder, combined, of_models)


def study(folder, dataset, release):
    write_dataset(folder, "toy", {})  # with the releases of the repository
    write(folder, "geneformer", release)
    (folder / "mine.py").write_text("")
    more = {"plugins": [str(folder / "mine.py")], "models": {"again": {"model": "geneformer", "layer": 0}}}
    more["lattice"] = {"ledgers": ["rank"]}
    more |= {"text": {"lists": {"list": {}}, "genes": {"w": {"texts": "hgnc"}}}}
    more["spaces"] = [*Study.model_fields["spaces"].default, "list", "w"]
    rows = describe(load(folder, dataset, config={**MODELS, **more}))["settings"]
    assert len({row["key"] for row in rows}) == len(rows)
    return {f"toy.{key}": value for key, value in flat(dataset)} | dict(flat(MODELS)), rows


def flat(section, key=""):
    for name, value in section.items():
        if isinstance(value, dict):
            yield from flat(value, f"{key}{name}.")
        else:
            yield f"{key}{name}", value


@pytest.fixture
def said(tmp_path):
    """Return the rows of all these studies, by key."""
    return {row["key"]: row for _, rows in studies(tmp_path) for row in rows}


@pytest.mark.parametrize(
    ("schema", "prefix"), [(Dataset, "toy."), (Study, ""), (Release, "release."), (OntologyRelease, "ontology.")]
)
def test_every_key_of_every_schema_is_a_setting(said, schema, prefix):
    wanted = {f"{prefix}{key}" for key in leaves_of(schema) if not WORDS & set(key.split("."))} - OF_JOBS
    if schema is Study:  # these stand under each data set
        wanted = {f"toy.{key}" if key.split(".")[0] in ("spaces", "selection", "genes") else key for key in wanted}
    assert len(wanted) > 10
    patterns = {key: re.escape(key).replace(r"\*", ".+") for key in wanted}
    assert [key for key, pattern in patterns.items() if not any(re.fullmatch(pattern, k) for k in said)] == []


def test_every_value_is_the_one_that_was_configured(tmp_path):
    seen = set()
    for configured, rows in studies(tmp_path):
        values = {row["key"]: row["value"] for row in rows}
        for key, value in configured.items():
            if not WORDS & set(key.split(".")) and not key.startswith("toy.spaces"):
                assert values[key] == expected(key, value), key
                seen.add(key)
    assert len(seen) > 120


def expected(key, value):
    if key.endswith(".url"):
        return "https://host/x.h5ad, https://mirror/x.h5ad"
    if key.endswith((".local_file", "mine.file", "mtx.labels", "tenx_h5.labels")):
        return value.rpartition("/")[2]
    if key.endswith(".similar"):
        return "alpha, beta; gamma"
    return ", ".join(value) if isinstance(value, list) else str(value)


def test_no_row_holds_a_secret_or_a_place_on_this_machine(said):
    assert not [row for row in said.values() if "secret" in str(row["value"])]
    assert not [key for key, row in said.items() if not row["meaning"]]


def test_every_setting_is_in_the_table_and_on_the_page(tmp_path, said):
    inputs = Inputs(tmp_path / "article", **SMALL)
    mine = {row["key"]: row for row in inputs.about["settings"]}
    inputs.about["settings"] = list((said | mine).values())
    page = Page((inputs.build() / "methods.html").read_text())
    table = pd.read_parquet(inputs.of_article["run"]["parquet"]).set_index("key")["value"]
    in_code = {text for text, around in page.texts if around and around[-1][0] == "code"}
    shown = {text for text, _ in page.texts}
    for key, row in said.items():
        assert key in in_code and key in table.index, key
        if key not in mine and row["value"] is not None:
            assert row["value"] in shown and table[key] == row["value"], key
    folded = [around for text, around in page.texts if text == "toy.batch.pattern"]
    assert folded and all("details" in [tag for tag, _ in around] for around in folded)


def test_all_formats_are_among_these_studies():
    assert set(OPTIONS) == set(FORMATS)


def of_parts(frame, members):
    """Return a table `source_parts` of two files, by the member that each is of."""
    two = frame.head(2).assign(part=list(members), member=list(members.values()))
    return two.assign(n_genes=[20125, 33694], n_lost=[3621, 7], share_lost=[0.1234, 0.0])


def test_files_titles_and_lost_values_of_a_combined_data_set(tmp_path):
    inputs = Inputs(tmp_path, **SMALL)
    for name, source in (("plates", SOURCES[2]), ("drops", SOURCES[5])):
        write_dataset(tmp_path, name, {"title": f"The {name}", "source": source, "cell_type": "t"})
    about = describe(load(tmp_path, {"title": "Both", "combine": {"plates": {}, "drops": {}}}))
    inputs.about["settings"] += [row for row in about["settings"] if row["key"].startswith(("plates.", "drops."))]
    inputs.about["datasets"]["first"]["files"] = about["datasets"]["toy"]["files"]
    inputs.change("first", SOURCE_PARTS, lambda frame: of_parts(frame, {"plates": "plates", "drops": "drops"}))
    page = inputs.build()
    words = words_of(page)
    assert "plates The plates kept.h5ad of Zenodo record 29 ; no hash is stated, so none was checked" in words
    assert "20,125 3,621 12.3%" in words and "drops The drops kept.h5ad , given as a file" in words
    assert "the total is that of the cell in its own file, over the genes that other files lack too" in words
    assert check_numbers(page, tmp_path) > 150


def test_files_of_a_data_set_of_several(tmp_path):
    parts = {"one": {"source": SOURCES[0]}, "two": {"source": {**SOURCES[0], "file": "two.h5ad"}}}
    inputs = Inputs(tmp_path, **SMALL, source=None, parts=parts)
    inputs.change("first", SOURCE_PARTS, lambda frame: of_parts(frame, {"one": None, "two": None}))
    words = words_of(inputs.build())
    assert f"one https://host/x.h5ad, https://mirror/x.h5ad ; SHA-256 {SHA}" in words and "12.3%" in words


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (SOURCES[0], f"https://host/x.h5ad, https://mirror/x.h5ad, 17 bytes; SHA-256 {SHA}"),
        ({**SOURCES[3], "md5": MD5}, f"data set {UUID} of CELLxGENE; MD5 {MD5}"),
        (SOURCES[4], "package toy==1.0, opened as the archive it is, never installed; SHA-256"),
    ],
)
def test_where_the_only_file_comes_from_what_its_values_are_and_which_genes_are_left_out(tmp_path, source, shown):
    how = {"table": OPTIONS["table"]} if "package" in source else {"h5ad": {}}
    words = words_of(Inputs(tmp_path, **SMALL, source=source, **how, values="by_batch").build())
    assert shown in re.sub(r" ([;,])", r"\1", words) and "Files of the data set" not in words
    assert "counts in the batches whose values are whole; the others are used for ranks only" in words
    assert "Genes without a count in these cells are left out before." in words
    assert "the total is that of the cell in its own file" not in words
