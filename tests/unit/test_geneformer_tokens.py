"""Tokens of a cell: the published examples, and what must hold for any counts."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rankstudy.core.errors import StudyError
from rankstudy.spaces.tokens.geneformer.order import token_values
from rankstudy.spaces.tokens.geneformer.versions import CLS, EOS
from tests.unit.tiny_geneformer import plain_vocabulary, tokenised_counts, version_of

# a cell with 1,000 counts; its genes with the tokens and medians of the authors' dictionaries (MALAT1 has no token)
CELL = {
    "MT-CO1": 40,
    "B2M": 30,
    "ACTB": 20,
    "GAPDH": 10,
    "CD3E": 3,
    "CD3D": 2,
    "NKG7": 1,
    "FOXP3": 1,
    "LYZ": 0,
    "MIR155": 1,
    "MALAT1": 50,
}
PUBLISHED = {
    "V1": {
        "MT-CO1": (17247, 100.44699673183788),
        "B2M": (11842, 81.88900154023692),
        "ACTB": (1319, 41.877031521142754),
        "GAPDH": (3906, 20.045450745942386),
        "CD3E": (17276, 7.460485845520627),
        "CD3D": (11987, 7.862317516212239),
        "NKG7": (3083, 28.585433899352076),
        "FOXP3": (670, 3.411409935539739),
        "LYZ": (1876, 22.661791683071577),
        "MIR155": (24920, 3.106562325804753),
    },
    "V2": {
        "MT-CO1": (16868, 60.0394154064684),
        "B2M": (11717, 62.35263882197694),
        "ACTB": (1312, 26.793506656710267),
        "GAPDH": (3880, 12.981120906304065),
        "CD3E": (16897, 8.75083956071071),
        "CD3D": (11858, 7.805365336099854),
        "NKG7": (3069, 18.04044939565926),
        "FOXP3": (668, 3.349411596323362),
        "LYZ": (1866, 14.569908702242014),
    },
}
GOLDEN = {
    "V1": [3906, 1319, 17276, 17247, 11842, 24920, 670, 11987, 3083],
    "V2": [2, 3880, 1312, 16868, 11717, 16897, 668, 11858, 3069, 3],
}
VALUES = {
    "V1": {
        "GAPDH": 4.988663,
        "ACTB": 4.775888,
        "CD3E": 4.021186,
        "MT-CO1": 3.982200,
        "B2M": 3.663496,
        "MIR155": 3.218992,
        "FOXP3": 2.931339,
        "CD3D": 2.543779,
        "NKG7": 0.349829,
    },
    "V2": {
        "GAPDH": 7.703495,
        "ACTB": 7.464495,
        "MT-CO1": 6.662290,
        "B2M": 4.811344,
        "CD3E": 3.428242,
        "FOXP3": 2.985599,
        "CD3D": 2.562340,
        "NKG7": 0.554310,
    },
}


def subset(version):
    """Return the vocabulary of the published cell's genes, their tokens kept, and the token of each of its genes."""
    tokens, medians = zip(*sorted(PUBLISHED[version].values()), strict=True)
    return plain_vocabulary(version, tokens, medians), [PUBLISHED[version].get(gene, (-1,))[0] for gene in CELL]


def tokens_of(counts, tokens, vocabulary, **options):
    """Return the tokens of each cell as lists."""
    matrix = sp.csr_matrix(np.asarray(counts, np.float32))
    flat, offsets, _ = tokenised_counts(matrix, tokens, vocabulary, **options)
    return [flat[a:b].tolist() for a, b in zip(offsets[:-1], offsets[1:], strict=True)]


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_the_published_cell_has_the_published_tokens(version):
    vocabulary, tokens = subset(version)
    assert tokens_of([list(CELL.values())], tokens, vocabulary) == [GOLDEN[version]]


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_the_published_cell_has_the_published_values(version):
    counts = np.array([CELL[gene] for gene in VALUES[version]])
    medians = np.array([PUBLISHED[version][gene][1] for gene in VALUES[version]])
    np.testing.assert_allclose(token_values(counts, 1000, medians), list(VALUES[version].values()), atol=5e-7)


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_the_published_cell_in_any_order_of_its_genes_and_of_its_stored_values(version):
    vocabulary, tokens = subset(version)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(CELL))
        counts = np.array(list(CELL.values()), np.float32)[order]
        stored = np.random.default_rng(seed + 100).permutation(len(CELL))  # explicit zero and unsorted indices
        matrix = sp.csr_matrix((counts[stored], stored, [0, len(CELL)]), shape=(1, len(CELL)))
        assert not matrix.has_sorted_indices
        found, _, _ = tokenised_counts(matrix, np.asarray(tokens)[order], vocabulary)
        assert found.tolist() == GOLDEN[version]


