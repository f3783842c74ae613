"""Treatments of counts: distributions beside brute force, and what must not change a draw."""

import itertools

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binom, chisquare, multivariate_hypergeom

from rankstudy.cells.treatments.one_total import at_one_total, default_total
from rankstudy.cells.treatments.thin import thin
from rankstudy.core.errors import StudyError

N = 20_000
COUNTS = hnp.arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.integers(0, 30))


def named(counts):
    """Return counts with names of their cells and genes."""
    counts = np.atleast_2d(counts)
    return (
        sp.csr_matrix(counts, dtype=float),
        [f"c{i}" for i in range(len(counts))],
        [f"g{j}" for j in range(counts.shape[1])],
    )


def one_total(counts, total=None, *, seed=0, draw=0):
    return at_one_total(*named(counts), seed=seed, draw=draw, total=total)


def thinned(counts, keep, *, seed=0, draw=0):
    return thin(*named(counts), keep=keep, seed=seed, draw=draw).toarray()


TREATMENTS = {
    "one_total": lambda counts, ids, genes, **how: at_one_total(counts, ids, genes, total=7, **how).counts,
    "thin": lambda counts, ids, genes, **how: thin(counts, ids, genes, keep=0.4, **how),
}


def test_molecules_are_drawn_without_replacement():
    cell, total = [4, 2, 0, 1], 3
    found = one_total(np.tile(cell, (N, 1)), total).counts.toarray().astype(int)
    possible = [x for x in itertools.product(*(range(n + 1) for n in cell)) if sum(x) == total]
    expected = N * np.array([multivariate_hypergeom.pmf(x, cell, total) for x in possible])
    seen = np.array([(found == x).all(axis=1).sum() for x in possible])
    assert seen.sum() == N and chisquare(seen, expected).pvalue > 0.001


def test_means_and_covariances_are_those_of_a_multivariate_hypergeometric():
    cell, total = np.array([900, 80, 15, 5, 0]), 300
    found = one_total(np.tile(cell, (N, 1)), total).counts.toarray()
    wanted = multivariate_hypergeom(cell, total)
    assert np.abs(found.mean(axis=0) - wanted.mean()).max() < 5 * np.sqrt(wanted.var().max() / N)
    assert np.cov(found.T) == pytest.approx(wanted.cov(), abs=0.05 * wanted.var().max())


def test_every_kept_cell_has_the_total_and_no_gene_gains():
    random = np.random.default_rng(0)
    counts = random.poisson(random.gamma(0.3, 4, (50, 400)))
    found = one_total(counts)
    assert found.total == default_total(counts.sum(axis=1)) and found.total in counts.sum(axis=1)
    assert found.kept.tolist() == (counts.sum(axis=1) >= found.total).tolist() and 1 <= len(found.lost) <= 3
    assert found.lost == [f"c{k}" for k in np.flatnonzero(~found.kept)]
    dense = found.counts.toarray()
    assert (dense.sum(axis=1) == found.total).all() and (dense <= counts[found.kept]).all()


def test_the_default_total_is_that_of_a_cell_with_a_twentieth_below():
    assert default_total(np.arange(1, 102)) == 6
    assert default_total(np.array([3.0, 9.0])) == 3


def test_a_cell_with_the_total_stays_as_it_is():
    assert one_total([[3, 0, 2], [4, 4, 0]], 5).counts.toarray()[0].tolist() == [3, 0, 2]


def test_a_share_of_molecules_is_binomial():
    found = thinned(np.tile([12, 1, 0, 300], (N, 1)), 0.3)
    for column, n in enumerate([12, 1, 0, 300]):
        wanted = binom(n, 0.3)
        assert abs(found[:, column].mean() - wanted.mean()) <= 5 * np.sqrt(wanted.var() / N)
        assert found[:, column].var() == pytest.approx(wanted.var(), rel=0.06)
    expected = N * binom(12, 0.3).pmf(np.arange(13))
    seen = np.bincount(found[:, 0].astype(int), minlength=13)
    assert chisquare(np.append(seen[:9], seen[9:].sum()), np.append(expected[:9], expected[9:].sum())).pvalue > 0.001
    assert abs(np.corrcoef(found[:, 0], found[:, 3])[0, 1]) < 4 / np.sqrt(N)


@given(COUNTS)
def test_keeping_all_changes_nothing(counts):
    assert thinned(counts, 1).tolist() == counts.tolist()


@given(COUNTS, st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_what_a_smaller_share_keeps_is_part_of_what_a_larger_one_keeps(counts, one, other):
    less, more = (thinned(counts, keep) for keep in sorted((one, other)))
    assert (less <= more).all() and (more <= counts).all()


@given(COUNTS, st.integers(1, 30), st.integers(1, 30))
def test_what_a_smaller_total_keeps_is_part_of_what_a_larger_one_keeps(counts, one, other):
    low, high = sorted((one, other))
    less, more = one_total(counts, low), one_total(counts, high)
    assert (less.counts.toarray()[more.kept[less.kept]] <= more.counts.toarray()).all()


@pytest.mark.parametrize("treatment", sorted(TREATMENTS))
@given(COUNTS, st.randoms(use_true_random=False))
def test_neither_order_nor_chunks_change_a_count(treatment, counts, random):
    treat, (of, ids, genes) = TREATMENTS[treatment], named(counts)
    deep = np.flatnonzero(counts.sum(axis=1) >= 7)  # the others are lost at one total
    whole = treat(of[deep], [ids[k] for k in deep], genes, seed=0, draw=0).toarray()
    rows = random.sample(range(len(deep)), len(deep) // 2)
    columns = random.sample(range(len(genes)), len(genes))
    part = treat(of[deep[rows]][:, columns], [ids[k] for k in deep[rows]], [genes[k] for k in columns], seed=0, draw=0)
    assert part.toarray().tolist() == whole[rows][:, columns].tolist()
    assert (part.data > 0).all()


@pytest.mark.parametrize("treatment", sorted(TREATMENTS))
def test_another_seed_draw_or_cell_draws_anew(treatment):
    treat, (of, ids, genes) = TREATMENTS[treatment], named(np.full((2, 500), 3))
    found = [treat(of, ids, genes, seed=seed, draw=draw).toarray() for seed, draw in ((0, 0), (0, 0), (1, 0), (0, 1))]
    assert (found[0] == found[1]).all() and (found[0] != found[2]).any() and (found[0] != found[3]).any()
    assert (found[0][0] != found[0][1]).any()


@pytest.mark.parametrize("treatment", sorted(TREATMENTS))
@pytest.mark.parametrize("value", [0.5, -1, np.nan, np.inf])
def test_values_that_are_no_counts_are_refused_with_their_cell(treatment, value):
    of, ids, genes = named(np.full((3, 2), 9.0))
    of.data[3] = value
    with pytest.raises(StudyError, match=r"1 values are not whole numbers \(the first, in c1: "):
        TREATMENTS[treatment](of, ids, genes, seed=0, draw=0)
