"""Treatments of counts: distributions beside brute force, and what must not change a draw."""

import itertools

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binom, chisquare, multivariate_hypergeom

from rankstudy.cells.treatments.one_gene import add_to_gene, changed_count, multiply_gene
from rankstudy.cells.treatments.one_total import at_one_total, default_total
from rankstudy.cells.treatments.thin import thin
from rankstudy.cells.treatments.twins import twins
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


def halves(counts, share=0.5):
    return [part.toarray() for part in twins(*named(counts), seed=0, share=share)]


def fit(seen, expected):
    """Return the p-value of counts beside those expected, rare ones pooled with the last that is not."""
    common = np.flatnonzero(expected >= 5)
    low, high = common[0], common[-1]
    pooled = [
        np.r_[part[: low + 1].sum(), part[low + 1 : high], part[high:].sum()] for part in (np.asarray(seen), expected)
    ]
    return chisquare(*pooled).pvalue


# those of chance
DRAWN = {
    "one total": lambda counts, ids, genes, **how: at_one_total(counts, ids, genes, total=7, **how).counts,
    "thinning": lambda counts, ids, genes, **how: thin(counts, ids, genes, keep=0.4, **how),
    "twins": lambda counts, ids, genes, **how: sp.hstack(twins(counts, ids, genes, **how), "csr"),
}
TREATMENTS = {
    **DRAWN,
    "change of one gene": lambda counts, ids, genes, **how: multiply_gene(counts, ids, genes, gene="g0", factor=2),
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


def test_a_quarter_is_part_of_a_half_of_the_whole():
    counts = np.random.default_rng(0).poisson(3, (30, 40))
    quarter, half, whole = (thinned(counts, keep) for keep in (0.25, 0.5, 1))
    assert (quarter <= half).all() and (half <= whole).all() and (quarter < half).any() and (half < whole).any()


def test_thinning_twice_is_thinning_by_the_product():
    ids, genes = [f"c{i}" for i in range(N)], ["g"]
    cells = sp.csr_matrix(np.full((N, 1), 40.0))
    # of another draw: the same molecules would be kept again
    once = thin(cells, ids, genes, keep=0.6, seed=0)
    found = thin(once, ids, genes, keep=0.5, seed=0, draw=1).toarray().ravel()
    seen, wanted = np.bincount(found.astype(int), minlength=41), binom(40, 0.6 * 0.5)
    assert fit(seen, N * wanted.pmf(np.arange(41))) > 0.001
    assert abs(found.mean() - wanted.mean()) < 4 * np.sqrt(wanted.var() / N)
    assert found.var() == pytest.approx(wanted.var(), rel=4 * np.sqrt(2 / N))
    for wrong in (0.29, 0.31, 0.5):
        assert fit(seen, N * binom(40, wrong).pmf(np.arange(41))) < 1e-6


@given(COUNTS)
def test_halves_add_up_to_the_cell_and_the_first_is_what_thinning_keeps(counts):
    first, second = halves(counts)
    assert (first + second).tolist() == counts.tolist()
    assert first.tolist() == thinned(counts, 0.5).tolist()


@given(COUNTS, st.floats(0.05, 0.5))
def test_smaller_twins_have_nothing_in_common_and_lie_one_in_each_half(counts, share):
    first, second = halves(counts, share)
    assert first.tolist() == thinned(counts, share).tolist()
    assert all((part <= half).all() for part, half in zip((first, second), halves(counts), strict=True))


def test_twins_are_binomial_and_of_a_poisson_rate_independent():
    for share in (0.5, 0.25):
        for part in halves(np.full((N, 1), 12), share):
            seen = np.bincount(part.ravel().astype(int), minlength=13)
            assert fit(seen, N * binom(12, share).pmf(np.arange(13))) > 0.001
        pair = np.hstack(halves(np.random.default_rng(1).poisson(9, (N, 1)), share))
        assert abs(np.corrcoef(pair.T)[0, 1]) < 4 / np.sqrt(N)


def test_one_gene_is_changed_and_no_other():
    cells, ids, genes = named([[0, 1, 7], [5, 2, 0], [4, 3, 1]])
    wanted = {0: [0, 0, 0], 0.5: [1, 1, 1], 1: [1, 2, 3], 2: [2, 4, 6], 5: [5, 10, 15], 10: [10, 20, 30]}
    for factor, column in wanted.items():
        found = multiply_gene(cells, ids, genes, gene="g1", factor=factor)
        assert found.toarray().tolist() == [[0, column[0], 7], [5, column[1], 0], [4, column[2], 1]]
        assert (found.data > 0).all() and found.has_sorted_indices
    added = add_to_gene(cells, ids, genes, gene="g0", molecules=3)
    assert added.toarray().tolist() == [[3, 1, 7], [5, 2, 0], [4, 3, 1]]


def test_halves_are_rounded_down_and_one_molecule_stays():
    assert changed_count(np.array([0, 1, 2, 3, 9]), 0.5).tolist() == [0, 1, 1, 1, 4]
    assert changed_count(np.array([0, 1, 2]), 0).tolist() == [0, 0, 0]
    assert changed_count(np.array([[0, 3]]), 10).tolist() == [[0, 30]]


def test_a_gene_that_is_not_there_is_not_changed():
    with pytest.raises(StudyError, match=r"no gene is named 'gene1' \(did you mean 'gene0'\?\)"):
        multiply_gene(sp.csr_matrix([[1.0]]), ["c"], ["gene0"], gene="gene1", factor=2)


@pytest.mark.parametrize("treatment", sorted(TREATMENTS))
@given(COUNTS, st.randoms(use_true_random=False))
def test_neither_order_nor_chunks_change_a_count(treatment, counts, random):
    treat, (of, ids, genes) = TREATMENTS[treatment], named(counts)
    deep = np.flatnonzero(counts.sum(axis=1) >= 7)  # the others are lost at one total
    whole = treat(of[deep], [ids[k] for k in deep], genes, seed=0, draw=0).toarray()
    rows = random.sample(range(len(deep)), len(deep) // 2)
    columns = random.sample(range(len(genes)), len(genes))
    part = treat(of[deep[rows]][:, columns], [ids[k] for k in deep[rows]], [genes[k] for k in columns], seed=0, draw=0)
    # of twins the columns of both halves
    times = whole.shape[1] // len(genes)
    wanted = whole[rows].reshape(len(rows), times, len(genes))[:, :, columns].reshape(len(rows), times * len(genes))
    assert part.toarray().tolist() == wanted.tolist()
    assert (part.data > 0).all()


@pytest.mark.parametrize("treatment", sorted(DRAWN))
def test_another_seed_draw_or_cell_draws_anew(treatment):
    treat, (of, ids, genes) = DRAWN[treatment], named(np.full((2, 500), 3))
    found = [treat(of, ids, genes, seed=seed, draw=draw).toarray() for seed, draw in ((0, 0), (0, 0), (1, 0), (0, 1))]
    assert (found[0] == found[1]).all() and (found[0] != found[2]).any() and (found[0] != found[3]).any()
    assert (found[0][0] != found[0][1]).any()


@pytest.mark.parametrize("treatment", sorted(TREATMENTS))
@pytest.mark.parametrize("value", [0.5, -1, np.nan, np.inf])
def test_values_that_are_no_counts_are_refused_with_their_cell(treatment, value):
    of, ids, genes = named(np.full((3, 2), 9.0))
    of.data[3] = value
    with pytest.raises(StudyError, match=rf"^{treatment}: 1 values are not whole numbers \(the first, in c1: "):
        TREATMENTS[treatment](of, ids, genes, seed=0, draw=0)
