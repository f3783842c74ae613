"""The import graph of the package: rooms, floors, arrows between rooms, and circles of modules.

`python tools/rooms.py` prints them, and each import that goes upwards. A room is a package below `rankstudy`; ROOMS has
them from the lowest up. Texts that name a function (`"rankstudy.spaces.encodings.rank:fractional_ranks"`) count as
imports: they are loaded as such.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "rankstudy"
ROOMS = ("core", "sources", "cells", "pairs", "spaces", "measures", "config", "run", "report")
_FUNCTION = re.compile(r"rankstudy(\.\w+)+:\w+")


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """Return the file of each module of the package, by its name without the package's (`cells.index`)."""
    files = {path: path.relative_to(package).with_suffix("").parts for path in sorted(package.rglob("*.py"))}
    named = {".".join(parts[:-1] if parts[-1] == "__init__" else parts): path for path, parts in files.items()}
    return {name: path for name, path in named.items() if name}


def imports(package: Path = PACKAGE) -> dict[str, set[str]]:
    """Return which modules of the package each module imports, anywhere in it or by the name of a function."""
    known = modules(package)
    return {name: set(_imported(path, known, package.name)) - {name} for name, path in known.items()}


def _imported(path: Path, known: Mapping[str, Path], package: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for name in _named(node):
            below = name.removeprefix(f"{package}.")
            if below != name and below in known:
                yield below


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
        yield node.module
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _FUNCTION.fullmatch(node.value):
        yield node.value.partition(":")[0]


def room(module: str) -> str:
    """Return the room of a module."""
    return module.partition(".")[0]


def upward(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the imports that go from a lower room to a higher one."""
    edges = [(lower, higher) for lower, imported in graph.items() for higher in imported]
    return sorted(f"{a} imports {b}" for a, b in edges if ROOMS.index(room(a)) < ROOMS.index(room(b)))


def arrows(graph: Mapping[str, Iterable[str]]) -> set[tuple[str, str]]:
    """Return which room imports from which other."""
    return {(room(a), room(b)) for a, imported in graph.items() for b in imported if room(a) != room(b)}


def floors(between: Iterable[tuple[str, str]]) -> int:
    """Return how many floors the rooms need, if each stands above all from which it imports."""
    below = {name: [b for a, b in between if a == name] for name in ROOMS}

    @cache
    def floor(name: str) -> int:
        return 1 + max(map(floor, below[name]), default=0)

    return max(map(floor, ROOMS))


def circles(graph: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Return the sets of modules that import each other, directly or not."""

    @cache
    def reached(module: str) -> frozenset[str]:
        seen, todo = set(), [module]
        while todo:
            new = set(graph[todo.pop()]) - seen
            seen |= new
            todo += new
        return frozenset(seen)

    return sorted({tuple(sorted(b for b in reached(a) if a in reached(b))) for a in graph if a in reached(a)})


def main() -> None:
    """Print the graph in numbers; end with status 1 if an import goes upwards or modules import in a circle."""
    graph = imports()
    wrong = [*upward(graph), *(f"circle: {', '.join(names)}" for names in circles(graph))]
    between = arrows(graph)
    loose = [name for name in graph if room(name) not in ROOMS]
    print(
        f"{len(graph)} modules, {len(loose)} of them in no room; {len(ROOMS)} rooms on {floors(between)} floors; "
        f"{len(between)} arrows between rooms"
    )
    print(*wrong, sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
