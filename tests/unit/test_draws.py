"""The random number of a gene in a cell: a function of seed, cell and gene, and uniform."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from rankstudy.core.draws import keys_of_cells, keys_of_genes, mixed, uniforms

CELLS, GENES = [f"toy:{i}" for i in range(60)], [f"ENSG{i:011d}" for i in range(500)]


def drawn(cells: Sequence[str] = CELLS, genes: Sequence[str] = GENES, seed: int = 0, purpose: Sequence[str] = ()):
    """Return a number per cell and gene."""
    indptr, indices = np.arange(len(cells) + 1) * len(genes), np.tile(np.arange(len(genes)), len(cells))
    of_cells = keys_of_cells(seed, cells, *purpose)
    return uniforms(of_cells, keys_of_genes(genes), indptr, indices).reshape(len(cells), len(genes))


@given(st.randoms(use_true_random=False))
def test_neither_order_nor_chunks_change_a_draw(random):
    rows = random.sample(range(len(CELLS)), random.randint(1, 9))
    columns = random.sample(range(len(GENES)), random.randint(1, 9))
    found = drawn([CELLS[k] for k in rows], [GENES[k] for k in columns])
    np.testing.assert_array_equal(found, WHOLE[np.ix_(rows, columns)])


WHOLE = drawn()


def test_numbers_are_uniform_and_lie_in_the_unit_interval():
    assert WHOLE.min() >= 0 and WHOLE.max() < 1
    assert kstest(WHOLE.ravel(), "uniform").pvalue > 0.001


@pytest.mark.parametrize("shift", [(0, 1), (1, 0), (1, 1)])
def test_numbers_of_other_cells_and_genes_are_independent(shift):
    moved = np.roll(WHOLE, shift, axis=(0, 1))
    assert abs(np.corrcoef(WHOLE.ravel(), moved.ravel())[0, 1]) < 4 / np.sqrt(WHOLE.size)


@pytest.mark.parametrize("other", [{"seed": 1}, {"purpose": ["thinning"]}, {"purpose": ["thinning", "1"]}])
def test_another_seed_or_purpose_draws_anew(other):
    again = drawn(**other)
    assert (again != WHOLE).all()
    assert abs(np.corrcoef(WHOLE.ravel(), again.ravel())[0, 1]) < 4 / np.sqrt(WHOLE.size)


def test_numbers_are_mixed_as_splitmix64_does():
    # the first numbers of its reference implementation from the state 1234567
    state, expected = 1234567, [6457827717110365317, 3203168211198807973, 9817491932198370423]
    steps = [(state + 0x9E3779B97F4A7C15 * k) % 2**64 for k in (1, 2, 3)]
    assert [int(mixed(np.uint64(step))) for step in steps] == expected
    assert WHOLE[3, 7] == int(mixed(keys_of_cells(0, CELLS)[3] ^ keys_of_genes(GENES)[7])) // 2**11 / 2**53


def test_keys_of_names_are_those_of_blake2b():
    assert [hex(key) for key in keys_of_genes(["CD3E"]).tolist()] == ["0xb60069ba75d7ec8c"]
