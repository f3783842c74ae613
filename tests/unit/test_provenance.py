"""Which commit and command a run names: the workflow's own, and nothing of this machine."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from rankstudy.run import provenance
from rankstudy.run.workflow import FOLDER, started_from
from tests.unit.helpers import ROOT


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


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """Work in the folder of the workflow."""
    folder = tmp_path / "clone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_command_has_what_was_given(clone):
    plain = {"options": "", "command": "snakemake --cores all", "elsewhere": []}
    assert provenance.command([], {}, clone) == {**plain, "report": "snakemake --report report.zip"}
    found = provenance.command([clone / "my/odd study.yaml"], {"seeds": ["7", "8"]}, clone)
    assert found["options"] == "--configfile 'my/odd study.yaml' --config 'seeds=[7, 8]'" and not found["elsewhere"]
    assert found["command"] == f"snakemake --cores all {found['options']}"


def test_files_are_named_from_the_folder_of_the_workflow(clone, monkeypatch):
    (clone / "runs/one").mkdir(parents=True)
    monkeypatch.chdir(clone / "runs/one")
    files = [clone / "runs/one/a.yaml", clone / "config/b.yaml"]
    found = provenance.command(files, {}, clone)
    assert found["options"] == "--directory runs/one --configfile runs/one/a.yaml config/b.yaml"
    assert found["elsewhere"] == []


def test_no_command_names_a_folder_of_this_machine_and_each_says_what_lies_elsewhere(clone, tmp_path, monkeypatch):
    (tmp_path / "other-run").mkdir()
    monkeypatch.chdir(tmp_path / "other-run")
    files = [tmp_path / "other-run/sub/a.yaml", tmp_path / "elsewhere/b.yaml", clone / "c.yaml"]
    found = provenance.command(files, {}, clone)
    assert found["options"] == "--directory other-run --configfile other-run/sub/a.yaml b.yaml c.yaml"
    assert found["elsewhere"] == ["other-run", "b.yaml"]


# what Snakemake makes of the words of `--config`, and the words again
SETTINGS = [
    ("seeds=[7, 8]", {"seeds": ["7", "8"]}),
    ("seeds=['7',8]", {"seeds": ["7", "8"]}),
    ("datasets=[my_cells]", {"datasets": ["my_cells"]}),
    ('genes={"number": 120, method: all}', {"genes": {"number": "120", "method": "all"}}),
    ("pairs={joint: [[rank, expression-pca]]}", {"pairs": {"joint": [["rank", "expression-pca"]]}}),
    ("controls=[]", {"controls": []}),
    ("field_metrics=False", {"field_metrics": False}),
    ("field_metrics=no", {"field_metrics": "no"}),
    ("training={learning_rate: 1e-3}", {"training": {"learning_rate": "1e-3"}}),
    ("selection={cell_types: ['T cell, CD4+: naive', \"B's\", 'a \"b\" \\\\ c', ' x ', 'Größe', '#1', '']}",
     {"selection": {"cell_types": ["T cell, CD4+: naive", "B's", 'a "b" \\\\ c', " x ", "Größe", "#1", ""]}}),
    ("seed=7", {"seed": 7}),
    ("level=0.5", {"level": 0.5}),
    ("seeds=", {"seeds": None}),
]  # fmt: skip


def read_by_snakemake(words):
    """Return what Snakemake makes of each list of words of `--config`."""
    code = (
        "import json, sys; from snakemake.cli import parse_config; print(json.dumps([parse_config(w) for w in "
        "json.load(sys.stdin)]))"
    )
    line = [str(ROOT / ".venv/bin/python"), "-c", code]
    return json.loads(subprocess.run(line, input=json.dumps(words), capture_output=True, text=True, check=True).stdout)


def test_settings_are_printed_as_snakemake_reads_them(clone):
    commands = [provenance.command([], config, clone)["options"] for _, config in SETTINGS]
    printed = [shlex.split(options)[1:] for options in commands]
    wanted = [config for _, config in SETTINGS]
    assert read_by_snakemake([*([given] for given, _ in SETTINGS), *printed]) == [*wanted, *wanted]
    assert printed[0] == ["seeds=[7, 8]"] and printed[2] == ["datasets=[my_cells]"]


def test_where_a_workflow_that_has_this_one_as_a_module_is_started(tmp_path):
    assert started_from(tmp_path / "other/workflow") == tmp_path / "other"
    assert started_from(tmp_path / "other") == tmp_path / "other" and started_from(FOLDER) == FOLDER
