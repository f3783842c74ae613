"""A second name for a downloaded file, so that nothing is downloaded twice.

Snakemake removes the outputs of a rule before it runs the rule again, and runs it again for reasons that have nothing
to do with the file: a newer package in the environment, a changed line of code, a hash that was added to the YAML. A
hard link in `.kept/` beside the file takes no space, and goes with the folder.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rankstudy.core.errors import StudyError
from rankstudy.core.files import verify, write_json

log = logging.getLogger(__name__)


def keep(path: str | os.PathLike, manifest: str | os.PathLike) -> None:
    """Give a downloaded file and its manifest their second names."""
    try:
        for file in map(Path, (path, manifest)):
            kept = _kept(file)
            kept.parent.mkdir(exist_ok=True)
            kept.unlink(missing_ok=True)
            os.link(file, kept)
    except OSError as error:  # not every file system has hard links
        log.info("%s: no second name (%s); if this rule has to run again, it downloads again", path, error)


def restore(
    path: str | os.PathLike,
    manifest: str | os.PathLike,
    *,
    source: Mapping[str, Any],
    licence: str | None,
    sha256: str | None,
    bytes: int | None,
    md5: str | None,
) -> bool:
    """Give the file its name back, if it was kept and is the one asked for; return whether it was.

    Parameters
    ----------
    path, manifest
        Where both go.
    source
        The origin as the manifest states it: without a hash to go by, a file of another origin is not taken.
    licence
        For the manifest.
    sha256, bytes, md5
        What the file must be; without `sha256`, its bytes must still be those that were downloaded.
    """
    kept, notes = _kept(Path(path)), _kept(Path(manifest))
    try:
        record = json.loads(notes.read_text(encoding="utf-8"))
        if record["source"] != source and sha256 is None and md5 is None:
            raise StudyError("it is of another source")
        verify(kept, sha256_expected=sha256 or record["sha256"], bytes_expected=bytes, md5_expected=md5, what=str(kept))
    except FileNotFoundError:
        return False
    except (StudyError, ValueError, KeyError, TypeError) as error:
        log.info("%s is not used: %s", kept, error)
        for file in (kept, notes):
            file.unlink(missing_ok=True)
        return False
    Path(path).unlink(missing_ok=True)
    os.link(kept, path)
    write_json({**record, "licence": licence}, manifest)
    log.info("%s: downloaded on %s, and still the same; nothing is downloaded", path, record.get("downloaded"))
    return True


def _kept(file: Path) -> Path:
    return file.parent / ".kept" / file.name
