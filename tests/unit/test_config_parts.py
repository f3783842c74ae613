"""Data sets of several files as the rules use them, and what is refused of them."""

import re
from types import SimpleNamespace

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.report.article.about import describe
from tests.unit.config_files import SHA, load
from tests.unit.helpers import ROOT

TABLES = {
    "title": "plates",
    "parts": {
        "one": {
            "source": {"url": "https://host/1/counts.csv", "bytes": 1, "file": "one.csv"},
            "labels": {"url": "https://host/1/labels.csv", "sha256": SHA, "file": "one.labels.csv"},
            "cells": 7,
        },
        "two": {"source": {"local_file": "two.csv"}, "labels": {"url": "https://host/2/l.csv", "bytes": 2}},
    },
    "table": {"rows": "cells"},
    "keep": {"column": "class", "values": ["SNG"]},
    "cell_type": "kind",
    "batch": "part",
}
ATLAS = {
    "title": "atlas",
    "parts": {
        "liver": {"source": {"figshare": 3, "file": "TS.liver.h5ad.zip", "bytes": 3, "md5": "0" * 32}},
        "lung": {"source": {"local_file": "lung.h5ad"}},
    },
    "cell_type": "kind",
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def toy(folder, dataset, **changes):
    return load(folder, dataset, **changes).datasets["toy"]


def test_each_part_is_read_with_its_own_labels(tmp_path):
    plan = toy(tmp_path, TABLES)
    one, two = plan.parts.values()
    assert list(plan.parts) == ["one", "two"] and plan.several_parts
    assert one.files == {"matrix": "resources/toy/one.csv", "labels": "resources/toy/one.labels.csv"}
    assert two.files == {"matrix": "two.csv", "labels": "resources/toy/l.csv"}
    assert one.read == {
        "format": "table",
        "counts": None,
        "rows": "cells",
        "labels": "resources/toy/one.labels.csv",
        "labels_key": "cell_name",
        "separator": None,
        "labels_separator": None,
        "decimal": None,
        "feature_types": ["Gene Expression"],
    }
    assert (one.model.cells, two.model.cells) == (7, None)
    nothing = {"bytes": None, "sha256": None, "md5": None}
    assert one.verified == {"matrix": {**nothing, "bytes": 1}, "labels": {**nothing, "sha256": SHA}}
    assert plan.keep == {"column": "class", "values": ["SNG"]}
    assert plan.annotations["batch"] == {"column": "part", "pattern": None, "otherwise": None}


def test_every_file_is_downloaded_under_its_name_and_local_ones_are_not(tmp_path):
    downloads = toy(tmp_path, TABLES).downloads
    assert {name: source["url"] for name, source in downloads.items()} == {
        "resources/toy/one.csv": "https://host/1/counts.csv",
        "resources/toy/one.labels.csv": "https://host/1/labels.csv",
        "resources/toy/l.csv": "https://host/2/l.csv",
    }  # fmt: skip
    assert (
        downloads["resources/toy/one.labels.csv"]["sha256"] == SHA and "terms" not in downloads["resources/toy/one.csv"]
    )


def test_the_labels_of_a_single_table_can_be_a_source_of_their_own(tmp_path):
    parts = TABLES["parts"]["one"]
    plan = toy(tmp_path, TABLES, parts=None, source=parts["source"], labels=parts["labels"])
    [part] = plan.parts.values()
    assert (
        part.files == {"matrix": "resources/toy/one.csv", "labels": "resources/toy/one.labels.csv"}
        and not plan.several_parts
    )
    assert part.read["labels"] == "resources/toy/one.labels.csv"


def test_a_file_that_two_parts_share_is_one_download(tmp_path):
    shared = {"url": "https://host/labels.csv", "bytes": 9}
    parts = {name: {**TABLES["parts"][name], "labels": shared} for name in ("one", "two")}
    assert sorted(toy(tmp_path, TABLES, parts=parts).downloads) == ["resources/toy/labels.csv", "resources/toy/one.csv"]


def test_a_zipped_h5ad_is_read_where_it_is_unpacked(tmp_path):
    plan = toy(tmp_path, ATLAS, h5ad={"member": "TS/liver.h5ad"}, parts={"liver": ATLAS["parts"]["liver"]})
    liver = plan.parts["liver"]
    assert liver.is_zipped and liver.downloaded == "resources/figshare/3/TS.liver.h5ad.zip"
    assert liver.path == "resources/toy/unpacked/liver.h5ad" and liver.files == {"matrix": liver.path}
    # the archive's size and hash are checked before it is unpacked, and are not those of the h5ad
    assert liver.of_download == {"bytes": 3, "sha256": None, "md5": "0" * 32}
    assert liver.verified == {"matrix": {"bytes": None, "sha256": None, "md5": None}}
    assert (
        liver.read["format"] == "h5ad"
        and liver.read["counts"] == "X"
        and "member" not in liver.read
        and liver.options["member"]
    )


def test_zipped_and_plain_h5ads_stand_side_by_side(tmp_path):
    parts = toy(tmp_path, ATLAS).parts
    assert [part.is_zipped for part in parts.values()] == [True, False]
    assert parts["lung"].path == "lung.h5ad" and parts["lung"].format == "h5ad"


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, "counts"),
        ({"spaces": ["rank"]}, "proportions"),
        ({"spaces": ["rank"], "genes": {"method": "all"}}, "order"),
        ({"spaces": ["expression"], "genes": {"method": "all"}}, "proportions"),
    ],
)
def test_what_the_most_demanding_step_needs(tmp_path, changes, needed):
    plan = toy(tmp_path, ATLAS, values="by_batch", **changes)
    assert plan.needs == needed and plan.used_as_counts is (needed != "order")


