"""A space made by hand is checked as the workflow checks its files: labels, ids, lengths, values."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.measures.compared import Compared
from rankstudy.measures.neighbours.label_transfer import label_transfer
from rankstudy.measures.neighbours.neighbourhoods import neighbour_cells, neighbour_overlap
from rankstudy.measures.relations.counts import CountedRelations
from rankstudy.measures.relations.errors import relation_errors
from rankstudy.measures.relations.points import operating_points
from rankstudy.measures.separation import outlier_cells
from rankstudy.measures.uncertainty.evaluation import intervals
from rankstudy.measures.uncertainty.half_samples import Halves
from rankstudy.measures.uncertainty.resampling import resample
from rankstudy.measures.uncertainty.statistics import statistics_of
from rankstudy.pairs.engine import SpaceData, Vectors, compare

N = 12
IDS = [f"cell{i}" for i in range(N)]
TYPES = ["T cell"] * 7 + ["b"] * 5
VECTORS = np.random.default_rng(0).normal(size=(N, 20)).astype(np.float32)


def of(vectors=VECTORS, **changes):
    return SpaceData.of(vectors, **{"ids": IDS, "types": TYPES, "metric": "cosine", **changes})


def with_missing(what, kind):
    """Return labels of which those of the cells 2 and 9 are missing."""
    labels = pd.Series(what, dtype=object)
    labels[[2, 9]] = kind
    return labels


MISSING = {
    "None": lambda labels: with_missing(labels, None).tolist(),
    "NaN": lambda labels: with_missing(labels, np.nan).to_numpy(),
    "NA": lambda labels: with_missing(labels, pd.NA).astype("string"),
    "NaT": lambda labels: with_missing(labels, pd.NaT),
    "categorical": lambda labels: with_missing(labels, None).astype("category"),
    "an index": lambda labels: pd.Index(with_missing(labels, None)),
}


@pytest.mark.parametrize("kind", MISSING)
@pytest.mark.parametrize(
    ("what", "labels", "said"),
    [
        ("types", TYPES, "space space: cell types: 2 cells have none, such as cell2, cell9; leave these cells out"),
        ("batches", ["x", "y"] * 6, "space space: batches: 2 cells have none, such as cell2, cell9"),
        ("ids", IDS, "space space: ids: 2 cells have none, such as 2, 9"),
    ],
)
def test_a_missing_label_is_no_label_of_its_own(kind, what, labels, said):
    with pytest.raises(StudyError, match=said):
        of(**{what: MISSING[kind](labels)})


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("metric", ["correlation", "cosine", "euclidean"])
@pytest.mark.parametrize("kind", [np.asarray, sp.csr_matrix, sp.csc_matrix, sp.coo_matrix])
def test_values_that_are_not_finite_are_refused_with_their_cells(bad, metric, kind):
    vectors = VECTORS.copy()
    vectors[3, 4] = vectors[8, 0] = vectors[8, 19] = bad
    with pytest.raises(StudyError, match=r"space space: 2 cells have values that are not finite.*such as cell3, cell8"):
        of(kind(vectors), metric=metric)


@pytest.mark.parametrize("metric", ["correlation", "cosine", "euclidean"])
@pytest.mark.parametrize("kind", [np.asarray, sp.csr_matrix])
def test_the_engine_refuses_what_is_not_finite_whoever_made_the_space(metric, kind):
    vectors = VECTORS.copy()
    vectors[3, 4] = np.nan
    good = of()
    with pytest.raises(StudyError, match="1 cells have values that are not finite"):
        compare([SpaceData("space", "cosine" if metric == "euclidean" else metric, kind(vectors), good.cells)])
    with pytest.raises(StudyError, match="without a finite length.*: 3$"):
        Vectors.of(kind(vectors), metric)


@pytest.mark.parametrize("metric", ["correlation", "cosine"])
@pytest.mark.parametrize("kind", [np.asarray, sp.csr_matrix])
def test_cells_without_a_direction_are_named(metric, kind):
    vectors = VECTORS.copy()
    vectors[[2, 9]] = 0
    with pytest.raises(
        StudyError, match=f"2 cells have a constant vector and so no {metric}: cell2, cell9|cell9, cell2"
    ):
        compare([of(kind(vectors), metric=metric)])


@pytest.mark.parametrize("noise", [0.0, 1e-16])
@pytest.mark.parametrize("kind", [np.asarray, sp.csr_matrix])
def test_every_constant_vector_of_many_dimensions_is_found(noise, kind):
    random = np.random.default_rng(0)
    values = random.random(40) * 10.0 ** random.integers(-6, 6, 40)
    rows = np.repeat(values[:, None], 60_000, axis=1) * (1 + noise * random.choice([-1, 1], 60_000))
    with pytest.raises(StudyError, match="40 cells have a constant vector"):
        Vectors.of(kind(rows), "correlation")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"types": TYPES[1:]}, "cell types: 11 for 12 vectors"),
        ({"batches": ["x"] * 13}, "batches: 13 for 12 vectors"),
        ({"ids": IDS[:-1]}, "ids: 11 for 12 vectors"),
        ({"ids": ["cell1", *IDS[1:]]}, "cells: 1 names occur more than once: cell1"),
        ({"vectors": VECTORS[0]}, "vectors have 1 axes"),
        ({"metric": "cosin"}, "metric 'cosin' is none of correlation, cosine, euclidean"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes, said):
    with pytest.raises(StudyError, match=said):
        of(**changes)


@pytest.mark.parametrize("what", ["types", "batches"])
def test_labels_in_another_order_than_the_ids_are_refused(what):
    labels = pd.Series(TYPES, index=IDS)
    assert of(**{what: labels}).cells["cell_type"].value_counts()["b"] == 5
    with pytest.raises(StudyError, match=r"stand in another order than the ids; take them by id, with \.loc\[ids\]"):
        of(**{what: labels[::-1]})


@pytest.mark.parametrize("kind", [sp.csc_matrix, sp.coo_matrix, sp.csr_array])
def test_any_sparse_format_gives_what_dense_vectors_give(kind):
    square = np.random.default_rng(1).random((N, N)) * (np.random.default_rng(2).random((N, N)) < 0.5) + np.eye(N)
    found, wanted = (compare([of(vectors)]).quantiles for vectors in (kind(square), square))
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_a_value_that_is_stored_in_two_parts_is_their_sum():
    whole = sp.coo_matrix(VECTORS)
    halves = (np.tile(whole.data / 2, 2), (np.tile(whole.row, 2), np.tile(whole.col, 2)))
    stored = sp.csr_matrix(sp.coo_matrix(halves, shape=whole.shape))
    apart = sp.csr_matrix(
        (np.repeat(stored.data / 2, 2), np.repeat(stored.indices, 2), 2 * stored.indptr), stored.shape
    )
    np.testing.assert_allclose(compare([of(apart)]).quantiles, compare([of()]).quantiles, atol=1e-6)
    assert apart.nnz == 2 * VECTORS.size


BATCHES = ["x", "y"] * 6


@pytest.fixture(scope="module")
def made():
    """Return a space, its pairs without anything per cell, and its cells."""
    space = of(batches=BATCHES)
    result = compare([space], neighbours=3, across=2)
    return space, result, Compared.of(result, space.cells)


def test_more_neighbours_than_the_pairs_hold_are_refused(made):
    space, result, compared = made
    for of_sizes in (neighbour_cells, neighbour_overlap):
        with pytest.raises(StudyError, match=r"hold 3 neighbours per cell, not 4; compare them with `neighbours=4`"):
            of_sizes(result, compared, [2, 4])
    halves = Halves.of(compared, compared.batches, "batches", np.random.default_rng(0))
    with pytest.raises(StudyError, match="hold 2 neighbours of other batches per cell, not 3"):
        label_transfer(result, compared, [3], halves, level=0.95)


def test_curves_and_intervals_need_counts_per_cell(made):
    space, result, compared = made
    with pytest.raises(StudyError, match="hold no counts per cell; compare them with `cutoffs`"):
        CountedRelations.of(result, 0, compared)
    with pytest.raises(StudyError, match="hold no counts per cell"):
        statistics_of(result, space.cells, compared.batches, [])


def test_outliers_are_not_taken_from_a_table_of_other_cells(made):
    space, result, _ = made
    with pytest.raises(StudyError, match="the pairs are of 12 cells"):
        outlier_cells(result, space.cells[::-1], 3)


@pytest.mark.parametrize(("change", "said"), [(slice(1, None), "11 numbers for 12 cells"), (None, "1 cells have none")])
def test_each_cell_needs_a_batch_where_batches_are_drawn(change, said):
    space = of(batches=BATCHES)
    result = compare([space], cutoffs=20)
    compared = Compared.of(result, space.cells)
    batches = compared.batches[change] if change else np.where(np.arange(N) == 4, -1, compared.batches)
    statistics = statistics_of(result, space.cells, compared.batches, [])
    for refused in (
        lambda: statistics_of(result, space.cells, batches, []),
        lambda: resample(
            statistics, compared.types, batches, unit="batches", resamples=9, random=np.random.default_rng(0)
        ),
        lambda: Halves.of(compared, batches, "batches", np.random.default_rng(0)),
        lambda: relation_errors(CountedRelations.of(result, 0, compared), compared, batches, "batches"),
    ):
        with pytest.raises(StudyError, match=said):
            refused()


@pytest.mark.parametrize("level", [95, 0, 1])
def test_a_level_is_a_share(level):
    space = of(batches=BATCHES)
    result = compare([space], cutoffs=20)
    compared = Compared.of(result, space.cells)
    counted = CountedRelations.of(result, 0, compared)
    errors = relation_errors(counted, compared, compared.batches, "batches")
    statistics = statistics_of(result, space.cells, compared.batches, [])
    draws = {"unit": "batches", "resamples": 9, "random": np.random.default_rng(0)}
    resampled = resample(statistics, compared.types, compared.batches, **draws)
    for refused in (
        lambda: operating_points(counted, compared, errors, level),
        lambda: intervals(resampled, compared.batches, level),
    ):
        with pytest.raises(StudyError, match=f"level: {level} is not between 0 and 1"):
            refused()


@pytest.mark.parametrize(
    ("relations", "said"),
    [
        ([[0, 4], [4, 0]], "each must be OWN, SIMILAR, OTHER or UNKNOWN"),
        ([[0, -1], [-1, 0]], "each must be OWN, SIMILAR, OTHER or UNKNOWN"),
        ([[0, 1], [2, 0]], "the same in both directions"),
        ([[0, 0], [0, 0]], r"a type is OWN \(0\) to itself, and to no other"),
        ([[2, 1], [1, 2]], r"a type is OWN \(0\) to itself, and to no other"),
    ],
)
def test_relations_that_could_not_be_are_refused(relations, said):
    with pytest.raises(StudyError, match=said):
        compare([of()], relations=np.array(relations))


@pytest.mark.parametrize("option", [{"neighbours": -1}, {"across": -1}, {"cutoffs": 1 << 15}, {"hexagons": 0}])
def test_numbers_that_cannot_be_are_refused(option):
    with pytest.raises(StudyError, match="must be 0 or more"):
        compare([of()], **option)


def test_two_spaces_of_one_name_are_refused():
    with pytest.raises(
        StudyError, match="spaces: some have the same name: space, space; give each a `name` of its own"
    ):
        compare([of(), of(metric="euclidean")])


def test_a_label_is_not_taken_for_a_type_that_lost_its_cells():
    with pytest.raises(StudyError, match="'T cell' is the label of a cell type; here it is named 't-cell'"):
        compare([of()], ["T cell"], ["b"])
    assert len(compare([of()], ["t-cell"], ["b"]).n) == 1
