"""What a job of each rule asks for, memory and time: one table, of which the rules and the forecast read.

A scheduler ends a job at its limit, and only there one that waits for ever: too little stops work, too much makes a
lost step cost hours. Times are a few minutes, for a slow node and a slow disk, and at least three times what a job
takes (`benchmarks/costs.json`, measured on a quiet machine). Each further attempt asks for as much again, so that a
limit that was too near is no error.

Free of numerical packages: Snakemake reads it while it builds the graph.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rankstudy.config import ModelPlan, StudyPlan
    from rankstudy.config.dataset_plan import DatasetPlan

# a job on a cluster holds Snakemake twice beside the rule's script
SNAKEMAKE_MB = 300
MB_PER_GB = 1000
# one accelerator beside one core, at least (an embedding in bfloat16)
CORES_PER_GPU = 20
# of a file whose size nobody states
_UNKNOWN_DOWNLOAD_GB = 20.0
# of a data set of which nobody states how many it has
_UNKNOWN_TYPES = 30
_UNKNOWN_CELLS_OF_A_TYPE = 1000
# genes of a human file that takes all of them, at most
_ALL_GENES = 40_000


class Memory(NamedTuple):
    """MB that a rule's script asks for: a base, and so many MB per MB of its inputs."""

    base: float
    per_input: float = 0.0

    def mb(self, input_mb: float, attempt: int = 1) -> int:
        """Return the MB of a job with inputs of so many MB; each further attempt asks for as much again."""
        return round((SNAKEMAKE_MB + self.base + self.per_input * input_mb) * attempt)


class Minutes(NamedTuple):
    """Minutes that a job asks for: so many, and more per unit of what makes it long, by default a GB of its inputs."""

    base: float
    per_unit: float = 0.0

    def at(self, units: float, attempt: int = 1) -> int:
        """Return the minutes of a job with so many units; each further attempt asks for as much again."""
        return ceil((self.base + self.per_unit * units) * attempt)


class Request(NamedTuple):
    """What a job asks for."""

    memory: Memory
    minutes: Minutes


# what takes seconds, and minutes only where many GB come from a slow disk; the halves leave room for small inputs
QUICK, SECONDS = Minutes(2.5, 1), Minutes(1.5, 1)
# per GB to download, at half a megabyte per second
DOWNLOAD = Minutes(30, 35)

# Those that read the files of a data set ask by their format: streamed formats take the same memory for a file of any
# size, a table what its genes need; the formats that are text are read ten times as slowly as the others.
READERS = ("scan_part", "extract_cells", "tokenise_training_cells")
_STREAMED = Memory(1500, 0.05)
_READING_TEXT = {
    "table": Request(Memory(1500, 2), Minutes(5, 30)),
    "mtx": Request(_STREAMED, Minutes(5, 30)),
}
_READING_BINARY = Request(_STREAMED, Minutes(5, 5))

