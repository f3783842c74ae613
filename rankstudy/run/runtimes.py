"""How many minutes a job of each rule asks for: one table for the rules, and for a test beside the forecast.

A scheduler ends a job at its limit, and only there one that waits for ever: too little stops work, too much makes a
lost step cost hours. Limits are a few minutes, for a slow node and a slow disk, and at least three times what the
forecast says (`benchmarks/costs.json`, measured on a quiet machine). Each further attempt asks for as much again, so
that a limit that was too near is no error.

Free of numerical packages: Snakemake reads it while it builds the graph.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

MB_PER_GB = 1000
# one accelerator beside one core, at least (an embedding in bfloat16)
CORES_PER_GPU = 20


class Minutes(NamedTuple):
    """Minutes that a job asks for: so many, and more per unit of what makes it long, by default a GB of its inputs."""

    base: float
    per_unit: float = 0.0

    def at(self, units: float, attempt: int = 1) -> int:
        """Return the minutes of a job with so many units; each further attempt asks for as much again."""
        return ceil((self.base + self.per_unit * units) * attempt)


# what takes seconds, and minutes only where many GB come from a slow disk; the halves leave room for small inputs
QUICK, SECONDS, FIGURE = Minutes(2.5, 1), Minutes(1.5, 1), Minutes(1.5, 2)
# per GB to download, at half a megabyte per second
DOWNLOAD = Minutes(30, 35)
# the formats that are text are read ten times as slowly as the others
READING_TEXT, READING_BINARY = Minutes(5, 30), Minutes(5, 5)

MINUTES = {
    "download_file": DOWNLOAD,
    "download_package": DOWNLOAD,
    "download_model_file": DOWNLOAD,
    "unpack_part": Minutes(5, 5),
    "index_cells": Minutes(5, 10),
    "describe_donors": QUICK,
    "select_cells": Minutes(2.5, 60),
    "write_shard": Minutes(0.8, 0.5),
    "convert_dictionaries": QUICK,
    "convert_ontology": QUICK,
    "relate_types": Minutes(1.5, 10),
    "map_genes": QUICK,
    "tokenise_shards": Minutes(2.5, 2),
    "collect_tokenised": SECONDS,
    "draw_training_cells": Minutes(3, 20),
    "initialise_model": QUICK,
    # per 10^12 operations on one core
    "train_model": Minutes(10, 1.2),
    "embed_shards": Minutes(5, 0.6),
    "check_published_model": Minutes(3, 5),
    "select_genes": Minutes(2.5, 2),
    "keep_cells": SECONDS,
    "encode_shards": SECONDS,
    "gather_space": Minutes(1.5, 10),
    # what depends on the number of cells more than on that of the dimensions: UMAP
    "fit_space": Minutes(5, 230),
    "make_control": SECONDS,
    # per GB of the vectors and thousand cells that each is compared with, on one core
    "compare_block": Minutes(5, 1.8),
    "merge_blocks": Minutes(3, 15),
    "measure_sparsity": SECONDS,
    "describe_example": SECONDS,
    "evaluate": Minutes(3, 4),
    "check_gates": QUICK,
    "summarise_relations": Minutes(5, 5),
    "summarise_neighbours": Minutes(5, 5),
    "estimate_intervals": Minutes(5, 18),
    "compare_batches": Minutes(5, 15),
    "measure_integration": Minutes(6, 4),
    "measure_geometry": Minutes(5, 7),
    "describe_spaces": SECONDS,
    "collect_tables": Minutes(1.5, 10),
    "draw_encoding": FIGURE,
    "draw_cells_per_type": FIGURE,
    "draw_sparsity": FIGURE,
    "draw_within_between": FIGURE,
    "draw_intervals": FIGURE,
    "draw_joint_distribution": FIGURE,
    "draw_type_matrix": FIGURE,
    "draw_type_relations": FIGURE,
    "draw_outliers": FIGURE,
    "draw_relation_curves": FIGURE,
    "draw_neighbour_composition": FIGURE,
    "draw_batch_driven": FIGURE,
    "draw_label_transfer": FIGURE,
    "draw_metrics": FIGURE,
    "draw_training_loss": SECONDS,
    "write_article": Minutes(5, 10),
}
# of a file whose size nobody states
_UNKNOWN_DOWNLOAD_GB = 20.0


def reading(format: str) -> Minutes:
    """Return what a job asks for that reads the files of a data set in this format, per GB of these."""
    return READING_TEXT if format in ("table", "mtx") else READING_BINARY


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


def model_units(tflop: float, threads: int, device: str = "cpu") -> float:
    """Return the units of a model's job: 10^12 operations by core."""
    return tflop / (CORES_PER_GPU if device == "cuda" else threads)
