"""One file at a time per host, across processes."""

import logging
import os
import subprocess
import sys
import time

import pytest

from rankstudy.sources.download import hosts
from tests.unit.badserver import serve, stall
from tests.unit.fetching import CONTENT, FETCH, get
from tests.unit.helpers import ROOT


@pytest.fixture
def other_process(server, tmp_path):
    """Start a process that downloads from the server and gets no further than the first bytes."""
    address = server.on("/slow", stall(CONTENT, 1000))
    command = [sys.executable, "-c", FETCH, str(tmp_path), address]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        while not (tmp_path / "file.part").exists():
            assert process.poll() is None
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait(30)


def test_a_job_waits_for_its_turn_and_says_so(server, tmp_path, other_process):
    address = server.on("/file", serve(CONTENT))
    command = [sys.executable, "-c", "import logging; logging.basicConfig(level=20)\n" + FETCH, str(tmp_path), address]
    second = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True)
    try:
        line = second.stderr.readline()
        host = f"127.0.0.1:{server.server_address[1]}"
        assert f"waiting: another job downloads from {host}, and files are fetched one at a time" in line
        time.sleep(0.2)
        assert second.poll() is None and "/file" not in [path for path, _ in server.asked]
        other_process.kill()  # the lock ends with the process that held it
        second.communicate(timeout=60)
        assert second.returncode == 0 and (tmp_path / "file").read_bytes() == CONTENT
    finally:
        second.kill()
        second.wait(30)


def test_another_host_need_not_wait(server, tmp_path, other_process):
    server.on("/file", serve(CONTENT))
    (tmp_path / "here").mkdir()
    (tmp_path / "here/locks").symlink_to(tmp_path / "locks")
    assert get(tmp_path / "here", server.address("/file", host="localhost"))[0] == CONTENT
    assert other_process.poll() is None


def test_without_locks_it_goes_on_with_a_warning(tmp_path, monkeypatch, caplog):
    def no_locks(*_):
        raise OSError(37, "No locks available")

    caplog.set_level(logging.INFO)
    monkeypatch.setattr("rankstudy.sources.download.hosts.fcntl.flock", no_locks)
    with hosts.turn("host", tmp_path):
        pass
    assert "cannot be locked" in caplog.text and "No locks available" in caplog.text
