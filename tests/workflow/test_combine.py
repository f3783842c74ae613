"""A combined data set in the real graph: two files in two formats, read as their own data sets say, as one."""

import anndata as ad
import pandas as pd

from tests.workflow import generate
from tests.workflow.harness import snakemake


def test_two_data_sets_as_one_up_to_their_shards(project):
    members = {"marrow": {"batch": "own"}, "blood": {"labels": {"alpha": "../../B cell"}}}
    generate.write_dataset(project, "both", combine=members)
    study = generate.write_study(project, datasets=["both"], seeds=[3])
    run = snakemake("shards", "--configfile", study, directory=project)
    assert run.ok, run.tail
    results = project / "results" / "both"
    assert {path.name for path in (project / "results").iterdir()} == {"both", "benchmarks"}
    cells = pd.read_parquet(results / "cells.parquet")
    assert set(cells["part"]) == {"marrow", "blood"} and cells["cell_id"].is_unique
    assert cells["cell_id"].str.match(r"both:(marrow|blood)/.").all()
    assert set(cells["batch"]) == {"marrow/first", "marrow/second", "blood"}
    shard = ad.read_h5ad(results / "3/shards/b-cell.h5ad")
    assert set(shard.obs["cell_type"]) == {"../../B cell"}
    assert set(shard.obs["batch"]) == {"marrow/first", "marrow/second", "blood"}
    lost = pd.read_parquet(results / "tables/source_parts.parquet").set_index("part")["n_lost"]
    assert lost.to_dict() == {"marrow": 0, "blood": 0}
