"""Which version of the workflow ran, and how: the commit of its folder, the command, and what an environment pins."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rankstudy.errors import StudyError

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


def command(configfiles: Sequence[str | os.PathLike], folder: str | os.PathLike) -> str:
    """Return the command that runs the study with these configuration files, the default one left out.

    Files are named relative to the working directory or to the workflow's folder, others by their name alone: where
    somebody keeps files does not belong into a result.
    """
    default = Path("config", "config.yaml")
    defaults = {(base / default).resolve() for base in (Path.cwd(), Path(folder))}
    extra = [_short(Path(f), Path(folder)) for f in dict.fromkeys(configfiles) if Path(f).resolve() not in defaults]
    return " ".join(["snakemake --cores all", *(["--configfile", *map(shlex.quote, extra)] if extra else [])])


def _short(file: Path, folder: Path) -> str:
    for base in (Path.cwd(), folder):
        if file.resolve().is_relative_to(base.resolve()):
            return file.resolve().relative_to(base.resolve()).as_posix()
    return file.name


def pinned(environment: str | os.PathLike, packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of packages that an environment file (`envs/*.yaml`) pins.

    Raises
    ------
    StudyError
        If one of them is not in the file.
    """
    text = Path(environment).read_text(encoding="utf-8")
    versions = dict(re.findall(r"^\s*- ([A-Za-z0-9._-]+)==([^\s;]+)", text, flags=re.MULTILINE))
    missing = [name for name in packages if name not in versions]
    if missing:
        raise StudyError(f"{environment}: does not pin {', '.join(missing)}; `make locks` writes it from envs/*.in")
    return {name: versions[name] for name in packages}
