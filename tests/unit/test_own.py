"""Whether a cell is nearest to itself, and whether two measurements agree: beside plain loops, ties shared."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import rankstudy.measures.causes.own as own
from rankstudy.measures.causes.own import agreement, finds_itself
from rankstudy.measures.settings.scores import Cells
from rankstudy.pairs.likeness.measures import MEASURES, Measure
from tests.unit.curve_toys import likeness

CELLS = Cells(pd.DataFrame({"slug": np.repeat(list("abcd"), 10)}), np.tile(np.arange(5), 8))
SIMILARITIES = [by for by in MEASURES if by.similarity]


def vectors(seed, n=40, genes=25):
    random = np.random.default_rng(seed)
    return sp.csr_matrix(random.poisson(random.gamma(0.7, 2.0, (n, genes))) * 1.0, dtype=np.float32)


def measured_twice():
    random = np.random.default_rng(3)
    means = random.gamma(0.7, 4.0, (40, 25))
    return [sp.csr_matrix(random.poisson(means) * 1.0, dtype=np.float32) for _ in range(2)]


def near(alike, k):
    """Return the chance that each cell is among the k nearest of each, of equally alike ones by equal chances."""
    alike = np.round(alike, 9)
    np.fill_diagonal(alike, -np.inf)
    last = np.sort(alike, axis=1)[:, -k][:, None]
    above, tied = alike > last, alike == last
    return above + tied * (k - above.sum(axis=1, keepdims=True)) / tied.sum(axis=1, keepdims=True)


def test_a_cell_finds_itself_where_no_other_is_nearer():
    first, second = measured_twice()
    for by, found in finds_itself(first, second, SIMILARITIES):
        both = likeness(sp.vstack([first, second]), by.metric, False)[:40, 40:]
        assert found == pytest.approx((both.argmax(axis=1) == np.arange(40)) * 1.0)
        assert 0.2 < found.mean() < 1
    assert [by for by, _ in finds_itself(first, second, SIMILARITIES)] == [Measure("correlation"), Measure("cosine")]


@pytest.mark.parametrize("by", SIMILARITIES)
def test_two_measurements_agree_on_the_neighbours_that_they_share(by):
    first, second = measured_twice()
    one, other = (near(likeness(v, by.metric, by.centred), 5) for v in (first, second))
    ((_, found),) = agreement(first, second, [by], 5, CELLS)
    assert found.shares == pytest.approx((one * other).sum(axis=1) / 5)
    assert 0.1 < found.shares.mean() < 0.9


def test_cells_that_are_equally_alike_share_their_places():
    types = np.repeat(np.eye(4), 10, axis=0).astype(np.float32)
    ((_, found),) = finds_itself(types, types, [Measure("correlation")])
    assert found == pytest.approx(0.1)
    # of 9 others of the type 3 are neighbours: two measurements agree on each with 1/3 * 1/3
    ((_, agreed),) = agreement(types, types, [Measure("correlation")], 3, CELLS)
    assert agreed.shares == pytest.approx(9 * (3 / 9) ** 2 / 3)


def test_distances_count_too_and_blocks_change_nothing(monkeypatch):
    depths = np.log(np.random.default_rng(0).integers(500, 700, (40, 1))).astype(np.float32)
    by = [Measure("euclidean")]

    def found():
        (_, agreed), ((_, itself),) = (
            agreement(depths, depths[::-1].copy(), by, 4, CELLS)[0],
            finds_itself(depths, depths, by),
        )
        return [itself, *agreed]

    whole = found()
    assert whole[0] == pytest.approx([1 / (depths == depth).sum() for depth in depths])
    monkeypatch.setattr(own, "_AT_ONCE", 40 * 7)
    assert all(np.allclose(one, other) for one, other in zip(whole, found(), strict=True))


@pytest.mark.parametrize("kind", [None, 2])
def test_what_cells_add_as_neighbours_is_in_what_moves_the_mean(kind):
    """A cell that comes once more, in many copies of all: neighbourhoods grow with the number of copies."""
    first, second = measured_twice()
    by, copies = [Measure("correlation")], 12
    members = np.arange(40) if kind is None else np.flatnonzero(CELLS.types == kind)
    ((_, agreed),) = agreement(first, second, by, 8, CELLS)
    of_cells = agreed.influence(CELLS, members, kind).of_cells
    moved = []
    for cell in members:
        again = np.sort(np.r_[np.repeat(np.arange(40), copies), np.repeat(cell, 2)])
        more = Cells(CELLS.table.iloc[again], CELLS.units[again])
        ((_, found),) = agreement(first[again], second[again], by, 8 * copies, more)
        moved.append(found.shares[np.isin(again, members)].mean())
    # the rim is taken as a mean, so it is no derivative to the last digit
    assert np.corrcoef(moved, of_cells)[0, 1] > 0.7
