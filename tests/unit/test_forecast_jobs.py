"""What the forecast knows, which jobs it counts, and that its tables cover the rules."""

import re
from collections import Counter

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.dataset_jobs import forecasts
from rankstudy.run.plan.graph import AFTER, makespan
from rankstudy.run.plan.job import SHARED, Job
from rankstudy.run.plan.jobs import all_jobs
from rankstudy.run.plan.known import known_of
from rankstudy.run.resources import MEMORY, Memory, reading
from tests.unit.config_files import H5AD, SHA, load
from tests.unit.helpers import ROOT

EXPECT = {"cells": 900, "genes": 1000, "cell_types": 9}
RULES = {
    name: body
    for file in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for name, body in re.findall(
        r"^(?:rule|checkpoint) (\w+):\n(.*?)(?=^\S|\Z)", file.read_text(), re.MULTILINE | re.DOTALL
    )
}
# they read the files of a data set, and ask for memory by their format
READERS = {"scan_part", "extract_cells", "tokenise_training_cells"}
INDEX = "dataset\tcell_type\tslug\tn_cells\ntoy\tA\ta\t500\ntoy\tB\tb\t60\ntoy\tC\tc\t5\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_index(folder, text=INDEX):
    path = folder / "results/toy/cell_types.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def jobs_of(study):
    return all_jobs(study, forecasts(study, Costs.read().sizes))


def counted(study):
    return Counter(job.rule for job in jobs_of(study))


def test_before_the_download_cells_are_those_that_the_file_promises(folder):
    plan = load(folder, expect=EXPECT).datasets["toy"]
    known = known_of(plan)
    assert known.basis == "expected" and known.n_drawn == 900 and len(known.drawn) == 9
    plan = load(folder, expect=EXPECT, selection={"cells_per_type": 40}).datasets["toy"]
    assert known_of(plan).n_drawn == 360


def test_where_it_is_known_how_many_types_are_large_enough_these_alone_count(folder):
    expect = EXPECT | {"cells": 90_000, "cell_types": 30, "qualifying_types": 20}
    selection = {"min_cells": 500, "cells_per_type": 500}
    assert known_of(load(folder, expect=expect, selection=selection).datasets["toy"]).n_drawn == 20 * 500
    del expect["cell_types"]
    assert known_of(load(folder, expect=expect, selection=selection).datasets["toy"]).n_drawn == 20 * 500


def test_types_that_are_named_are_the_ones_that_count(folder):
    plan = load(folder, expect={"cells": 900}, selection={"cell_types": ["A", "B"]}).datasets["toy"]
    assert len(known_of(plan).drawn) == 2


def test_once_a_data_set_is_indexed_its_types_are_known(folder):
    write_index(folder)
    known = known_of(load(folder, expect=EXPECT).datasets["toy"])
    assert known.basis == "indexed" and known.drawn == {"a": 100, "b": 60}
    with pytest.raises(StudyError, match="there is no cell type 'D'"):
        known_of(load(folder, selection={"cell_types": ["A", "D"]}).datasets["toy"])


def test_where_nothing_is_known_no_job_after_the_index_is_counted(folder):
    study = load(folder)
    assert known_of(study.datasets["toy"]).basis == "unknown"
    of_toy = [job for job in jobs_of(study) if job.owner == "toy"]
    assert [job.rule for job in of_toy] == ["scan_part", "index_cells"]


def test_jobs_of_a_study_follow_from_seeds_types_groups_and_blocks(folder):
    config = {
        "seeds": [0, 1],
        "spaces": ["rank", "expression-umap", "untrained"],
        "pairs": {"cells_per_block": 300, "cells_per_encoding_job": 200, "joint": [["expression-umap", "rank"]]},
        "geneformer": {"cells_per_job": 450},
    }
    found = counted(load(folder, config=config, expect=EXPECT))
    assert found["write_shard"] == 2 * 9
    assert found["encode_shards"] == 2 * 2 * 5  # two encodings, five groups of two types
    assert found["embed_shards"] == 2 * 3  # three groups of four types
    assert found["compare_block"] == 2 * 6  # three groups, six blocks
    assert found["gather_space"] == 2 * 3 and found["fit_space"] == 2
    assert found["initialise_model"] == 1 and "train_model" not in found
    assert found["draw_joint_distribution"] == 1 and found["write_article"] == 1
    assert found["download_package"] == 1  # the dictionaries of the release


def test_controls_and_fits_on_fits_are_jobs_of_their_own(folder):
    config = {"seeds": [0, 1], "spaces": ["expression-harmony", "library-size"], "controls": ["shuffled", "one-hot"]}
    study = load(folder, config=config, expect=EXPECT)
    found = counted(study)
    assert found["make_control"] == 2 and found["fit_space"] == 2 * 3 and found["gather_space"] == 2 * 3
    assert found["check_gates"] == 1
    [toy] = forecasts(study, Costs.read().sizes).values()
    dimensions = {name: toy.dimensions(name) for name in toy.plan.spaces}
    assert dimensions.pop("rank") == dimensions.pop("shuffled") == dimensions.pop("expression") == 1000
    assert dimensions == {"expression-pca": 50, "expression-harmony": 50, "library-size": 1, "one-hot": 9}
    assert toy.sizes.space(toy, "shuffled") == toy.sizes.space(toy, "rank")


