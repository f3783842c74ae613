"""Bins span what is observed: the range of a space, and what of its statistics depends on it."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import cdist

from rankstudy.measures.separation import separation
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.pairs.likeness import ranges
from rankstudy.pairs.likeness.measures import MEASURES, Measure
from rankstudy.pairs.likeness.ranges import observed_ranges
from tests.unit.helpers import auroc_of, space, toy_counts
from tests.unit.reference import likeness

SIZES = (20, 30, 10)
N = sum(SIZES)


def off_diagonal(values):
    return values[np.triu_indices(len(values), 1)]


@pytest.mark.parametrize("of", MEASURES, ids=str)
def test_the_range_holds_every_value_and_little_else(of):
    vectors = toy_counts(N, 50)
    low, high = SpaceData("space", of.metric, vectors, space(vectors, SIZES).cells, of.centred).layout.range
    found = off_diagonal(likeness(space(vectors - of.centred * vectors.mean(axis=0), SIZES, of.metric)))
    least, most = found.min(), found.max()
    assert least - 1e-3 * (most - least) <= low <= least + 1e-6 and most - 1e-6 <= high <= most + 1e-3 * (most - least)
    assert [
        len(f"{end:.12g}".replace("-", "").replace("0.", "").replace(".", "").lstrip("0")) <= 5 for end in (low, high)
    ]


def test_the_range_is_of_a_sample_of_the_cells_that_does_not_depend_on_their_order(monkeypatch):
    monkeypatch.setattr(ranges, "MOST_CELLS", 15)
    vectors, ids = toy_counts(N, 50), np.array([f"toy:{i}" for i in range(N)])
    order = np.random.default_rng(0).permutation(N)
    mean_cell = vectors.mean(axis=0)
    found = observed_ranges(vectors, mean_cell, ids.tolist(), 1.0)
    assert found == observed_ranges(vectors[order], mean_cell, ids[order].tolist(), 1.0)
    others = observed_ranges(vectors, mean_cell, [f"other:{i}" for i in range(N)], 1.0)
    correlation = Measure("correlation")
    whole = off_diagonal(1 - cdist(vectors, vectors, "correlation"))
    assert others[correlation] != found[correlation]
    assert whole.min() < found[correlation][0] and found[correlation][1] < whole.max()


def test_no_value_is_cut_to_the_range(monkeypatch):
    monkeypatch.setattr(ranges, "MOST_CELLS", 3)
    of = space(np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32), SIZES, "euclidean")
    low, high = of.layout.range
    values, slugs = likeness(of), of.cells["slug"].to_numpy()
    assert off_diagonal(values).min() < low and high < off_diagonal(values).max()
    found = compare([of], neighbours=N - 1, cutoffs=7)
    np.testing.assert_allclose(-found.neighbour_scores[0], np.sort(values, axis=1)[:, 1:], rtol=1e-5)
    for p, (a, b) in enumerate(found.type_pairs):
        block = values[np.ix_(slugs == "abc"[a], slugs == "abc"[b])]
        of_pair = off_diagonal(block) if a == b else block.ravel()
        np.testing.assert_allclose(
            found.quantiles[0, p], np.quantile(of_pair, [0.05, 0.25, 0.5, 0.75, 0.95]), rtol=1e-5
        )
        counts = found.histograms[0, p].sum(axis=0)
        assert counts.sum() == len(of_pair)
        assert counts[0] >= (of_pair < low).sum() and counts[-1] >= (of_pair > high).sum()
    assert found.cutoffs[0].sum() == N * (N - 1)
    within = np.where(slugs[:, None] == slugs, values, -np.inf)
    np.testing.assert_allclose(found.extremes[0, 0], within.max(axis=1), rtol=1e-5)


@pytest.mark.parametrize("metric", ["correlation", "cosine", "euclidean"])
def test_values_that_only_rounding_tells_apart_share_a_bin(metric):
    counts = compare([space(np.eye(12, dtype=np.float32), (5, 7), metric)]).distributions[0].sum(axis=(0, 1))
    assert np.count_nonzero(counts) == 1


@pytest.mark.parametrize("value", [0.0, 2.5])
def test_cells_that_are_all_the_same_have_a_range(value):
    layout = space(np.full((4, 3), value), (4,), "euclidean").layout
    assert layout.range[0] == 0 < layout.range[1]


@pytest.mark.parametrize("n", [0, 1])
def test_without_a_pair_the_range_is_that_of_what_can_be(n):
    of = space(np.ones((n, 3)), (n,))
    assert of.ranges[Measure("correlation")] == (-1, 1) and of.ranges[Measure("euclidean")] == (0, 1)


def near_one_way():
    """Return two types of cells all of whose cosines lie between .9992 and .9998, the types hardly apart."""
    random, direction = np.random.default_rng(0), np.random.default_rng(1).normal(size=400)
    direction /= np.linalg.norm(direction)
    noise = random.normal(size=(120, 400)) / np.sqrt(400)
    noise[:60] += 0.35 * random.normal(size=400) / np.sqrt(400)
    return direction + 0.0205 * noise


@pytest.mark.parametrize("sparse", [True, False])
def test_the_auroc_of_cosines_that_are_nearly_equal_is_exact(sparse):
    vectors = near_one_way().astype(np.float32)
    of = space(sp.csr_matrix(vectors) if sparse else vectors, (60, 60), "cosine")
    values = likeness(of)
    assert 0.9992 < off_diagonal(values).min() and off_diagonal(values).max() < 0.9998
    found = compare([of])
    within, between = found.distributions[0].sum(axis=0)
    stated = separation(within, between // 2, found.about["spaces"][0])
    wanted = auroc_of(values, of.cells["slug"].to_numpy())
    assert abs(stated["auroc"] - wanted) < 1e-3 and stated["auroc_error"] < 1e-3
    assert abs(stated["auroc"] - wanted) <= stated["auroc_error"] + 1e-4


def test_hexagons_span_the_ranges():
    vectors = toy_counts(N, 50)
    spaces = [space(vectors, SIZES, "correlation", "x"), space(vectors.copy(), SIZES, "euclidean", "y")]
    grid = compare(spaces, joint=[("x", "y")], hexagons=30).about["joint"][0]
    assert tuple(grid["x"]) == spaces[0].layout.range and tuple(grid["y"]) == spaces[1].layout.range
    assert (grid["nx"], grid["ny"]) == (30, 17)


def test_a_space_of_many_values_is_described_without_a_dense_copy(monkeypatch):
    monkeypatch.setattr(ranges, "MOST_CELLS", 15)
    of = space(sp.csr_matrix(toy_counts(N, 50)), SIZES, "euclidean")
    dense, made = sp.csr_matrix.toarray, []
    monkeypatch.setattr(sp.csr_matrix, "toarray", lambda rows, *how: made.append(rows.shape[0]) or dense(rows, *how))
    np.testing.assert_allclose(of.layout.mean_cell, dense(of.vectors).mean(axis=0))
    assert max(made, default=0) <= 15
    assert dataclasses.replace(of, metric="cosine").layout.range
