"""Baselines and controls: what their vectors hold, and what they must not know."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.pairs.engine import Vectors, measure
from rankstudy.spaces.controls import DIMENSIONS, one_hot, random_vectors, shuffled
from rankstudy.spaces.encodings.detection import detected
from rankstudy.spaces.encodings.library_size import log_totals
from rankstudy.spaces.fits import harmony
from rankstudy.spaces.registry import SPACES
from tests.unit.helpers import run_python, toy_counts

COUNTS = toy_counts(30, 12)
CELLS = pd.DataFrame({"cell_id": [f"toy:{i}" for i in range(40)], "batch": ["b", "a"] * 20})


def test_detection_is_whether_a_gene_was_seen_and_nothing_else():
    found = detected(sp.csr_matrix(COUNTS))
    np.testing.assert_array_equal(found.toarray(), COUNTS > 0)
    assert found.dtype == np.float32 and found.nnz == (COUNTS > 0).sum()
    np.testing.assert_array_equal(found.toarray(), detected(sp.csr_matrix(COUNTS * 7)).toarray())
    # stored zeros are not seen
    assert detected(sp.csr_matrix((np.array([0.0, 2.0]), ([0, 0], [1, 2])), shape=(1, 4))).nnz == 1


def test_cosine_of_detected_genes_is_the_share_that_two_cells_have_in_common():
    vectors = Vectors.of(detected(sp.csr_matrix(COUNTS)), "cosine")
    a, b = COUNTS[0] > 0, COUNTS[1] > 0
    assert measure(vectors, vectors)[0, 1] == pytest.approx((a & b).sum() / np.sqrt(a.sum() * b.sum()), abs=1e-6)


def test_library_size_is_the_total_over_all_genes():
    totals = np.array([10.0, 1000.0, 1000.0])
    found = log_totals(sp.csr_matrix(COUNTS[:3]), totals)
    assert found.shape == (3, 1) and found.dtype == np.float32
    distance = measure(*[Vectors.of(found, "euclidean", mean_cell=found.mean(axis=0))] * 2)
    assert distance[0, 1] == pytest.approx(np.log(100), rel=1e-5) and distance[1, 2] == 0


def test_random_vectors_follow_the_seed_and_not_the_cells():
    found = random_vectors(CELLS[["cell_id"]], seed=1)
    assert found.shape == (40, DIMENSIONS) and SPACES["random"].dimensions == DIMENSIONS and found.dtype == np.float32
    np.testing.assert_array_equal(found, random_vectors(CELLS[["cell_id"]].iloc[::-1], seed=1))
    assert not np.array_equal(found, random_vectors(CELLS[["cell_id"]], seed=2))


def test_a_one_hot_vector_is_the_label_and_nothing_else():
    found = one_hot(CELLS[["batch"]], seed=0).toarray()
    assert found.shape == (40, 2) and found.dtype == np.float32
    np.testing.assert_array_equal(found, np.stack([CELLS["batch"] == "a", CELLS["batch"] == "b"], axis=1))


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_matrix])
def test_shuffling_keeps_every_vector_and_gives_it_to_another_cell(kind):
    def rows(vectors):
        return vectors.toarray() if sp.issparse(vectors) else vectors

    found = rows(shuffled(kind(COUNTS), seed=4))
    assert sorted(map(tuple, found)) == sorted(map(tuple, COUNTS)) and (found == COUNTS).all(axis=1).sum() < 5
    np.testing.assert_array_equal(found, rows(shuffled(kind(COUNTS), seed=4)))
    assert not np.array_equal(found, rows(shuffled(kind(COUNTS), seed=5)))


# -- Harmony -----------------------------------------------------------------------------------------------------------


def shifted(n_per_type=60, n_types=3, shift=4.0):
    """Return components of types that lie apart, of two batches that lie apart; the types and the cells."""
    random = np.random.default_rng(0)
    types = np.repeat(np.arange(n_types), n_per_type)
    batch = random.integers(2, size=len(types))
    centres = 8 * np.eye(n_types, 10)[types]
    vectors = centres + random.normal(size=(len(types), 10))
    vectors[:, -1] += shift * batch
    return vectors, types, pd.DataFrame({"batch": np.where(batch, "second", "first")})


def gap(vectors, labels):
    """Return the mean distance of cells of two labels over that of cells of one."""
    distance = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    same = np.equal.outer(np.asarray(labels), np.asarray(labels))
    return distance[~same].mean() / distance[same].mean()


def test_harmony_brings_batches_together_and_leaves_types_apart():
    vectors, types, cells = shifted()
    found = harmony(vectors, cells=cells, seed=0)
    assert found.shape == vectors.shape and np.isfinite(found).all()
    assert gap(vectors, cells["batch"]) > 1.1 and gap(found, cells["batch"]) < 1.01
    assert gap(found, types) > gap(vectors, types) > 2


def test_harmony_of_one_batch_changes_nothing(caplog):
    vectors, _, cells = shifted()
    assert harmony(vectors, cells=cells.assign(batch="one"), seed=0) is vectors
    assert "Harmony has nothing to correct" in caplog.text


@pytest.mark.parametrize("n", [2, 4, 20])
def test_harmony_of_few_cells_is_finite(n):
    vectors, _, cells = shifted(n_per_type=n)
    assert np.isfinite(harmony(vectors, cells=cells.assign(batch=["x", "y"] * (len(cells) // 2)), seed=0)).all()


@pytest.mark.slow
def test_the_number_of_threads_and_the_order_of_runs_change_no_byte_of_harmony():
    code = """
import hashlib
from rankstudy.spaces.fits import harmony
from tests.unit.test_baselines import shifted
vectors, _, cells = shifted(400)
print(len({hashlib.sha256(harmony(vectors, cells=cells, seed=1).tobytes()).hexdigest() for _ in range(2)}))
print(hashlib.sha256(harmony(vectors, cells=cells, seed=1).tobytes()).hexdigest())
"""
    runs = [run_python(code, OMP_NUM_THREADS=n, OPENBLAS_NUM_THREADS=n) for n in "12"]
    assert all(run.returncode == 0 for run in runs), runs[0].stderr
    assert runs[0].stdout == runs[1].stdout and runs[0].stdout.startswith("1\n")
