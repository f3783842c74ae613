"""Fetching one file over HTTP: from the first of its addresses that gives it, resumed, verified, and described."""

from __future__ import annotations

import datetime
import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

import rankstudy.sources.download.answers as answers
from rankstudy.core.addresses import shown
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import digests, write_json
from rankstudy.core.progress import Progress
from rankstudy.sources.download.answers import Changed, Refused, TryAgain
from rankstudy.sources.download.hosts import turn
from rankstudy.sources.download.partial import Origin, PartialFile, address_digest
from rankstudy.sources.download.patience import DEFAULT, Patience, persist

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000
CHUNK = 1 << 20
HEADERS = {
    "User-Agent": f"rankstudy (requests {requests.__version__})",
    "Accept": "*/*",
    "Accept-Encoding": "identity",  # the bytes as they are stored: they are counted and hashed
}
BY_HAND = (
    "To supply the file by hand: download it in a browser or on another machine, copy it here and set "
    "`source.local_file` in the data set's YAML to its path."
)


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file to fetch, and what is known of it."""

    what: str
    """Its name in messages."""
    addresses: Sequence[str]
    """Where it is, tried in this order; http or https."""
    bytes: int | None = None
    """Size that it must have."""
    sha256: str | None = None
    """SHA-256 that it must have."""
    md5: str | None = None
    """MD5 that it must have, where its source publishes no better one."""
    unverified: bool = False
    """Accept a file of which neither size nor hash is known; what is found is recorded, with a warning."""
    version: str | None = None
    """Version, as its source names it; for the manifest."""
    licence: str | None = None
    """Licence or terms; for the manifest."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """More for the manifest, such as the identifiers of the record."""
    by_hand: str = BY_HAND
    """How to do without the download; the end of the message when no address gives the file."""

    @property
    def hashed(self) -> bool:
        """Whether a hash is known, so that no wrong byte goes unseen."""
        return self.sha256 is not None or self.md5 is not None


def fetch(
    download: Download,
    path: str | os.PathLike,
    manifest: str | os.PathLike,
    *,
    locks: str | os.PathLike = "resources/.locks",
    patience: Patience = DEFAULT,
) -> None:
    """Download a file, verify it, put it at `path`, and write its manifest.

    What is received lies in `<path>.part` until it is complete and verified; a later attempt, in this process or
    another, goes on from there if the server still has the same file. Each attempt asks the address itself, never the
    expiring link that it redirects to. Proxies, certificates and `~/.netrc` are those of the environment (see
    requests); nothing that a query or a login may hold is logged or recorded.

    Parameters
    ----------
    download
        The file.
    path
        Where it goes; the name is given when it is complete and verified.
    manifest
        JSON: address, version, bytes, sha256, date, licence, and the download's own details.
    locks
        Folder of the locks that let processes take turns at a host.
    patience
        Waits and attempts.

    Raises
    ------
    StudyError
        If neither size nor hash is known, if there is too little space, or if no address gives the file; the message
        has the reason of each address and says how to supply the file by hand.
    """
    _check(download)
    part, reasons = PartialFile(path), []
    with requests.Session() as session:
        for address in download.addresses:
            try:
                with turn(urlsplit(address).netloc.rpartition("@")[2], locks):
                    found = _from_address(session, address, download, part, patience)
            except Refused as reason:
                reasons.append(f"{shown(address)} {reason}")
                log.warning("%s", reasons[-1])
                continue
            break
        else:
            raise StudyError("\n  ".join([f"{download.what} could not be downloaded:", *reasons, download.by_hand]))
    _record(download, address, found, part.size, manifest)
    part.finish(path)


def _check(download: Download) -> None:
    if not download.addresses:
        raise StudyError(f"{download.what}: has no address")
    for address in download.addresses:
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
            raise StudyError(advise(f"{download.what}: {shown(address)!r} is no address", "write https://host/path"))
    if not (download.hashed or download.bytes is not None or download.unverified):
        problem = f"{download.what}: neither size nor hash is known, so a wrong file would go unseen"
        raise StudyError(
            advise(problem, "give `sha256`, `md5` or `bytes`", "set `unverified: true` if its source publishes none")
        )


def _record(download: Download, address: str, sha256: str, size: int, manifest: str | os.PathLike) -> None:
    if not download.hashed:
        log.warning(
            "%s: no hash was known to check it by; if this file is right, write into its YAML: bytes: %d, sha256: %s",
            download.what, size, sha256,
        )  # fmt: skip
    found = {
        "address": shown(address),
        "version": download.version,
        "bytes": size,
        "sha256": sha256,
        "downloaded": datetime.date.today().isoformat(),
        "licence": download.licence,
    }
    write_json({**download.details, **found}, manifest)


def _from_address(
    session: requests.Session, address: str, download: Download, part: PartialFile, patience: Patience
) -> str:
    """Fetch the file from one address, in as many attempts as it takes, and return its SHA-256."""

    def attempt() -> str:
        try:
            resumed = _receive(session, address, download, part, patience)
            return _verified(download, part, resumed)
        except Changed:
            part.discard()
            raise

    return persist(attempt, shown(address), patience, lambda: part.size)


def ask(address: str, patience: Patience) -> Any:
    """Return what an address answers as JSON.

    Raises
    ------
    Refused
        If it does not.
    """

    def attempt() -> Any:
        headers = {**HEADERS, "Accept": "application/json"}
        try:
            with requests.get(address, headers=headers, timeout=(patience.connect, patience.read)) as response:
                answers.check_status(response, address, asked_from=0)
                return response.json()
        except requests.exceptions.JSONDecodeError:
            raise Refused("answers something that is not JSON") from None
        except answers.NETWORK as error:
            raise answers.failure(error) from None

    return persist(attempt, shown(address), patience)


def _receive(
    session: requests.Session, address: str, download: Download, part: PartialFile, patience: Patience
) -> bool:
    """Bring the part to the whole file in one request, or none if it is whole; return whether it was resumed."""
    start = _resumable(address, download, part)
    if start and start == _total(download, part.origin):
        log.info("%s: all %s bytes are there already", part.path, f"{start:,}")
        return True
    headers = {**HEADERS, **({"Range": f"bytes={start}-"} if start else {})}
    log.info("GET %s%s", shown(address), f" from byte {start:,} on" if start else "")
    timeout = patience.connect, patience.read
    try:
        with session.get(address, headers=headers, stream=True, timeout=timeout) as response:
            answers.check_status(response, address, start)
            origin = answers.origin_of(response, address, start)
            if response.status_code == 206:
                _check_same(origin, part)
            else:
                start = 0
            _check_size(origin, download)
            if not start:
                part.begin(origin)
            total = _total(download, origin)
            _check_space(download, part, total)
            _write(response, part, total)
    except answers.NETWORK as error:
        raise answers.failure(error) from None
    return start > 0


def _resumable(address: str, download: Download, part: PartialFile) -> int:
    """Return the byte to go on from: the part's size, if something will show that it is of the same file, else 0."""
    origin, size = part.origin, part.size
    if origin is None or size == 0:
        return 0
    total = _total(download, origin)
    if total is not None and size > total:
        log.warning("%s has %s bytes, more than the whole file; it starts again", part.path, f"{size:,}")
        return 0
    same_name = origin.address == address_digest(address) and (origin.etag or origin.modified)
    return size if download.hashed or same_name else 0


