"""PCA and UMAP: the right coordinates, and the same ones whatever the number of threads."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.spaces.fits import principal_components
from tests.unit.helpers import run_python, toy_counts

VECTORS = toy_counts(40, 60)


def test_components_hold_the_variance_that_a_decomposition_gives_them():
    found = principal_components(sp.csr_matrix(VECTORS), components=5, seed=0)
    centred = VECTORS - VECTORS.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    assert found.shape == (40, 5)
    np.testing.assert_allclose(np.abs(found), np.abs(u[:, :5] * s[:5]), atol=1e-6)


def test_dense_and_sparse_vectors_give_the_same():
    dense = principal_components(VECTORS.astype(np.float32), components=4, seed=0)
    np.testing.assert_array_equal(
        dense, principal_components(sp.csr_matrix(VECTORS, dtype=np.float32), components=4, seed=0)
    )


def test_distances_are_kept_when_all_components_are(caplog):
    found = principal_components(VECTORS, components=50, seed=0)
    assert found.shape == (40, 39)
    assert "pca.components: 50 asked for, 39 are possible with 40 cells x 60 genes" in caplog.text
    distance = np.linalg.norm(VECTORS[0] - VECTORS[1])
    assert np.linalg.norm(found[0] - found[1]) == pytest.approx(distance, rel=1e-6)


FIT = """
import hashlib
import numpy as np
import scipy.sparse as sp
from rankstudy.spaces.fits import principal_components, umap_coordinates
random = np.random.default_rng(0)
centres = np.repeat(random.gamma(1, 2, (4, 300)), 40, axis=0)
vectors = sp.csr_matrix(np.log1p(random.poisson(centres)), dtype=np.float32)
pca = principal_components(vectors, components=10, seed=5)
fitted = umap_coordinates(vectors, components=5, seed=5)
assert fitted.shape == (160, 5) and np.isfinite(fitted).all()
assert not np.allclose(fitted, umap_coordinates(vectors, components=5, seed=6), atol=0.1)
of_six = umap_coordinates(vectors[:6], components=5, seed=5)
assert of_six.shape == (6, 4) and np.isfinite(of_six).all()
types = np.arange(160) // 40
near = np.linalg.norm(fitted[:, None] - fitted[None], axis=2)
assert near[types[:, None] == types].mean() < near[types[:, None] != types].mean()
print("digest", hashlib.sha256(pca.tobytes()).hexdigest(), hashlib.sha256(fitted.tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_the_number_of_threads_changes_no_byte_of_a_fit():
    def fit(threads):
        variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
        result = run_python(FIT, **dict.fromkeys(variables, threads))
        assert result.returncode == 0, result.stderr
        return [line for line in result.stdout.splitlines() if line.startswith("digest")]

    with ThreadPoolExecutor() as pool:
        one, two = pool.map(fit, "12")
    assert len(one) == 1 and one == two


def test_the_same_seed_gives_the_same_bytes():
    contents = [principal_components(sp.csr_matrix(VECTORS), components=6, seed=s).tobytes() for s in (1, 1)]
    assert len({hashlib.sha256(c).hexdigest() for c in contents}) == 1