SOURCE = {"local_file": "a.h5ad"}
NO_LABELS = {name: {"source": part["source"]} for name, part in TABLES["parts"].items()}
SAME_NAME = {f"p{n}": {"source": {"url": f"https://host/{n}/x.h5ad", "bytes": n}} for n in (1, 2)}


@pytest.mark.parametrize(
    ("dataset", "changes", "message"),
    [
        (
            ATLAS,
            {"source": SOURCE},
            r"names no file, or both one and several; give `source` alone, or give `parts` alone",
        ),
        (ATLAS, {"parts": None}, r"names no file, or both one and several"),
        (ATLAS, {"parts": {}}, r"toy\.yaml: parts: .*at least 1 item"),
        (ATLAS, {"parts": {"a": {}}}, r"parts\.a\.source: is missing; write `source:`"),
        (ATLAS, {"parts": {"A b": {"source": SOURCE}}}, r"parts\.A b.*: 'A b' is no name; rename it"),
        (
            ATLAS,
            {"parts": {"a": {"source": {"local_fil": "x"}}}},
            r"parts\.a\.source\.local_fil: unknown key \(did you mean 'local_file'\?\)",
        ),
        (
            ATLAS,
            {"parts": SAME_NAME},
            r"parts: several files would be kept as resources/toy/x\.h5ad; give each a `file` of its own",
        ),
        (
            ATLAS,
            {"h5ad": {"member": "x.h5ad"}},
            r"h5ad\.member: lung\.h5ad is read as it is, for its name does not end in \.zip",
        ),
        (
            ATLAS,
            {"parts": {"a": {"source": SOURCE, "labels": SOURCE}}},
            r"parts\.a\.labels: only these have their labels in a file of their own: `table`, `mtx`, `tenx_h5`",
        ),
        (ATLAS, {"parts": {"a": {"source": {"local_file": "a.rds.zip"}}}}, r"says not how to read the file"),
        (ATLAS, {"keep": {"column": "x", "values": []}}, r"keep\.values: .*at least 1 item"),
        (TABLES, {"labels": SOURCE}, r"labels: stands beside `parts`, .*; give those of each part under the part"),
        (
            TABLES,
            {"parts": NO_LABELS},
            (
                r"table\.labels: is missing; give `table\.labels` alone .*, or give `parts\.one\.labels` alone "
                r"\(a source\)"
            ),
        ),
        (TABLES, {"table": {"labels": "l.csv"}}, r"table\.labels: stands beside `parts\.one\.labels`; give"),
        (
            TABLES,
            {"table": {"counts": "c.csv"}},
            r"parts\.one\.labels: `table\.counts` names a member of an archive.*give `table\.labels`",
        ),
    ],
)
def test_errors_of_parts(tmp_path, dataset, changes, message):
    with pytest.raises(StudyError) as error:
        load(tmp_path, dataset, **changes)
    assert re.search(message, str(error.value)), str(error.value)
    assert str(error.value).startswith(str(tmp_path / "config/datasets/toy.yaml"))


def test_the_terms_of_every_file_have_to_be_accepted(tmp_path):
    parts = {
        "a": {"source": {"url": "https://host/a.h5ad", "bytes": 1, "terms": "unstated", "terms_note": "Nothing said."}}
    }
    with pytest.raises(StudyError, match=r"nobody states the terms of these data: Nothing said\."):
        load(tmp_path, ATLAS, parts={**ATLAS["parts"], **parts})
    labels = {**TABLES["parts"]["one"]["labels"], "terms": "consent"}
    with pytest.raises(StudyError, match="these data need the consent of their owner"):
        load(tmp_path, TABLES, parts={"one": {**TABLES["parts"]["one"], "labels": labels}})


def test_the_article_lists_the_files_of_every_part(tmp_path):
    rows = {row["key"]: row["value"] for row in describe(load(tmp_path, TABLES))["settings"]}
    assert (
        rows["toy.parts.one.source.url"] == "https://host/1/counts.csv" and rows["toy.parts.one.labels.sha256"] == SHA
    )
    assert rows["toy.parts.two.source.local_file"] == "two.csv" and rows["toy.parts.two.labels.bytes"] == "2"
    assert rows["toy.keep.column"] == "class" and rows["toy.keep.values"] == "SNG"


def test_the_script_that_unpacks_checks_the_archive_first(tmp_path, monkeypatch):
    script = (ROOT / "workflow/scripts/unpack_part.py").read_text()
    (tmp_path / "a.zip").write_bytes(b"not what was published")
    job = SimpleNamespace(
        input=SimpleNamespace(archive=str(tmp_path / "a.zip")),
        output=SimpleNamespace(file=str(tmp_path / "a.h5ad")),
        params=SimpleNamespace(member=None, verified={"bytes": None, "sha256": SHA, "md5": None}),
    )
    body = script.split("with start(snakemake):\n", 1)[1]
    code = "\n".join(line.removeprefix("    ") for line in body.splitlines())
    with pytest.raises(StudyError, match=r"a\.zip: the file's sha256 is \w{64}, expected a{64}"):
        exec(code, {"snakemake": job})
    assert not (tmp_path / "a.h5ad").exists()
