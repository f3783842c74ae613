"""Where the workflow lies, also as a module of another one, whose folder is then `workflow.basedir`."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2]


def is_imported(folder: str | os.PathLike) -> bool:
    """Return whether the Snakefile that runs lies in another folder than this workflow, which it has as a module."""
    return Path(folder).resolve() != FOLDER


def started_from(folder: str | os.PathLike) -> Path:
    """Return where a bare `snakemake` finds the Snakefile that runs; that of a module's user may lie in `workflow/`."""
    folder = Path(folder)
    return folder.parent if is_imported(folder) and folder.name == "workflow" else folder
