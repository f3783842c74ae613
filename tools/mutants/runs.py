"""Runs of tests in a copy of the repository: each a fork of a process that has loaded the libraries."""

from __future__ import annotations

import ast
import builtins
import contextlib
import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numba
import pytest

from tools.mutants.mutations import Mutant, functions_of

IN_CHILD = 70  # status of a child that did not come to the tests
_CALLS = "__calls__"


@dataclass(frozen=True)
class Run:
    """How tests ended: the status of pytest (None: out of time), seconds of computing, and what pytest said."""

    status: int | None
    seconds: float
    said: str


class Copy:
    """A copy of the working tree of a repository in which faults are planted and tests run."""

    def __init__(self, root: Path, folder: Path):
        self.root, self._log = folder / root.name, folder / "log"
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        for name in subprocess.run(listed, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0"):
            if name and (root / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, self.root / name)
        (root / ".pytest_cache" / "d").mkdir(parents=True, exist_ok=True)
        (self.root / ".pytest_cache").mkdir()
        for name in (".venv", ".venv-test", ".pytest_cache/d", "../shared"):  # which no test changes
            if (root / name).exists():
                (self.root / name).symlink_to((root / name).resolve())
        self._versions = itertools.count(1)

    @contextlib.contextmanager
    def changed(self, texts: Mapping[str, bytes]) -> Iterator[None]:
        """Have other texts in files for a while."""
        kept = {name: ((self.root / name).read_bytes(), (self.root / name).stat().st_mtime_ns) for name in texts}
        try:
            for name, text in texts.items():
                # by the second, and never the same: Python knows what it has compiled by the time of a file
                self._write(name, text, kept[name][1] + next(self._versions) * 10**9)
            yield
        finally:
            for name, (text, changed_at) in kept.items():
                self._write(name, text, changed_at)

    def _write(self, name: str, text: bytes, changed_at: int) -> None:
        (self.root / name).write_bytes(text)
        os.utime(self.root / name, ns=(changed_at, changed_at))

    def with_fault(self, mutant: Mutant, tests: list[str], seconds: float) -> Run:
        """Run tests, in this order, up to the first failure, with a fault planted."""
        source = (self.root / mutant.path).read_bytes()
        files = sorted({test.split("::")[0] for test in tests})
        with self.changed({mutant.path: mutant.planted(source)}):
            return self._forked(lambda: _run(files, Chosen(tests), "-x"), seconds)

    def watched(self, file: str, modules: list[str], seconds: float) -> tuple[Run, dict[str, tuple[float, list[str]]]]:
        """Run a file of tests without a fault.

        Returns
        -------
        How it ended; for each test that passes its seconds and the functions of the modules that it may depend on, as
        `path:name`.
        """
        texts = {name: noting_calls(name, (self.root / name).read_text(encoding="utf-8")) for name in modules}
        notes = self.root.parent / "notes.json"
        notes.write_text("{}", encoding="utf-8")

        def watch() -> int:
            plugin = Watch()
            status = _run([file], plugin, "--maxfail=0")
            notes.write_text(json.dumps(plugin.found()), encoding="utf-8")
            return status

        with self.changed({name: text.encode() for name, text in texts.items()}):
            run = self._forked(watch, seconds)
        return run, json.loads(notes.read_text(encoding="utf-8"))

    def _forked(self, function: Callable[[], int], seconds: float) -> Run:
        """Call a function in a fork, for so many seconds of computing and twenty times as many by the clock."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        child = os.fork()
        if not child:
            status = IN_CHILD
            try:
                self._settle(seconds)
                status = int(function())
            finally:
                sys.stdout.flush()
                os._exit(status)
        status = _wait(child, 20 * seconds)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = sum(getattr(after, name) - getattr(before, name) for name in ("ru_utime", "ru_stime"))
        return Run(status, spent, self._log.read_text(errors="replace", encoding="utf-8"))

    def _settle(self, seconds: float) -> None:
        """Make this process one that runs in the copy."""
        os.setsid()
        with open(self._log, "wb") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
        os.chdir(self.root)
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.mkdtemp(dir=self.root.parent)
        sys.path[:] = [
            str(self.root),
            *(path for path in sys.path if Path(path).resolve() != Path(__file__).parents[2]),
        ]


def _run(files: list[str], plugin: object, *more: str) -> int:
    # of what is imported from here on: a fault in a compiled function would be compiled anew each time
    numba.config.DISABLE_JIT = True
    quick = ["-m", "not study and not long and not slow"]
    options = [*more, *quick, "-q", "--no-header", "--tb=line", "-p", "no:faulthandler", "--hypothesis-seed=0"]
    return int(pytest.main([*options, *files], plugins=[plugin]))


def _wait(child: int, seconds: float) -> int | None:
    """Wait for a child, return its exit status; None if it took too long, and it and its own children are gone."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            code = os.waitstatus_to_exitcode(status)
            return None if code in (-signal.SIGXCPU, -signal.SIGKILL) else code
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


class Chosen:
    """Plugin of pytest: runs chosen tests alone, in their order."""

    def __init__(self, tests: list[str]):
        self._place = {test: place for place, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        items[:] = sorted((i for i in items if i.nodeid in self._place), key=lambda item: self._place[item.nodeid])


class Watch:
    """Plugin of pytest: notes how long each test takes, and which functions it calls that note their calls.

    What is called while a file is read or a fixture is made counts for all tests of the file.
    """

    def __init__(self) -> None:
        self._calls: set[str] = set()
        setattr(builtins, _CALLS, self._calls)
        self._shared: set[str] = set()
        self._tests: dict[str, tuple[float, set[str]]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Note what one test calls."""
        self._shared |= self._calls
        self._calls.clear()
        begin = time.process_time()
        outcome = yield
        if outcome.excinfo is None:
            self._tests[item.nodeid] = time.process_time() - begin, set(self._calls)
        self._calls.clear()

    def found(self) -> dict[str, tuple[float, list[str]]]:
        """Return for each test that passed its seconds and functions."""
        return {
            name: (round(seconds, 3), sorted(calls | self._shared)) for name, (seconds, calls) in self._tests.items()
        }


def noting_calls(path: str, source: str) -> str:
    """Return the text of a module whose functions note that they were called."""
    tree = ast.parse(source)
    for name, function in functions_of(tree):
        after_docstring = ast.get_docstring(function, clean=False) is not None
        function.body.insert(after_docstring, ast.parse(f"{_CALLS}.add({f'{path}:{name}'!r})").body[0])
    return ast.unparse(tree)
