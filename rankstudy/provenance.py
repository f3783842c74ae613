"""Which version of the workflow ran: the commit of its folder, and whether the files differ from it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

UNKNOWN = "unknown"
_PARTS = ("Snakefile", "config", "envs", "rankstudy", "workflow")


def commit(folder: str | os.PathLike) -> str:
    """Return the commit of a workflow's folder as 40 digits, with a note when its files differ from it.

    Only what decides a result counts as a difference: the Snakefile and the folders config, envs, rankstudy and
    workflow. The answer is `unknown` where git is missing, or where the folder is not under version control itself
    (such as an unpacked archive inside somebody's repository).
    """
    if not _git(folder, "ls-files", "--error-unmatch", "Snakefile"):
        return UNKNOWN
    head = (_git(folder, "rev-parse", "--verify", "HEAD") or "").strip()
    changes = _git(folder, "status", "--porcelain", "--", *(p for p in _PARTS if (Path(folder) / p).exists()))
    if not head or changes is None:
        return UNKNOWN
    return f"{head} with uncommitted changes" if changes.strip() else head


def _git(folder: str | os.PathLike, *arguments: str) -> str | None:
    """Return what git prints, or None if it fails or is missing."""
    # a hook sets GIT_DIR and others for its own repository
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {"GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=30, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
