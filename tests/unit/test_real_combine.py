"""Real cells of two studies, of two batches and of two plates: numbers that others have found.

Spearman's correlation over all genes of the files, the mean over all pairs of cells; where a number is a median, it
says so.
"""

import os
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.stats import spearmanr

from rankstudy.cells.tables import SOURCE_PARTS, TYPE_BATCHES
from rankstudy.config import load_study
from rankstudy.measures.batch_pairs import batch_pairs
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.spaces.encodings.rank import fractional_ranks
from tests.unit.conftest import SHARED
from tests.unit.helpers import ROOT, index_outputs, read_combined

pytestmark = pytest.mark.slow


def plan_of(name):
    previous = Path.cwd()
    os.chdir("/")
    try:
        return load_study({"datasets": [name]}, [], ROOT).datasets[name]
    finally:
        os.chdir(previous)


def ranks_of(data):
    obs = data.obs.astype(str)
    ranks = fractional_ranks(sp.csr_matrix(data.X))
    return SpaceData.of(
        ranks, ids=data.obs_names, types=obs["cell_type"], batches=obs["batch"], name="rank", metric="correlation"
    )


def pairs_of(space):
    """Return the rows of `batch_pairs` by the two groups, in either order."""
    table = batch_pairs(space)
    keys = [frozenset({(r.type_a, r.batch_a), (r.type_b, r.batch_b)}) for r in table.itertuples()]
    return table.set_index(pd.Index(keys, tupleize_cols=False))


@pytest.fixture(scope="module")
def two_batches(tmp_path_factory, baron_wheel):
    folder = tmp_path_factory.mktemp("two_batches")
    found = read_combined(plan_of("li_two_batches"), folder, baron_wheel)
    return found | {"depth": TYPE_BATCHES.read(index_outputs(folder)["type_batches"])}


@pytest.fixture(scope="module")
def two_studies(tmp_path_factory, baron_wheel):
    folder = tmp_path_factory.mktemp("two_studies")
    found = read_combined(plan_of("k562_li_pollen"), folder, baron_wheel, min_cells=20)
    return found | {"parts": SOURCE_PARTS.read(index_outputs(folder)["source_parts"])}


def test_two_lines_of_one_batch_are_more_alike_than_one_line_in_two_batches(two_batches):
    data = two_batches["data"]
    assert data.shape == (293, 55186)
    groups = data.obs.astype(str).groupby(["cell_type", "batch"]).size().to_dict()
    assert groups == {("GM12878", "B1"): 32, ("GM12878", "B2"): 96, ("H1", "B1"): 69, ("H1", "B2"): 96}
    found = pairs_of(ranks_of(data))
    b1, b2, other = ("GM12878", "B1"), ("GM12878", "B2"), ("H1", "B2")
    keys = [frozenset({b1}), frozenset({b2}), frozenset({b1, b2}), frozenset({b2, other})]
    np.testing.assert_allclose(found.loc[keys, "mean"], [0.421, 0.745, 0.499, 0.688], rtol=0, atol=0.0006)
    np.testing.assert_allclose(found.loc[keys, "median"], [0.449, 0.752, 0.539, 0.693], rtol=0, atol=0.0006)
    assert found.loc[keys, "n"].tolist() == [496, 4560, 3072, 9216]


def test_the_two_batches_differ_in_depth_which_is_confounded_with_them(two_batches):
    genes = two_batches["depth"].set_index(["cell_type", "batch"])["median_genes"]
    assert genes[("GM12878", "B1")] == 6782.5 and genes[("GM12878", "B2")] == 14602
    assert genes[("H1", "B1")] == 9393 and genes[("H1", "B2")] == 15562.5


