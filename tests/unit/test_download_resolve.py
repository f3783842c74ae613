"""What a YAML names as a source becomes addresses and what is known of the file; services are asked where needed."""

import hashlib
import json

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.download import fetch, kept
from rankstudy.sources.download.resolve import Services, resolve
from rankstudy.sources.download.source import download_source
from rankstudy.sources.source import Source
from tests.unit.badserver import html, redirect, serve, status
from tests.unit.fetching import CONTENT, MD5, QUICK, SHA, left

COLLECTION, DATASET, VERSION, OTHER = (f"{c * 8}-{c * 4}-{c * 4}-{c * 4}-{c * 12}" for c in "abcd")


def answer(value):
    return serve(json.dumps(value).encode(), kind="application/json")


@pytest.fixture
def services(server):
    return Services(*(server.address(path) for path in ("/api", "/files", "/zenodo", "/cxg")))


@pytest.fixture
def resolved(services):
    """Return a function that resolves a source against the services of the test."""
    return lambda **source: resolve(Source(**source), what="cells", licence="CC0", services=services, patience=QUICK)


def test_an_address_is_taken_as_it_is(resolved, server):
    download = resolved(url=["https://a/x.h5ad?key=1", "https://b/x.h5ad"], sha256=SHA, bytes=7)
    assert list(download.addresses) == ["https://a/x.h5ad?key=1", "https://b/x.h5ad"]
    assert (download.what, download.licence, download.sha256, download.bytes) == ("cells", "CC0", SHA, 7)
    assert download.details == {"source": {"url": ["https://a/x.h5ad", "https://b/x.h5ad"]}} and not server.asked


def test_figshare_is_asked_by_its_api_first(resolved, server, tmp_path):
    server.on("/api/file/download/7", html(202), status(403))
    server.on("/files/7", redirect(server.on("/storage/x", serve(CONTENT))))
    download = resolved(figshare=7, file="x.h5ad", md5=MD5)
    fetch(download, tmp_path / "x.h5ad", tmp_path / "m.json", locks=tmp_path / "locks", patience=QUICK)
    assert [path for path, _ in server.asked] == ["/api/file/download/7", "/files/7", "/storage/x"]
    manifest = json.loads((tmp_path / "m.json").read_text())
    assert manifest["address"].endswith("/files/7") and manifest["source"] == {"figshare": 7}
    assert (manifest["version"], manifest["licence"], manifest["sha256"]) == ("7", "CC0", SHA)


def test_the_public_services_are_the_default():
    download = resolve(Source(figshare=7, file="x.h5ad", md5=MD5), what="cells")
    assert list(download.addresses) == [
        "https://api.figshare.com/v2/file/download/7",
        "https://ndownloader.figshare.com/files/7",
    ]


ZENODO = {"record": 12, "file": "my cells.zip"}
RECORD = {
    "files": [
        {"key": "a", "size": 1, "checksum": "md5:0"},
        {"key": "my cells.zip", "size": 9, "checksum": f"md5:{MD5}"},
    ]
}


def test_zenodo_tells_size_and_checksum_where_the_yaml_has_none(resolved, server):
    server.on("/zenodo/api/records/12", status(503), answer(RECORD))
    download = resolved(zenodo=ZENODO, file="cells.zip", unverified=True)
    assert (download.bytes, download.md5, download.version, download.unverified) == (9, MD5, "12", False)
    assert [address.partition("/zenodo")[2] for address in download.addresses] == [
        "/api/records/12/files/my%20cells.zip/content",
        "/records/12/files/my%20cells.zip?download=1",
    ]
    server.asked.clear()
    assert resolved(zenodo=ZENODO, file="cells.zip", md5="0" * 32).md5 == "0" * 32 and not server.asked


def cellxgene(version=VERSION, dataset=DATASET, url="https://data/x.h5ad", size=300_000, **changes):
    assets = [
        {"filetype": "RDS", "url": "https://no", "filesize": 1},
        {"filetype": "H5AD", "url": url, "filesize": size},
    ]
    return {"dataset_id": dataset, "dataset_version_id": version, "assets": assets, **changes}


def test_cellxgene_is_asked_for_the_current_version_which_is_recorded(resolved, server, tmp_path):
    url = server.on(f"/{VERSION}.h5ad", serve(CONTENT))
    server.on(f"/cxg/collections/{COLLECTION}", answer({"datasets": [cellxgene(dataset=OTHER), cellxgene(url=url)]}))
    download = resolved(cellxgene={"collection": COLLECTION, "dataset": DATASET})
    fetch(download, tmp_path / "x.h5ad", tmp_path / "m.json", locks=tmp_path / "locks", patience=QUICK)
    manifest = json.loads((tmp_path / "m.json").read_text())
    assert manifest["version"] == VERSION and manifest["bytes"] == len(CONTENT) and manifest["sha256"] == SHA
    assert manifest["source"] == {"cellxgene": {"collection": COLLECTION, "dataset": DATASET, "version": None}}


def test_a_pinned_version_of_cellxgene(resolved, server):
    server.on(f"/cxg/dataset_versions/{VERSION}", answer(cellxgene()))
    download = resolved(cellxgene={"collection": COLLECTION, "dataset": DATASET, "version": VERSION}, sha256=SHA)
    assert (
        download.version == VERSION and list(download.addresses) == ["https://data/x.h5ad"] and download.sha256 == SHA
    )


