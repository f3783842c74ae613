"""Controls: what must score perfection scores it, what must score chance scores chance."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.measures.gates.chance import auroc_error
from rankstudy.measures.gates.gates import STANDARD_ERRORS
from rankstudy.measures.separation import effect_sizes
from rankstudy.pairs.engine import compare
from rankstudy.spaces.encodings.rank import fractional_ranks
from tests.unit.helpers import analysed_cells, space

SIZES = (60, 80, 70, 50)
ROOM = STANDARD_ERRORS * auroc_error(np.repeat(np.array(SIZES) - 1, SIZES))
METRICS = ["correlation", "cosine", "euclidean"]


def auroc(of):
    return effect_sizes(compare([of]), analysed_cells(of.cells))["auroc"].to_numpy()


def separated(metric):
    random = np.random.default_rng(0)
    centres = np.repeat(random.normal(size=(len(SIZES), 20)) * 3, SIZES, axis=0)
    return space((centres + random.normal(size=(sum(SIZES), 20))).astype(np.float32), SIZES, metric)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("sparse", [True, False])
def test_the_one_hot_cell_type_scores_perfection(metric, sparse):
    onehot = np.repeat(np.eye(len(SIZES), dtype=np.float32), SIZES, axis=0)
    assert (auroc(space(sp.csr_matrix(onehot) if sparse else onehot, SIZES, metric)) == 1).all()


def test_the_one_hot_cell_type_scores_perfection_through_the_rank_encoding():
    onehot = sp.csr_matrix(np.repeat(np.eye(len(SIZES)), SIZES, axis=0))
    assert (auroc(space(fractional_ranks(onehot), SIZES)) == 1).all()


@pytest.mark.parametrize("metric", METRICS)
def test_random_vectors_score_chance(metric):
    vectors = np.random.default_rng(1).normal(size=(sum(SIZES), 20)).astype(np.float32)
    assert abs(auroc(space(vectors, SIZES, metric))[0] - 0.5) < ROOM


@pytest.mark.parametrize("metric", METRICS)
def test_shuffled_labels_score_chance_on_a_space_that_separates(metric):
    of = separated(metric)
    assert auroc(of)[0] > 0.95
    shuffled = np.random.default_rng(2).permutation(sum(SIZES))
    assert abs(auroc(dataclasses.replace(of, vectors=of.vectors[shuffled]))[0] - 0.5) < ROOM


@pytest.mark.parametrize("metric", METRICS)
def test_a_space_where_types_repel_each_other_scores_below_chance(metric):
    # each type lies on both ends of an axis of its own, so that its own cells are the least alike
    sign = np.where(np.arange(80) % 2, 1.0, -1.0)[:, None]
    axis = np.repeat(np.eye(2), 40, axis=0) * sign
    noise = np.random.default_rng(3).normal(size=(80, 2)) * 0.01
    vectors = np.hstack([axis + noise, np.zeros((80, 4))]).astype(np.float32)
    assert auroc(space(vectors, (40, 40), metric))[0] < 0.6
