"""Where the files of the configuration lie: in the working directory, or else with the workflow."""

from __future__ import annotations

import os
from pathlib import Path

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.core.files import find_file


def find_configured(
    key: str, what: str, folder: str, name: str, workflow: str | os.PathLike, suffix: str = ".yaml"
) -> str:
    """Return the path of `<folder>/<name>.yaml`; raise StudyError, with the names there are, if it does not exist."""
    file = find_file(f"{folder}/{name}{suffix}", workflow)
    if not Path(file).exists():
        known = sorted({p.stem for place in {Path(folder), Path(workflow) / folder} for p in place.glob(f"*{suffix}")})
        problem = f"{key}: there is no {what} {name!r}{did_you_mean(name, known)}: no file {folder}/{name}{suffix}"
        raise StudyError(advise(problem, "write that file", f"name one of the {what}s {listing(known, 30)}"))
    return file
