"""A data set whose file is fetched over HTTP, from a server that is no help."""

import json
import os
import re

import pytest

from tests.unit.badserver import html, redirect, running, serve, truncate
from tests.workflow import generate
from tests.workflow.harness import files_below, snakemake

CELLS = "results/marrow/cells.parquet"


@pytest.fixture
def remote(tmp_path, data):
    """Serve the generated h5ad: cut off once, by a redirect, beside an address that answers a page; and its project."""
    content = (data / "marrow.h5ad").read_bytes()
    with running() as server:
        storage = server.on("/signed", truncate(content, 30_000), serve(content))
        addresses = [server.on("/page", html(202)), server.on("/marrow.h5ad", redirect(f"{storage}?key=SECRET"))]
        source = {"url": addresses, "file": "marrow.h5ad", "bytes": len(content), "terms": "unstated"}
        yield tmp_path, source, server


def run(folder, source, *arguments):
    generate.write_dataset(folder, "marrow", **generate.marrow_keys(source=source))
    study = generate.write_study(folder, datasets=["marrow"])
    variables = {"NO_PROXY": f"127.0.0.1,{os.environ.get('NO_PROXY', '')}"}
    return snakemake(CELLS, *arguments, "--configfile", study, directory=folder, variables=variables)


def test_a_file_is_downloaded_once_its_terms_are_accepted_and_never_twice(remote):
    folder, source, server = remote
    refused = run(folder, source)
    assert refused.returncode and "nobody states the terms" in refused.output and not server.asked, refused.tail

    accepted = run(folder, {**source, "accept_terms": True})
    assert accepted.ok and accepted.counts == {"download_file": 1, "scan_part": 1, "index_cells": 1}, accepted.tail
    assert server.ranges("/signed?key=SECRET") == [None, "bytes=30000-"]
    manifest = json.loads((folder / "resources/marrow/marrow.h5ad.json").read_text())
    assert manifest["address"] == source["url"][1] and manifest["bytes"] == source["bytes"]
    assert not re.search(r"\.part", " ".join(files_below(folder / "resources")))
    log = (folder / "logs/marrow/download_file/marrow.h5ad.log").read_text()
    assert "answers 202 Accepted" in log and "from byte 30,000 on" in log and "SECRET" not in log

    asked = len(server.asked)
    checked = {name: value for name, value in source.items() if name != "bytes"} | {"sha256": manifest["sha256"]}
    again = run(folder, {**checked, "accept_terms": True})
    assert again.ok and again.counts["download_file"] == 1 and len(server.asked) == asked, again.tail
    assert run(folder, {**checked, "accept_terms": True}).nothing_to_do