N = 12
MEDIANS = st.sampled_from([0.5, 1.0, 1.105969024047805, 2.0, 3.0, 7.158e-07, 634.3])
COUNTS = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 4), st.just(N)), elements=st.integers(0, 4) | st.integers(0, 9999)
)


@st.composite
def cells(draw):
    """Return counts, the token of each gene (-1 for none, some of them shared), and a vocabulary."""
    version = draw(st.sampled_from(["V1", "V2"]))
    size = draw(st.integers(1, N))
    specials = 4 if version == "V2" else 2
    tokens = sorted(draw(st.sets(st.integers(specials, 60), min_size=size, max_size=size)))
    medians = draw(st.lists(MEDIANS, min_size=size, max_size=size))
    of_genes = draw(st.lists(st.sampled_from([-1, *tokens]), min_size=N, max_size=N))
    return draw(COUNTS), np.array(of_genes), plain_vocabulary(version, tokens, medians)


def reference(counts, tokens, vocabulary, longest=None):
    """Return the tokens of one cell by a stable sort of float64 values, gene by gene."""
    summed = np.array([counts[tokens == token].sum(dtype=np.float64) for token in vocabulary.tokens])
    values = summed / vocabulary.medians
    frames = version_of(vocabulary).frames
    order = [k for k in np.argsort(-values, kind="stable") if summed[k] > 0]
    kept = vocabulary.tokens[order[: (longest or version_of(vocabulary).max_length) - 2 * frames]].tolist()
    return [CLS, *kept, EOS] if frames and kept else kept


@given(cells())
def test_genes_stand_in_descending_order_of_count_over_median_and_ties_in_that_of_the_vocabulary(case):
    counts, tokens, vocabulary = case
    assert tokens_of(counts, tokens, vocabulary) == [reference(row, tokens, vocabulary) for row in counts]


@given(cells(), st.sampled_from([2, 4, 1024]))
def test_scaling_a_cell_changes_nothing(case, factor):
    counts, tokens, vocabulary = case
    assert tokens_of(counts * factor, tokens, vocabulary) == tokens_of(counts, tokens, vocabulary)


@given(cells())
def test_no_gene_stands_twice_and_none_without_a_count_stands_at_all(case):
    counts, tokens, vocabulary = case
    for row, found in zip(counts, tokens_of(counts, tokens, vocabulary), strict=True):
        genes = found[1:-1] if version_of(vocabulary).frames else found
        assert len(set(genes)) == len(genes) and set(genes) == set(tokens[(row > 0) & (tokens >= 0)].tolist())


@given(cells(), st.randoms())
def test_explicit_zeros_and_unsorted_indices_change_nothing(case, random):
    counts, tokens, vocabulary = case
    stored = [random.sample(range(N), N) for _ in counts]
    data = np.concatenate([row[order] for row, order in zip(counts, stored, strict=True)])
    matrix = sp.csr_matrix((data, np.concatenate(stored), np.arange(len(counts) + 1) * N), shape=counts.shape)
    flat, offsets, expressed = tokenised_counts(matrix, tokens, vocabulary)
    assert [flat[a:b].tolist() for a, b in zip(offsets[:-1], offsets[1:], strict=True)] == tokens_of(
        counts, tokens, vocabulary
    )
    assert expressed.tolist() == [len(set(tokens[(row > 0) & (tokens >= 0)])) for row in counts]


@given(cells(), st.integers(3, 9))
def test_a_shorter_longest_input_keeps_the_first_genes(case, longest):
    counts, tokens, vocabulary = case
    found = tokens_of(counts, tokens, vocabulary, max_length=longest)
    assert found == [reference(row, tokens, vocabulary, longest) for row in counts]
    assert max(map(len, found)) <= longest


