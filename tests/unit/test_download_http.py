"""A file comes over HTTP whole, verified and described, or not at all, and the message says why."""

import datetime
import email.utils
import logging
import time
from collections import namedtuple

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.download import Download, Patience, answers, fetch
from tests.unit.badserver import chunked, hang_up, html, redirect, serve, silent, stall, status, truncate
from tests.unit.fetching import CONTENT, MD5, QUICK, SHA, get, left


def test_a_file_is_fetched_verified_and_described(server, tmp_path):
    address = server.on("/a/file", serve(CONTENT))
    known = {"sha256": SHA, "md5": MD5, "bytes": len(CONTENT)}
    content, manifest = get(
        tmp_path, f"{address}?download=1", **known, version="v2", licence="CC0", details={"id": "7"}
    )
    assert content == CONTENT and left(tmp_path) == ["file", "file.json"]
    assert manifest.pop("downloaded") == datetime.date.today().isoformat()
    found = {"address": address, "bytes": len(CONTENT), "sha256": SHA}
    assert manifest == {**found, "version": "v2", "licence": "CC0", "id": "7"}


@pytest.mark.parametrize("known", [{"sha256": SHA}, {"md5": MD5}, {"bytes": len(CONTENT)}, {"unverified": True}])
@pytest.mark.parametrize("behaviour", [serve(CONTENT), serve(CONTENT, length=False), chunked(CONTENT)])
def test_whatever_is_known_of_it_and_however_it_is_sent(server, tmp_path, known, behaviour):
    content, manifest = get(tmp_path, server.on("/file", behaviour), **known)
    assert content == CONTENT and manifest["sha256"] == SHA and manifest["bytes"] == len(CONTENT)


def test_a_file_of_which_nothing_is_known_must_be_asked_for(server, tmp_path, caplog):
    address = server.on("/file", serve(CONTENT))
    with pytest.raises(StudyError, match="the file: neither size nor hash is known.*`unverified: true`"):
        get(tmp_path, address, sha256=None)
    assert not server.asked and not left(tmp_path)
    get(tmp_path, address, unverified=True)
    assert (
        f"no hash was known to check it by; if this file is right, write into its YAML: bytes: 300000, sha256: {SHA}"
        in caplog.text
    )


@pytest.mark.parametrize("address", ["ftp://host/file", "file:///etc/passwd", "host/file", "https:///file"])
def test_only_http_is_fetched(tmp_path, address):
    with pytest.raises(StudyError, match="is no address; write https://host/path"):
        get(tmp_path, address)


