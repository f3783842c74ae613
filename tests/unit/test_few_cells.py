"""Few cells: every table of a data set of 4 to 16, with neighbourhoods larger than that."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.measures.field.geometry import probe_space
from rankstudy.measures.gates.gates import GATES_OF_CONTROLS, check_gates
from rankstudy.measures.gates.tables import GATES
from rankstudy.measures.neighbours.neighbourhoods import summarise_neighbours
from rankstudy.measures.neighbours.tables import (
    BATCH_DRIVEN_NEIGHBOURS,
    LABEL_TRANSFER,
    NEIGHBOUR_CELLS,
    NEIGHBOUR_OVERLAP,
    NEIGHBOURHOODS,
)
from rankstudy.measures.relations.curves import summarise_relations
from rankstudy.measures.relations.tables import OPERATING_POINTS, RELATIONS_AT_CUTOFFS
from rankstudy.measures.separation import evaluate, merge_blocks
from rankstudy.measures.tables import EFFECT_SIZES, JOINT, ONE_BATCH, OUTLIER_CELLS, OUTLIER_TYPES, PAIR_SUMMARIES
from rankstudy.measures.uncertainty.evaluation import evaluate_uncertainty
from rankstudy.measures.uncertainty.references import compared_with
from rankstudy.measures.uncertainty.tables import DIFFERENCES, INTERVALS
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.pairs.space_files import SpaceFile, write_space
from rankstudy.spaces.controls import one_hot, random_vectors, shuffled
from rankstudy.spaces.encodings.expression import log1p_cp10k
from rankstudy.spaces.encodings.library_size import log_totals
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.fits import harmony, principal_components
from rankstudy.spaces.registry import SPACES
from tests.unit.helpers import analysed_cells, space, toy_counts, write_analysed

SIZES_OF_NEIGHBOURHOODS = [15, 50]
BATCHES = {
    "one batch": lambda n: ["all"] * n,
    "two batches": lambda n: [f"b{i % 2}" for i in range(n)],
    "each cell its own": lambda n: [f"b{i}" for i in range(n)],
}


def spaces_of(sizes, batches):
    """Return the spaces of the default study that need no model, but UMAP (tests/unit/test_fits.py), and controls."""
    n = sum(sizes)
    counts = toy_counts(n, 40)
    counts[: sizes[0], :10] += 5
    counts, totals = sp.csr_matrix(counts), counts.sum(axis=1)
    cells = space(np.zeros((n, 1)), sizes).cells.assign(batch=batches)
    components = principal_components(log1p_cp10k(counts, totals), components=50, seed=0)
    vectors = {
        "rank": fractional_ranks(counts),
        "expression": log1p_cp10k(counts, totals),
        "expression-pca": components,
        "expression-harmony": harmony(components, cells=cells[["batch"]], seed=0),
        "library-size": log_totals(counts, totals),
        "random": random_vectors(cells[["cell_id"]], seed=0),
        "shuffled": shuffled(fractional_ranks(counts), seed=0),
        "one-hot": one_hot(cells[["cell_type"]], seed=0),
        "one-hot-batch": one_hot(cells[["batch"]], seed=0),
    }
    return [SpaceData(name, SPACES[name].metric, found.astype(np.float32), cells) for name, found in vectors.items()]


def every_table(folder, spaces):
    """Compare the spaces from their files, and return every table of them by its name, the table of the gates last."""
    files = []
    for of in spaces:
        files.append(str(folder / f"{of.name}.h5ad"))
        write_space(of, files[-1], dimensions=[f"d{i}" for i in range(of.vectors.shape[1])], seed=0)
    largest = max(SIZES_OF_NEIGHBOURHOODS)
    options = {"neighbours": largest, "across": largest, "cutoffs": 100, "joint": [("expression-pca", "rank")]}
    compare([SpaceFile(path) for path in files], **options).save(folder / "block.h5")
    merge_blocks([folder / "block.h5"], folder / "pairs.h5")
    cells = write_analysed(folder / "cells.parquet", analysed_cells(spaces[0].cells))
    inputs, about = ({0: folder / "pairs.h5"}, {0: cells}), {"dataset": "toy"}

    def outputs(*tables):
        return {table.name: folder / f"{table.name}.parquet" for table in tables}

    of_pairs = (PAIR_SUMMARIES, EFFECT_SIZES, OUTLIER_TYPES, OUTLIER_CELLS, JOINT)
    of_neighbours = (NEIGHBOUR_CELLS, NEIGHBOURHOODS, BATCH_DRIVEN_NEIGHBOURS, NEIGHBOUR_OVERLAP, LABEL_TRANSFER)
    of_relations, of_intervals = (RELATIONS_AT_CUTOFFS, OPERATING_POINTS), (INTERVALS, DIFFERENCES)
    evaluate(*inputs, **about, outliers=10, outputs=outputs(*of_pairs))
    units = {"unit": "batches", "level": 0.95}
    sizes = SIZES_OF_NEIGHBOURHOODS
    summarise_neighbours(*inputs, **about, **units, sizes=sizes, seed=0, outputs=outputs(*of_neighbours))
    summarise_relations(*inputs, **about, **units, outputs=outputs(*of_relations))
    names = [of.name for of in spaces]
    references = {one: compared_with(one, {name: SPACES[name] for name in names}) for one in ("expression", "rank")}
    draws = {"neighbours": sizes, "resamples": 1000, "seed": 0, "references": references}
    evaluate_uncertainty(*inputs, **about, **units, **draws, outputs=outputs(*of_intervals))
    found = outputs(*of_pairs, *of_neighbours, *of_relations, *of_intervals, GATES)
    gate = {"output": found["gates"], "tsv": folder / "gates.tsv"}
    check_gates(str(found["effect_sizes"]), str(found["neighbourhoods"]), cells, **about, **gate)
    tables = (*of_pairs, *of_neighbours, *of_relations, *of_intervals, GATES)
    return {table.name: table.read(found[table.name]) for table in tables}


@pytest.mark.parametrize("batches", BATCHES)
@pytest.mark.parametrize("sizes", [(2, 2), (3, 3), (8, 8)])
def test_every_table_of_few_cells_is_made_and_the_gates_hold(tmp_path, sizes, batches):
    n = sum(sizes)
    spaces = spaces_of(sizes, BATCHES[batches](n))
    tables = every_table(tmp_path, spaces)
    pairs_within = sum(size * (size - 1) // 2 for size in sizes)
    every = tables["effect_sizes"].query("cell_type.isna()")
    assert (every["n_within"] == pairs_within).all() and len(every) == len(spaces)
    assert (every["n_between"] == sizes[0] * sizes[1]).all()
    gates = tables["gates"]
    assert gates["passed"].all() and gates["gate"].nunique() == len(GATES_OF_CONTROLS)
    of_types = gates[(gates["space"] == "one-hot") & gates["statistic"].str.startswith("share")]
    assert len(of_types) == len({min(k, n - 1) for k in SIZES_OF_NEIGHBOURHOODS})
    transferred = tables["label_transfer"].query("held_out.isna()")
    assert (transferred["reason"] == ONE_BATCH).all() == (batches == "one batch")
    neighbours = tables["neighbour_cells"]
    counted = neighbours.filter(regex="_batch$").sum(axis=1)
    assert (counted == neighbours["k"].clip(upper=n - 1)).all()


@pytest.mark.parametrize("batches", BATCHES)
def test_probes_of_few_cells_have_a_value_or_a_reason(batches):
    for of in spaces_of((3, 3), BATCHES[batches](6)):
        for row in probe_space(of, {}, counted=True):
            assert row["reason"] and (row["value"] is None or np.isfinite(row["value"]))


def test_a_file_of_cells_that_are_each_their_own_batch_is_read_like_any_other(tmp_path):
    of = spaces_of((3, 3), BATCHES["each cell its own"](6))[0]
    path = str(tmp_path / "s.h5ad")
    write_space(of, path, dimensions=[f"d{i}" for i in range(of.vectors.shape[1])], seed=0)
    assert SpaceFile(path).batches(0, 6).tolist() == of.batches(0, 6).tolist() == list(range(6))
    alone = dataclasses.replace(of, cells=of.cells.assign(cell_type=list("ABCDEF"), slug=list("abcdef")))
    write_space(alone, path, dimensions=[f"d{i}" for i in range(of.vectors.shape[1])], seed=0)
    assert SpaceFile(path).layout.labels == tuple("ABCDEF")
