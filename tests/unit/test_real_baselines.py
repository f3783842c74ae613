"""Baselines and controls on real cells: five lines, the same in five batches, so that what is of the batch is known."""

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.measures.compared import Compared
from rankstudy.measures.gates.gates import found_at_gates
from rankstudy.measures.neighbours.neighbourhoods import neighbour_cells, neighbourhoods
from rankstudy.measures.separation import effect_sizes
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.spaces.catalogue import BUILT_IN
from rankstudy.spaces.controls import one_hot, random_vectors, shuffled
from rankstudy.spaces.encodings.detection import detected
from rankstudy.spaces.encodings.expression import log1p_cp10k
from rankstudy.spaces.encodings.library_size import log_totals
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.fits import harmony, principal_components
from tests.unit.conftest import SHARED
from tests.unit.helpers import analysed_cells

pytestmark = pytest.mark.slow
K = (15, 50)


@pytest.fixture(scope="module")
def cells():
    """Return the cells of sc_mixology in the order of a space."""
    path = SHARED / "sc_mixology" / "sc_mixology_5batches.h5ad"
    if not path.exists():
        pytest.skip("no ../shared/data/sc_mixology/sc_mixology_5batches.h5ad beside the repository")
    data = ad.read_h5ad(path)
    data.X = sp.csr_matrix(data.X)
    return data[np.lexsort((data.obs_names, data.obs["cell_type"].astype(str)))].copy()


@pytest.fixture(scope="module")
def tables(cells):
    """Return the tables `effect_sizes`, `neighbourhoods` and `analysed_cells` of all spaces."""
    totals = np.asarray(cells.X.sum(axis=1)).ravel()
    spread = np.asarray(log1p_cp10k(cells.X, totals).toarray().var(axis=0))
    counts = cells.X[:, np.argsort(spread)[-1000:]]
    labels = {"cell_type": cells.obs[["cell_type"]].astype(str), "batch": cells.obs[["batch"]].astype(str)}
    ranks, expression = fractional_ranks(counts), log1p_cp10k(counts, totals)
    components = principal_components(expression, components=30, seed=0)
    vectors = {
        "rank": ranks,
        "expression": expression,
        "expression@euclidean": expression,
        "expression-pca": components.astype(np.float32),
        "expression-harmony": harmony(components, cells=labels["batch"], seed=0).astype(np.float32),
        "detection": detected(counts),
        "library-size": log_totals(counts, totals),
        "random": random_vectors(labels["batch"], seed=0),
        "shuffled": shuffled(ranks, seed=0),
        "one-hot": one_hot(labels["cell_type"], seed=0),
        "one-hot-batch": one_hot(labels["batch"], seed=0),
    }
    of = {"ids": cells.obs_names, "types": labels["cell_type"].squeeze(), "batches": labels["batch"].squeeze()}
    spaces = [SpaceData.of(v, **of, name=name, metric=BUILT_IN.spaces[name].metric) for name, v in vectors.items()]
    result, table = compare(spaces, neighbours=max(K)), analysed_cells(spaces[0].cells)
    compared = Compared.of(result, table)
    shares = neighbourhoods(neighbour_cells(result, compared, K), compared)
    return *(frame.assign(dataset="toy", seed=0) for frame in (effect_sizes(result, table), shares)), table


def test_every_gate_holds(tables):
    found = found_at_gates(*tables)
    assert len(found) == 17 and found["passed"].all(), found
    # a thousand cells leave chance less room than two hundredths
    assert found["most"].iloc[0] < 0.52


def test_harmony_separates_lines_that_were_sequenced_in_several_batches_more_sharply(tables):
    auroc = tables[0][tables[0]["cell_type"].isna()].set_index("space")["auroc"]
    assert auroc["expression-harmony"] > auroc["expression-pca"] + 0.01
    assert auroc["library-size"] < 0.6 < auroc["detection"] < auroc["rank"]
    assert auroc["expression"] != auroc["expression@euclidean"]
