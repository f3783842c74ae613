"""What `make plan` prints, and the check beside a finished run."""

import json
from dataclasses import replace

import pytest
import yaml

from rankstudy.core.errors import StudyError
from rankstudy.run.plan import __main__ as command
from rankstudy.run.plan.amounts import UNKNOWN, Amount, count, duration, product, size, total
from rankstudy.run.plan.check import compare, ratio, read_benchmark
from rankstudy.run.plan.costs import COSTS, Costs
from rankstudy.run.plan.report import forecast_text, rules_text
from tests.unit import planned
from tests.unit.config_files import SHA, load, write_dataset
from tests.unit.planned import forecast_of

EXPECT = {"cells": 900, "genes": 1000, "cell_types": 9}
REMOTE = {"url": "https://example.org/toy.h5ad", "sha256": SHA}
HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    planned.use(monkeypatch)
    return tmp_path


def lines_of(study, cores=2):
    text = forecast_text(forecast_of(study), cores)
    return {line.split("  ")[0]: line for line in text.splitlines()}, text


def test_unknown_parts_make_a_sum_a_least_value():
    assert total([1, 2.0, Amount(3)]) == Amount(6, True)
    assert total([1, None]).text(size) == "≥ 1 MB" and total([None, UNKNOWN]).text(size) == "unknown"
    assert product(2, None) is None and product(2, 3) == 6


@pytest.mark.parametrize(
    ("write", "number", "text"),
    [
        (size, 0, "0 MB"),
        (size, 0.2, "< 1 MB"),
        (size, 24.4, "24 MB"),
        (size, 999.7, "1.0 GB"),
        (size, 43_200, "43 GB"),
        (size, 1_200_000, "1.2 TB"),
        (duration, 12.3, "12 s"),
        (duration, 200, "3 min"),
        (duration, 7 * 3600, "7.0 h"),
        (duration, 12345 * 3600, "12,345 h"),
        (count, 12345, "12,345"),
    ],
)
def test_numbers_are_short(write, number, text):
    assert write(number) == text


def test_the_table_has_a_row_per_data_set_what_they_share_and_the_sum(folder):
    study = load(folder, expect=EXPECT, source=REMOTE | {"bytes": 24_000_000})
    rows, text = lines_of(study)
    assert {"toy", "shared", "total"} <= set(rows)
    assert "24 MB" in rows["toy"] and "<= 900" in rows["toy"] and "On 2 cores" in text
    assert "≥" not in rows["total"] and "unknown" not in text and "Environments to build: core." in text


@pytest.mark.parametrize("controls", [[], ["random", "one-hot-batch"]])
def test_what_nothing_is_known_of_is_called_unknown(folder, controls):
    rows, text = lines_of(load(folder, source=REMOTE, config={"controls": controls}))
    assert rows["toy"].split()[1:3] == ["unknown", "unknown"] and rows["total"].count("≥") >= 3
    assert "1 file to download of unknown size" in text and "Much of what follows their index is unknown" in text


def test_more_cores_take_less_long(folder):
    study = load(folder, expect=EXPECT | {"cells": 90_000}, selection={"cells_per_type": None})
    assert lines_of(study, cores=1) != lines_of(study, cores=16)


def test_a_row_per_kind_of_job_with_the_memory_that_it_asks_for(folder):
    lines = rules_text(forecast_of(load(folder, expect=EXPECT))).splitlines()
    assert "fit_space umap" in "".join(lines)
    assert next(line for line in lines if line.startswith("write_shard")).endswith("806 MB")


def test_a_rule_whose_time_was_not_measured_is_named(folder):
    found = forecast_of(load(folder, expect=EXPECT))
    rules = {name: cost for name, cost in found.costs.rules.items() if name != "write_shard"}
    text = forecast_text(replace(found, costs=replace(found.costs, rules=rules)), cores=2)
    assert "was not measured, and is not counted: write_shard." in text and "≥" in text


def test_the_constants_say_where_they_come_from():
    costs = Costs.read()
    assert {"date", "machine", "what"} <= set(costs.measured)
    for name, cost in json.loads(COSTS.read_text())["rules"].items():
        assert cost["start"] >= 0 and all(value >= 0 for value in cost.values()), name


