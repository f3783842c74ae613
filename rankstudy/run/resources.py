"""How much memory a job of each rule asks for: one table for the rules, and for the forecast of what a study takes.

Free of numerical packages: Snakemake reads it while it builds the graph.
"""

from __future__ import annotations

from typing import NamedTuple

# a job on a cluster holds Snakemake twice beside the rule's script
SNAKEMAKE_MB = 300


class Memory(NamedTuple):
    """MB that a rule's script asks for: a base, and so many MB per MB of its inputs."""

    base: float
    per_input: float = 0.0

    def mb(self, input_mb: float, attempt: int = 1) -> int:
        """Return the MB of a job with inputs of so many MB; each further attempt asks for as much again."""
        return round((SNAKEMAKE_MB + self.base + self.per_input * input_mb) * attempt)


# streamed formats take the same for a file of any size, text takes what its genes need
READING_TEXT = Memory(1500, 2.0)
READING_BINARY = Memory(1500, 0.05)

FIGURE = Memory(1000, 20)

MEMORY = {
    "download_file": Memory(500),
    "unpack_part": Memory(500),
    "download_package": Memory(500),
    "download_model_file": Memory(500),
    "index_cells": Memory(1000, 40),
    "describe_donors": Memory(500, 20),
    "select_cells": Memory(500, 20),
    "write_shard": Memory(500, 5),
    "convert_dictionaries": Memory(1000),
    "convert_ontology": Memory(1000),
    "relate_types": Memory(500, 20),
    "map_genes": Memory(1000),
    "tokenise_shards": Memory(1500, 10),
    "collect_tokenised": Memory(500, 20),
    "draw_training_cells": Memory(1000, 20),
    "initialise_model": Memory(2000),
    "train_model": Memory(4000),
    "check_published_model": Memory(1500, 3),
    "embed_shards": Memory(4000, 10),
    "select_genes": Memory(1500, 10),
    "keep_cells": Memory(1500, 10),
    "encode_shards": Memory(1000, 10),
    "gather_space": Memory(500, 10),
    "fit_space": Memory(2000, 40),
    "make_control": Memory(1000, 20),
    "compare_block": Memory(3000, 5),
    "merge_blocks": Memory(1000, 20),
    "measure_sparsity": Memory(1000, 5),
    "describe_example": Memory(1000, 5),
    # one space of one seed at a time, out of files of all seeds (measured: benchmarks/evaluation.json)
    "evaluate": Memory(1000, 2),
    "check_gates": Memory(500, 20),
    "summarise_relations": Memory(1000, 1),
    "summarise_neighbours": Memory(1000, 1),
    "estimate_intervals": Memory(1500, 2),
    "compare_batches": Memory(2000, 0.5),
    "measure_integration": Memory(3000, 0.5),
    "measure_geometry": Memory(2000, 0.5),
    "describe_spaces": Memory(500),
    "collect_tables": Memory(500, 20),
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
    "draw_training_loss": Memory(1000),
    "write_article": Memory(1500, 5),
}


def reading(format: str) -> Memory:
    """Return what a job asks for that reads the files of a data set in this format."""
    return READING_TEXT if format == "table" else READING_BINARY