REQUESTS = {
    "download_file": Request(Memory(500), DOWNLOAD),
    "unpack_part": Request(Memory(500), Minutes(5, 5)),
    "download_package": Request(Memory(500), DOWNLOAD),
    "download_model_file": Request(Memory(500), DOWNLOAD),
    "index_cells": Request(Memory(1000, 40), Minutes(5, 10)),
    "describe_donors": Request(Memory(500, 20), QUICK),
    "select_cells": Request(Memory(500, 20), Minutes(2.5, 60)),
    "write_shard": Request(Memory(500, 5), Minutes(0.8, 0.5)),
    "read_vocabulary": Request(Memory(1000), QUICK),
    "convert_ontology": Request(Memory(1000), QUICK),
    "relate_types": Request(Memory(500, 20), Minutes(1.5, 10)),
    "map_genes": Request(Memory(1000), QUICK),
    "tokenise_shards": Request(Memory(1500, 10), Minutes(2.5, 2)),
    "map_symbols": Request(Memory(1000), QUICK),
    "collect_vocabularies": Request(Memory(500, 20), SECONDS),
    "collect_tokenised": Request(Memory(500, 20), SECONDS),
    "collect_encoded": Request(Memory(500, 20), SECONDS),
    "sample_training_cells": Request(Memory(1000, 20), Minutes(3, 20)),
    "initialise_model": Request(Memory(2000), QUICK),
    # per 10^12 operations on one core
    "train_model": Request(Memory(4000), Minutes(10, 1.2)),
    "check_model": Request(Memory(1500, 3), Minutes(3, 5)),
    "embed_shards": Request(Memory(4000, 10), Minutes(5, 0.6)),
    "export_cells": Request(Memory(2000, 20), Minutes(2.5, 10)),
    "select_genes": Request(Memory(1500, 10), Minutes(2.5, 2)),
    "unpack_model_file": Request(Memory(500), QUICK),
    "read_gene_texts": Request(Memory(1500, 20), QUICK),
    "read_gene_vectors": Request(Memory(1500, 10), Minutes(5, 10)),
    # per thousand texts, on one core
    "embed_genes": Request(Memory(2000, 5), Minutes(5, 4)),
    "read_lists": Request(Memory(2000, 10), Minutes(5, 5)),
    "take_gene_vectors": Request(Memory(1000, 5), SECONDS),
    "weigh_genes": Request(Memory(1000, 10), SECONDS),
    "collect_texts": Request(Memory(500, 20), SECONDS),
    # the ids of all rows, and the vectors of the selected ones
    "audit_embedding": Request(Memory(1500, 4), Minutes(5, 10)),
    "bring_embedding": Request(Memory(1500, 4), Minutes(2.5, 10)),
    "collect_audits": Request(Memory(500, 20), SECONDS),
    "keep_cells": Request(Memory(1500, 10), SECONDS),
    "encode_shards": Request(Memory(1000, 10), SECONDS),
    "gather_space": Request(Memory(500, 10), Minutes(1.5, 10)),
    # what depends on the number of cells more than on that of the dimensions: UMAP
    "fit_space": Request(Memory(2000, 40), Minutes(5, 230)),
    "view_space": Request(Memory(1500, 5), SECONDS),
    "make_control": Request(Memory(1000, 20), SECONDS),
    # per GB of the vectors and thousand cells that each is compared with, on one core
    "compare_block": Request(Memory(3000, 5), Minutes(5, 1.8)),
    "merge_blocks": Request(Memory(1000, 20), Minutes(3, 15)),
    "measure_sparsity": Request(Memory(1000, 5), SECONDS),
    "describe_example": Request(Memory(1000, 5), SECONDS),
    # one space of one seed at a time, out of files of all seeds (measured: benchmarks/evaluation.json)
    "evaluate": Request(Memory(1000, 2), Minutes(3, 4)),
    "check_gates": Request(Memory(500, 20), QUICK),
    "summarise_relations": Request(Memory(1000, 1), Minutes(5, 5)),
    "summarise_neighbours": Request(Memory(1000, 1), Minutes(5, 5)),
    "estimate_intervals": Request(Memory(1500, 2), Minutes(5, 18)),
    # per million pairs of cells and encoding, on one core
    "specify_pairs": Request(Memory(3000, 10), Minutes(5, 0.8)),
    "collect_settings": Request(Memory(500, 20), SECONDS),
    # per million pairs of cells and ledger, on one core
    "walk_lattice": Request(Memory(4000, 10), Minutes(10, 2)),
    "collect_lattice": Request(Memory(500, 20), SECONDS),
    # as much of each encoding
    "find_causes": Request(Memory(3000, 10), Minutes(10, 2)),
    "change_genes": Request(Memory(3000, 10), Minutes(10, 1)),
    "collect_causes": Request(Memory(500, 20), SECONDS),
    "collect_changes": Request(Memory(500, 20), SECONDS),
    # per type and space, of hundreds of donors; the likeness of the cells of a type, and the vectors of all
    "tell_states": Request(Memory(3000, 3), Minutes(5, 0.75)),
    "collect_states": Request(Memory(500, 20), SECONDS),
    "compare_batches": Request(Memory(2000, 0.5), Minutes(5, 15)),
    "measure_integration": Request(Memory(3000, 0.5), Minutes(6, 4)),
    "measure_geometry": Request(Memory(2000, 0.5), Minutes(5, 7)),
    "measure_metric": Request(Memory(2000, 0.5), Minutes(5, 7)),
    "collect_metrics": Request(Memory(500, 20), SECONDS),
    "describe_spaces": Request(Memory(500), SECONDS),
    "collect_tables": Request(Memory(500, 20), Minutes(1.5, 10)),
    "draw_figure": Request(Memory(1000, 20), Minutes(0.8, 2)),
    "write_article": Request(Memory(1500, 5), Minutes(5, 10)),
}