CURRENT = {"cellxgene": {"collection": COLLECTION, "dataset": DATASET}}
PINNED = {"cellxgene": {**CURRENT["cellxgene"], "version": VERSION}}
BAD_ANSWERS = {
    "zenodo is down": ({"zenodo": ZENODO}, status(504), "answers 504 Gateway Timeout; 3 attempts"),
    "zenodo has no record": ({"zenodo": ZENODO}, status(404), "answers 404 Not Found"),
    "zenodo has no such file": (
        {"zenodo": {**ZENODO, "file": "b"}},
        answer(RECORD),
        "has no file 'b'; its files are a, my cells.zip",
    ),
    "zenodo has another size": (
        {"zenodo": ZENODO, "bytes": 8},
        answer(RECORD),
        "Zenodo has a file of 9 bytes, expected 8",
    ),
    "zenodo has another checksum": (
        {"zenodo": {"record": 12, "file": "a"}},
        answer({"files": [{"key": "a", "size": 1, "checksum": "sha512:0"}]}),
        r"another kind \(sha512\) than md5",
    ),
    "a page": ({"zenodo": ZENODO}, html(), r"answers a web page \(HTML\)"),
    "no json": ({"zenodo": ZENODO}, serve(b"{"), "answers something that is not JSON"),
    "another form": ({"zenodo": ZENODO}, answer([]), "another form than known: `files` is missing or of another kind"),
    "a truth as a number": (
        {"zenodo": {"record": 1, "file": "a"}},
        answer({"files": [{"key": "a", "size": True}]}),
        "`size` is missing",
    ),
    "cellxgene has no such data set": (
        CURRENT,
        answer({"datasets": [cellxgene(dataset=OTHER)]}),
        f"has no data set {DATASET}; it has {OTHER}",
    ),
    "cellxgene has no h5ad": (CURRENT, answer({"datasets": [cellxgene(assets=[])]}), "has 0 H5AD files"),
    "cellxgene has another size": (
        {**CURRENT, "bytes": 5},
        answer({"datasets": [cellxgene()]}),
        rf"version {VERSION}\) has a file of 300,000 bytes, expected 5",
    ),
    "a version of another data set": (
        PINNED,
        answer(cellxgene(dataset=OTHER)),
        f"is a version of {OTHER}, not of {DATASET}",
    ),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_a_service_that_does_not_answer_as_known(server, resolved, case):
    source, behaviour, message = BAD_ANSWERS[case]
    for path in (
        "/zenodo/api/records/12",
        "/zenodo/api/records/1",
        f"/cxg/collections/{COLLECTION}",
        f"/cxg/dataset_versions/{VERSION}",
    ):
        server.on(path, behaviour)
    with pytest.raises(StudyError, match=f"^cells: .*{message}.*To supply the file by hand: .*`source.local_file`"):
        resolved(**({"file": "cells"} | source))


@pytest.fixture
def data_set(server, tmp_path, monkeypatch):
    """Return a function that does what the rule does, after what Snakemake does first: remove the outputs."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "resources" / "toy"
    server.on("/x.h5ad", serve(CONTENT))

    def run(path="/x.h5ad", licence="CC0", **known):
        for name in ("x.h5ad", "x.h5ad.json"):
            (folder / name).unlink(missing_ok=True)
        source = {"url": server.address(path), "file": "x.h5ad", **known}
        download_source("toy", source, str(folder / "x.h5ad"), str(folder / "x.h5ad.json"), licence=licence)
        assert left(folder) == ["x.h5ad", "x.h5ad.json"]
        return (folder / "x.h5ad").read_bytes(), json.loads((folder / "x.h5ad.json").read_text())

    return run


def test_a_rule_that_runs_again_downloads_nothing(data_set, server):
    first = data_set(unverified=True)
    assert first[0] == CONTENT and first[1]["sha256"] == SHA
    assert data_set(unverified=True) == first
    assert data_set(sha256=SHA, licence="CC BY") == (CONTENT, {**first[1], "licence": "CC BY"})
    assert data_set("/another", md5=MD5)[0] == CONTENT
    assert len(server.asked) == 1


@pytest.mark.parametrize("known", [{"sha256": hashlib.sha256(b"new").hexdigest()}, {"bytes": 3}])
def test_another_file_than_the_kept_one_is_downloaded(data_set, server, known):
    data_set(unverified=True)
    server.on("/new", serve(b"new"))
    assert data_set("/new", **known)[0] == b"new"


def test_without_a_hash_a_file_of_another_origin_is_downloaded(data_set, server):
    data_set(bytes=len(CONTENT))
    server.on("/new", serve(CONTENT[::-1]))
    assert data_set("/new", bytes=len(CONTENT))[0] == CONTENT[::-1]


@pytest.mark.parametrize("spoil", ["x.h5ad", "x.h5ad.json"])
def test_what_was_kept_and_spoiled_is_downloaded_anew(data_set, server, tmp_path, spoil):
    data_set(sha256=SHA)
    (tmp_path / "resources/toy/.kept" / spoil).write_bytes(b"{}")
    assert data_set(sha256=SHA)[0] == CONTENT and len(server.asked) == 2


def test_without_hard_links_nothing_is_kept(tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError(95, "Operation not supported")

    (tmp_path / "file").write_text("x")
    monkeypatch.setattr("rankstudy.sources.download.kept.os.link", no_links)
    kept.keep(tmp_path / "file", tmp_path / "file.json")
    known = {"source": {}, "licence": None, "sha256": None, "bytes": None, "md5": None}
    assert not kept.restore(tmp_path / "file", tmp_path / "file.json", **known)
