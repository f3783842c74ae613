"""Published encodings of one small cell: the values that are known, and by hand where none are."""

import numpy as np
import pytest

from rankstudy.spaces.encodings.bins import quantile_bins
from tests.unit.encoded_cells import cells, encode
from tests.unit.test_geneformer_tokens import CELL, GOLDEN, PUBLISHED

GENES, COUNTS = list(CELL), list(CELL.values())
# what each encoding makes of the cell, in the order of its genes
BINS, BINS_AT_HALF = [44, 39, 33, 28, 22, 17, 11, 11, 0, 11, 50], [44, 39, 33, 28, 22, 17, 6, 6, 0, 6, 50]
LEVELS, LEVELS_IN_A_DEEP_CELL = [5, 5, 5, 5, 5, 5, 5, 5, 0, 5, 5], [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1]
VALUES = [7.837020, 7.549469, 7.144267, 6.451909, 5.251610, 4.848761, 4.163422, 4.163422, 0, 4.163422, 8.060084]
SENTENCE, THEN = "MALAT1 MT-CO1 B2M ACTB GAPDH CD3E CD3D".split(), {"NKG7", "FOXP3", "MIR155"}


def of_version(version):
    """Return the published cell over its genes of a vocabulary, in the order of that."""
    known = sorted(PUBLISHED[version], key=lambda gene: PUBLISHED[version][gene][0])
    counts, medians = [CELL[gene] for gene in known], [PUBLISHED[version][gene][1] for gene in known]
    return cells(counts, genes=known, medians=medians, totals=[1000])


def listed(space, of):
    """Return the genes of a cell's order, first one first."""
    vector = encode(space, of)[0]
    order = np.argsort(-vector, kind="stable")
    return [of.genes[k] for k in order if vector[k]]


@pytest.mark.parametrize(("space", "version"), [("geneformer-v1-order", "V1"), ("geneformer-v2-order", "V2")])
def test_geneformer_has_the_published_order(space, version):
    tokens = [PUBLISHED[version][gene][0] for gene in listed(space, of_version(version))]
    assert tokens == [token for token in GOLDEN[version] if token > 3]


def test_with_medians_of_v1_the_order_of_genecompass_is_that_of_v1():
    of = of_version("V1")
    assert listed("genecompass-order", of) == listed("geneformer-v1-order", of)


@pytest.mark.parametrize("space", ["cell2sentence-100", "cell2sentence-200", "bento-sc-order"])
def test_cell2sentence_has_the_published_sentence_with_equal_counts_in_any_order(space):
    found = {tuple(listed(space, cells(COUNTS, genes=GENES, seed=seed))) for seed in range(40)}
    assert all(list(each[:7]) == SENTENCE and set(each[7:]) == THEN for each in found)
    assert len(found) == 6  # and each of them comes up


@pytest.mark.parametrize("space", ["genept-order", "tgpt-order"])
def test_where_chance_does_not_decide_equal_counts_are_in_the_order_of_the_genes(space):
    assert listed(space, cells(COUNTS, genes=GENES)) == [*SENTENCE, "NKG7", "FOXP3", "MIR155"]


def test_scgpt_has_the_published_bins():
    assert encode("scgpt-bins-fixed", cells(COUNTS))[0].tolist() == BINS
    held = np.array([count for count in COUNTS if count], float)
    found = quantile_bins(np.array([0, len(held)]), held, 50, 0.5)
    assert found.tolist() == [b for b in BINS_AT_HALF if b]


def test_scbert_has_the_published_levels_at_both_totals():
    assert encode("scbert-levels", cells(COUNTS))[0].tolist() == LEVELS
    deep = cells([*COUNTS, 200_000 - sum(COUNTS)])
    assert encode("scbert-levels", deep)[0].tolist() == [*LEVELS_IN_A_DEEP_CELL, 5]


def test_scfoundation_has_the_published_values():
    assert encode("scfoundation-values", cells(COUNTS))[0] == pytest.approx(VALUES, abs=5e-7)


def test_totals_of_scbert_and_scfoundation_are_those_of_their_own_genes():
    for space in ("scbert-levels", "scfoundation-values"):
        elsewhere = encode(space, cells(COUNTS, totals=[200_000]))
        assert elsewhere.tolist() == encode(space, cells(COUNTS)).tolist()


def test_an_order_is_a_vector_of_fractional_ranks_less_the_rank_of_what_is_absent():
    # of 6 genes 4 are there, with ranks 6, 5, 4, 3; the other two share (1 + 2) / 2
    for space in ("genept-order", "tgpt-order"):
        assert encode(space, cells([0, 3, 9, 0, 5, 1]))[0].tolist() == [0, 2.5, 4.5, 0, 3.5, 1.5]


@pytest.mark.parametrize(
    ("space", "first"),
    [
        ("bento-sc-order", 1024),
        ("cell2sentence-100", 100),
        ("cell2sentence-200", 200),
        ("genecompass-order", 2048),
        ("genecompass-values", 2048),
        ("genecompass-values-cp10k", 2048),
        ("geneformer-v1-order", 2048),
        ("geneformer-v2-order", 4094),
        ("genept-order", 1000),
        ("tgpt-order", 64),
    ],
)
def test_an_order_holds_the_first_genes_and_a_shorter_one_all(space, first):
    n = 5000
    counts = np.zeros((3, n))
    counts[0] = np.random.default_rng(0).permutation(n) + 1
    counts[1, :first], counts[2, : first - 1] = 1, 1
    found = encode(space, cells(counts))
    assert (found > 0).sum(axis=1).tolist() == [first, first, first - 1]
    assert set(np.flatnonzero(found[0])) == set(np.argsort(-counts[0])[:first])
    if space.endswith("order"):
        ranks = np.sort(found[0])[::-1]
        assert ranks[:first].tolist() == ((n + first + 1) / 2 - np.arange(1, first + 1)).tolist()


def test_genecompass_by_hand():
    # over medians 8, 4, .25, 0 and 3; the third gene has no median, which counts as 1
    of = cells([16, 8, 0.25, 0, 6], medians=[2, 2, np.nan, 1, 2], totals=[100])
    assert listed("genecompass-order", of) == ["G0", "G1", "G4", "G2"]
    assert encode("genecompass-values", of)[0] == pytest.approx(np.log2([9, 5, 1.25, 1, 4]))
    assert encode("genecompass-values-cp10k", of)[0] == pytest.approx(np.log2([801, 401, 26, 1, 301]))


def test_scbert_on_a_panel_is_not_detection():
    # a cell of 2,000 counts over 1,200 genes; within a panel of 100 genes nearly every count would be at level 5
    random = np.random.default_rng(0)
    of = cells(random.multinomial(2000, random.dirichlet(np.full(1200, 0.3)), size=20))
    levels, within = encode("scbert-levels", of)[:, :100], encode("scbert-levels", cells(of.counts[:, :100].toarray()))
    held = levels > 0
    assert (levels[held] < 5).mean() > 0.5 and (within[held] == 5).mean() > 0.99
