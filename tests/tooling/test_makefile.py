"""`make setup` does its work once, and gives way to a conda of the machine's own."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(folder, *args, **env):
    """Call make as a user would, whether or not these tests run under make."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.run(["make", *args], cwd=folder, env={**clean, **env}, capture_output=True, text=True)


@pytest.fixture
def clone(tmp_path):
    """Return a copy of the tooling, in a path with a space, whose .venv looks ready but is empty."""
    clone = tmp_path / "a clone"
    clone.mkdir()
    shutil.copy(ROOT / "Makefile", clone)
    for folder in ("envs", "tools"):
        shutil.copytree(ROOT / folder, clone / folder)
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / ".ready").touch()
    return clone


def test_setup_is_instant_the_second_time():
    ready = ROOT / ".venv" / ".ready"
    if not ready.exists():
        pytest.skip("not set up by make")
    assert make(ROOT, "setup").returncode == 0
    before, start = ready.stat().st_mtime_ns, time.monotonic()
    result = make(ROOT, "setup")
    assert result.returncode == 0 and "make demo" in result.stdout and "Installing" not in result.stdout
    assert time.monotonic() - start < 5
    assert ready.stat().st_mtime_ns == before


def test_setup_links_the_stand_in_only_without_conda(clone, tmp_path):
    (tmp_path / "bin").mkdir()
    conda = tmp_path / "bin" / "conda"
    link = clone / ".venv" / "bin" / "conda"
    # Without any conda of this machine, and with .venv active, whose link must not pass for conda.
    others = [p for p in os.environ["PATH"].split(":") if not os.access(os.path.join(p, "conda"), os.X_OK)]
    path = ":".join([str(link.parent), str(conda.parent), *others])
    assert make(clone, "setup", PATH=path).returncode == 0
    assert link.resolve() == clone / "tools" / "uv-conda" / "bin" / "conda"
    assert "No conda on PATH" in make(clone, "setup", PATH=path).stdout
    conda.write_text("#!/bin/sh\n")
    conda.chmod(0o755)
    assert "No conda" not in make(clone, "setup", PATH=path).stdout
    assert not link.is_symlink()


def test_setup_says_which_python_it_needs(clone):
    (clone / ".venv" / ".ready").unlink()
    result = make(clone, "setup", "PYTHON=no-such-python")
    assert result.returncode != 0 and "No Python >= 3.11 found" in result.stderr


def test_help_lists_each_target():
    shown = make(ROOT).stdout
    for target in ("setup", "export", "demo", "envs", "test", "lint", "locks", "schemas", "bench-pairs", "clean-envs"):
        assert f"make {target} " in shown


def test_an_export_of_a_data_set_that_the_study_does_not_have_says_what_it_has():
    if not (ROOT / ".venv" / ".ready").exists():
        pytest.skip("not set up by make")
    result = make(ROOT, "export", "ARGS=no_such_set")
    assert result.returncode != 0 and "Traceback" not in result.stderr
    assert "no_such_set is no data set of this study, which has baron_pancreas" in result.stderr
