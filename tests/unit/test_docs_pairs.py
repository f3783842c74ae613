"""The examples of docs/pairs.md run as they stand."""

import re
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from tests.unit.helpers import toy_counts

PAGE = Path(__file__).resolve().parents[2] / "docs/pairs.md"


def test_the_examples_run_in_the_order_of_the_page():
    types = ["alpha"] * 12 + ["beta"] * 15 + ["gamma"] * 9
    obs = pd.DataFrame({"cell_type": types}, index=[f"cell{i}" for i in range(36)])
    adata = ad.AnnData(sp.csr_matrix(toy_counts(36, 50)), obs=obs)
    adata.obsm["X_umap"] = np.random.default_rng(0).normal(size=(36, 2))
    names = {"adata": adata}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 7
    for code in blocks:
        exec(code, names)
    assert names["result"].about["n_cells"] == 36 and [of["centred"] for of in names["result"].about["spaces"]] == [
        0,
        0,
        1,
    ]
