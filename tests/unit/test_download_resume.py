"""What was received is kept and gone on from, if and only if the rest comes from the same file."""

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from rankstudy.core.errors import StudyError
from tests.unit.badserver import hang_up, redirect, running, serve, stall, status, truncate
from tests.unit.fetching import CONTENT, FETCH, SHA, get, left
from tests.unit.helpers import ROOT

OTHER = random.Random(2).randbytes(len(CONTENT))
DATES = ["Wed, 21 Oct 2015 07:28:00 GMT", "Thu, 22 Oct 2015 07:28:00 GMT"]


@pytest.mark.parametrize("known", [{"sha256": SHA}, {"unverified": True}])
@pytest.mark.parametrize("ending", [truncate, stall])
def test_the_rest_is_asked_for(server, tmp_path, ending, known):
    address = server.on("/file", ending(CONTENT, 100_000), ending(CONTENT, 250_000), serve(CONTENT))
    content, manifest = get(tmp_path, address, **known)
    assert content == CONTENT and manifest["sha256"] == SHA and left(tmp_path) == ["file", "file.json"]
    assert server.ranges() == [None, "bytes=100000-", "bytes=250000-"]


def test_progress_goes_on_from_what_is_there(server, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("rankstudy.core.progress._SECONDS", 0)
    caplog.set_level(logging.INFO)
    address = server.on("/file", truncate(CONTENT, 100_000), serve(CONTENT))
    get(tmp_path, address)
    assert f"GET {address} from byte 100,000 on" in caplog.text
    assert "300k of 300k bytes (100 %)" in caplog.text


def test_a_server_that_ignores_range_sends_it_all_again(server, tmp_path):
    address = server.on("/file", truncate(CONTENT, 100_000), serve(CONTENT, ignore_range=True))
    assert get(tmp_path, address, unverified=True)[0] == CONTENT
    assert server.ranges() == [None, "bytes=100000-"]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ({"etag": '"1"'}, {"etag": '"2"'}, "ETag"),
        ({"etag": False, "modified": DATES[0]}, {"etag": False, "modified": DATES[1]}, "Last-Modified"),
    ],
)
@pytest.mark.parametrize("known", [{"unverified": True}, {"bytes": len(OTHER)}])
def test_a_file_that_changed_between_attempts_starts_again(server, tmp_path, caplog, old, new, named, known):
    address = server.on("/file", truncate(CONTENT, 100_000, **old), serve(OTHER, **new))
    content, _ = get(tmp_path, address, **known)
    assert content == OTHER and server.ranges() == [None, "bytes=100000-", None]
    assert f"has another file than before (its {named} changed); it starts again" in caplog.text


def test_a_file_of_another_size_starts_again(server, tmp_path, caplog):
    longer = OTHER + b"more"
    address = server.on("/file", truncate(CONTENT, 100_000, etag='"1"'), serve(longer, etag='"1"'))
    assert get(tmp_path, address, unverified=True)[0] == longer
    assert "its size changed" in caplog.text


def test_a_file_that_changed_unseen_is_found_out_by_its_hash_and_starts_again(server, tmp_path, caplog):
    cut = truncate(OTHER, 100_000, etag='"1"')
    address = server.on("/file", cut, serve(CONTENT, etag='"1"'))
    assert get(tmp_path, address)[0] == CONTENT and server.ranges() == [None, "bytes=100000-", None]
    assert "it was resumed, and starts again" in caplog.text


def test_nothing_to_tell_the_same_file_by_means_from_the_start(server, tmp_path):
    address = server.on("/file", truncate(CONTENT, 100_000, etag=False), serve(CONTENT, etag=False))
    assert get(tmp_path, address, unverified=True)[0] == CONTENT and server.ranges() == [None, None]


def test_another_part_than_asked_for_is_not_used(server, tmp_path):
    wrong = status(206, CONTENT[:7], content_range=f"bytes 0-6/{len(CONTENT)}")
    address = server.on("/file", truncate(CONTENT, 100_000), wrong, serve(CONTENT))
    assert get(tmp_path, address)[0] == CONTENT and server.ranges() == [None, "bytes=100000-", None]


def test_a_part_that_the_server_does_not_know_starts_again(server, tmp_path):
    address = server.on("/file", truncate(CONTENT, 100_000), status(416), serve(CONTENT))
    assert get(tmp_path, address)[0] == CONTENT and server.ranges() == [None, "bytes=100000-", None]


@pytest.mark.parametrize("extra", [1, 5000])
def test_a_part_that_is_longer_than_the_file_starts_again(server, tmp_path, extra):
    leave_part(server, tmp_path)
    with open(tmp_path / "file.part", "ab") as file:
        file.write(bytes(len(CONTENT) - 100_000 + extra))
    server.asked.clear()
    assert get(tmp_path, server.on("/file", serve(CONTENT)))[0] == CONTENT and server.ranges() == [None]


