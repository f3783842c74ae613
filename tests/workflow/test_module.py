"""The workflow as a module of another one, as `snakedeploy` writes it: its own configuration, data and rules."""

import shutil
import subprocess
import zipfile

import pytest
import yaml

from rankstudy.run.workflow import is_imported
from tests.workflow import generate
from tests.workflow.harness import ROOT, assert_same_tables, leftovers, snakemake
from tests.workflow.smk import RULES, TARGETS

STUDY = {
    "datasets": ["marrow"],
    "seeds": [3],
    "genes": {"method": "all"},
    "pairs": {"joint": []},
    "field_metrics": False,
}
# a workflow of somebody else: one of its rules makes the file of the data set
IMPORTING = """
configfile: "config/config.yaml"

rule make_cells:
    input: "data/marrow.h5ad"
    output: "made/cells.h5ad"
    shell: "cp {{input}} {{output}}"

module rankstudy:
    snakefile: "{root}/Snakefile"
    config: config

use rule * from rankstudy as study_*

# the same once more, below a folder of its own
module below:
    snakefile: "{root}/Snakefile"
    config: config
    prefix: "below"

use rule * from below as below_*
"""
PREFIXES = {"study": ".", "below": "below"}


def deployed(folder, data, *, spaces=("rank", "expression"), **keys):
    """Write a workflow that has this one as a module, and return its folder."""
    generate.new_project(folder, data)
    generate.write_dataset(folder, "marrow", **generate.marrow_keys(source={"local_file": "made/cells.h5ad"}, **keys))
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump({**STUDY, "spaces": list(spaces)}))
    (folder / "Snakefile").write_text(IMPORTING.format(root=ROOT))
    return folder


def run(folder, *arguments):
    # the profile of the clone is not read, and the catalogue says so
    return snakemake(*arguments, "--sdm", "conda", directory=folder, workflow=folder)


def test_whether_the_workflow_is_a_module_of_another_one(tmp_path):
    assert not is_imported(ROOT) and is_imported(tmp_path)


def test_a_module_finds_its_files_and_those_of_the_importing_workflow(tmp_path, data):
    # releases of the ontology and of the vocabulary are those of the clone, the data set is that of the importing
    # workflow
    folder = deployed(tmp_path / "other", data, spaces=["rank", "untrained"], ontology={})
    planned = run(folder, "-n", "study_all", "below_all")
    assert planned.ok, planned.tail
    assert planned.counts["make_cells"] == planned.counts["study_all"] == planned.counts["below_all"] == 1
    expected = {f"{prefix}_{name}" for prefix in PREFIXES for name in (*RULES, *TARGETS)}
    assert set(planned.counts) - {"make_cells"} <= expected
    assert {f"{prefix}_{rule}" for prefix in PREFIXES for rule in ("convert_ontology", "read_vocabulary")} <= set(
        planned.counts
    )
    # files that the configuration names stay where it says; what is made lies below the prefix
    scans = {job.rule: (job.input, job.output[0]) for job in planned.jobs if job.rule.endswith("scan_part")}
    assert scans == {
        "study_scan_part": (["made/cells.h5ad"], "results/marrow/index/0.cells.parquet"),
        "below_scan_part": (["made/cells.h5ad"], "below/results/marrow/index/0.cells.parquet"),
    }


def test_a_repository_that_is_no_clone_says_what_to_do(tmp_path):
    """Snakemake takes single files from it, without the package."""
    folder = tmp_path / "repository" / "study"  # in the root of a local repository Snakemake finds no included file
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    shutil.copy(ROOT / "Snakefile", folder)
    git = ("git", "-C", folder.parent, "-c", "user.name=A", "-c", "user.email=a@b.c")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "all")):
        subprocess.run([*git, *arguments], check=True)
    importing = f"""
module rankstudy:
    snakefile: gitfile("{folder.parent}", path="study/Snakefile", ref="HEAD")
    config: {STUDY}

use rule * from rankstudy
"""
    (tmp_path / "Snakefile").write_text(importing)
    refused = run(tmp_path, "-n")
    assert not refused.ok and "clone it (`git clone ADDRESS rankstudy`)" in refused.output, refused.tail


@pytest.mark.long
def test_a_module_writes_the_article_and_the_report(tmp_path, data):
    folder = deployed(tmp_path / "other", data)
    targets = [f"{prefix}_{name}" for prefix in PREFIXES for name in ("all", "figures")]
    done = run(folder, *targets)
    assert done.ok, done.tail
    tables = []
    for below in PREFIXES.values():
        results = folder / below / "results"
        assert "Marrow" in (results / "article/index.html").read_text() and not leftovers(results)
        tables.append(results / "marrow/tables")
    assert_same_tables(*tables)
    again = run(folder, *targets)
    assert again.nothing_to_do, again.tail
    reported = run(folder, *targets, "--report", "report.zip")
    assert reported.ok, reported.tail
    with zipfile.ZipFile(folder / "report.zip") as report:
        figures = [name for name in report.namelist() if name.endswith("encoding.svg")]
    assert len(figures) == len(PREFIXES)
