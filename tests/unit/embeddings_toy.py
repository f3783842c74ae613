"""Embeddings of generated cells of four types in three batches, and the mistakes that are made with them."""

import numpy as np
import pandas as pd

from rankstudy.measures.audit.audit import audit, failures
from rankstudy.measures.audit.brought_rows import Brought
from rankstudy.measures.audit.thresholds import Thresholds
from rankstudy.measures.judge.given import InMemory

N, TYPES, BATCHES = 600, 4, 3


def toy_cells(n=N, seed=0, order=None):
    """Return cells in no order: their type, batch and depth have nothing to do with each other."""
    random = np.random.default_rng(seed)
    totals = np.round(random.lognormal(8, 0.5, n))
    cells = pd.DataFrame(
        {
            "cell_id": [f"{barcode:08x}-1" for barcode in random.choice(1 << 31, n, replace=False)],
            "cell_type": [f"type {t}" for t in random.integers(TYPES, size=n)],
            "batch": [f"batch {b}" for b in random.integers(BATCHES, size=n)],
            "n_counts": totals,
            "n_genes": np.round(3 * totals**0.7 * random.lognormal(0, 0.05, n)),
        }
    )
    return cells if order is None else cells.sort_values(order, ignore_index=True)


def toy_vectors(cells, dimensions=20, seed=1, depth=0.0):
    """Return vectors that know the types; with `depth`, one direction of them that knows the depth so well."""
    random = np.random.default_rng(seed)
    centres = random.normal(0, 1.5, (TYPES, dimensions))
    types = cells["cell_type"].str[-1].astype(int).to_numpy()
    logs = np.log(cells["n_counts"].to_numpy())
    direction = random.normal(size=dimensions)
    known = np.outer((logs - logs.mean()) / max(logs.std(), 1e-9), direction)
    return (centres[types] + random.normal(size=(len(cells), dimensions)) + depth * known).astype(np.float32)


def brought(vectors, cells, ids=None, wanted=None, keys=None):
    """Return an embedding as it was brought, its ids those of the cells in their order unless others are given."""
    ids = cells["cell_id"].to_numpy(object) if ids is None else np.asarray(ids, object)
    wanted = cells["cell_id"].to_numpy(object) if wanted is None else wanted
    embedding = InMemory("c", [str(i) for i in ids], np.asarray(vectors))
    return Brought.of(embedding, cells, wanted, ids=ids, keys=keys, seed=0)


def audited(*args, thresholds=None, **kwargs):
    """Return what an audit finds, by check and subject."""
    found = audit(brought(*args, **kwargs), thresholds or Thresholds(), seed=0)
    return found.set_index(["check", "subject"])


def failed(*args, **kwargs):
    """Return which checks fail, each with its subject."""
    found = audited(*args, **kwargs)
    assert len(failures(found.reset_index())) == (found["outcome"] == "failed").sum()
    return list(found.index[found["outcome"] == "failed"])
