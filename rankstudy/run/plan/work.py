"""What a job asks for, and how much it has to do: the units that `benchmarks/costs.json` has the seconds of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rankstudy.config import PartPlan
from rankstudy.run.plan.amounts import Amount, product, total
from rankstudy.run.plan.jobs import Job
from rankstudy.run.plan.sizes import Data, Sizes
from rankstudy.run.resources import (
    READERS,
    REQUESTS,
    curve_units,
    gene_units,
    lattice_units,
    reading,
    tflop_per_cell,
    training_tflop,
)

THOUSAND, MILLION = 1e3, 1e6
Work = Mapping[str, float | None]


def memory(job: Job, sizes: Sizes) -> Amount:
    """Return the MB that a job asks for at its first attempt; a least value where the size of an input is unknown."""
    asked = reading(_part(job, sizes).format) if job.rule in READERS else REQUESTS[job.rule]
    inputs = total(map(sizes.mb, job.input))
    return Amount(asked.memory.mb(inputs.value), inputs.complete)


def kind(job: Job, sizes: Sizes) -> str:
    """Return what the cost of a job goes by: its rule, and of a fit what is fitted."""
    if job.rule != "fit_space":
        return job.rule
    space = sizes.study.catalogue.spaces[job.wildcards["fitted"]]
    return f"fit_space {space.settings or space.function.split(':')[1]}"


def work(job: Job, sizes: Sizes) -> Work:
    """Return how much a job has to do, None where it is unknown: MB of its inputs, or what is more to the point."""
    measure = _WORK.get(job.rule)
    if measure is None:
        amount = total(map(sizes.mb, job.input))
        return {"mb": amount.value if amount.complete else None}
    data = sizes.data.get(job.wildcards.get("dataset"))
    if data is not None and data.cells.sampled is None and job.rule not in READERS:
        return {}
    return measure(job, sizes, data)


def _part(job: Job, sizes: Sizes) -> PartPlan:
    return sizes.data[job.wildcards["dataset"]].plan.parts[job.wildcards["part"]]


def _reads(job: Job, sizes: Sizes, data: Data) -> Work:
    # text costs by its values, however well they are packed
    part = _part(job, sizes)
    if part.format != "table":
        return {"mb": sizes.mb(part.path)}
    cells = part.model.cells or product(data.cells.cells, 1 / len(data.plan.parts))
    return {"text_values": product(cells, data.cells.genes, 1 / MILLION)}


def _downloads(job: Job, sizes: Sizes, data: Data | None) -> Work:
    return {"mb": sizes.mb(job.output[0])}


def _embeds(job: Job, sizes: Sizes, data: Data) -> Work:
    space = job.wildcards["embedding"]
    model = sizes.study.models[sizes.study.catalogue.spaces[space].model]
    return {"tflop": data.in_group(space, job.wildcards["group"]) * tflop_per_cell(sizes.study, model)}


def _fits(job: Job, sizes: Sizes, data: Data) -> Work:
    parent = sizes.study.catalogue.spaces[job.wildcards["fitted"]].parent
    values = product(data.cells.n_sampled, data.dimensions(parent), 1 / MILLION)
    return {"cells": data.cells.n_sampled / THOUSAND, "values": values}


def _compares(job: Job, sizes: Sizes, data: Data) -> Work:
    rows, columns = data.on_sides(job.wildcards["i"], job.wildcards["j"])
    same = job.wildcards["i"] == job.wildcards["j"]
    pairs = rows * (rows - 1) / 2 if same else rows * columns
    return {"pairs": pairs * len(data.plan.spaces) / MILLION, "gflop": product(2e-9, pairs, data.wide)}


def _specifies(job: Job, sizes: Sizes, data: Data) -> Work:
    cells = min(data.cells.n_sampled, data.plan.settings.cells)
    return {"pairs": curve_units(cells, len(data.plan.curve_encodings), threads=1)}


def _walks(job: Job, sizes: Sizes, data: Data) -> Work:
    cells = min(data.cells.n_sampled, data.plan.settings.cells)
    return {"pairs": lattice_units(cells, len(data.plan.ledgers), threads=1)}


def _causes(job: Job, sizes: Sizes, data: Data) -> Work:
    cells = min(data.cells.n_sampled, data.plan.settings.cells)
    return {"pairs": curve_units(cells, len(data.plan.cause_encodings), threads=1)}


def _tells(job: Job, sizes: Sizes, data: Data) -> Work:
    return {"type_spaces": len(data.cells.sampled) * len(data.plan.spaces)}


def _reads_lists(job: Job, sizes: Sizes, data: Data) -> Work:
    return {"texts": data.cells.n_sampled / THOUSAND}


def _goes_by_type_pairs(job: Job, sizes: Sizes, data: Data) -> Work:
    seeds = 1 if "seed" in job.wildcards else len(sizes.study.study.seeds)
    return {"type_pairs": data.type_pairs * seeds / THOUSAND}


def _goes_by_spaces(job: Job, sizes: Sizes, data: Data) -> Work:
    seeds = len(sizes.study.study.seeds)
    values = product(data.cells.n_sampled, data.wide, seeds, 1 / MILLION)
    return {"values": values, "spaces": len(data.plan.spaces) * seeds}


# what the default, the MB of the inputs, says too little of
_WORK: dict[str, Callable[[Job, Sizes, Data | None], Work]] = {
    **dict.fromkeys(READERS, _reads),
    **dict.fromkeys(("download_file", "download_package", "download_model_file"), _downloads),
    "embed_shards": _embeds,
    "train_model": lambda job, sizes, data: {"tflop": training_tflop(sizes.study)},
    "fit_space": _fits,
    "compare_block": _compares,
    "specify_pairs": _specifies,
    "walk_lattice": _walks,
    **dict.fromkeys(("find_causes", "change_genes"), _causes),
    "tell_states": _tells,
    "read_lists": _reads_lists,
    "embed_genes": lambda job, sizes, data: {"texts": gene_units(data.plan, threads=1)},
    **dict.fromkeys(("merge_blocks", "evaluate", "estimate_intervals"), _goes_by_type_pairs),
    **dict.fromkeys(("measure_integration", "measure_geometry", "measure_metric"), _goes_by_spaces),
    "write_article": lambda job, sizes, data: {"datasets": len(sizes.study.datasets)},
}