# what is refused at once, and for which reason
REFUSED = {
    "202": (status(202, x_amzn_waf_action="challenge"), "answers 202 Accepted: a check for browsers"),
    "403": (status(403, b"no"), "answers 403 Forbidden"),
    "404": (status(404), "answers 404 Not Found"),
    "204": (status(204), "answers 204 No Content"),
    "a part that nobody asked for": (status(206, b"abc", content_range="bytes 0-2/9"), "answers 206 Partial Content"),
    "html": (html(), r"answers a web page \(HTML\), not a file"),
    "html under another type": (html(kind="application/octet-stream"), r"answers a web page \(HTML\), not a file"),
    "html under another type, with a mark of UTF-8": (
        serve(b"\xef\xbb\xbf<HTML>"),
        r"answers a web page \(HTML\), not a file",
    ),
    "empty": (serve(b""), "answers an empty file"),
    "empty without a length": (serve(b"", length=False), "answers an empty file"),
    "another hash": (serve(CONTENT[::-1]), f"has another file: its sha256 is [0-9a-f]{{64}}, expected {SHA}"),
    "a redirect in a circle": (redirect("/file"), "cannot be followed \\(TooManyRedirects\\)"),
    "a redirect to a file of this machine": (redirect("file:///etc/hosts"), "cannot be followed \\(InvalidSchema\\)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_at_once(server, tmp_path, case):
    behaviour, reason = REFUSED[case]
    address = server.on("/file", behaviour)
    with pytest.raises(StudyError, match=rf"the file could not be downloaded:\n  {address} {reason}") as error:
        get(tmp_path, address)
    assert "attempts" not in str(error.value)
    assert str(error.value).endswith("set `source.local_file` in the data set's YAML to its path.")
    assert "file" not in left(tmp_path) and "file.json" not in left(tmp_path)
    assert len(server.asked) == 1 or "circle" in case


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_another_size_is_refused_before_it_is_downloaded(server, tmp_path, size):
    with pytest.raises(StudyError, match=f"has a file of 300,000 bytes, expected {size:,}"):
        get(tmp_path, server.on("/file", serve(CONTENT)), bytes=size)
    assert not left(tmp_path)


def test_a_file_that_does_not_end_is_cut_off(server, tmp_path):
    with pytest.raises(StudyError, match="sends more than the 1,000 bytes"):
        get(tmp_path, server.on("/file", serve(CONTENT, length=False)), bytes=1000)


def test_a_wrong_md5_is_refused(server, tmp_path):
    with pytest.raises(StudyError, match=f"its md5 is {MD5}, expected {'0' * 32}"):
        get(tmp_path, server.on("/file", serve(CONTENT)), md5="0" * 32)


# what may pass: tried again, and told when it does not pass
PASSING = {
    "429": (status(429, retry_after="0"), "answers 429 Too Many Requests"),
    "500": (status(500), "answers 500 Internal Server Error"),
    "503": (status(503), "answers 503 Service Unavailable"),
    "504": (status(504), "answers 504 Gateway Timeout"),
    "no answer": (silent(), "does not answer, or stopped sending"),
    "hangs up": (hang_up(), "connection failed"),
    "stalls": (stall(CONTENT, 500), "does not answer, or stopped sending"),
    "ends early": (truncate(CONTENT, 500), "ended in the middle of the file"),
    "ends early in chunks": (chunked(CONTENT[:900], complete=False), "ended in the middle of the file"),
}


@pytest.mark.parametrize("case", PASSING)
def test_tried_again(server, tmp_path, case):
    behaviour, reason = PASSING[case]
    address = server.on("/file", behaviour, behaviour, serve(CONTENT))
    assert get(tmp_path, address)[0] == CONTENT and len(server.asked) == 3
    address = server.on("/never", behaviour)
    with pytest.raises(StudyError, match=f"{address} {reason}.*; 3 attempts\n"):
        get(tmp_path, address)


def test_a_file_that_ends_early_without_a_length_is_seen_by_its_size(server, tmp_path):
    address = server.on("/file", truncate(CONTENT, 500, length=False), serve(CONTENT))
    assert get(tmp_path, address, sha256=SHA, bytes=len(CONTENT))[0] == CONTENT
    assert server.ranges() == [None, "bytes=500-"]


def test_nobody_listens(tmp_path, server):
    address = server.on("/file", serve(CONTENT))
    server.server_close()
    with pytest.raises(StudyError, match=r"connection failed \(Connection refused\); 3 attempts"):
        get(tmp_path, address)


def test_every_address_is_tried_in_order_and_every_reason_told(server, tmp_path):
    bad = [server.on("/1", status(403)), server.on("/2", html()), server.on("/3", status(500))]
    good = server.on("/4", serve(CONTENT))
    content, manifest = get(tmp_path, *bad, good)
    assert content == CONTENT and manifest["address"] == good
    assert [path for path, _ in server.asked] == ["/1", "/2", "/3", "/3", "/3", "/4"]
    (tmp_path / "file").unlink()
    with pytest.raises(StudyError) as error:
        get(tmp_path, *bad)
    lines = str(error.value).split("\n  ")
    assert lines[0] == "the file could not be downloaded:" and lines[-1].startswith("To supply the file by hand: ")
    assert [line.split()[0] for line in lines[1:-1]] == bad


def test_waits_double_with_jitter_and_are_bounded_also_when_the_server_asks_for_more():
    patience = Patience(first_delay=2, longest_delay=20)
    for failures, longest in ((1, 2), (2, 4), (3, 8), (4, 16), (5, 20), (60, 20)):
        waits = {patience.delay(failures, None) for _ in range(20)}
        assert all(longest / 2 <= wait <= longest for wait in waits) and len(waits) > 1
    assert patience.delay(1, 0.0) == 0 and patience.delay(5, 7.0) == 7 and patience.delay(1, 9999.0) == 20


def test_the_servers_wish_is_heard(server, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    address = server.on("/file", status(429, retry_after="1"), serve(CONTENT))
    begin = time.monotonic()
    get(tmp_path, address, patience=Patience(first_delay=30, longest_delay=60))
    assert time.monotonic() - begin >= 1 and "answers 429 Too Many Requests; next attempt in 1 s" in caplog.text


def test_retry_after_is_a_number_or_a_date():
    later = email.utils.format_datetime(
        datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=100), usegmt=True
    )
    assert answers.retry_after("7") == 7 and 95 < answers.retry_after(later) <= 100
    assert answers.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert answers.retry_after("soon") is None and answers.retry_after(None) is None


def test_a_content_encoding_is_neither_asked_for_nor_undone(server, tmp_path):
    address = server.on("/file", serve(CONTENT, content_encoding="gzip"))
    assert get(tmp_path, address)[0] == CONTENT
    assert server.asked[0][1]["Accept-Encoding"] == "identity"


def test_a_login_stays_with_its_host_and_no_secret_is_logged_or_recorded(server, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.INFO)  # as in a job
    link = server.address("/signed?Signature=SECRET", host="localhost")
    server.on("/signed", status(500), serve(CONTENT))
    start = server.on("/file", redirect(link)).replace("http://", "http://me:PASSWORD@")
    _, manifest = get(tmp_path, f"{start}?token=TOKEN")
    headers = dict(server.asked)
    assert (
        "Authorization" in headers["/file?token=TOKEN"] and "Authorization" not in headers["/signed?Signature=SECRET"]
    )
    server.on("/signed", stall(CONTENT, 100))
    with pytest.raises(StudyError) as error:
        get(tmp_path, f"{start}?token=TOKEN", "http://me:PASSWORD@127.0.0.1:9/x?token=TOKEN")
    everything = f"{caplog.text} {error.value} {manifest} {(tmp_path / 'file.part.json').read_text()}"
    assert not [secret for secret in ("SECRET", "PASSWORD", "TOKEN") if secret in everything]


def test_proxies_and_certificates_are_those_of_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", server.address(""))
    server.scripts["http://data.invalid/file"] = [serve(CONTENT)]
    assert get(tmp_path, "http://data.invalid/file")[0] == CONTENT
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "absent.pem"))
    with pytest.raises(OSError, match="absent.pem"):
        get(tmp_path, "https://127.0.0.1:9/file")


