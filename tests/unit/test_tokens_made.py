"""What a tokenizer gives: the tokens of so many cells, all of the vocabulary, or nothing is written."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.spaces.tokens.token_files import TokenisedCells
from rankstudy.spaces.tokens.vocabulary import Vocabulary

IDENTITY = {"version": "toy", "size": 12}
# tokens need not follow each other
VOCABULARY = Vocabulary(("A", "B", "C"), np.array([2, 5, 11], np.int32), np.full(3, np.nan), IDENTITY)


def made(tokens, offsets, n=2):
    cells = pd.DataFrame({"cell_id": [f"c{i}" for i in range(n)], "cell_type": "T", "slug": "t", "batch": "all"})
    return TokenisedCells.made(cells.assign(expressed=1), tokens, offsets, VOCABULARY)


def test_tokens_lie_between_the_offsets_of_their_cell():
    found = made([7, 8, 9], [0, 1, 3])
    assert [found.of(row).tolist() for row in range(2)] == [[7], [8, 9]] and found.about == IDENTITY
    assert (found.tokens.dtype, found.offsets.dtype) == (np.int32, np.int64)


@pytest.mark.parametrize(("tokens", "offsets"), [([], [0, 0, 0]), (np.zeros(0), np.zeros(3))])
def test_cells_may_have_no_token(tokens, offsets):
    assert made(tokens, offsets).lengths.tolist() == [0, 0]


def test_there_may_be_no_cells():
    assert made([], [0], n=0).lengths.tolist() == []


@pytest.mark.parametrize(
    "offsets",
    [[0, 3], [0, 1, 2, 3], [0, 1, 2], [0, 1, 4], [0, 4, 3], [1, 2, 3], []],
    ids=["a cell less", "a cell more", "a token left over", "too few tokens", "backwards", "begins late", "none"],
)
def test_tokens_of_other_cells_are_refused(offsets):
    sizes = f"3 tokens and {len(offsets)} offsets of 2 cells"
    with pytest.raises(StudyError, match=f"tokenizer of toy: gave {sizes}; the tokens of cell i must lie between"):
        made([7, 8, 9], offsets)


@pytest.mark.parametrize("token", [-1, 12, 40_000])
def test_tokens_beyond_the_vocabulary_are_refused(token):
    with pytest.raises(StudyError, match=f"tokenizer of toy: holds the token {token}, its vocabulary .toy. has 12"):
        made([7, 8, token], [0, 1, 3])


@pytest.mark.parametrize(
    ("tokens", "offsets"),
    [([7.5, 8, 9], [0, 1, 3]), ([7, 8, np.nan], [0, 1, 3]), ([7, 8, 9], [0, 1.5, 3]), ([7, 8, 2**40], [0, 1, 3])],
    ids=["a fraction", "not a number", "a cut token", "too large"],
)
def test_what_would_become_another_number_is_refused(tokens, offsets):
    with pytest.raises(StudyError, match="tokenizer of toy: gave tokens or offsets that are not whole numbers"):
        made(tokens, offsets)


def test_tokens_in_rows_of_one_length_are_refused():
    with pytest.raises(StudyError, match="not whole numbers, one after the other"):
        made(np.array([[7, 8], [9, 0]]), [0, 2, 4])


def gene_tokens(**tokens):
    return pd.DataFrame({"gene": list(tokens), "token": pd.array(list(tokens.values()), "Int64")})


def test_genes_have_the_places_of_their_tokens_by_name():
    table = gene_tokens(a=11, b=None, c=2, d=5, e=11)
    found = VOCABULARY.places_of(["e", "c", "b", "a"], table, "toy")
    assert found.tolist() == [2, 0, -1, 2] and found.dtype == np.int64


def test_a_gene_that_the_table_lacks_is_refused():
    with pytest.raises(StudyError, match="toy: genes: 1 of 2 ids are missing, such as new"):
        VOCABULARY.places_of(["a", "new"], gene_tokens(a=11, b=None), "toy")


def test_counts_of_genes_that_share_a_place_are_summed_and_zeros_are_not_stored():
    counts = sp.csr_matrix(np.array([[1, 2, 4, 8], [0, 3, 0, 0], [5, 0, 5, 0]], np.float32))
    counts[0, 3] = 0  # stored
    found = VOCABULARY.counts_of(counts, np.array([2, -1, 2, 0]))
    assert found.toarray().tolist() == [[0, 0, 5], [0, 0, 0], [0, 0, 10]]
    assert found.indptr.tolist() == [0, 1, 1, 2] and found.has_sorted_indices and found.dtype == np.float64


def test_counts_are_summed_in_double_precision():
    counts = sp.csr_matrix(np.array([[2**24, 1]], np.float32))
    assert VOCABULARY.counts_of(counts, np.array([0, 0])).toarray().tolist() == [[2**24 + 1, 0, 0]]


@pytest.mark.parametrize("n", [1, 3])
def test_counts_of_other_genes_than_the_places_are_refused(n):
    with pytest.raises(StudyError, match=f"vocabulary: the counts have {n} genes, of 2 it is known where they stand"):
        VOCABULARY.counts_of(sp.csr_matrix(np.ones((1, n))), np.array([0, 1]))
