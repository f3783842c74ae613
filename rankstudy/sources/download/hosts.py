"""One file at a time per host: jobs of one run, and runs in one folder, take turns."""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)


@contextmanager
def turn(host: str, folder: str | os.PathLike) -> Iterator[None]:
    """Wait until no other process downloads from `host`, and keep the others waiting until the block ends.

    The lock is the operating system's, on a file in `folder`: it ends with the process, however that ends.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    with open(Path(folder) / f"{re.sub(r'[^A-Za-z0-9.-]', '_', host)}.lock", "a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("waiting: another job downloads from %s, and files are fetched one at a time", host)
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            # some network file systems know no locks; a turn is a courtesy, not a matter of correctness
            log.warning("%s: cannot be locked (%s); jobs may download from %s at the same time", folder, error, host)
        yield
