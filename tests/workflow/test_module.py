"""The workflow as a module of another one, as `snakedeploy` writes it: own configuration, own data, own rules beside it."""

import zipfile

import pytest
import yaml

from rankstudy.workflow import is_imported
from tests.workflow import generate
from tests.workflow.harness import ROOT, files_below, leftovers, snakemake
from tests.workflow.smk import RULES, TARGETS

STUDY = {
    "datasets": ["marrow"],
    "seeds": [3],
    "spaces": ["rank", "expression"],
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
    {settings}

use rule * from rankstudy as study_*
"""


def deployed(folder, data, settings=""):
    """Write a workflow that has this one as a module, and return its folder."""
    generate.new_project(folder, data)
    generate.write_dataset(folder, "marrow", **generate.marrow_keys(source={"local_file": "made/cells.h5ad"}))
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(STUDY))
    (folder / "Snakefile").write_text(IMPORTING.format(root=ROOT, settings=settings))
    return folder


def run(folder, *arguments):
    # the profile of the clone is not read, and the catalogue says so
    return snakemake(*arguments, "--sdm", "conda", directory=folder, workflow=folder)


def test_whether_the_workflow_is_a_module_of_another_one(tmp_path):
    assert not is_imported(ROOT) and is_imported(tmp_path)


@pytest.mark.parametrize(("settings", "results"), [("", "results"), ('prefix: "study"', "study/results")])
def test_a_module_finds_its_files_and_those_of_the_importing_workflow(tmp_path, data, settings, results):
    planned = run(deployed(tmp_path / "other", data, settings), "-n", "study_all")
    assert planned.ok, planned.tail
    assert planned.counts["make_cells"] == 1 and planned.counts["study_all"] == 1
    assert set(planned.counts) - {"make_cells"} <= {f"study_{name}" for name in (*RULES, *TARGETS)}
    [scan] = [job for job in planned.jobs if job.rule == "study_scan_part"]
    # files that the configuration names stay where it says; what is made lies below the prefix
    assert scan.input == ["made/cells.h5ad"] and scan.output[0] == f"{results}/marrow/index/0.cells.parquet"


@pytest.mark.long
@pytest.mark.parametrize(("settings", "below"), [("", "."), ('prefix: "study"', "study")])
def test_a_module_writes_the_article_and_the_report(tmp_path, data, settings, below):
    folder = deployed(tmp_path / "other", data, settings)
    done = run(folder, "study_all", "study_figures")
    assert done.ok, done.tail
    article = (folder / below / "results/article/index.html").read_text()
    assert "marrow" in article and not leftovers(folder / below / "results")
    assert {name.split("/")[0] for name in files_below(folder / below) if "/" in name} >= {"results", "logs"}
    again = run(folder, "study_all", "study_figures")
    assert again.nothing_to_do, again.tail
    reported = run(folder, "study_all", "study_figures", "--report", "report.zip")
    assert reported.ok, reported.tail
    with zipfile.ZipFile(folder / "report.zip") as report:
        assert any(name.endswith(".svg") for name in report.namelist())
