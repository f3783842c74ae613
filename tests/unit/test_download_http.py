"""A file comes over HTTP whole, verified and described, or not at all, and the message says why."""

import datetime
import hashlib
import json
import logging
import random
import shutil
from collections import namedtuple

import pytest

from rankstudy.download import Download, Patience, fetch
from rankstudy.errors import StudyError
from tests.unit.badserver import (
    chunked,
    hang_up,
    html,
    redirect,
    running,
    serve,
    silent,
    stall,
    status,
    truncate,
)

CONTENT = random.Random(1).randbytes(300_000)
SHA, MD5 = (hashlib.new(name, CONTENT).hexdigest() for name in ("sha256", "md5"))
QUICK = Patience(connect=5, read=0.3, attempts=3, progress_bytes=1000, first_delay=0.01, longest_delay=0.02)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with running() as server:
        yield server


@pytest.fixture
def get(tmp_path):
    """Return a function that fetches to tmp_path/out/file and returns the content and the manifest."""

    def get(*addresses, patience=QUICK, **known):
        known = {"sha256": SHA, **known} if not known.keys() & {"md5", "bytes", "unverified"} else known
        path = tmp_path / "out" / "file"
        download = Download(what="the file", addresses=addresses, **known)
        fetch(download, path, tmp_path / "out" / "file.json", locks=tmp_path / "locks", patience=patience)
        return path.read_bytes(), json.loads((tmp_path / "out" / "file.json").read_text())

    return get


def test_a_file_is_fetched_verified_and_described(server, get, tmp_path):
    address = server.on("/a/file", serve(CONTENT))
    content, manifest = get(
        f"{address}?download=1", sha256=SHA, md5=MD5, bytes=len(CONTENT), version="v2", licence="CC0"
    )
    assert content == CONTENT
    assert manifest.pop("downloaded") == datetime.date.today().isoformat()
    assert manifest == {"address": address, "bytes": 300_000, "sha256": SHA, "version": "v2", "licence": "CC0"}
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["file", "file.json"]
