"""Selected genes, and cells that cannot be compared on them."""

import json
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scanpy as sc
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rankstudy.cells.tables import GENES
from rankstudy.core.errors import StudyError
from rankstudy.core.files import sha256
from rankstudy.core.pickles import read_dictionary
from rankstudy.spaces.genes import ALONE, constant_rows, keep_cells, listed_names, select_genes, selected_names
from rankstudy.spaces.tables import ANALYSED_CELLS, CONSTANT, SELECTED_GENES
from tests.unit.helpers import toy_counts, write_selection, write_shard_file

ROOT = Path(__file__).resolve().parents[2]
N_GENES = 120


def select(folder, shards, *, method="all", number=10, flagged=(), **listed):
    """Select genes of shards given as {slug: counts} and return their table."""
    paths = [write_shard_file(folder / f"{slug}.h5ad", counts, slug) for slug, counts in shards.items()]
    names = [f"g{i}" for i in range(next(iter(shards.values())).shape[1])]
    source = GENES.empty().reindex(range(len(names))).assign(dataset="toy", gene=names, n_cells=1, n_counts=1)
    GENES.write(source.assign(flagged=[n in flagged for n in names]), folder / "source.parquet")
    out = str(folder / "genes.parquet")
    how = {"method": method, "number": number, **listed}
    select_genes(paths, str(folder / "source.parquet"), dataset="toy", seed=0, output=out, **how)
    return SELECTED_GENES.read(out)


def keep(folder, shards, n_genes=5, unreadable=None):
    """Compare cells on the first genes and return the table of the cells that are left and dropped."""
    select(folder, shards, method="flagged", flagged={f"g{i}" for i in range(n_genes)})
    paths, out = [str(folder / f"{slug}.h5ad") for slug in shards], str(folder / "cells.parquet")
    chosen = write_selection(folder / "selection.parquet", paths)
    keep_cells(paths, chosen, str(folder / "genes.parquet"), unreadable or {}, dataset="toy", seed=0, output=out)
    return ANALYSED_CELLS.read(out)


def varied(seed=0):
    """Return counts whose genes differ in mean and spread, as real ones do."""
    random = np.random.default_rng(seed)
    means, sizes = random.gamma(0.6, 3.0, N_GENES), random.uniform(0.2, 5, N_GENES)
    counts = random.negative_binomial(sizes, sizes / (sizes + means), (70, N_GENES)).astype(float)
    counts[0] += 1
    return {"a": counts[:30], "b": counts[30:50], "c": counts[50:]}


@pytest.mark.parametrize("number", [10, 37, 60])
@pytest.mark.parametrize("seed", [0, 1])
def test_highly_variable_genes_are_those_that_scanpy_takes(tmp_path, number, seed):
    shards = varied(seed)
    table = select(tmp_path, shards, method="highly_variable", number=number)
    data = ad.AnnData(sp.csr_matrix(np.vstack(list(shards.values())), dtype=np.float32))
    sc.pp.normalize_total(data, target_sum=1e4)
    sc.pp.log1p(data)
    sc.pp.highly_variable_genes(data, n_top_genes=number, flavor="seurat")
    assert table["selected"].sum() == number == data.var["highly_variable"].sum()
    assert table["selected"].tolist() == data.var["highly_variable"].tolist()
    np.testing.assert_allclose(table["dispersion"], data.var["dispersions_norm"], rtol=1e-4)
    np.testing.assert_allclose(table["mean"], data.var["means"], rtol=1e-4)


def test_genes_of_a_list_are_found_by_their_ids_and_symbols(tmp_path):
    (tmp_path / "list.tsv").write_text("# made by hand\nensembl_id\tsymbols\ng3\tNA other\nENSG00000000003\tg7 G9\n")
    assert listed_names(tmp_path / "list.tsv") == {"g3", "NA", "other", "ENSG00000000003", "g7", "G9"}
    table = select(tmp_path, varied(), method="listed", listed=str(tmp_path / "list.tsv"))
    assert table.loc[table["selected"], "gene"].tolist() == ["g3", "g7"]
    (tmp_path / "list.tsv").write_text("gene\ng1\n")
    with pytest.raises(StudyError, match="has neither a column ensembl_id nor a column symbols, but gene"):
        listed_names(tmp_path / "list.tsv")


