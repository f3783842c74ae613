"""Digests of code: a rule reruns when a module that it uses changes, and only then.

Snakemake notices a changed script, not a changed module that the script imports. Each rule therefore carries the
digest of its modules, and of all modules of this package that those import, as a param. It depends on the content
alone: touching a file changes nothing.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

from rankstudy.core.modules import is_file

PACKAGE = Path(__file__).resolve().parents[1]


@cache
def code_digest(*modules: str) -> str:
    """Return a digest of the modules (`"rankstudy.cells.selection"`) and of what they import from this package.

    A module outside of the package is named by the path of its file, and counts by its content, wherever it lies. Kept
    as long as the process lives: rules whose modules depend on a wildcard ask for it once per job.
    """
    digest = hashlib.sha256()
    for name in sorted(modules_used(*modules)):
        for file in _files(name):
            place = "" if is_file(name) else f"{name}/"
            digest.update(f"{place}{file.name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def modules_used(*modules: str) -> set[str]:
    """Return the modules and all those of this package that they import, directly or not.

    Packages around them count too, unless they say what they are for and do nothing; the outermost, which holds the
    version, does not.
    """
    seen: set[str] = set()
    todo = list(modules)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(_imports(name))
            todo.extend(_parents(name))
    return {name for name in seen if _has_content(name)}


def _parents(name: str) -> list[str]:
    """Return the subpackages that are executed when the module is imported."""
    parts = [] if is_file(name) else name.split(".")
    return [".".join(parts[:n]) for n in range(2, len(parts))]


@cache
def _has_content(name: str) -> bool:
    """Tell whether there is more than the `__init__` of a package that has a docstring alone, and no data files."""
    path, *data = _files(name)
    return path.name != "__init__.py" or bool(data) or len(_parsed(path).body) > 1


def _path(name: str) -> Path | None:
    """Return the source file of a module, or None if there is no such module in this package."""
    if is_file(name):
        return Path(name)
    base = PACKAGE.parent.joinpath(*name.split("."))
    for candidate in (base / "__init__.py", base.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


def _files(name: str) -> list[Path]:
    """Return the module's source and, for a package, the data files (templates, styles) in its folder."""
    path = _path(name)
    if path is None:
        raise ValueError(f"there is no module {name}")
    if path.name != "__init__.py" or path.parent == PACKAGE:
        return [path]
    data = [p for p in path.parent.iterdir() if p.is_file() and p.suffix != ".py" and not p.name.startswith(".")]
    return [path, *sorted(data)]


@cache
def _imports(name: str) -> frozenset[str]:
    """Return the modules of this package that a module imports, at the top or inside a function."""
    path = _path(name)
    if path is None:
        raise ValueError(f"there is no module {name}")
    found = set()
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.Import):
            candidates = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            candidates = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        found.update(c for c in candidates if c.startswith(f"{PACKAGE.name}.") and _path(c) is not None)
    return frozenset(found)


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
