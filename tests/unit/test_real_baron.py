"""The engine on real cells: Baron's pancreas, through the package's own index, selection and readers."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import spearmanr

from rankstudy.pairs.engine import Vectors, compare, measure
from rankstudy.pairs.engine.result import QUANTILES
from rankstudy.pairs.space import SpaceData
from rankstudy.spaces.encodings.rank import fractional_ranks
from tests.unit.helpers import read_combined

pytestmark = pytest.mark.slow
TYPES = ["alpha", "beta", "endothelial", "delta", "ductal"]


@pytest.fixture(scope="module")
def baron(baron_plan, baron_wheel, tmp_path_factory):
    """Return the index, and 60 cells of each of five types with the counts of all genes."""
    drawn = {"min_cells": 60, "cells_per_type": 60, "cell_types": TYPES}
    read = read_combined(baron_plan, tmp_path_factory.mktemp("baron"), baron_wheel, **drawn)
    return read | {"counts": sp.csr_matrix(read["data"][read["selection"]["cell_id"]].X)}


@pytest.fixture(scope="module")
def some(baron):
    """Return the 300 cells on the first 2,000 genes that any of them has, and scipy's correlation of them."""
    detected = np.flatnonzero(np.asarray((baron["counts"] > 0).sum(axis=0)).ravel())[:2000]
    counts = baron["counts"][:, detected]
    cells = baron["selection"][["cell_id", "cell_type", "slug", "batch"]]
    space = SpaceData("rank", "correlation", fractional_ranks(counts), cells)
    return space, spearmanr(counts.toarray(), axis=1).statistic


def test_the_index_finds_what_is_known_of_the_data(baron):
    cells, types = baron["cells"], baron["types"].set_index("cell_type")
    assert len(cells) == 1937 and len(baron["genes"]) == 20125 and len(types) == 14
    assert types["n_cells"]["beta"] == 872 and types["n_cells"]["t_cell"] == 2
    assert cells["batch"].value_counts().to_dict() == {"lib1": 568, "lib2": 629, "lib3": 740}
    assert cells["n_counts"].sum() == 11244731


def test_the_selection_is_300_cells_spread_over_the_libraries(baron):
    selection = baron["selection"]
    assert selection["cell_type"].value_counts().to_dict() == dict.fromkeys(TYPES, 60)
    of_beta = selection.loc[selection["cell_type"] == "beta", "batch"].value_counts()
    assert of_beta.to_dict() == {"lib1": 20, "lib2": 20, "lib3": 20}


def test_correlations_of_300_real_cells_are_those_of_scipy(some):
    space, reference = some
    assert space.vectors.shape == (300, 2000)
    tied = np.mean([len(np.unique(row)) < 30 for row in space.vectors.toarray()])
    assert tied > 0.5, "real cells have few distinct values among 2,000 genes"
    vectors = Vectors.of(space.vectors, "correlation")
    np.testing.assert_allclose(measure(vectors, vectors), reference, rtol=0, atol=1e-5)


def test_quantiles_of_every_type_pair_are_those_of_numpy(some):
    space, reference = some
    result = compare([space])
    slugs = space.cells["slug"].to_numpy()
    for pair, (a, b) in enumerate(combinations_with_replacement(sorted(set(slugs)), 2)):
        block = reference[np.ix_(slugs == a, slugs == b)]
        values = block[np.triu_indices(60, 1)] if a == b else block.ravel()
        assert result.n[pair] == len(values)
        np.testing.assert_allclose(result.quantiles[0, pair], np.quantile(values, QUANTILES), rtol=0, atol=1e-5)
    engine = measure(*[Vectors.of(space.vectors, "correlation", mean_cell=space.layout.mean_cell)] * 2)
    inside = engine[np.ix_(slugs == "alpha", slugs == "alpha")][np.triu_indices(60, 1)]
    assert result.quantiles[0, 0, QUANTILES.index(0.5)] == np.median(inside.astype(np.float64))


@pytest.mark.parametrize(
    ("a", "b", "mean"), [("alpha", "alpha", 0.32), ("alpha", "beta", 0.30), ("alpha", "endothelial", 0.25)]
)
def test_mean_correlations_over_all_genes_are_those_computed_elsewhere(baron, a, b, mean):
    kinds = baron["selection"]["cell_type"].to_numpy()
    ranks = fractional_ranks(baron["counts"])
    assert ranks.shape == (300, 20125)
    values = measure(Vectors.of(ranks[kinds == a], "correlation"), Vectors.of(ranks[kinds == b], "correlation"))
    values = values[np.triu_indices(60, 1)] if a == b else values
    assert abs(values.mean() - mean) < 0.03