def test_the_list_of_the_genes_that_models_share_is_what_its_script_made(shared_file):
    path = ROOT / "config" / "genes" / "shared_by_models.tsv"
    assert sha256(path) == "884a60d7663deef62d4b63d566667693ab64a2984403a4bab49bccb295e52b95"
    listed = pd.read_csv(path, sep="\t", comment="#", keep_default_na=False)
    assert len(listed) == listed["ensembl_id"].nunique() == 16_544 and listed["ensembl_id"].is_monotonic_increasing
    for version in ("gc30M", "gc95M"):
        tokens = read_dictionary(Path(shared_file(f"geneformer/token_dictionary_{version}.pkl")).read_bytes(), version)
        assert set(listed["ensembl_id"]) < set(tokens)
    known = set(json.loads(Path(shared_file("vocabularies/scgpt_census_vocab.json")).read_text()))
    assert all(known & set(symbols.split()) for symbols in listed["symbols"])


def test_of_genes_that_tie_only_the_number_asked_for_is_taken_in_their_order(tmp_path):
    shards = varied()
    twice = {slug: np.hstack([c, c]) for slug, c in shards.items()}
    table = select(tmp_path, twice, method="highly_variable", number=21)
    assert table["selected"].sum() == 21
    first, second = table["selected"].to_numpy().reshape(2, N_GENES)
    assert (first | ~second).all() and (first & ~second).sum() == 1


def test_the_order_of_the_shards_changes_no_gene(tmp_path):
    shards = varied()
    tables = []
    for order in ("abc", "cab"):
        (tmp_path / order).mkdir()
        tables.append(select(tmp_path / order, {s: shards[s] for s in order}, method="highly_variable", number=40))
    assert tables[0]["selected"].tolist() == tables[1]["selected"].tolist()


def test_genes_that_no_selected_cell_has_are_not_highly_variable(tmp_path):
    shards = {slug: np.hstack([c, np.zeros((len(c), 5))]) for slug, c in varied().items()}
    table = select(tmp_path, shards, method="highly_variable", number=60)
    assert (
        not table["selected"].iloc[-5:].any() and table["mean"].iloc[-5:].isna().all() and table["selected"].sum() == 60
    )
    assert (table["n_cells"].iloc[-5:] == 0).all()


def test_cells_with_a_count_are_counted(tmp_path):
    shards = varied()
    table = select(tmp_path, shards)
    np.testing.assert_array_equal(table["n_cells"], (np.vstack(list(shards.values())) > 0).sum(axis=0))
    assert table["gene"].tolist() == [f"g{i}" for i in range(N_GENES)]


def test_all_and_flagged(tmp_path):
    everything = select(tmp_path, varied(), method="all")
    assert everything["selected"].all()
    table = select(tmp_path, varied(), method="flagged", flagged={"g3", "g77", "g5"})
    assert (
        selected_names(str(tmp_path / "genes.parquet"))
        == ["g3", "g5", "g77"]
        == table.loc[table["selected"], "gene"].tolist()
    )


@pytest.mark.parametrize(("flagged", "n"), [((), 0), (("g5",), 1)])
def test_too_few_genes_are_refused(tmp_path, flagged, n):
    with pytest.raises(StudyError, match=f"genes: method 'flagged' leaves {n} genes of 120, and at least 2 are needed"):
        select(tmp_path, varied(), method="flagged", flagged=flagged)
    assert not (tmp_path / "genes.parquet").exists()


def test_more_highly_variable_genes_than_there_are_is_refused(tmp_path):
    shards = {slug: np.hstack([c, np.zeros((len(c), 5))]) for slug, c in varied().items()}
    with pytest.raises(
        StudyError,
        match="genes.number: 121 genes were asked for, 120 are detected in the selected cells; lower it to 120",
    ):
        select(tmp_path, shards, method="highly_variable", number=121)


def constant_cells():
    """Return types with cells that are constant over the genes g0 to g4, but not over all."""
    counts = {slug: toy_counts(6, 8, seed) for seed, slug in enumerate("abcd")}
    for values in counts.values():
        values[:, :2] = [1, 2]
    counts["a"][2, :5], counts["a"][4, :5] = 0, 3
    counts["b"][:5, :5] = 0
    counts["c"][:, :5] = 1
    return counts


