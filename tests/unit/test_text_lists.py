"""Lists of a cell's genes: which genes are in them, in which order, and what the window cuts."""

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.spaces.encodings.orders import order_vectors
from rankstudy.spaces.texts import lists

WORDS = ["A", "BB", None, "DDD", "E", "FF"]
COUNTS = sp.csr_matrix(np.array([[5.0, 1, 9, 3, 3, 0], [0, 2, 0, 0, 1, 7]]))


def lengths(texts):
    """Return the letters of each text, as a tokenizer that takes one piece for each."""
    return np.array([len(text.replace(" ", "")) for text in texts])


def chosen(most=None, room=None, medians=None, with_counts=False, counts=COUNTS, words=WORDS):
    return lists.choose(counts, words, medians=medians, most=most, room=room, lengths=lengths, with_counts=with_counts)


def places(listed):
    return [row.tolist() for row in listed.places]


def test_genes_stand_by_their_counts_and_those_without_a_word_do_not():
    listed = chosen()
    assert places(listed) == [[0, 3, 4, 1], [5, 1, 4]]
    assert listed.n_genes.tolist() == [4, 3] and listed.n_cut.tolist() == [0, 0]


@pytest.mark.parametrize(("most", "first"), [(1, [0]), (2, [0, 3]), (9, [0, 3, 4, 1])])
def test_as_many_as_were_asked_for(most, first):
    assert places(chosen(most=most))[0] == first


@pytest.mark.parametrize(
    ("room", "found", "cut"), [(1, [0], 3), (3, [0], 3), (4, [0, 3], 2), (5, [0, 3, 4], 1), (7, [0, 3, 4, 1], 0)]
)
def test_the_list_ends_before_the_gene_that_does_not_fit(room, found, cut):
    listed = chosen(room=room)
    assert places(listed)[0] == found and listed.n_cut[0] == cut


def test_a_count_behind_a_gene_takes_room():
    # A5 DDD3 E3: two, four and two letters
    assert places(chosen(room=7, with_counts=True))[0] == [0, 3]
    assert places(chosen(room=8, with_counts=True))[0] == [0, 3, 4]


def test_counts_over_medians_choose_other_genes_and_leave_out_those_without_one():
    medians = np.array([10.0, 1, 1, 1, np.nan, 1])
    assert places(chosen(medians=medians)) == [[3, 1, 0], [5, 1]]


@pytest.mark.parametrize("room", [3, 4, 6, 100])
def test_every_order_has_the_same_genes(room):
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdef"), rng.integers(1, 4))) + str(k) for k in range(40)]
    counts = sp.csr_matrix(rng.poisson(1.0, (12, 40)).astype(float))
    counts.sort_indices()
    listed = chosen(room=room, counts=counts, words=words)
    ids = [f"c{k}" for k in range(12)]
    written = {
        order: lists.write(listed, counts, words, ids, order=order, with_counts=False, prefix="", seed=0)
        for order in ("descending", "reversed", "shuffled", "alphabetical")
    }
    for row, plain in enumerate(written["descending"]):
        genes = plain.split()
        assert genes == [words[gene] for gene in listed.places[row]]
        assert written["reversed"][row].split() == genes[::-1]
        assert written["alphabetical"][row].split() == sorted(genes)
        assert sorted(written["shuffled"][row].split()) == sorted(genes)
        assert lengths([plain])[0] <= room
    if room == 100:
        assert written["shuffled"] != written["descending"]


def test_a_shuffle_is_drawn_by_the_seed_and_the_cell_alone():
    def shuffled(ids, rows, seed=0):
        listed = chosen(counts=COUNTS[rows])
        how = {"order": "shuffled", "with_counts": False, "prefix": "", "seed": seed}
        return lists.write(listed, COUNTS[rows], WORDS, ids, **how)

    both = shuffled(["x", "y"], [0, 1])
    assert shuffled(["y"], [1]) == both[1:] and shuffled(["x"], [0]) == both[:1]
    assert any(shuffled(["x", "y"], [0, 1], seed) != both for seed in range(1, 6))


def test_what_is_written():
    how = {"order": "descending", "prefix": "Genes: ", "seed": 0}
    listed = chosen(most=3)
    assert lists.write(listed, COUNTS, WORDS, ["x", "y"], with_counts=False, **how) == [
        "Genes: A DDD E",
        "Genes: FF BB E",
    ]
    assert lists.write(listed, COUNTS, WORDS, ["x", "y"], with_counts=True, **how)[0] == "Genes: A 5 DDD 3 E 3"


def test_words_are_given_to_other_genes_and_to_none_without_one():
    found = lists.permuted(WORDS, seed=1)
    assert found[2] is None and found != WORDS
    assert sorted(filter(None, found)) == sorted(filter(None, WORDS))
    assert lists.permuted(WORDS, seed=1) == found


def test_names_stand_where_there_are_some():
    assert lists.words_of(["CD3E", "odd", None], {"CD3E": "CD3 epsilon"}) == ["CD3 epsilon", "odd", None]


def test_a_list_as_a_vector_is_the_order_of_its_genes():
    listed = chosen(most=2)
    vectors = lists.as_vectors(listed, len(WORDS), places=True).toarray()
    kept = COUNTS.toarray()
    kept[0, [1, 2, 4]] = 0
    kept[1, 4] = 0
    np.testing.assert_array_equal(vectors, order_vectors(sp.csr_matrix(kept)).toarray())
    genes = lists.as_vectors(listed, len(WORDS), places=False).toarray()
    assert genes.tolist() == [[1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 0, 1]]


def test_lists_of_others_are_of_the_same_type_and_of_no_cell_itself():
    slugs, ids = ["a", "b", "a", "a", "b", "single"], list("uvwxyz")
    found = lists.from_others(slugs, ids, seed=3)
    assert sorted(found) == list(range(6)) and [slugs[row] for row in found] == slugs
    assert [row for row in range(6) if found[row] == row] == [5]
