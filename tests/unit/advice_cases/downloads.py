"""Remedies of what is refused of a file to fetch, from a server on loopback."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from rankstudy.sources.download import Patience
from tests.unit.advice_toy import calling, change
from tests.unit.badserver import running, serve
from tests.unit.fetching import CONTENT, MD5, SHA, get

KNOWN = {"sha256": SHA, "md5": MD5, "bytes": len(CONTENT)}


def fetched(folder, address="{host}/file", **known):
    with running() as server:
        server.on("/file", serve(CONTENT))
        get(folder, address.format(host=server.address("")), patience=Patience(), **known)


def fetched_to_a_disk(folder, free):
    """Fetch into the folder `here`, where each folder is a disk with so many bytes free."""
    with patch("shutil.disk_usage", lambda path: SimpleNamespace(free=free[Path(path).resolve().name])):
        fetched(folder / "here")


def of_disks(**free):
    def make():
        for name in free:
            Path(name).mkdir()
        return calling(fetched_to_a_disk, free={**free})()

    return make


def link_to_the_other(call, said):
    shutil.rmtree("here")
    Path("here").symlink_to("there")


MEETS = [
    (
        calling(fetched, address="host/file"),
        {"sources.download.http: write https://host/path": change(address="{host}/file")},
    ),
    *[
        (
            calling(fetched, unverified=False),
            {
                "sources.download.http: give `sha256`, `md5` or `bytes`": change(**{name: value}),
                "sources.download.http: set `unverified: true` if its source publishes none": change(unverified=True),
            },
        )
        for name, value in KNOWN.items()
    ],
    (
        of_disks(here=200_000, there=10**9),
        {
            "sources.download.http: make room there": lambda call, said: call.keywords["free"].update(here=10**9),
            "sources.download.http: make that folder a link to one with more": link_to_the_other,
        },
    ),
]