def test_a_part_that_is_complete_needs_no_request(server, tmp_path):
    leave_part(server, tmp_path)
    (tmp_path / "file.part").write_bytes(CONTENT)
    asked = len(server.asked)
    assert get(tmp_path, server.address("/file"))[0] == CONTENT and len(server.asked) == asked


def test_a_complete_part_with_wrong_bytes_starts_again(server, tmp_path):
    leave_part(server, tmp_path)
    (tmp_path / "file.part").write_bytes(OTHER)
    assert get(tmp_path, server.on("/file", serve(CONTENT)))[0] == CONTENT and server.ranges()[-1] is None


@pytest.mark.parametrize("notes", [None, "", "[]", '{"unknown": 1}'])
def test_a_part_of_unknown_origin_starts_again(server, tmp_path, notes):
    leave_part(server, tmp_path)
    path = tmp_path / "file.part.json"
    path.unlink() if notes is None else path.write_text(notes)
    assert get(tmp_path, server.on("/file", serve(CONTENT)))[0] == CONTENT and server.ranges()[-1] is None


def test_a_failed_download_keeps_its_part_for_the_next_one(server, tmp_path):
    leave_part(server, tmp_path)
    assert left(tmp_path) == ["file.part", "file.part.json"] and (tmp_path / "file.part").stat().st_size == 100_000
    assert json.loads((tmp_path / "file.part.json").read_text())["total"] == len(CONTENT)
    assert get(tmp_path, server.on("/file", serve(CONTENT)))[0] == CONTENT and server.ranges()[-1] == "bytes=100000-"


def leave_part(server, folder):
    """Leave the first 100,000 bytes of /file."""
    address = server.on("/file", truncate(CONTENT, 100_000), hang_up())
    with pytest.raises(StudyError):
        get(folder, address)


@pytest.mark.parametrize(("known", "asked"), [({"sha256": SHA}, "bytes=100000-"), ({"unverified": True}, None)])
def test_a_mirror_goes_on_only_if_a_hash_will_prove_it_right(server, tmp_path, known, asked):
    first = server.on("/first", truncate(CONTENT, 100_000, etag='"a"'), status(404))
    mirror = server.on("/mirror", serve(CONTENT, etag='"b"'))
    assert get(tmp_path, first, mirror, **known)[0] == CONTENT and server.ranges("/mirror") == [asked]


def test_a_page_in_place_of_the_rest_does_not_harm_the_part(server, tmp_path):
    leave_part(server, tmp_path)
    bad = (
        server.on("/bad", status(202), status(403)),
        server.on("/page", status(200, b"<html>", content_type="text/html")),
    )
    with pytest.raises(StudyError):
        get(tmp_path, *bad)
    assert (tmp_path / "file.part").read_bytes() == CONTENT[:100_000]


def test_attempts_that_bring_it_on_are_not_counted(server, tmp_path):
    cuts = [truncate(CONTENT, after) for after in range(20_000, 300_000, 20_000)]
    assert get(tmp_path, server.on("/file", *cuts, serve(CONTENT)))[0] == CONTENT and len(server.asked) == 15


def test_attempts_that_start_over_and_over_are_counted(server, tmp_path):
    cut = truncate(CONTENT, 100_000, ignore_range=True)
    with pytest.raises(StudyError, match="ended in the middle of the file; 3 attempts"):
        get(tmp_path, server.on("/file", cut))
    assert len(server.asked) == 3


def test_an_expired_link_is_asked_for_anew(server, tmp_path):
    """The address redirects to a link that is good once; the resumed download goes through the address again."""
    with running() as storage:
        links = [storage.on(f"/{n}", behaviour, status(403)) for n, behaviour in
                 enumerate([truncate(CONTENT, 100_000), serve(CONTENT)])]  # fmt: skip
        address = server.on("/file", *(redirect(f"{link}?signed=x") for link in links))
        content, manifest = get(tmp_path, address)
        assert content == CONTENT and manifest["address"] == address
        assert server.ranges() == storage.ranges() == [None, "bytes=100000-"]
        assert [path for path, _ in storage.asked] == ["/0?signed=x", "/1?signed=x"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_process_is_gone_on_from(server, tmp_path, how):
    address = server.on("/file", stall(CONTENT, 200_000), serve(CONTENT))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", FETCH, str(tmp_path), address], env=environment)
    try:
        part, deadline = tmp_path / "file.part", time.monotonic() + 60
        while not part.exists() or part.stat().st_size < 200_000:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.send_signal(how)
    assert process.wait(30) == -how
    assert left(tmp_path) == ["file.part", "file.part.json"]
    content, manifest = get(tmp_path, address)
    assert content == CONTENT and manifest["sha256"] == SHA and left(tmp_path) == ["file", "file.json"]
    assert server.ranges() == [None, "bytes=200000-"]
