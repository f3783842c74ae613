#!/usr/bin/env python3
"""Write the lock files in envs/ from the short, human-written .in files beside them.

    tools/lock.py              rewrite every lock; what is already locked stays at its version where it can
    tools/lock.py --upgrade    the same, but take the newest versions that the .in files allow
    tools/lock.py --check      say which locks do not belong to their .in files (no network, nothing written)

An .in file lists exact pins (`name==version`), options of pip's requirements format (copied to the lock) and
`-r other.in`. A lock lists every package with the SHA-256 of each wheel that may be installed. A lock that
ends in .yaml is a conda environment file with those lines in its `pip:` section, for Snakemake's `conda:`
directive; one that ends in .txt is a requirements file. To add an environment, write envs/<name>.in and name
it in LOCKS.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

ENVS = Path(__file__).resolve().parents[1] / "envs"

# Rule environments ask for the minor version of Python only: wheels are built for a minor version, so every
# patch release takes the same bytes, and each machine can use the one that it has.
PYTHON = "3.11"
PIP = "26.3"  # in the environments because rules call `python -m pip download`; conda insists on it too
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin")

# Wheels for platforms that nobody runs this on would only make the locks longer.
UNWANTED_WHEEL = re.compile(
    r"-(win|ios|android|musllinux|pyodide|wasm|emscripten)|-pp\d|-graalpy|-cp3\d+t-"
    r"|_(i686|ppc64\w*|s390x|arm\w*7l|riscv64|loongarch64)\."
)
UNWANTED_MARKER = re.compile(r"(sys_platform|platform_system) == '(win32|Windows|emscripten)'")
# torch asks for these on Linux in its CUDA build only. An unhashed lock leaves them to the installer.
CUDA = re.compile(r"(nvidia|cuda)-.+|triton")

PIN = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[\w,-]+\])?==([^\s;#\\]+)")
DIGEST = re.compile(r"^# sha256 of the sources: (\w+)$", re.MULTILINE)


class LockError(Exception):
    """A lock cannot be made, or does not belong to its source."""


@dataclass(frozen=True)
class Lock:
    """One .in file and the lock made from it."""

    target: str
    like: str | None = None  # another lock, whose versions hold here too
    any_python: bool = False  # any Python from PYTHON on, not only PYTHON
    hashes: bool = True  # False: exact versions only, for torch, whose CPU and CUDA builds differ

    @property
    def name(self) -> str:
        """Stem that the .in file and the lock share."""
        return self.target.partition(".")[0]


LOCKS = (
    Lock("core.yaml"),
    Lock("metrics.yaml", like="core.yaml"),
    Lock("models.yaml", like="core.yaml", hashes=False),
    Lock("driver.txt", any_python=True),
    Lock("test.txt", like="core.yaml"),
    Lock("test-models.txt", like="test.txt", hashes=False),
)


def read_source(path: Path) -> tuple[bytes, list[str], dict[str, str]]:
    """Return the bytes, the option lines and the direct pins of an .in file and of those that it includes."""
    if not path.exists():
        raise LockError(f"{path.name} is missing")
    content, options, pins = path.read_bytes(), [], {}
    for raw in content.decode().splitlines():
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if line.startswith("-r "):
            more = read_source(path.parent / line[3:].strip())
            content += more[0]
            options += more[1]
            pins |= more[2]
        elif line.startswith("-"):
            options.append(line)
        elif line:
            pin = PIN.fullmatch(line.partition(";")[0].strip())
            if not pin:
                raise LockError(f"{path.name}: {line!r} is not an exact pin, name==version")
            pins[normalise(pin[1])] = pin[2]
    return content, options, pins


def normalise(name: str) -> str:
    """Return a package's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str) -> dict[str, set[str]]:
    """Return the versions of each package in the text of a lock (several where they depend on the Python)."""
    versions: dict[str, set[str]] = {}
    for line in text.splitlines():
        pin = PIN.match(line.strip().removeprefix("- ").lstrip("\"'"))
        if pin:
            versions.setdefault(normalise(pin[1]), set()).add(pin[2])
    return versions


