"""What the forecast knows of cells, how it reads Snakemake's plan, and what it makes of files and jobs."""

from types import SimpleNamespace

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.core.cell_types import TypeCount, read_type_counts
from rankstudy.core.errors import StudyError
from rankstudy.run.plan import jobs as planning
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.jobs import jobs_of, stand_in, write_index
from rankstudy.run.plan.known import known_of
from rankstudy.run.plan.sizes import Data, Sizes
from rankstudy.run.plan.work import kind, memory, work
from tests.unit import planned
from tests.unit.config_files import SHA, load, write_dataset
from tests.unit.planned import SAID, forecast_of

EXPECT = {"cells": 900, "genes": 1000, "cell_types": 9}
INDEX = "dataset\tcell_type\tslug\tn_cells\ntoy\tA\ta\t500\ntoy\tB\tb\t60\ntoy\tC\tc\t5\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    planned.use(monkeypatch)
    return tmp_path


def write_known_index(folder, text=INDEX):
    path = folder / "results/toy/cell_types.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_before_the_download_cells_are_those_that_the_file_promises(folder):
    plan = load(folder, expect=EXPECT).datasets["toy"]
    known = known_of(plan)
    assert known.basis == "expected" and known.n_sampled == 900 and len(known.sampled) == 9
    plan = load(folder, expect=EXPECT, selection={"cells_per_type": 40}).datasets["toy"]
    assert known_of(plan).n_sampled == 360


def test_where_it_is_known_how_many_types_are_large_enough_these_alone_count(folder):
    expect = EXPECT | {"cells": 90_000, "cell_types": 30, "qualifying_types": 20}
    selection = {"min_cells": 500, "cells_per_type": 500}
    assert known_of(load(folder, expect=expect, selection=selection).datasets["toy"]).n_sampled == 20 * 500
    del expect["cell_types"]
    assert known_of(load(folder, expect=expect, selection=selection).datasets["toy"]).n_sampled == 20 * 500


def test_types_that_are_named_are_the_ones_that_count(folder):
    plan = load(folder, expect={"cells": 900}, selection={"cell_types": ["A", "B"]}).datasets["toy"]
    assert len(known_of(plan).sampled) == 2


def test_once_a_data_set_is_indexed_its_types_are_known(folder):
    write_known_index(folder)
    known = known_of(load(folder, expect=EXPECT).datasets["toy"])
    assert known.basis == "indexed" and known.sampled == {"a": 100, "b": 60} and len(known.types) == 3
    with pytest.raises(StudyError, match="there is no cell type 'D'"):
        known_of(load(folder, selection={"cell_types": ["A", "D"]}).datasets["toy"])


def test_a_job_is_read_with_its_files_and_wildcards():
    jobs = {job.rule: job for job in jobs_of(SAID)}
    assert jobs["index_cells"].is_checkpoint and not jobs["scan_part"].is_checkpoint
    assert jobs["write_shard"].wildcards == {"dataset": "toy", "seed": "0", "cell_type": "type-0"}
    assert jobs["write_shard"].output == ("results/toy/0/shards/type-0.h5ad",)
    assert jobs["write_article"].input == () and jobs["all"].benchmark == ""


def test_an_index_is_written_with_all_that_it_is_made_of_and_nothing_else(tmp_path):
    types = [TypeCount('a\t"b"', "a-b", 7)]
    write_index(tmp_path, SAID, {"toy": types})
    assert read_type_counts(tmp_path / "results/toy/cell_types.tsv") == types
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    index = {job.rule: set(job.output) for job in jobs_of(SAID)}
    assert written == index["scan_part"] | index["index_cells"]
    assert len({(tmp_path / path).stat().st_mtime for path in written}) == 1


def test_without_known_types_no_index_is_written(tmp_path):
    write_index(tmp_path, SAID, {})
    assert not list(tmp_path.iterdir())


def test_the_stand_in_has_local_files_and_the_configuration_but_no_results(tmp_path, monkeypatch):
    here = tmp_path / "project"
    here.mkdir()
    monkeypatch.chdir(here)
    (tmp_path / "above.h5ad").write_text("12")
    (here / "results").mkdir()
    (here / "data.csv").touch()
    study = load(here, source={"local_file": "../above.h5ad"}, expect=EXPECT)
    with stand_in(study) as folder:
        assert (folder / "../above.h5ad").read_text() == "12" and (folder / "data.csv").exists()
        assert (folder / "config/geneformer").is_dir() and not (folder / "results").exists()
    assert not folder.exists()


