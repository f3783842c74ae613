"""Published encodings of any cells: each beside its loop, and what must not change a vector."""

import re
import subprocess
import sys

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rankstudy.report.article.study import _REFERENCES
from rankstudy.spaces.tokens.geneformer.order import tokenise
from rankstudy.spaces.tokens.geneformer.versions import VERSIONS
from tests.unit.encoded_cells import HOMES, LOOPS, SPACES, cells, encode, loop, scaled, taken
from tests.unit.helpers import ROOT
from tests.unit.tiny_geneformer import plain_vocabulary

NAMES = sorted(SPACES)
# of these the vector depends on a cell's total
OF_TOTAL = {"genecompass-values"}
AT_RANDOM = {"bento-sc-order", "cell2sentence-100", "cell2sentence-200", "scgpt-bins"}
# of equal values, those in the first columns come first
BY_COLUMN = {"geneformer-v1-order", "geneformer-v2-order", "genept-order", "tgpt-order", "genecompass-order"}
# equal values are drawn one by one, and not put in an order of their own
BINNED = {"scgpt-bins"}
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 80))
COUNTS = SHAPES.flatmap(
    lambda shape: hnp.arrays(np.int64, shape, elements=st.integers(0, 2) | st.sampled_from([0, 7, 40, 9999]))
)
MEDIANS = st.sampled_from([0.5, 1.0, 2.0, 3.5])


@st.composite
def some_cells(draw):
    """Return cells with many ties, a total beyond their own genes, and medians of which some are equal."""
    rows = draw(COUNTS)
    medians = draw(hnp.arrays(np.float64, rows.shape[1], elements=MEDIANS))
    beyond = draw(hnp.arrays(np.int64, len(rows), elements=st.integers(1, 500)))
    return cells(rows, medians=medians, totals=rows.sum(axis=1) + beyond, seed=draw(st.integers(0, 3)))


def ordered_by(space, of):
    """Return what an encoding compares the genes of a cell by."""
    over_medians = SPACES[space].vocabulary in ("v1_dictionaries", "v2_dictionaries")
    return of.counts.toarray() / (of.medians if over_medians else 1)


def many_cells(seed=0, n_cells=12, n_genes=6000):
    """Return cells of real size: deep ones, shallow ones, an empty one, one with huge counts."""
    random = np.random.default_rng(seed)
    rates = random.gamma(0.4, 1, n_genes) * random.lognormal(1, 1.2, (n_cells, 1))
    rows = random.poisson(rates)
    rows[1] = 0
    rows[2] *= 2**40
    return cells(rows, medians=random.lognormal(1, 1, n_genes), totals=rows.sum(axis=1) + 1)


def test_every_space_has_a_loop_to_be_compared_with():
    assert set(LOOPS) == set(SPACES)


@pytest.mark.parametrize("space", NAMES)
@given(some_cells())
def test_every_encoding_is_that_of_its_definition_cell_by_cell(space, of):
    np.testing.assert_array_equal(encode(space, of), loop(space, of))


@pytest.mark.parametrize("space", NAMES)
def test_cells_of_real_size_too(space):
    of = many_cells()
    np.testing.assert_array_equal(encode(space, of), loop(space, of))


@pytest.mark.parametrize("space", ["scgpt-bins", "scgpt-bins-fixed"])
def test_bins_are_those_of_the_quantiles_of_numpy_to_the_last_bit(space):
    # of 7 n + 1 values some edges fall on a value but for rounding; counts of any size, and fractions
    random, sizes = np.random.default_rng(0), np.repeat(np.arange(8, 290, 7), 40)
    spread = random.choice([0.1, 0.5, 1, 3], (len(sizes), 1))
    fractions = np.exp(spread * random.normal(size=(len(sizes), sizes.max())))
    for values in (fractions, random.integers(1, 2**52, fractions.shape)):
        of = cells(values * (np.arange(sizes.max()) < sizes[:, None]))
        np.testing.assert_array_equal(encode(space, of), loop(space, of))


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_the_order_of_geneformer_is_that_of_its_tokens(version):
    of, frames = many_cells(), VERSIONS[version].frames
    vocabulary = plain_vocabulary(version, range(4, len(of.genes) + 4), of.medians)
    tokens, offsets = tokenise(of.counts, vocabulary)
    for row, vector in enumerate(encode(f"geneformer-{version.lower()}-order", of)):
        order = np.argsort(-vector, kind="stable")[: np.count_nonzero(vector)]
        assert (order + 4).tolist() == tokens[offsets[row] : offsets[row + 1]][frames:][: len(order)].tolist()
        assert len(order) == max(offsets[row + 1] - offsets[row] - 2 * frames, 0)


@pytest.mark.parametrize("space", sorted({*NAMES} - OF_TOTAL))
@given(some_cells(), st.sampled_from([0.5, 2, 1024]))
def test_scaling_a_cell_changes_nothing(space, of, factor):
    np.testing.assert_array_equal(encode(space, scaled(of, factor)), encode(space, of))


