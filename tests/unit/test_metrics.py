"""A metric is one declaration: tables, figure and article follow; that of a plug-in is computed by its function."""

from types import SimpleNamespace

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.measures.field import probes
from rankstudy.measures.field.metrics import INTEGRATION, METRICS, TYPES_APART, Larger, Metric
from rankstudy.measures.field.one_metric import SampledSpace, collect_metrics, measure_metric
from rankstudy.measures.field.tables import GEOMETRY, INTEGRATION_METRICS, MEASURED, METRIC_VALUES
from rankstudy.pairs.space_files import write_space
from rankstudy.report.article.published import published_columns
from rankstudy.report.figures.metrics import FIGURE, columns
from rankstudy.run.digest import modules_used
from tests.unit.config_files import load
from tests.unit.helpers import run_python, space
from tests.unit.related import batched

OWN = Metric(
    heading="own",
    larger=Larger("spread", "far from each other"),
    meaning="mean distance",
    limits=(0.0, 2.0),
    sizes=(3, 5),
    function="mine.py:mine",
)
SIZES = (30, 20)
DECLARED = """
from rankstudy.measures.field.metrics import TYPES_APART, Metric

METRICS = {"mine": Metric(heading="own", larger=TYPES_APART, meaning="mine", function="mine", environment="mine.yaml")}


def mine(space):
    return 1.0
"""


def test_declarations_are_read_without_the_packages_that_compute():
    found = run_python("import sys; from rankstudy.measures.field import metrics, tables; print(*sys.modules)").stdout
    assert not {"numpy", "pandas", "pyarrow", "scipy", "sklearn"} & set(found.split())


@pytest.mark.parametrize("name", METRICS)
def test_the_table_of_a_metric_says_what_it_is(name):
    table = INTEGRATION_METRICS if name in INTEGRATION else GEOMETRY
    meaning = {column.name: column.meaning for column in table.columns}
    assert f"`{name}`: {METRICS[name].meaning}" in table.meaning and f"`{name}`" in meaning["metric"]
    assert f"`{METRICS[name].larger.word}`" in meaning["direction"]


def test_columns_are_what_is_declared_in_groups_one_for_each_size():
    of_own = [column for column in columns({**METRICS, "mine": OWN}) if column["where"]["metric"] == "mine"]
    shared = {
        "table": METRIC_VALUES.name, "group": "far from each other", "limits": (0.0, 2.0), "meaning": "mean distance"
    }  # fmt: skip
    assert of_own == [{"where": {"metric": "mine", "k": k}, "heading": f"own, k = {k}", **shared} for k in (3, 5)]
    groups = [column["group"] for column in columns(METRICS)]
    assert len(groups) == 15 and sorted(groups, key=groups.index) == groups, "metrics of a group stand side by side"
    assert {column["table"] for column in columns(METRICS)} == {"integration_metrics", "geometry"}


def test_a_figure_reads_the_tables_of_its_metrics_and_its_caption_names_them():
    everything, own = (SimpleNamespace(metrics=metrics) for metrics in ({**METRICS, "mine": OWN}, {"mine": OWN}))
    assert set(FIGURE.of(everything).reads) == {"integration_metrics", "geometry", "metrics", "spaces"}
    assert set(FIGURE.of(own).reads) == {"metrics", "spaces"}
    assert all(metric.heading in FIGURE.of(everything).caption for metric in METRICS.values())
    assert "far from each other: own, k = 3, own, k = 5" in FIGURE.of(own).caption
    assert FIGURE.drawings(SimpleNamespace(metrics={})) == {}


def test_published_rows_have_the_columns_that_they_state():
    assert published_columns() == {
        name: INTEGRATION[name].heading
        for name in ("graph_connectivity", "nmi", "ari", "asw_label", "avg_bio", "asw_batch")
    }