def test_pollen_has_no_counts_but_transcripts_per_million(two_studies):
    cells = two_studies["cells"]
    of_pollen = cells[cells["batch"] == "pollen_cell_lines"]
    assert len(of_pollen) == 301
    np.testing.assert_allclose(of_pollen["n_counts"], 1e6, rtol=1e-3)
    sizes = of_pollen["cell_type"].value_counts().to_dict()
    assert sizes == {
        "HL60": 54, "K562": 42, "keratinocyte": 40, "BJ": 37, "GW16": 26, "GW21": 24, "iPS cell": 24, "CRL-2338": 22,
        "CRL-2339": 17, "neural progenitor": 15,
    }  # fmt: skip


def test_the_studies_share_21492_symbols_and_one_line(two_studies):
    parts = two_studies["parts"].set_index("part")
    assert parts["n_lost"].to_dict() == {"li_cell_lines": 55186 - 21492, "pollen_cell_lines": 23730 - 21492}
    in_both = two_studies["types"].query("n_batches == 2")
    assert in_both["cell_type"].tolist() == ["K562"] and in_both["n_cells"].tolist() == [73 + 42]
    assert len(two_studies["types"]) == 16


def test_k562_is_alike_across_studies_and_more_so_within_them(two_studies):
    data = two_studies["data"]
    space = ranks_of(data[data.obs["cell_type"] == "K562"])
    found = pairs_of(space)
    li, pollen = ("K562", "li_cell_lines"), ("K562", "pollen_cell_lines")
    keys = [frozenset({li, pollen}), frozenset({li}), frozenset({pollen})]
    np.testing.assert_allclose(found.loc[keys, "mean"], [0.672, 0.734, 0.764], rtol=0, atol=0.001)
    some = space.vectors[[0, 1, -2, -1]].toarray()
    direct = data[space.cells["cell_id"].iloc[[0, 1, -2, -1]]].X.toarray()
    np.testing.assert_allclose(np.corrcoef(some), spearmanr(direct, axis=1).statistic, rtol=0, atol=1e-6)


def test_plates_of_one_protocol_show_no_batch_effect_and_protocols_do():
    """Plates p1 and p3 of sc_mixology: five lines each, by CEL-seq2 from one mixture of cells."""
    path = SHARED / "sc_mixology" / "sc_mixology_5batches.h5ad"
    if not path.exists():
        pytest.skip("no ../shared/data/sc_mixology/sc_mixology_5batches.h5ad beside the repository")
    plates = effects_of_batches(path, ["sc_celseq2_5cl_p1", "sc_celseq2_5cl_p3"])
    assert list(plates.index) == ["A549", "H1975", "H2228", "H838", "HCC827"]
    protocols = effects_of_batches(path, ["sc_celseq2", "sc_dropseq"])
    assert (plates.abs() < 0.01).all(), plates
    assert (protocols > 0.045).all(), protocols


def effects_of_batches(path, batches):
    """Return per line by how much a pair of one batch is more alike than one of two batches: a difference of means."""
    data = ad.read_h5ad(path)
    table = batch_pairs(ranks_of(data[data.obs["batch"].isin(batches)]))
    table = table[table["type_a"] == table["type_b"]]
    same = table["batch_a"] == table["batch_b"]
    within, across = (part.groupby("type_a")["mean"].mean() for part in (table[same], table[~same]))
    return within - across


def test_quantiles_of_the_engine_are_the_medians_of_the_table(two_batches):
    """Group by type and batch, as the table does, and let the engine compare the groups."""
    data = two_batches["data"]
    obs = data.obs.astype(str)
    space = SpaceData.of(
        fractional_ranks(sp.csr_matrix(data.X)), ids=data.obs_names, types=obs["cell_type"] + " " + obs["batch"],
        metric="correlation",
    )  # fmt: skip
    result = compare([space])
    engine = {
        frozenset(space.layout.labels[t] for t in pair): result.quantiles[0, i, 2]
        for i, pair in enumerate(result.type_pairs)
    }
    for row in batch_pairs(ranks_of(data)).itertuples():
        key = frozenset({f"{row.type_a} {row.batch_a}", f"{row.type_b} {row.batch_b}"})
        np.testing.assert_allclose(row.median, engine[key], rtol=0, atol=1e-5)