@pytest.mark.parametrize("space", sorted(OF_TOTAL))
def test_scaling_a_cell_changes_values_without_a_total(space):
    of = many_cells()
    assert (encode(space, scaled(of, 2)) != encode(space, of)).any()


@pytest.mark.parametrize("space", NAMES)
@given(some_cells(), st.randoms(use_true_random=False))
def test_vectors_follow_a_permutation_of_cells_and_do_not_depend_on_the_others(space, of, random):
    rows = random.sample(range(len(of.ids)), random.randint(1, len(of.ids)))
    np.testing.assert_array_equal(encode(space, taken(of, rows)), encode(space, of)[rows])


@pytest.mark.parametrize("space", NAMES)
@given(some_cells(), st.randoms(use_true_random=False))
def test_vectors_follow_a_permutation_of_genes_up_to_ties_that_the_columns_decide(space, of, random):
    columns = random.sample(range(len(of.genes)), len(of.genes))
    found, expected = encode(space, taken(of, columns=columns)), encode(space, of)[:, columns]
    if space not in BY_COLUMN:
        np.testing.assert_array_equal(found, expected)
    values = ordered_by(space, of)[:, columns]
    for a, b, row in zip(found, expected, values, strict=True):
        for value in np.unique(row):
            assert sorted(a[row == value]) == sorted(b[row == value])


@pytest.mark.parametrize("space", sorted(AT_RANDOM))
def test_another_seed_moves_equal_values_alone(space):
    of = cells(np.repeat([[1, 1, 1, 2, 3] * 40], 6, axis=0), seed=0)
    first, again, other = (encode(space, cells(of.counts.toarray(), seed=seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert (first[0] != first[1]).any()  # cells of equal counts are drawn one by one
    values = of.counts.toarray()
    if space not in BINNED:
        for value in np.unique(values):
            assert sorted(first[values == value]) == sorted(other[values == value])
    assert (first[values == 3].min() >= first[values == 1].max()) and (first[values == 3] > 0).any()


@pytest.mark.parametrize("space", sorted({*NAMES} - AT_RANDOM))
def test_the_seed_changes_nothing_where_nothing_is_random(space):
    of = many_cells(n_cells=3)
    other = cells(of.counts.toarray(), medians=of.medians, totals=of.totals, seed=5, ids="xyz")
    np.testing.assert_array_equal(encode(space, other), encode(space, of))


def test_the_first_hundred_words_are_those_of_two_hundred():
    of = many_cells(n_cells=4)
    hundred, more = (encode(f"cell2sentence-{n}", of) for n in (100, 200))
    for a, b in zip(hundred, more, strict=True):
        order = np.argsort(-b, kind="stable")[: (a > 0).sum()]
        assert np.argsort(-a, kind="stable")[: (a > 0).sum()].tolist() == order.tolist()


@pytest.mark.parametrize("space", NAMES)
def test_a_cell_without_any_gene_has_an_empty_row(space):
    of = cells(np.array([[0, 0, 0], [1, 0, 2], [0, 0, 0]]), totals=[5, 9, 7])
    assert encode(space, of)[[0, 2]].tolist() == [[0, 0, 0]] * 2
    for shape in ((0, 3), (2, 0)):
        assert encode(space, cells(np.zeros(shape), totals=np.ones(shape[0]))).shape == shape


@pytest.mark.parametrize("space", NAMES)
def test_what_is_given_stays_as_it_is(space):
    of = many_cells(n_cells=3, n_genes=50)
    before = of.counts.copy()
    encode(space, of)
    assert all((getattr(before, part) == getattr(of.counts, part)).all() for part in ("data", "indices", "indptr"))


@pytest.mark.parametrize("space", NAMES)
def test_declarations_name_a_function_references_and_constants_that_there_are(space):
    spec = SPACES[space]
    assert callable(getattr(HOMES[space], spec.function)) and spec.metric == "correlation" and spec.meaning
    references = {name for group in yaml.safe_load(_REFERENCES.read_text()).values() for name in group}
    named = re.findall(r"\[([a-z0-9-]+)\]", spec.methods)
    assert named and set(named) <= references
    used = {key for key in re.findall(r"\{([\w.-]+)\}", spec.methods) if key != "target_counts"}
    assert used == {f"{space}.{key}" for key in spec.constants}
    assert not re.search(r"\d", re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", spec.methods + spec.meaning))


def test_declarations_are_read_without_what_computes():
    code = (
        "import sys\nfor name in ('numpy', 'scipy', 'numba', 'pandas'):\n    sys.modules[name] = None\n"
        "from rankstudy.core.modules import load\n"
        f"for name in {sorted({home.__name__ for home in HOMES.values()})}:\n    assert load(name).SPACES\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
