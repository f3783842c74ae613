"""Tokenising shards: tokens of each cell by its id, what is reported, and values that are no counts."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.cells.tables import GENES
from rankstudy.core.errors import StudyError
from rankstudy.spaces.genes import unreadable_cells
from rankstudy.spaces.models.registry import GENEFORMER_TOKENS
from rankstudy.spaces.tables import HAS_TOKENS, TOKENISED
from rankstudy.spaces.tokens.geneformer.versions import VERSIONS
from rankstudy.spaces.tokens.genes import map_genes
from rankstudy.spaces.tokens.token_files import read_tokens
from rankstudy.spaces.tokens.tokenising import NO_TOKENS, tokenise_shards
from rankstudy.spaces.tokens.vocabulary import read_vocabulary
from tests.unit.helpers import toy_counts, write_shard_file
from tests.unit.tiny_geneformer import convert, gene_id, tokenised_counts

NAMES = [*(gene_id(n) for n in range(40, 60)), "SYM40", "unknown"]


def prepare(folder, version="V1", genes=NAMES):
    """Convert a vocabulary and map the genes; return the paths by name."""
    paths = convert(folder, version)
    source = {"dataset": "toy", "gene": genes, "n_cells": 1, "n_counts": 1.0, "flagged": False}
    GENES.write(pd.DataFrame(source), folder / "source.parquet")
    paths["tokens"] = str(folder / "gene_tokens.parquet")
    map_genes(
        str(folder / "source.parquet"),
        paths["vocabulary"],
        paths["names"],
        paths["identity"],
        dataset="toy",
        tokens="tiny",
        least_share=0,
        read_by=["x"],
        may_lack=False,
        tokens_out=paths["tokens"],
        report_out=str(folder / "r"),
        found_out=str(folder / "f"),
    )
    return paths


def run(folder, shards, paths, values="counts"):
    """Tokenise shards and return the tokens and the report, by cell."""
    out = {"tokens_out": str(folder / "tokens.parquet"), "report_out": str(folder / "tokenised.parquet")}
    tokenise_shards(
        shards, paths["tokens"], paths["vocabulary"], paths["identity"], tokenizer=GENEFORMER_TOKENS, tokens="tiny",
        dataset="toy", seed=3, values=values, **out,
    )  # fmt: skip
    return read_tokens(out["tokens_out"]), TOKENISED.read(out["report_out"]).set_index("cell_id")


def shards_of(folder, counts, names=NAMES):
    return [write_shard_file(folder / f"{slug}.h5ad", c, slug, genes=names) for slug, c in counts.items()]


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_each_cell_has_the_tokens_of_its_own_counts(tmp_path, version):
    paths = prepare(tmp_path, version)
    counts = {"b": toy_counts(5, len(NAMES), 1), "a": toy_counts(4, len(NAMES), 2)}
    found, _ = run(tmp_path, shards_of(tmp_path, counts), paths)
    vocabulary = read_vocabulary(paths["vocabulary"], paths["identity"])
    of_genes = {**dict(zip(vocabulary.ensembl_ids, vocabulary.tokens, strict=True))}
    of_genes["SYM40"] = of_genes[gene_id(40)]
    tokens = [of_genes.get(name, -1) for name in NAMES]
    assert found.cells["cell_id"].tolist() == [f"toy:{s}{i:03d}" for s, n in (("b", 5), ("a", 4)) for i in range(n)]
    for row, cell in found.cells.iterrows():
        own = counts[cell["slug"]][int(cell["cell_id"][-3:])]
        wanted, _, expressed = tokenised_counts(sp.csr_matrix(own[None]), tokens, vocabulary)
        assert found.of(row).tolist() == wanted.tolist() and cell["expressed"] == expressed[0]
    assert found.about == vocabulary.identity


def test_genes_are_found_by_name_in_shards_that_have_them_in_another_order(tmp_path):
    paths, counts = prepare(tmp_path), toy_counts(6, len(NAMES))
    straight, _ = run(tmp_path, shards_of(tmp_path, {"a": counts}), paths)
    order = np.random.default_rng(0).permutation(len(NAMES))
    turned, _ = run(tmp_path, shards_of(tmp_path, {"a": counts[:, order]}, [NAMES[k] for k in order]), paths)
    assert turned.tokens.tolist() == straight.tokens.tolist()


def test_the_report_has_tokens_shares_and_reasons(tmp_path, caplog):
    counts = np.zeros((3, len(NAMES)))
    counts[0, :3], counts[0, -1] = [1, 2, 3], 4
    counts[1, [0, -2]] = [5, 5]
    counts[2, -1] = 7
    _, report = run(tmp_path, shards_of(tmp_path, {"a": counts}), prepare(tmp_path, "V2"))
    assert report["n_genes"].tolist() == [3, 1, 0] and report["n_tokens"].tolist() == [5, 3, 0]
    assert report["share_counts"].tolist() == pytest.approx([0.6, 1, 0]) and not report["truncated"].any()
    assert report["reason"].tolist() == [HAS_TOKENS, HAS_TOKENS, NO_TOKENS]
    assert f"toy:a002 (A): {NO_TOKENS}" in caplog.text
    assert unreadable_cells([str(tmp_path / "tokenised.parquet")], []) == {"toy:a002": NO_TOKENS}
    assert unreadable_cells([], []) == {}


def test_truncated_cells_are_marked(tmp_path, monkeypatch):
    short = dataclasses.replace(VERSIONS["V2"], max_length=6)
    monkeypatch.setitem(VERSIONS, "V2", short)
    counts = np.zeros((2, len(NAMES)))
    counts[0, :5], counts[1, :4] = 1, 1
    found, report = run(tmp_path, shards_of(tmp_path, {"a": counts}), prepare(tmp_path, "V2"))
    assert report["truncated"].tolist() == [True, False] and report["n_tokens"].tolist() == [6, 6]
    assert report["n_genes"].tolist() == [5, 4] and found.lengths.tolist() == [6, 6]


def test_log_normalised_input_is_refused_and_says_which_matrix_to_name(tmp_path):
    counts = toy_counts(5, len(NAMES))
    logged = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 1e4)
    shards, paths = shards_of(tmp_path, {"a": logged}), prepare(tmp_path)
    message = (
        "a.h5ad: tokens are made of counts; 100% of these values are not whole numbers, such as "
        ".*h5ad\\.counts.*values: expected_counts.*values: cpm"
    )
    with pytest.raises(StudyError, match=message):
        run(tmp_path, shards, paths)
    assert not (tmp_path / "tokens.parquet").exists()
    run(tmp_path, shards, paths, values="expected_counts")


@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
@pytest.mark.parametrize("values", ["counts", "expected_counts", "cpm"])
def test_negative_and_infinite_values_are_refused(tmp_path, value, values):
    counts = toy_counts(5, len(NAMES))
    counts[2, 3] = value
    with pytest.raises(
        StudyError, match="are made of counts or CPM; these values are negative or not finite; name the matrix"
    ):
        run(tmp_path, shards_of(tmp_path, {"a": counts}), prepare(tmp_path), values=values)


def test_a_shard_with_a_gene_that_was_not_mapped_is_refused(tmp_path):
    shards = shards_of(tmp_path, {"a": toy_counts(3, 2)}, ["new", NAMES[0]])
    with pytest.raises(StudyError, match="a.h5ad: genes: 1 of 2 ids are missing, such as new"):
        run(tmp_path, shards, prepare(tmp_path))