def write(tmp_path, text="def mine(space, k):\n    return space.nearest(k)[1].mean()\n", metric="euclidean"):
    """Write a function and a space; return what `measure_metric` gets of them."""
    path = tmp_path / "mine.py"
    path.write_text(text)
    vectors = np.random.default_rng(0).normal(size=(sum(SIZES), 4)).astype(np.float32)
    of = batched(space(vectors, SIZES, metric), ["x", "y"] * (sum(SIZES) // 2))
    write_space(of, tmp_path / "space.h5ad", dimensions=list("abcd"), seed=0)
    return of, f"{path}:mine", {7: [str(tmp_path / "space.h5ad")]}


def measured(tmp_path, function, spaces, sizes=()):
    path = str(tmp_path / "found.parquet")
    measure_metric("mine", function, spaces, sizes=sizes, larger="types", dataset="toy", output=path)
    return METRIC_VALUES.read(path)


def test_a_function_is_asked_for_each_size_and_gets_exact_neighbours(tmp_path):
    of, function, spaces = write(tmp_path)
    found = measured(tmp_path, function, spaces, sizes=(3, 60))
    distances = np.sort(np.linalg.norm(of.vectors[:, None] - of.vectors[None], axis=2), axis=1)[:, 1:]
    wanted = [distances[:, :3].mean(), distances.mean()]  # no more than there are
    np.testing.assert_allclose(found["value"], wanted, rtol=1e-5)
    assert found["k"].tolist() == [3, 60] and set(found["reason"]) == {MEASURED} and set(found["seed"]) == {7}
    assert set(found["n_cells"]) == {50} and set(found["direction"]) == {"types"}


def test_a_function_without_sizes_gets_none_and_may_say_why_there_is_no_value(tmp_path):
    _, function, spaces = write(tmp_path, "def mine(space):\n    return 'no reason to'\n")
    (row,) = measured(tmp_path, function, spaces).to_dict("records")
    assert row["k"] == 0 and np.isnan(row["value"]) and row["reason"] == "no reason to"


@pytest.mark.parametrize(
    ("found", "said"),
    [("None", "of the type NoneType"), ("float('inf')", "inf"), ("space.points", "of the type ndarray")],
)
def test_what_is_no_number_is_refused(tmp_path, found, said):
    _, function, spaces = write(tmp_path, f"def mine(space):\n    return {found}\n")
    with pytest.raises(StudyError, match=f"mine.py:mine: space space: the metric is {said}; return a finite number"):
        measured(tmp_path, function, spaces)


def test_a_sample_has_points_types_and_batches(monkeypatch):
    vectors = np.random.default_rng(0).normal(size=(sum(SIZES), 4)).astype(np.float32)
    whole = SampledSpace(batched(space(vectors, SIZES, "cosine"), ["x", "y"] * 25), seed=0)
    np.testing.assert_allclose(np.linalg.norm(whole.points, axis=1), 1, rtol=1e-6)
    assert whole.types.tolist() == [0] * 30 + [1] * 20 and whole.batches.tolist() == [0, 1] * 25
    monkeypatch.setattr(probes, "MOST_CELLS", 20)
    sample = SampledSpace(space(vectors, SIZES, "cosine"), seed=0)
    assert len(sample) == len(sample.points) == len(sample.types) == len(sample.nearest(5)[0]) == 20


def test_what_is_loaded_to_measure_a_metric_is_in_the_digest_of_its_job(tmp_path):
    _, function, spaces = write(tmp_path)
    code = f"""
import sys
from rankstudy.measures.field.one_metric import measure_metric
measure_metric("mine", {function!r}, {spaces}, sizes=(3,), larger="x", dataset="toy", output={str(tmp_path / "t")!r})
print(*(name for name in sys.modules if name.startswith("rankstudy.")))
"""
    done = run_python(code)
    used = modules_used("rankstudy.measures.field.one_metric", function.rpartition(":")[0])
    loaded = {name for name in done.stdout.split() if name in modules_used(name)}
    assert done.returncode == 0 and len(loaded) > 10 and loaded <= used, done.stderr


def test_metrics_are_collected(tmp_path):
    _, function, spaces = write(tmp_path, "def mine(space):\n    return len(space)\n")
    measured(tmp_path, function, spaces)
    path = str(tmp_path / "all.parquet")
    collect_metrics([str(tmp_path / "found.parquet")], path, str(tmp_path / "all.tsv"))
    assert METRIC_VALUES.read(path)["value"].tolist() == [50]


def configured(tmp_path, text, **config):
    (tmp_path / "mine.py").write_text(text)
    return load(tmp_path, config={"plugins": [str(tmp_path / "mine.py")], **config})


def test_a_study_has_the_metrics_of_its_plugins(tmp_path):
    (tmp_path / "mine.yaml").write_text("")
    study = configured(tmp_path, DECLARED)
    assert list(study.datasets["toy"].metrics) == [*METRICS, "mine"] and list(study.own_metrics) == ["mine"]
    own = study.own_metrics["mine"]
    assert own.module == str(tmp_path / "mine.py") and own.function == f"{own.module}:mine"
    assert own.larger == TYPES_APART and own.environment == str(tmp_path / "mine.yaml")
    assert list(configured(tmp_path, DECLARED, field_metrics=False).datasets["toy"].metrics) == ["mine"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('function="mine"', 'function="yours"'), "there is no function 'yours' in this file"),
        (('"mine": Metric', '"nmi": Metric'), "there is a 'nmi' already"),
        (('"mine": Metric', '"My metric": Metric'), "'My metric' is no name"),
        (("METRICS = ", "METRICS = 1 or "), "METRICS is no dictionary of Metric"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, change, message):
    with pytest.raises(StudyError, match=rf"mine.py: .*{message}"):
        configured(tmp_path, DECLARED.replace(*change))
