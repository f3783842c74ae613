"""Which rule waits for which, and how long a study takes with so many jobs at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from rankstudy.run.plan.job import SHARED, Job

_FILES = ("download_file", "download_package", "unpack_part")
_FROM_TABLES = ("evaluate", "describe_spaces")

# Direct inputs only, as in workflow/rules/*.smk; a test compares them with Snakemake's own graph.
AFTER: dict[str, tuple[str, ...]] = {
    "download_file": (),
    "download_package": (),
    "download_model_file": (),
    "unpack_part": ("download_file",),
    "scan_part": _FILES,
    "index_cells": ("scan_part",),
    "describe_donors": ("download_file", "index_cells"),
    "select_cells": ("index_cells",),
    "extract_cells": (*_FILES, "index_cells", "select_cells"),
    "write_shard": ("extract_cells", "select_cells"),
    "convert_dictionaries": ("download_package", "download_model_file"),
    "convert_ontology": ("download_package", "download_file"),
    "relate_types": ("scan_part", "index_cells", "convert_ontology"),
    "map_genes": ("index_cells", "convert_dictionaries"),
    "tokenise_shards": ("write_shard", "map_genes", "convert_dictionaries"),
    "collect_tokenised": ("tokenise_shards",),
    "draw_training_cells": ("index_cells", "select_cells"),
    "tokenise_training_cells": (*_FILES, "draw_training_cells", "map_genes", "convert_dictionaries"),
    "initialise_model": ("convert_dictionaries",),
    "train_model": ("tokenise_training_cells", "draw_training_cells", "convert_dictionaries"),
    "check_published_model": ("download_model_file", "convert_dictionaries"),
    "embed_shards": (
        *("initialise_model", "train_model", "check_published_model", "download_model_file"),
        *("index_cells", "tokenise_shards", "keep_cells"),
    ),
    "select_genes": ("write_shard", "select_cells", "index_cells"),
    "keep_cells": ("write_shard", "select_genes", "tokenise_shards"),
    "encode_shards": ("write_shard", "select_genes", "keep_cells"),
    "gather_space": ("encode_shards", "embed_shards", "keep_cells"),
    "fit_space": ("gather_space",),
    "make_control": ("keep_cells",),
    "compare_block": ("index_cells", "gather_space", "fit_space", "make_control", "relate_types"),
    "merge_blocks": ("compare_block",),
    "measure_sparsity": ("write_shard", "select_genes", "keep_cells"),
    "describe_example": ("write_shard", "select_genes", "measure_sparsity"),
    "evaluate": ("merge_blocks", "keep_cells"),
    "check_gates": ("evaluate", "summarise_neighbours", "collect_tables"),
    "summarise_relations": ("index_cells", "merge_blocks", "keep_cells"),
    "summarise_neighbours": ("index_cells", "merge_blocks", "keep_cells"),
    "estimate_intervals": ("index_cells", "merge_blocks", "keep_cells"),
    "compare_batches": ("gather_space", "fit_space", "make_control", "keep_cells"),
    "measure_integration": ("merge_blocks", "keep_cells", "gather_space", "fit_space", "make_control"),
    "measure_geometry": ("gather_space", "fit_space", "make_control", "write_shard", "select_genes"),
    "describe_spaces": ("gather_space", "fit_space", "make_control"),
    "collect_tables": ("select_cells", "keep_cells", "measure_sparsity"),
    "draw_encoding": ("describe_example",),
    "draw_cells_per_type": ("index_cells", "select_cells"),
    "draw_sparsity": ("measure_sparsity",),
    "draw_within_between": _FROM_TABLES,
    "draw_intervals": ("estimate_intervals", "describe_spaces"),
    "draw_joint_distribution": _FROM_TABLES,
    "draw_type_matrix": _FROM_TABLES,
    "draw_type_relations": ("relate_types",),
    "draw_outliers": _FROM_TABLES,
    "draw_relation_curves": ("summarise_relations", "describe_spaces"),
    "draw_neighbour_composition": ("summarise_neighbours", "describe_spaces"),
    "draw_batch_driven": ("summarise_neighbours", "estimate_intervals", "describe_spaces"),
    "draw_label_transfer": ("summarise_neighbours", "describe_spaces"),
    "draw_metrics": ("measure_integration", "measure_geometry", "describe_spaces"),
    "draw_training_loss": ("train_model",),
    "write_article": (
        *("index_cells", "describe_donors", "evaluate", "collect_tables", "describe_example", "describe_spaces"),
        *("check_gates", "relate_types", "summarise_relations", "summarise_neighbours", "estimate_intervals"),
        *("compare_batches", "measure_integration", "measure_geometry"),
        *("map_genes", "collect_tokenised", "draw_training_cells", "train_model"),
        *("draw_encoding", "draw_cells_per_type", "draw_sparsity", "draw_within_between", "draw_intervals"),
        *("draw_joint_distribution", "draw_type_matrix", "draw_type_relations", "draw_outliers", "draw_training_loss"),
        *("draw_relation_curves", "draw_neighbour_composition", "draw_batch_driven", "draw_label_transfer"),
        "draw_metrics",
    ),
}


def makespan(
    jobs: Iterable[Job],
    seconds: Callable[[Job], float],
    at_a_time: int,
    slots: Callable[[Job], int] = lambda job: 1,
) -> float:
    """Return the seconds that jobs take, so many slots of them at a time.

    A rule of a data set starts when all that it waits for has ended, and lasts as long as its longest job or as all its
    jobs on all slots, whichever is longer. The result is the longest chain of such stages, or all the work on all the
    slots if that is longer. Waiting in a queue is not in it.
    """
    longest: dict[tuple[str, str], float] = defaultdict(float)
    work: dict[tuple[str, str], float] = defaultdict(float)
    for job in jobs:
        stage, time = (job.owner, job.rule), seconds(job)
        longest[stage] = max(longest[stage], time)
        work[stage] += time * slots(job)
    by_rule: dict[str, list[str]] = defaultdict(list)
    for owner, rule in work:
        by_rule[rule].append(owner)
    ends: dict[tuple[str, str], float] = {}

    def end(owner: str, rule: str) -> float:
        if (owner, rule) not in ends:
            before = [
                end(other, earlier)
                for earlier in AFTER[rule]
                for other in by_rule[earlier]
                if owner in (other, SHARED) or other == SHARED
            ]
            alone = max(longest[owner, rule], work[owner, rule] / at_a_time)
            ends[owner, rule] = max(before, default=0.0) + alone
        return ends[owner, rule]

    return max(*(end(*stage) for stage in work), sum(work.values()) / at_a_time)