def _total(download: Download, origin: Origin | None) -> int | None:
    return download.bytes if download.bytes is not None or origin is None else origin.total


def _check_same(origin: Origin, part: PartialFile) -> None:
    changed = part.origin.differs_from(origin)
    if changed:
        raise Changed(f"has another file than before (its {changed} changed); it starts again")


def _check_size(origin: Origin, download: Download) -> None:
    if origin.total == 0:
        raise Refused("answers an empty file")
    if None not in (origin.total, download.bytes) and origin.total != download.bytes:
        raise Refused(f"has a file of {origin.total:,} bytes, expected {download.bytes:,}")


def _check_space(download: Download, part: PartialFile, total: int | None) -> None:
    missing = 0 if total is None else total - part.size
    free = shutil.disk_usage(part.path.parent).free
    if missing > free:
        sizes = f"{missing / MEGABYTE:,.1f} MB are still to be downloaded, but only {free / MEGABYTE:,.1f} MB are free"
        problem = f"{download.what}: {sizes} in {part.path.parent}"
        raise StudyError(advise(problem, "make room there", "make that folder a link to one with more"))


def _write(response: requests.Response, part: PartialFile, total: int | None) -> None:
    """Append the body to the part as it comes: whatever ends it, what was received is kept."""
    size = part.size
    with Progress(total=total, unit="bytes", initial=size) as progress, open(part.path, "ab") as file:
        # not iter_content: that would undo a Content-Encoding, and hold back what came before a failure
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            size += len(chunk)
            if total is not None and size > total:
                part.discard()
                raise Refused(f"sends more than the {total:,} bytes that the file has")
            file.write(chunk)
            file.flush()  # so that no more is lost than the system holds if this process is killed
            progress.update(len(chunk))
    if size == 0:
        raise Refused("answers an empty file")
    if total is not None and size < total:
        raise TryAgain(f"ended after {size:,} of {total:,} bytes")


def _verified(download: Download, part: PartialFile, resumed: bool) -> str:
    """Return the SHA-256 of the whole part, having checked what is known of the file."""
    with open(part.path, "rb") as file:
        if answers.looks_like_html(file.read(512)):
            part.discard()
            raise Refused(answers.WEB_PAGE)
    log.info("computing the hash of %s", part.path)
    found = digests(part.path, ["sha256", "md5"] if download.md5 else ["sha256"])
    for name, expected in (("sha256", download.sha256), ("md5", download.md5)):
        if expected is not None and found[name] != expected:
            part.discard()
            reason = f"has another file: its {name} is {found[name]}, expected {expected}"
            raise Changed(f"{reason}; it was resumed, and starts again") if resumed else Refused(reason)
    return found["sha256"]
