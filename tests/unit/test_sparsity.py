"""Sparsity, ties, the example cell, and their tables over replicates."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import rankdata

from rankstudy.cells.tables import SELECTION_REPORT
from rankstudy.measures.collection import collect_tables
from rankstudy.measures.example import describe_example, example_type
from rankstudy.measures.sparsity import by_type, measure_sparsity, tied_shares, zero_shares
from rankstudy.measures.tables import EXAMPLE_CELL, SPARSITY, SPARSITY_BY_TYPE
from rankstudy.spaces.tables import ANALYSED_CELLS
from tests.unit.helpers import toy_counts, write_analysed, write_genes, write_shard_file

SIZES = {"a": 4, "b": 7}
N_GENES = 12
COUNTS = {slug: toy_counts(size, N_GENES, i) for i, (slug, size) in enumerate(SIZES.items())}
CHOSEN = [0, 1, 3, 4, 7, 8, 11]
GENES = [f"g{i}" for i in range(N_GENES)]


@given(hnp.arrays(float, hnp.array_shapes(min_dims=2, max_dims=2, max_side=7), elements=st.integers(0, 3).map(float)))
def test_shares_of_zeros_and_ties_equal_a_slow_count(dense):
    of_all, of_detected = tied_shares(sp.csr_matrix(dense))
    np.testing.assert_allclose(zero_shares(sp.csr_matrix(dense)), (dense == 0).mean(axis=1))
    for row, found_all, found_detected in zip(dense, of_all, of_detected, strict=True):
        repeats = Counter(row)
        assert found_all == pytest.approx(np.mean([repeats[v] > 1 for v in row]))
        above = [repeats[v] > 1 for v in row if v > 0]
        assert found_detected == pytest.approx(np.mean(above) if above else 0.0)


def test_explicit_zeros_are_zeros():
    matrix = sp.csr_matrix((np.array([0.0, 2.0]), np.array([0, 1]), np.array([0, 2])), shape=(1, 2))
    assert zero_shares(matrix).tolist() == [0.5] and [s.tolist() for s in tied_shares(matrix)] == [[0.0], [0.0]]


@pytest.fixture
def study(tmp_path):
    shards = [write_shard_file(tmp_path / f"{s}.h5ad", c, s) for s, c in COUNTS.items()]
    cells = pd.DataFrame(
        [(s, f"toy:{s}{i:03d}") for s, n in SIZES.items() for i in range(n)], columns=["slug", "cell_id"]
    )
    cells = cells.assign(
        dataset="toy", seed=0, cell_type=cells["slug"].str.upper(), batch="all", used=cells["cell_id"] != "toy:b003"
    )
    cells = write_analysed(tmp_path / "cells.parquet", cells.assign(reason="used")[ANALYSED_CELLS.names])
    genes = write_genes(tmp_path / "genes.parquet", GENES, [i in CHOSEN for i in range(N_GENES)])
    output = str(tmp_path / "sparsity.parquet")
    measure_sparsity(shards, genes, cells, dataset="toy", seed=0, output=output)
    return {"shards": shards, "genes": genes, "cells": cells, "sparsity": output, "folder": tmp_path}


def test_each_compared_cell_is_measured_over_all_and_over_the_selected_genes(study):
    table = SPARSITY.read(study["sparsity"])
    assert len(table) == 10 and "toy:b003" not in set(table["cell_id"])
    for row in table.itertuples():
        counts = COUNTS[row.cell_id[4]][int(row.cell_id[5:])]
        assert row.n_counts == counts.sum() and row.cell_type == row.cell_id[4].upper()
        assert row.zeros_all == pytest.approx((counts == 0).mean())
        assert row.zeros_selected == pytest.approx((counts[CHOSEN] == 0).mean())
        of_all, of_detected = tied_shares(sp.csr_matrix(counts[CHOSEN]))
        assert (row.tied_selected, row.tied_detected) == (of_all[0], of_detected[0])


def test_medians_by_type_and_over_all_cells(study):
    table = SPARSITY.read(study["sparsity"])
    found = by_type(table)
    assert found["cell_type"].tolist()[1:] == ["A", "B"] and pd.isna(found["cell_type"].iloc[0])
    assert found["n_cells"].tolist() == [10, 4, 6]
    for cells, row in zip(
        (table, table[table["cell_type"] == "A"], table[table["cell_type"] == "B"]), found.itertuples(), strict=True
    ):
        for name in ("n_counts", "zeros_all", "zeros_selected", "tied_selected", "tied_detected"):
            assert getattr(row, name) == np.median(cells[name])


def test_the_example_is_a_typical_cell_of_the_largest_type(study):
    output = str(study["folder"] / "example.parquet")
    assert example_type(study["sparsity"]) == "B"
    describe_example(study["shards"], study["genes"], study["sparsity"], dataset="toy", seed=0, output=output)
    table = EXAMPLE_CELL.read(output)
    (cell,) = table["cell_id"].unique()
    of_type = SPARSITY.read(study["sparsity"]).query("cell_type == 'B'").set_index("cell_id")["zeros_selected"]
    assert (of_type < of_type[cell]).sum() <= len(of_type) // 2 <= (of_type <= of_type[cell]).sum()
    counts = COUNTS["b"][int(cell[5:])]
    assert table["gene"].tolist() == [GENES[i] for i in CHOSEN]
    np.testing.assert_array_equal(table["count"], counts[CHOSEN])
    np.testing.assert_array_equal(table["rank"], rankdata(counts[CHOSEN]))
    np.testing.assert_allclose(table["expression"], np.log1p(1e4 * counts[CHOSEN] / counts.sum()), rtol=1e-6)
    assert table["n_tied"].tolist() == [int((counts[CHOSEN] == v).sum()) for v in counts[CHOSEN]]


def test_of_types_of_one_size_the_first_by_name_is_the_example(tmp_path):
    frame = pd.DataFrame({"cell_type": ["B", "A", "B", "A"], "cell_id": list("wxyz")}).assign(dataset="toy", seed=0)
    SPARSITY.write(frame.reindex(columns=SPARSITY.names).fillna(0.5), tmp_path / "s.parquet")
    assert example_type(str(tmp_path / "s.parquet")) == "A"


def test_tables_of_replicates_are_put_together(study):
    folder, paths = study["folder"], {"r": [], "c": [], "s": []}
    for seed in (0, 1):
        for key, table, frame in (
            ("c", ANALYSED_CELLS, ANALYSED_CELLS.read(study["cells"])),
            ("s", SPARSITY, SPARSITY.read(study["sparsity"])),
            (
                "r",
                SELECTION_REPORT,
                pd.DataFrame([("toy", 0, None, False, "no cell type", 2, 1)], columns=SELECTION_REPORT.names),
            ),
        ):
            paths[key].append(str(folder / f"{key}{seed}.parquet"))
            table.write(frame.assign(seed=seed), paths[key][-1])
    tables = (SELECTION_REPORT, ANALYSED_CELLS, SPARSITY, SPARSITY_BY_TYPE)
    outputs = {t.name: str(folder / "out" / f"{t.name}.parquet") for t in tables} | {
        "sparsity_by_type_tsv": str(folder / "b.tsv")
    }
    collect_tables(paths["r"], paths["c"], paths["s"], outputs=outputs)
    assert len(SELECTION_REPORT.read(outputs["selection_report"])) == 2
    assert ANALYSED_CELLS.read(outputs["analysed_cells"])["seed"].value_counts().to_dict() == {0: 11, 1: 11}
    assert len(SPARSITY.read(outputs["sparsity"])) == 20
    summary = SPARSITY_BY_TYPE.read(outputs["sparsity_by_type"])
    assert summary.groupby("seed")["n_cells"].apply(sorted).tolist() == [[4, 6, 10]] * 2
    assert (folder / "b.tsv").read_text().count("\n") == 7