def reading(format: str) -> Request:
    """Return what a job asks for that reads the files of a data set in this format; its units are GB of these."""
    return _READING_TEXT.get(format, _READING_BINARY)


def gigabytes(number_of_bytes: int | None) -> float:
    """Return the units of a download; a file whose size nobody states may be large."""
    return _UNKNOWN_DOWNLOAD_GB if number_of_bytes is None else number_of_bytes * 1e-9


def block_units(spaces_mb: float, cells: int, rows: int, columns: int, threads: int) -> float:
    """Return the units of a block: GB of the vectors of its rows, times thousand columns, by thread.

    Parameters
    ----------
    spaces_mb
        MB of the vectors of all cells, in all spaces.
    cells, rows, columns
        Cells of a seed, and those on both sides of the block.
    threads
        Threads that share the work.
    """
    return spaces_mb / MB_PER_GB * rows / max(cells, 1) * columns / 1000 / threads


def curve_units(cells: int, encodings: int, threads: int) -> float:
    """Return the units of specification curves: million pairs of cells, times encodings, by thread."""
    return cells**2 / 2e6 * encodings / threads


def lattice_units(cells: int, ledgers: int, threads: int) -> float:
    """Return the units of a lattice: million pairs of cells, times ledgers, of a dozen corners each, by thread."""
    return curve_units(cells, ledgers, threads)


def state_units(dataset: DatasetPlan) -> int:
    """Return the units of states: types times spaces; how many types there are is asked for before it is known."""
    return (dataset.model.expect.cell_types or _UNKNOWN_TYPES) * len(dataset.spaces)


def list_units(dataset: DatasetPlan, threads: int) -> float:
    """Return the units of lists of genes: thousand cells that are drawn, at most, by thread."""
    of_each = dataset.selection.cells_per_type or _UNKNOWN_CELLS_OF_A_TYPE
    return (dataset.model.expect.cell_types or _UNKNOWN_TYPES) * of_each / 1000 / threads


def gene_units(dataset: DatasetPlan, threads: int) -> float:
    """Return the units of texts of genes: thousand genes that are selected, at most, by thread."""
    selected = dataset.genes.number if dataset.genes.method == "highly_variable" else _ALL_GENES
    return selected / 1000 / threads


def model_units(tflop: float, threads: int, device: str = "cpu") -> float:
    """Return the units of a model's job: 10^12 operations by core."""
    return tflop / (CORES_PER_GPU if device == "cuda" else threads)


def tflop_per_cell(study: StudyPlan, model: ModelPlan) -> float:
    """Return the operations to embed a cell, in units of 10^12: at most, since a cell may have fewer tokens."""
    return model.release.tflop_per_cell if model.is_downloaded else own_tflop_per_cell(study)


def own_tflop_per_cell(study: StudyPlan) -> float:
    """Return the operations to embed a cell with the study's own model, in units of 10^12.

    Twice the parameters per token, as each is multiplied and added once, and what its attention does.
    """
    size = study.study.training
    per_token = 2 * (4 * size.hidden**2 + 2 * size.hidden * size.feed_forward) + 4 * size.max_length * size.hidden
    return size.layers * per_token * size.max_length * 1e-12


def training_tflop(study: StudyPlan) -> float:
    """Return the operations of the training: forwards and backwards is three times forwards."""
    training = study.study.training
    return 3 * training.cells * training.epochs * own_tflop_per_cell(study)
