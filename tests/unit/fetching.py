"""A file to fetch, and a fetch that loses no time."""

import hashlib
import json
import random

from rankstudy.sources.download import Download, Patience, fetch

CONTENT = random.Random(1).randbytes(300_000)
SHA, MD5 = (hashlib.new(name, CONTENT).hexdigest() for name in ("sha256", "md5"))
QUICK = Patience(connect=5, read=0.3, attempts=3, progress_bytes=1000, first_delay=0.01, longest_delay=0.02)
# a program that fetches into a folder and waits long for a server that stalls
FETCH = """
import sys
from pathlib import Path
from tests.unit.fetching import get
from rankstudy.sources.download import Patience
get(Path(sys.argv[1]), sys.argv[2], patience=Patience(read=60))
"""


def get(folder, *addresses, patience=QUICK, **known):
    """Fetch to folder/file (known by its SHA-256, if nothing else is given) and return its content and manifest."""
    known = known if known.keys() & {"sha256", "md5", "bytes", "unverified"} else {**known, "sha256": SHA}
    download = Download(what="the file", addresses=addresses, **known)
    fetch(download, folder / "file", folder / "file.json", locks=folder / "locks", patience=patience)
    return (folder / "file").read_bytes(), json.loads((folder / "file.json").read_text())


def left(folder):
    """Return the names of the files in the folder."""
    return sorted(path.name for path in folder.iterdir() if path.is_file())
