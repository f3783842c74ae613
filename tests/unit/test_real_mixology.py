"""sc_mixology from the five batches' own files: the same cells mixed once and sequenced several times."""

import os
from itertools import product
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.stats import spearmanr

from rankstudy.cells.index import index_cells
from rankstudy.cells.scan import scan_part
from rankstudy.cells.selection import select_cells
from rankstudy.cells.shards import extract_cells, read_counts, write_shard
from rankstudy.cells.tables import BATCHES, CELL_TYPES, CELLS, GENES, SELECTION, SELECTION_REPORT
from rankstudy.config import load_study
from rankstudy.pairs.engine import Vectors, measure
from rankstudy.spaces.encodings.rank import fractional_ranks
from tests.unit.conftest import SHARED
from tests.unit.helpers import ROOT, index_outputs, part_tables

pytestmark = pytest.mark.slow
FOLDER = SHARED / "sc_mixology"
TWO = ("celseq2", "dropseq")
CELLS_OF_LINES = {"H1975": 271, "H2228": 217, "HCC827": 201, "A549": 186, "H838": 146}
SINGLETS = {"celseq2": 240, "dropseq": 210, "celseq2_5cl_p1": 156, "celseq2_5cl_p2": 163, "celseq2_5cl_p3": 252}


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return the data set as `config/datasets/sc_mixology.yaml` declares it."""
    previous = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    try:
        return load_study({"datasets": ["sc_mixology"]}, [], ROOT).datasets["sc_mixology"]
    finally:
        os.chdir(previous)


def found_file(source):
    path = FOLDER / source.name
    if not path.exists():
        pytest.skip(f"no ../shared/data/sc_mixology/{source.name} beside the repository")
    return str(path)


def run(plan, folder, names, expect):
    """Scan, index, select and extract the parts of these names; return the tables, and all cells on all genes."""
    out = index_outputs(folder) | {name: str(folder / f"{name}.parquet") for name in ("selection", "report")}
    sources, scanned = {}, []
    for name in names:
        part = plan.parts[name]
        sources[name] = found_file(part.model.source), {**part.read, "labels": found_file(part.model.labels)}
        scanned.append(list(part_tables(folder, name).values()))
        scan_part(
            *sources[name],
            dataset=plan.name,
            part=name,
            part_label=name,
            several_parts=True,
            annotations=plan.annotations,
            keep=plan.keep,
            missing=part.missing,
            values=plan.model.values,
            cells_expected=part.model.cells,
            verified=part.verified,
            flag_column=plan.flag_column,
            **part_tables(folder, name),
        )
    index_cells(
        *zip(*scanned, strict=True),
        dataset=plan.name,
        values=plan.model.values,
        needs="counts",
        expect=expect,
        membership={},
        outputs=out,
    )
    select_cells(
        out["cells"], out["types"], dataset=plan.name, seed=0, min_cells=20, cells_per_type=None, cell_types=None,
        selection_out=out["selection"], report_out=out["report"],
    )  # fmt: skip
    extracted = [str(folder / f"{name}.h5ad") for name in names]
    for (name, (path, read)), output in zip(sources.items(), extracted, strict=True):
        extract_cells(path, read, out["selection"], out["genes"], part=name, several_parts=True, output=output)
    shards = []
    for slug in CELL_TYPES.read(out["types"])["slug"]:
        write_shard(extracted, out["selection"], slug, str(folder / f"{slug}.shard.h5ad"))
        shards.append(read_counts(str(folder / f"{slug}.shard.h5ad")))
    tables = {"cells": CELLS, "types": CELL_TYPES, "batches": BATCHES, "genes": GENES}
    tables |= {"selection": SELECTION, "report": SELECTION_REPORT}
    return {name: table.read(out[name]) for name, table in tables.items()} | {"shards": ad.concat(shards)}


@pytest.fixture(scope="module")
def five(plan, tmp_path_factory):
    return run(plan, tmp_path_factory.mktemp("five"), list(plan.parts), plan.expected)


@pytest.fixture(scope="module")
def two(plan, tmp_path_factory):
    return run(plan, tmp_path_factory.mktemp("two"), TWO, {"cells": 499, "genes": 15073, "cell_types": 3})


def test_five_batches_are_1021_singlets_of_five_lines_over_11533_common_genes(five):
    assert len(five["cells"]) == 1408 and len(five["genes"]) == 11533
    assert five["types"].set_index("cell_type")["n_cells"].to_dict() == CELLS_OF_LINES
    assert five["selection"]["batch"].value_counts().to_dict() == SINGLETS and sum(SINGLETS.values()) == 1021
    assert five["batches"].set_index("batch")["n_cells"].to_dict() == {
        "celseq2": 274, "dropseq": 225, "celseq2_5cl_p1": 297, "celseq2_5cl_p2": 307, "celseq2_5cl_p3": 305,
    }  # fmt: skip
    assert five["batches"]["n_fractional"].sum() == 0


def test_what_is_no_singlet_is_listed(five):
    left_out = five["report"][~five["report"]["selected"]]
    assert left_out["n_cells"].sum() == 1408 - 1021
    assert left_out["reason"].str.fullmatch("demuxlet_cls is .+|no demuxlet_cls").all()


def test_the_values_of_every_cell_are_those_of_the_published_file(five, shared_file):
    published = ad.read_h5ad(shared_file("sc_mixology/sc_mixology_5batches.h5ad"))
    shards = five["shards"]
    ids = [f"sc_mixology:{name.removeprefix('sc_').replace(':', '/')}" for name in published.obs_names]
    assert sorted(ids) == sorted(shards.obs_names) and sorted(published.var_names) == sorted(shards.var_names)
    ordered = shards[ids, published.var_names]
    assert (sp.csr_matrix(ordered.X) != sp.csr_matrix(published.X)).nnz == 0
    assert ordered.obs["cell_type"].tolist() == published.obs["cell_type"].astype(str).tolist()
    assert ordered.obs["batch"].tolist() == published.obs["batch"].str.removeprefix("sc_").tolist()


def means(values, cells):
    """Return the mean over pairs of cells, by same type and same batch."""
    i, j = np.triu_indices(len(cells), 1)
    pairs = pd.DataFrame({"value": values[i, j]})
    for column in ("cell_type", "batch"):
        codes = pd.factorize(cells[column])[0]
        pairs[column] = codes[i] == codes[j]
    return pairs.groupby(["cell_type", "batch"])["value"].mean().to_dict()


@pytest.mark.parametrize(
    ("run_of", "n_genes", "wanted"),
    [("two", 15073, (0.539, 0.498, 0.487, 0.448)), ("five", 11533, (0.521, 0.471, 0.471, 0.423))],
)
def test_correlations_within_and_between_lines_and_batches_are_those_computed_elsewhere(
    run_of, n_genes, wanted, request
):
    shards = request.getfixturevalue(run_of)["shards"]
    shards = shards[shards.obs["batch"].isin(TWO)]
    counts, cells = sp.csr_matrix(shards.X), shards.obs
    assert counts.shape == (450, n_genes) and cells["cell_type"].nunique() == 3
    vectors = Vectors.of(fractional_ranks(counts), "correlation")
    ours = measure(vectors, vectors)
    np.testing.assert_allclose(ours, spearmanr(counts.toarray(), axis=1).statistic, rtol=0, atol=1e-5)
    found = means(ours, cells)
    # same line and batch; another line; another batch; both another
    keys = [(True, True), (False, True), (True, False), (False, False)]
    assert set(found) == set(product([True, False], repeat=2))
    np.testing.assert_allclose([found[key] for key in keys], wanted, rtol=0, atol=0.001)