def test_constant_cells_are_dropped_counted_and_listed_with_the_reason(tmp_path, caplog):
    cells = keep(tmp_path, constant_cells())
    assert len(cells) == 24
    reasons = cells.set_index("cell_id")["reason"].to_dict()
    dropped = {"toy:a002", "toy:a004", *(f"toy:b00{i}" for i in range(5)), *(f"toy:c00{i}" for i in range(6))}
    assert {c for c, r in reasons.items() if r == CONSTANT} == dropped
    assert {c for c, r in reasons.items() if r == ALONE} == {"toy:b005"}
    assert (cells["used"] == (cells["reason"] == "used")).all()
    assert cells.loc[cells["used"], "slug"].value_counts().to_dict() == {"a": 4, "d": 6}
    assert "dropped toy:a002 (A): all selected genes have the same value" in caplog.text
    assert "dropped toy:b005 (B): no other cell of its type is left" in caplog.text


def test_too_few_types_after_dropping_are_refused(tmp_path):
    counts = {slug: c for slug, c in constant_cells().items() if slug in "abc"}
    message = rf"14 of 18 cells were dropped \({CONSTANT}, {ALONE}\), and 1 cell types are left, of at least 2"
    with pytest.raises(StudyError, match=message):
        keep(tmp_path, counts)
    assert not (tmp_path / "cells.parquet").exists()


def test_nothing_is_left_of_cells_without_counts_on_the_genes(tmp_path):
    counts = {slug: np.hstack([np.zeros((4, 3)), np.ones((4, 2))]) for slug in "ab"}
    with pytest.raises(StudyError, match="8 of 8 cells were dropped .* 0 cell types are left"):
        keep(tmp_path, counts, n_genes=3)


NO_TOKENS = "no gene with a Geneformer token has a count"


def test_cells_that_a_model_cannot_read_are_dropped_from_all_spaces_with_the_reason(tmp_path, caplog):
    counts = constant_cells()
    unreadable = {"toy:a000": NO_TOKENS, "toy:a002": NO_TOKENS, "toy:d005": NO_TOKENS, "other:a001": NO_TOKENS}
    cells = keep(tmp_path, counts, unreadable=unreadable).set_index("cell_id")
    assert cells["reason"].to_dict()["toy:a000"] == NO_TOKENS == cells["reason"].to_dict()["toy:d005"]
    assert cells.loc["toy:a002", "reason"] == CONSTANT  # both hold; one is said
    assert cells.loc[cells["used"], "slug"].value_counts().to_dict() == {"a": 3, "d": 5}
    assert f"dropped toy:a000 (A): {NO_TOKENS}" in caplog.text


def test_a_type_of_which_a_model_can_read_one_cell_is_dropped(tmp_path):
    unreadable = {f"toy:a00{i}": NO_TOKENS for i in range(5)}
    counts = {slug: toy_counts(6, 20, seed) for seed, slug in enumerate("abc")}
    cells = keep(tmp_path, counts, n_genes=20, unreadable=unreadable)
    assert cells.set_index("cell_id").loc["toy:a005", "reason"] == ALONE
    assert set(cells.loc[cells["used"], "slug"]) == {"b", "c"}


def test_too_few_types_that_a_model_can_read_are_refused_with_the_reason(tmp_path):
    unreadable = {f"toy:a00{i}": NO_TOKENS for i in range(6)}
    counts = {slug: toy_counts(6, 20, seed) for seed, slug in enumerate("ab")}
    with pytest.raises(StudyError, match=rf"6 of 12 cells were dropped \({NO_TOKENS}\), and 1 cell types are left"):
        keep(tmp_path, counts, n_genes=20, unreadable=unreadable)
    assert not (tmp_path / "cells.parquet").exists()


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.integers(0, 2)))
def test_constant_rows(dense):
    wanted = (dense == dense[:, :1]).all(axis=1)
    np.testing.assert_array_equal(constant_rows(sp.csr_matrix(dense)), wanted)


def test_constant_rows_see_explicit_zeros():
    matrix = sp.csr_matrix((np.array([0.0, 0.0, 2.0, 2.0]), np.array([0, 1, 0, 1]), np.array([0, 2, 4])), shape=(2, 2))
    assert constant_rows(matrix).tolist() == [True, True]
