"""A figure that is asked for alone: which rules run for it, and no others."""

import re
import shutil

import pytest

from tests.workflow import generate
from tests.workflow.harness import snakemake
from tests.workflow.smk import FIGURES, RULES

SEEDS = [3, 5]
SELECTED = {"select_cells"}
# cells are compared that every space can hold, so that a model's tokens decide too
COMPARED = SELECTED | {
    *("extract_cells", "write_shard", "select_genes", "keep_cells"),
    *("download_package", "read_vocabulary", "map_genes", "tokenise_shards"),
}
SPACES = COMPARED | {
    *("encode_shards", "gather_space", "make_control", "describe_spaces"),
    *("sample_training_cells", "tokenise_training_cells", "train_model", "embed_shards"),
}
CURVES = COMPARED | {"encode_shards", "gather_space", "specify_pairs", "collect_settings"}
PAIRS = SPACES | {"relate_types", "compare_block", "merge_blocks"}
NEEDED = {
    "cells_per_type": SELECTED,
    "type_relations": {"relate_types"},
    "encoding": COMPARED | {"measure_sparsity", "describe_example"},
    "sparsity": COMPARED | {"measure_sparsity"},
    "within_between": PAIRS | {"evaluate"},
    "type_matrix": PAIRS | {"evaluate"},
    "joint_distribution": PAIRS | {"evaluate"},
    "outliers": PAIRS | {"evaluate"},
    "intervals": PAIRS | {"estimate_intervals"},
    "relation_curves": PAIRS | {"summarise_relations"},
    "neighbour_composition": PAIRS | {"summarise_neighbours"},
    "label_transfer": PAIRS | {"summarise_neighbours"},
    "batch_driven": PAIRS | {"summarise_neighbours", "estimate_intervals"},
    "specification_curve-1": CURVES,
    "ledger-1": COMPARED | {"walk_lattice", "collect_lattice"},
    **dict.fromkeys(["depth_curves", "encoding_depth"], COMPARED | {"find_causes", "collect_causes"}),
    **dict.fromkeys(["blind_bands-1", "displacement", "unseen_change"], COMPARED | {"change_genes", "collect_changes"}),
    "metrics": PAIRS | {"measure_integration", "measure_geometry"},
}
OF_FIRST_SEED = ("cells_per_type", "encoding", "sparsity", "specification_curve-1", "ledger-1", "depth_curves")


def path_of(figure):
    return f"results/figures/blood/{figure}.svg"


@pytest.fixture(scope="module")
def planned(tmp_path_factory, data, full):
    """Plan all figures of a data set whose cells are indexed, with a model, and return the jobs by their outputs."""
    folder = generate.new_project(tmp_path_factory.mktemp("figures") / "project", data)
    # as the finished run left it: Snakemake knows what follows the checkpoint only once it is there
    shutil.copytree(full.results / "blood/index", folder / "results/blood/index")
    for name in re.findall(r'"results/\{dataset\}/([^"]+)"', RULES["index_cells"].directives["output"]):
        (folder / "results/blood" / name).parent.mkdir(exist_ok=True)
        shutil.copy2(full.results / "blood" / name, folder / "results/blood" / name)
    study = generate.write_study(
        folder,
        datasets=["blood"],
        seeds=SEEDS,
        spaces=["rank", "expression", "trained-here"],
        controls=["random"],
        pairs={"joint": [["expression", "rank"]]},
        field_metrics=True,
        causes={},
    )
    run = snakemake("-n", *map(path_of, FIGURES), "--configfile", study, directory=folder)
    assert run.ok, run.tail
    return {path: job for job in run.jobs for path in job.output}


def jobs_for(path, planned):
    """Return the jobs that a file needs."""
    job = planned.get(path)
    return [] if job is None else [job, *(other for needed in job.input for other in jobs_for(needed, planned))]


def test_every_figure_is_looked_at():
    assert set(NEEDED) == set(FIGURES)


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_alone_runs_what_it_needs_and_nothing_else(planned, figure):
    assert {job.rule for job in jobs_for(path_of(figure), planned)} == NEEDED[figure] | {"draw_figure"}


@pytest.mark.parametrize("figure", OF_FIRST_SEED)
def test_a_figure_of_one_seed_runs_no_other(planned, figure):
    found = {text for job in jobs_for(path_of(figure), planned) for text in job.wildcards if text.startswith("seed=")}
    assert found == {f"seed={SEEDS[0]}"}