def test_the_stand_in_accepts_terms_for_nobody_but_itself(folder):
    unstated = {"url": "https://example.org/a.h5ad", "sha256": SHA, "terms": "unstated"}
    write_dataset(folder, "toy", {"title": "toy", "parts": {"a": {"source": unstated}}, "cell_type": "kind"})
    study = load_study({"datasets": ["toy"]}, [], folder, demand_terms=False)
    with stand_in(study) as instead:
        accepted = yaml.safe_load((instead / "config/datasets/toy.yaml").read_text())
    assert accepted["parts"]["a"]["source"] == unstated | {"accept_terms": True}
    assert "accept_terms" not in (folder / "config/datasets/toy.yaml").read_text()


def test_what_snakemake_refuses_is_said(tmp_path, monkeypatch):
    said = SimpleNamespace(returncode=1, stdout="", stderr="one\nMissingInputException\n")
    monkeypatch.setattr(planning.subprocess, "run", lambda *_, **__: said)
    with pytest.raises(StudyError, match="cannot plan the study:\none\nMissingInputException"):
        planning.dry_run(tmp_path, [])


def sizes_of(folder, **changes):
    config = {"spaces": ["rank", "expression-umap", "library-size"], "controls": ["shuffled", "one-hot"]}
    return forecast_of(load(folder, config=config | changes, expect=EXPECT)).sizes


def test_a_file_is_as_large_as_its_cells_and_dimensions(folder):
    sizes = sizes_of(folder)
    toy = sizes.data["toy"]
    dimensions = {name: toy.dimensions(name) for name in toy.plan.spaces}
    assert dimensions.pop("rank") == dimensions.pop("shuffled") == dimensions.pop("expression") == 1000
    assert dimensions == {"expression-umap": 5, "library-size": 1, "one-hot": 9}

    def mb(path):
        return sizes.mb(f"results/toy/0/{path}")

    assert mb("spaces/shuffled.h5ad") == mb("spaces/rank.h5ad") == mb("encoded/rank/0.h5ad")
    assert mb("shards/type-0.h5ad") * 9 == pytest.approx(mb("parts/0.h5ad"))
    assert mb("pairs.h5") == mb("blocks/0-0.h5") > 0 == mb("genes.parquet")
    assert sizes.mb("results/toy/cells.parquet") == sizes.mb("results/toy/index/0.cells.parquet") > 0


def test_a_local_file_is_as_large_as_it_is(folder):
    (folder / "toy.h5ad").write_bytes(b"x" * 5_000_000)
    assert sizes_of(folder).mb("toy.h5ad") == 5


def test_downloads_are_those_of_the_data_the_release_and_packages(folder):
    source = {"url": "https://example.org/a.h5ad.zip", "sha256": SHA, "bytes": 10}
    other = {"url": "https://example.org/b.h5ad.zip", "sha256": SHA}
    study = load(folder, source=None, h5ad={}, parts={"a": {"source": source}, "b": {"source": other}}, expect=EXPECT)
    data = {"toy": Data(study, study.datasets["toy"], known_of(study.datasets["toy"]))}
    found = Sizes(study, data, Costs.read().bytes)
    assert found.of_dataset("toy") == {"resources/toy/a.h5ad.zip": 10, "resources/toy/b.h5ad.zip": None}
    assert any(path.endswith(".whl") for path in found.downloads.keys() - found.of_dataset("toy"))
    assert found.mb("resources/toy/unpacked/a.h5ad") == pytest.approx(1e-5)
    assert found.mb("resources/toy/unpacked/b.h5ad") is None


def test_every_job_has_a_measured_cost_and_asks_for_its_rules_memory(folder):
    found = forecast_of(load(folder, expect=EXPECT))
    asked = {job.rule: memory(job, found.sizes) for job in found.plan.jobs}
    assert asked["scan_part"].value == 1800
    assert asked["encode_shards"].value > 1300 and asked["compare_block"].value > 3300
    for job in found.plan.jobs:
        assert kind(job, found.sizes) in found.costs.rules, job
    fitted = next(job for job in found.plan.jobs if job.rule == "fit_space")
    assert kind(fitted, found.sizes) == "fit_space umap"


def test_work_is_in_the_units_of_the_costs(folder):
    found = forecast_of(load(folder, expect=EXPECT))
    done = {job.rule: work(job, found.sizes) for job in found.plan.jobs}
    spaces = len(found.study.datasets["toy"].spaces)
    assert done["compare_block"]["pairs"] == pytest.approx(900 * 899 / 2 * spaces / 1e6)
    assert done["fit_space"] == {"cells": 0.9, "values": pytest.approx(0.9)}
    assert done["merge_blocks"] == {"type_pairs": pytest.approx(45 * spaces / 1e3)}
    assert done["scan_part"] == {"mb": 0} and done["write_article"] == {"datasets": 1}


def test_of_text_the_values_count(folder):
    found = forecast_of(load(folder, source={"local_file": "a.csv"}, table={"labels": "l.csv"}, expect=EXPECT))
    scan = next(job for job in found.plan.jobs if job.rule == "scan_part")
    assert work(scan, found.sizes) == {"text_values": pytest.approx(0.9)}