def find_uv() -> str:
    """Return the uv of the driver environment, or the one on PATH."""
    beside = str(ENVS.parent / ".venv" / "bin")
    uv = shutil.which("uv", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))
    if not uv:
        raise LockError("uv not found: run `make setup` first")
    return uv


def resolve(lock: Lock, constraints: str, envs: Path) -> dict[str, set[str]]:
    """Resolve an .in file; return {requirement with its marker: SHA-256 of each installable file}."""
    import tomllib

    if lock.any_python:
        variants = [["--universal"]]
    else:
        variants = [["--python-platform", platform] for platform in (PLATFORMS if lock.hashes else PLATFORMS[:1])]
    results: list[dict[str, set[str]]] = []
    with tempfile.TemporaryDirectory() as scratch:
        constraint = Path(scratch, "constraints.txt")
        constraint.write_text(constraints, encoding="utf-8")
        for variant in variants:
            out = Path(scratch, "pylock.toml")
            command = [
                find_uv(),
                "pip",
                "compile",
                "--quiet",
                "--no-config",
                "--no-header",
                "--python-version",
                PYTHON,
            ]
            command += [
                *variant,
                "--constraint",
                str(constraint),
                "--format",
                "pylock.toml",
                "--output-file",
                str(out),
            ]
            done = subprocess.run([*command, f"{lock.name}.in"], cwd=envs, capture_output=True, text=True)
            if done.returncode:
                raise LockError(f"{lock.name}.in does not resolve {' '.join(variant)}\n{done.stderr.strip()}")
            packages = tomllib.loads(out.read_text(encoding="utf-8"))["packages"]
            out.unlink()
            results.append({requirement(p): installable(p) for p in packages if wanted(p, lock)})
    for variant, result in zip(variants, results, strict=True):
        if result.keys() != results[0].keys():
            raise LockError(f"{lock.name}.in: {' '.join(variant)} needs other packages than {' '.join(variants[0])}")
    return {line: set().union(*(result[line] for result in results)) for line in results[0]}


def wanted(package: dict, lock: Lock) -> bool:
    """Tell whether a resolved package belongs in the lock."""
    return not UNWANTED_MARKER.search(package.get("marker", "")) and (
        lock.hashes or not CUDA.fullmatch(package["name"])
    )


def requirement(package: dict) -> str:
    """Return a resolved package as a requirement, with the marker under which it holds."""
    # That the Python is new enough holds for all packages alike and need not be said of each.
    marker = package.get("marker", "").removeprefix(f"python_full_version >= '{PYTHON}'").removeprefix(" and ")
    return f"{package['name']}=={package['version']}" + (f" ; {marker}" if marker else "")


def installable(package: dict) -> set[str]:
    """Return the SHA-256 of each wheel that may be installed, or of the source where there is no wheel."""
    files = package.get("wheels") or [package["sdist"]]
    return {
        f["hashes"]["sha256"] for f in files if not UNWANTED_WHEEL.search(f.get("name") or f["url"].rpartition("/")[2])
    }


