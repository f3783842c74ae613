"""Cells for models that run elsewhere: counts, tokens and encodings are those that this study computes with, by id."""

from types import SimpleNamespace

import anndata as ad
import numpy as np
import pytest

from rankstudy.cells.shards import read_counts
from rankstudy.core.errors import StudyError
from rankstudy.run.export import targets
from rankstudy.spaces.encodings.genes import SymbolGenes, VocabularyGenes
from rankstudy.spaces.encodings.published.scgpt import bins
from rankstudy.spaces.export import NO_TOKEN, export_cells
from rankstudy.spaces.tokens.genes import map_symbols
from tests.unit.helpers import toy_counts, write_genes, write_selection, write_shard_file
from tests.unit.test_geneformer_tokenising import NAMES, prepare, run

SIZES = {"b": 5, "a": 4}
PUBLISHED = "rankstudy.spaces.encodings.published"
ENCODINGS = {
    "scgpt-bins": ("VocabularyGenes", f"{PUBLISHED}.scgpt:bins", False, "tiny"),
    "cell2sentence-100": ("SymbolGenes", f"{PUBLISHED}.cell2sentence:first_100", True, "symbols"),
    "v1-order": ("VocabularyGenes", f"{PUBLISHED}.geneformer:v1_order", True, "tiny"),
}


@pytest.fixture
def exported(tmp_path):
    paths = prepare(tmp_path)
    counts = {slug: toy_counts(n, len(NAMES), seed) for seed, (slug, n) in enumerate(SIZES.items())}
    counts["a"][2, :-1] = 0  # this cell has nothing but a gene that the vocabulary does not know
    counts["a"][2, -1] = 3
    shards = [write_shard_file(tmp_path / f"{slug}.h5ad", c, slug, genes=NAMES) for slug, c in counts.items()]
    tokens, _ = run(tmp_path, shards, paths)
    symbols = str(tmp_path / "symbols.parquet")
    map_symbols(
        str(tmp_path / "source.parquet"), paths["names"], dataset="toy", tokens_out=symbols,
        report_out=str(tmp_path / "report.parquet"),
    )  # fmt: skip
    genes = write_genes(tmp_path / "genes.parquet", NAMES[:3], True)
    vocabulary = {"vocabulary": paths["vocabulary"], "identity": paths["identity"], "gene_tokens": paths["tokens"]}
    files = {"VocabularyGenes": {"genes": genes, **vocabulary}, "SymbolGenes": {"genes": genes, "gene_tokens": symbols}}
    export_cells(
        shards,
        write_selection(tmp_path / "selection.parquet", shards),
        {name: files[of] for name, (of, *_) in ENCODINGS.items()},
        {"tiny": str(tmp_path / "tokens.parquet")},
        encodings={
            name: {"genes": f"rankstudy.spaces.encodings.genes:{of}", "function": f, "order": order, "vocabulary": voc}
            for name, (of, f, order, voc) in ENCODINGS.items()
        },
        dataset="toy",
        seed=3,
        output=str(tmp_path / "cells.h5ad"),
    )
    return SimpleNamespace(data=ad.read_h5ad(tmp_path / "cells.h5ad"), shards=shards, tokens=tokens, files=files)


def test_counts_and_ids_are_those_of_the_shards(exported):
    data, counts = exported.data, ad.concat([read_counts(path) for path in exported.shards])
    assert data.obs_names.tolist() == counts.obs_names.tolist() and data.var_names.tolist() == NAMES
    np.testing.assert_array_equal(data.X.toarray(), counts.X.toarray())
    np.testing.assert_array_equal(data.obs["n_counts"], data.X.sum(axis=1).A1)
    np.testing.assert_array_equal(data.obs["n_genes"], (data.X.toarray() > 0).sum(axis=1))
    assert [f"toy:{name}" for name in data.obs["cell_name"]] == data.obs_names.tolist()
    assert set(data.obs["donor"]) == {""}


def test_tokens_are_those_of_the_tokenizer(exported):
    rows = dict(zip(exported.data.obs_names, exported.data.obsm["tokens_tiny"], strict=True))
    by_id = {cell: exported.tokens.of(row).tolist() for row, cell in enumerate(exported.tokens.cells["cell_id"])}
    assert {cell: row[row != NO_TOKEN].tolist() for cell, row in rows.items()} == {
        cell: by_id.get(cell, []) for cell in rows
    }
    assert rows["toy:a002"].tolist() == [NO_TOKEN] * len(rows["toy:a002"])
    for row in rows.values():
        assert (np.diff((row == NO_TOKEN).astype(int)) >= 0).all()  # what is padded stands behind


def test_bins_are_over_all_genes_of_the_vocabulary(exported):
    data, named = exported.data, exported.data.uns["rankstudy"]["genes"]["scgpt-bins"].tolist()
    for path in exported.shards:
        cells = VocabularyGenes(exported.files["VocabularyGenes"], 3).cells(read_counts(path), path)
        assert named == list(cells.genes) and len(named) > 3
        found = data[cells.ids].obsm["scgpt-bins"]
        np.testing.assert_array_equal(found.toarray(), bins(cells).toarray())


def test_a_sentence_has_the_genes_of_the_cell_highest_count_first(exported):
    for path in exported.shards:
        cells = SymbolGenes(exported.files["SymbolGenes"], 3).cells(read_counts(path), path)
        for cell, counts in zip(cells.ids, cells.counts.toarray(), strict=True):
            words = exported.data.obs.loc[cell, "cell2sentence-100"].split()
            values = [counts[list(cells.genes).index(word)] for word in words]
            assert len(words) == (counts > 0).sum() and values == sorted(values, reverse=True)


def test_the_order_has_the_genes_of_the_tokens(exported):
    vocabulary = VocabularyGenes(exported.files["VocabularyGenes"], 3)._vocabulary
    token_of = dict(zip(vocabulary.ensembl_ids, vocabulary.tokens, strict=True))
    for row, cell in enumerate(exported.tokens.cells["cell_id"]):
        order = [token_of[gene] for gene in exported.data.obs.loc[cell, "v1-order"].split()]
        assert order == exported.tokens.of(row).tolist()


def test_it_says_what_each_part_is_and_what_genes_are_called(exported):
    about = exported.data.uns["rankstudy"]
    assert set(about["contents"]) == {*ENCODINGS, "tokens_tiny"} and int(about["seed"]) == 3
    assert exported.data.var.loc["SYM40", "tiny"] == exported.data.var.loc[NAMES[0], "tiny"] == NAMES[0]
    assert exported.data.var.loc["unknown", "tiny"] == ""


def test_what_is_made_is_of_the_study():
    study = SimpleNamespace(datasets={"one": 1, "two": 2}, study=SimpleNamespace(seeds=[4, 5]))
    assert targets(study, [], []) == ["results/one/4/export/cells.h5ad", "results/two/4/export/cells.h5ad"]
    assert targets(study, ["two"], [5]) == ["results/two/5/export/cells.h5ad"]
    with pytest.raises(StudyError, match="three is no data set of this study, which has one, two"):
        targets(study, ["three"], [])
    with pytest.raises(StudyError, match="no seed 6"):
        targets(study, ["one"], [6])
