"""Which version of the workflow ran, and how: the commit of its folder, the command, and what an environment pins."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rankstudy.core.errors import StudyError

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


def command(
    configfiles: Sequence[str | os.PathLike], config: Mapping[str, Any], folder: str | os.PathLike
) -> dict[str, Any]:
    """Return how to run the study again in the working directory, from the workflow's folder.

    Where somebody keeps files does not belong into a result: what lies in the workflow's folder is named from there,
    a configuration file in the working directory from that, and what lies elsewhere by its name alone.

    Parameters
    ----------
    configfiles, config
        What was given by `--configfile` and, as Snakemake has read it, by `--config`.
    folder
        Folder of the workflow that runs.

    Returns
    -------
    `options`: those of the configuration, as a shell reads them, to stand at the end of any command of Snakemake.
    `command`: the one that runs the study. `report`: the one that packs it. `elsewhere`: names in them of what lies
    elsewhere.
    """
    root, here = Path(folder).resolve(), Path.cwd().resolve()
    directory, *outside = _named(here, {root: ""})
    options: dict[str, list[str]] = {"--directory": [] if here == root else [directory], "--configfile": []}
    for file in map(Path, configfiles):
        # the folder as it is, but a link by its own name
        name, *unknown = _named(file.parent.resolve() / file.name, {root: "", here: directory})
        options["--configfile"].append(name)
        outside += unknown
    options["--config"] = [f"{key}={_yaml(value)}" for key, value in config.items()]
    words = [word for option, values in options.items() if values for word in (option, *map(shlex.quote, values))]
    return {
        "options": " ".join(words),
        "command": " ".join(["snakemake --cores all", *words]),
        "report": " ".join(["snakemake --report report.zip", *words]),
        "elsewhere": list(dict.fromkeys(outside)),
    }


def _named(path: Path, places: Mapping[Path, str]) -> list[str]:
    """Return a path as it is called from one of the places, or its name alone, twice."""
    for folder, called in places.items():
        if path.is_relative_to(folder):
            return [(Path(called) / path.relative_to(folder)).as_posix()]
    return [path.name, path.name]


_PLAIN = re.compile(r"[\w./][\w./+-]*( [\w./+-]+)*")


def _yaml(value: Any, *, inside: bool = False) -> str:
    """Return a value as `--config` reads it: YAML on one line, in which all scalars below the first level are text."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_yaml(key, inside=True)}: {_yaml(v, inside=True)}" for key, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_yaml(v, inside=True) for v in value) + "]"
    text = "" if value is None else str(value)
    return text if not inside or _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


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