def digest(content: bytes) -> str:
    """Return the digest that ties a lock to its sources, whatever the line ends."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def render(lock: Lock, content: bytes, options: list[str], packages: dict[str, set[str]]) -> str:
    """Return the text of a lock."""
    head = textwrap.dedent(f"""\
        # Written by tools/lock.py. Do not edit: change {lock.name}.in and run `make locks`.
        # sha256 of the sources: {digest(content)}
        """)
    hashed = {
        line: [f"--hash=sha256:{h}" for h in sorted(hashes if lock.hashes else ())] for line, hashes in packages.items()
    }
    options = [*(["--require-hashes"] if lock.hashes else []), *dict.fromkeys(options)]
    if lock.target.endswith(".txt"):
        lines = [" \\\n    ".join([line, *hashes]) for line, hashes in hashed.items()]
        return head + "\n".join([*options, *lines]) + "\n"
    # A plain YAML scalar over several lines is folded to one line with single spaces.
    items = [f'"{option}"' for option in options] + [
        "\n        ".join([line, *hashes]) for line, hashes in hashed.items()
    ]
    section = "".join(f"\n      - {item}" for item in items)
    return (
        head
        + textwrap.dedent(f"""\
        channels:
          - conda-forge
        dependencies:
          - python={PYTHON}
          - pip={PIP}
          - pip:""")
        + section
        + "\n"
    )


def write(lock: Lock, upgrade: bool, envs: Path) -> None:
    """Resolve an .in file and write its lock."""
    content, options, pins = read_source(envs / f"{lock.name}.in")
    target = envs / lock.target
    keep = {} if upgrade or not target.exists() else locked(target.read_text(encoding="utf-8"))
    if lock.like:
        keep |= locked((envs / lock.like).read_text(encoding="utf-8"))
    # A package with several versions is left to the resolver: which one holds depends on the Python.
    constraints = "".join(f"{n}=={v}\n" for n, vs in keep.items() if n not in pins and len(vs) == 1 for v in vs)
    try:
        packages = resolve(lock, constraints, envs)
    except LockError as error:
        hint = "" if upgrade else "\nIf a locked version is in the way: tools/lock.py --upgrade"
        raise LockError(f"{error}{hint}") from None
    text = render(lock, content, options, packages)
    partial = target.with_name(f".{target.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)
    print(f"{target.name}: {len(packages)} packages, {text.count('--hash=')} files")


def problems(lock: Lock, envs: Path) -> list[str]:
    """Return what is wrong between an .in file and its lock; needs no network."""
    target = envs / lock.target
    if not target.exists():
        return [f"{target.name} is missing"]
    try:
        content, _, pins = read_source(envs / f"{lock.name}.in")
    except LockError as error:
        return [str(error)]
    text = target.read_text(encoding="utf-8")
    recorded = DIGEST.search(text)
    found = []
    if not recorded or recorded[1] != digest(content):
        found.append(f"{target.name} was not written from this {lock.name}.in (or a file that it includes)")
    versions = locked(text)
    for name, version in pins.items():
        if version not in versions.get(name, ()):
            has = " and ".join(sorted(versions.get(name, ()))) or "nothing"
            found.append(f"{lock.name}.in asks for {name}=={version}, {target.name} has {has}")
    if lock.like and (envs / lock.like).exists():
        other = locked((envs / lock.like).read_text(encoding="utf-8"))
        found += [f"{target.name} and {lock.like} differ in {n}" for n in other if versions.get(n) != other[n]]
    if lock.hashes:
        lines = text.splitlines()
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if locked(line) and not following.strip().startswith("--hash=sha256:"):
                found.append(f"{target.name}: no hash for {line.strip()}")
    if re.search(r"https?:|file:|--(extra-)?index-url|--find-links", text):
        found.append(f"{target.name} names an address")
    return found


def check(envs: Path = ENVS, locks: tuple[Lock, ...] = LOCKS) -> list[str]:
    """Return what is wrong in the whole folder."""
    found = [problem for lock in locks for problem in problems(lock, envs)]
    known = {lock.name for lock in locks}
    included = {
        name
        for path in envs.glob("*.in")
        for name in re.findall(r"^-r (\S+)\.in", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    found += [
        f"{p.name}: no entry in LOCKS of tools/lock.py, and no other .in file includes it"
        for p in sorted(envs.glob("*.in"))
        if p.stem not in known | included
    ]
    return found


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="only compare, offline")
    mode.add_argument("--upgrade", action="store_true", help="do not keep locked versions")
    args = parser.parse_args()
    if args.check:
        found = check()
        if found:
            print("\n".join([*found, "Run `make locks` and commit the result."]), file=sys.stderr)
        return 1 if found else 0
    try:
        for lock in LOCKS:
            write(lock, args.upgrade, ENVS)
    except LockError as error:
        print(f"tools/lock.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