def test_a_local_file_is_not_downloaded_and_a_study_without_models_needs_no_release(folder):
    found = counted(load(folder, config={"spaces": ["rank"]}, expect=EXPECT))
    assert not {"download_file", "download_package", "convert_dictionaries", "tokenise_shards"} & set(found)


def test_files_of_a_release_are_downloaded_once_and_the_model_only_if_it_is_compared(folder):
    config = {"geneformer": {"release": "v1_10m"}, "spaces": ["rank", "untrained"]}
    # the release's file stands beside the workflow
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config/geneformer").symlink_to(ROOT / "config/geneformer")
    assert counted(load(folder, config=config, expect=EXPECT))["download_model_file"] == 4
    config["spaces"] = ["rank", "geneformer"]
    found = counted(load(folder, config=config, expect=EXPECT))
    assert found["download_model_file"] == 6 and found["check_published_model"] == 1


def test_several_files_zipped_ones_and_their_labels(folder):
    source = {"url": "https://example.org/a.h5ad.zip", "sha256": SHA, "bytes": 10}
    other = {"url": "https://example.org/b.h5ad.zip", "sha256": SHA}
    keys = {"parts": {"a": {"source": source}, "b": {"source": other}}, "h5ad": {}, "source": None}
    study = load(folder, {k: v for k, v in H5AD.items() if k != "source"}, expect=EXPECT, **keys)
    found = counted(study)
    assert found["download_file"] == found["unpack_part"] == found["scan_part"] == 2
    sizes = {job.benchmark: job.work["mb"] for job in jobs_of(study) if job.rule == "download_file"}
    assert sizes["toy/download_file/a.h5ad.zip.tsv"] == pytest.approx(1e-5)
    assert sizes["toy/download_file/b.h5ad.zip.tsv"] is None


def test_every_rule_has_its_memory_and_its_place_in_the_graph():
    assert set(AFTER) == set(RULES)
    assert set(MEMORY) == set(RULES) - READERS
    assert {before for rules in AFTER.values() for before in rules} <= set(RULES)
    for name, body in RULES.items():
        asked = "mem_mb=memory_of_reading" if name in READERS else f'mem_mb=memory("{name}")'
        assert asked in body, name


def test_benchmarks_of_jobs_lie_where_the_rules_write_them(folder):
    config = {"spaces": ["rank", "expression-umap", "trained-here", "untrained"]}
    zipped = {"source": {"url": "https://example.org/a.h5ad.zip", "sha256": SHA}, "h5ad": {}}
    for job in jobs_of(load(folder, config=config, expect=EXPECT, **zipped)):
        template = re.search(r'benchmark:\n\s+f?"results/benchmarks/(.*?)"', RULES[job.rule])[1]
        wildcards = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        assert re.fullmatch(wildcards, job.benchmark), (job, template)


def test_every_kind_of_job_of_the_default_spaces_has_a_measured_cost(folder):
    study = load(folder, expect=EXPECT)
    costs = Costs.read()
    for job in jobs_of(study):
        assert job.costs_as in costs.rules, job
    paths = [job.benchmark for job in jobs_of(study)]
    assert len(paths) == len(set(paths))


def test_more_attempts_and_larger_inputs_ask_for_more_memory():
    assert Memory(500, 2).mb(100) == 1000 and Memory(500, 2).mb(100, attempt=2) == 2000  # with Snakemake's own 300
    assert reading("table").mb(1000) > reading("h5ad").mb(1000)


def job(rule, seconds, owner="toy", threads=1):
    return Job(rule, owner, "", work={"seconds": seconds}, threads=threads)


def seconds(job):
    return job.work["seconds"]


def test_time_is_the_longest_chain_or_all_work_on_all_slots():
    jobs = [job("scan_part", 5), job("index_cells", 2), *(job("select_cells", 3) for _ in range(4))]
    assert makespan(jobs, seconds, 100) == 5 + 2 + 3
    assert makespan(jobs, seconds, 2) == 5 + 2 + 6
    assert makespan(jobs, seconds, 1) == 5 + 2 + 12
    assert makespan([job("scan_part", 5, threads=2)], seconds, 2, slots=lambda job: job.threads) == 5


def test_what_is_shared_waits_for_all_data_sets_and_they_wait_for_it():
    jobs = [job("index_cells", 5, "a"), job("index_cells", 9, "b"), job("draw_training_cells", 1, SHARED)]
    jobs += [job("tokenise_training_cells", 2, "a"), job("select_cells", 7, "a")]
    assert makespan(jobs, seconds, 100) == max(9, 5 + 7) + 1 + 2
