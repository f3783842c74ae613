"""Where the workflow lies, also where another one has it as a module and `workflow.basedir` is that other one's folder."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent


def is_imported(folder: str | os.PathLike) -> bool:
    """Return whether the Snakefile that runs lies in another folder than this workflow, which it has as a module."""
    return Path(folder).resolve() != FOLDER
