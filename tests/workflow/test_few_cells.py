"""The default configuration, but for models, on data sets of few cells, up to the article."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import yaml

from tests.unit.helpers import toy_counts
from tests.workflow import generate
from tests.workflow.harness import snakemake

BATCHES = 2
# cells of each of two types, in how many batches, and the least cells of a type
FEW = {"six": (3, BATCHES, 2), "sixteen": (8, BATCHES, 5), "forty": (20, BATCHES, 20), "single": (8, 16, 5)}


# one of them with fewer molecules than its file holds
TREATED = {"sixteen": {"thin": 0.8}}


def write_few(folder, name, of_type, n_batches, min_cells):
    """Write a data set of two types whose first genes differ, in as many batches as are asked for.

    Return how many molecules it holds.
    """
    n = 2 * of_type
    counts = toy_counts(n, 2500)
    counts[:of_type, :100] += 4
    obs = pd.DataFrame(
        {"kind": ["alpha"] * of_type + ["beta"] * of_type, "lane": [f"lane{i % n_batches}" for i in range(n)]},
        index=[f"cell{i}" for i in range(n)],
    )
    var = pd.DataFrame(index=[f"gene{i}" for i in range(counts.shape[1])])
    ad.AnnData(np.asarray(counts, np.float32), obs, var).write_h5ad(folder / f"{name}.h5ad")
    keys = {"source": {"local_file": f"{name}.h5ad"}, "cell_type": "kind", "batch": "lane"}
    treatment = {"treatment": TREATED[name]} if name in TREATED else {}
    generate.write_dataset(folder, name, title=name, **keys, **treatment, selection={"min_cells": min_cells})
    return counts.sum()


@pytest.mark.long
def test_the_default_configuration_runs_on_few_cells(tmp_path):
    molecules = {name: write_few(tmp_path, name, *of) for name, of in FEW.items()}
    study = tmp_path / "study.yaml"
    spaces = [*generate.WITHOUT_MODELS, "expression-umap"]
    # no vocabulary knows their genes
    settings = {"datasets": list(FEW), "seeds": [0], "spaces": spaces, "settings": {"also": []}}
    study.write_text(yaml.safe_dump(settings))
    run = snakemake("--configfile", study, directory=tmp_path, timeout=3600)
    assert run.ok, run.tail
    assert (tmp_path / "results/article/index.html").exists()
    for name, (of_type, _, _) in FEW.items():
        cells = pd.read_parquet(tmp_path / f"results/{name}/tables/neighbour_cells.parquet")
        assert cells["cell_id"].nunique() == 2 * of_type
        seen = pd.read_parquet(tmp_path / f"results/{name}/tables/sparsity.parquet")["n_counts"].sum()
        assert seen == pytest.approx(molecules[name] * TREATED.get(name, {"thin": 1})["thin"], rel=0.02)
