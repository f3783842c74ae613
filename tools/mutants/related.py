"""Which tests are about a module: those nearest by imports, and, one step further, those that are named after it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path


def related_tests(root: Path, tests: Iterable[Path]) -> dict[str, list[str]]:
    """Return for each module the files of tests, the likeliest to notice a fault first.

    Parameters
    ----------
    root
        Folder of the repository.
    tests
        Files of tests.
    """
    modules = _modules(root)
    names = [str(test.relative_to(root)) for test in tests]
    imports = {path: _imports(root, path, modules) for path in {*modules.values(), *names}}
    distances = {name: _distances(name, imports) for name in names}
    found = {}
    for module in modules.values():
        away = {test: steps[module] for test, steps in distances.items() if module in steps}
        nearest = min(away.values(), default=0)
        near = [test for test, steps in away.items() if steps <= nearest + (_shared_name(test, module) > 0)]
        order = {test: (-_shared_name(test, module), away[test], len(imports[test]), test) for test in near}
        found[module] = sorted(near, key=order.get)
    return found


def _modules(root: Path) -> dict[str, str]:
    """Return the files of the package and of the helpers of its tests by the names under which they are imported."""
    files = [*root.glob("rankstudy/**/*.py"), *root.glob("tests/unit/*.py")]
    names = {path: path.relative_to(root).with_suffix("").parts for path in files}
    return {".".join(parts).removesuffix(".__init__"): str(path.relative_to(root)) for path, parts in names.items()}


def _imports(root: Path, path: str, modules: Mapping[str, str]) -> set[str]:
    """Return the files that a file imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse((root / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & set(modules) or {node.module}
    return {modules[name] for name in found if name in modules} - {path}


def _distances(start: str, imports: Mapping[str, set[str]]) -> dict[str, int]:
    """Return how many steps of imports each file is away."""
    distances, front = {start: 0}, [start]
    while front:
        reached = {other for path in front for other in imports.get(path, ())} - set(distances)
        distances |= dict.fromkeys(reached, distances[front[0]] + 1)
        front = sorted(reached)
    return distances


def _shared_name(test: str, module: str) -> int:
    """Return 2 if the name of a file of tests has that of the module in it, 1 if that of a package it is in, else 0."""
    *packages, name = Path(module).with_suffix("").parts[1:]
    stem = Path(test).stem
    return 2 if name.rstrip("s") in stem else int(any(package.rstrip("s") in stem for package in packages))