def test_several_genes_of_one_id_are_summed_before_they_are_ordered():
    vocabulary = plain_vocabulary("V1", [2, 3], [1.0, 1.0])
    assert tokens_of([[2, 3, 2]], [2, 3, 2], vocabulary) == [[2, 3]]
    assert tokens_of([[2, 3, 0]], [2, 3, 2], vocabulary) == [[3, 2]]


def test_two_stored_counts_of_one_gene_are_summed():
    vocabulary = plain_vocabulary("V1", [2, 3], [1.0, 1.0])
    matrix = sp.csr_matrix((np.array([2.0, 3.0, 2.0], np.float32), [0, 1, 0], [0, 3]), shape=(1, 2))
    assert tokenised_counts(matrix, [2, 3], vocabulary)[0].tolist() == [2, 3]


@pytest.mark.parametrize(("version", "room"), [("V1", 2048), ("V2", 4094)])
def test_a_cell_is_cut_to_the_longest_input_of_the_version(version, room):
    n, specials = 5000, 4 if version == "V2" else 2
    vocabulary = plain_vocabulary(version, range(specials, n + specials), np.ones(n))
    counts = np.zeros((3, n), np.float32)
    counts[0] = np.random.default_rng(0).permutation(n) + 1
    counts[1, : room + 1], counts[2, :room] = 1, 1
    flat, offsets, expressed = tokenised_counts(sp.csr_matrix(counts), vocabulary.tokens, vocabulary)
    frames = version_of(vocabulary).frames
    assert np.diff(offsets).tolist() == [version_of(vocabulary).max_length] * 3 == [room + 2 * frames] * 3
    assert expressed.tolist() == [n, room + 1, room]
    assert flat[frames : room + frames].tolist() == (np.argsort(-counts[0])[:room] + specials).tolist()
    if frames:
        assert set(flat[offsets[:-1]]) == {CLS} and set(flat[offsets[1:] - 1]) == {EOS}


def test_values_that_float32_cannot_tell_apart_are_ordered_in_float64():
    medians = 3.0 + np.arange(40) * 1e-12
    assert len(set(medians)) == 40 and len(set(medians.astype(np.float32))) == 1
    order = np.random.default_rng(0).permutation(40)
    vocabulary = plain_vocabulary("V1", range(2, 42), medians[order])
    found = tokens_of([np.ones(40)], vocabulary.tokens, vocabulary)[0]
    assert found == (np.argsort(order) + 2).tolist()


def test_values_of_all_sizes_are_ordered():
    random = np.random.default_rng(0)
    medians = np.exp(random.uniform(-14, 7, 3000))
    vocabulary = plain_vocabulary("V1", range(2, 3002), medians)
    counts = (np.exp(random.uniform(0, 12, (20, 3000))) * (random.random((20, 3000)) < 0.5)).astype(np.float32)
    tokens = vocabulary.tokens
    assert tokens_of(counts, tokens, vocabulary) == [reference(row, tokens, vocabulary) for row in counts]


def test_a_cell_without_a_gene_of_the_vocabulary_has_no_token_at_all():
    vocabulary = plain_vocabulary("V2", [4, 5], [1.0, 1.0])
    counts = np.array([[0, 1, 0], [0, 0, 9], [0, 0, 0]], np.float32)
    flat, offsets, expressed = tokenised_counts(sp.csr_matrix(counts), [4, 5, -1], vocabulary)
    assert flat.tolist() == [CLS, 5, EOS] and offsets.tolist() == [0, 3, 3, 3] and expressed.tolist() == [1, 0, 0]


def test_no_cells_and_no_genes():
    vocabulary = plain_vocabulary("V1", [2], [1.0])
    for counts, tokens in ((np.zeros((0, 1)), [2]), (np.ones((2, 1)), [-1])):
        assert tokens_of(counts, tokens, vocabulary) == [[]] * len(counts)


def test_counts_of_other_genes_than_the_table_are_refused():
    vocabulary = plain_vocabulary("V1", [2], [1.0])
    for counts in (np.ones((1, 3)), np.ones((1, 1))):
        message = f"vocabulary: the counts have {counts.shape[1]} genes, of 2 it is known where they stand"
        with pytest.raises(StudyError, match=message):
            tokens_of(counts, [2, -1], vocabulary)
