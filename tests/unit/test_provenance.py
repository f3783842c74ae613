"""Which commit and command a run names: the workflow's own, and nothing of this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

from rankstudy import provenance


def git(folder: Path, *arguments: str) -> str:
    settings = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "core.hooksPath=/dev/null",
    ]
    return subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_commit_of_the_workflows_folder(tmp_path, monkeypatch):
    assert provenance.commit(tmp_path) == "unknown"
    git(tmp_path, "init", "-q")
    (tmp_path / "Snakefile").write_text("")
    assert provenance.commit(tmp_path) == "unknown"
    git(tmp_path, "add", "Snakefile")
    git(tmp_path, "commit", "-qm", "first")
    head = git(tmp_path, "rev-parse", "HEAD").strip()
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert provenance.commit(tmp_path) == head
    (tmp_path / "report.zip").write_text("not part of the workflow")
    assert provenance.commit(tmp_path) == head
    (tmp_path / "Snakefile").write_text("# changed")
    assert provenance.commit(tmp_path) == f"{head} with uncommitted changes"
    monkeypatch.setenv("PATH", "")
    assert provenance.commit(tmp_path) == "unknown"


def test_an_unpacked_copy_has_not_the_commit_of_the_repository_around_it(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "Snakefile").write_text("")
    git(tmp_path, "add", "Snakefile")
    git(tmp_path, "commit", "-qm", "first")
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "Snakefile").write_text("")
    assert provenance.commit(tmp_path / "copy") == "unknown"


def test_command_names_no_folder_of_this_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    workflow = tmp_path / "workflow"
    default = str(workflow / "config" / "config.yaml")
    assert provenance.command([default], workflow) == "snakemake --cores all"
    files = [default, "my/study.yaml", "/elsewhere/odd name.yaml"]
    assert provenance.command(files, workflow) == "snakemake --cores all --configfile my/study.yaml 'odd name.yaml'"
