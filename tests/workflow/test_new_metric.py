"""A metric costs a file: that of docs/extending.md goes through Snakemake to table, figure and article."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from tests.workflow import generate
from tests.workflow.harness import ROOT, job_logs, snakemake

pytestmark = pytest.mark.long

FILE, TEXT = re.search(
    r"```python\n# (share_of_neighbours\.py)\n(.*?)```", (ROOT / "docs/extending.md").read_text(), re.DOTALL
).groups()
NAME, FUNCTION = "share-of-neighbours", "share_of_neighbours"
# environments are made of the content of their files
OWN_ENVIRONMENT = (ROOT / "envs/core.yaml").read_text() + "# an environment of its own\n"
OTHER = """
from rankstudy.measures.field.metrics import Larger, Metric

METRICS = {
    "other": Metric(
        heading="share of <types>",
        larger=Larger("types", "other things"),
        meaning="types per cell",
        function="types_per_cell",
        environment="other.yaml",
    ),
}


def types_per_cell(space):
    return (space.types.max() + 1) / len(space)
"""


def write_study(folder, **changes):
    settings = {"datasets": ["blood"], "seeds": [3, 5], "spaces": ["rank", "expression"], "controls": ["random"]}
    return generate.write_study(
        folder, **{**settings, "plugins": [FILE, "other.py"], "pairs": {"joint": []}, **changes}
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory, data):
    """Return a study with two metrics of its own and none of the field's, finished: its folder, study and run."""
    folder = generate.new_project(tmp_path_factory.mktemp("metric") / "project", data)
    (folder / FILE).write_text(TEXT)
    (folder / "other.py").write_text(OTHER)
    (folder / "other.yaml").write_text(OWN_ENVIRONMENT)
    study = write_study(folder)
    run = snakemake("--configfile", study, directory=folder)
    assert run.ok, run.tail
    return SimpleNamespace(folder=folder, results=folder / "results", study=study, run=run)


def test_it_is_measured_in_one_job_and_its_rows_are_in_the_table(finished):
    assert finished.run.counts["measure_metric"] == 2 and "measure_integration" not in finished.run.counts
    found = pd.read_parquet(finished.results / "blood/tables/metrics.parquet")
    assert (finished.results / "blood/tables/metrics.tsv").exists()
    values = found.set_index(["metric", "k", "space", "seed"])["value"]
    assert len(found) == 3 * 3 * 2 and set(values.index.get_level_values("k")) == {0, 5, 10}
    # types of the data set are far apart, and vectors at random know nothing of them
    assert (values[NAME].loc[[5, 10]].xs("rank", level="space") > 0.9).all()
    assert (values[NAME].loc[[5, 10]].xs("random", level="space") < 0.6).all()
    assert values["other"].between(0, 0.1).all()


def test_it_has_a_column_in_the_article_and_a_figure_without_the_metrics_of_the_field(finished):
    pages = "".join(page.read_text() for page in sorted((finished.results / "article").glob("**/*.html")))
    shown = "own neighbours, k = 5", "own neighbours, k = 10", "share of &lt;types&gt;", "tables/metrics.parquet: value"
    assert [text for text in shown if text not in pages] == []
    assert all((finished.results / f"figures/blood/metrics.{kind}").exists() for kind in ("svg", "png"))


def test_it_is_measured_in_the_environment_beside_its_file(finished):
    own = [log for log in job_logs(finished.folder) if log.environment == OWN_ENVIRONMENT]
    assert [log.rule for log in own] == ["measure_metric"]


def test_a_changed_file_measures_its_metric_again_and_what_shows_it_and_nothing_else(finished):
    path = finished.folder / FILE
    try:
        path.write_text(TEXT + "\n# a remark\n")
        run = snakemake("-n", "--configfile", finished.study, directory=finished.folder)
    finally:
        path.write_text(TEXT)
    again = {"measure_metric": 1, "collect_metrics": 1, "draw_figure": 1, "write_article": 1, "all": 1}
    assert run.ok and run.counts == again, run.tail
    (job,) = [job for job in run.jobs if job.rule == "measure_metric"]
    assert job.output == [f"results/blood/metrics/{NAME}.parquet"], run.tail
    assert snakemake("-n", "--configfile", finished.study, directory=finished.folder).nothing_to_do


def test_beside_the_metrics_of_the_field_only_what_it_needs_is_added(finished):
    study = write_study(finished.folder, name="field.yaml", field_metrics=True)
    run = snakemake("-n", "--configfile", study, directory=finished.folder)
    added = {"measure_integration": 1, "measure_geometry": 1, "draw_figure": 1, "write_article": 1, "all": 1}
    assert run.ok and run.counts == added, run.tail


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((f'function="{FUNCTION}"', 'function="not_there"'), r"there is no function 'not_there' in this file"),
        (("return (space.types[numbers]", "return (space.typos[numbers]"), r"has no attribute 'typos'"),
        ((".mean()\n", "\n"), rf"{FILE}:{FUNCTION}: space rank: the metric is of the type ndarray; return a finite"),
    ],
)
def test_a_broken_metric_is_a_message(finished, change, message):
    path = finished.folder / FILE
    try:
        path.write_text(TEXT.replace(*change))
        run = snakemake("tables", "--configfile", finished.study, directory=finished.folder)
    finally:
        path.write_text(TEXT)
    assert TEXT.replace(*change) != TEXT and not run.ok and re.search(message, run.output), run.tail
