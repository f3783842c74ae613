"""Measures of the same vectors follow from one product, as a brute force in float64 has them, whatever the vectors."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import cdist

from rankstudy.core.errors import StudyError
from rankstudy.pairs.engine import SpaceData, Vectors, compare, measure, merge
from rankstudy.pairs.likeness import vectors as engine
from rankstudy.pairs.likeness.measures import MEASURES, Measure
from rankstudy.pairs.likeness.vectors import compare_tile, prepare
from rankstudy.pairs.space_files import SpaceFile, write_space, write_view
from tests.unit.helpers import space, toy_counts

SIZES = (9, 14, 6)
N = sum(SIZES)
# a value moves by what float32 rounds of it, and of a product of unit vectors
DIGITS = 1e-6


def counts(density):
    return toy_counts(N, 400, density=density)


def one_way():
    """Return vectors that nearly all point one way: cosines above .999, and correlations."""
    random = np.random.default_rng(0)
    return random.normal(0, 3, 300) + 2.0 + random.normal(0, 0.04, (N, 300))


def lengths():
    """Return vectors that differ by a constant more than by anything else."""
    random = np.random.default_rng(1)
    return random.normal(0, 0.1, (N, 60)) + random.normal(5, 3, (N, 1))


KINDS = {
    "dense": counts(0.4),
    "sparse": sp.csr_matrix(counts(0.02)),
    "sparse, made dense": sp.csr_matrix(counts(0.4)),
    "one way": one_way(),
    "one way, sparse": sp.csr_matrix(one_way() * (np.random.default_rng(2).random(300) < 0.05)),
    "other lengths": lengths(),
    "two dimensions": np.random.default_rng(3).normal(3, 1, (N, 2)),
}


def vectors_of(kind):
    return KINDS[kind].astype(np.float32)


def brute_force(vectors, of):
    """Return a measure of all cells with all cells, in float64."""
    dense = np.asarray(vectors.toarray() if sp.issparse(vectors) else vectors, np.float64)
    if of.centred:
        dense = dense - dense.mean(axis=0)
    distance = cdist(dense, dense, of.metric)
    return 1 - distance if of.similarity else distance


def sharing(vectors, measures=MEASURES):
    """Return a space for each measure, all of the same array."""
    cells = space(vectors, SIZES).cells
    return [SpaceData(f"{of.metric} {of.centred}", of.metric, vectors, cells, of.centred) for of in measures]


def all_values(spaces, **options):
    """Return every value that a block holds, of each space: of each cell, the scores of all its neighbours."""
    found = compare(spaces, neighbours=N - 1, **options)
    values = np.full((len(spaces), N, N), np.nan)
    for s, of in enumerate(spaces):
        sign = 1 if of.layout.similarity else -1
        np.put_along_axis(values[s], found.neighbours[s], sign * found.neighbour_scores[s], axis=1)
    return values


def assert_equal_to_brute_force(found, vectors, of):
    wanted, others = brute_force(vectors, of), ~np.eye(N, dtype=bool)
    # distances are as exact as the vectors are long
    scale = 1.0 if of.similarity else np.abs(wanted).max()
    np.testing.assert_allclose(found[others], wanted[others], atol=DIGITS * scale)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tile", [1, 16, 1000])
def test_all_measures_of_shared_vectors_equal_a_brute_force(kind, tile):
    vectors = vectors_of(kind)
    measures = [of for of in MEASURES if kind != "two dimensions" or of.metric != "correlation"]
    for found, of in zip(all_values(sharing(vectors, measures), tile=tile), measures, strict=True):
        assert_equal_to_brute_force(found, vectors, of)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("of", MEASURES, ids=str)
def test_a_measure_alone_equals_a_brute_force(kind, of):
    if kind == "two dimensions" and of.metric == "correlation":
        of = Measure("cosine")  # the rests of two dimensions are 1 or -1
    vectors = vectors_of(kind)
    assert_equal_to_brute_force(all_values(sharing(vectors, [of]))[0], vectors, of)


@pytest.mark.parametrize("kind", ["one way", "one way, sparse"])
def test_what_tells_vectors_apart_that_point_one_way_is_kept(kind):
    vectors = vectors_of(kind)
    for of, found in zip(MEASURES, all_values(sharing(vectors)), strict=True):
        wanted = brute_force(vectors, of)[~np.eye(N, dtype=bool)]
        assert of.centred or not of.similarity or wanted.min() > 0.999
        # 6e-8, the last digit of a float32 that is nearly 1, is the most of a raw similarity that is lost
        allowed = 6.1e-8 if of.similarity and not of.centred else 1e-6 * np.ptp(wanted)
        assert np.abs(found[~np.eye(N, dtype=bool)] - wanted).max() <= allowed


def test_vectors_are_multiplied_once_for_all_their_measures(monkeypatch):
    products = []
    for base in (engine.Directions, engine.StoredValues, engine.Coordinates):
        multiply = base.multiply
        monkeypatch.setattr(
            base, "multiply", lambda *of, multiply=multiply, **how: products.append(of) or multiply(*of, **how)
        )
    spaces = [*sharing(vectors_of("dense")), *sharing(vectors_of("sparse"), [MEASURES[0]])]
    spaces[-1] = dataclasses.replace(spaces[-1], name="other")
    assert all(of.layout.range for of in spaces)
    products.clear()
    compare(spaces, tile=1000)
    assert len(products) == 2


def test_spaces_of_one_file_are_read_and_multiplied_once(tmp_path, monkeypatch):
    vectors, read = vectors_of("sparse"), []
    parent, views = str(tmp_path / "parent.h5ad"), [str(tmp_path / f"{i}.h5ad") for i in range(len(MEASURES))]
    write_space(sharing(vectors)[0], parent, dimensions=[f"g{i}" for i in range(400)], seed=0)
    for path, of in zip(views, MEASURES, strict=True):
        write_view(parent, path, name=f"{of.metric} {of.centred}", metric=of.metric, centred=of.centred)
    whole = SpaceFile.read
    monkeypatch.setattr(SpaceFile, "read", lambda file, *of: read.append(of) or whole(file, *of))
    files, in_memory = [SpaceFile(path) for path in views], sharing(vectors)
    assert len({file.source for file in [*files, SpaceFile(parent)]}) == 1
    for file, of in zip(files, in_memory, strict=True):
        assert file.layout.measure == of.layout.measure and file.layout.range == of.layout.range
    found, wanted = compare(files, neighbours=5, tile=1000), compare(in_memory, neighbours=5, tile=1000)
    assert read == [(0, N)]
    for name in ("quantiles", "histograms", "neighbours", "neighbour_scores", "extremes"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))


def test_equal_vectors_that_are_not_the_same_are_two_sources():
    vectors = vectors_of("dense")
    one, other = (space(found, SIZES) for found in (vectors, vectors.copy()))
    assert one.source != other.source and one.source == dataclasses.replace(one, metric="cosine").source


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_blocks_of_centred_spaces_add_up_to_the_whole(kind):
    spaces = sharing(vectors_of(kind))
    options = {"neighbours": 6, "across": 2, "cutoffs": 10, "joint": [(spaces[0].name, spaces[3].name)]}
    whole = compare(spaces, **options, tile=16)
    found = merge([compare(spaces, a, b, **options, tile=16) for a, b in ("aa", "ab", "ac", "bb", "bc", "cc")])
    assert found.run == whole.run
    for name in ("n", "distributions", "joint"):
        assert getattr(found, name).sum() == getattr(whole, name).sum()
    for name in ("quantiles", "extremes", "neighbour_scores"):
        np.testing.assert_allclose(getattr(found, name), getattr(whole, name), rtol=2e-6, atol=2e-6)
    again = compare(spaces, **options, tile=16)
    for name in ("quantiles", "histograms", "joint", "neighbours", "neighbour_scores", "extremes", "cutoffs"):
        np.testing.assert_array_equal(getattr(again, name), getattr(whole, name))


def test_blocks_that_are_centred_and_blocks_that_are_not_are_not_added_up():
    one, other = (
        SpaceData("one", "cosine", of.vectors, of.cells, of.centred) for of in sharing(vectors_of("dense"))[2:4]
    )
    with pytest.raises(StudyError, match="differ in spaces"):
        merge([compare([one], "a", "a"), compare([other], "b", "b")])


def with_the_mean_cell(sparse):
    """Return vectors of which one is the mean of all, exactly."""
    dense = np.random.default_rng(4).integers(0, 4, (N, 64)).astype(np.float64) * 2.0
    dense[1::2] = 6.0 - dense[::2][: len(dense[1::2])]
    dense[-1] = 3.0
    dense[-1, :32], dense[0, :32] = 5.0, dense[0, :32] + 4.0
    dense[1, :32] = dense[1, :32] + 2.0 * N - 4.0 - 2.0
    assert (dense.mean(axis=0) == dense[-1]).all()
    return sp.csr_matrix(dense) if sparse else dense


@pytest.mark.parametrize("density", [1.0, 0.01])
def test_a_cell_that_equals_the_mean_cell_has_raw_measures_and_no_centred_ones(density):
    vectors = with_the_mean_cell(sparse=True)
    mean_cell = np.asarray(vectors.mean(axis=0)).ravel()
    raw = [of for of in MEASURES if not of.centred]
    of = prepare(vectors, raw, density=density, mean_cell=mean_cell)
    tiles, turned = np.empty((2, len(raw), N, N), np.float32)
    compare_tile(of, of, tiles, turned)
    for tile, each in zip(tiles, raw, strict=True):
        assert_equal_to_brute_force(tile, vectors, each)
    for metric in ("correlation", "cosine"):
        names = np.array([f"toy:{i}" for i in range(N)])
        with pytest.raises(StudyError, match=rf"1 cells have a vector that is constant once .* no {metric}: toy:28$"):
            prepare(vectors, [Measure(metric, True)], density=density, mean_cell=mean_cell, names=names)


def test_the_range_of_a_space_leaves_out_the_cells_without_a_direction():
    of = space(with_the_mean_cell(sparse=False), SIZES)
    wanted = brute_force(of.vectors[:-1], Measure("correlation"))
    assert of.ranges[Measure("correlation", True)][1] < 1 and not np.isnan(list(of.ranges.values())).any()
    with pytest.raises(StudyError, match="toy:0028"):
        compare([dataclasses.replace(of, centred=True)])
    assert compare([of]).quantiles.max() >= wanted[~np.eye(N - 1, dtype=bool)].mean()


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("of", [of for of in MEASURES if of.similarity], ids=str)
def test_vectors_of_groups_take_the_mean_cell_that_they_are_given(of, sparse):
    dense = counts(0.4)
    mean_cell, rows = dense.mean(axis=0), sp.csr_matrix(dense) if sparse else dense
    a, b = (Vectors.of(part, of.metric, centred=of.centred, mean_cell=mean_cell) for part in (rows[:13], rows[13:]))
    np.testing.assert_allclose(measure(a, b), brute_force(dense, of)[:13, 13:], atol=DIGITS)
