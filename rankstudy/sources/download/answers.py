"""What a server's answer to a request for a file means: the file, a reason to try again, or a reason not to."""

from __future__ import annotations

import datetime
import email.utils
import re
from urllib.parse import urlsplit

import requests
import urllib3

from rankstudy.sources.download.partial import Origin, address_digest

LATER = {408, 425, 429, 500, 502, 503, 504}  # statuses after which the same request may succeed
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
WEB_PAGE = "answers a web page (HTML), not a file"
# what goes wrong on the way, at the start of an answer (requests) or within it (urllib3)
NETWORK = (requests.RequestException, urllib3.exceptions.HTTPError)


class Refused(Exception):
    """An address does not give the file; asking it again would not help."""


class TryAgain(Exception):
    """An attempt failed; a later one may not.

    Parameters
    ----------
    reason
        What happened.
    wait
        Seconds after which the server asks to be asked again; None if it does not say.
    """

    def __init__(self, reason: str, wait: float | None = None):
        super().__init__(reason)
        self.wait = wait


class Changed(TryAgain):
    """What was received so far does not fit the file that the server has now: it starts again, at once."""

    def __init__(self, reason: str):
        super().__init__(reason, wait=0.0)


def check_status(response: requests.Response, address: str, asked_from: int) -> None:
    """Raise unless the answer is the file (200) or the rest of it (206) as asked."""
    status = response.status_code
    if urlsplit(address).scheme == "https" and urlsplit(response.url).scheme != "https":
        raise Refused("was redirected to an address without encryption")
    if status == 200 or (status == 206 and asked_from):
        if "html" in response.headers.get("Content-Type", ""):
            raise Refused(WEB_PAGE)
        return
    named = f"{status} {response.reason or ''}".strip()
    if status == 416:
        raise Changed("has not the bytes that are still missing (416)")
    if status in LATER:
        raise TryAgain(f"answers {named}", retry_after(response.headers.get("Retry-After")))
    if status == 202:
        raise Refused(f"answers {named}: a check for browsers, or a file that is not ready; not the file")
    raise Refused(f"answers {named}")


def origin_of(response: requests.Response, address: str, asked_from: int) -> Origin:
    """Return what an answer with status 200 or 206 says of the whole file."""
    headers = response.headers
    if response.status_code == 206:
        found = CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
        if not found or int(found[1]) != asked_from:
            raise Changed(
                f"sends another part of the file ({headers.get('Content-Range')}) than from {asked_from:,} on"
            )
        total = int(found[3])
    else:
        length = headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else None
    return Origin(address_digest(address), total, headers.get("ETag"), headers.get("Last-Modified"))


def looks_like_html(beginning: bytes) -> bool:
    """Tell whether a body begins as a web page does."""
    return beginning.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))


def retry_after(value: str | None) -> float | None:
    """Return the seconds of a `Retry-After` header, which holds a number or a date; None without a usable one."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        then = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=datetime.UTC)
    return max((then - datetime.datetime.now(datetime.UTC)).total_seconds(), 0.0)


def failure(error: Exception) -> Refused | TryAgain:
    """Return what an exception of the network means.

    Its text is not used, since it holds the address with its query.
    """
    kinds = requests.exceptions
    if isinstance(error, kinds.SSLError):
        return Refused(f"has a certificate that cannot be verified ({_cause(error)})")
    permanent = kinds.InvalidURL, kinds.InvalidSchema, kinds.MissingSchema, kinds.TooManyRedirects
    if isinstance(error, permanent):
        return Refused(f"cannot be followed ({type(error).__name__})")
    if isinstance(error, kinds.Timeout | urllib3.exceptions.TimeoutError):
        return TryAgain("does not answer, or stopped sending")
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return TryAgain("ended in the middle of the file")
    return TryAgain(f"connection failed ({_cause(error)})")


def _cause(error: BaseException) -> str:
    """Return the innermost reason of an exception that carries no address."""
    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(inner)
    for each in reversed(chain):
        if isinstance(each, OSError) and each.strerror and not isinstance(each, requests.RequestException):
            return each.strerror
    return type(chain[-1]).__name__