@pytest.mark.parametrize(
    ("wall", "cpu", "core_seconds"),
    [("10.2", "8.0", 8.0 * 10.2 / 10.0), ("30.0", "12.0", 24.0), ("60.0", "40.5", 54.0), ("0.3", "NA", 0.3)],
)
def test_what_passes_after_snakemakes_last_look_counts_as_before(tmp_path, wall, cpu, core_seconds):
    path = tmp_path / "b.tsv"
    path.write_text(f"{HEADER}{wall}\t0:00:10\t150.5\t1\t1\t1\t0\t0\t90\t{cpu}\n")
    assert read_benchmark(path) == pytest.approx(core_seconds)


def write_run(folder, study, factor):
    """Write benchmark files of jobs that take `factor` times as long as is forecast, and return how many."""
    found = forecast_of(study)
    for job in found.plan.jobs:
        path = folder / job.benchmark
        path.parent.mkdir(parents=True, exist_ok=True)
        seconds = factor * found.core_seconds([job]).value
        path.write_text(f"{HEADER}{seconds + 1e-3}\t-\t100\t1\t1\t1\t0\t0\t90\tNA\n")
    return len(found.plan.jobs)


@pytest.mark.parametrize(("factor", "code"), [(1.0, 0), (1.4, 0), (1.8, 1), (0.5, 1)])
def test_the_check_fails_where_the_forecast_is_wrong(folder, capsys, factor, code):
    study = load(folder, expect=EXPECT)
    jobs = write_run(folder, study, factor)
    (folder / "study.yaml").write_text(yaml.safe_dump({"datasets": ["toy"], "seeds": [0]}))
    spaces = "spaces=" + json.dumps(study.study.spaces)
    arguments = [
        "--check",
        "--configfile",
        "study.yaml",
        "--config",
        spaces,
        "controls=[]",
        "geneformer={cells_per_job: 500}",
    ]
    assert command.main(arguments) == code
    assert f"of the {jobs} of {jobs} jobs" in capsys.readouterr().out


def test_a_check_without_a_run_is_an_error(folder):
    study = load(folder, expect=EXPECT)
    write_run(folder, study, 1.0)
    assert ratio(compare(forecast_of(study))) == pytest.approx(1, abs=0.01)
    with pytest.raises(StudyError, match="holds no measurement"):
        compare(forecast_of(study), folder / "nowhere")


def test_the_command_reads_files_and_settings_as_snakemake_does(folder, capsys):
    write_dataset(folder, "toy", {"title": "toy", "source": REMOTE, "cell_type": "kind", "expect": EXPECT})
    (folder / "a.yaml").write_text(yaml.safe_dump({"datasets": ["toy"], "selection": {"min_cells": 30}}))
    arguments = ["--configfile", "a.yaml", "--config", "seeds=[4, 5, 6]", "--cores", "7", "--rules"]
    assert command.main(arguments) == 0
    out = capsys.readouterr().out
    assert "drawn for 3 seeds" in out and "On 7 cores" in out and "merge_blocks" in out
    assert not [path for path in folder.iterdir() if path.name not in ("a.yaml", "config")]


def test_a_file_that_is_not_there_is_said_before_anything_is_counted(folder, capsys):
    write_dataset(folder, "toy", {"title": "toy", "source": {"local_file": "gone.h5ad"}, "cell_type": "kind"})
    assert command.main(["--config", "datasets=[toy]"]) == 2
    said = capsys.readouterr()
    assert f"config/datasets/toy.yaml: source.local_file: {folder}/gone.h5ad does not exist" in said.err
    assert said.out == ""


def test_sections_are_merged_and_lists_replaced():
    below = {"selection": {"min_cells": 20, "cells_per_type": 100}, "seeds": [0, 1]}
    assert command.merged(below, {"selection": {"min_cells": 5}, "seeds": [9]}) == {
        "selection": {"min_cells": 5, "cells_per_type": 100},
        "seeds": [9],
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--configfile", "absent.yaml"], "absent.yaml: cannot be read"),
        (["--config", "seeds"], "'seeds' is no setting; write key=value"),
        (["--config", "seeds=none"], "seeds"),
        (["--directory", "absent"], "absent"),
    ],
)
def test_wrong_input_is_one_message(folder, capsys, arguments, message):
    assert command.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and "Traceback" not in error