def test_too_little_space_is_told_before_anything_is_downloaded(server, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("rankstudy.sources.download.http.shutil.disk_usage", lambda path: usage(10**9, 10**9, 200_000))
    with pytest.raises(StudyError, match=r"the file: 0.3 MB are still to be downloaded, but only 0.2 MB are free in "):
        get(tmp_path, server.on("/file", serve(CONTENT)))
    assert not (tmp_path / "file").exists()


def test_speed_and_time_left_are_logged(server, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("rankstudy.core.progress._SECONDS", 0)
    caplog.set_level(logging.INFO)
    get(tmp_path, server.on("/file", serve(CONTENT)))
    assert "300k of 300k bytes (100 %)" in caplog.text and "bytes/s, 00:00 left" in caplog.text


def test_a_redirect_that_gives_up_encryption_is_refused():
    class Answer:
        url, status_code, reason, headers = "http://host/file", 200, "OK", {}

    with pytest.raises(answers.Refused, match="without encryption"):
        answers.check_status(Answer, "https://host/file", 0)


def test_the_default_folder_of_locks_is_below_resources(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    download = Download(what="it", addresses=[server.on("/file", serve(CONTENT))], sha256=SHA)
    fetch(download, "resources/x/file", "resources/x/file.json", patience=QUICK)
    assert [p.suffix for p in (tmp_path / "resources/.locks").iterdir()] == [".lock"]
