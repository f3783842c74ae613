"""Encodings of Baron's pancreas as the default study draws it: what the four findings of the study rest on."""

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.cells.shards import write_shard
from rankstudy.measures.lattice.corner import NONE, Corner
from rankstudy.measures.lattice.vectors import ReadGenes
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.encodings.expression import log1p_cp10k
from rankstudy.spaces.encodings.published import geneformer
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.encodings.stored import with_values
from rankstudy.spaces.genes import select_genes, selected_names
from rankstudy.spaces.tokens.geneformer.order import tokenise
from rankstudy.spaces.tokens.genes import find_tokens
from tests.unit.helpers import auroc_of, read_combined
from tests.unit.test_geneformer_real import contents, convert_real

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def baron(baron_plan, baron_wheel, tmp_path_factory):
    """Return the 813 cells of seed 0, with the counts of all genes, and which genes are selected."""
    folder = tmp_path_factory.mktemp("baron")
    read = read_combined(baron_plan, folder, baron_wheel, min_cells=20, cells_per_type=100)
    types = read["selection"]["slug"].unique()
    shards = [str(folder / f"{slug}.h5ad") for slug in types]
    for slug, shard in zip(types, shards, strict=True):
        write_shard(read["extracted"], read["files"]["selection"], slug, shard)
    genes = str(folder / "genes_used.parquet")
    select_genes(
        shards, read["files"]["genes"], dataset="baron_pancreas", seed=0, method="highly_variable", number=2000,
        output=genes,
    )  # fmt: skip
    data = ad.concat([ad.read_h5ad(shard) for shard in shards], merge="same")
    assert data.n_obs == 813
    return data, data.var_names.get_indexer(selected_names(genes))


def separation(vectors, data, *, centre=True):
    """Return the AUROC of the types by the correlation, or the cosine, of all pairs of cells, in float64."""
    dense = np.asarray(sp.csr_matrix(vectors).toarray(), np.float64)
    dense -= dense.mean(axis=1, keepdims=True) if centre else 0
    unit = dense / np.linalg.norm(dense, axis=1, keepdims=True)
    return auroc_of(unit @ unit.T, data.obs["cell_type"].astype(str).to_numpy())


def test_on_the_selected_genes_the_verdict_goes_by_the_measure_and_by_what_comes_first(baron):
    data, selected = baron
    counts = sp.csr_matrix(data.X, dtype=np.float64)
    expression = log1p_cp10k(counts, data.obs["n_counts"].to_numpy())[:, selected]
    assert separation(fractional_ranks(counts[:, selected]), data) == pytest.approx(0.9636, abs=1e-4)
    # ranked on all genes before the selected ones are taken
    assert separation(fractional_ranks(counts)[:, selected], data) == pytest.approx(0.9623, abs=1e-4)
    assert separation(expression, data) == pytest.approx(0.9623, abs=1e-4)
    assert separation(expression, data, centre=False) == pytest.approx(0.9679, abs=1e-4)


def test_the_order_of_every_cell_is_that_of_its_tokens_and_its_cut_tells_types_apart_better(baron, tmp_path):
    data, _ = baron
    made = convert_real(tmp_path, contents("V1"), "V1")
    vocabulary, names = made["vocabulary"], data.var_names.tolist()
    places = vocabulary.places_of(names, find_tokens(names, made["table"], made["names"]), "baron")
    counts = vocabulary.counts_of(data.X, places)
    cells = CellCounts(
        counts, data.obs["n_counts"].to_numpy(), data.obs_names.tolist(), vocabulary.ensembl_ids, vocabulary.medians, 0
    )
    tokens, offsets = tokenise(counts, vocabulary)
    order = geneformer.v1_order(cells)
    read = ReadGenes(cells, lambda of: cells.medians)
    for row in range(data.n_obs):
        of_cell = order[row]
        listed = of_cell.indices[np.argsort(-of_cell.data, kind="stable")]
        assert vocabulary.tokens[listed].tolist() == tokens[offsets[row] : offsets[row + 1]].tolist()
    there = np.unique(places[places >= 0])
    assert separation(fractional_ranks(counts)[:, there], data) == pytest.approx(0.813, abs=0.004)
    assert separation(order[:, there], data) == pytest.approx(0.850, abs=0.004)
    # before there is an order: expression, and expression over the medians, which tells types apart better on all genes
    for scaling, expected in ((NONE, 0.798), ("v1", 0.859)):
        values = read.values(Corner(total="all genes", scaling=scaling, logarithm="ln"))
        assert separation(with_values(counts, values)[:, there], data) == pytest.approx(expected, abs=0.001)
